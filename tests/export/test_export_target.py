"""Where an export goes: what is left when it is ended, and what beside it is swept or kept."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import Cli
from exporting import ME, keep, post, write
from warm import hear_signals

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file import stops, unfinished
from ovk_archive.archive.file.claims import claim
from ovk_archive.archive.file.disk import flush
from ovk_archive.archive.file.unfinished import left_over, workshop
from ovk_archive.export import target_folder

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def beside(archive: Path) -> list[str]:
    """What is in the archive's folder beside it."""
    return sorted(one.name for one in archive.parent.iterdir() if "archive" not in one.name)


@pytest.fixture(autouse=True)
def _in_a_terminal() -> Iterator[None]:
    """The tests may have been started in the background, where some signals are ignored."""
    before = {one: signal.getsignal(one) for one in ENDINGS}
    hear_signals()
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose export takes a while."""
    path = tmp_path_factory.mktemp("long") / "archive.db"
    with Archive.open(path, ME) as archive, archive.transaction() as db:
        # Without words, which would be indexed.
        db.execute(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000) "
            "insert into messages (id, peer_id, from_id, date, text, first_seen_at, last_seen_at) "
            "select i, 2, 1, i, '', '2026', '2026' from n"
        )
    return path


@pytest.mark.parametrize("number", ENDINGS, ids=[one.name for one in ENDINGS])
def test_a_signal_leaves_nothing(number: signal.Signals, cli: Cli, long: Path) -> None:
    """SIGTERM, SIGHUP and Ctrl-C in the middle of an export: one word, and nothing beside."""
    out = long.with_name("out")
    with cli.start("export", long, out, "--format", "ndjson", "--table", "messages") as child:
        while not list(long.parent.glob(".out.unfinished-*/messages.ndjson")):
            assert child.poll() is None
            time.sleep(0.001)
        child.send_signal(number)
        _, said = child.communicate(timeout=20)

    assert child.returncode == 130, said
    assert said.splitlines()[-1] == "Interrupted."
    assert "Traceback" not in said
    assert beside(long) == []


@pytest.mark.parametrize("number", ENDINGS, ids=[one.name for one in ENDINGS])
def test_a_signal_leaves_nothing_of_a_snapshot(number: signal.Signals, tmp_path: Path) -> None:
    """Whatever is made aside, a snapshot too, goes when a signal ends it."""

    def make() -> None:
        with workshop(tmp_path / "copy.db") as folder:
            (folder / "half").write_text("half", encoding="utf-8")
            signal.raise_signal(number)

    with pytest.raises(KeyboardInterrupt):
        make()

    assert list(tmp_path.iterdir()) == []


def test_what_must_be_whole_is_whole_before_a_signal_ends_it(tmp_path: Path) -> None:
    """A signal while folders change places waits; one while nothing can be lost does not."""
    done = []

    def make() -> None:
        with workshop(tmp_path / "out"):
            with stops.waiting():
                signal.raise_signal(signal.SIGTERM)
                done.append("whole")
            done.append("afterwards")

    with pytest.raises(KeyboardInterrupt):
        make()

    assert done == ["whole"]
    assert list(tmp_path.iterdir()) == []


def test_handlers_are_as_before(tmp_path: Path) -> None:
    """Who listened to signals before listens again, and what was ignored stays ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        listening = [signal.getsignal(one) for one in ENDINGS]
        with workshop(tmp_path / "out"):
            signal.raise_signal(signal.SIGHUP)
            inside = [signal.getsignal(one) for one in ENDINGS]
        assert [signal.getsignal(one) for one in ENDINGS] == listening
        assert inside[-1] is signal.SIG_IGN
        assert inside[0] is not listening[0]
    finally:
        signal.signal(signal.SIGHUP, before)


def test_an_error_is_all_that_a_signal_wanted() -> None:
    """A signal that comes while an error ends things does not end what is done later."""

    def fail() -> None:
        with stops.waiting():
            signal.raise_signal(signal.SIGTERM)
            raise OSError

    done = []
    with pytest.raises(OSError, match=r"^$"):
        fail()
    with stops.waiting():
        done.append("later")

    assert done == ["later"]


@pytest.mark.parametrize("kill_while", ["writing", "moving", "swapping"])
def test_a_signal_while_folders_change_places(
    kill_while: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, archive_path: Path
) -> None:
    """The export that was there stays whole, or the new one is; without `renameat2`, too."""
    keep(archive_path, [post(1)])
    write(archive_path, tmp_path / "out", "csv", tables=("posts",))

    def ending(path: Path) -> None:
        flush(path)
        if kill_while != "moving" and (path == tmp_path) is (kill_while == "swapping"):
            signal.raise_signal(signal.SIGTERM)

    def moving(path: Path, target: Path) -> Path:
        moved = rename(path, target)
        if kill_while == "moving" and target.name.endswith("-old"):
            # For a moment nothing is called as the export is.
            signal.raise_signal(signal.SIGTERM)
        return moved

    rename = Path.rename
    monkeypatch.setattr(Path, "rename", moving)
    monkeypatch.setattr(target_folder, "exchange", lambda _one, _other: False)
    monkeypatch.setattr(target_folder, "flush", ending)
    with pytest.raises(KeyboardInterrupt):
        write(archive_path, tmp_path / "out", "ndjson", tables=("posts",))

    kind = "csv" if kill_while == "writing" else "ndjson"
    assert (tmp_path / "out" / f"posts.{kind}").exists()
    assert beside(archive_path) == ["out"]


