"""A conversation as people see it: day by day, what one person says at once in one piece."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ovk_archive.browse.showing.parts.people import People, Person, people
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.texts import Piece, pieces
from ovk_archive.browse.showing.parts.times import first_of, year_of
from ovk_archive.browse.showing.parts.values import (
    LARGE,
    MOST_LETTERS,
    Count,
    counted,
    fitting,
    tomorrow,
    whole,
    words,
)
from ovk_archive.browse.showing.parts.versions import edits
from ovk_archive.resources.messages import MESSAGES

#: Messages on one page.
PAGE = 60
#: Seconds after which somebody who goes on says something new.
_AT_ONCE = 300
#: Messages of a year that are counted; of more it is said that there are more.
MOST_COUNTED = 10_000
_COLUMNS = "id, from_id, date, text, out, gone_at"

_DAY = 86_400

#: Number, author, date, text, whether it is the account's, since when it is gone.
_Row = tuple[int, int, int | None, str | None, int, str | None]
#: A message's place in its conversation: date and number. What has no date comes before the rest.
_Place = tuple[int | None, int]


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
        edits: how many times its text was edited.
    """

    id: int
    date: int | None
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
    """What was said on one day (UTC); `date` is a second of it, if it has one."""

    date: int | None
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """A year in which something was said, and how much."""

    year: int
    messages: Count


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
    around = _around(db, peer, where)
    if not any(around):
        # Nothing was said there: what was said last is nearer than nothing.
        around = _older(db, peer, (LARGE, LARGE), PAGE), []
    older, newer = (_fitting(some) for some in around)
    rows = [*reversed(older), *newer]
    has_older, has_newer = _more(db, peer, rows)
    rows = [(row[0], row[1], whole(row[2]), *row[3:]) for row in rows]
    known = people(db, [peer, *(row[1] for row in rows)])
    edited = edits(db, MESSAGES, [str(row[0]) for row in rows])
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
        return [], _newer(db, peer, (where.since, -LARGE), PAGE)
    for number, size in ((where.after, (0, PAGE)), (where.before, (PAGE, 0)),
                         (where.at, (PAGE // 2, PAGE // 2))):  # fmt: skip
        place = None if number is None else _place(db, peer, number)
        if place is not None:
            behind = (place[0], place[1] - 1) if where.at is not None else place
            return _older(db, peer, place, size[0]), _newer(db, peer, behind, size[1])
    return [], []


def _place(db: Reading, peer: int, number: int) -> _Place | None:
    """Where a message stands; None if it is in no such conversation."""
    sql = "select date, id from messages where id = ? and peer_id = ?"
    found = db.execute(sql, (number, peer)).fetchone()
    return (found[0], found[1]) if found else None


def _older(db: Reading, peer: int, place: _Place, size: int) -> list[_Row]:
    with_date = "peer_id = ? and (date, id) < (?, ?) order by date desc, id desc limit ?"
    without = "peer_id = ? and date is null and id < ? order by id desc limit ?"
    date, number = place
    if date is None:
        return _rows(db, without, peer, number, size)
    found = _rows(db, with_date, peer, date, number, size)
    return found + _rows(db, without, peer, LARGE, size - len(found))


def _newer(db: Reading, peer: int, place: _Place, size: int) -> list[_Row]:
    with_date = "peer_id = ? and (date, id) > (?, ?) order by date, id limit ?"
    without = "peer_id = ? and date is null and id > ? order by id limit ?"
    date, number = place
    if date is not None:
        return _rows(db, with_date, peer, date, number, size)
    found = _rows(db, without, peer, number, size)
    return found + _rows(db, with_date, peer, -LARGE, -LARGE, size - len(found))


def _rows(db: Reading, which: str, *values: int) -> list[_Row]:
    return db.execute(f"select {_COLUMNS} from messages where {which}", values).fetchall()


def _fitting(rows: Sequence[_Row]) -> list[_Row]:
    return fitting(rows, lambda row: len(words(row[3])), MOST_LETTERS // 2)


def _more(db: Reading, peer: int, rows: Sequence[_Row]) -> tuple[bool, bool]:
    """Whether there is something before these rows, and behind them."""
    if not rows:
        return False, False
    first, last = ((row[2], row[0]) for row in (rows[0], rows[-1]))
    return bool(_older(db, peer, first, 1)), bool(_newer(db, peer, last, 1))


def _days(rows: Iterable[_Row], known: People, edited: Mapping[str, int]) -> Iterator[Day]:
    for _, some in groupby(rows, key=lambda row: None if row[2] is None else row[2] // _DAY):
        of_day = list(some)
        yield Day(of_day[0][2], tuple(_turns(of_day, known, edited)))


def _turns(rows: Sequence[_Row], known: People, edited: Mapping[str, int]) -> Iterator[Turn]:
    said: list[_Row] = []
    for row in rows:
        goes_on = said and row[1] == said[-1][1] and (row[2] or 0) - (said[-1][2] or 0) <= _AT_ONCE
        if said and not goes_on:
            yield _turn(said, known, edited)
            said = []
        said.append(row)
    if said:
        yield _turn(said, known, edited)


def _turn(rows: Sequence[_Row], known: People, edited: Mapping[str, int]) -> Turn:
    messages = (
        Message(number, date, tuple(pieces(text)), gone_at, edited.get(str(number), 0))
        for number, _, date, text, _, gone_at in rows
    )
    return Turn(known[whole(rows[0][1]) or 0], bool(rows[0][4]), tuple(messages))


def _years(db: Reading, peer: int) -> Iterator[Year]:
    """The years in which something was said."""
    sql = "select {}(date) from messages where peer_id = ? and date > 0 and date < ?"
    ends = [db.execute(sql.format(end), (peer, tomorrow())).fetchone()[0] for end in ("min", "max")]
    if None in ends:
        return
    for year in range(year_of(ends[0]), year_of(ends[1]) + 1):
        span = (first_of(year), first_of(year + 1))
        sql = (
            "select count(*) from (select 1 from messages "
            "where peer_id = ? and date >= ? and date < ? limit ?)"
        )
        number = db.execute(sql, (peer, *span, MOST_COUNTED + 1)).fetchone()[0]
        if number:
            yield Year(year, counted(number, MOST_COUNTED))
