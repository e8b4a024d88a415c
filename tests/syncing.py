"""Syncs as tests run them, and what an archive holds in the words of the world's truth."""

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from beginnings import begun
from toy import DemoInstance

from ovk_archive.api.address import parse_instance
from ovk_archive.api.batches import Batching
from ovk_archive.api.budget import Budget
from ovk_archive.api.client import Client
from ovk_archive.api.pace import Pace
from ovk_archive.api.paging.numbered import Numbered
from ovk_archive.api.retries import Retries
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.aside import is_saving
from ovk_archive.archive.facts import Learnt
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.runs import Journal
from ovk_archive.checks.consistency import check_consistency
from ovk_archive.resources import RESOURCES
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.sync.engine import Sync
from ovk_archive.sync.plan import Options
from ovk_archive.sync.report import Report

#: As stubborn as in earnest, but not as patient.
QUICK = Retries(attempts=6, wait_initial=0.001, wait_max=0.002, jitter=0.001)
ACCOUNT = 1


def run(
    instance: DemoInstance,
    path: Path,
    *,
    retries: Retries = QUICK,
    budget: Budget | None = None,
    window: float = 21.0,
    size: int | None = None,
    grows: bool = False,
    **options: Any,
) -> Report:
    """One sync of the demo instance, in this process, over real HTTP.

    `window` is the pace's, in seconds; `size` the rows per page, if not those declared, which are
    four times as many where pages may grow and the server answers soon.
    """
    resources = RESOURCES
    if size is not None:
        resources = tuple(paged(one, size, grows=grows) for one in RESOURCES)
    settings = Settings(retries, budget, window, resources)
    return asyncio.run(_run(instance, path, settings, Options(**options)))


def paged(resource: Resource, size: int, *, grows: bool = False) -> Resource:
    """A list that is read with another number of rows per page; pages that may grow still may."""
    paginator: Any = resource.paginator
    if isinstance(paginator, Numbered):
        paginator = replace(paginator, listing=replace(paginator.listing, size=size))
    elif hasattr(paginator, "most"):
        times = paginator.most // paginator.size if grows else 1
        paginator = replace(paginator, size=size, most=times * size)
    elif hasattr(paginator, "size"):
        paginator = replace(paginator, size=size)
    return replace(resource, paginator=paginator)


@dataclass(frozen=True)
class Settings:
    """How a test lets a sync run."""

    retries: Retries
    budget: Budget | None
    window: float
    resources: tuple[Resource, ...]


def run_against(url: str, token: str, path: Path) -> Report:
    """One sync of an instance in another process."""
    settings = Settings(QUICK, None, 21.0, RESOURCES)
    return asyncio.run(_sync(url, token, path, settings, Options()))


async def _run(demo: DemoInstance, path: Path, how: Settings, options: Options) -> Report:
    begun(path, _identity(demo.url))
    return await _sync(demo.url, demo.token, path, how, options)


def run_in(archive: Archive, demo: DemoInstance) -> Report:
    """One sync into an archive that is open already."""

    async def sync() -> Report:
        async with Client(parse_instance(demo.url), demo.token, retries=QUICK) as client:
            return await Sync(client, archive, ACCOUNT, Options()).run()

    return asyncio.run(sync())


def _identity(url: str) -> Identity:
    return Identity("demo", ACCOUNT, parse_instance(url).url)


async def _sync(url: str, token: str, path: Path, how: Settings, options: Options) -> Report:
    instance = parse_instance(url)
    with Archive.open(path, _identity(url)) as archive:
        pace = Pace(window=how.window, memory=Journal(archive))
        async with Client(
            instance,
            token,
            pace=pace,
            concurrency=options.concurrency,
            budget=how.budget,
            retries=how.retries,
            batching=Batching(Learnt(archive, "execute"), is_saving),
        ) as client:
            sync = Sync(client, archive, ACCOUNT, options, resources=how.resources)
            return await sync.run()


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of an archive."""
    with closing(_looking(path)) as connection:
        return connection.execute(sql).fetchall()


def _looking(path: Path) -> sqlite3.Connection:
    """A connection to an archive; each one reads all of its schema before the first question."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def execute(path: Path, statements: Iterable[str]) -> None:
    """Change an archive by hand."""
    connection = sqlite3.connect(path)
    try:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    finally:
        connection.close()


def held(path: Path) -> dict[str, Any]:
    """What the archive holds of the lists, in the shape of `truth_of`."""
    with closing(_looking(path)) as db:
        return _held(db)


