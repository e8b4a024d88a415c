"""The quick way to read an answer reads what Python reads."""

import codecs
import json
import re
from typing import Any

import pytest
from effort import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st
from spelling import spelt

from ovk_archive.api.wire.answers import HttpAnswer

HALF_A_PAIR = re.compile(
    rb"\\u[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD])[c-fC-F][0-9a-fA-F]{2})"
)
#: Where another reader might go wrong.
NUMBERS = (
    "0", "-0", "-0.0", "0.1", "1E5", "1e-7", "1e16", "1e23", "1.0", "01", "-", "1.", ".5", "1e",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
    "18446744073709551615", "18446744073709551616", "18446744073709551616.0", "4611686018427387905",
    "1e400", "-1e400", "1e308", "1e-400", "5e-324", "2.2250738585072011e-308", "12345.123456789",
    "0.1000000000000000055511151231257827021181583404541015625", "NaN", "Infinity", "-Infinity",
    "9" * 19, "9" * 20, "9" * 60, "9" * 400, "9" * 5000, "-" + "1" * 30, "true", "null", "nul",
)  # fmt: skip
PIECES = (
    "а", "ё 🏳️‍🌈", "a", "\\u0430", "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\uD83D", "\\uDE00",
    "\\\\", "\\\\ud83d", "\\/", '\\"', "\\n", "\\x", "\\u12", "\\u0000", "\n", "\x00", "\x1f",
    "\x7f", "[", "]", "{", "}", ",", ":", "\u2028", "\ufeff", "\ufffd", "9" * 25, "1e999",
)  # fmt: skip
BLANKS = st.sampled_from(["", "", "", " ", "\n", "\t\r", "\x0b", "\xa0"])


def as_before(body: bytes) -> Any:
    """What Python reads in a body, as this program read all answers at first."""
    if body.count(b"[") + body.count(b"{") > 1 << 20 or body.count(b",") > 1 << 22:
        return None
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    level: list[Any] = [[content]]
    for _ in range(100):
        inside = [one.values() if isinstance(one, dict) else one for one in level]
        level = [one for some in inside for one in some if isinstance(one, dict | list)]
        if not level:
            break
    else:
        return None
    if not HALF_A_PAIR.search(body):
        return content
    text = json.dumps(content, ensure_ascii=False)
    return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def is_as_before(body: bytes) -> bool:
    """An answer with that body is read as before."""
    return bool(spelt(HttpAnswer("x", 200, body).json()) == spelt(as_before(body)))


def joined(parts: st.SearchStrategy[str], between: str, ends: str) -> st.SearchStrategy[str]:
    """A list or an object as somebody may write it."""
    return st.tuples(BLANKS, st.lists(parts, max_size=4)).map(
        lambda found: f"{ends[0]}{found[0]}{between.join(found[1])}{found[0]}{ends[1]}"
    )


TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=4).map(lambda parts: f'"{"".join(parts)}"'),
    st.text(max_size=8).map(json.dumps),
    st.text(max_size=8).map(lambda text: json.dumps(text, ensure_ascii=False)),
)
NUMERALS = st.one_of(
    st.sampled_from(NUMBERS),
    st.floats().map(json.dumps),
    st.integers(-(2**70), 2**70).map(str),
    st.from_regex(r"\A-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?\Z"),
)
VALUES: st.SearchStrategy[str] = st.recursive(
    TEXTS | NUMERALS,
    lambda inner: st.one_of(
        joined(inner, ",", "[]"),
        # Few names, so that some come twice.
        joined(
            st.tuples(st.sampled_from(['"a"', '"b"', '"\\u0061"']) | TEXTS, BLANKS, inner).map(
                lambda pair: f"{pair[0]}:{pair[1]}{pair[2]}"
            ),
            ",",
            "{}",
        ),
    ),
    max_leaves=12,
)
#: Before and behind it: whatever is no JSON, or tells an encoding.
ENDS = st.sampled_from([b"", b"", b"", b" ", b"x", b"\x00", b"\xff", b"\xed\xa0\xbd", b",", b"]"])
MARKS = st.sampled_from([b"", b"", b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
CODINGS = st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16", "utf-16-be", "utf-32-le", "cp1251"])


@given(text=VALUES, mark=MARKS, coding=CODINGS, end=ENDS)
@example(text='{"a": 18446744073709551616}', mark=b"", coding="utf-8", end=b"")
@example(text='{"a": [1e400, NaN]}', mark=b"", coding="utf-8", end=b"")
@example(text='["\\ud83d", "\\ude00\\ud83d\\ude00"]', mark=b"", coding="utf-8", end=b"")
@settings(max_examples=examples(3000), deadline=None)
def test_it_reads_what_python_reads(text: str, mark: bytes, coding: str, end: bytes) -> None:
    """Whatever an answer is made of, each value and its type are what Python's reader finds."""
    body = mark + text.encode(coding, "backslashreplace") + end

    assert is_as_before(body)


@given(body=st.binary(max_size=12))
@settings(max_examples=examples(600), deadline=None)
def test_bytes_are_read_as_before(body: bytes) -> None:
    """Bytes that mean nothing mean nothing in the quick way, too."""
    assert is_as_before(body)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("form", ["%s", "[%s]", '{"a": {"b": [0.5, %s]}}', "\ufeff[%s]", "[[],%s]"])
def test_numbers_are_exact(form: str, number: str) -> None:
    """Numbers that other readers round, refuse or know by another type are what Python reads."""
    assert is_as_before((form % number).encode())


@pytest.mark.parametrize("depth", [97, 98, 99, 100, 101, 500, 1500])
@pytest.mark.parametrize("inmost", ["", "1.5", "1", "9" * 30, '"]]["', '"\\ud83d"'])
@pytest.mark.parametrize("ends", ["[]", '{"a":}'])
def test_the_deepest_answer_is_the_same(ends: str, inmost: str, depth: int) -> None:
    """The same nests are too deep as before, to the level, whatever is inside of them."""
    if inmost == "" and ends != "[]":
        inmost = "[]"
    body = (ends[:-1] * depth + inmost + ends[-1] * depth).encode()

    assert is_as_before(body)


@pytest.mark.parametrize("size", [1 << 10, 5 << 20])
def test_large_answers_are_read_as_before(size: int) -> None:
    """A page that is larger than any is read all the same."""
    assert is_as_before(b'{"response": ["%s", 1.5, 1]}' % (b"a" * size))
