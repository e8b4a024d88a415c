"""That the archives of a lake can be read together: a column has one type in all of them."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ovk_archive.errors import BadInputError
from ovk_archive.export.formats.parquet_columns import arrow


def check_types(lake: Path, name: str, new: Path) -> None:
    """Refuse columns that have other types in the lake: programs read a table as one.

    Args:
        lake: what there is.
        name: the archive that is replaced, whose types do not count.
        new: the new part, laid out as the lake.

    Raises:
        BadInputError: there is such a column.
    """
    for mine in sorted(new.glob(f"*/archive={name}")):
        table = mine.parent.name
        others = sorted((lake / table).glob("archive=*"))
        _check_table(table, _schema(mine), (one for one in others if one.name != mine.name))


def _check_table(table: str, mine: Any, others: Iterable[Path]) -> None:
    unknown = set(mine.names)
    for other in others:
        if not unknown:
            # The others agree with each other.
            return
        schema = _schema(other)
        for column, here, there in _differing(mine, schema):
            raise BadInputError(
                f"Column {column} of {table} has the type {there} in {other}, and would have "
                f"{here} now, so that no program could read both: export with the same options "
                "and version, or into another lake."
            )
        unknown.difference_update(schema.names)


def _schema(part: Path) -> Any:
    """The columns of an archive's rows of a table; an export gives all its files the same."""
    pa = arrow()
    while True:
        try:
            file = next(part.rglob("*.parquet"), None)
            return pa.schema([]) if file is None else pa.parquet.read_schema(file)
        except FileNotFoundError:
            # It has just been replaced; or taken away, and then there is none.
            continue
        except ValueError:
            # What else somebody put there is not ours to judge.
            return pa.schema([])


def _differing(mine: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    for one in mine:
        place = other.get_field_index(one.name)
        if place >= 0 and other.field(place).type != one.type:
            yield one.name, one.type, other.field(place).type
