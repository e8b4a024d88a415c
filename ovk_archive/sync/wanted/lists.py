"""Lists of numbers as a person gives them: text files, as `export --format ids` writes them."""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from ovk_archive.errors import BadInputError
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.by_number import Key
from ovk_archive.resources.vocabulary.records import MOST
from ovk_archive.resources.vocabulary.rows import Table

#: Tables whose rows have numbers.
NUMBERED: dict[str, Table] = {
    one.name: one
    for one in TABLES
    if not one.relation and all(one.by_name[name].type is int for name in one.key)
}
_MANIFEST = "MANIFEST.json"
_STDIN = Path("-")
_SQLITE = b"SQLite format 3\x00"
_MOST_SHOWN = 40


@dataclass(slots=True)
class Wanted:
    """What a person named.

    Attributes:
        keys: table -> the keys, each once, in the order in which they were named.
        instance: whose numbers they are, if the export says so.
    """

    keys: dict[str, dict[Key, None]] = field(default_factory=dict)
    instance: str | None = None


def read_lists(source: Path, tables: tuple[str, ...] = ()) -> Wanted:
    """Read one list, or all that lie in a folder; `-` is standard input.

    Args:
        source: the list, or the folder.
        tables: of a folder only these; of a list that is not called after its table, which it is.

    Raises:
        BadInputError: there is none, or a line of it is no number.
    """
    wanted = Wanted()
    _look_at(source)
    for table, path in _found(source, tables):
        keys = wanted.keys.setdefault(table.name, {})
        with _opened(path) as file:
            keys.update(dict.fromkeys(_keys(file, _called(path), table)))
    if not any(wanted.keys.values()):
        raise BadInputError(f"{_called(source)} names nothing: a line names one thing, by number.")
    if source != _STDIN:
        said = _said(source)
        instance = said.get("instance")
        wanted.instance = instance if isinstance(instance, str) else None
    return wanted


def _look_at(source: Path) -> None:
    """Refuse what is no list, before its name is taken for that of a table."""
    if source == _STDIN or source.is_dir():
        return
    try:
        with source.open("rb") as file:
            head = file.read(len(_SQLITE))
    except OSError as error:
        raise BadInputError(f"{source} cannot be read: {error.strerror or error}.") from error
    if head == _SQLITE:
        raise BadInputError(f"{source} is a database: name the list first, then the archive.")


def _found(source: Path, tables: tuple[str, ...]) -> Iterable[tuple[Table, Path]]:
    """The lists, each with the table that it is of."""
    if source.is_dir():
        lists = {path.stem: path for path in sorted(source.glob("*.txt"))}
        if not lists:
            raise BadInputError(
                f"There is no list in {source}: `ovk-archive export --format ids` writes some."
            )
        named = tables or tuple(lists)
        if missing := [one for one in named if one not in lists]:
            raise BadInputError(f"There is no list {missing[0]}.txt in {source}.")
        return [(_table(name, lists[name]), lists[name]) for name in named]
    if len(tables) > 1:
        raise BadInputError(f"{_called(source)} is one list: name one --table.")
    return [(_table(tables[0] if tables else source.stem, source), source)]


def _table(name: str, path: Path) -> Table:
    if name not in NUMBERED:
        raise BadInputError(
            f"{_called(path)} does not say by its name of which table its numbers are: add "
            f"--table with one of {', '.join(NUMBERED)}."
        )
    return NUMBERED[name]


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """A list; what it cannot be is told."""
    if path == _STDIN:
        yield sys.stdin
        return
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield file
    except OSError as error:
        raise BadInputError(f"{path} cannot be read: {error.strerror or error}.") from error


def _keys(file: TextIO, called: str, table: Table) -> Iterator[Key]:
    shape = re.compile("_".join([r"(-?\d{1,19})"] * len(table.key)), re.ASCII)
    try:
        for number, line in enumerate(file, 1):
            # PowerShell begins what it pipes with a mark.
            if text := line.strip().strip("\ufeff"):
                match = shape.fullmatch(text)
                key = tuple(map(int, match.groups())) if match else ()
                if not _can_be(key):
                    raise _refused(called, number, text, table)
                yield key
    except UnicodeDecodeError as error:
        raise BadInputError(f"{called} is no text: a list has a number on each line.") from error


def _can_be(key: Key) -> bool:
    """Only whose it is may be negative, for a group; nothing has the number 0."""
    owner, number = (key or (0,))[0], (key or (0,))[-1]
    return bool(owner) and 0 < number <= MOST and -MOST <= owner <= MOST


def _refused(called: str, number: int, text: str, table: Table) -> BadInputError:
    shown = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
    example = "25" if len(table.key) == 1 else "1_25 (owner and number)"
    return BadInputError(
        f"{called}, line {number}: {shown!r} is no number of table {table.name}; one is written "
        f"like {example}."
    )


def _said(source: Path) -> Mapping[str, Any]:
    """What the manifest of an export says, if the list is one of its files.

    Raises:
        BadInputError: its numbers are not those of the instance.
    """
    folder = source if source.is_dir() else source.parent
    try:
        said = json.loads((folder / _MANIFEST).read_bytes())
        files = {one["path"] for one in said["files"]}
        options = dict(said["options"])
    except (OSError, ValueError, TypeError, KeyError):
        return {}
    if source != folder and source.name not in files:
        return {}
    if options.get("pseudonymise"):
        raise BadInputError(
            f"The numbers in {folder} are pseudonyms: there is nothing that could be asked for."
        )
    return dict(said)


def _called(path: Path) -> str:
    return "The standard input" if path == _STDIN else str(path)
