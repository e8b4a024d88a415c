"""Columns: what one is, and short ways to write it (content, counter, viewer's view, link)."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.records import MISSING, Path, Record, dig


class Kind(Enum):
    """What a change of a column means."""

    PLAIN = "content"
    ADDRESS = "address of a file, kept current; another file is another content"
    VOLATILE = "counter or status, kept current"
    VIEWER = "depends on who asks, kept current"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: where in the record it is found, and what it means.

    Attributes:
        at: path into the record; `()` is the whole record; None: the partition gives the value.
        also: other paths, tried in turn (the generations spell some fields differently).
        read: turns the value found into the value stored.
        claims: top-level fields this column accounts for, where `at` does not say.
        unit: for readers: seconds, pixels, bytes, "unix time".
        references: the table whose `id` this column holds.
        keep: a null never overwrites a value (a field that only some answers of the API fill).
        flag: it is 1 for yes, 0 for no, and nothing else.
    """

    name: str
    type: type
    doc: str
    at: Path | None = None
    also: tuple[Path, ...] = ()
    read: Callable[[Any], Any] | None = None
    kind: Kind = Kind.PLAIN
    claims: tuple[str, ...] = ()
    unit: str | None = None
    references: str | None = None
    keep: bool = False
    flag: bool = False

    def find(self, record: Record) -> Any:
        """The value to store, or MISSING."""
        for path in (self.at, *self.also):
            value = dig(record, path)
            if value is not MISSING:
                return self.read(value) if self.read else value
        return MISSING

    @property
    def single(self) -> str | None:
        """The top-level field that is the only place to look, as for most columns."""
        return self.at[0] if self.at and len(self.at) == 1 and not self.also else None

    @property
    def fields(self) -> tuple[str, ...]:
        """The record's top-level fields that this column accounts for."""
        return self.claims + tuple(path[0] for path in (self.at, *self.also) if path)


def content(name: str, type_: type, doc: str, at: Path | None = None, **more: Any) -> Column:
    """A column whose change makes a new version; found under its own name unless `at` says so."""
    return Column(name=name, type=type_, doc=doc, at=(name,) if at is None else at, **more)


def number(name: str, doc: str, at: Path | None = None, **more: Any) -> Column:
    """Content that is a whole number."""
    return content(name, int, doc, at, **{"read": values.whole, **more})


def moment(name: str, doc: str, at: Path | None = None, **more: Any) -> Column:
    """Content that is a time."""
    return number(name, doc, at, unit="unix time (seconds)", **more)


def address(name: str, doc: str, at: Path | None = None, **more: Any) -> Column:
    """The address of a file: kept current, for an instance calls a file by several."""
    return content(name, str, doc, at, kind=Kind.ADDRESS, **{"read": values.link, **more})


def yes_no(name: str, doc: str, at: Path | None = None, **more: Any) -> Column:
    """Content that is 1 or 0."""
    return content(name, int, doc, at, **{"read": values.flag, "flag": True, **more})


def counter(name: str, doc: str, at: Path | None = None, **more: Any) -> Column:
    """A number that others change: kept current, no new version."""
    return content(name, int, doc, at, kind=Kind.VOLATILE, **{"read": values.tally, **more})


def viewer(name: str, doc: str, at: Path | None = None, **more: Any) -> Column:
    """A flag that depends on who asks."""
    own = {"read": values.flag, "flag": True, **more}
    return content(name, int, doc, at, kind=Kind.VIEWER, **own)


def given(name: str, type_: type, doc: str, **more: Any) -> Column:
    """A value that the list gives, not the record."""
    return Column(name=name, type=type_, doc=doc, **more)


def someone(name: str, doc: str) -> tuple[Column, Column, Column]:
    """A signed id as the API writes it, and the person or group it means as foreign keys."""
    stem = name.removesuffix("_id")
    return (
        number(name, f"{doc}; negative for a group"),
        _side(f"{stem}_user_id", f"{doc}, if a person", name, "users", values.person),
        _side(f"{stem}_group_id", f"{doc}, if a group", name, "groups", values.group),
    )


def user(name: str, doc: str, at: Path | None = None, **more: Any) -> Column:
    """A person's id."""
    return number(name, doc, at, references="users", **{"read": values.person, **more})


def _side(name: str, doc: str, of: str, table: str, read: Callable[[Any], Any]) -> Column:
    return Column(name=name, type=int, doc=doc, at=(of,), read=read, references=table)
