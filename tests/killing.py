"""Commands of the command line in processes of their own, killed at a random moment.

    .venv/bin/python tests/killing.py --kills 50

A new interpreter takes a second to import everything; so these are forked from one that is warm.
"""

import argparse
import json
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fetching import wrongly_named
from indexes import contents, made_anew
from older import made_older, with_versions_as_before
from syncing import differences, faults, query
from toy import DemoInstance, World, generate
from truth import truth_of
from worlds import three_of_each

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.location import folder_of
from ovk_archive.archive.tables.schema import key_as_sql
from ovk_archive.cli import main as command_line
from ovk_archive.errors import StorageError
from ovk_archive.export.selection import Selection
from ovk_archive.export.writing import Wish, export
from ovk_archive.resources import DERIVED
from ovk_archive.resources.by_number import BY_NUMBER

#: The parts of the program that commands import when they are called.
_WARM = [
    "ovk_archive.cli.backup.sync",
    "ovk_archive.cli.backup.run_display",
    "ovk_archive.cli.backup.sync_run",
    "ovk_archive.cli.backup.media_run",
    "ovk_archive.cli.backup.media",
    "ovk_archive.cli.backup.audit",
    "ovk_archive.cli.backup.hydrate_run",
    "ovk_archive.cli.local.export",
    "ovk_archive.export",
    "ovk_archive.cli.local.snapshot",
    "ovk_archive.cli.local.rebuild",
    "ovk_archive.cli.local.verify",
    "ovk_archive.archive.tables.migrations",
    "ovk_archive.archive.rebuild",
]
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(_WARM)
#: How it is said that there is no archive yet.
_NOT_YET = ("There is no archive at", "it is no archive yet", "only just made")
#: What a run may leave for the next one, by the exit codes: all done, news, files to come.
_ENDED = (0, 3)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A command, before and after which something is known.

    Attributes:
        arguments: after `ovk-archive`; `ARCHIVE` is the archive, `DIR` the folder that it is in.
        before: makes the state in which the command has something to do.
        after: what is wrong with the folder after a kill, beside what `verify` finds.
        done: what is wrong when the command has ended by itself.
        spoils: whether `before` makes rows disagree with their versions.
    """

    name: str
    arguments: tuple[str, ...]
    before: Callable[[Path], None] = field(default=lambda _: None)
    after: Callable[["Stage"], list[str]] = field(default=lambda _: [])
    done: Callable[["Stage"], list[str]] = field(default=lambda _: [])
    spoils: bool = False


@dataclass(frozen=True)
class Stage:
    """Where a scene is played: an instance, and a folder.

    Attributes:
        kept: what the archive held at first.
        found: what `verify` found then, if the scene spoils an archive.
    """

    instance: DemoInstance
    world: World
    folder: Path
    kept: dict[str, set[Any]] = field(default_factory=dict)
    found: list[Any] = field(default_factory=list)

    @property
    def archive(self) -> Path:
        """The archive."""
        return self.folder / "archive.db"

    def set(self, scene: Scene, model: Path) -> None:
        """Put the archive back as it was at first."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(model, self.folder)
        scene.before(self.archive)
        self.kept.clear()
        self.found.clear()
        if self.archive.exists():
            self.kept.update(kept(self.archive))
            self.found.extend(faults(self.archive) if scene.spoils else ())


@dataclass
class Outcome:
    """What came of the kills of one scene.

    Attributes:
        killed: processes that were alive when they were killed.
        wrong: what was found afterwards.
    """

    killed: int = 0
    ended: int = 0
    wrong: list[str] = field(default_factory=list)


def play(scene: Scene, model: Path, stage: Stage, kills: int, seed: int) -> Outcome:
    """Kill a command so often, look after each kill, and let it end at last."""
    rng = random.Random(f"{scene.name}/{seed}")
    outcome = Outcome()
    stage.set(scene, model)
    longest = _time(scene, stage)
    stage.set(scene, model)
    while outcome.killed < kills:
        child = _start(scene, stage)
        child.join(rng.uniform(0.0, longest * 1.1))
        alive = child.exitcode is None
        kill(child)
        outcome.killed += alive
        outcome.ended += not alive
        outcome.wrong += [f"kill {outcome.killed}: {one}" for one in _look(scene, stage)]
        if not alive or rng.random() < 0.3:
            stage.set(scene, model)
    last = _start(scene, stage)
    last.join(120)
    if last.exitcode not in _ENDED:
        outcome.wrong.append(f"the last run ended with {last.exitcode}: {_said(stage)}")
    outcome.wrong += [*_look(scene, stage), *scene.done(stage)]
    return outcome


def _time(scene: Scene, stage: Stage) -> float:
    """How long the command takes if nobody kills it."""
    began = time.monotonic()
    child = _start(scene, stage)
    child.join(120)
    assert child.exitcode in _ENDED, f"{scene.name} ended with {child.exitcode}: {_said(stage)}"
    return time.monotonic() - began


