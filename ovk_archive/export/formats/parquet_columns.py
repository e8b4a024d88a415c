"""How the columns of a table become those of Parquet: types, values that fit, words about them."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from typing import Any

from ovk_archive.errors import BadInputError
from ovk_archive.export.view import Field, View

#: The years 1 to 9999 in unix time: what Python and every reader of Parquet know as a time.
FIRST, LAST = -62_135_596_800, 253_402_300_799

_INT64 = 2**63
#: What pyarrow raises for a value that is not of the type asked for.
_UNFIT = (TypeError, ValueError, OverflowError)


def schema_of(view: View) -> Any:
    """The columns with their types, and in words what they and the table are.

    The words of Arrow's fields are for readers that know Arrow; `columns` has them for all others.
    """
    pa = arrow()
    fields = [pa.field(one.name, kind_of(one).type, metadata=_words(one)) for one in view.fields]
    docs = {one.name: one.doc for one in view.fields}
    words = {
        "title": view.table.title,
        "description": view.table.doc,
        "columns": json.dumps(docs, ensure_ascii=False),
        "pandas": json.dumps(_for_pandas(view)),
    }
    return pa.schema(fields, metadata=words)


def _words(one: Field) -> dict[str, str]:
    words = {"description": one.doc, "unit": one.unit, "references": one.references}
    return {name: word for name, word in words.items() if word}


def _for_pandas(view: View) -> dict[str, Any]:
    """Asks pandas for numbers and flags that can be null, which it would turn into others."""
    columns = [
        {
            "name": one.name,
            "field_name": one.name,
            "pandas_type": "bool" if one.is_flag else "int64",
            "numpy_type": "boolean" if one.is_flag else "Int64",
            "metadata": None,
        }
        for one in view.fields
        if one.type == "integer" and not one.is_moment
    ]
    return {"index_columns": [], "column_indexes": [], "columns": columns}


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the values of a column become Arrow's.

    Attributes:
        type: Arrow's type.
        read: all values at once; fails if one of them does not fit.
        mend: a value -> one that fits, or None.
    """

    type: Any
    read: Callable[[Sequence[Any]], Any]
    mend: Callable[[Any], Any]

    def array(self, values: Sequence[Any]) -> Any:
        """The values, with those mended that do not fit."""
        try:
            return self.read(values)
        except _UNFIT:
            return self.read([None if value is None else self.mend(value) for value in values])


def kind_of(one: Field) -> _Kind:
    """How the values of a column become Arrow's."""
    pa = arrow()
    if one.type == "integer" and one.is_moment:
        return _Kind(pa.timestamp("s", "UTC"), _moments, _as_moment)
    if one.is_flag:
        return _Kind(pa.bool_(), _flags, _as_flag)
    if one.type == "integer":
        return _Kind(pa.int64(), _numbers, _as_number)
    if one.name.endswith("_at"):
        # What the archive notes of times: `first_seen_at`, and in `media` some others.
        return _Kind(pa.timestamp("us", "UTC"), _stamps, _as_stamp)
    return _Kind(pa.string(), _texts, _as_text)


def _numbers(values: Sequence[Any]) -> Any:
    if float in set(map(type, values)):
        # pyarrow would drop the fraction and say nothing.
        raise TypeError("a fraction is no whole number")
    return arrow().array(values, arrow().int64())


def _flags(values: Sequence[Any]) -> Any:
    if not {0, 1, None}.issuperset(values):
        raise ValueError("this is neither yes nor no")
    flags = [None if value is None else bool(value) for value in values]
    return arrow().array(flags, arrow().bool_())


def _moments(values: Sequence[Any]) -> Any:
    array = _numbers(values)
    span = arrow().compute.min_max(array).as_py()
    if array.null_count < len(array) and (span["min"] < FIRST or span["max"] > LAST):
        raise ValueError("this is outside of time")
    return array.cast(arrow().timestamp("s", "UTC"))


def _texts(values: Sequence[Any]) -> Any:
    return arrow().array(values, arrow().string())


def _stamps(values: Sequence[Any]) -> Any:
    return _texts(values).cast(arrow().timestamp("us", "UTC"))


def _as_number(value: Any) -> int | None:
    """The whole number that a value stands for."""
    with suppress(*_UNFIT):
        number = int(value)
        if -_INT64 <= number < _INT64 and not (isinstance(value, float) and number != value):
            return number
    return None


def _as_flag(value: Any) -> int | None:
    number = _as_number(value)
    return number if number in (0, 1) else None


def _as_moment(value: Any) -> int | None:
    number = _as_number(value)
    return number if number is not None and FIRST <= number <= LAST else None


def _as_text(value: Any) -> str:
    """Text that UTF-8 can say: U+FFFD stands for what it cannot."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _as_stamp(value: Any) -> str | None:
    with suppress(*_UNFIT):
        stamp = datetime.fromisoformat(value)
        if stamp.tzinfo is None:
            stamp = stamp.replace(tzinfo=UTC)
        return stamp.astimezone(UTC).isoformat(timespec="microseconds")
    return None


@cache
def arrow() -> Any:
    """The package pyarrow, of which no type information is published."""
    try:
        import_module("pyarrow.compute")
        import_module("pyarrow.parquet")
        return import_module("pyarrow")
    except ImportError as error:
        raise BadInputError(
            "Parquet is written by pyarrow, which is not installed: "
            "pip install 'ovk-archive[parquet]', or choose another --format."
        ) from error
