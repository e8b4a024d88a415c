"""`ovk-archive status`: what an archive holds, and what it lacks."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ovk_archive.cli.options import archive_argument, json_option

if TYPE_CHECKING:
    from ovk_archive.ledger import FilesLine, Ledger, Line

_HEAD = ("", "counted", "held", "gone", "refused", "skipped", "last sync (UTC)", "")


@click.command()
@archive_argument
@json_option
def status(archive: Path, as_json: bool) -> None:
    """Say what ARCHIVE holds and what it lacks.

    Per list: what the server counted, what is held, what has gone there since, what was refused or
    skipped, and when it was last read to its end.
    """
    from ovk_archive.archive import Archive
    from ovk_archive.cli.output import print_json, show, tell_of_onlookers
    from ovk_archive.ledger import ledger

    tell_of_onlookers(archive)
    with Archive.read(archive) as held:
        book = ledger(held)
    if as_json:
        print_json(book.to_json())
    else:
        show(_lines(book))


def _lines(book: "Ledger") -> Iterator[str]:
    yield f"{book.archive}: account {book.account_id} of {book.instance}"
    yield ""
    yield from _table([_HEAD, *(_cells(line) for line in book.lists)])
    yield ""
    if any(line.counts_dead and line.counted for line in book.lists):
        yield "* counts deleted ones too"
    for line in book.lists:
        if line.why:
            yield f"{line.title}: {line.counted} counted, {line.held} held; {'; '.join(line.why)}."
    for one in book.lookups:
        unknown = f", {one.missing} not asked for yet" if one.missing else ""
        yield f"{one.title} referred to: {one.held}{unknown}"
    if book.files.stored or book.files.others:
        yield f"files: {', '.join(_files(book.files))}"
    yield from _again(book)
    yield from _not_read(book)
    yield _last_run(book)
    if book.clock_ahead:
        from ovk_archive.clocks import told

        yield told(book.clock_ahead)
    yield ""
    yield book.sentence


def _not_read(book: "Ledger") -> Iterator[str]:
    """What is not here for a reason, or because nobody asked for it."""
    if book.lacking:
        yield f"This instance has no {', '.join(book.lacking)}."
    if book.lost:
        yield f"Named with --owner, and cannot be read any more: {', '.join(book.lost)}."
    if book.unasked:
        yield f"Never asked for (see `ovk-archive sync --all`): {', '.join(book.unasked)}."


def _again(book: "Ledger") -> Iterator[str]:
    again = book.again
    if again.lists:
        yield (
            f"read again in turn: {again.lists} lists; each row within {again.edits} syncs, and "
            f"what is gone is marked within {again.losses}"
        )
    if again.auditing_since:
        yield f"An audit began {_minute(again.auditing_since)} and has not come to its end."
    elif again.audited_at:
        yield f"All was read again {_minute(again.audited_at)} (`ovk-archive audit`)."
    if missed := sum(line.missed for line in book.lists):
        yield f"{missed} rows were not found any more; they are marked when that is confirmed."


def _minute(moment: str) -> str:
    return f"{moment[:16].replace('T', ' ')} UTC"


def _files(files: "FilesLine") -> Iterator[str]:
    from tqdm import tqdm

    yield f"{files.stored} stored ({tqdm.format_sizeof(files.bytes, 'B', 1000)})"
    for state, count in files.others.items():
        yield f"{count} {state}"


def _cells(line: "Line") -> tuple[str, ...]:
    counted = "" if line.counted is None else f"{line.counted}{'*' if line.counts_dead else ' '}"
    return (
        line.title,
        counted,
        str(line.held),
        str(line.gone or ""),
        str(line.refused or ""),
        str(line.skipped or ""),
        (line.last_sync or "never")[:16].replace("T", " "),
        "not there" if line.absent else "complete" if line.complete else "not complete",
    )


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Words to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if 0 < number < 6 else cell.ljust(width)  # noqa: PLR2004 - columns
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _last_run(book: "Ledger") -> str:
    run = book.last_run
    if run is None:
        return "No run yet."
    if run["finished_at"] is None:
        return f"The last run, begun {run['started_at']}, has not ended or was killed."
    return f"Last run: {run['outcome']}, {run['requests']} requests, ended {run['finished_at']}."
