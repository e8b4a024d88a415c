"""What headers say of a file: its length, which part of it comes, how to go on."""

import pytest
from httpx import Headers

from ovk_archive.api.wire.masking import Mask
from ovk_archive.errors import IncompleteFileError
from ovk_archive.media.file_headers import is_other_part, says_its_end, total, validator


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Content-Length": "12"}, 12),
        ({"Content-Length": "12", "Content-Encoding": "gzip"}, None),
        ({"Content-Length": "5", "Content-Range": "bytes 7-11/12"}, 12),
        ({"Content-Range": "bytes */12"}, 12),
        ({"Content-Size": "12", "Content-Length": "12"}, 12),
        ({"Content-Length": "many"}, None),
    ],
)
def test_the_length_of_the_whole_file(headers: dict[str, str], expected: int | None) -> None:
    """A part tells the length of all; that of packed bytes is not the file's."""
    assert total(Headers(headers), "files.example") == expected


def test_two_lengths_are_none() -> None:
    """A server that tells two lengths of one file is not believed."""
    headers = Headers({"Content-Length": "12", "Content-Size": "13"})

    with pytest.raises(IncompleteFileError, match=r"^files\.example gives two different lengths"):
        total(headers, "files.example")


@pytest.mark.parametrize(
    ("told", "expected"),
    [("bytes 5-11/12", False), ("bytes 7-11/12", True), ("bytes */12", True), ("5", True)],
)
def test_a_part_begins_where_it_was_asked_for(told: str, expected: bool) -> None:
    """Only a part that begins at byte 5 goes on behind five bytes."""
    assert is_other_part(Headers({"Content-Range": told}), 5) is expected


def test_a_part_without_its_place_is_another() -> None:
    """A part of which nothing is told is not appended to anything."""
    assert is_other_part(Headers(), 5)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"ETag": '"a"', "Accept-Ranges": "bytes"}, '"a"'),
        ({"ETag": 'W/"a"', "Last-Modified": "Monday", "Accept-Ranges": "bytes"}, "Monday"),
        ({"ETag": '"a"'}, None),
        ({"ETag": '"a"', "Accept-Ranges": "bytes", "Content-Encoding": "gzip"}, None),
        ({"ETag": f'"{"a" * 120}"', "Accept-Ranges": "bytes"}, None),
        ({"ETag": '"secret"', "Accept-Ranges": "bytes"}, None),
    ],
)
def test_by_what_a_server_goes_on(headers: dict[str, str], expected: str | None) -> None:
    """A version that is weak, packed, too long for a name or holds the token is none."""
    assert validator(Headers(headers), Mask("secret")) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Content-Length": "12"}, True),
        ({"Transfer-Encoding": "gzip, chunked"}, True),
        ({"Connection": "close"}, False),
    ],
)
def test_whether_an_end_can_be_told(headers: dict[str, str], expected: bool) -> None:
    """An answer that ends with its connection may have been cut anywhere."""
    assert says_its_end(Headers(headers)) is expected
