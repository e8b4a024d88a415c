"""How records become rows: digests stay as they are, and the quick ways as the slow ones."""

import hashlib
import json
from math import inf
from typing import Any

from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.columns import Column, counter, number, viewer
from ovk_archive.resources.vocabulary.columns import content as plain
from ovk_archive.resources.vocabulary.columns import given as told
from ovk_archive.resources.vocabulary.records import (
    LEAST,
    MISSING,
    MOST,
    UNREADABLE,
    UnfitError,
    fitted,
)
from ovk_archive.resources.vocabulary.rows import Table

#: A column for each way to read.
THINGS = Table(
    name="things",
    title="Things",
    doc="Things.",
    key=("id",),
    columns=(
        number("id", "Its number"),
        number("zahl", "A number"),
        plain("text", str, "A text", read=values.text),
        plain("as_it_is", str, "A text, or what comes in its place"),
        plain("fact", str, "Anything", read=values.fact),
        plain("name", str, "The name of a number", ("number",), read=values.whole),
        plain("elsewhere", int, "A number within", ("inner", "number"), read=values.whole),
        plain("also", int, "A number here or there", ("one",), also=(("other",),)),
        Column(name="person", type=int, doc="Who", at=("from",), read=values.person),
        counter("likes", "How many like it"),
        viewer("mine", "Whether I do"),
        told("owner_id", int, "Whose"),
    ),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([LEAST, LEAST - 1, MOST, MOST + 1, 2**64, -(2**70)]),
    st.sampled_from([0.0, -0.0, 1.0, 1.5, 1e300, inf, -inf, 9.3e18]),
    st.sampled_from(["", "1", "-7", "x", "&amp;", 'ё\n"\\\x00\x7f\u2028', "9" * 30, "\ud83d"]),
)
ANYTHING: st.SearchStrategy[Any] = SCALARS | st.one_of(
    st.lists(SCALARS, max_size=2),
    st.dictionaries(st.sampled_from(["count", "number", "b", "a"]), SCALARS, max_size=3),
)
FIELDS = ("id", "zahl", "text", "as_it_is", "fact", "number", "inner", "one", "other", "from",
          "likes", "mine", "é", "zz", 'a"b')  # fmt: skip
RECORDS = st.dictionaries(st.sampled_from(FIELDS), ANYTHING).map(
    lambda record: record if "id" in record else {**record, "id": 7}
)


def slowly(record: dict[str, Any], *, embedded: bool) -> tuple[dict[str, Any], list[str]]:
    """What a row has, column by column, and which columns could not keep what is there."""
    kept: dict[str, Any] = {}
    misfits = []
    for column in (one for one in THINGS.columns if one.at is not None):
        try:
            value = column.find(record)
            if value is MISSING and embedded:
                continue
            value = None if value is MISSING else value
            right = type(value) is str if column.type is str else type(value) is int
            if value is not None and not (right and (type(value) is str or LEAST <= value <= MOST)):
                value = fitted(value, column.type, is_key=column.name == "id")
            if not (embedded and value == ""):
                kept[column.name] = value
        except UNREADABLE:
            kept[column.name] = None
            misfits.append(column.name)
    return kept, misfits


def digest(value: Any) -> bytes:
    """As the first version made it, and every archive has it."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@given(record=RECORDS, embedded=st.booleans())
@settings(max_examples=examples(3000), deadline=None)
def test_rows_and_digests(record: dict[str, Any], embedded: bool) -> None:
    """A row has what each column finds, and its digests are those of its JSON."""
    kept, misfits = slowly(record, embedded=embedded)
    try:
        row = THINGS.row(record, embedded=embedded)
    except UnfitError:
        assert kept.get("id") is None
        return

    assert {n: (type(v), repr(v)) for n, v in row.values.items()} == {
        n: (type(v), repr(v)) for n, v in kept.items()
    }
    assert sorted(row.misfits) == sorted(misfits)
    content = {n: v for n, v in kept.items() if n in THINGS.plain and v not in (None, "")}
    assert row.content == digest([content, {}])
    # What is empty says nothing.
    said = {n: v for n, v in record.items() if v not in (None, "", [], {})}
    unknown = {n: v for n, v in said.items() if n in FIELDS[-3:]}
    assert row.unknown == unknown
    assert row.rest == (digest(unknown) if unknown else None)


def test_digests_are_those_of_old_archives() -> None:
    """Digests that are in archives stay true: another one would make a version of each record."""
    record = {
        "id": 5,
        "zahl": -1,
        "text": 'ё "&amp;"\n',
        "fact": [1.5, None],
        "zz": {"b": 1, "a": []},
    }
    row = THINGS.row(record, owner_id=3)

    assert row.content.hex() == "2fc1244a6978305a51e2512f32e54438"
    assert row.rest is not None
    assert row.rest.hex() == "8ebd31f04fa306271e934437922175ec"
