"""Where nothing is, it is said once; where something is, nothing of the kind is said."""

from pathlib import Path

import pytest
from pasts import ME, past
from syncing import execute, query
from visitor import Visitor

NOTHING = "There is nothing here."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An archive with a past, to be changed."""
    return past(tmp_path).path


@pytest.mark.parametrize(
    ("page", "statements", "all_of_it"),
    [
        (
            "wall",
            ("delete from posts where owner_id = 1 and not ifnull(is_pinned, 0)",),
            ("delete from posts",),
        ),
        ("photos", ("delete from photos",), ("delete from albums",)),
        ("audio", ("delete from audio_collection",), ("delete from playlists",)),
    ],
)
def test_half_of_a_page(
    page: str, statements: tuple[str, ...], all_of_it: tuple[str, ...], path: Path
) -> None:
    """A pinned post, albums, playlists are something; without them there is nothing."""
    execute(path, statements)
    half = Visitor(path).page(f"{page}/{ME}").one("main")
    execute(path, all_of_it)
    empty = Visitor(path).page(f"{page}/{ME}").one("main")

    assert half.all("article.card") or half.all("ul.albums")
    assert NOTHING not in half.words
    assert NOTHING in empty.words


@pytest.mark.parametrize("since", ["2030-01-01", "9999-12-31"])
def test_behind_the_last_message(since: str, path: Path) -> None:
    """From a day on which nothing was said any more, what was said last is shown."""
    peer = query(path, "select peer_id from messages group by 1 order by count(*) desc")[0][0]
    visitor = Visitor(path)

    assert NOTHING not in visitor.page(f"dialog/{peer}?since={since}").one("main").words
    assert visitor.json(f"dialog/{peer}?since={since}") == visitor.json(f"dialog/{peer}")