def _start(scene: Scene, stage: Stage) -> BaseProcess:
    words = {"ARCHIVE": str(stage.archive), "DIR": str(stage.folder)}
    arguments = [_filled(one, words) for one in scene.arguments]
    environment = {
        "OVK_INSTANCE": stage.instance.url,
        "OVK_TOKEN": stage.instance.token,
        "OVK_CONFIG_DIR": str(stage.folder / "config"),
    }
    return forked(arguments, environment, stage.folder / "said")


def forked(arguments: list[str], environment: dict[str, str], said: Path) -> BaseProcess:
    """A command in a process of its own, which writes what it says into a file."""
    child = _FORKS.Process(target=_run, args=(arguments, environment, str(said)))
    child.start()
    return child


def _filled(argument: str, words: dict[str, str]) -> str:
    for word, meant in words.items():
        argument = argument.replace(word, meant)
    return argument


def _run(arguments: list[str], environment: dict[str, str], said: str) -> None:
    """In the child: the command line, as `ovk-archive` runs it."""
    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.environ.update(environment)
    sys.argv[1:] = arguments
    command_line()


def kill(child: BaseProcess) -> None:
    """Kill a command, unless it has ended."""
    if child.pid is not None and child.exitcode is None:
        os.kill(child.pid, signal.SIGKILL)
    child.join()


def _said(stage: Stage) -> str:
    return (stage.folder / "said").read_text("utf-8", "replace")[-400:]


def _look(scene: Scene, stage: Stage) -> list[str]:
    """What is wrong with the archive: damaged, lost, or not as the scene would have it."""
    path = stage.archive
    wrong: list[str] = []
    if not stage.kept and not _is_archive(path):
        return wrong
    if query(path, "pragma integrity_check") != [("ok",)]:
        wrong.append("the database is damaged")
    found = faults(path)
    if found != stage.found:
        # What was spoilt is mended as a whole, or not yet.
        wrong += [f"verify: {one}" for one in found]
    if contents(path) != made_anew(path):
        wrong.append("the search index is not what its tables say")
    for table, rows in kept(path).items():
        if lost := stage.kept.get(table, set()) - rows:
            wrong.append(f"{table}: {len(lost)} rows are lost, such as {min(map(str, lost))}")
    return [*wrong, *scene.after(stage)]


def _is_archive(path: Path) -> bool:
    """A first sync has come so far that there is one."""
    try:
        Archive.read(path).close()
    except StorageError as error:
        return not any(words in str(error) for words in _NOT_YET)
    return True


def kept(path: Path) -> dict[str, set[Any]]:
    """What no command may lose: keys of all rows, all contents of versions, and stored files."""
    found: dict[str, set[Any]] = {}
    with closing(sqlite3.connect(path)) as db:
        tables = db.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (name,) in tables:
            # The words of the index are looked at by themselves.
            if name.startswith(("_", "sqlite_")) or name == "media" or "_fts" in name:
                continue
            columns = db.execute(f'pragma table_info("{name}")').fetchall()
            key = ", ".join(f'"{one[1]}"' for one in columns if one[5])
            found[name] = set(db.execute(f'select {key} from "{name}"')) if key else set()
        versions = db.execute("select resource, record_key, record from _versions")
        # The order of a record's fields is nothing that is kept.
        found["_versions"] = {
            (*key, json.dumps(json.loads(record), sort_keys=True)) for *key, record in versions
        }
    return found


# The scenes


def _new(archive: Path) -> None:
    """No archive yet."""
    archive.unlink()
    shutil.rmtree(folder_of(archive))


def _ids_only(archive: Path) -> None:
    """No archive yet, but the numbers of all that one had."""
    export(archive, archive.parent / "ids", Wish(selection=Selection(), format="ids"))
    _new(archive)


def _damage_files(archive: Path) -> None:
    """Change a third of the stored files, and remove another third."""
    files = sorted(one for one in folder_of(archive).rglob("*") if one.is_file())
    for number, file in enumerate(files):
        if number % 3 == 0:
            file.chmod(0o600)
            file.write_bytes(b"changed")
        elif number % 3 == 1:
            file.unlink()


def _missing_files(archive: Path) -> None:
    """Forget all files."""
    shutil.rmtree(folder_of(archive))
    with closing(sqlite3.connect(archive)) as db:
        db.execute("delete from media")
        db.commit()


def _spoil_rows(archive: Path) -> None:
    """Let all posts and messages say something else than their versions."""
    with closing(sqlite3.connect(archive)) as db:
        db.execute("update posts set text = 'spoilt'")
        db.execute("update messages set text = 'spoilt'")
        db.execute("delete from notes")
        db.commit()


def _make_older(archive: Path) -> None:
    """Let the archive be of a program that did not know some columns and migrations."""
    tables = {table.name: table for table in DERIVED}
    with_versions_as_before(archive)
    made_older(archive, tables["notes"], ["title"])
    made_older(archive, tables["posts"], ["attachments"])
    made_older(archive, tables["playlists"], ["listed_by"])
    with closing(sqlite3.connect(archive)) as db:
        db.execute("delete from _sqlite_migrations where name >= 'm005'")
        db.execute("update _versions set state = json_remove(state, '$.listed_by') "
                   "where resource = 'playlists'")  # fmt: skip
        db.execute("pragma user_version = 3")
        db.commit()


