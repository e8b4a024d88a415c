"""Short ways to write a column: content, counter, viewer's view, link to a person."""

from collections.abc import Callable
from typing import Any

from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.rows import Column, Kind, Path


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
    return content(name, int, doc, at, **{"read": values.flag, **more})


def counter(name: str, doc: str, at: Path | None = None, **more: Any) -> Column:
    """A number that others change: kept current, no new version."""
    return content(name, int, doc, at, kind=Kind.VOLATILE, **{"read": values.tally, **more})


def viewer(name: str, doc: str, at: Path | None = None, **more: Any) -> Column:
    """A flag that depends on who asks."""
    return content(name, int, doc, at, kind=Kind.VIEWER, **{"read": values.flag, **more})


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
