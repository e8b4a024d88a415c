"""Attacks on exports with pseudonyms, by somebody who reads all that is public on the instance."""

import json
import re
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from archives import everything
from exporting import keep, key_in, message, post, records
from hiding import KEY, exported, pseudonyms
from syncing import ACCOUNT, execute, query
from toy import World, generate

from ovk_archive.archive.archive import Archive
from ovk_archive.export.pseudonyms.domains import DOMAINS, PUBLIC, Hiding
from ovk_archive.export.pseudonyms.pseudonymiser import Pseudonymiser
from ovk_archive.export.pseudonyms.rules import MENTIONED, PLACES, RULES
from ovk_archive.export.selection import Selection
from ovk_archive.export.writing import Wish, export
from ovk_archive.resources import TABLES

PRIVATE = tuple(domain for domain in DOMAINS if domain is not PUBLIC)
APART, TOGETHER = Hiding(), Hiding(one_domain=True)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """The archive of the demo, and what is true there."""
    path = tmp_path_factory.mktemp("demo") / "archive.db"
    path.write_bytes(everything())
    return path, generate()


def known_by_texts(world: World, tables: dict[str, Any]) -> dict[str, int]:
    """Whom an attacker names: who wrote a public text that nobody else wrote."""
    authors = defaultdict(set)
    for post_ in world.posts.values():
        authors[post_.text].add(post_.author_id)
    for comment_ in world.comments.values():
        authors[comment_.text].add(comment_.author_id)
    return {
        row["from_id"]: next(iter(authors[row["text"]]))
        for name in ("posts", "comments")
        for row in tables[name]
        if row["text"] and len(authors[row["text"]]) == 1
    }


def test_public_texts_name_no_private_message(demo: tuple[Path, World]) -> None:
    """Who is recognised by what he said in public is not recognised in messages, gifts, friends."""
    path, world = demo
    tables, together = exported(path), exported(path, hiding=TOGETHER)
    named, joined = known_by_texts(world, tables), known_by_texts(world, together)

    private = [name for domain in PRIVATE for name in domain.tables]
    assert len(tables["messages"]) == len(query(path, "select 1 from messages")) > 200
    assert not pseudonyms(tables, private) & named.keys()
    # With one domain nearly all are.
    found = [row for row in together["messages"] if row["peer_id"] in joined]
    assert len(found) > len(tables["messages"]) / 2


def test_whoever_is_named_elsewhere_is_not_in_messages(demo: tuple[Path, World]) -> None:
    """No two domains have a pseudonym in common, neither in columns nor in texts."""
    path, _ = demo
    tables = exported(path)
    said = {domain.name: pseudonyms(tables, domain.tables) for domain in DOMAINS}

    assert all(said.values())
    assert sum(map(len, said.values())) == len(set().union(*said.values()))


def test_texts_name_whom_their_table_names(archive_path: Path) -> None:
    """A message speaks of a person, and of a post, with pseudonyms of messages."""
    text = "Смотри wall2_7 у Зинаиды"
    keep(archive_path, [
        ("users", {"id": 2, "first_name": "Зинаида", "last_name": "Звонкая"}),
        post(7, owner=2, text=text), message(1, peer=2, text=text),
    ])  # fmt: skip
    tables = exported(archive_path)
    (one,), (other,) = tables["posts"], tables["messages"]

    assert one["text"] == f"Смотри wall{one['owner_id']}_{one['id']} у {one['owner_id']}"
    wall, _, whom = other["text"].removeprefix("Смотри ").partition(" у ")
    assert whom == other["peer_id"] != one["owner_id"]
    assert wall.startswith(f"wall{whom}_s_")
    assert one["id"] not in other["text"]


def test_every_table_is_in_one_domain() -> None:
    """Whatever is exported has a domain, and the columns that would lead elsewhere exist."""
    told = {name for name, rules in RULES.items() if set(rules.values()) != {"drop"}}
    listed = [name for domain in DOMAINS for name in domain.tables]
    links = {tuple(link.split(".")) for domain in DOMAINS for link in domain.links}
    columns = {(table.name, column.name) for table in TABLES for column in table.columns}

    assert sorted(listed) == sorted(told)
    assert links | MENTIONED | set(PLACES) <= columns
    private = {"messages", "conversations", "friends", "followers", "friend_requests", "gifts",
               "newsfeed", "notifications"}  # fmt: skip
    assert not private & set(PUBLIC.tables)


