"""Questions to a person: blanks around an answer do no harm, and a wrong one can be given again."""

import sys
from collections.abc import Callable
from typing import TypeVar

import click

from ovk_archive.cli.words.output import say
from ovk_archive.errors import AuthError

T = TypeVar("T")

#: So often a login, a password or a code may be given.
TRIES = 3


def ask(question: str, *, default: str | None = None) -> str:
    """An answer without the blanks around it."""
    return str(click.prompt(question, default=default, err=True)).strip()


def ask_secret(question: str) -> str:
    """An answer as it was typed, which nobody sees."""
    # Where nobody types there is nothing to hide, and getpass would complain.
    return str(click.prompt(question, hide_input=sys.stdin.isatty(), err=True))


def tried(attempt: Callable[[], T], *, again: Callable[[AuthError], bool]) -> T:
    """What an attempt gives; where it is refused, and that is a person's slip, it is made again.

    Raises:
        AuthError: it was refused as often as it may be made, or nobody answers any more.
    """
    refused: AuthError | None = None
    for number in range(TRIES):
        if refused is not None:
            say(f"{refused} ({number + 1} of {TRIES} tries)")
        try:
            return attempt()
        except AuthError as error:
            if not again(error):
                raise
            refused = error
        except click.Abort:
            # The end of a file is no wish to stop: what was in it was refused.
            if refused is None or sys.stdin.isatty():
                raise
            break
    assert refused is not None  # noqa: S101 - else it would have ended above
    raise refused
