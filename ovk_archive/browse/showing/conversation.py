"""A conversation as people see it: day by day, what one person says at once in one piece."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ovk_archive.browse.showing.parts.people import People, Person, people
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.texts import Piece, pieces
from ovk_archive.browse.showing.parts.times import END, first_of, seconds, year_of

#: Messages on one page.
PAGE = 60
#: Seconds after which somebody who goes on says something new.
_AT_ONCE = 300
#: Messages of a year that are counted; of more it is said that there are more.
MOST_COUNTED = 10_000
_COLUMNS = "id, from_id, date, text, out, gone_at"

_DAY, _LARGE = 86_400, 1 << 62

#: Number, author, date, text, whether it is the account's, since when it is gone.
_Row = tuple[int, int, int, str | None, int, str | None]
#: A message's place in its conversation: date and number.
_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Where:
    """Which page of a conversation.

    Attributes:
        before: what was said before this message; likewise `after`.
        at: what was said around this message.
        since: what was said from this unix time on.
    """

    before: int | None = None
    after: int | None = None
    at: int | None = None
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes:
        edits: how many other texts it had.
    """

    id: int
    date: int
    text: tuple[Piece, ...]
    gone_at: str | None
    edits: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What one person said at once."""

    author: Person
    is_mine: bool
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """What was said on one day (UTC); `date` is a second of it."""

    date: int
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """A year in which something was said; of more than `MOST_COUNTED` messages one more is told."""

    year: int
    messages: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """A page of a conversation.

    Attributes:
        older: the first message of the page, if there are older ones; likewise `newer`.
        at: the message that is looked for.
    """

    peer: Person
    days: tuple[Day, ...]
    years: tuple[Year, ...]
    older: int | None
    newer: int | None
    at: int | None = None


def conversation(db: Reading, peer: int, where: Where | None = None) -> Conversation:
    """A page of a conversation: the newest, if nothing else is said."""
    where = where or Where()
    older, newer = _around(db, peer, where)
    rows = [*reversed(older[:PAGE]), *newer[:PAGE]]
    known = people(db, [peer, *(row[1] for row in rows)])
    edited = _edits(db, [row[0] for row in rows])
    has_older, has_newer = _more(db, peer, rows)
    return Conversation(
        peer=known[peer],
        days=tuple(_days(rows, known, edited)),
        years=tuple(_years(db, peer)),
        older=rows[0][0] if has_older else None,
        newer=rows[-1][0] if has_newer else None,
        at=where.at,
    )


def _around(db: Reading, peer: int, where: Where) -> tuple[list[_Row], list[_Row]]:
    """Rows before a place, the nearest first, and rows behind it."""
    if where.since is not None:
        return [], _newer(db, peer, (where.since, -_LARGE), PAGE)
    for number, size in ((where.after, (0, PAGE)), (where.before, (PAGE, 0)),
                         (where.at, (PAGE // 2, PAGE // 2))):  # fmt: skip
        place = None if number is None else _place(db, peer, number)
        if place is not None:
            behind = (place[0], place[1] - 1) if where.at is not None else place
            return _older(db, peer, place, size[0]), _newer(db, peer, behind, size[1])
    return _older(db, peer, (_LARGE, _LARGE), PAGE), []


def _place(db: Reading, peer: int, number: int) -> _Place | None:
    """Where a message stands; None if it is in no such conversation."""
    sql = "select ifnull(date, 0), id from messages where id = ? and peer_id = ?"
    found = db.execute(sql, (number, peer)).fetchone()
    return (found[0], found[1]) if found else None


def _older(db: Reading, peer: int, place: _Place, size: int) -> list[_Row]:
    return db.execute(
        f"select {_COLUMNS} from messages where peer_id = ? and (date, id) < (?, ?) "
        "order by date desc, id desc limit ?",
        (peer, *place, size),
    ).fetchall()


def _newer(db: Reading, peer: int, place: _Place, size: int) -> list[_Row]:
    return db.execute(
        f"select {_COLUMNS} from messages where peer_id = ? and (date, id) > (?, ?) "
        "order by date, id limit ?",
        (peer, *place, size),
    ).fetchall()


def _more(db: Reading, peer: int, rows: Sequence[_Row]) -> tuple[bool, bool]:
    """Whether there is something before these rows, and behind them."""
    if not rows:
        return False, False
    first, last = ((row[2], row[0]) for row in (rows[0], rows[-1]))
    return bool(_older(db, peer, first, 1)), bool(_newer(db, peer, last, 1))


def _edits(db: Reading, numbers: Iterable[int]) -> dict[int, int]:
    """How many other texts messages had, of those that had any."""
    rows = db.execute(
        "select record_key, count(distinct ifnull(json_extract(record, '$.text'), '')) - 1 as n "
        "from _versions where resource = 'messages' and not embedded "
        "and record_key in (select value from json_each(?)) group by record_key having n > 0",
        (json.dumps([str(number) for number in numbers]),),
    )
    return {int(key): n for key, n in rows.fetchall()}


def _days(rows: Iterable[_Row], known: People, edited: Mapping[int, int]) -> Iterator[Day]:
    for _, some in groupby(rows, key=lambda row: _when(row) // _DAY):
        of_day = list(some)
        yield Day(_when(of_day[0]), tuple(_turns(of_day, known, edited)))


def _turns(rows: Sequence[_Row], known: People, edited: Mapping[int, int]) -> Iterator[Turn]:
    said: list[_Row] = []
    for row in rows:
        goes_on = said and row[1] == said[-1][1] and _when(row) - _when(said[-1]) <= _AT_ONCE
        if said and not goes_on:
            yield _turn(said, known, edited)
            said = []
        said.append(row)
    if said:
        yield _turn(said, known, edited)


def _when(row: _Row) -> int:
    """Its time; 0 if it has none."""
    return seconds(row[2]) or 0


def _turn(rows: Sequence[_Row], known: People, edited: Mapping[int, int]) -> Turn:
    messages = (
        Message(row[0], _when(row), tuple(pieces(row[3] or "")), row[5], edited.get(row[0], 0))
        for row in rows
    )
    return Turn(known[rows[0][1]], bool(rows[0][4]), tuple(messages))


def _years(db: Reading, peer: int) -> Iterator[Year]:
    """The years in which something was said."""
    # Both at once would look at every row.
    ends = db.execute(
        "select (select min(date) from messages where peer_id = ?1 and date > 0), "
        "(select max(date) from messages where peer_id = ?1 and date < ?2)",
        (peer, END),
    ).fetchone()
    if seconds(ends[0]) is None or seconds(ends[1]) is None:
        return
    for year in range(year_of(ends[0]), year_of(ends[1]) + 1):
        span = (first_of(year), first_of(year + 1))
        sql = (
            "select count(*) from (select 1 from messages "
            "where peer_id = ? and date >= ? and date < ? limit ?)"
        )
        number = db.execute(sql, (peer, *span, MOST_COUNTED + 1)).fetchone()[0]
        if number:
            yield Year(year, number)
