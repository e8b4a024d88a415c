"""Walls and posts as pages show them, against what is true in the world."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pasts import ME, Past, past
from syncing import execute, query
from trees import Node
from visitor import Visitor

from ovk_archive.browse.showing.parts.texts import pieces
from ovk_archive.demo.world.records import Comment, Post


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """An archive with a past."""
    return past(tmp_path_factory.mktemp("walls"))


@pytest.fixture(scope="module")
def visitor(life: Past) -> Visitor:
    """Who looks at it."""
    return Visitor(life.path)


def iso(seconds: int) -> str:
    """A time as machines read it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_shown(text: str) -> str:
    """A text as people read it: without the marks of mentions."""
    return " ".join("".join(one.text for one in pieces(text)).split())


def name_of(life: Past, number: int) -> str:
    """What somebody is called."""
    if number < 0:
        return life.world.groups[-number].name
    user = life.world.users[number]
    if user.deleted:
        return "DELETED"
    return " ".join(f"{user.first_name} {user.last_name}".split())


def cards(page: Node) -> dict[str, Node]:
    """The posts of a page, by their keys."""
    found = [(one.links, one) for one in page.all("article.card")]
    keys = [(next(link for link in links if "/post/" in link), one) for links, one in found]
    return {link.rpartition("/")[2]: one for link, one in keys}


def key(post: Post) -> str:
    """What names a post."""
    return f"{post.owner_id}_{post.id}"


def own_part(card: Node) -> Iterator[Node]:
    """What a post itself says: without what it repeats, and without comments."""
    for node in card:
        around = {one.attributes.get("class") for one in node.above}
        if not around & {"comments", "repeat"}:
            yield node


def hung(life: Past, of: Post | Comment) -> list[str]:
    """What hangs on something, as the links of a page name it; polls and documents by their words.

    Servers do not tell of what was deleted.
    """
    found = []
    for kind, number in of.attachments:
        if kind == "poll":
            found.append(life.world.polls[number].question)
        elif kind == "doc":
            found.append(life.world.docs[number].title)
        else:
            record = getattr(life.world, _TABLES[kind])[number]
            is_gone = record.deleted or getattr(record, "withdrawn", False)
            name = str(number) if kind == "audio" else f"{number[0]}_{number[1]}"
            found += [] if is_gone else [f"{_PAGES.get(kind, kind)}/{name}"]
    return sorted(found)


_TABLES = {"photo": "photos", "video": "videos", "audio": "audio", "note": "notes"}
_PAGES = {"audio": "track"}


def things(nodes: Iterator[Node]) -> list[str]:
    """The same of a page."""
    found = []
    for one in nodes:
        link = one.attributes.get("href", "")
        place = link.partition("/-/")[2]
        names = {
            name
            for outer in (one, *one.above)
            for name in outer.attributes.get("class", "").split()
        }
        if names & {"picture", "film", "track", "enclosed"} and place.partition("/")[0] in {
            "photo",
            "video",
            "track",
            "note",
        }:
            found.append(place)
        if one.tag == "strong" and "poll" in names:
            found.append(one.words)
        if one.tag == "bdi" and "document" in names:
            found.append(one.words)
    return sorted(found)


def test_every_post_of_a_wall_once(life: Past, visitor: Visitor) -> None:
    """Over all pages of the wall each of its posts stands once, the newest first."""
    first, *others = [[*cards(page)] for page in visitor.pages(f"wall/{ME}")]
    # What is pinned is shown at the top, and not a second time on the same page.
    assert first.pop(0) == f"{ME}_{life.pinned}"
    met = [one for page in (first, *others) for one in page]
    held = query(life.path, f"select id from posts where owner_id = {ME} order by id desc")

    assert len(others) >= 2
    assert met == [f"{ME}_{number}" for (number,) in held]
    assert {key(post) for post in life.world.wall(ME)} <= {*met}


def test_posts_are_shown_as_they_are(life: Past, visitor: Visitor) -> None:
    """Each post has its author, its text, its date, what it repeats, and all that hangs on it."""
    for page in visitor.pages(f"wall/{ME}"):
        for name, card in cards(page).items():
            owner, _, number = name.rpartition("_")
            post = life.world.posts[int(owner), int(number)]
            own = list(own_part(card))
            texts = [one.words for one in own if one.attributes.get("class") == "text"]
            assert texts == [as_shown(post.text)] * bool(post.text), name
            assert card.one("a.who").words == name_of(life, post.author_id), name
            assert card.one("time").attributes["datetime"] == iso(post.date), name
            assert things(iter(own)) == hung(life, post), name
            repeats = [one.one(".text").words for one in card.all("blockquote.repeat")]
            assert repeats == [as_shown(one.text) for one in repeated(life, post)], name


def repeated(life: Past, post: Post) -> Iterator[Post]:
    """What a post repeats."""
    if post.repost_of:
        yield life.world.posts[post.repost_of]


def marks(card: Node) -> str:
    """What is marked on a post."""
    return "".join(one.words for one in card.all("p.marks"))


