"""How versions lie in the file: what was said, when it was seen, and both as people read them.

What was said is large and hardly ever changes; when it was seen last is small and changes with
every reading. Apart, a reading that finds nothing new writes a few bytes a record.
"""

import sqlite3
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from ovk_archive.archive.versions.checkpoints import as_written

#: What was said: the JSON as it came, but for texts that it `repeats`; `state` is what the row says
#: otherwise. Times are microseconds since 1970; those that another program wrote may be texts.
RECORDS = (
    "create table if not exists _records (id integer primary key, resource text, record_key text, "
    "embedded integer, content blob, first_seen, record text, repeats text, state text, rest blob)"
)
#: When each was seen last, in which checkpoint, and since when it is missing.
SIGHTINGS = (
    "create table if not exists _sightings "
    "(id integer primary key, last_seen, last_seen_in integer, gone_at text)"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: The last moment that SQLite writes with four digits of the year: the end of 9999.
_LAST = 253_402_300_800_000_000


def as_number(at: str | None) -> int | str | None:
    """A time as it is stored: a number, if that gives the same text again."""
    try:
        moment = datetime.fromisoformat(at or "")
        if moment.tzinfo is UTC and as_written(moment) == at:
            number = (moment - _EPOCH) // timedelta(microseconds=1)
            return number if 0 <= number < _LAST else at
    except (TypeError, ValueError):
        pass  # Whatever another program wrote there stays as it is.
    return at


@lru_cache(1024)
def as_text(number: Any) -> Any:
    """A time as people read it, from what is stored."""
    if not isinstance(number, int):
        return number
    return as_written(_EPOCH + timedelta(microseconds=number))


def time_of(column: str) -> str:
    """The same, as SQL."""
    return (
        f"case typeof({column}) when 'integer' then "
        f"strftime('%Y-%m-%dT%H:%M:%S', {column} / 1000000, 'unixepoch') "
        f"|| printf('.%06dZ', {column} % 1000000) else {column} end"
    )


def record_of(alias: str) -> str:
    """A record with the texts that it repeats in their places again, as SQL."""
    record, repeats = f"{alias}.record", f"{alias}.repeats"
    return (
        f"case when {repeats} is null or not json_valid({record}) then {record} else "
        f"json_patch({record}, (select json_group_object(twice.key, json_extract({record}, "
        f"'$.\"' || twice.value || '\"')) from json_each({repeats}) twice)) end"
    )


def _hex_of(column: str) -> str:
    # Datasette cannot show bytes in a view.
    return f"case when {column} is not null then lower(hex({column})) end"


VIEW = (
    "select r.id as id, r.resource as resource, r.record_key as record_key, "
    f"r.embedded as embedded, {_hex_of('r.content')} as content, "
    f"{time_of('r.first_seen')} as first_seen_at, "
    f"{record_of('r')} as record, {time_of('s.last_seen')} as last_seen_at, s.gone_at as gone_at, "
    "ifnull(r.state, '{}') as state, s.last_seen_in as last_seen_in, "
    f"{_hex_of('r.rest')} as rest "
    "from _records r left join _sightings s on s.id = r.id"
)


def is_laid_out(db: sqlite3.Connection) -> bool:
    """Versions lie so, and not as an older program wrote them."""
    found = db.execute("select type, sql from sqlite_master where name = '_versions'").fetchone()
    return found is not None and found[0] == "view" and str(found[1]).endswith(VIEW)
