"""Addresses of files: joined, on the instance's own scheme, and never of a private network."""

import ipaddress

import pytest

from ovk_archive.api.address import parse_instance
from ovk_archive.resources.vocabulary.addresses import address_of, is_near, is_public

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


@pytest.mark.parametrize(
    ("inner", "public"),
    [
        *((one, False) for one in ("127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254")),
        *((one, False) for one in ("172.16.9.9", "100.64.0.1", "0.0.0.0", "224.0.0.1")),
        *((one, True) for one in ("8.8.8.8", "93.184.216.34")),
    ],
)
def test_what_leads_to_a_host_nearby_is_near(inner: str, public: bool) -> None:
    """NAT64, 6to4 and mapped addresses are what they lead to, as numbers, in brackets, dotted."""
    number = int(ipaddress.IPv4Address(inner))
    high, low = number >> 16, number & 0xFFFF
    for address in (
        f"64:ff9b::{high:x}:{low:x}",
        f"64:ff9b::{inner}",
        f"0064:FF9B:0:0:0:0:{high:04X}:{low:04X}",
        f"2002:{high:x}:{low:x}::1",
        f"::ffff:{inner}",
        f"64:ff9b::{inner}%eth0",
    ):
        assert is_public(address) is public, address
        assert is_near(f"[{address}]") is not public, address
    for address in (f"64:ff9b:1::{inner}", f"::{inner}", f"2001::{inner}", f"::ffff:0:{inner}"):
        assert not is_public(address), address
        assert is_near(f"[{address}]"), address
