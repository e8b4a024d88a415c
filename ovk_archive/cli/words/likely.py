"""What a person who mistyped a word may have meant."""

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question to put behind a refusal, with the nearest known words; empty if none is near."""
    near = difflib.get_close_matches(word.lower(), list(known))
    return f" Did you mean {' or '.join(near)}?" if near else ""
