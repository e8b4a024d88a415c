"""One timed job of the benchmark of exports, in a process of its own.

What to do comes as JSON on stdin, what it took goes as JSON to stdout. A job is to make the
archive, to export it in a format, or to write its messages in the plainest way.
"""

import csv
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from figures import peak

PEERS = 300
FIRST = 1_450_000_000
STEP = 300
STAMPS = ("2026-11-25T19:15:00.123456Z", "2026-11-25T20:23:04.654321Z", None)
MESSAGE = "id, peer_id, from_id, date, text, title, out, important, read_state"
FIRST_NAMES = ("Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор", "Жанна", "Зоя", "Иван", "Кира")
LAST_NAMES = ("Архивова", "Белый", "Волкова", "Громов", "Дягилева", "Ежов", "Жукова")
WORDS = ("привет", "как", "дела", "завтра", "в кино?", "ок", "😀", "https://example.org/?a=1&b=2")


def main() -> None:
    """Do the job that stdin asks for."""
    task = json.load(sys.stdin)
    jobs = {"make": make, "export": export, "plain": plain}
    json.dump(jobs[task["kind"]](task), sys.stdout)


def make(task: Mapping[str, Any]) -> dict[str, float]:
    """An archive of many messages, and who sent them."""
    # Each job imports what it needs itself, for its memory is measured.
    from ovk_archive.archive.archive import Archive  # noqa: PLC0415 - see above
    from ovk_archive.archive.opening import Identity  # noqa: PLC0415 - see above

    path = Path(task["archive"])
    Archive.open(path, Identity("benchmark", 1, "http://benchmark")).close()
    with closing(sqlite3.connect(path)) as db, db:
        _insert(db, "users", "id, name, first_name, last_name", map(_person, range(1, 400)))
        _insert(db, "conversations", "peer_id", ((2 + number,) for number in range(PEERS)))
        _insert(db, "messages", MESSAGE, _messages(task))
    # Once more, so that the words are in their index: else the first export would put them there.
    Archive.open(path, Identity("benchmark", 1, "http://benchmark")).close()
    return {}


def _insert(db: sqlite3.Connection, table: str, columns: str, rows: Iterable[Any]) -> None:
    names = f"{columns}, first_seen_at, last_seen_at, gone_at"
    marks = ", ".join("?" * len(names.split(",")))
    db.executemany(
        f"insert into {table} ({names}) values ({marks})", ((*row, *STAMPS) for row in rows)
    )


def _person(number: int) -> tuple[int, str, str, str]:
    first, last = FIRST_NAMES[number % len(FIRST_NAMES)], f"{LAST_NAMES[number % 7]}{number}"
    return number, f"{first} {last}", first, last


def _messages(task: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for number in range(1, task["messages"] + 1):
        peer = 2 + number * 7919 % PEERS
        out = number % 2
        text = " ".join(WORDS[(number >> shift) % len(WORDS)] for shift in range(number % 12))
        sender = 1 if out else peer
        yield (
            number, peer, sender, FIRST + number * STEP, f"{text} {number}", "", out, 0, 1
        )  # fmt: skip


def export(task: Mapping[str, Any]) -> dict[str, float]:
    """The archive as the command exports it: with its package, its hashes, and on the disk."""
    from ovk_archive.export.selection import Selection  # noqa: PLC0415 - see above
    from ovk_archive.export.writing import Wish  # noqa: PLC0415 - see above
    from ovk_archive.export.writing import export as write  # noqa: PLC0415 - see above

    key = Path(task["archive"]).with_name("key") if task.get("pseudonyms") else None
    wish = Wish(
        selection=Selection(),
        format=task["format"],
        partition=task.get("partition"),
        key_file=key,
        new_key=key is not None and not key.exists(),
    )
    return _timed(task, lambda: write(Path(task["archive"]), Path(task["folder"]) / "export", wish))


def plain(task: Mapping[str, Any]) -> dict[str, float]:
    """The same rows in the plainest loop; Parquet is compared with that of CSV."""
    path = Path(task["folder"]) / "plain"
    loop = _json_lines if "json" in task["format"] else _csv_lines

    def work() -> None:
        with closing(sqlite3.connect(task["archive"])) as db:
            rows = db.execute("select * from messages where gone_at is null order by id")
            loop(path, [column[0] for column in rows.description], rows)

    return _timed(task, work)


def _json_lines(path: Path, names: list[str], rows: Iterator[tuple[Any, ...]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(dict(zip(names, row, strict=True))) + "\n")


def _csv_lines(path: Path, names: list[str], rows: Iterator[tuple[Any, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row in rows:
            writer.writerow(row)


def _timed(task: Mapping[str, Any], work: Callable[[], object]) -> dict[str, float]:
    """Do the work: seconds, CPU seconds, peak of memory, bytes written."""
    began, used = time.perf_counter(), time.process_time()
    work()
    files = [path for path in Path(task["folder"]).rglob("*") if path.is_file()]
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - used,
        "peak": peak(),
        "bytes": sum(path.stat().st_size for path in files),
        "files": len(files),
    }


if __name__ == "__main__":
    main()
