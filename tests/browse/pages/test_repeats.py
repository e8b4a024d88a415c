"""Posts that repeat several others: what hangs on each."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from pasts import ME, past
from syncing import execute, query
from visitor import Visitor


@dataclass(frozen=True)
class Life:
    """An archive, and the number of a post on which two photos of its own hang."""

    path: Path
    post: int
    photos: list[int]


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """A post, on which photos hang: two of its own, and three of what it repeats."""
    path = past(tmp_path).path
    ((post,),) = query(path, f"select max(id) from posts where owner_id = {ME}")
    photos = [number for (number,) in query(path, f"select id from photos where owner_id = {ME}")]
    of = f"'posts', '{ME}_{post}'"
    execute(path, [f"delete from attachments where (resource, record_key) = ({of})"])
    execute(path, [
        "insert into attachments (resource, record_key, position, type, owner_id, object_id, "
        f"reposted) values ({of}, {place}, 'photo', {ME}, {photo}, {int(place > 1)})"
        for place, photo in enumerate(photos[:5])
    ])  # fmt: skip
    return Life(path, post, photos[:5])


def hung(life: Life, *originals: dict[str, object]) -> list[list[int]]:
    """The photos that hang on each post that a post repeats."""
    told = [{"id": 7, "from_id": 2, "date": 1_500_000_000, "text": "да"} | one for one in originals]
    history = json.dumps(told, ensure_ascii=False)
    of = f"owner_id = {ME} and id = {life.post}"
    execute(life.path, [f"update posts set copy_history = '{history}' where {of}"])
    page = Visitor(life.path).page(f"post/{ME}_{life.post}")
    return [
        [int(link.rpartition("_")[2]) for link in one.links if "/-/photo/" in link]
        for one in page.all("blockquote.repeat")
    ]


def names(*numbers: int) -> dict[str, object]:
    """What hangs on an original, as its record is kept."""
    return {"attachments": ",".join(f"photo{ME}_{number}" for number in numbers) or None}


def test_each_original_has_what_hangs_on_it(life: Life) -> None:
    """What is attached to several originals is shown below each of them, in its order."""
    _, _, one, two, three = life.photos
    for some in ([[one], [two, three]], [[one, two], [], [three]], [[], [one, two, three]]):
        assert hung(life, *(names(*numbers) for numbers in some)) == some


def test_more_originals_than_are_shown(life: Life) -> None:
    """Of many originals the first are shown, each with its own."""
    _, _, one, two, three = life.photos
    many = [[one], *([[]] * 8), [two], [three]]

    assert hung(life, *(names(*numbers) for numbers in many)) == many[:10]


def test_what_nobody_tells_hangs_on_the_last(life: Life) -> None:
    """Where an older archive does not say what hangs where, or says another number, all of it is
    shown below the last.
    """  # noqa: D205
    rest = life.photos[2:]
    assert hung(life, {}, {}) == [[], rest]
    assert hung(life, names(rest[0]), names(rest[1])) == [[], rest]
    assert hung(life, {"attachments": 7}, {"attachments": {}}) == [[], rest]


def test_an_original_leads_nowhere(life: Life) -> None:
    """Nobody knows on which wall an original is: its date is no link to another post."""
    hung(life, names() | {"owner_id": 2}, names())
    for one in Visitor(life.path).page(f"post/{ME}_{life.post}").all("blockquote.repeat"):
        assert not [link for link in one.links if "/post/" in link]
        assert one.one("time").words == "July 14, 2017, 02:40"
