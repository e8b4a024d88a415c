"""Sentences that fit a terminal of 80 columns; a command in `backticks` stays in one piece."""

import re
import textwrap

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
