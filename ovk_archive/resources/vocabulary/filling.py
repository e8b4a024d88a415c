"""How a record fills the columns of a table: value by value, each as its column can keep it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.columns import Column
from ovk_archive.resources.vocabulary.records import (
    LEAST,
    MISSING,
    MOST,
    UNREADABLE,
    Record,
    fitted,
)

#: What reads such numbers only.
_BOUNDED = frozenset({values.flag, values.negated, values.person})
#: And what leaves a number as it is, so that it need not be asked.
_LEAVING = frozenset({values.whole, values.tally})
#: A column's name, the one field it looks at, how that is read, what type is left as it is, as what
#: type it is kept, whether it is never too large for that, and the column itself.
Step = tuple[str, str | None, Callable[[Any], Any] | None, Any, Any, bool, Column]


def steps(columns: Iterable[Column], given: tuple[str, ...]) -> tuple[Step, ...]:
    """What is asked of each column that is not given."""
    return tuple(
        (
            c.name, c.single, c.read, int if c.read in _LEAVING else None, c.type,
            c.type is str or c.read in _BOUNDED, c,
        )
        for c in columns
        if c.name not in given and c.at is not None
    )  # fmt: skip


# In one piece, for every value that ever comes passes here: calls would double the time.
def fill(  # noqa: C901
    kept: dict[str, Any], plan: Iterable[Step], record: Record, key: tuple[str, ...], embedded: bool
) -> tuple[str, ...]:
    """Put what a record says into `kept`; the columns that cannot keep it."""
    misfits: tuple[str, ...] = ()
    lacking = MISSING if embedded else None
    for name, step, read, left, kind, is_bounded, column in plan:
        try:
            if step is None:
                value = column.find(record)
                if value is MISSING:
                    value = lacking
            else:
                value = record.get(step, lacking)
                if read is not None and type(value) is not left and value is not lacking:
                    value = read(value)
            # The quick ways first.
            if type(value) is kind and (is_bounded or LEAST <= value <= MOST):
                # In some forms of a part, what is empty in others is missing.
                if not embedded or value != "":
                    kept[name] = value
            elif value is None:
                kept[name] = None
            elif value is not MISSING:
                kept[name] = fitted(value, kind, is_key=name in key)
        except UNREADABLE:
            kept[name] = None
            misfits += (name,)
    return misfits


def taken(
    given: Mapping[str, Any], types: Mapping[str, Any], key: tuple[str, ...]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Values that the record does not say, as the columns can keep them; and which cannot be.

    Some come from another record, so they may be anything too.
    """
    kept = dict[str, Any]()
    misfits: tuple[str, ...] = ()
    for name, value in given.items():
        kind = types.get(name)
        if kind is None:
            continue  # An older program had such a column.
        if value is None or (type(value) is kind and (kind is str or LEAST <= value <= MOST)):
            kept[name] = value
            continue
        try:
            kept[name] = fitted(value, kind, is_key=name in key)
        except UNREADABLE:
            kept[name] = None
            misfits += (name,)
    return kept, misfits
