"""Things that were named by number: a bar while they are read, and what became of them."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from tqdm import tqdm

from ovk_archive.api.wire.waits import Wait
from ovk_archive.archive.file.write_errors import translated
from ovk_archive.cli.words.output import complain, say
from ovk_archive.cli.words.sentences import wrapped
from ovk_archive.cli.words.summary import say_lines
from ovk_archive.cli.words.waiting import Forecast, WaitLine, WaitWords
from ovk_archive.errors import BadInputError
from ovk_archive.resources.by_number import BY_NUMBER
from ovk_archive.sync.wanted.tally import Tally, WantedReport

_HEAD = ("table", "number", "why")
_SHORT = 100


class ThingBar:
    """A bar that counts things on a terminal; elsewhere only waits are told. A context manager."""

    def __init__(self, *, quiet: bool, verbose: bool) -> None:
        # Log lines and bars do not share a terminal well.
        on_terminal = not (quiet or verbose) and sys.stderr is not None and sys.stderr.isatty()
        self._quiet = quiet
        self._bar: tqdm[Any] | None = None
        self._words = WaitWords()
        self._line = WaitLine(Forecast(), self._tick) if on_terminal else None

    def waits(self, wait: Wait) -> None:
        """Show or say why."""
        if self._line is not None:
            self._line.waits(wait)
        elif not self._quiet:
            self._words.waits(wait)

    def goes_on(self, wait: Wait) -> None:
        """Stop showing it."""
        if self._line is not None:
            self._line.goes_on(wait)

    def begin(self, things: int) -> None:
        """Show it."""
        if self._line is not None:
            self._bar = tqdm(desc="things", total=things, unit="", file=sys.stderr, leave=False)

    def done(self, things: int) -> None:
        """Move it."""
        if self._bar is not None:
            self._bar.update(things)

    def _tick(self) -> None:
        if self._bar is not None:
            self._bar.refresh()

    def __enter__(self) -> Self:
        if self._line is not None:
            self._line.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        if self._line is not None:
            self._line.__exit__()
        if self._bar is not None:
            self._bar.close()


def conclude_wanted(report: WantedReport, *, quiet: bool) -> int:
    """Say how a run ended; its exit code."""
    if report.message:
        complain(report.message, report.exit_code)
    if not quiet:
        _tell(report)
    return report.exit_code


def write_lacking(path: Path, report: WantedReport | None) -> None:
    """Write what is not to be had; without a report, only see that this can be done.

    Raises:
        BadInputError: a file is there that is none of these.
        StorageError: it cannot be written.
    """
    with translated(path.parent, f"{path} cannot be written", safe="the archive is whole"):
        if path.exists():
            with path.open(encoding="utf-8", errors="replace", newline="") as file:
                if file.readline(_SHORT).strip() not in ("", ",".join(_HEAD)):
                    raise BadInputError(f"{path} is something else: name another file.")
        new = path.with_name(f"{path.name}.new")
        with new.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([_HEAD, *(_lacking(report) if report else ())])
        if report is None:
            new.unlink()
        else:
            new.replace(path)


def _lacking(report: WantedReport) -> Iterator[tuple[str, str, str]]:
    for name, tally in report.tables.items():
        yield from ((name, key, why) for key, why in tally.lacking.items())


def _tell(report: WantedReport) -> None:
    asked = {name: one for name, one in report.tables.items() if one.can_be_asked}
    lines = [
        f"{name} {key}: {why}" for name, one in asked.items() for key, why in one.lacking.items()
    ]
    if lines:
        say("Not to be had:")
        say_lines(lines, "the FILE of --lacking")
    for name, one in asked.items():
        if one.refused:
            say(f"{name}: {one.left} were not asked for, as the instance refused: {one.refused}")
    _tell_of_others({n: one for n, one in report.tables.items() if not one.can_be_asked})
    what = "Stopped" if report.message else "Done"
    tallies = report.tables.values()
    say(f"{what}: {_numbers(tuple(tallies))}, in {report.requests} requests.")


def _tell_of_others(others: dict[str, Tally]) -> None:
    """Tables of which nothing can be had by number, and how many lines that was."""
    lacking = {name: len(one.lacking) for name, one in others.items() if one.lacking}
    if lacking:
        counts = [f"{count} of {name}" for name, count in lacking.items()]
        known = ", ".join(how.table.name for how in BY_NUMBER)
        text = (
            f"The instance shows no {_or(list(lacking))} by "
            f"number, so these lines were left: {', '.join(counts)}. It shows {known}."
        )
        for line in wrapped(text):
            say(line)


def _or(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def _numbers(tallies: tuple[Tally, ...]) -> str:
    facts = (
        (sum(one.read for one in tallies), "read"),
        (sum(one.here for one in tallies), "here before"),
        (sum(len(one.lacking) for one in tallies), "not to be had"),
        (sum(one.left for one in tallies), "left"),
    )
    told = [f"{count} {what}" for count, what in facts if count or what == "read"]
    return f"of {sum(one.named for one in tallies)} things {', '.join(told)}"
