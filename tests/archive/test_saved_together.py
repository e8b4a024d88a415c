"""What waits to be saved is saved in one transaction; none of it counts as saved before."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from syncing import ACCOUNT

from ovk_archive.api.waiting_calls import SMALL
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import BACKLOG, ROOM, all_saved, aside, is_saving, saved
from ovk_archive.archive.opening import Identity
from ovk_archive.errors import StorageError

WHOSE = Identity("demo", ACCOUNT, "https://demo.invalid")


def facts(path: Path) -> set[str]:
    """What another process would read of what was saved."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return {name for (name,) in db.execute("select name from _archive where value = 'test'")}


class Saver:
    """Saves facts into an archive, many at a time."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.gate = threading.Event()
        self.heard: list[str] = []
        self.transactions = 0
        archive._db.set_trace_callback(self._count)

    def _count(self, sql: str) -> None:
        self.transactions += sql.lower() == "commit"

    def write(self, name: str) -> str:
        """Save one fact."""
        with self.archive.transaction() as db:
            db.execute("insert into _archive (name, value) values (?, 'test')", (name,))
            if name == "bad":
                db.execute("insert into nowhere values (1)")
        return name

    async def save(self, name: str, rows: int = 1) -> str:
        """The same, in the archive's thread."""
        return await saved(self.archive, lambda: self.write(name), self.heard.append, rows)

    async def at_once(self, *names: str) -> list[str | BaseException]:
        """Save them while the thread is busy with something else, so that all of them wait."""
        waiting = asyncio.create_task(aside(self.gate.wait))
        tasks = [asyncio.create_task(self.save(name)) for name in names]
        await asyncio.sleep(0)
        assert is_saving()
        self.gate.set()
        await waiting
        return await asyncio.gather(*tasks, return_exceptions=True)


def with_saver(path: Path, work: Callable[[Saver], object]) -> None:
    """Do something with an open archive."""
    with Archive.open(path, WHOSE) as archive:
        work(Saver(archive))


def test_what_waits_is_saved_at_once(archive_path: Path) -> None:
    """Ten that wait need one transaction; each hears of it only when it can be read by others."""
    names = [f"n{number}" for number in range(10)]

    def work(saver: Saver) -> None:
        assert asyncio.run(saver.at_once(*names)) == names
        assert saver.transactions == 1
        assert facts(archive_path) == set(names)
        assert saver.heard == names

    with_saver(archive_path, work)


def test_one_that_fails_takes_no_other_with_it(archive_path: Path) -> None:
    """The others are saved, each once, and hear of it once; the error is told to whom it is of."""

    def work(saver: Saver) -> None:
        first, bad, last = asyncio.run(saver.at_once("first", "bad", "last"))
        assert (first, last) == ("first", "last")
        assert isinstance(bad, StorageError)
        assert facts(archive_path) == {"first", "last"}
        assert saver.heard == ["first", "last"]

    with_saver(archive_path, work)


def test_nothing_is_saved_if_the_disk_is_full(archive_path: Path) -> None:
    """Where the whole cannot be kept, nobody hears that it was."""

    def work(saver: Saver) -> None:
        pages = saver.archive.query("pragma page_count")[0][0]
        saver.archive.query(f"pragma max_page_count = {pages}")
        names = [f"{number}" * 3000 for number in range(8)]
        outcomes = asyncio.run(saver.at_once(*names))
        refused = [one for one in outcomes if isinstance(one, StorageError)]
        assert refused
        assert all("disk is full" in str(one) for one in refused)
        kept = {one for one in outcomes if isinstance(one, str)}
        assert facts(archive_path) == kept == set(saver.heard)

    with_saver(archive_path, work)


def test_whoever_comes_in_between_has_a_turn_alone(archive_path: Path) -> None:
    """What saves by itself among others keeps what it saved, or nothing of it, whatever they do."""

    def work(saver: Saver) -> None:
        async def all_of_them() -> list[str | BaseException]:
            waiting = asyncio.create_task(aside(saver.gate.wait))
            tasks = [
                asyncio.create_task(one)
                for one in (
                    saver.save("one"),
                    aside(saver.write, "alone"),
                    saver.save("bad"),
                    aside(saver.write, "bad"),
                    saver.save("two"),
                )
            ]
            await asyncio.sleep(0)
            saver.gate.set()
            await waiting
            return await asyncio.gather(*tasks, return_exceptions=True)

        outcomes = asyncio.run(all_of_them())
        assert [one for one in outcomes if isinstance(one, str)] == ["one", "alone", "two"]
        assert [type(one) for one in outcomes if not isinstance(one, str)] == [StorageError] * 2
        assert facts(archive_path) == {"one", "alone", "two"}
        assert saver.heard == ["one", "two"]

    with_saver(archive_path, work)


