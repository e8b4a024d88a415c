r"""Data to stdout, words to stderr, and every error as one sentence.

Nothing that others wrote reaches a terminal as it is: what a terminal would obey, or what would
turn a line around, is spelt out (`\x1b`), and no text of others begins a line.
"""

import io
import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

#: What to do next, for errors whose own words do not say it.
_NEXT = {
    13: "Wait some minutes, then run the same command again.",
    20: "Check the address and the connection, then run the same command again.",
}

#: C0 but tabs, DEL, C1; marks, embeddings, overrides and isolates of direction; separators of
#: lines and paragraphs; halves of surrogate pairs, which cannot be written. What joins emoji stays.
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb"
    "\ud800-\udfff"
)
_IN_A_LINE = re.compile(f"[\n{_UNSEEN}]")
_IN_LINES = re.compile(f"(?!\r\n)[{_UNSEEN}]")
_SHORT = {"\n": r"\n", "\r": r"\r"}


def visible(text: str) -> str:
    """A text as one line that no terminal misunderstands."""
    return _IN_A_LINE.sub(_spelt, text)


def visible_lines(text: str) -> str:
    """The same of a text whose line ends are meant as such."""
    return _IN_LINES.sub(_spelt, text)


def visible_json(text: str) -> str:
    """The same of JSON, which means what it meant before."""
    return _IN_LINES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _spelt(found: re.Match[str]) -> str:
    code = ord(found[0])
    return _SHORT.get(found[0]) or (f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}")  # noqa: PLR2004


def say(words: str) -> None:
    """Tell the person at the terminal something, on one line."""
    # A run does not end because nobody can be told of it.
    with suppress(OSError):
        click.echo(visible(words), err=True)


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


def tell_of_onlookers(archive: Path, *, quiet: bool = False) -> None:
    """Say who else can read an archive, if others of this computer can."""
    from ovk_archive.archive.file.onlookers import onlookers

    for sentence in () if quiet else onlookers(archive):
        say(sentence)


def complain(message: str, exit_code: int) -> None:
    """Say what went wrong, and what to do next."""
    sentence = message if message.endswith((".", "?", "!")) else f"{message}."
    say(" ".join(["Error:", sentence, _NEXT.get(exit_code, "")]).rstrip())


def complain_of_usage(error: click.ClickException) -> None:
    """Say what cannot be meant, and how the command is used."""
    text = io.StringIO()
    error.show(text)
    click.echo(visible_lines(text.getvalue()), nl=False, err=True)


def show(lines: Iterable[str]) -> None:
    """Print lines for people to stdout, in UTF-8 whatever the terminal says."""
    for line in lines:
        click.echo(visible(line).encode())


def show_marked(lines: Iterable[Sequence[tuple[str, bool]]]) -> None:
    """The same of lines in pieces, of which some are marked: in bold, and only on a terminal."""
    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    for line in lines:
        pieces = ((visible(text), marked) for text, marked in line)
        shown = (click.style(p, bold=True) if marked and on_terminal else p for p, marked in pieces)
        click.echo("".join(shown).encode())


def page(lines: Iterable[str]) -> None:
    """Show a long text: at a terminal in its pager, else as it is."""
    if sys.stdout is not None and sys.stdout.isatty():
        click.echo_via_pager("\n".join(map(visible, lines)))
    else:
        show(lines)


def print_json(data: Any) -> None:
    r"""Print data as JSON, in UTF-8 whatever the terminal says; what is not seen as \uXXXX."""
    click.echo(visible_json(json.dumps(data, ensure_ascii=False, indent=2)).encode())


def print_line_of_json(text: str) -> None:
    """Print JSON that is one line, in UTF-8, as `print_json` does."""
    click.echo(visible_json(text).encode())


def print_raw(body: bytes) -> None:
    """Print bytes as they came, or so that a terminal does not obey them."""
    if sys.stdout.isatty():
        body = visible_json(body.decode("utf-8", "backslashreplace")).encode()
    click.echo(body, nl=False)


def _visible_row(text: str) -> str:
    """A row of CSV: a line end in a text is none of its own."""
    row = text.removesuffix("\r\n")
    return visible(row) + text[len(row) :]


class _Spelt(io.TextIOWrapper):
    """Text for a terminal: what is written to it can be seen."""

    spell: Callable[[str], str] = staticmethod(_visible_row)

    def write(self, text: str) -> int:
        """Write a text."""
        super().write(self.spell(text))
        return len(text)


class _SpeltJson(_Spelt):
    """JSON for a terminal."""

    spell = staticmethod(visible_json)


def text_to_stdout(encoding: str, *, as_json: bool) -> io.TextIOWrapper:
    """A stream for a file that goes to stdout: as it is, or so that a terminal does not obey it."""
    on_terminal = _SpeltJson if as_json else _Spelt
    kind = on_terminal if sys.stdout.isatty() else io.TextIOWrapper
    return kind(sys.stdout.buffer, encoding=encoding, newline="")


class OneLine(logging.Formatter):
    """Log lines that no text of others can end."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return visible(super().format(record))
