"""Whether a picture has its end: of every length that a cut one can have."""

import drawn
import pytest

from ovk_archive.demo.world import files
from ovk_archive.media import sniff, truncation

PICTURES = {
    **{name: drawn.FILES[name] for name in ("jpg", "png", "gif", "webp")},
    "jpg of odd data": drawn.FILES["jpg"][:-2] + b"\xff\x00\x7f\x7f\xff\xd3\x60\x60\xff\xff\xd9",
    "larger png": files.png(3, 64, 48),
    "gif with a comment": files.GIF[:-1] + b"!\xfe\x05a;b;c\x03\xff\xd9;\x00;",
}
#: Notes, films, other pictures, and the ends of others behind the end.
BEHIND = (b"x", b"\x00" * 100, b"ftypmp42 a film", b"\xff\xd8\xff", b";", b"\xff\xd9\x00")


@pytest.mark.parametrize("name", PICTURES)
def test_what_is_behind_does_not_matter(name: str) -> None:
    """A whole picture is whole, whatever comes behind it."""
    picture = PICTURES[name]
    kind = sniff.sniff(picture).name

    assert not truncation.is_cut(kind, picture)
    assert not any(truncation.is_cut(kind, picture + more) for more in BEHIND)


@pytest.mark.parametrize("name", PICTURES)
def test_every_cut_is_seen(name: str) -> None:
    """Wherever a picture ends too early, in its thumbnail too, that is seen."""
    picture = PICTURES[name]
    kind = sniff.sniff(picture).name

    assert [
        size for size in range(12, len(picture)) if not truncation.is_cut(kind, picture[:size])
    ] == []


@pytest.mark.parametrize("name", [name for name in drawn.FILES if name not in PICTURES])
def test_of_others_nobody_knows(name: str) -> None:
    """A file whose end has no mark is never called cut."""
    content = drawn.FILES[name]

    assert not truncation.is_cut(sniff.sniff(content).name, content[:-5])


@pytest.mark.parametrize("kind", ["image/jpeg", "image/png", "image/gif", "image/webp"])
def test_no_bytes_make_it_fail(kind: str) -> None:
    """Bytes that only begin like a picture end in an answer."""
    for seed in range(300):
        odd = (seed * 2_654_435_761 % 2**64).to_bytes(8) * (seed % 9)
        assert truncation.is_cut(kind, b"\xff\xd8" + odd) in (True, False)
