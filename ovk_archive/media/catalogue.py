"""Table `media`: which files records name, which of them are due, and what became of each."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ovk_archive.api.address import Instance
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.journaling import sorting
from ovk_archive.archive.lists.skips import due_again
from ovk_archive.archive.names import former
from ovk_archive.archive.versions.checkpoints import timestamp
from ovk_archive.errors import MediaError
from ovk_archive.resources import FILES, TABLES
from ovk_archive.resources.media import DUE_ORDER, MAY_BE_DUE
from ovk_archive.resources.vocabulary.addresses import address_of, is_placeholder
from ovk_archive.resources.vocabulary.rows import Media, Table
from ovk_archive.resources.vocabulary.same_file import blob_name

#: Rows per query of what is due.
_CHUNK = 500
#: Files that are looked at together for such as are stored under another address.
_LOOKED_AT = 5000
#: What is known of a stored file.
_FACTS = ("sha256", "path", "bytes", "content_type")
_PLACEHOLDER = "A placeholder of the site, not a file."


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that is to be fetched.

    Attributes:
        date: unix time of the newest record that names it; 0 if unknown.
        expected: bytes by the record's word.
        sha256: what it was, if it was here before.
        known: its state until now, as table `media` calls it.
    """

    url: str
    kind: str
    date: int
    expected: int | None = None
    sha256: str | None = None
    known: str = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a file.

    Attributes:
        state: as table `media` calls it.
        size: bytes; of a file that was too large, those that it has at least.
        error: why it is not here, or what is to be known of it.
        found_at: the blob to which its address led.
    """

    wanted: Wanted
    state: str
    sha256: str | None = None
    size: int | None = None
    content_type: str | None = None
    path: str | None = None
    error: str | None = None
    found_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which files a run is about.

    Attributes:
        kinds: kinds of files; all if empty.
        max_file_bytes: files known to be larger are left alone.
        retry_gone: files that the server no longer had are asked for again.
    """

    kinds: tuple[str, ...] = ()
    max_file_bytes: int
    retry_gone: bool = False

    @property
    def condition(self) -> str:
        """As SQL; kinds are words of the declarations."""
        return f"kind in ({', '.join(repr(kind) for kind in self.kinds)})" if self.kinds else "1"


def survey(archive: Archive) -> int:
    """Note every file that a record names; how many were not known yet."""
    instance = Instance(archive.identity().url, former(archive))
    with archive.transaction() as db, sorting(db):
        db.create_function("is_placeholder", 1, is_placeholder, deterministic=True)
        before = db.total_changes
        for table in TABLES:
            for one in table.media:
                db.execute(_newly_named(table, one), (timestamp(), _PLACEHOLDER))
        added = db.total_changes - before
        for table in TABLES:
            for one in table.media:
                db.execute(_named_again(table, one))
        for wanted in _chunks(db, "state = 'pending' and tries = 0"):
            _take_known(db, instance, wanted)
    return added


def _chunks(db: sqlite3.Connection, condition: str) -> Iterator[list[dict[str, Any]]]:
    """The files that meet a condition, so many at a time that memory stays flat."""
    names, after = ("url", "kind", "expected_bytes", "found_at", *_FACTS), ""
    sql = f"select {', '.join(names)} from media where {condition} and url > ? order by url limit ?"
    while rows := db.execute(sql, (after, _LOOKED_AT)).fetchall():
        after = rows[-1][0]
        yield [dict(zip(names, row, strict=True)) for row in rows]


def _take_known(db: sqlite3.Connection, instance: Instance, files: list[dict[str, Any]]) -> None:
    """What is stored under another address, as far as the two tell, is not fetched again."""
    wanted = defaultdict[str, list[dict[str, Any]]](list)
    sets = ", ".join(f"{name} = ?" for name in _FACTS)
    for stored in _chunks(db, "state = 'stored'"):
        if not wanted:
            for one in files:
                for name in _names(one["url"], instance):
                    wanted[name].append(one)
        for known in stored:
            named = (*_names(known["url"], instance), *_names(known["found_at"] or "", instance))
            db.executemany(
                f"update media set state = 'stored', {sets}, stored_at = ? where url = ?",
                [
                    (*(known[name] for name in _FACTS), timestamp(), other["url"])
                    for name in set(named) & wanted.keys()
                    for other in wanted[name]
                    if _would_do(other, known)
                ],
            )


def _names(url: str, instance: Instance) -> Iterator[str]:
    """What is the same of two addresses of one file: the blob; the path, if the instance moved."""
    if name := blob_name(url):
        yield name
    elif instance.former and url:
        with suppress(MediaError):
            yield address_of(url, instance)


def _would_do(wanted: dict[str, Any], known: dict[str, Any]) -> bool:
    """A file is of the size that another record speaks of, and no text where none can be."""
    may_be = FILES[wanted["kind"]].may_be_text or not known["content_type"].startswith("text/")
    return may_be and wanted["expected_bytes"] in (None, known["bytes"])


def due(archive: Archive, choice: Choice, after: tuple[int, str] | None) -> list[Wanted]:
    """The next files to fetch, the newest first, behind the date and address of the last."""
    bound: dict[str, Any] = {"now": timestamp(), "most": choice.max_file_bytes}
    if after:
        bound |= {"date": after[0], "url": after[1]}
    return [Wanted(*row) for row in archive.query(due_sql(choice, is_first=not after), bound)]


