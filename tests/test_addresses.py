"""Addresses of files: joined, on the instance's own scheme, and never of a private network."""

import pytest

from ovk_archive.addresses import address_of, is_near
from ovk_archive.instance import parse_instance

HTTPS = parse_instance("https://ovk.example")
PORT = parse_instance("http://127.0.0.1:8080")


@pytest.mark.parametrize(
    ("instance", "url", "expected"),
    [
        (HTTPS, "http://ovk.example/blob_ab/x.jpeg", "https://ovk.example/blob_ab/x.jpeg"),
        (HTTPS, "http://ovk.example:80/x.jpeg", "https://ovk.example/x.jpeg"),
        (HTTPS, "http://OVK.example/x.jpeg", "https://ovk.example/x.jpeg"),
        (HTTPS, "/gift1_2.png", "https://ovk.example/gift1_2.png"),
        (HTTPS, "//cdn.example/x.png", "https://cdn.example/x.png"),
        (HTTPS, "http://cdn.example/x.png", "http://cdn.example/x.png"),
        (HTTPS, "http://ovk.example:8081/x.png", "http://ovk.example:8081/x.png"),
        (HTTPS, "/x.mp4#vkuservideo", "https://ovk.example/x.mp4"),
        (PORT, "http://127.0.0.1:8080/x.png", "http://127.0.0.1:8080/x.png"),
        (PORT, "http://127.0.0.1:9090/x.png", "http://127.0.0.1:9090/x.png"),
    ],
)
def test_addresses(instance: object, url: str, expected: str) -> None:
    """http:// of the own host becomes the instance's scheme; other hosts are left as they are."""
    assert address_of(url, instance) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("127.0.0.1", True),
        ("127.1", True),
        ("0x7f.1", True),
        ("[::1]", True),
        ("[fe80::1%eth0]", True),
        ("10.1.2.3", True),
        ("224.0.0.1", True),
        ("localhost", True),
        ("x.localhost.", True),
        ("nas.local", True),
        ("8.8.8.8", False),
        ("[2606:4700::1111]", False),
        ("ovk.example", False),
        ("mylocalhost.example", False),
    ],
)
def test_hosts_nearby(host: str, near: bool) -> None:
    """This machine and its neighbours are known by name and by every form of an address."""
    assert is_near(host) is near
