"""Data to stdout, words to stderr, and every error as one sentence."""

import json
import logging
from typing import Any

import click

#: What to do next, for errors whose own words do not say it.
_NEXT = {
    13: "Wait some minutes, then run the same command again.",
    20: "Check the address and the connection, then run the same command again.",
}


def say(words: str) -> None:
    """Tell the person at the terminal something."""
    click.echo(words, err=True)


class Words(logging.Handler):
    """Says what an archive has to tell by itself: each once, and not to who wants quiet."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Say it."""
        context = click.get_current_context(silent=True)
        words = record.getMessage()
        if words not in self._said and not (context and context.params.get("quiet")):
            self._said.add(words)
            say(words)


def complain(message: str, exit_code: int) -> None:
    """Say what went wrong, and what to do next."""
    sentence = message if message.endswith((".", "?", "!")) else f"{message}."
    say(" ".join(["Error:", sentence, _NEXT.get(exit_code, "")]).rstrip())


def print_json(data: Any) -> None:
    r"""Print data as JSON, in UTF-8 whatever the terminal says; half a surrogate pair as \uXXXX."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    click.echo(text.encode("utf-8", "backslashreplace"))
