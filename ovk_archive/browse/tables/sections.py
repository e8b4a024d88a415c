"""The tables of an archive in the order of its sections, with a line on each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ovk_archive.archive.tables.machinery import MACHINERY
from ovk_archive.browse.looks.wording import Wording
from ovk_archive.resources import LOOKUPS, RESOURCES, SECTIONS, TABLES, VIEWS

#: Tables that no list fills alone.
_BESIDE = {"audio": "audio", "poll_answers": "polls", "attachments": "wall", "media": "media"}


@dataclass(frozen=True, slots=True)
class Line:
    """A table, or a view.

    Attributes:
        name: in SQL.
        count: rows; None if there are too many to be counted at once, or they cannot be.
    """

    name: str
    title: str
    doc: str
    count: int | None = None
    is_view: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The tables of a section, under its name."""

    name: str
    lines: tuple[Line, ...]


def grouped(
    words: Wording, tables: Iterable[Mapping[str, Any]], views: Iterable[Mapping[str, Any]]
) -> tuple[tuple[Group, ...], Group]:
    """The tables that Datasette lists, section by section; and what is not declared, apart."""
    shown = {table["name"]: table["count"] for table in tables}
    _ = words.translations.gettext
    declared = {table.name: table for table in TABLES}
    groups = [
        Group(
            heading(words, section),
            tuple(
                Line(name, _(declared[name].title), _(declared[name].doc), shown[name])
                for name in names
                if name in shown
            ),
        )
        for section, names in by_section().items()
    ]
    files = Group(_("Which file belongs to what"), tuple(_views(words, views)))
    machinery = Group(
        _("How this archive keeps its books"), tuple(_machinery(shown.items(), views))
    )
    return tuple(group for group in (*groups, files) if group.lines), machinery


def by_section() -> dict[str, list[str]]:
    """Section -> the tables that its lists fill; each table once."""
    of = {lookup.table.name: lookup.section for lookup in LOOKUPS} | _BESIDE
    for resource in RESOURCES:
        of.setdefault(resource.table.name, resource.section)
    found: dict[str, list[str]] = {section: [] for section in ("people", *SECTIONS, "media")}
    for table in TABLES:
        found[of[table.name]].append(table.name)
    return {section: names for section, names in found.items() if names}


def _views(words: Wording, views: Iterable[Mapping[str, Any]]) -> Iterator[Line]:
    _ = words.translations.gettext
    declared = {view.name: view for view in VIEWS}
    titles = {f"{table.name}_media": table.title for table in TABLES}
    for view in views:
        name = view["name"]
        if name in MACHINERY:
            continue  # What the archive keeps its books in may be a view, too.
        known = name in declared
        title = _("%(table)s: files") % {"table": _(titles[name])} if known else name
        yield Line(name, title, "", is_view=True)


def _machinery(
    shown: Iterable[tuple[str, int | None]], views: Iterable[Mapping[str, Any]]
) -> Iterator[Line]:
    declared = {table.name for table in TABLES}
    also = [(view["name"], None) for view in views if view["name"] in MACHINERY]
    for name, count in sorted([*shown, *also]):
        if name not in declared:
            yield Line(name, name, MACHINERY[name][2] if name in MACHINERY else "", count)


def heading(words: Wording, section: str) -> str:
    """What a section is called."""
    _ = words.translations.gettext
    return {
        "people": _("People and groups"),
        "profile": _("The account"),
        "friends": _("Friends"),
        "groups": _("Groups of the account"),
        "wall": _("Wall"),
        "messages": _("Messages"),
        "photos": _("Photos"),
        "notes": _("Notes"),
        "audio": _("Music"),
        "video": _("Videos"),
        "docs": _("Documents"),
        "gifts": _("Gifts"),
        "polls": _("Polls"),
        "board": _("Boards of groups"),
        "notifications": _("Notifications"),
        "instance": _("The instance"),
        "voters": _("Votes"),
        "members": _("Members of groups"),
        "likes": _("Likes"),
        "newsfeed": _("Newsfeed"),
        "media": _("Files"),
    }.get(section, section)