def test_what_was_saved_is_reported_to_whom_it_concerns(archive_path: Path) -> None:
    """A task that is cancelled while it waits: what it has saved is reported all the same."""

    def work(saver: Saver) -> None:
        async def cancelled() -> None:
            waiting = asyncio.create_task(aside(saver.gate.wait))
            task = asyncio.create_task(saver.save("mine"))
            await asyncio.sleep(0)
            task.cancel()
            saver.gate.set()
            await waiting
            with pytest.raises(asyncio.CancelledError):
                await task
            await all_saved(saver.archive)

        asyncio.run(cancelled())
        assert saver.heard == ["mine"]
        assert facts(archive_path) == {"mine"}

    with_saver(archive_path, work)


def test_what_saves_no_page_does_not_wait_for_pages(archive_path: Path) -> None:
    """Whoever asks the archive something is answered before pages that wait already are saved."""

    async def asked(saver: Saver) -> list[str]:
        busy = asyncio.create_task(aside(saver.gate.wait))
        await asyncio.sleep(0)
        pages = [asyncio.create_task(saver.save(name)) for name in ("first", "second")]
        await asyncio.sleep(0)
        question = asyncio.create_task(aside(lambda: sorted(facts(archive_path))))
        await asyncio.sleep(0)
        saver.gate.set()
        await asyncio.gather(busy, *pages)
        assert facts(archive_path) == {"first", "second"}
        return await question

    def work(saver: Saver) -> None:
        assert asyncio.run(asked(saver)) == []
        assert saver.transactions == 1

    with_saver(archive_path, work)


def test_small_pages_are_saved_before_large_ones(archive_path: Path) -> None:
    """Short lists do not wait for the pages of long ones; whoever waits for all, waits for all."""

    async def saving(saver: Saver) -> list[str]:
        busy = asyncio.create_task(aside(saver.gate.wait))
        await asyncio.sleep(0)
        sizes = {"large": ROOM, "larger": ROOM + 1, "small": SMALL, "empty": 0}
        pages = [asyncio.create_task(saver.save(*one)) for one in sizes.items()]
        await asyncio.sleep(0)
        everything = asyncio.create_task(all_saved(saver.archive))
        await asyncio.sleep(0)
        pages.append(asyncio.create_task(saver.save("late", 1)))
        await asyncio.sleep(0)
        saver.gate.set()
        await everything
        heard = list(saver.heard)
        await asyncio.gather(busy, *pages)
        return heard

    def work(saver: Saver) -> None:
        heard = asyncio.run(saving(saver))
        assert heard == ["small", "empty", "late", "large", "larger"]
        # More than there is room for is not saved at once.
        assert saver.transactions == 2

    with_saver(archive_path, work)


def test_while_much_waits_to_be_saved_there_is_no_room(archive_path: Path) -> None:
    """More rows than there is room for: whoever is about to ask waits until some are saved."""

    async def crowded(saver: Saver) -> None:
        assert BACKLOG.room() is None
        busy = asyncio.create_task(aside(saver.gate.wait))
        works = [(lambda one=one: saver.write(one)) for one in ("first", "second")]
        tasks = [
            asyncio.create_task(saved(saver.archive, work, saver.heard.append, ROOM))
            for work in works
        ]
        await asyncio.sleep(0)
        waiting = BACKLOG.room()
        assert waiting is not None
        await asyncio.sleep(0.05)
        assert not waiting.done()
        saver.gate.set()
        await asyncio.wait_for(waiting, 10)
        assert facts(archive_path) >= {"first"}
        await asyncio.gather(busy, *tasks)
        assert BACKLOG.room() is None

    with_saver(archive_path, lambda saver: asyncio.run(crowded(saver)))


def test_what_is_given_up_leaves_room(archive_path: Path) -> None:
    """Rows for which nobody waits any more keep nobody from asking, nor do those that fail."""

    async def crowded(saver: Saver) -> None:
        busy = asyncio.create_task(aside(saver.gate.wait))
        tasks = [
            asyncio.create_task(
                saved(saver.archive, lambda: saver.write("bad"), saver.heard.append, 2 * ROOM)
            )
            for _ in range(2)
        ]
        await asyncio.sleep(0)
        waiting = BACKLOG.room()
        assert waiting is not None
        tasks[0].cancel()
        saver.gate.set()
        await asyncio.gather(*tasks, busy, return_exceptions=True)
        assert waiting.done()
        assert BACKLOG.room() is None

    with_saver(archive_path, lambda saver: asyncio.run(crowded(saver)))


def test_what_waits_for_something_else_keeps_nobody_from_asking(archive_path: Path) -> None:
    """While nothing is being saved there is room: what came may wait for what nobody has asked."""

    async def crowded(saver: Saver) -> None:
        BACKLOG.add(2 * ROOM)
        try:
            assert BACKLOG.room() is None
            busy = asyncio.create_task(aside(saver.gate.wait))
            await asyncio.sleep(0)
            waiting = BACKLOG.room()
            assert waiting is not None
            saver.gate.set()
            await busy
            await asyncio.wait_for(waiting, 10)
        finally:
            BACKLOG.remove(2 * ROOM)

    with_saver(archive_path, lambda saver: asyncio.run(crowded(saver)))
