"""Which rows an export has, whatever is asked for: compared with what was put into the archive."""

from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from effort import examples
from exporting import comment, keep, message, numbers, post, records, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from syncing import execute

from ovk_archive.export.formats.json_nesting import NESTING, Inner
from ovk_archive.export.selection import Selection, owner_column
from ovk_archive.resources import TABLES

GONE = "'2026-01-01T00:00:00.000000Z'"
SMALL = st.integers(1, 3)
#: Table -> a row of it, so that rows of small numbers belong to each other.
ROWS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "posts": st.fixed_dictionaries({"owner_id": SMALL, "id": SMALL, "date": SMALL}),
    "comments": st.fixed_dictionaries(
        {"id": st.integers(1, 9), "kind": st.just("post"), "owner_id": SMALL, "post_id": SMALL,
         "date": SMALL}
    ),
    "attachments": st.builds(
        lambda on, owner, number, place: {
            "resource": on, "position": place, "type": "photo", "owner_id": owner,
            "object_id": number, "record_key": f"{owner}_{number}" if on == "posts" else number,
        },
        st.sampled_from(["posts", "comments"]), SMALL, SMALL, SMALL,
    ),
    "photos": st.fixed_dictionaries({"owner_id": SMALL, "id": SMALL, "date": SMALL}),
    "albums": st.fixed_dictionaries({"id": SMALL, "owner_id": SMALL, "created": SMALL}),
    "album_photos": st.fixed_dictionaries(
        {"album_id": SMALL, "owner_id": SMALL, "photo_id": SMALL, "position": SMALL}
    ),
    "audio": st.fixed_dictionaries({"id": SMALL, "owner_id": SMALL, "lyrics_id": SMALL}),
    "lyrics": st.fixed_dictionaries({"lyrics_id": SMALL, "text": st.just("x")}),
    "polls": st.fixed_dictionaries({"id": SMALL, "owner_id": SMALL}),
    "poll_answers": st.fixed_dictionaries({"id": SMALL, "poll_id": SMALL}),
    "poll_votes": st.fixed_dictionaries({"poll_id": SMALL, "answer_id": SMALL, "user_id": SMALL}),
    "conversations": st.fixed_dictionaries({"peer_id": SMALL}),
    "messages": st.fixed_dictionaries({"id": st.integers(1, 9), "peer_id": SMALL, "date": SMALL}),
}  # fmt: skip
KEYS = {table.name: table.key for table in TABLES}
LOTS = st.lists(
    st.one_of([st.tuples(st.just(name), row) for name, row in ROWS.items()]), max_size=40
)
WISHES = st.fixed_dictionaries(
    {
        "tables": st.lists(st.sampled_from(sorted(ROWS)), unique=True).map(tuple),
        "owners": st.sampled_from([(), (1,), (1, 2)]),
        "peers": st.sampled_from([(), (2,)]),
        "since": st.sampled_from([None, 2]),
        "until": st.sampled_from([None, 3]),
        "with_gone": st.booleans(),
    }
)
Keys = list[tuple[str, tuple[Any, ...]]]


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(LOTS, st.sets(st.sampled_from(sorted(ROWS)), max_size=2), SMALL, WISHES)
def test_nesting_tells_each_row_once(
    lots: list[tuple[str, dict[str, Any]]], gone: set[str], which: int, wishes: dict[str, Any]
) -> None:
    """Whatever is asked for, JSON tells the rows that NDJSON has, each once, and counts them."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        keep(path, lots)
        execute(path, [f"update {one} set gone_at = {GONE} where rowid = {which}" for one in gone])
        flat = write(path, Path(folder) / "flat", "ndjson", **wishes)
        nested = write(path, Path(folder) / "nested", "json", **wishes)
        lines = sorted(_flat(Path(folder) / "flat"), key=repr)
        told = sorted(_nested(Path(folder) / "nested"), key=repr)

    assert told == lines
    assert nested["tables"] == flat["tables"]
    assert sum(one["rows"] for one in flat["tables"].values()) == len(lines)


def _flat(folder: Path) -> Keys:
    return [
        (path.stem, _key(path.stem, row))
        for path in folder.glob("*.ndjson")
        for row in records(path)
    ]


def _nested(folder: Path) -> Keys:
    return list(
        chain.from_iterable(
            _told(path.stem, row, NESTING.get(path.stem, ()))
            for path in folder.glob("*.json")
            if path.stem in KEYS
            for row in records(path)
        )
    )


def _told(table: str, row: dict[str, Any], inners: tuple[Inner, ...]) -> Keys:
    """A record and what is told inside it; not what it only leads to."""
    found = [(table, _key(table, row))]
    for inner in inners:
        inside = row.get(inner.name)
        if inner.single or not isinstance(inside, list | dict):
            continue
        for one in inside["items"] if isinstance(inside, dict) else inside:
            found += _told(inner.table, one, inner.inner)
    return found


def _key(table: str, row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEYS[table])


@pytest.fixture
def club(tmp_path: Path) -> Path:
    """An archive with something of everything."""
    path = tmp_path / "archive.db"
    photos = [("photos", {"owner_id": 1, "id": n, "url": f"http://x/{n}"}) for n in (1, 2)]
    hung = {"position": 0, "type": "photo", "owner_id": 1, "object_id": 1}
    keep(
        path,
        [
            post(1, date=5),
            comment(5, 1, date=9),
            comment(6, 1, date=8),
            *photos,
            ("attachments", {"resource": "posts", "record_key": "1_1", **hung}),
            ("albums", {"id": 1, "owner_id": 1}),
            *(("album_photos", {"album_id": 1, "owner_id": 1, "photo_id": n, "position": 2 - n})
              for n in (1, 2)),
            ("topics", {"group_id": 5, "id": 3, "title": "т"}),
            ("comments", {"id": 7, "kind": "topic", "group_id": 5, "topic_id": 3, "date": 1}),
            ("attachments", {"resource": "comments", "record_key": "7", **hung}),
            ("audio", {"id": 1, "owner_id": 9, "lyrics_id": 4}),
            ("audio", {"id": 2, "owner_id": 9, "lyrics_id": 4}),
            ("lyrics", {"lyrics_id": 4, "text": "ля"}),
            message(1),
            ("media", {"url": "http://x/1", "kind": "photos", "state": "stored",
                       "path": "ab/1.png"}),
        ],
    )  # fmt: skip
    return path


def test_order_inside(club: Path, tmp_path: Path) -> None:
    """Comments come by time, photos by their place in the album, and topics tell attachments."""
    write(club, tmp_path / "out", "json")
    (told,), (album,), (topic,) = (
        records(tmp_path / "out" / f"{name}.json") for name in ("posts", "albums", "topics")
    )
    assert [one["id"] for one in told["comments"]["items"]] == [6, 5]
    assert [one["photo_id"] for one in album["photos"]] == [2, 1]
    assert len(topic["comments"]["items"][0]["attachments"]) == 1
    assert not (tmp_path / "out" / "attachments.json").exists()


def test_shared_lyrics_are_counted_once(club: Path, tmp_path: Path) -> None:
    """Each track tells its lyrics; they are one row all the same, with a file of their own."""
    said = write(club, tmp_path / "out", "json")
    tracks = records(tmp_path / "out" / "audio.json")
    assert [one["lyrics"]["text"] for one in tracks] == ["ля", "ля"]
    assert said["tables"]["lyrics"]["rows"] == 1
    assert numbers(tmp_path / "out" / "lyrics.json", "lyrics_id") == [4]


def test_what_is_gone_is_told_nowhere(club: Path, tmp_path: Path) -> None:
    """A thing that is gone is not told where something leads to it, unless that is asked for."""
    execute(club, [f"update photos set gone_at = {GONE} where id = 1"])
    write(club, tmp_path / "without", "json")
    write(club, tmp_path / "with", "json", with_gone=True)
    without, with_it = (
        records(tmp_path / name / "posts.json")[0]["attachments"][0] for name in ("without", "with")
    )
    assert "photo" not in without
    assert with_it["photo"]["id"] == 1


def test_parts_go_with_their_wholes(club: Path, tmp_path: Path) -> None:
    """What belongs to an album or post that is gone is not exported; comments are by themselves."""
    execute(club, [f"update {name} set gone_at = {GONE}" for name in ("albums", "posts")])
    said = write(club, tmp_path / "out", "csv")["tables"]
    assert said["album_photos"]["rows"] == 0
    assert said["attachments"]["rows"] == 1
    assert said["comments"]["rows"] == 3


@pytest.mark.parametrize("tables", [("media",), ("media", "posts"), ("media", "media")])
def test_files_that_are_asked_for_are_listed(
    tables: tuple[str, ...], club: Path, tmp_path: Path
) -> None:
    """Table media has all its rows where it is named, whatever else is."""
    assert write(club, tmp_path / "out", "csv", tables=tables)["tables"]["media"]["rows"] == 1


def test_versions_are_of_the_tables_asked_for(club: Path, tmp_path: Path) -> None:
    """Another table's record of the same number does not bring its versions along."""
    keep(club, [("albums", {"id": 5, "owner_id": 1}), ("albums", {"id": 5, "owner_id": 1})])
    write(club, tmp_path / "out", "ndjson", tables=("comments",), with_versions=True)
    found = records(tmp_path / "out" / "_versions.ndjson")
    assert {one["resource"] for one in found} == {"comments"}


def test_whose_rows_are() -> None:
    """Of each table it is known what says whose its rows are; tracks in a list stay with it."""
    told = {table.name: owner_column(table) for table in TABLES}
    assert {told[name] for name in ("gifts", "friends", "followers", "statuses")} == {"user_id"}
    assert {told[name] for name in ("topics", "group_members", "group_settings")} == {"-group_id"}
    assert {told[name] for name in ("posts", "photos", "notes", "albums", "videos")} == {"owner_id"}
    assert {told[name] for name in ("audio", "attachments", "users", "messages")} == {None}


def test_which_columns_there_are() -> None:
    """Every view selects the columns of its table and what the archive notes, in order."""
    for view in Selection(with_gone=True, with_media=True).views():
        names = [field.name for field in view.fields]
        assert names[-3:] == ["first_seen_at", "last_seen_at", "gone_at"]
        assert set(view.table.key) <= set(names)
