"""How the archive writes JSON."""

import json
from math import isfinite, isnan
from typing import Any

import orjson

#: Made once: `json.dumps` makes an encoder for every call.
_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":"), allow_nan=False
).encode
#: More than any number that a database keeps: JSON knows no infinity, but a server may send 1e999.
_ENDLESS = 10**309
#: What there may be more in, or may be such a number.
_NOTED = frozenset({dict, list, float})


def packed(value: Any) -> str:
    """As the archive writes JSON; a number that is none is written as a huge one, or as null."""
    try:
        text = orjson.dumps(value)
    except TypeError:
        # Longer integers, halves of surrogate pairs.
        return _slowly(value)
    # It writes null for a number that is none, too.
    nulls = text.count(b"null")
    if nulls and not (_has_nulls(value, nulls) or _is_finite(value)):
        return _slowly(value)
    return text.decode()


def _has_nulls(value: Any, number: int) -> bool:
    """So many of its own values are null: most records need no longer look."""
    return type(value) is dict and list(value.values()).count(None) == number


def _is_finite(value: Any) -> bool:
    """All numbers in it are numbers."""
    level: list[Any] = [[value]]
    while level:
        inside: list[Any] = []
        for one in level:
            if type(one) is dict:
                inside += one.values()
            elif type(one) is list:
                inside += one
            elif not isfinite(one):
                return False
        level = [one for one in inside if type(one) in _NOTED]
    return True


def _slowly(value: Any) -> str:
    try:
        return _encode(value)
    except ValueError:
        return _encode(_finite(value))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    if isinstance(value, float) and not isfinite(value):
        return None if isnan(value) else _ENDLESS if value > 0 else -_ENDLESS
    return value
