"""An instance's address is read however people write it, and refused without repeating it."""

import pytest

from ovk_archive.api.address import Instance, parse_instance
from ovk_archive.errors import BadInputError


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("openvk.example", "https://openvk.example"),
        ("  https://openvk.example/ \n", "https://openvk.example"),
        ("HTTPS://OpenVK.Example:443", "https://openvk.example"),
        ("http://openvk.example:80/", "http://openvk.example"),
        ("openvk.example:8080", "https://openvk.example:8080"),
        ("https://openvk.example/some/place//", "https://openvk.example/some/place"),
        ("openvk.example.", "https://openvk.example"),
        ("localhost:8091", "http://localhost:8091"),
        ("ovk.localhost", "http://ovk.localhost"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("https://127.0.0.1", "https://127.0.0.1"),
        ("[::1]:80", "http://[::1]"),
        ("http://[0:0:0:0:0:0:0:1]:81/", "http://[::1]:81"),
        ("192.168.1.5", "https://192.168.1.5"),
        ("вк.рф", "https://xn--b1aq.xn--p1ai"),
    ],
)
def test_canonical_address(text: str, url: str) -> None:
    """Every way to write an address has one form, and that form is stable."""
    assert parse_instance(text) == Instance(url)
    assert parse_instance(url) == Instance(url)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "open vk.example",
        "openvk.example\nx",
        "openvk.example\x00",
        "ftp://openvk.example",
        "javascript://openvk.example",
        "://openvk.example",
        "https://",
        "https:///path",
        ":8080",
        "openvk..example",
        "a" * 64 + ".example",
        "open%76k.example",
        "openvk.example:0",
        "openvk.example:65536",
        "openvk.example:http",
        "https://[::1",
        "https://[localhost]",
        "https://[v1.a]",
        "https://openvk.example?a=b",
        "https://openvk.example/#top",
        "https://openvk.example/../x",
        "https://openvk.example//x",
        "https://openvk.example/%2e",
        "openvk.example\\x",
        "me:hunter2@openvk.example",
        "https://me:hunter2@openvk.example",
        "mailto:hunter2@openvk.example",
        "https://hunter2 secret@openvk.example",
    ],
)
def test_rubbish_is_refused_in_one_sentence(text: str) -> None:
    """What cannot be an instance is refused, and never repeated: it may hold a password."""
    with pytest.raises(BadInputError) as caught:
        parse_instance(text)

    message = str(caught.value)
    assert message.endswith(".")
    assert "hunter2" not in message
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://openvk.example", "openvk.example"),
        ("http://openvk.example:8080/vk", "openvk.example:8080/vk"),
    ],
)
def test_key_is_the_place_without_the_scheme(url: str, key: str) -> None:
    """An archive stays bound to its instance when that gets a certificate."""
    assert Instance(url).key == key


@pytest.mark.parametrize(
    ("url", "is_loopback", "is_plain_http_abroad"),
    [
        ("http://localhost:80", True, False),
        ("http://127.9.9.9", True, False),
        ("http://[::1]:81", True, False),
        ("https://127.0.0.1", True, False),
        ("http://openvk.example", False, True),
        ("http://192.168.1.5", False, True),
        ("http://localhost.example", False, True),
        ("https://openvk.example", False, False),
    ],
)
def test_where_a_token_would_travel(
    url: str, *, is_loopback: bool, is_plain_http_abroad: bool
) -> None:
    """Plain http is safe on this very machine and nowhere else."""
    instance = Instance(url)

    assert instance.is_loopback is is_loopback
    assert instance.is_plain_http_abroad is is_plain_http_abroad
    assert str(instance) == url
