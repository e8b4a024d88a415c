"""Recorded answers of real servers are stored without loss."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from beginnings import begun

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.saving import Checkpoint, checkpoint
from ovk_archive.resources import LOOKUPS, RESOURCES
from ovk_archive.resources.people import without_fakes
from ovk_archive.resources.vocabulary.resource import Lookup, Resource
from ovk_archive.resources.vocabulary.rows import Context, Row, Trim, record_key

RECORDINGS = Path(__file__).parents[1] / "recordings"
EVERYTHING: tuple[Resource | Lookup, ...] = (*RESOURCES, *LOOKUPS)
RECORDED = Identity("recorded", 1, "http://recorded")
#: Which list a recorded answer of a method that opens several lists is of.
SEVERAL = {"audio.get": "album_id", "photos.get": "album_id"}
#: Methods that we ask for ids alone, never for what these stand for.
BARE = {"newsfeed.getbanned"}
#: What a list's rows are told by the partition, where the recording leaves it out.
PARTITION = dict.fromkeys(
    (
        *("owner_id", "user_id", "post_id", "photo_id", "note_id", "album_id", "group_id"),
        *("topic_id", "poll_id", "answer_ids", "item_id", "archived"),
    ),
    1,
)
#: Lists that the older servers do not have.
NEWER = {"settings", "blacklist", "newsfeed_banned", "documents", "instance_mirrors"}
#: Nobody of the recorded worlds had asked anybody.
EMPTY = {"requests_out"}


@cache
def recorded() -> dict[str, list[tuple[str, Any]]]:
    """List or look-up -> the answered recordings of it: (name, recording)."""
    by_method: dict[str, list[Resource | Lookup]] = {}
    for one in EVERYTHING:
        by_method.setdefault(one.method.lower(), []).append(one)
    by_method["wall.getbyid"] = by_method["wall.get"]
    found: dict[str, list[tuple[str, Any]]] = {one.name: [] for one in EVERYTHING}
    for path in sorted(RECORDINGS.glob("20*/*.json")):
        recording = json.loads(path.read_text())
        method = str(recording["request"].get("method", "")).lower()
        body = recording["body"]
        params = recording["request"].get("params") or {}
        # With `note_ids`, which no sync sends, notes.get of [A] answers null.
        if (method in BARE and "extended" in params) or "note_ids" in params:
            continue
        if method in by_method and isinstance(body, dict) and "response" in body:
            found[_used_by(by_method[method], recording).name].append((_name(path), recording))
    return found


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _used_by(candidates: list[Resource | Lookup], recording: Any) -> Resource | Lookup:
    params = recording["request"].get("params") or {}
    param = SEVERAL.get(recording["request"]["method"].lower())
    if param and param in params:
        return next(c for c in candidates if isinstance(c, Resource) and c.parent)

    def fits(one: Resource | Lookup) -> int:
        return sum(str(params.get(name)) == str(value) for name, value in one.params.items())

    return max(candidates, key=fits)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive in memory: it takes longer to open one than to store an answer."""
    path = tmp_path_factory.mktemp("empty") / "archive.db"
    begun(path, RECORDED)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
        with closing(sqlite3.connect(path)) as template:
            template.backup(copy)
        yield Archive(path, copy, None)


def _empty(archive: Archive) -> None:
    """Forget all that was stored."""
    tables = archive.query(
        "select name from pragma_table_list"
        " where type = 'table' and name <> '_archive' and name not like 'sqlite%'"
    )
    with archive.transaction() as db:
        for (name,) in tables:
            db.execute(f'delete from "{name}"')


@pytest.mark.parametrize("by", [pytest.param(one, id=one.name) for one in EVERYTHING])
def test_recorded_answers_are_stored_without_loss(by: Resource | Lookup, archive: Archive) -> None:
    """Each record of each recorded listing is found again, whole, in `_versions`."""
    lost: dict[str, list[Any]] = {}
    for name, recording in recorded()[by.name]:
        _empty(archive)
        try:
            lost[name] = _lost(by, recording, archive)
        except Exception as error:
            error.add_note(f"This is of the recording {name}.")
            raise

    assert {name: some for name, some in lost.items() if some} == {}


def _lost(by: Resource | Lookup, recording: Any, archive: Archive) -> list[Any]:
    """What is not found of a recording after it has been stored: rows' records, and records."""
    response = recording["body"]["response"]
    params = recording["request"].get("params") or {}
    # What a sync never asks for, as texts that stand for numbers, opens no list here either.
    asked = {n: v for n, v in params.items() if n not in PARTITION or isinstance(v, int)}
    partition = {**PARTITION, "peer_id": 2, **asked}
    records = _records(by, response)
    parts = [
        part
        for place, record in enumerate(records, start=1)
        for part in by.rows(record, Context(partition=partition, place=place))
    ]
    resource = by if isinstance(by, Resource) else RESOURCES[0]
    checkpoint(
        archive,
        Checkpoint(
            resource=resource,
            partition=partition,
            owner_id=1,
            parts=parts,
            position={"done": True},
        ),
    )
    rows = [part for part in parts if isinstance(part, Row) and part.record is not None]
    return [*_unkept(rows, archive), *_not_whole(by, records, parts)]


def _unkept(rows: list[Row], archive: Archive) -> list[Any]:
    """Whose records are not in `_versions`."""
    kept = {
        (table, key, bool(embedded), json.dumps(json.loads(record), sort_keys=True))
        for table, key, embedded, record in archive.query(
            "select resource, record_key, embedded, record from _versions"
        )
    }
    last = {(r.table.name, record_key(r.key), r.embedded, r.content): r for r in rows}.values()
    packed = [
        (row.table.name, record_key(row.key), row.embedded, json.dumps(row.record, sort_keys=True))
        for row in last
    ]
    return [one for one in packed if one not in kept]


def _not_whole(
    by: Resource | Lookup, records: tuple[dict[str, Any], ...], parts: list[Row | Trim]
) -> list[Any]:
    """The records that no row has whole."""
    rows = [part for part in parts if isinstance(part, Row)]
    # A list that only says who belongs to what shows people and groups in part: they are read
    # whole by their own methods, so that here their number is enough.
    whole = {
        json.dumps(row.record, sort_keys=True)
        for row in rows
        if row.record is not None and (not row.embedded or by.table.relation)
    }
    related = {value for row in rows if row.table is by.table for value in row.values.values()}
    return [
        record
        for record in records
        if json.dumps(without_fakes(record), sort_keys=True) not in whole
        and not (by.table.relation and record["id"] in related)
    ]


def _records(by: Resource | Lookup, response: Any) -> tuple[dict[str, Any], ...]:
    return by.answer(response).records


def test_enough_is_recorded() -> None:
    """The recordings cover every list of both generations, with at least one record each."""
    covered = {
        (by.name, name.partition("/")[0])
        for by in EVERYTHING
        for name, recording in recorded()[by.name]
        if _records(by, recording["body"]["response"])
    }

    lists = {one.name for one in EVERYTHING} - EMPTY
    older = {(name, "2024-07") for name in lists - NEWER}
    assert older | {(name, "2026-08") for name in lists} == covered
