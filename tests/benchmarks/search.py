"""How fast a large archive is searched, how much larger the index makes it, and a sync slower.

Run by hand: `python tests/benchmarks/search.py [--messages N] [--synced N] [--rounds N]`. Searches
are compared with a bare FTS5 query on the same table, in turns; first syncs with such without an
index, in turns and in processes of their own.
"""

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import accumulate
from pathlib import Path
from statistics import median

from figures import say, verdict
from sync import served

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.search.finding import find
from ovk_archive.archive.search.query import parse
from ovk_archive.archive.search.wishes import Wish
from ovk_archive.archive.search.words import words
from ovk_archive.resources.messages import MESSAGES

_VOCABULARY, _PAGE, _RUNS = 12_000, 1000, 9
_ENDINGS = ("", "а", "у", "ом", "е", "ы", "ов", "ами", "ах", "ый", "ого", "ить", "ал")
MOST_MS, MOST_RATIO, MOST_CPU, MOST_GROWTH = 50.0, 1.5, 1.15, 0.6


def texts(number: int) -> Iterator[str]:
    """Messages of made-up words in Russian forms, few of them common and most of them rare."""
    dice = random.Random(1)
    letters = "бвгдзклмнпрстаеио"
    roots = ["".join(dice.choices(letters, k=dice.randint(3, 6))) for _ in range(_VOCABULARY)]
    weights = list(accumulate(1 / (place + 3) for place in range(_VOCABULARY)))
    forms = list(accumulate(1 / (place + 1) for place in range(len(_ENDINGS))))
    for _ in range(number):
        some = dice.choices(roots, cum_weights=weights, k=dice.randint(2, 18))
        yield (
            " ".join(
                root + dice.choices(_ENDINGS, cum_weights=forms)[0] for root in some
            ).capitalize()
            + "."
        )


def made(path: Path, number: int) -> int:
    """An archive with so many messages, read page by page; the bytes of their texts."""
    size = 0
    with Archive.open(path, Identity("demo", 1, "http://demo")) as archive:
        page: list[tuple[int, int, int, int, str]] = []
        for place, text in enumerate(texts(number), 1):
            size += len(text.encode())
            page.append((place, place % 300 + 2, 1, 1_500_000_000 + place * 60, text))
            if len(page) == _PAGE or place == number:
                with archive.transaction() as db:
                    db.executemany(
                        "insert into messages (id, peer_id, from_id, date, text) "
                        "values (?, ?, ?, ?, ?)",
                        page,
                    )
                page.clear()
    return size


def bytes_of_index(path: Path) -> int:
    """The pages that the index of messages takes."""
    with closing(sqlite3.connect(path)) as db:
        before = _used(db)
        db.execute("drop table messages_fts")
        db.commit()
        return before - _used(db)


def _used(db: sqlite3.Connection) -> int:
    pages, free, size = (
        int(db.execute(f"pragma {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def search(path: Path) -> None:
    """Tell how long searches take."""
    with Archive.read(path) as archive, archive.reading() as db:
        counts = db.execute("select text from messages order by random() limit 20000").fetchall()
        seen: dict[str, int] = {}
        for (text,) in counts:
            for word in set(words(text)):
                seen[word] = seen.get(word, 0) + 1
        ranked = sorted(seen, key=lambda word: -seen[word])
        common = next(word for word in ranked if seen[word] <= len(counts) // 200)
        rare = [word for word in ranked if seen[word] == 3]
        for name, typed in (
            ("the commonest", ranked[0]),
            ("a common word", common),
            ("a rare pair", f"{rare[0]} {common}"),
        ):
            _compare(db, name, typed)


def _compare(db: sqlite3.Connection, name: str, typed: str) -> None:
    wish = Wish(query=parse(typed), tables=(MESSAGES,))
    bare = "select rowid from messages_fts where messages_fts match ? order by rank limit 20"
    ours, theirs, same = [], [], []
    for _ in range(_RUNS):
        ours.append(_milliseconds(lambda: find(db, wish)))
        theirs.append(_milliseconds(lambda: db.execute(bare, (typed,)).fetchall()))
        same.append(_milliseconds(lambda: db.execute(bare, (wish.query.match,)).fetchall()))
    rows = len(db.execute("select rowid from messages_fts where messages_fts match ?",
                          (wish.query.match,)).fetchall())  # fmt: skip
    took, of_words, of_forms = median(ours), median(theirs), median(same)
    say(f"{name} ({rows} rows): {took:.1f} ms, {verdict(took, MOST_MS)}; a bare query of the words "
        f"as typed {of_words:.1f} ms; of all forms {of_forms:.1f} ms, ratio {took / of_forms:.2f}, "
        f"{verdict(took / of_forms, MOST_RATIO)}")  # fmt: skip


def syncs(messages: int, rounds: int) -> None:
    """Tell how much user CPU first syncs take, with an index and without one."""
    with served(messages // 5, messages, 0.0) as bench:
        pairs = [
            (bench.sync(without_index=False).user, bench.sync(without_index=True).user)
            for _ in range(rounds)
        ]
    ratios = [with_index / without for with_index, without in pairs]
    told = ", ".join(f"{one:.2f} s to {other:.2f} s" for one, other in pairs)
    say(f"first sync of {messages} messages, user CPU with and without an index: {told}; "
        f"ratio {median(ratios):.2f}, {verdict(median(ratios), MOST_CPU)}")  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--synced", type=int, default=20_000, help="messages of a synced world")
    parser.add_argument("--rounds", type=int, default=3, help="pairs of syncs")
    chosen = parser.parse_args()
    if chosen.messages:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "archive.db"
            began = time.process_time()
            size = made(path, chosen.messages)
            say(f"{chosen.messages} messages, {size / 1e6:.0f} MB of texts, "
                f"written in {time.process_time() - began:.0f} s of CPU")  # fmt: skip
            search(path)
            grown = bytes_of_index(path) / size
            say(f"index: {grown:.0%} of the texts, {verdict(grown, MOST_GROWTH)}")
    if chosen.rounds:
        syncs(chosen.synced, chosen.rounds)


if __name__ == "__main__":
    main()
