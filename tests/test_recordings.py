"""Recorded answers of real servers are stored without loss."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from syncing import query

from ovk_archive.archive import Archive, Checkpoint
from ovk_archive.opening import Identity
from ovk_archive.resource import Lookup, Resource, answer
from ovk_archive.resources import LOOKUPS, RESOURCES
from ovk_archive.resources.people import without_fakes
from ovk_archive.rows import Context, Row, record_key

RECORDINGS = Path(__file__).parent / "recordings"
EVERYTHING: tuple[Resource | Lookup, ...] = (*RESOURCES, *LOOKUPS)
#: Which list a recorded answer of a method that opens several lists is of.
SEVERAL = {"audio.get": "album_id", "photos.get": "album_id"}
#: What a child list's rows are told by the partition, where the recording leaves it out.
PARTITION = {"owner_id": 1, "user_id": 1, "post_id": 1, "photo_id": 1, "note_id": 1, "album_id": 1}


def recorded() -> Iterator[Any]:
    """Every answered recording of a method that some list or look-up uses."""
    by_method: dict[str, list[Resource | Lookup]] = {}
    for one in EVERYTHING:
        by_method.setdefault(one.method.lower(), []).append(one)
    by_method["wall.getbyid"] = by_method["wall.get"]
    for path in sorted(RECORDINGS.glob("20*/*.json")):
        recording = json.loads(path.read_text())
        method = str(recording["request"].get("method", "")).lower()
        body = recording["body"]
        if method in by_method and isinstance(body, dict) and "response" in body:
            yield pytest.param(_used_by(by_method[method], recording), recording, id=_name(path))


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _used_by(candidates: list[Resource | Lookup], recording: Any) -> Resource | Lookup:
    params = recording["request"].get("params") or {}
    param = SEVERAL.get(recording["request"]["method"].lower())
    if param and param in params:
        return next(c for c in candidates if isinstance(c, Resource) and c.parent)
    return candidates[0]


@pytest.mark.parametrize(("by", "recording"), list(recorded()))
def test_recorded_answers_are_stored_without_loss(
    by: Resource | Lookup, recording: Any, tmp_path: Path
) -> None:
    """Each record of each recorded listing is found again, whole, in `_versions`."""
    response = recording["body"]["response"]
    params = recording["request"].get("params") or {}
    context = Context(partition={**PARTITION, "peer_id": 2, **params})
    records = _records(by, response)
    parts = [part for record in records for part in by.rows(record, context)]
    path = tmp_path / "archive.db"
    with Archive.open(path, Identity("recorded", 1, "http://recorded")) as archive:
        archive.checkpoint(
            Checkpoint(
                resource=by if isinstance(by, Resource) else RESOURCES[0],
                partition={},
                owner_id=1,
                parts=parts,
                position={"done": True},
            )
        )

    kept = {
        (table, key, bool(embedded), json.dumps(json.loads(record), sort_keys=True))
        for table, key, embedded, record in query(
            path, "select resource, record_key, embedded, record from _versions"
        )
    }
    rows = [part for part in parts if isinstance(part, Row) and part.record is not None]
    assert len(rows) >= len(records)
    for row in {(r.table.name, record_key(r.key), r.embedded, r.content): r for r in rows}.values():
        packed = json.dumps(row.record, sort_keys=True)
        assert (row.table.name, record_key(row.key), row.embedded, packed) in kept
    whole = [json.dumps(row.record, sort_keys=True) for row in rows if not row.embedded]
    for record in records:
        assert json.dumps(without_fakes(record), sort_keys=True) in whole


def _records(by: Resource | Lookup, response: Any) -> tuple[dict[str, Any], ...]:
    return (by.answer if isinstance(by, Resource) else answer)(response).records


def test_enough_is_recorded() -> None:
    """The recordings cover every list of both generations, with at least one record each."""
    covered = {
        (by.name, name.partition("/")[0])
        for by, recording, name in ((*p.values, str(p.id)) for p in recorded())
        if isinstance(by, Resource | Lookup) and _records(by, recording["body"]["response"])
    }

    lists = {one.name for one in EVERYTHING}
    assert {(name, g) for name in lists for g in ("2024-07", "2026-08")} == covered
