"""What the ledger says in sentences: whether all is here, what is lacking, what is to be done."""

from collections.abc import Iterable
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.checks.ledger.files import FilesLine
from ovk_archive.checks.ledger.lines import Line
from ovk_archive.checks.ledger.referred import LookupLine
from ovk_archive.resources import RESOURCES


def to_do(
    archive: Archive, last_run: dict[str, Any] | None, lines: Iterable[Line], files: FilesLine
) -> Iterable[str]:
    """What waits for a person, a sentence each."""
    if last_run and last_run["message"]:
        ended = last_run["finished_at"][:16].replace("T", " ")
        yield f"The last run ended early ({ended} UTC): {last_run['message']}"
    for line in lines:
        if line.withheld:
            yield (
                f"{line.title}: {line.withheld} rows are missing at once. That may be a mistake "
                "of the server, so none is marked as deleted. If they were really deleted: "
                f"`ovk-archive sync {archive.path} --accept-losses`."
            )
    if files.trouble:
        yield files.trouble
    if files.wanting:
        what = "1 file is" if files.wanting == 1 else f"{files.wanting} files are"
        it = "it" if files.wanting == 1 else "them"
        yield f"{what} not here: `ovk-archive media {archive.path}` fetches {it}."


def complete_as_of(lines: Iterable[Line]) -> str:
    """That all is here, and since when."""
    return f"Complete as of {as_of(lines)[:16].replace('T', ' ')} UTC."


def as_of(lines: Iterable[Line]) -> str:
    """When all was up to date for the last time."""
    daily = {resource.name for resource in RESOURCES if resource.schedule.daily}
    read = (line for line in lines if not line.absent and line.name not in daily)
    return min(line.last_sync or "" for line in read)


def lacking(archive: Archive, lines: Iterable[Line], lookups: Iterable[LookupLine]) -> str:
    """What is lacking, why, and which command may bring it."""
    without = [line for line in lines if not line.complete]
    alike: dict[str, list[str]] = {}
    for line in without:
        alike.setdefault(_why(line), []).append(line.title)
    unread = alike.pop("", [])
    parts = [
        f"{', '.join(titles)} ({'each ' if len(titles) > 1 else ''}{why})"
        for why, titles in alike.items()
    ]
    parts += [f"{one.title} ({one.missing} not read yet)" for one in lookups if one.missing]
    said = ["Not complete."]
    said += [f"Missing: {'; '.join(parts)}."] if parts else []
    said += [f"Never read: {', '.join(unread)}."] if unread else []
    said.append(f"`ovk-archive sync {archive.path}` reads what is missing.")
    if any(line.unexplained for line in without):
        said.append(f"`ovk-archive audit {archive.path}` looks for the rows that do not add up.")
    return " ".join(said)


def _why(line: Line) -> str:
    """What is wrong with a list; nothing, if it is only that it was never read."""
    facts = (
        (line.refused - line.unanswered, "list refused", "lists refused"),
        (line.unanswered, "list without an answer", "lists without an answer"),
        (line.skipped - line.unreadable, "record crashes the server", "records crash the server"),
        (line.unreadable, "record of an unknown shape", "records of an unknown shape"),
        (line.unfinished, "list not read to its end", "lists not read to their end"),
        (line.unexplained, "row does not add up", "rows do not add up"),
    )
    said = ", ".join(
        f"{count} {one if count == 1 else many}" for count, one, many in facts if count
    )
    return said or ("not read before another list is read" if line.lists else "")
