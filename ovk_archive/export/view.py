"""What of a table is exported: which columns, which rows, in which order."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ovk_archive.resources.vocabulary.columns import Kind
from ovk_archive.resources.vocabulary.rows import Table

#: The values of one row, in the order of a view's fields.
Values = tuple[Any, ...]
#: The function of SQLite by which rows are ordered whose own order would tell something.
SHUFFLED = "shuffled"


@dataclass(frozen=True, slots=True)
class Field:
    """One exported column.

    Attributes:
        type: `integer` or `string`.
        kind: what a change of it means; None for what the archive itself notes.
        unit: seconds, bytes, "unix time (seconds)" …
        references: the table whose `id` it holds.
        flag: where it is a number, it is 1 for yes and 0 for no.
    """

    name: str
    type: str
    doc: str
    kind: Kind | None = None
    unit: str | None = None
    references: str | None = None
    flag: bool = False

    @property
    def is_moment(self) -> bool:
        """It holds a unix time."""
        return (self.unit or "").startswith("unix time")

    @property
    def is_flag(self) -> bool:
        """It holds a yes or a no."""
        return self.flag and self.type == "integer"


@dataclass(frozen=True, slots=True)
class View:
    """The rows of one table that are exported.

    Attributes:
        where: a condition on the table's columns.
        values: what is bound in it.
        narrowed: which wishes of the selection apply to this table, for the manifest.
        inside: the condition on rows that are told inside a record which is exported.
        inside_values: what is bound in that.
        hashed: columns whose values are replaced, and whose order would tell what they were.
        silent: columns by which nothing is ordered: left out, or told less exactly.
        ordering: what rows are ordered by, if not by their key.
    """

    table: Table
    fields: tuple[Field, ...]
    where: str = "1"
    values: tuple[Any, ...] = ()
    narrowed: tuple[str, ...] = ()
    inside: str = "1"
    inside_values: tuple[Any, ...] = ()
    hashed: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    ordering: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The table's name, which the file has too."""
        return self.table.name

    @property
    def sql(self) -> str:
        """The query; rows come in the order of their key, so that files are the same each time."""
        columns = ", ".join(f'"{field.name}"' for field in self.fields)
        order = self.order(self.ordering or self.table.key)
        return f'select {columns} from "{self.name}" where {self.where} order by {order}'

    def order(self, columns: Iterable[str]) -> str:
        """What rows are ordered by, as SQL; columns that are hashed by `SHUFFLED`, not as they are.

        That is a function of SQLite, which whoever hashes adds to the snapshot. Each table is
        shuffled in its own way, and a column in another way for each value of those before it: else
        one order, once known, would tell the others.
        """
        terms, mixed = [], [f"'{self.name}'"]
        for name in columns:
            if name in self.hashed:
                mixed.append(f'"{name}"')
                value = " || ' ' || ".join(mixed)
                terms.append(f"{SHUFFLED}({value})")
            elif name not in self.silent:
                terms.append(f'"{name}"')
        return ", ".join(terms)


@dataclass(frozen=True, slots=True)
class Written:
    """A file of an export: where it is inside the folder, and how many rows it has."""

    path: str
    rows: int


#: Changes a view and, row by row, its values: pseudonyms, columns left out.
Transform = Callable[[View], tuple[View, Callable[[Values], Values]]]


class Writer(Protocol):
    """Writes one table in one format; rows stream through it."""

    def write(self, folder: Path, view: View, rows: Iterable[Values]) -> Iterator[Written]:
        """Write the rows into one file or several."""
