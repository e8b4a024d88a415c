"""One job over a large archive, in a process of its own: it is made, or read in some way.

What to do comes as JSON on stdin, what it took goes as JSON to stdout.
"""

import asyncio
import json
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from figures import peak
from large_world import ACCOUNT, FIRST_PEER, Large

from ovk_archive.api.pace import Pace
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.saving import Checkpoint, checkpoint
from ovk_archive.checks.consistency import check_consistency
from ovk_archive.checks.ledger import ledger
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.backup.sync_run import Job, Settings, run_sync
from ovk_archive.media.catalogue import Choice, due
from ovk_archive.resources import comments, messages, photos, wall
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.sync.page.content import rows_of_page
from ovk_archive.sync.page.fetch import Question, fetch
from ovk_archive.sync.plan import Opening, opening_of

TOKEN = "large"
#: What the archive is bound to.
KEY = "large.example"
#: Rows saved at once while the archive is made.
_AT_ONCE = 5000
#: Seconds between two looks at temporary files.
_LOOK = 0.05

#: Where pages of a view begin, and seconds until one is given up.
_PAGES = (0, 100, 10_000)
_PATIENCE = 20

Task = Mapping[str, Any]


def main() -> None:
    """Do the job that stdin asks for."""
    task = json.load(sys.stdin)
    jobs: dict[str, Callable[[Task], object]] = {
        "make": make,
        "sync": sync,
        "page": page,
        "verify": verify,
        "status": status,
        "due": files_due,
    }
    json.dump(_timed(lambda: jobs[task["kind"]](task)), sys.stdout)


def _timed(work: Callable[[], object]) -> dict[str, Any]:
    """What the work said, and what it took: seconds, CPU, peak of memory, temporary disk."""
    began, used = time.perf_counter(), os.times()
    with _watched() as temporary:
        said = work()
    now = os.times()
    return {
        "said": said,
        "seconds": time.perf_counter() - began,
        "user": now.user - used.user,
        "system": now.system - used.system,
        "peak": peak(),
        "temporary": max(temporary),
    }


@contextmanager
def _watched() -> Iterator[list[int]]:
    """How large the files are that this process has open and that have no name (Linux only)."""
    found, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(_LOOK):
            found.append(_nameless())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def _nameless() -> int:
    size = 0
    for file in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):
            if str(file.readlink()).endswith("(deleted)"):
                size += file.stat().st_size
    return size


# The archive is made


class _Direct:
    """Answers without a network."""

    def __init__(self, account: Large) -> None:
        self._account = account

    async def call(self, method: str, params: Mapping[str, Any], **_: object) -> Any:
        """The account's answer."""
        return self._account.answer(method, params)


def make(task: Task) -> int:
    """Make an archive of the account, as a first sync would leave it; how many rows were saved."""
    account = Large(**task["sizes"])
    # The server may have another port tomorrow.
    identity = Identity(KEY, ACCOUNT, task["url"])
    with Archive.open(Path(task["archive"]), identity) as archive:
        archive.query("pragma synchronous = off")
        return asyncio.run(_read_all(archive, account))


async def _read_all(archive: Archive, account: Large) -> int:
    client: Any = _Direct(account)
    return sum([await _read(archive, client, opening) for opening in _openings(account)])


def _openings(account: Large) -> Iterator[Opening]:
    of_account = {"owner_id": ACCOUNT}
    yield Opening(resource=wall.WALL, partition=of_account, owner_id=ACCOUNT)
    yield Opening(resource=photos.ALL_PHOTOS, partition=of_account, owner_id=ACCOUNT)
    yield Opening(resource=messages.DIALOGS, partition={}, owner_id=ACCOUNT)
    for peer in range(FIRST_PEER, FIRST_PEER + account.peers):
        yield _opening(messages.HISTORY, peer, account.last_message(peer))
    for number in range(1, account.posts + 1):
        if account.post_comments(number):
            yield _opening(comments.POST_COMMENTS, ACCOUNT, number, 1)
    for number in range(1, account.photos + 1):
        if account.photo_comments(number):
            yield _opening(comments.PHOTO_COMMENTS, ACCOUNT, number, 1)


def _opening(resource: Resource, *row: int) -> Opening:
    assert resource.parent is not None
    return opening_of(resource, resource.parent, row, ACCOUNT)


async def _read(archive: Archive, client: Any, opening: Opening) -> int:
    """Read a list in large pages."""
    resource = opening.resource
    paginator: Any = resource.paginator
    if paginator.incremental:
        paginator = replace(paginator, size=_AT_ONCE)
    resource = replace(resource, paginator=paginator)
    opening = replace(opening, resource=resource)
    position, is_first, rows = paginator.begin(None, full=False, expected=0), True, 0
    while (window := paginator.window(position)) is not None:
        params = {**opening.partition, **paginator.params(position)}
        fetched = await fetch(client, Question(resource, params), window)
        before, position = position, paginator.after(position, fetched.page)
        if position.done and hasattr(position, "size"):
            # As a sync would go on: in pages of the usual size.
            position = replace(position, size=min(position.size, 100))
        checkpoint(
            archive,
            Checkpoint(
                resource=resource,
                partition=opening.partition,
                owner_id=opening.owner_id,
                parts=rows_of_page(resource, opening.partition, fetched, before)[0],
                position=position.to_json(),
                stamp=opening.stamp,
                counted=fetched.page.total,
                fresh=is_first,
            ),
        )
        is_first, rows = False, rows + len(fetched.records)
    return rows


# It is read


def sync(task: Task) -> dict[str, Any]:
    """A routine sync: how it ended, how many requests it made, what it found new or changed."""
    credentials = Credentials(task["url"], ACCOUNT, TOKEN)
    settings = Settings(
        instance_key=KEY,
        # The server counts no calls.
        pace=lambda memory: Pace(calls=1_000_000, memory=memory),
    )
    report = run_sync(Job(path=Path(task["archive"]), media=False), credentials, settings=settings)
    said = report.to_json()
    found = {name: said[name] for name in ("outcome", "exit_code", "requests")}
    return found | {"found": report.found}


def page(task: Task) -> float:
    """Some pages of a view, as Datasette asks for them: seconds of the slowest."""
    slowest = 0.0
    with closing(sqlite3.connect(task["archive"])) as db:
        for start in _PAGES:
            began = time.perf_counter()
            # One that takes for ever is given up.
            db.set_progress_handler(partial(_is_late, began), 100_000)
            with suppress(sqlite3.OperationalError):
                sql = "select * from posts_media limit 101 offset ?"
                db.execute(sql, (start,)).fetchall()
            slowest = max(slowest, time.perf_counter() - began)
    return slowest


def _is_late(began: float) -> bool:
    return time.perf_counter() - began > _PATIENCE


def verify(task: Task) -> bool:
    """Compare the archive with itself; whether it agrees."""
    with Archive.read(Path(task["archive"])) as archive:
        return check_consistency(archive, lambda: None).is_given


def status(task: Task) -> str:
    """Add up the archive."""
    with Archive.read(Path(task["archive"])) as archive:
        return ledger(archive).sentence


def files_due(task: Task) -> int:
    """Read the whole list of files that are due; how many they are."""
    found, after = 0, None
    with Archive.read(Path(task["archive"])) as archive:
        choice = Choice(max_file_bytes=2**40)
        while rows := due(archive, choice, after):
            found, after = found + len(rows), (rows[-1].date, rows[-1].url)
    return found


if __name__ == "__main__":
    main()