# What is swept


def test_left_folders_of_any_name_are_swept(tmp_path: Path, archive_path: Path) -> None:
    """What killed runs left beside the target goes, whatever these were called."""
    keep(archive_path, [post(1)])
    for name in (".other.unfinished-ab12cd34", ".my export.2.unfinished-zz_99999"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "posts.csv").write_text("half", encoding="utf-8")
    write(archive_path, tmp_path / "out", "csv", tables=("posts",))

    assert beside(archive_path) == ["out"]


def test_an_export_that_was_moved_aside_is_put_back(tmp_path: Path, archive_path: Path) -> None:
    """The old export of another name comes back if the run that moved it was killed."""
    keep(archive_path, [post(1)])
    write(archive_path, tmp_path / "other", "csv", tables=("posts",))
    (tmp_path / "other").rename(tmp_path / ".other.unfinished-abc-old")
    (tmp_path / ".other.unfinished-abc").mkdir()
    write(archive_path, tmp_path / "out", "csv", tables=("posts",))

    assert beside(archive_path) == ["other", "out"]
    assert (tmp_path / "other" / "posts.csv").exists()


def test_what_others_are_writing_is_not_swept(cli: Cli, long: Path, tmp_path: Path) -> None:
    """A living process of another name keeps its folder and what it moved aside, and ends well."""
    keep(tmp_path / "archive.db", [post(1)])
    out = long.with_name("theirs")
    with cli.start("export", long, out, "--format", "csv", "--table", "messages", "-q") as child:
        while not (parts := list(long.parent.glob(".theirs.unfinished-*/messages.csv"))):
            assert child.poll() is None
            time.sleep(0.001)
        folder = parts[0].parent
        aside = folder.with_name(f"{folder.name}-old")
        aside.mkdir()
        assert not {folder, aside} & set(left_over(long.parent))
        write(tmp_path / "archive.db", long.with_name("ours"), "csv", tables=("posts",))
        assert folder.is_dir()
        assert aside.is_dir()
        _, said = child.communicate(timeout=20)

    assert child.returncode == 0, said
    assert set(left_over(long.parent)) == {aside}
    aside.rmdir()


LOOKS = (".mine.unfinished-", ".unfinished-abc", "x.unfinished-abc", ".mine.unfinished-ABC",
         ".mine.unfinished-abc-older")  # fmt: skip


@pytest.mark.parametrize("name", LOOKS)
def test_what_only_looks_like_it_is_kept(name: str, tmp_path: Path, archive_path: Path) -> None:
    """A folder whose name this program would not give, a file and a link are left alone."""
    keep(archive_path, [post(1)])
    (tmp_path / name).mkdir()
    (tmp_path / ".file.unfinished-abc").write_text("mine", encoding="utf-8")
    (tmp_path / ".link.unfinished-abc").symlink_to(tmp_path / name)
    write(archive_path, tmp_path / "out", "csv", tables=("posts",))

    assert (tmp_path / name).is_dir()
    assert (tmp_path / ".file.unfinished-abc").exists()
    assert (tmp_path / ".link.unfinished-abc").is_symlink()


def test_a_folder_taken_before_its_claim_is_made_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A folder that another run sweeps in the moment before it is claimed costs another name."""
    gone: list[Path] = []

    def late(folder: Path) -> Callable[[], None]:
        if not gone:
            gone.append(folder)
            folder.rmdir()
        return claim(folder)

    monkeypatch.setattr(unfinished, "claim", late)
    with workshop(tmp_path / "out") as folder:
        assert folder.is_dir()
        assert folder not in gone
    assert list(tmp_path.iterdir()) == []


# What a desktop leaves


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "desktop.ini", "Desktop.ini"])
def test_what_a_desktop_leaves_is_no_reason_to_refuse(
    name: str, tmp_path: Path, archive_path: Path
) -> None:
    """A file that a file manager has put into an export, or into an empty folder, goes with it."""
    keep(archive_path, [post(1)])
    write(archive_path, tmp_path / "out", "csv", tables=("posts",))
    (tmp_path / "out" / name).write_bytes(b"\0")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / name).write_bytes(b"\0")
    for target in (tmp_path / "out", tmp_path / "empty"):
        write(archive_path, target, "ndjson", tables=("posts",))
        assert (target / "posts.ndjson").exists()
        assert not (target / name).exists()