def _half_exports(stage: Stage) -> list[str]:
    """An export has its name only when it is whole."""
    target = stage.folder / "export"
    if target.exists() and not (target / "MANIFEST.json").exists():
        return ["half an export has the name of a whole one"]
    return []


def _half_copies(stage: Stage) -> list[str]:
    """A snapshot has its name only when it is whole, and then it is all that the archive is."""
    copy = stage.folder / "copy.db"
    if not copy.exists():
        return []
    wrong = [f"of the snapshot: {one}" for one in faults(copy)]
    if kept(copy) != stage.kept:
        wrong.append("the snapshot is not the archive")
    return wrong


def _as_the_world(stage: Stage) -> list[str]:
    lacking = differences(truth_of(stage.world, stage.instance.dialect), stage.archive)
    return [f"not as the world: {lacking}"] if lacking else []


def _files_whole(stage: Stage) -> list[str]:
    wrong = wrongly_named(stage.archive)
    return [f"files are not what their names say: {wrong[:3]}"] if wrong else []


def _all_files(stage: Stage) -> list[str]:
    states = dict(query(stage.archive, "select state, count(*) from media group by state"))
    on_disk = {one.name for one in folder_of(stage.archive).rglob("*") if one.is_file()}
    stored = query(stage.archive, "select path from media where state = 'stored'")
    lacking = [path for (path,) in stored if Path(path).name not in on_disk]
    wrong = [f"{len(lacking)} stored files are not there"] if lacking else []
    return wrong if states.get("stored") else [*wrong, "no file is stored"]


def _all_named(stage: Stage) -> list[str]:
    """What was named and can be asked for is here."""
    lacking = []
    for how in BY_NUMBER:
        named = (stage.folder / "ids" / f"{how.table.name}.txt").read_text().split()
        key = key_as_sql(how.table)
        here = {key for (key,) in query(stage.archive, f"select {key} from {how.table.name}")}
        lacking += [f"{how.table.name} {one} is not here" for one in named if one not in here]
    return lacking


def _rebuilt(stage: Stage) -> list[str]:
    spoilt = query(stage.archive, "select count(*) from posts where text = 'spoilt'")
    return [f"{spoilt[0][0]} posts are still spoilt"] if spoilt != [(0,)] else []


SCENES = (
    Scene(name="sync", arguments=("sync", "ARCHIVE", "--quiet"), before=_new, after=_files_whole,
          done=lambda stage: [*_as_the_world(stage), *_all_files(stage)]),
    Scene(name="media", arguments=("media", "ARCHIVE", "--quiet"),
          before=_missing_files, after=_files_whole, done=_all_files),
    Scene(name="audit", arguments=("audit", "ARCHIVE", "--quiet"), done=_as_the_world),
    Scene(name="export",
          arguments=("export", "ARCHIVE", "DIR/export", "--format", "ndjson", "--force", "--quiet"),
          after=_half_exports),
    Scene(name="snapshot", arguments=("snapshot", "ARCHIVE", "DIR/copy.db"), after=_half_copies),
    Scene(name="rebuild", arguments=("rebuild", "ARCHIVE"), before=_spoil_rows, done=_rebuilt,
          spoils=True),
    Scene(name="repair", arguments=("verify", "ARCHIVE", "--media", "--repair", "--quiet"),
          before=_damage_files, done=_all_files),
    Scene(name="hydrate", arguments=("hydrate", "DIR/ids", "ARCHIVE", "--quiet"),
          before=_ids_only, done=_all_named),
    Scene(name="migration", arguments=("status", "ARCHIVE"), before=_make_older),
)  # fmt: skip


@contextmanager
def theatre(dialect: str = "B", *, small: bool = False) -> Iterator[tuple[Path, Stage]]:
    """A folder with a whole archive and its files, and a stage beside it."""
    world = three_of_each() if small else generate(seed=14)
    with TemporaryDirectory() as folder, DemoInstance(world, dialect, storage="nginx") as instance:
        stage = Stage(instance, world, Path(folder) / "stage")
        stage.folder.mkdir()
        child = _start(Scene(name="model", arguments=("sync", "ARCHIVE", "--quiet")), stage)
        child.join()
        assert child.exitcode == 0, _said(stage)
        yield Path(shutil.move(stage.folder, Path(folder) / "model")), stage


def main() -> int:
    """Kill each command so often, and say what came of it; exit code 1 if something was wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="the name of one command")
    chosen = parser.parse_args()
    failed = False
    for dialect in "AB":
        with theatre(dialect) as (model, stage):
            for scene in SCENES:
                if chosen.only in (None, scene.name):
                    outcome = play(scene, model, stage, chosen.kills, chosen.seed)
                    failed |= bool(outcome.wrong)
                    sys.stdout.write(
                        f"{scene.name} [{dialect}]: {outcome.killed} killed, "
                        f"{outcome.ended} ended before, {len(outcome.wrong)} wrong\n"
                    )
                    sys.stdout.writelines(f"  {one}\n" for one in outcome.wrong[:20])
                    sys.stdout.flush()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
