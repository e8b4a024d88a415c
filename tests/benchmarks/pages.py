"""How fast the pages of a large archive are, next to Datasette's own pages of the same tables.

Run by hand: `python tests/benchmarks/pages.py [--messages N] [--archive FILE]`. There is one post
for ten messages, two comments for a post, a photo for five posts, each with a version. Pages and
tables are asked for in turns, in one process; what is told is the median of each. The tables come
from a Datasette without our plugin, which would have more to do. Before each turn the file is
touched: a page then counts anew what it remembers until somebody writes. How long it takes with
that is told, too.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from datasette.app import Datasette
from datasette.plugins import pm
from figures import say, verdict
from search import texts

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.tables.store import store
from ovk_archive.archive.versions import checkpoints
from ovk_archive.browse import plugin
from ovk_archive.browse.serving import application
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.rows import Row

#: Rows that are written at once; turns of which the median counts; a page may take so many times
#: what the table's takes.
_PAGE, _TURNS, MOST_RATIO = 2000, 7, 1.5
_PEERS, _EPOCH = 300, 1_300_000_000
_PLAIN = {"suggest_facets": False, "default_page_size": 100}
_BY_NAME = {table.name: table for table in TABLES}
#: What is asked for -> the table with which it is compared.
PAGES = {
    "": "messages",
    "wall/1": "posts",
    "wall/1?year=2012": "posts",
    "post/1_50": "posts",
    "dialogs": "conversations",
    "dialog/7": "messages",
    "dialog/7?since=2016-05-04": "messages",
    "photos/1": "photos",
    "photo/1_50": "photos",
    "friends/1": "users",
    "user/7": "users",
    "changes": "_versions",
    "search": "messages",
    "search?q={common}": "messages",
    "search?q={common}&sort=newest": "messages",
    "health": "_cursors",
}


def made(path: Path, messages: int) -> None:
    """Write an archive, page by page."""
    rows = _rows(messages)
    with Archive.open(path, Identity("demo", 1, "http://demo")) as archive:
        while page := list(islice(rows, _PAGE)):
            with archive.transaction() as db:
                store(db, page, checkpoints.now(db))


def _rows(messages: int) -> Iterator[Row]:
    posts = messages // 10
    words = texts(messages + posts)
    for number in range(1, _PEERS + 2):
        yield _row("users", id=number, name=f"Имя {number}", last_name=f"{number}")
    for peer in range(2, _PEERS + 2):
        yield _row("conversations", peer_id=peer, type="user", last_message_id=messages - peer)
    for number in range(1, messages + 1):
        peer = number % _PEERS + 2
        yield _row("messages", id=number, peer_id=peer, from_id=(1, peer)[number % 2],
                   date=_EPOCH + number * 400, text=next(words))  # fmt: skip
    for number in range(1, posts + 1):
        date = _EPOCH + number * 4000
        yield _row("posts", owner_id=1, id=number, from_id=1, date=date, text=next(words))
        for place in (0, 1):
            yield _row("comments", id=number * 2 + place, kind="post", owner_id=1, post_id=number,
                       from_id=2, date=date + place, text="Комментарий")  # fmt: skip
    for number in range(1, posts // 5 + 1):
        yield _row("photos", owner_id=1, id=number, date=_EPOCH + number * 20_000,
                   url=f"http://demo/{number}.jpg", width=800, height=600)  # fmt: skip


def _row(table: str, /, **values: Any) -> Row:
    return Row(_BY_NAME[table], values, values)


async def _took(datasette: Datasette, address: str) -> float:
    began = time.perf_counter()
    answer = await datasette.client.get(address, headers={"accept-language": "ru"})
    assert answer.status_code == 200, (address, answer.status_code)
    return (time.perf_counter() - began) * 1000


async def measure(path: Path) -> None:
    """Tell how long each page takes, and its table."""
    common = max(next(texts(1)).rstrip(".").split(), key=len).lower()
    datasette, plain = application(path), Datasette([str(path)], settings=_PLAIN)
    for page, table in PAGES.items():
        address = f"/{path.stem}/-/{page.format(common=common)}"
        await _took(datasette, address)
        turns = [await _turn(datasette, plain, path, address, table) for _ in range(_TURNS)]
        first, again, theirs = (median(took) for took in zip(*turns, strict=True))
        say(f"{page or 'overview'}: {first:.0f} ms after a write, then {again:.0f} ms; "
            f"100 rows of {table} {theirs:.0f} ms; ratio {first / theirs:.2f}, "
            f"{verdict(first / theirs, MOST_RATIO)}")  # fmt: skip


async def _turn(
    datasette: Datasette, plain: Datasette, path: Path, address: str, table: str
) -> tuple[float, float, float]:
    """Milliseconds of a page after a write, of the same page again, and of its table."""
    os.utime(path)
    first, again = await _took(datasette, address), await _took(datasette, address)
    pm.unregister(plugin)
    theirs = await _took(plain, f"/{path.stem}/{table}?_size=100")
    pm.register(plugin, "ovk_archive")
    return first, again, theirs


def main() -> None:
    """Make an archive, measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--archive", type=Path, help="kept there, or found from an earlier time")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.archive or Path(folder) / "archive.db"
        if not path.exists():
            began = time.process_time()
            made(path, chosen.messages)
            say(f"{chosen.messages} messages and what goes with them, "
                f"written in {time.process_time() - began:.0f} s of CPU")  # fmt: skip
        asyncio.run(measure(path))


if __name__ == "__main__":
    main()