def test_marks(life: Past, visitor: Visitor) -> None:
    """What is pinned, edited or deleted says so, and nothing else does."""
    edited = next(key.split()[1] for key in life.former if key.startswith("posts "))
    expected = {
        f"{ME}_{life.pinned}": "pinned",
        edited: "edited once",
        life.gone["posts"]: "deleted, noticed February 3, 2026",
    }
    for page in visitor.pages(f"wall/{ME}"):
        for name, card in cards(page).items():
            post = life.world.posts[ME, int(name.rpartition("_")[2])]
            kept = "explicit" if post.explicit else ""
            assert marks(card) == expected.get(name, kept), name
            is_gone = "is-gone" in card.attributes["class"]
            assert is_gone == (name == life.gone["posts"]), name


def test_what_was_deleted_stays_readable(life: Past, visitor: Visitor) -> None:
    """A deleted post has its words, and all that hung on it."""
    owner, number = map(int, life.gone["posts"].split("_"))
    post = life.world.posts[owner, number]
    (card,) = visitor.page(f"post/{owner}_{number}").all("article.card")

    assert card.one(".text").words == as_shown(post.text)
    assert len(post.attachments) > 1
    assert things(own_part(card)) == hung(life, post)


def test_an_edited_post_shows_what_it_said(life: Past, visitor: Visitor) -> None:
    """The page of a post has its former text, with what was taken out and put in."""
    name, former = next(one for one in life.former.items() if one[0].startswith("posts "))
    page = visitor.page(f"post/{name.split()[1]}")
    text = page.with_id("before").one(".text")
    was, now = (_without(text, tag) for tag in ("ins", "del"))

    assert " ".join(was.split()) == as_shown(former)
    assert " ".join(now.split()) == page.one(".text").words == "Теперь здесь другие слова"
    others = visitor.page(f"post/{ME}_{life.much}")
    assert not [one for one in others if one.attributes.get("id") == "before"]


def _without(text: Node, tag: str) -> str:
    """The words of a text but those in such an element."""
    return "".join(
        one if isinstance(one, str) else one.text
        for one in text.children
        if isinstance(one, str) or one.tag != tag
    )


def test_every_comment_once_in_its_order(life: Past, visitor: Visitor) -> None:
    """Of more comments than a page has, each is met once, with its author and its words."""
    pages = list(visitor.pages(f"post/{ME}_{life.much}"))
    met = [one for page in pages for one in page.all("article.comment")]
    thread = life.world.thread("post", ME, life.much)

    assert len(pages) == 2
    assert len(thread) > 100
    assert [one.attributes["id"] for one in met] == [f"comment{one.id}" for one in thread]
    for node, comment in zip(met, thread, strict=True):
        assert node.one("a.who").words == name_of(life, comment.author_id)
        assert node.one(".text").words == as_shown(comment.text)
        is_gone = str(comment.id) == life.gone["comments"]
        assert ("is-gone" in node.attributes["class"]) == is_gone
        assert bool(node.all("span.gone")) == is_gone


def test_comments_of_all_posts(life: Past, visitor: Visitor) -> None:
    """The first comments stand on the wall, with what hangs on them, and the way to the rest."""
    for page in visitor.pages(f"wall/{ME}"):
        for name, card in cards(page).items():
            owner, number = map(int, name.split("_"))
            thread = life.world.thread("post", owner, number)
            shown = card.all("article.comment")
            assert [one.attributes["id"] for one in shown] == [
                f"comment{one.id}" for one in thread[:3]
            ]
            for node, comment in zip(shown, thread, strict=False):
                assert things(iter(node)) == hung(life, comment), comment.id
            more = [one for one in card.links if one.endswith("#comments")]
            assert bool(more) == (len(thread) > 3), name


def test_a_year_of_the_wall(life: Past, visitor: Visitor) -> None:
    """The years of a wall are offered, and each leads to its posts, the newest first."""
    years = visitor.page(f"wall/{ME}").one("nav.strip").links
    dates = [post.date for post in life.world.posts.values() if post.owner_id == ME]
    ends = [datetime.fromtimestamp(one, UTC).year for one in (max(dates), min(dates))]

    assert [int(one.rpartition("=")[2]) for one in years] == list(range(ends[0], ends[1] - 1, -1))
    for link in years:
        page = visitor.page(link)
        first = next(iter(cards(page).values()), None)
        if first is not None:
            assert first.one("time").attributes["datetime"][:4] <= link.rpartition("=")[2]


def test_a_pinned_post_of_the_first_page_stands_there_once(life: Past, tmp_path: Path) -> None:
    """What is pinned and new is at the top only."""
    copy = tmp_path / "archive.db"
    copy.write_bytes(life.path.read_bytes())
    newest = max(post.id for post in life.world.wall(ME))
    pin = f"update posts set is_pinned = 1 where owner_id = {ME} and id = {newest}"
    execute(copy, ["update posts set is_pinned = null", pin])

    met = [one for page in Visitor(copy).pages(f"wall/{ME}") for one in cards_in_order(page)]

    assert met[0] == f"{ME}_{newest}"
    assert len(met) == len(set(met))
    assert [(len(met),)] == query(copy, f"select count(*) from posts where owner_id = {ME}")


def cards_in_order(page: Node) -> list[str]:
    """The keys of the posts of a page, as often as they stand there."""
    links = [
        next(link for link in one.links if "/post/" in link) for one in page.all("article.card")
    ]
    return [link.rpartition("/")[2] for link in links]
