"""What differs between two texts: quickly, and as people see it."""

import time

import pytest

from ovk_archive.browse.showing.parts.differences import differences


def of(was: str, now: str, *kinds: str) -> str:
    """The parts of these kinds, in one."""
    return "".join(one.text for one in differences(was, now) if one.kind in kinds)


@pytest.mark.parametrize(
    ("was", "now", "out", "put"),
    [
        ("старый текст", "новый текст", "старый", "новый"),
        ("раз два", "раз два три", "", " три"),
        ("раз два", "ноль раз два", "раз", "ноль раз"),
        ("раз два три", "раз три", " два", ""),
        ("да, нет", "да. нет", ",", "."),
        ("раз\nдва", "раз два", "\nдва", " два"),
        ("", "слово", "", "слово"),
        ("одно и то же", "одно и то же", "", ""),
    ],
)
def test_what_is_marked(was: str, now: str, out: str, put: str) -> None:
    """Both texts are there in full, and only the words that differ are marked."""
    assert of(was, now, "same", "out") == was
    assert of(was, now, "same", "in") == now
    assert (of(was, now, "out"), of(was, now, "in")) == (out, put)


WORDS = [f"слово{number * 7919 % 4001}" for number in range(980)]
EDITED = [word if number % 40 else f"{word}-другое" for number, word in enumerate(WORDS)]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (" ".join(WORDS), " ".join(EDITED)),
        ("ха " * 1900, "ха " * 1800 + "хо " + "ха " * 90),
        ("ха хо " * 900, "хо хи ха " * 600),
        (")" * 1900, ")" * 1800 + "("),
        (" " * 50_000, "\n" * 50_000),
        ("a " * 200_000, "b"),
    ],
    ids=["edits", "one word", "two words", "signs", "spaces", "too long"],
)
def test_no_text_takes_long(was: str, now: str) -> None:
    """A text of 980 words with 25 edits takes a moment, and so does one that says one word."""
    began = time.process_time()
    parts = differences(was, now)
    took = time.process_time() - began

    assert "".join(one.text for one in parts if one.kind != "in") == was
    assert took < 0.2
