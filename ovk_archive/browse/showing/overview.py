"""The first page: whose archive it is, how much of everything, and what was on this day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from ovk_archive.archive.wanted.lacking import NAMED
from ovk_archive.browse.showing.parts.account import Account, account
from ovk_archive.browse.showing.parts.reading import Reading, remembered
from ovk_archive.browse.showing.parts.times import first_of, year_of
from ovk_archive.browse.showing.parts.values import Count, counted, tomorrow
from ovk_archive.browse.showing.posts import Post, of_day, wall
from ovk_archive.browse.showing.posts import years as years_of
from ovk_archive.errors import ABSENT_CODES, EXIT_REFUSED, MediaError
from ovk_archive.resources import RESOURCES

#: Rows that are counted of each kind; of more it is said that there are more.
MOST_COUNTED = 100_000
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
    "likes": "likes where user_id = {me}",
}
#: Of these, what the account can give up; lists of them show that, too.
_TIES = ("audio", "friends", "groups", "likes")
#: How runs end that are complete: with 3 something was refused, with 40 a file could not be had.
_COMPLETE = (0, EXIT_REFUSED, MediaError.exit_code)
#: What every archive has read at least once, if it is complete.
_ALWAYS = {one.name for one in RESOURCES if one.parent is None and not one.schedule.opt_in}


@dataclass(frozen=True, slots=True)
class Year:
    """How much was written in a year."""

    year: int
    posts: int
    messages: int


@dataclass(frozen=True, slots=True)
class LastRun:
    """When a run last ended, and how.

    Attributes:
        is_good: it did all that it was to do.
    """

    at: str
    is_good: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page.

    Attributes:
        under_way: when a run began that has not ended, if it is the last one.
        is_whole: no list is known to lack anything.
        counts: kind -> how many, where there are any.
        years: None while that is being counted.
        on_this_day: posts of this day in earlier years, the newest first.
    """

    account: Account
    last_run: LastRun | None
    under_way: str | None
    is_whole: bool
    counts: dict[str, Count]
    years: tuple[Year, ...] | None
    on_this_day: tuple[Post, ...]
    newest: tuple[Post, ...]


def overview(db: Reading, today: datetime, years: tuple[Year, ...] | None) -> Overview:
    """The first page of an archive, on this day (UTC); `years` are what `over_the_years` tells."""
    whose = account(db)
    me = whose.person.id
    then = tuple(_on_this_day(db, me, today))
    shown = {one.id for one in then}
    newest = wall(db, me, most=_NEWEST + len(shown))
    return Overview(
        account=whose,
        last_run=_last_run(db),
        under_way=_under_way(db),
        is_whole=remembered(db, "whole", lambda: _is_whole(db)),
        counts=remembered(db, f"counts {me}", lambda: counts(db, me, present=True)),
        years=years,
        on_this_day=then,
        newest=tuple(one for one in newest if one.id not in shown)[:_NEWEST],
    )


def _last_run(db: Reading) -> LastRun | None:
    row = db.execute(
        "select ifnull(finished_at, started_at), exit_code from _runs "
        "where exit_code is not null order by id desc limit 1"
    ).fetchone()
    return LastRun(row[0] or "", row[1] in _COMPLETE) if row else None


def _under_way(db: Reading) -> str | None:
    row = db.execute("select started_at, exit_code from _runs order by id desc limit 1").fetchone()
    return str(row[0]) if row and row[1] is None else None


def _is_whole(db: Reading) -> bool:
    """What can be told at a glance; the page that counts everything tells more."""
    absent = f"({', '.join(map(str, ABSENT_CODES))})"
    refused = f"ifnull(refused_code, 0) not in {absent}"
    lacking = (
        f"_cursors where case when refused is null then not done else {refused} end",
        "_rounds where refused is not null",
        # What only a list of numbers named says nothing of the account's lists.
        f"_skipped where resolved_at is null and resource <> '{NAMED}'",
    )
    if any(db.execute(f"select exists (select 1 from {one})").fetchone()[0] for one in lacking):
        return False
    return {name for (name,) in db.execute("select distinct resource from _cursors")} >= _ALWAYS


def counts(
    db: Reading, me: int, most: int = MOST_COUNTED, *, present: bool = False
) -> dict[str, Count]:
    """How many there are of each kind of which there are any, up to so many.

    With `present`, what the account has given up is not among them.
    """
    found = {}
    for name, which in _COUNTED.items():
        still = " and gone_at is null" if present and name in _TIES else ""
        found[name] = db.execute(
            f"select count(*) from (select 1 from {which.format(me=int(me))}{still} limit ?)",
            (most + 1,),
        ).fetchone()[0]
    return {name: counted(n, most) for name, n in found.items() if n}


def over_the_years(db: Reading) -> tuple[Year, ...]:
    """All years from the first to the last in which something was written, on the own wall."""
    me = account(db).person.id
    spans = [_span(db, table) for table in ("posts", "messages")]
    seen = [one for span in spans if span for one in span]
    years = [_year(db, me, one) for one in range(min(seen), max(seen) + 1)] if seen else []
    told = [place for place, one in enumerate(years) if one.posts or one.messages]
    return tuple(years[told[0] : told[-1] + 1]) if told else ()


def _year(db: Reading, me: int, year: int) -> Year:
    posts = "posts where owner_id = ? and date >= ? and date < ?"
    messages = "messages where date >= ? and date < ?"
    span = (first_of(year), first_of(year + 1))
    return Year(
        year,
        posts=db.execute(f"select count(*) from {posts}", (me, *span)).fetchone()[0],
        messages=db.execute(f"select count(*) from {messages}", span).fetchone()[0],
    )


def _span(db: Reading, table: str) -> tuple[int, int] | None:
    """The years of the first and the last row; what has no time that can be is left out."""
    # Both at once would look at every row.
    sql = f"select {{}}(date) from {table} where date > 0 and date < ?"
    ends = [db.execute(sql.format(end), (tomorrow(),)).fetchone()[0] for end in ("min", "max")]
    return None if None in ends else (year_of(ends[0]), year_of(ends[1]))


def _on_this_day(db: Reading, me: int, today: datetime) -> Iterator[Post]:
    left = _ON_THIS_DAY
    for year in years_of(db, me):
        try:
            since = int(datetime(year, today.month, today.day, tzinfo=UTC).timestamp())
        except ValueError:
            # 29 February.
            continue
        if year == today.year or left <= 0:
            continue
        found = of_day(db, me, since, since + _DAY, left)
        left -= len(found)
        yield from reversed(found)
