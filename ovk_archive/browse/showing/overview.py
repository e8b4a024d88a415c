"""The first page: whose archive it is, how much of everything, and what was on this day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from ovk_archive.browse.showing.parts.account import Account, account
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.times import first_of, year_of
from ovk_archive.browse.showing.parts.values import tomorrow
from ovk_archive.browse.showing.posts import Post, of_day, wall

#: Rows that are counted of each kind; of more it is said that there are more.
MOST_COUNTED = 100_000
#: Rows of a year that are counted for the plot.
MOST_OF_A_YEAR = 10_000
#: Posts of this day that are shown, and of the newest.
_ON_THIS_DAY, _NEWEST = 10, 3
_DAY = 86_400

#: What is counted -> how.
_COUNTED = {
    "posts": "posts where owner_id = {me}",
    "messages": "messages",
    "photos": "photos where owner_id = {me}",
    "notes": "notes where owner_id = {me}",
    "audio": "audio_collection where owner_id = {me}",
    "videos": "videos where owner_id = {me}",
    "friends": "friends where user_id = {me}",
    "groups": "memberships where user_id = {me}",
    "documents": "documents",
    "gifts": "gifts where user_id = {me}",
    "polls": "polls",
    "notifications": "notifications",
    "comments": "comments",
    "likes": "likes where user_id = {me}",
}


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of a kind; with `more`, at least so many."""

    number: int
    more: bool


@dataclass(frozen=True, slots=True)
class Year:
    """How much was written in a year."""

    year: int
    posts: int
    messages: int


@dataclass(frozen=True, slots=True)
class LastRun:
    """When the archive was last written to, and how that ended.

    Attributes:
        is_good: nothing was left undone.
    """

    at: str
    is_good: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page.

    Attributes:
        counts: kind -> how many, where there are any.
        on_this_day: posts of this day in earlier years, the newest first.
    """

    account: Account
    last_run: LastRun | None
    counts: dict[str, Count]
    years: tuple[Year, ...]
    on_this_day: tuple[Post, ...]
    newest: tuple[Post, ...]


def overview(db: Reading, today: datetime) -> Overview:
    """The first page of an archive, on this day (UTC)."""
    whose = account(db)
    me = whose.person.id
    years = tuple(_years(db))
    then = tuple(_on_this_day(db, me, today, years))
    shown = {one.id for one in then}
    return Overview(
        account=whose,
        last_run=_last_run(db),
        counts=counts(db, me),
        years=years,
        on_this_day=then,
        newest=tuple(one for one in wall(db, me) if one.id not in shown)[:_NEWEST],
    )


def _last_run(db: Reading) -> LastRun | None:
    row = db.execute(
        "select ifnull(finished_at, started_at), exit_code from _runs order by id desc limit 1"
    ).fetchone()
    return LastRun(row[0] or "", row[1] == 0) if row else None


def counts(db: Reading, me: int, most: int = MOST_COUNTED) -> dict[str, Count]:
    """How many there are of each kind of which there are any, up to so many."""
    found = {
        name: db.execute(
            f"select count(*) from (select 1 from {which.format(me=int(me))} limit ?)", (most + 1,)
        ).fetchone()[0]
        for name, which in _COUNTED.items()
    }
    return {name: Count(min(n, most), n > most) for name, n in found.items() if n}


def _years(db: Reading) -> Iterator[Year]:
    """All years from the first in which something was written to the last."""
    spans = [_span(db, table) for table in ("posts", "messages")]
    seen = [one for span in spans if span for one in span]
    for year in range(min(seen), max(seen) + 1) if seen else ():
        span = (first_of(year), first_of(year + 1))
        posts, messages = (
            db.execute(
                f"select count(*) from (select 1 from {table} "
                "where date >= ? and date < ? limit ?)",
                (*span, MOST_OF_A_YEAR),
            ).fetchone()[0]
            for table in ("posts", "messages")
        )
        yield Year(year, posts, messages)


def _span(db: Reading, table: str) -> tuple[int, int] | None:
    """The years of the first and the last row; what has no time that can be is left out."""
    # Both at once would look at every row.
    sql = f"select {{}}(date) from {table} where date > 0 and date < ?"
    ends = [db.execute(sql.format(end), (tomorrow(),)).fetchone()[0] for end in ("min", "max")]
    return None if None in ends else (year_of(ends[0]), year_of(ends[1]))


def _on_this_day(db: Reading, me: int, today: datetime, years: tuple[Year, ...]) -> Iterator[Post]:
    left = _ON_THIS_DAY
    for one in reversed(years):
        try:
            since = int(datetime(one.year, today.month, today.day, tzinfo=UTC).timestamp())
        except ValueError:
            # 29 February.
            continue
        if one.year == today.year or left <= 0:
            continue
        found = of_day(db, me, since, since + _DAY, left)
        left -= len(found)
        yield from found
