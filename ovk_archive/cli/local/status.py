"""`ovk-archive status`: what an archive holds, and what it lacks."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ovk_archive.cli.options import archive_argument, json_option
from ovk_archive.cli.words.sentences import WIDTH, wrapped

if TYPE_CHECKING:
    from ovk_archive.checks.ledger import FilesLine, Ledger, Line, LookupLine

_HEAD = ("", "counted", "held", "gone", "last read", "")


@click.command()
@archive_argument
@json_option
def status(archive: Path, as_json: bool) -> None:
    """Say what ARCHIVE holds and what it lacks.

    First it says whether the archive is complete, and what you can do. Then it shows, for each
    list, how many rows the server counts, how many the archive has, how many were deleted on the
    server (gone), and when the list was last read to its end.
    """
    from ovk_archive.archive.archive import Archive
    from ovk_archive.checks.ledger import ledger
    from ovk_archive.cli.words.output import print_json, show, tell_of_onlookers

    tell_of_onlookers(archive)
    with Archive.read(archive) as held:
        book = ledger(held)
    if as_json:
        print_json(book.to_json())
        return
    lines = list(_lines(book))
    if sys.stdout.isatty() and len(lines) >= shutil.get_terminal_size().lines:
        # The top has moved out of sight.
        lines += ["", *_verdict(book)]
    show(lines)


def _lines(book: "Ledger") -> Iterator[str]:
    yield f"{book.archive}: account {book.account_id} of {book.instance}"
    yield ""
    yield from _verdict(book)
    yield ""
    yield from _table(book.lists)
    yield ""
    for note in _notes(book):
        yield from wrapped(note)


def _verdict(book: "Ledger") -> Iterator[str]:
    """Whether all is here, and what waits for a person."""
    yield from wrapped(book.sentence)
    for one in book.to_do:
        yield from wrapped(one)


def _notes(book: "Ledger") -> Iterator[str]:
    if any(line.counts_dead and line.counted for line in book.lists):
        yield "* the server counts deleted ones too"
    for line in book.lists:
        if line.why:
            yield f"{line.title}: {line.counted} counted, {line.held} held; {'; '.join(line.why)}."
    yield f"Referred to: {', '.join(map(_referred, book.lookups))}."
    if book.files.stored or book.files.others:
        yield f"Files: {'; '.join(_files(book.files))}."
    yield from _again(book)
    yield from _not_read(book)
    yield _last_run(book)
    if book.clock_ahead:
        from ovk_archive.checks.clocks import told

        yield told(book.clock_ahead)


def _not_read(book: "Ledger") -> Iterator[str]:
    """What is not here for a reason, or because nobody asked for it."""
    if book.lacking:
        yield f"This instance has no {', '.join(book.lacking)}."
    if book.lost:
        yield f"Named with --owner, but no longer readable: {', '.join(book.lost)}."
    if book.unasked:
        yield f"Never asked for (see `ovk-archive sync --all`): {', '.join(book.unasked)}."


def _referred(line: "LookupLine") -> str:
    unknown = f" ({line.missing} more not read yet)" if line.missing else ""
    return f"{line.held} {line.title}{unknown}"


def _again(book: "Ledger") -> Iterator[str]:
    again = book.again
    if again.lists:
        yield (
            f"An old post is read again at least every {again.edits} syncs, and so is all else in "
            f"lists: an edit of it is seen by then. What is deleted there is marked within "
            f"{again.losses} syncs."
        )
    if again.auditing_since:
        yield f"An audit began on {_minute(again.auditing_since)} and is not finished yet."
    elif again.audited_at:
        yield f"All was last read again on {_minute(again.audited_at)} (`ovk-archive audit`)."
    if missed := sum(line.missed for line in book.lists):
        were = "row was" if missed == 1 else "rows were"
        yield f"{missed} {were} not found any more; a second reading will confirm or deny it."


def _minute(moment: str) -> str:
    return f"{moment[:16].replace('T', ' ')} UTC"


def _files(files: "FilesLine") -> Iterator[str]:
    from ovk_archive.cli.words.file_states import states_told, stored_told

    yield stored_told(files.stored, files.bytes, files.addresses)
    yield from states_told(files.others)


def _table(lists: "tuple[Line, ...]") -> Iterator[str]:
    """Words to the left, numbers to the right."""
    rows = [_HEAD[:-1], *map(_cells, lists)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    room = WIDTH - sum(widths) - 2 * len(widths)
    states = ["", *(_state(line, room) for line in lists)]
    for row, state in zip(rows, states, strict=True):
        cells = [
            cell.rjust(width) if 0 < number < 4 else cell.ljust(width)  # noqa: PLR2004 - columns
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join([*cells, state]).rstrip()


def _cells(line: "Line") -> tuple[str, ...]:
    counted = "" if line.counted is None else f"{line.counted}{'*' if line.counts_dead else ' '}"
    # The day is enough here: the verdict has the minute.
    read = "" if line.absent else (line.last_sync or "never")[:10]
    return (line.title, counted, str(line.held), str(line.gone or ""), read)


def _state(line: "Line", room: int) -> str:
    """How a list stands, as exactly as there is room for."""
    if line.absent:
        return "not there"
    if line.complete:
        return "complete"
    facts = {
        "refused": line.refused - line.unanswered,
        "not answered": line.unanswered,
        "skipped": line.skipped,
    }
    said = ", ".join(f"{count} {word}" for word, count in facts.items() if count)
    return said if 0 < len(said) <= room else "not complete"


def _last_run(book: "Ledger") -> str:
    run = book.last_run
    if run is None:
        return "No run yet."
    if run["finished_at"] is None:
        return (
            f"The last run, begun {_minute(run['started_at'])}, is still running or was killed: "
            "the next sync goes on where it stopped."
        )
    asked = "1 request" if run["requests"] == 1 else f"{run['requests']} requests"
    return f"Last run: {run['outcome']}, {asked}, {_minute(run['finished_at'])}."
