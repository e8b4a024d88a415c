"""What is stored of a version is what the server sent, however it lies in the file."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovk_archive.archive.versions import states
from ovk_archive.archive.versions.checkpoints import as_written
from ovk_archive.archive.versions.folding import folded, unfolded
from ovk_archive.archive.versions.layout import (
    RECORDS,
    SIGHTINGS,
    VIEW,
    as_number,
    as_text,
    time_of,
)
from ovk_archive.resources.messages import MESSAGES
from ovk_archive.resources.photos import PHOTOS
from ovk_archive.resources.vocabulary.rows import Table
from ovk_archive.resources.wall import POSTS

#: Texts of which some are long enough to be kept once, and some are hard to find by a path.
TEXTS = st.sampled_from(["", "a", "ночь, улица, фонарь", "x" * 16, "0" * 40, 'a"b' * 9, "\0" * 20])
NAMES = st.sampled_from(["text", "body", "title", "", 'a"b', "a.b", "a\\b", "$", "имя", "[0]"])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.one_of(
    TEXTS, TEXTS, st.none(), st.integers(), NUMBERS, st.booleans(),
    st.lists(TEXTS, max_size=2), st.dictionaries(NAMES, TEXTS, max_size=2),
)  # fmt: skip
SENT = st.dictionaries(NAMES, VALUES, max_size=8)


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    """A database with versions and nothing else."""
    with closing(sqlite3.connect(":memory:")) as made:
        for statement in (RECORDS, SIGHTINGS, f"create view _versions as {VIEW}"):
            made.execute(statement)
        yield made


def seen(db: sqlite3.Connection, **columns: Any) -> dict[str, Any]:
    """A version with these columns, as people see it."""
    db.execute("delete from _records")
    names = ", ".join(columns)
    marks = ", ".join("?" * len(columns))
    db.execute(f"insert into _records ({names}) values ({marks})", list(columns.values()))
    found = db.execute("select * from _versions")
    return dict(zip([one[0] for one in found.description], found.fetchone(), strict=True))


@given(sent=SENT)
def test_a_record_is_what_was_sent(db: sqlite3.Connection, sent: dict[str, Any]) -> None:
    """A record that repeats texts is told whole, by this program and by SQLite alone."""
    record, repeats = folded(sent)

    assert unfolded(record, repeats) == sent
    assert json.loads(seen(db, record=record, repeats=repeats)["record"]) == sent


def test_a_text_is_kept_once(db: sqlite3.Connection) -> None:
    """What a message says twice lies in the file once, and is read by its own path."""
    text = "Ночь, улица, фонарь, аптека"
    record, repeats = folded({"id": 1, "body": text, "text": text})
    shown = seen(db, record=record, repeats=repeats)["record"]

    assert record.count("аптека") == 1
    assert shown.count("аптека") == 2
    assert db.execute("select json_extract(?, '$.text')", (shown,)).fetchone() == (text,)


def test_a_damaged_record_is_shown_as_it_is(db: sqlite3.Connection) -> None:
    """What somebody has broken by hand breaks no question about versions."""
    assert seen(db, record="{", repeats='{"text":"body"}')["record"] == "{"


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999)))  # noqa: DTZ001 - the zone follows
def test_times_are_told_as_they_were(db: sqlite3.Connection, at: datetime) -> None:
    """A time that is stored as a number is the same text again, to the microsecond."""
    text = as_written(at.replace(tzinfo=UTC))
    number = as_number(text)

    assert isinstance(number, int)
    assert as_text(number) == text
    assert db.execute(f"select {time_of('?1')}", (number,)).fetchone() == (text,)


@pytest.mark.parametrize(
    "odd", [None, "", "then", "2026-01-01", "2026-01-01T00:00:00Z", "1960-01-01T00:00:00.000000Z",
            "2026-01-01T00:00:00.000000+01:00", "10000-01-01T00:00:00.000000Z"],
)  # fmt: skip
def test_odd_times_stay_as_they_are(db: sqlite3.Connection, odd: str | None) -> None:
    """What another program wrote as a time is kept as it is."""
    assert as_number(odd) == odd
    assert as_text(odd) == odd
    assert db.execute(f"select {time_of('?1')}", (odd,)).fetchone() == (odd,)


#: Values that a record, or its list, may give for a column.
ANY = st.one_of(st.none(), st.integers(0, 3), st.sampled_from(["", "a", "b"]))


@st.composite
def told(draw: st.DrawFn, table: Table) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """A record of a table, what is to be said beside it, and whether it is a part."""
    names = sorted(table.by_name)
    sent = draw(st.dictionaries(st.sampled_from(names), ANY, max_size=6))
    key = dict.fromkeys(table.key, 1)
    beside = draw(st.dictionaries(st.sampled_from(names), ANY, max_size=6))
    return sent | key, {n: v for n, v in beside.items() if n not in key}, draw(st.booleans())


@pytest.mark.parametrize("table", [MESSAGES, POSTS, PHOTOS], ids=lambda table: table.name)
@given(data=st.data())
def test_a_state_is_what_the_record_does_not_say(table: Table, data: st.DataObject) -> None:
    """Of what a row says, what the record says too is left out, and nothing is lost by that."""
    sent, given_, embedded = data.draw(told(table))
    row = table.row(sent, embedded=embedded, **given_)
    record, repeats, state = states.stored(row)
    noted = states.read(state)
    again = table.row(unfolded(record, repeats), embedded=embedded, **noted)
    alone = table.told_by(sent, embedded=embedded)

    assert again.values == row.values
    assert not [n for n, v in noted.items() if n in alone and alone[n] == v
                and type(alone[n]) is type(v)]  # fmt: skip
    whole = states.whole(table, sent, noted, embedded=embedded)
    assert states.beside(table, sent, whole, embedded=embedded) == noted
