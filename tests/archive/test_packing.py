"""The quick way to write JSON writes what Python's own writer does."""

import json
from math import inf, isfinite, isnan, nan
from typing import Any

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from spelling import spelt

from ovk_archive.archive.versions.packing import packed

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(2**63 - 2, 2**64 + 2),
    st.integers(-(2**63) - 2, -(2**63) + 2),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from([inf, -inf, nan, -0.0, 1e16, 1e-7, "null", "\ud83d", "\x00\x1f\x7f\u2028", ""]),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=10,
)


def stored(value: Any) -> Any:
    """What of a value can be stored: a number without an end is a huge one, and what is none null.

    So it was from the first version on.
    """
    if isinstance(value, dict):
        return {name: stored(one) for name, one in value.items()}
    if isinstance(value, list):
        return [stored(one) for one in value]
    if isinstance(value, float) and not isfinite(value):
        return None if isnan(value) else 10**309 if value > 0 else -(10**309)
    return value


@given(value=VALUES)
@settings(max_examples=examples(3000), deadline=None)
def test_what_is_written_is_what_was_there(value: Any) -> None:
    """Every value is read back as it was, type for type, with its keys in their places."""
    assert spelt(json.loads(packed(value))) == spelt(stored(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            {"b": 1, "a": [None, True, 'ё\n\x01"\\/']},
            '{"b":1,"a":[null,true,"ё\\n\\u0001\\"\\\\/"]}',
        ),
        ({"a": None, "b": [{"c": inf}]}, '{"a":null,"b":[{"c":1' + "0" * 309 + "}]}"),
        ({"a": None, "b": nan}, '{"a":null,"b":null}'),
        ([2**64, "\ud83d"], '[18446744073709551616,"\ud83d"]'),
        (-inf, "-1" + "0" * 309),
    ],
)
def test_it_is_as_short_as_it_can_be(value: Any, text: str) -> None:
    """No blanks, no escapes that need not be, and keys in their places."""
    assert packed(value) == text
