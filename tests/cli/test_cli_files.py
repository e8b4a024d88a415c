"""What a sync does about files, and what it says it did not save."""

import json
import shutil
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Cli
from fetching import on_disk
from syncing import query
from toy import DemoInstance, generate
from truth import truth_of
from worlds import A_FEW

from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.backup.sync_run import Job, run_sync
from ovk_archive.resources import SECTIONS
from ovk_archive.sync.report import Report


@pytest.fixture
def toy() -> Iterator[DemoInstance]:
    """A toy instance with a few of each kind of thing."""
    with DemoInstance(generate(1, replace(A_FEW, photos=10)), "B") as instance:
        yield instance


def sync(toy: DemoInstance, path: Path, **wishes: object) -> Report:
    """One sync as the command runs it, in this process."""
    mine = Credentials(toy.url, toy.account_id, toy.token)
    return run_sync(Job(path=path, **wishes), mine)  # type: ignore[arg-type]


def states(path: Path) -> dict[str, int]:
    """How many files are in which state."""
    return dict(query(path, "select state, count(*) from media group by 1"))


def test_a_section_saves_its_files(user: Cli, archive_path: Path) -> None:
    """`ovk-archive photos` brings the pictures; with `--no-media` it says how to get them."""
    left = user.run("photos", archive_path, "--no-media")
    assert on_disk(archive_path) == {}
    done = user.run("photos", archive_path)

    assert f"files are not saved: `ovk-archive media {archive_path}` fetches" in left.stderr
    assert "not saved" not in done.stderr
    assert states(archive_path).keys() <= {"stored", "unavailable"}
    assert len(on_disk(archive_path)) > 10


def test_a_sync_says_what_nobody_asked_for(user: Cli, archive_path: Path) -> None:
    """Its last line names the sections that it leaves out, and the command that reads them."""
    usual = user.run("sync", archive_path)
    quiet = user.run("sync", archive_path, "--quiet")
    whole = user.run("sync", archive_path, "--all")
    last = usual.stderr.splitlines()[-1]

    assert last.startswith("Not saved, as nobody asked for it: voters, members, likes, newsfeed")
    assert f"`ovk-archive sync {archive_path} --all`" in last
    assert quiet.stderr == ""
    assert "Not saved" not in whole.stderr


@pytest.mark.parametrize("budget", [(20, "--no-execute"), (5,)])
def test_a_sync_that_stopped_says_that_files_are_to_come(
    user: Cli, archive_path: Path, budget: tuple[object, ...]
) -> None:
    """If the lists used up the budget, the last line says that no file has come yet."""
    said = user.run("sync", archive_path, "--max-requests", *budget)

    assert said.returncode == 75
    assert said.stderr.splitlines()[-1] == "The files are fetched when all lists have been read."
    assert on_disk(archive_path) == {}


def test_budgets_bring_news_and_files(toy: DemoInstance, archive_path: Path) -> None:
    """A budget smaller than what lists take each time brings all files, and news meanwhile."""
    codes, posts = [], []
    for _ in range(40):
        post = toy.world.add_post(1, text="новое")
        codes.append(sync(toy, archive_path, max_requests=40).exit_code)
        posts.append(post.id)
        if codes[-1] == 0 and "pending" not in states(archive_path):
            break
    here = {number for (number,) in query(archive_path, "select id from posts where owner_id = 1")}

    assert codes[0] == 75
    assert codes[-1] == 0
    assert states(archive_path).keys() == {"stored", "unavailable"}
    # The news of a run may wait for the next three, but not for the last file.
    assert set(posts[:-4]) <= here


def test_files_have_their_turn(toy: DemoInstance, archive_path: Path) -> None:
    """If the lists take the whole budget, the next run leaves these, and fetches files."""
    # Each call alone: so the lists take as many requests each time.
    sync(toy, archive_path, media=False, execute=False)

    def reads_all(budget: int) -> bool:
        copy = archive_path.with_name(f"{budget}.db")
        shutil.copy(archive_path, copy)
        return sync(toy, copy, media=False, execute=False, max_requests=budget).caught_up

    needed = bisect_left(range(60), True, lo=10, key=reads_all)
    wishes = {"max_requests": needed, "execute": False}
    first, second = (sync(toy, archive_path, **wishes) for _ in range(2))

    assert first.media is not None
    assert second.media is not None
    assert [first.exit_code, first.media.requests, first.caught_up] == [75, 0, False]
    assert second.media.stored > needed // 2
    assert second.caught_up


def test_everything(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """`--everything` reads every section, fetches the files and makes an audit."""
    done = user.run("sync", archive_path, "--everything", "--json")
    report = json.loads(done.stdout)

    assert done.returncode == 0, done.stderr
    assert report["audit"] is True
    assert query(archive_path, "select count(*) from likes") == [
        (len(truth_of(toy.world, "B")["likes"]),)
    ]
    assert states(archive_path).keys() == {"stored", "unavailable"}
    assert "not saved" not in done.stderr.lower()
    assert user.run("verify", archive_path, "--media").returncode == 0


@pytest.mark.parametrize("budget", [{"execute": False, "max_requests": 70}, {"max_requests": 25}])
def test_everything_goes_on(
    toy: DemoInstance, archive_path: Path, budget: dict[str, object]
) -> None:
    """Stopped again and again, it comes to its end, with one audit and every file."""
    reports = []
    for _ in range(30):
        report = sync(toy, archive_path, sections=SECTIONS, audit=True, **budget)
        reports.append(report)
        if report.exit_code == 0:
            break

    assert [report.exit_code for report in reports[:-1]] == [75] * (len(reports) - 1)
    assert len(reports) > 3
    assert reports[-1].audit
    assert states(archive_path).keys() == {"stored", "unavailable"}


def test_files_come_before_an_audit(toy: DemoInstance, archive_path: Path) -> None:
    """An audit that a budget ends keeps no file back; what it finds is fetched by the same run."""
    sync(toy, archive_path)
    toy.world.add_photo(1)
    # Each call alone: else the audit is over before the budget.
    new = sync(toy, archive_path, audit=True, execute=False, max_requests=50)
    stored = states(archive_path)["stored"]

    assert new.exit_code == 75
    assert not new.audit
    assert new.media is not None
    assert new.media.stored == 1
    assert states(archive_path) == {"stored": stored, "unavailable": 3}


def test_what_is_known_of_files_is_no_mail(
    user: Cli, toy: DemoInstance, archive_path: Path
) -> None:
    """A file that fails ends one sync with 40 and is named; the next does not speak of it."""
    photos = ("photos", archive_path, "--quiet", "--concurrency", "1")
    # Each file is asked for twice.
    toy.faults.order("500", method="blob", times=2)
    first = user.run(*photos)
    toy.faults.order("500", method="blob", times=2)
    again = user.run(*photos)

    assert (first.returncode, again.returncode) == (40, 0)
    assert "Some files could not be fetched:" in first.stderr
    assert "crashed" in first.stderr
    assert again.stderr == ""
    assert "failed" in states(archive_path)


@pytest.mark.parametrize("options", [("--everything", "wall"), ("--everything", "--no-media")])
def test_everything_is_everything(options: tuple[str, ...], user: Cli, archive_path: Path) -> None:
    """`--everything` with less than everything is a usage error."""
    said = user.run("sync", archive_path, *options)

    assert said.returncode == 2
    assert "all" in said.stderr
    assert not archive_path.exists()
