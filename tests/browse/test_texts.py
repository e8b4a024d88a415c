"""Texts in pieces: links, mentions, subjects, and all the rest as it was written."""

from time import process_time

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from ovk_archive.browse.showing.parts.texts import Piece, pieces


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", []),
        ("просто слова", [Piece("просто слова")]),
        ("[id1|Анна] тут", [Piece("Анна", "person", "1"), Piece(" тут")]),
        ("[club5|Клуб]", [Piece("Клуб", "person", "-5")]),
        ("[sysop|@sysop]", [Piece("@sysop", "name", "sysop")]),
        ("привет, @anna.k.", [Piece("привет, "), Piece("@anna.k", "name", "anna.k"), Piece(".")]),
        ("a@b.com", [Piece("a@b.com")]),
        ("про #архив!", [Piece("про "), Piece("#архив", "tag", "#архив"), Piece("!")]),
        ("#архив@club", [Piece("#архив@club", "tag", "#архив")]),
        ("&#39; C# #1", [Piece("&#39; C# #1")]),
        (
            "(см. https://a.b/c_(d)).",
            [Piece("(см. "), Piece("https://a.b/c_(d)", "link", "https://a.b/c_(d)"), Piece(").")],
        ),
        ("javascript://a.b/%0aalert(1)", [Piece("javascript://a.b/%0aalert(1)")]),
        ("https://", [Piece("https://")]),
        ("http://a.b/#c @", [Piece("http://a.b/#c", "link", "http://a.b/#c"), Piece(" @")]),
        ("[id0|Никто] [id1|]", [Piece("[id0|Никто] [id1|]")]),
        ("[id99999999999999999999|x]", [Piece("[id99999999999999999999|x]")]),
    ],
)
def test_real_cases(text: str, shown: list[Piece]) -> None:
    """People, subjects and addresses are told from text, and sentences from addresses."""
    assert pieces(text) == shown


@given(st.text(alphabet='a1я[]|@#.:/ \n()<"htpsidclub', max_size=60))
@settings(max_examples=examples(300))
def test_nothing_is_lost(text: str) -> None:
    """Without mentions in brackets the pieces are the text; links lead out only by http."""
    found = pieces(text)
    if "|" not in text:
        assert "".join(one.text for one in found) == text
    assert all(one.text for one in found)
    for one in found:
        assert (one.kind == "text") == (one.target == "")
        assert one.kind != "link" or one.target.startswith(("http://", "https://"))


def test_a_long_text_takes_no_long_time() -> None:
    """A hundred thousand signs of any kind are read at once: no regular expression goes astray."""
    began = process_time()
    for sign in ("[", "@a", "#я", "https://a.b/(((", "[id1|", "."):
        assert pieces(sign * 20_000)
    assert pieces("https://a.b/" + ")" * 100_000)
    assert process_time() - began < 5
