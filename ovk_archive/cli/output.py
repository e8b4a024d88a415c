"""Data to stdout, words to stderr, and every error as one sentence."""

import json
from contextlib import suppress
from typing import Any

import click

#: What to do next, for errors whose own words do not say it.
_NEXT = {
    13: "Wait some minutes, then run the same command again.",
    20: "Check the address and the connection, then run the same command again.",
}


def say(words: str) -> None:
    """Tell the person at the terminal something."""
    # A run does not end because nobody can be told of it.
    with suppress(OSError):
        click.echo(words, err=True)


def complain(message: str, exit_code: int) -> None:
    """Say what went wrong, and what to do next."""
    sentence = message if message.endswith((".", "?", "!")) else f"{message}."
    say(" ".join(["Error:", sentence, _NEXT.get(exit_code, "")]).rstrip())


def print_json(data: Any) -> None:
    r"""Print data as JSON, in UTF-8 whatever the terminal says; half a surrogate pair as \uXXXX."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    click.echo(text.encode("utf-8", "backslashreplace"))
