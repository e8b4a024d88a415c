"""An archive that knows little: no dates, no titles, no names. Its pages are still to be used."""

import re

import pytest
from pasts import Past, past
from syncing import execute, query
from trees import Node, tree
from visits import Visitor

#: What a server may leave out, or say in blanks, and what that leaves.
LEFT_OUT = {
    "null": ("date", "created", "updated", "finished_at", "duration", "size", "votes", "likes"),
    "' '": ("title", "artist", "question"),
    "''": ("name", "first_name", "last_name", "screen_name", "place", "text"),
}
OF_TABLES = (
    *("users", "groups", "posts", "comments", "messages", "photos", "albums", "notes", "audio"),
    *("playlists", "videos", "topics", "documents", "gifts", "polls", "notifications"),
)
#: What has to have a name; where it comes from.
NAMED = ("a", "h1", "h2", "button", "summary", "title", "audio", "video")
OF_A_KIND = 6


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """An archive in which all of this is left out; half of the posts and photos keep their date."""
    life = past(tmp_path_factory.mktemp("bare"))
    for value, names in LEFT_OUT.items():
        for table in OF_TABLES:
            columns = [row[1] for row in query(life.path, f'pragma table_xinfo("{table}")')]
            keeps = "id % 2" if table in ("posts", "photos") else "1"
            execute(life.path, [
                f'update "{table}" set "{name}" = {value} where {keeps}'
                for name in names if name in columns
            ])  # fmt: skip
    return life


@pytest.fixture(scope="module", params=["en", "ru"])
def pages(request: pytest.FixtureRequest, bare: Past) -> list[tuple[str, Node]]:
    """Its pages, some of each kind."""
    visitor = Visitor(bare.path, request.param)
    return [(address, tree(html)) for address, html in visitor.everything(OF_A_KIND)]


def name_of(node: Node) -> str:
    """What a screen reader calls it."""
    alts = " ".join(one.attributes.get("alt", "") for one in node.all("img"))
    return (node.attributes.get("aria-label") or node.words + alts).strip()


def test_all_that_is_used_has_a_name(pages: list[tuple[str, Node]]) -> None:
    """No link, heading, button, sound or film is without words."""
    nameless = [
        (address, one.tag, one.attributes)
        for address, page in pages
        for one in page
        if one.tag in NAMED and not re.search(r"\w|♥", name_of(one))
    ]
    assert len(pages) > 60
    assert all(any(page.all(tag) for _, page in pages) for tag in NAMED)
    assert nameless == []


def test_no_stroke_stands_beside_nothing(pages: list[tuple[str, Node]]) -> None:
    """Between what is told stand dots and dashes, and none where something is lacking."""
    assert [
        (address, one.tag, one.words)
        for address, page in pages
        for one in page
        if one.tag in ("p", "span", "h1", "title", "dd", "figcaption")
        if re.search(r"^[·–]|[·–]$|[·–]\s*[·–]|,$", one.words.strip())
    ] == []


def test_no_landmark_is_empty(pages: list[tuple[str, Node]]) -> None:
    """Whoever goes from landmark to landmark finds something at each."""
    assert [
        (address, one.attributes)
        for address, page in pages
        for one in page
        if one.tag in ("nav", "section") and not one.words.strip() and not one.all("img")
    ] == []


def test_what_is_unknown_is_no_nought(pages: list[tuple[str, Node]]) -> None:
    """A length or a size that nobody told is not shown as nothing."""
    said = " ".join(page.one("main").words for _, page in pages)
    assert not re.search(r"\b0:00\b|\b0 (bytes?|байт\w*)\b", said)
