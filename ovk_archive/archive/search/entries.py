"""Entries of an index: the words of a row's texts, put in and taken out again."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence

from ovk_archive.archive.search.declared import index_of, search_of
from ovk_archive.archive.search.words import stems, words
from ovk_archive.resources.vocabulary.rows import Table

#: The texts of a row or of a version, in the order in which they are declared.
Texts = Sequence[str | None]
#: Their words, and behind them the stems of these: what is put in is to be taken out again.
Entry = tuple[str, ...]


def entry(table: Table, texts: Texts) -> Entry | None:
    """What the index has of these texts; None if there is no word in them."""
    return entries_of(table)(texts)


def entries_of(table: Table) -> Callable[[Texts], Entry | None]:
    """What makes the entries of a table's texts, for many of them."""
    search = search_of(table)
    ways = [search.reads.get(name) for name in search.columns]

    def made(texts: Texts) -> Entry | None:
        found = tuple(
            [
                _indexed(text if way is None else way(text)) if text else ""
                for way, text in zip(ways, texts, strict=True)
            ]
        )
        return found if any(found) else None

    return made


def _indexed(text: str) -> str:
    found = words(text)
    return " ".join(found + stems(found))


def as_blobs(table: Table, alias: str) -> str:
    """The texts of a row, as SQL: a text that is not UTF-8 keeps nobody from searching the rest."""
    return ", ".join(f'cast({alias}."{name}" as blob)' for name in search_of(table).columns)


def read(blobs: Iterable[bytes | None]) -> list[str | None]:
    """Texts that were asked for as blobs."""
    return [None if one is None else one.decode("utf-8", "replace") for one in blobs]


def noted(was: bytes) -> list[str | None]:
    """The texts that a trigger noted."""
    found: list[str | None] = json.loads(was.decode("utf-8", "replace"))
    return found


def put_in(db: sqlite3.Connection, table: Table, entries: Iterable[tuple[int, Entry]]) -> None:
    """Put entries into an index; the fewer of their numbers go down, the better."""
    names = ", ".join(f'"{name}"' for name in search_of(table).columns)
    marks = ", ".join("?" * (len(search_of(table).columns) + 1))
    db.executemany(
        f'insert into "{index_of(table)}" (rowid, {names}) values ({marks})',
        [(number, *one) for number, one in entries],
    )


def take_out(db: sqlite3.Connection, table: Table, entries: Iterable[tuple[int, Entry]]) -> None:
    """Take entries out of an index, with the very words that were put in."""
    name = index_of(table)
    names = ", ".join(f'"{one}"' for one in search_of(table).columns)
    marks = ", ".join("?" * (len(search_of(table).columns) + 1))
    db.executemany(
        f'insert into "{name}" ("{name}", rowid, {names}) values (\'delete\', {marks})',
        [(number, *one) for number, one in entries],
    )
