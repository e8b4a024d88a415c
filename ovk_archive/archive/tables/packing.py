"""How the archive writes JSON."""

import json
from math import isfinite, isnan
from typing import Any

#: Made once: `json.dumps` makes an encoder for every call.
_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":"), allow_nan=False
).encode
#: More than any number that a database keeps: JSON knows no infinity, but a server may send 1e999.
_ENDLESS = 10**309


def packed(value: Any) -> str:
    """As the archive writes JSON; a number that is none is written as a huge one, or as null."""
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
