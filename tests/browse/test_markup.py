"""Notes are shown as their authors wrote them, and nothing in them can do harm."""

import base64
import re

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from ovk_archive.browse.showing.parts.markup import harmless, original, pictures

PICTURE = "https://pictures.example/кот.png"
CODED = base64.b64encode(PICTURE.encode()).decode()


@pytest.mark.parametrize(
    ("told", "written"),
    [
        ("//host/away.php?xinf=a.href:&css=&to=https%3A%2F%2Fa.b%2F%3Fa%3D1%26b%3D0", "https://a.b/?a=1&b=0"),
        ("/away.php?to=https%3A%2F%2Fa.b", "https://a.b"),
        (f"//host/image.php?url={CODED}", PICTURE),
        (f"//host/image.php?url={CODED.rstrip('=')}", PICTURE),
        ("//host/image.php?url=%", "//host/image.php?url=%"),
        ("https://a.b/c?to=d", "https://a.b/c?to=d"),
        ("http://[", "http://["),
        ("", ""),
    ],
)  # fmt: skip
def test_what_the_author_wrote(told: str, written: str) -> None:
    """Addresses that lead through the server's pages are what they were; others stay."""
    assert original(told) == written


def test_pictures_are_shown_from_here() -> None:
    """A picture that the archive has is shown from there; of another its description is left."""
    html = (
        f'<p><img src="//host/image.php?url={CODED}" alt="кот"><img src="https://e.x/1" alt="пёс">'
    )
    assert pictures(html) == [PICTURE, "https://e.x/1"]
    shown = harmless(html, {PICTURE: "/archive/-/media/ab"})
    assert 'src="/archive/-/media/ab"' in shown
    assert "e.x" not in shown
    assert 'alt="пёс"' in shown


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<p onclick=alert(1)>x</p>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="/away.php?to=javascript%3Aalert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        '<img src=x onerror="alert(1)">',
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext><table><mglyph><style><img src onerror=alert(1)>",
        '<p style="background:url(https://evil.example/)">x</p>',
        '<iframe src="https://evil.example/"></iframe>',
        '<form action="https://evil.example/"><input name=a></form>',
        "<style>@import 'https://evil.example/'</style>",
        '<link rel=stylesheet href="https://evil.example/">',
        '<meta http-equiv=refresh content="0;url=https://evil.example/">',
        '<base href="https://evil.example/">',
    ],
)
def test_nothing_runs_or_loads(html: str) -> None:
    """Nothing that runs, loads or sends anything is left of a note."""
    shown = harmless(html, {})
    assert not re.search(
        r"<(script|style|svg|iframe|form|link|meta|base)|\son\w+\s*=", shown, re.IGNORECASE
    )
    assert "javascript:" not in shown
    assert "evil.example" not in shown


@given(st.text(alphabet="<>/\"'= abimgscriptonerror:&;hrefjvt()", max_size=80))
@settings(max_examples=examples(300))
def test_any_text(html: str) -> None:
    """Whatever is typed, only known tags come out, without what runs."""
    shown = harmless(html, {})
    assert all(
        tag in {"a", "b", "i", "s", "p", "br", "img", "tt", "q", "em", "hr", "th", "tr"}
        for tag in re.findall(r"<([a-z0-9]+)", shown)
    )
    assert not re.search(r"<[^>]*\son\w+\s*=", shown)


def test_links_lead_out_plainly() -> None:
    """A link that is whole leads where it did, without telling from where; others lead nowhere."""
    shown = harmless('<a href="/away.php?to=https%3A%2F%2Fa.b%2F">x</a><a href="/id1">y</a>', {})
    assert '<a href="https://a.b/" rel="noopener noreferrer nofollow">x</a>' in shown
    assert ">y</a>" in shown
    assert "/id1" not in shown
