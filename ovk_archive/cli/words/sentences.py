"""Sentences for a terminal: broken into lines of 80 columns, with a guess of what was meant."""

import difflib
import re
import textwrap
from collections.abc import Iterable

WIDTH = 80
#: What a blank within backticks is while lines are broken.
_HELD = "\0"
_COMMAND = re.compile(r"`[^`]*`")


def wrapped(text: str, lead: str = "", width: int = WIDTH) -> list[str]:
    """The lines of a paragraph; what is longer than a line and cannot be broken stands alone.

    Args:
        text: the paragraph.
        lead: what its first line begins with; the others are moved in by as much.
        width: of a line, the lead included.
    """
    held = _COMMAND.sub(lambda found: found[0].replace(" ", _HELD), text)
    lines = textwrap.wrap(
        held,
        width,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_HELD, " ") for line in lines]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question to put behind a refusal, with the nearest known words; empty if none is near."""
    near = difflib.get_close_matches(word.lower(), list(known))
    return f" Did you mean {' or '.join(near)}?" if near else ""