def test_a_package_refers_to_nobody_in_another_domain(archive_path: Path, tmp_path: Path) -> None:
    """What a message refers to is not among the users; a post's author is, and all is valid."""
    import frictionless

    keep(archive_path, [
        *(("users", {"id": n}) for n in (1, 2)), message(1, peer=2),
        ("friends", {"user_id": 1, "friend_id": 2}), post(1, from_id=2, from_user_id=2),
    ])  # fmt: skip
    references = {}
    for name, hiding in (("apart", APART), ("together", TOGETHER)):
        wish = Wish(selection=Selection(), format="csv", key_file=key_in(tmp_path), hiding=hiding)
        export(archive_path, tmp_path / name, wish)
        package = json.loads((tmp_path / name / "datapackage.json").read_text(encoding="utf-8"))
        references[name] = {
            (one["name"], *key["fields"])
            for one in package["resources"]
            for key in one["schema"].get("foreignKeys", [])
        }
    report = frictionless.validate(str(tmp_path / "apart" / "datapackage.json"))

    assert report.valid, report.flatten(["type", "message"])[:5]
    assert ("posts", "from_user_id") in references["apart"]
    private = {("messages", "peer_id"), ("messages", "from_id"), ("friends", "friend_id")}
    assert not private & references["apart"]
    assert private <= references["together"]
    book = (tmp_path / "apart" / "CODEBOOK.md").read_text(encoding="utf-8")
    assert re.search(r"\| peer_id \| string \|  \| content \|  \|", book)


def test_what_would_join_domains_is_left_out(archive_path: Path) -> None:
    """Nobody is met on the same day, deleted or quoted in two domains; with one domain all is."""
    keep(archive_path, [
        ("users", {"id": 2, "is_closed": 1, "can_access_closed": 1}),
        message(1), ("conversations", {"peer_id": 2, "type": "user", "can_write": 0}),
        ("notifications", {"key": "x", "type": "wall", "from_id": 2, "text": "Привет всем"}),
    ])  # fmt: skip
    gone = "set gone_at = '2026-11-25T19:15:00.123456Z'"
    execute(archive_path, [f"update {table} {gone}" for table in ("users", "messages")])
    apart, together = exported(archive_path), exported(archive_path, hiding=TOGETHER)

    days = [rows[0]["gone_at"][:10] for rows in (apart["users"], apart["messages"])]
    assert days == ["2026-11-25", "2026-11-01"]
    assert together["messages"][0]["gone_at"] == "2026-11-25T00:00:00.000000Z"
    for domain in PRIVATE:
        for name in domain.tables:
            assert not {"first_seen_at", "last_seen_at"} & set(*apart[name][:1]), name
    pairs = {("users", "can_access_closed"), ("conversations", "can_write")}
    pairs |= {("notifications", "text"), ("messages", "first_seen_at")}
    assert {(name, column) for name, column in pairs if column in apart[name][0]} == set()
    assert {(name, column) for name, column in pairs if column in together[name][0]} == pairs
    assert "first_seen_at" in apart["users"][0]


def moments(tables: dict[str, Any]) -> set[Any]:
    """All that an export says of posts and comments but their texts, and of what posts repeat."""
    said = {
        value
        for name in ("posts", "comments")
        for row in tables[name]
        for column, value in row.items()
        if column not in ("text", "copy_history")
    }
    repeats = [json.loads(row["copy_history"] or "[]") for row in tables["posts"]]
    return said | {one["date"] for told in repeats for one in told}