def due_sql(choice: Choice, *, is_first: bool) -> str:
    """What asks for the next files that are due; `media` has an index of those that may be."""
    tried = due_again("last_tried_at", ":now")
    gone = "1" if choice.retry_gone else f"tries = 1 and {_a_day_after}"
    behind = "ifnull(date, 0) <= :date and (ifnull(date, 0) < :date or url > :url)"
    return (
        "select url, kind, ifnull(date, 0), expected_bytes, sha256, state from media "
        f"where {MAY_BE_DUE} and {choice.condition} and {'1' if is_first else behind} "
        f"and case state when 'pending' then 1 when 'failed' then {tried} "
        f"when 'refused' then case when bytes is null then {tried} else bytes <= :most end "
        f"when 'gone' then {gone} else 0 end order by {DUE_ORDER} limit {_CHUNK}"
    )


#: A deleted file is looked for once more, in case the server was wrong for a while.
_a_day_after = "abs(julianday(:now) - julianday(last_tried_at)) >= 1"


def note(archive: Archive, outcomes: Iterable[Outcome]) -> None:
    """Write down what became of files."""
    now = timestamp()
    with archive.transaction() as db:
        db.executemany(
            "update media set state = :state, sha256 = coalesce(:sha256, sha256), bytes = :bytes, "
            "content_type = coalesce(:content_type, content_type), "
            "path = coalesce(:path, path), found_at = coalesce(:found_at, found_at), "
            "error = :error, tries = tries + 1, "
            "first_tried_at = coalesce(first_tried_at, :now), last_tried_at = :now, "
            "stored_at = case when :state = 'stored' then :now else stored_at end, "
            "gone_at = case when :state = 'gone' then coalesce(gone_at, :now) end where url = :url",
            [
                {
                    "url": one.wanted.url,
                    "state": one.state,
                    "sha256": one.sha256,
                    "bytes": one.size,
                    "content_type": one.content_type,
                    "path": one.path,
                    "found_at": one.found_at,
                    "error": one.error,
                    "now": now,
                }
                for one in outcomes
            ],
        )


def states(archive: Archive, choice: Choice) -> dict[str, int]:
    """How many files are in which state."""
    return dict(
        archive.query(f"select state, count(*) from media where {choice.condition} group by state")
    )


def _rows(table: Table, one: Media) -> str:
    unless = f'and r."{one.unless}" is null ' if one.unless else ""
    return f'from "{table.name}" r where r."{one.column}" is not null {unless}'


def _newly_named(table: Table, one: Media) -> str:
    date = f'max(r."{one.date}")' if one.date else "null"
    size = f'max(r."{one.size}")' if one.size else "null"
    url = f'r."{one.column}"'
    return (
        "insert into media (url, kind, date, expected_bytes, state, error, tries, first_seen_at, "
        f"last_seen_at) select {url}, '{one.kind}', {date}, {size}, "
        f"case when is_placeholder({url}) then 'unavailable' else 'pending' end, "
        f"case when is_placeholder({url}) then ?2 end, 0, ?1, "
        f"max(r.last_seen_at) {_rows(table, one)}"
        f"and not exists (select 1 from media m where m.url = {url}) group by {url}"
    )


def _named_again(table: Table, one: Media) -> str:
    """A record that is seen again names its file again, and a newer one may name it too."""
    date = f'max(r."{one.date}")' if one.date else "null"
    # It is always there already: what is older than SQLite 3.33 knows no `update … from`.
    return (
        "insert into media (url, date, last_seen_at) select s.url, s.date, s.seen from "
        f'(select r."{one.column}" as url, {date} as date, max(r.last_seen_at) as seen '
        f"{_rows(table, one)}group by 1) s where exists "
        "(select 1 from media m where m.url = s.url and s.seen > m.last_seen_at) "
        "on conflict (url) do update set last_seen_at = excluded.last_seen_at, "
        "date = coalesce(max(date, excluded.date), date, excluded.date)"
    )


def contents(archive: Archive, outcomes: Iterable[Outcome]) -> set[str]:
    """Which of these files were here before, under whatever address, by their hashes."""
    hashes = json.dumps([one.sha256 for one in outcomes if one.sha256])
    rows = archive.query(
        "select distinct sha256 from media where state = 'stored' "
        "and sha256 in (select value from json_each(?))",
        (hashes,),
    )
    return {row[0] for row in rows}


def once_stored(archive: Archive) -> list[Wanted]:
    """Every file that was stored once, as it would be fetched again."""
    rows = archive.query(
        "select url, kind, ifnull(date, 0), expected_bytes, sha256 from media "
        "where sha256 is not null order by 3 desc, 1"
    )
    return [Wanted(*row) for row in rows]


def note_lost(archive: Archive, paths: Iterable[str]) -> None:
    """Stored files are not at these paths any more: they are due."""
    with archive.transaction() as db:
        db.executemany(
            "update media set state = 'pending' where sha256 = ? and path = ? and state = 'stored'",
            [(hash_in(path), path) for path in paths],
        )


def note_whole(archive: Archive, paths: Iterable[str]) -> None:
    """Files that were lost are at these paths again."""
    with archive.transaction() as db:
        db.executemany(
            "update media set state = 'stored', error = null, gone_at = null "
            "where sha256 = ? and path = ? and state <> 'stored'",
            [(hash_in(path), path) for path in paths],
        )


def hash_in(path: str) -> str:
    """The hash that a stored file's name says; `media` has an index of hashes."""
    return path.rpartition("/")[2].partition(".")[0]


def stored_files(archive: Archive) -> Sequence[tuple[str, str, str]]:
    """Every file that was stored once: (url, sha256, path), those of one path together."""
    return archive.query(
        "select url, sha256, path from media where sha256 is not null order by path, url"
    )
