"""Pseudonymised exports as files: in no byte of any format is anybody to be found."""

import json
import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from conftest import Cli
from exporting import comment, keep, post, records
from syncing import execute, run
from telling import PLACES, given_away, raw, speak, talkative
from toy import DemoInstance, World
from worlds import LISTS, made

from ovk_archive.demo.world.store import Store
from ovk_archive.export.pseudonyms.domains import DOMAINS
from ovk_archive.export.pseudonyms.pseudonymiser import Pseudonymiser
from ovk_archive.export.snapshot import snapshot
from ovk_archive.resources import SECTIONS

FORMATS = ("json", "ndjson", "csv", "parquet")
#: Addresses that every package and every crate names.
_OF_STANDARDS = re.compile(r"https?://(datapackage\.org|w3id\.org/ro|schema\.org)/")
#: Numbers of people and groups that are no other numbers, and so long that no hash has one of them
#: in it by chance.
PEOPLE, GROUPS = 731_604_518_000, 843_152_607_000


def hidden(cli: Cli, archive: Path, folder: Path, kind: str) -> str:
    """All that a pseudonymised export holds, as text, and the names of its files."""
    key = folder.with_name("key")
    done = cli.run(
        "export", archive, folder, "--format", kind, "--quiet", "--with-gone",
        "--pseudonymise", "--key", key, *([] if key.exists() else ["--new-key"]),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    names = [str(path.relative_to(folder)) for path in files]
    return "\n".join([*names, done.stdout, done.stderr, *map(_told, files)])


def _told(path: Path) -> str:
    """What a file says, unpacked if need be."""
    # What is not packed says it in its bytes.
    text = _OF_STANDARDS.sub("", path.read_bytes().decode("utf-8", "replace"))
    return text if path.suffix != ".parquet" else f"{text}\n{_unpacked(path)}"


def _unpacked(path: Path) -> str:
    file = pq.ParquetFile(path)
    said = [str(file.schema_arrow.metadata), str(file.metadata.to_dict())]
    rows = (json.dumps(row, ensure_ascii=False, default=str) for row in file.read().to_pylist())
    return "\n".join([*said, *rows])


def test_when_rows_were_read_is_told_to_the_day(
    cli: Cli, tmp_path: Path, archive_path: Path
) -> None:
    """Requests go through ids in their order: which row came in which second is not told."""
    keep(archive_path, [("users", {"id": 1}), post(1)])
    execute(archive_path, ["update users set gone_at = '2026-11-25T19:15:00.123456Z'"])
    hidden(cli, archive_path, tmp_path / "out", "ndjson")
    (user,) = records(tmp_path / "out" / "users.ndjson")
    day = datetime.now(UTC).strftime("%Y-%m-%dT00:00:00.000000Z")

    assert user["gone_at"] == "2026-11-25T00:00:00.000000Z"
    assert user["first_seen_at"] == user["last_seen_at"] == day


@pytest.fixture(scope="module")
def demo(tmp_path_factory: Any) -> tuple[Path, World]:
    """The archive of the demo world, in which people speak of each other."""
    path = tmp_path_factory.mktemp("demo") / "archive.db"
    return path, talkative("B", path)


@pytest.mark.parametrize("kind", FORMATS)
def test_nobody_of_the_demo_is_found(
    kind: str, cli: Cli, demo: tuple[Path, World], tmp_path: Path
) -> None:
    """No name, screen name, page, telephone number, e-mail or address is in any file."""
    path, world = demo
    text = hidden(cli, path, tmp_path / "out", kind)
    assert given_away(world, text) == set()
    assert len(text) > 100_000


def _far(self: Store, *counter: Any) -> int:
    """Give numbers that can be found in a file; the account and its first friend keep theirs."""
    number = _NEXT(self, *counter)
    if counter == ("user",) and number > 2:
        return PEOPLE + number * 37
    return GROUPS + number * 53 if counter == ("group",) and number > 1 else number


_NEXT = Store.next_id


@pytest.fixture(scope="module", params=["A", "B"])
def far(request: pytest.FixtureRequest, tmp_path_factory: Any) -> tuple[Path, World]:
    """The archive of a world whose people and groups have numbers that nothing else has."""
    path = tmp_path_factory.mktemp("far") / "archive.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "next_id", _far)
        world = made(3, dict.fromkeys(LISTS, 6), dialogs=2)
    somebody, club = max(world.users), max(world.groups)
    with DemoInstance(world, request.param) as instance:
        speak(world, instance.url, PLACES, somebody, club)
        run(instance, path, sections=SECTIONS, owners=(1, 2, -1))
    return path, world


@pytest.mark.parametrize("kind", FORMATS)
def test_no_number_is_found(kind: str, cli: Cli, far: tuple[Path, World], tmp_path: Path) -> None:
    """The numbers of people and groups are nowhere: in no column, text, link, or file name."""
    path, world = far
    text = hidden(cli, path, tmp_path / "out", kind)
    numbers = {str(number) for number in (*world.users, *world.groups) if number > 2}
    held = raw(path)

    assert {number for number in numbers if number in text} == set()
    assert len([number for number in numbers if number in held]) > 20


def _crowd(path: Path) -> None:
    """An archive in which many people did the same."""
    people = range(1, 301)
    keep(path, [
        *(row for number in people for row in _deeds(number)),
        ("polls", {"id": 5, "owner_id": 1}),
        ("poll_answers", {"id": 6, "poll_id": 5}),
    ])  # fmt: skip


def _deeds(number: int) -> list[tuple[str, dict[str, Any]]]:
    """What each of them did."""
    return [
        ("users", {"id": number}),
        ("groups", {"id": number}),
        ("friends", {"user_id": 1, "friend_id": number}),
        ("conversations", {"peer_id": number}),
        post(1, owner=number),
        comment(1000 + number, 1, from_id=number, date=number),
        ("audio", {"id": number, "owner_id": 1}),
        ("poll_votes", {"poll_id": 5, "answer_id": 6, "user_id": number}),
    ]


def _climbs(numbers: list[int]) -> float:
    """How many of them are larger than the one before: half of all, if their order says nothing."""
    pairs = [one < other for one, other in pairwise(numbers)]
    return sum(pairs) / len(pairs)


@pytest.mark.parametrize("kind", ["ndjson", "json"])
def test_the_order_tells_nothing(kind: str, cli: Cli, tmp_path: Path, archive_path: Path) -> None:
    """Rows do not stand in the order of the numbers that were replaced, nor what is inside them."""
    _crowd(archive_path)
    hidden(cli, archive_path, tmp_path / "out", kind)
    with snapshot(archive_path) as moment:
        made_up = Pseudonymiser(moment.archive, (tmp_path / "key").read_bytes())
    was = {
        made_up.changes(domain.name).hashes.owner(sign * number): number
        for domain in DOMAINS
        for number in range(1, 301)
        for sign in (1, -1)
    }
    was |= {made_up.hashes.thing("a", number): number for number in range(1, 301)}
    was |= {made_up.hashes.thing("c", 1000 + number): number for number in range(1, 301)}

    def order(table: str, column: str) -> list[int]:
        return [was[row[column]] for row in records(tmp_path / "out" / f"{table}.{kind}")]

    orders = {
        name: order(*name.split("."))
        for name in ("users.id", "groups.id", "friends.friend_id", "conversations.peer_id",
                     "posts.owner_id", "audio.id")
    }  # fmt: skip
    if kind == "json":
        orders |= _inside(tmp_path / "out", was)
    else:
        orders |= {"votes": order("poll_votes", "user_id"), "comments": order("comments", "id")}
    for name, numbers in orders.items():
        assert sorted(numbers) == list(range(1, 301)), name
        assert 0.4 < _climbs(numbers) < 0.6, name
    # Two tables in one order would show who of the one is who of the other.
    assert len(set(map(tuple, orders.values()))) == len(orders)


def _inside(folder: Path, was: dict[str, int]) -> dict[str, list[int]]:
    """The order of what is told inside a poll and a post."""
    (poll,) = records(folder / "polls.json")
    (told,) = [post for post in records(folder / "posts.json") if post["comments"]["items"]]
    return {
        "votes": [was[one["user_id"]] for one in poll["answers"][0]["voters"]],
        "comments": [was[one["id"]] for one in told["comments"]["items"]],
    }


def test_the_order_is_the_same_each_time(cli: Cli, tmp_path: Path, archive_path: Path) -> None:
    """With one key an export has the same bytes each time, with another not even the same order."""
    _crowd(archive_path)
    (tmp_path / "other").mkdir()
    for folder in ("one", "two", "other/three"):
        hidden(cli, archive_path, tmp_path / folder, "csv")
    one, two, three = (
        (tmp_path / folder / "users.csv").read_bytes() for folder in ("one", "two", "other/three")
    )
    assert one == two
    assert one != three