def test_exact_times_find_every_post_and_days_none(demo: tuple[Path, World]) -> None:
    """The second at which something was published is in no row, unless it is asked for."""
    path, world = demo
    written = {one.date for one in world.posts.values()}
    written |= {one.date for one in world.comments.values()}
    seconds = {date for date in written if date % 86_400}

    assert len(seconds) > 50
    assert not seconds & moments(exported(path))
    assert not seconds & moments(exported(path, hiding=Hiding(times="month")))
    held = {row[0] for row in query(path, "select date from posts union select date from comments")}
    assert seconds & held <= moments(exported(path, hiding=Hiding(times="exact")))


@pytest.mark.parametrize(("times", "began"), [("day", 31), ("month", 1)])
def test_times_begin_their_day_or_month(archive_path: Path, times: str, began: int) -> None:
    """A time, and when a row was gone, say the day or the month; no time at all stays none."""
    moment = int(datetime(2020, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
    polls = [("polls", {"id": n, "end_date": end}) for n, end in ((1, moment), (2, 0), (3, None))]
    repeats = json.dumps([{"id": 9, "from_id": 2, "date": moment, "text": "да"}])
    repeat = post(1, date=moment, copy_history=repeats)
    keep(archive_path, [repeat, post(2, date=-moment), *polls])
    tables = exported(archive_path, hiding=Hiding(times=times))
    dates = {row["date"] for row in tables["posts"]}
    ends = {row["end_date"] for row in tables["polls"]}
    (told,) = [json.loads(row["copy_history"]) for row in tables["posts"] if row["copy_history"]]

    start = int(datetime(2020, 12, began, tzinfo=UTC).timestamp())
    assert start in dates
    assert told[0]["date"] == start
    assert re.fullmatch("s_[0-9a-f]{20}", told[0]["id"])
    assert min(dates) <= -moment
    assert ends == {start, 0, None}
    assert {row["first_seen_at"][8:10] for row in tables["posts"]} == {
        "01" if times == "month" else datetime.now(UTC).strftime("%d")
    }


def test_numbers_find_nothing(demo: tuple[Path, World]) -> None:
    """Of all that has a number on the instance no number is told, in no column that leads to it."""
    told = exported(demo[0])
    for table in TABLES:
        rules = RULES[table.name]
        for column in (name for name, rule in rules.items() if rule == "keep"):
            assert column not in ("id", "aid", "global_id"), table.name
            assert not column.endswith("_id") or column in ("genre_id", "gift_id", "folder_id")
    numbers = {
        type(row["id"]) for rows in told.values() for row in rows if "id" in row
    }  # Whatever has a number.
    assert numbers == {str}


def test_one_number_known_tells_no_other(archive_path: Path) -> None:
    """Posts, photos, videos, notes and topics of the same number have nothing in common."""
    kinds = ("photos", "videos", "notes")
    keep(archive_path, [
        *(post(5, owner=owner) for owner in (1, 2, -1)),
        *((kind, {"owner_id": owner, "id": 5}) for kind in kinds for owner in (1, 2)),
        *(("topics", {"group_id": group, "id": 5}) for group in (1, 2)),
        ("comments", {"id": 1, "kind": "topic", "owner_id": -1, "group_id": 1, "topic_id": 5}),
        ("likes", {"kind": "photo", "owner_id": 2, "item_id": 5, "user_id": 1}),
        ("newsfeed", {"owner_id": 2, "post_id": 5}),
    ])  # fmt: skip
    told = exported(archive_path)
    numbers = [row["id"] for kind in (*kinds, "posts", "topics") for row in told[kind]]

    assert len(set(numbers)) == len(numbers) == 11
    assert told["comments"][0]["topic_id"] in {row["id"] for row in told["topics"]}
    assert told["likes"][0]["item_id"] in {row["id"] for row in told["photos"]}
    # Whose posts the newsfeed shows is a friend, which nobody is to read off public posts.
    together = exported(archive_path, hiding=TOGETHER)
    assert told["newsfeed"][0]["post_id"] not in {row["id"] for row in told["posts"]}
    assert together["newsfeed"][0]["post_id"] in {row["id"] for row in together["posts"]}


def test_the_order_of_one_wall_does_not_tell_that_of_another(
    archive_path: Path, tmp_path: Path
) -> None:
    """Whoever has found all posts of a wall does not find those of the next by their places."""
    keep(archive_path, [post(n, owner=owner) for owner in (1, 2) for n in range(1, 101)])
    (tmp_path / "key").write_bytes(KEY)
    wish = Wish(selection=Selection(), format="ndjson", key_file=key_in(tmp_path))
    export(archive_path, tmp_path / "out", wish)
    rows = records(tmp_path / "out" / "posts.ndjson")
    with Archive.read(archive_path) as archive:
        hashes = Pseudonymiser(archive, KEY).hashes
    was = {hashes.counted("s", owner, n): (owner, n) for owner in (1, 2) for n in range(1, 101)}
    walls = defaultdict(list)
    for row in rows:
        owner, number = was[row["id"]]
        walls[owner].append(number)

    assert sorted(walls[1]) == sorted(walls[2]) == list(range(1, 101))
    assert sum(one == other for one, other in zip(walls[1], walls[2], strict=True)) < 10


def test_places_are_counted_anew(archive_path: Path) -> None:
    """Gaps do not tell what is missing, and a message's number tells its conversation only."""
    places = {8: 3, 9: 70, 10: 71}
    keep(archive_path, [
        *(("playlist_audio", {"playlist_id": 4, "audio_id": n, "position": at})
          for n, at in places.items()),
        *(("audio_collection", {"owner_id": 1, "audio_id": n, "place": at})
          for n, at in places.items()),
        ("album_photos", {"album_id": 1, "owner_id": 1, "photo_id": 1, "position": 0}),
        message(10, peer=2), message(11, peer=3), message(15, peer=2), message(99, peer=3),
    ])  # fmt: skip
    told = exported(archive_path)
    turns = {row["id"].removeprefix(row["peer_id"]) for row in told["messages"]}

    assert sorted(row["position"] for row in told["playlist_audio"]) == [1, 2, 3]
    assert sorted(row["place"] for row in told["audio_collection"]) == [1, 2, 3]
    assert turns == {"_0000001", "_0000002"}
    assert len({row["id"] for row in told["messages"]}) == 4
    # Whoever opens an album sees what comes first.
    assert "position" not in told["album_photos"][0]


def test_messages_stand_in_their_conversation_in_order(archive_path: Path, tmp_path: Path) -> None:
    """The files have one conversation after another, each from its first message on."""
    keep(archive_path, [message(n, peer=2 + n % 5) for n in range(1, 51)])
    for kind in ("ndjson", "csv"):
        wish = Wish(selection=Selection(), format=kind, key_file=key_in(tmp_path))
        export(archive_path, tmp_path / kind, wish)
        rows = records(tmp_path / kind / f"messages.{kind}")
        peers = list(dict.fromkeys(row["peer_id"] for row in rows))

        assert len(peers) == 5
        assert [row["id"] for row in rows] == [
            f"{peer}_{turn:07d}" for peer in peers for turn in range(1, 11)
        ]


def test_what_the_manifest_says_is_left_out_is(archive_path: Path) -> None:
    """Titles of documents, whom the account blocks, and whom it does not want to read are gone."""
    keep(archive_path, [
        ("documents", {"id": 5, "owner_id": 1, "title": "Договор аренды.pdf", "ext": "pdf"}),
        ("blacklist", {"user_id": 2}), ("newsfeed_banned", {"source_id": 2, "user_id": 2}),
    ])  # fmt: skip
    told = exported(archive_path, hiding=TOGETHER)

    assert told["documents"][0]["ext"] == "pdf"
    assert "Договор" not in json.dumps(told, ensure_ascii=False)
    assert not {"blacklist", "newsfeed_banned"} & told.keys()


def test_the_account_is_another_one_in_private(demo: tuple[Path, World]) -> None:
    """Even the account, whom everybody recognises, has a pseudonym for each domain."""
    with Archive.read(demo[0]) as archive:
        made = Pseudonymiser(archive, KEY)
        names = {made.changes(domain.name).hashes.owner(ACCOUNT) for domain in DOMAINS}
    assert len(names) == len(DOMAINS)
