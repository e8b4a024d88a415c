"""Values with all that `==` does not see."""

from typing import Any


def spelt(value: Any) -> Any:
    """A value with all that `==` does not see: 1 is not 1.0, 0.0 not -0.0, and keys have places."""
    if isinstance(value, dict):
        return ["dict", *((name, spelt(one)) for name, one in value.items())]
    if isinstance(value, list):
        return ["list", *map(spelt, value)]
    return [type(value).__name__, repr(value)]
