"""`ovk-archive history`: the versions of one record, and what changed between them."""

import difflib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ovk_archive.cli.options import archive_argument, json_option
from ovk_archive.cli.words.sentences import did_you_mean

if TYPE_CHECKING:
    from ovk_archive.archive.history import Change, Entry
    from ovk_archive.resources.vocabulary.rows import Table

#: Characters up to which two values are shown beside each other.
_SHORT = 60


# A key may begin with a minus: the posts of groups have such owners.
@click.command(context_settings={"ignore_unknown_options": True})
@archive_argument
@click.argument("kind")
@click.argument("key")
@json_option
def history(archive: Path, kind: str, key: str, as_json: bool) -> None:
    """Show all versions of one record in ARCHIVE.

    KIND is a table or one of its rows (posts or post), KEY what names the record there: 1_149 for
    number 149 of owner 1, 25 where numbers are the instance's.
    """
    from ovk_archive.archive.archive import Archive
    from ovk_archive.archive.history import history as versions
    from ovk_archive.archive.history import missed_since, plain_key
    from ovk_archive.cli.words.output import print_json, show

    table, named = _table(kind), plain_key(key)
    with Archive.read(archive) as held:
        # A key may be a text, of which nothing is to be left out.
        name = key if versions(held, table, key) else named
        entries, missed = versions(held, table, name), missed_since(held, table, name)
    if not entries:
        columns = "_".join(column.upper() for column in table.key)
        raise click.BadParameter(
            f"{archive} has no {key!r} in {table.name}: a key looks like {columns} there.",
            param_hint="KEY",
        )
    if as_json:
        print_json([entry.to_json() for entry in entries])
    else:
        show(_story(table, name, entries, missed))


def _table(kind: str) -> "Table":
    from ovk_archive.archive.history import kinds
    from ovk_archive.resources import DERIVED

    table = kinds().get(kind.lower())
    if table is None:
        names = ", ".join(one.name for one in DERIVED)
        guess = did_you_mean(kind, kinds())
        raise click.BadParameter(f"{kind!r} is none of {names}.{guess}", param_hint="KIND")
    return table


def _story(table: "Table", name: str, entries: "list[Entry]", missed: str | None) -> Iterator[str]:
    yield f"{table.title} {name}"
    before: dict[bool, Entry] = {}
    for entry in entries:
        yield ""
        yield _head(entry)
        if entry.embedded in before:
            yield from _differences(table, before[entry.embedded], entry)
        else:
            yield from _values(table, entry)
        before[entry.embedded] = entry
        if entry.gone_at:
            yield f"  gone since {_minute(entry.gone_at)}"
    if missed:
        yield f"  not found {_minute(missed)}; a second reading has not confirmed it yet"


def _head(entry: "Entry") -> str:
    seen = f"{_minute(entry.first_seen_at)} to {_minute(entry.last_seen_at)}"
    return f"Seen from {seen}{', as an attachment' if entry.embedded else ''}"


def _minute(moment: str) -> str:
    return f"{moment[:16].replace('T', ' ')} UTC"


def _values(table: "Table", entry: "Entry") -> Iterator[str]:
    """The content of a first version."""
    from ovk_archive.archive.history import told

    for name in told(table) if not table.relation else ():
        value = entry.values.get(name)
        if value not in (None, ""):
            first, *others = _shown(table, name, value).splitlines() or [""]
            yield f"  {name}: {first}"
            yield from (f"    {line}" for line in others)


def _differences(table: "Table", before: "Entry", entry: "Entry") -> Iterator[str]:
    """What a later version changed."""
    if not entry.changed:
        # What differs may be a field that an older program did not know.
        yield (
            "  back again, unchanged"
            if before.gone_at
            else "  no difference that this program can show"
        )
    for name, change in entry.changed.items():
        yield from _difference(table, name, change)


def _difference(table: "Table", name: str, change: "Change") -> Iterator[str]:
    old, new = (_shown(table, name, value) for value in change)
    if len(old) + len(new) <= _SHORT and "\n" not in old + new:
        yield f"  {name}: {old or '(nothing)'} -> {new or '(nothing)'}"
        return
    yield f"  {name}:"
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), n=1, lineterm=""))
    if not lines:
        yield "    only where lines end"
    # The names of two files, and where the first stretch begins, say nothing here.
    for line in lines[3:]:
        yield "    …" if line.startswith("@@") else f"    {line[:1]} {line[1:]}".rstrip()


def _shown(table: "Table", name: str, value: Any) -> str:
    """A value as a person reads it; a unix time is also told as UTC."""
    if value is None:
        return ""
    column = table.by_name.get(name)
    if column and (column.unit or "").startswith("unix time") and isinstance(value, int):
        try:
            moment = datetime.fromtimestamp(value, UTC)
        except (ValueError, OverflowError, OSError):
            return str(value)
        return f"{value} ({moment:%Y-%m-%d %H:%M:%S} UTC)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
