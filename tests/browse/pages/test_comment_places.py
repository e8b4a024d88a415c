"""Links to comments: each leads to a page on which the comment stands."""

from pathlib import Path

import pytest
from pasts import ME, Past, past
from syncing import execute, query
from trees import Node
from visitor import Visitor

#: Kind -> where its text is.
TEXTS = {"post": "posts", "photo": "photos", "note": "notes"}
FIRST, ANSWER = 900_001, 900_002


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """An archive with a past."""
    return past(tmp_path_factory.mktemp("comments"))


@pytest.fixture
def archive(life: Past, tmp_path: Path) -> Path:
    """A copy, to be written to."""
    copy = tmp_path / "archive.db"
    copy.write_bytes(life.path.read_bytes())
    return copy


def add(archive: Path, of: tuple[str, int], number: int, text: str, reply_to: int = 0) -> None:
    """Say something of a record of the account."""
    kind, key = of
    put = f"insert into comments (id, kind, owner_id, {kind}_id, from_id, text, reply_to_comment) "
    values = f"values ({number}, '{kind}', {ME}, {key}, 2, '{text}', nullif({reply_to}, 0))"
    execute(archive, [put + values])


def with_comment(visitor: Visitor, number: int) -> Node:
    """The page to which a link to a comment leads."""
    page = visitor.page(f"comment/{number}")
    assert page.with_id(f"comment{number}").tag == "article"
    return page


@pytest.mark.parametrize("letters", [10, 39_990, 50_000])
@pytest.mark.parametrize("kind", [*TEXTS])
def test_a_comment_is_where_its_link_leads(kind: str, letters: int, archive: Path) -> None:
    """However long a text is, the link to what was said of it leads to where that stands: below
    the text, if there is room.
    """  # noqa: D205
    ((of,),) = query(archive, f"select max(id) from {TEXTS[kind]} where owner_id = {ME}")
    text = ("слово " * letters)[:letters]
    written = f"update {TEXTS[kind]} set text = '{text}' where owner_id = {ME} and id = {of}"
    silent = f"delete from comments where owner_id = {ME} and {kind}_id = {of}"
    execute(archive, [silent, written])
    add(archive, (kind, of), FIRST, "да " * 17)
    visitor = Visitor(archive)

    page = with_comment(visitor, FIRST)
    assert ("слово" in page.one("main").words) == (letters == 10)
    above = visitor.page(f"{kind}/{ME}_{of}")
    more = [visitor.page(one) for one in above.links if f"/comments/{kind}/" in one]
    shown = [one.attributes["id"] for each in (above, *more) for one in each.all(".comment")]
    assert shown == [f"comment{FIRST}"]


def test_every_comment_is_where_its_link_leads(life: Past) -> None:
    """Of what was said under anything, links lead to the comment; each tenth is tried."""
    visitor = Visitor(life.path)
    for (number,) in query(life.path, "select id from comments")[::10]:
        page = with_comment(visitor, number)
        shown = [one.attributes["id"] for one in page.all("article.comment")]
        assert shown.count(f"comment{number}") == 1


def test_what_is_answered_is_found(life: Past, archive: Path) -> None:
    """An answer leads to what it answers, also where that stands on another page; to what the
    archive does not have, nothing leads.
    """  # noqa: D205
    first = life.world.thread("post", ME, life.much)[0].id
    add(archive, ("post", life.much), FIRST, "ответ", first)
    add(archive, ("post", life.much), ANSWER, "ещё", 123456789)
    visitor = Visitor(archive)

    page = visitor.page(f"comments/post/{ME}_{life.much}?after={FIRST - 1}")
    answers = {
        number: [one for one in page.with_id(f"comment{number}").links if "/comment/" in one]
        for number in (FIRST, ANSWER)
    }
    assert answers == {FIRST: [f"{visitor.at}comment/{first}"], ANSWER: []}
    assert visitor.page(answers[FIRST][0]).with_id(f"comment{first}").tag == "article"