def _held(db: sqlite3.Connection) -> dict[str, Any]:
    own = {
        table: {row[0] for row in db.execute(_OWN.format(table))}
        for table in ("posts", "photos", "notes", "videos")
    }
    facts: dict[str, Any] = {
        table: {tuple(map(int, key.split("_"))) for key in keys} for table, keys in own.items()
    }
    for table in ("comments", "messages", "albums", "playlists"):
        facts[table] = {row[0] for row in db.execute(f"select id from {table}")}
    facts["conversations"] = {row[0] for row in db.execute("select peer_id from conversations")}
    facts["lyrics"] = {row[0] for row in db.execute("select lyrics_id from lyrics")}
    facts["album_photos"] = set(db.execute("select album_id, owner_id, photo_id from album_photos"))
    for table in ("polls", "documents"):
        facts[table] = {int(row[0]) for row in db.execute(_OWN.format(table))}
    for name, sql in _ROWS.items():
        facts[name] = set(db.execute(f"select {sql} and gone_at is null"))
    for name, sql in _NUMBERS.items():
        facts[name] = {row[0] for row in db.execute(f"select {sql} where gone_at is null")}
    facts["audio_collection"] = _ordered(
        db, "select owner_id, audio_id from audio_collection order by place desc"
    )
    facts["playlist_audio"] = _ordered(
        db, "select playlist_id, audio_id from playlist_audio order by position"
    )
    return facts


#: Facts of several columns, and of one; all but those that are gone.
_ROWS = {
    "friends": "user_id, friend_id from friends where 1",
    "followers": "user_id, follower_id from followers where 1",
    "friend_requests": "user_id, direction from friend_requests where 1",
    "memberships": "user_id, group_id from memberships where 1",
    "group_members": "group_id, user_id from group_members where 1",
    "topics": "group_id, id from topics where 1",
    "gifts": "user_id, coalesce(from_id, 0), date, gift_id, message from gifts where 1",
    "poll_votes": "poll_id, answer_id, user_id from poll_votes where 1",
    "likes": "kind, owner_id, item_id, user_id from likes where 1",
    "notifications": "type, date, from_id, parent_id from notifications where 1",
    "newsfeed": "owner_id, post_id from newsfeed where 1",
    "statuses": "user_id, text from statuses where 1",
}
_NUMBERS = {
    "group_settings": "group_id from group_settings",
    "blacklist": "user_id from blacklist",
    "newsfeed_banned": "source_id from newsfeed_banned",
}
#: What only `--all` reads.
OPT_IN = frozenset({"group_members", "poll_votes", "likes", "newsfeed"})

_OWN = "select distinct record_key from _versions where resource = '{}' and embedded = 0"


def _ordered(db: sqlite3.Connection, sql: str) -> dict[int, list[int]]:
    lists: dict[int, list[int]] = defaultdict(list)
    for owner, number in db.execute(sql):
        lists[owner].append(number)
    return dict(lists)


def differences(truth: dict[str, Any], path: Path, *, everything: bool = False) -> dict[str, Any]:
    """Where an archive and the truth differ; empty lists and absent ones are the same.

    `everything` says that the sync was one of `--all`.
    """
    here = held(path)
    wrong: dict[str, Any] = {}
    attached = {"lyrics", "polls", "poll_votes"} if everything else {"lyrics"}
    for name, facts in truth.items():
        if name in OPT_IN and not everything:
            continue
        actual = here[name]
        expected = facts
        if isinstance(facts, dict):
            expected = {key: rows for key, rows in facts.items() if rows}
        if name in attached and expected <= actual:
            continue  # The archive also has those of what is only attached.
        if expected != actual:
            wrong[name] = _difference(expected, actual)
    return wrong


def _difference(expected: Any, actual: Any) -> Any:
    if isinstance(expected, set):
        return {"missing": expected - actual, "beyond": actual - expected}
    return {"expected": expected, "actual": actual}


def missing(truth: dict[str, Any], path: Path, *, everything: bool = False) -> dict[str, Any]:
    """What exists and is not in the archive, whatever else it holds.

    `everything` says that the sync was one of `--all`.
    """
    here = held(path)
    lacking: dict[str, Any] = {}
    for name, expected in truth.items():
        if name in OPT_IN and not everything:
            continue
        if isinstance(expected, dict):
            gaps = {k: set(rows) - set(here[name].get(k, ())) for k, rows in expected.items()}
            gaps = {key: gap for key, gap in gaps.items() if gap}
        else:
            gaps = expected - here[name]
        if gaps:
            lacking[name] = gaps
    return lacking


def wrong_texts(texts: dict[tuple[str, Any], str], path: Path) -> dict[Any, tuple[str, str]]:
    """Texts that differ from what people wrote (line ends aside, which the server unifies)."""
    here: dict[tuple[str, Any], str] = {}
    for table, key in (("posts", 2), ("notes", 2), ("comments", 1), ("messages", 1)):
        columns = "owner_id, id" if key == 2 else "id"
        for *parts, text in query(path, f"select {columns}, text from {table}"):
            here[table, tuple(parts) if key == 2 else parts[0]] = text or ""
    said = {key: text.replace("\r\n", "\n") for key, text in texts.items()}
    return {key: (said[key], text) for key, text in here.items() if said[key] != text}


def faults(path: Path) -> list[Any]:
    """What contradicts itself in an archive."""
    with Archive.read(path) as archive:
        found = check_consistency(archive, lambda: None)
    return [*found.positions, *found.rows]
