"""How a run ended, in words."""

from collections import Counter
from collections.abc import Iterator, Sequence

from ovk_archive.cli.words.file_states import state_told, states_told, stored_told
from ovk_archive.cli.words.output import complain, say
from ovk_archive.cli.words.sentences import wrapped
from ovk_archive.errors import StorageError
from ovk_archive.resources import LOOKUPS, RESOURCES, TABLES
from ovk_archive.sync.refusals import OWNERS
from ovk_archive.sync.report import FileReport, Report

_TITLES = {
    OWNERS: "--owner",
    **{one.name: one.title for one in RESOURCES},
    **{one.name: one.title for one in LOOKUPS},
}
_KINDS = {one.name: f"{one.title[:1].lower()}{one.title[1:]}" for one in TABLES}
_TABLES = {one.name: one.table.name for one in RESOURCES}
_MOST_LINES = 10
_MOST_KINDS = 8


def conclude(report: Report, *, quiet: bool) -> int:
    """Say how a run ended; its exit code."""
    if report.message:
        complain(report.message, report.exit_code)
    # Once told, it is known: a stopped run must tell it too.
    if report.news:
        _list_refused(report)
    if not quiet:
        _count_known(report)
        _list_absent(report)
        _list_withheld(report)
        say(f"{'Stopped' if report.message else 'Done'}: {_numbers(report)}.")
        _say_kinds(report)
    if report.media is not None:
        tell_files(report.media, quiet=quiet)
    return report.exit_code


def conclude_files(report: FileReport, *, quiet: bool) -> int:
    """Say how a run over files ended; its exit code."""
    if report.message:
        complain(report.message, report.exit_code)
    tell_files(report, quiet=quiet)
    return report.exit_code


def tell_files(report: FileReport, *, quiet: bool) -> None:
    """Say what became of files, and which could not be fetched."""
    troubles = [
        one
        for one in report.troubles
        if one["new"] and not (quiet and one["state"] == "unavailable")
    ]
    if troubles:
        say("Some files could not be fetched:")
    say_lines([f"{one['url']} {state_told(one['state'])}: {one['why']}" for one in troubles])
    if not quiet:
        new = stored_told(report.contents, report.bytes, report.stored)
        # Where nothing could be written, nobody has counted what is lacking.
        is_known = report.exit_code != StorageError.exit_code
        say(f"Files: {'; '.join([new, *(states_told(report.states) if is_known else ())])}.")


def _numbers(report: Report) -> str:
    new = sum(one.new for one in report.lists.values())
    changed = sum(one.changed for one in report.lists.values())
    return f"{new} new and {changed} changed records in {report.requests} requests"


def _say_kinds(report: Report) -> None:
    """What is new, and what an audit read again, as people count."""
    new, again = Counter[str](), Counter[str]()
    for name, one in report.lists.items():
        new.update(one.kinds)
        if name in _TABLES:
            again[_TABLES[name]] += one.again
    for line in wrapped(_counted("New", new)):
        say(line)
    for line in wrapped(_counted("Read again", again)) if report.auditing else ():
        say(line)


def _counted(what: str, kinds: Counter[str]) -> str:
    """The most frequent kinds with their names, and the rest together; nothing if there is none."""
    named = (+kinds).most_common(_MOST_KINDS)
    said = [f"{count} {_KINDS.get(name, name)}" for name, count in named]
    if others := kinds.total() - sum(count for _, count in named):
        said.append(f"{others} others")
    return f"{what}: {', '.join(said)}." if said else ""


def _list_refused(report: Report) -> None:
    say("Some things could not be read; a later sync tries again:")
    say_lines(list(_refused(report)))


def say_lines(lines: Sequence[str], rest: str = "`ovk-archive status`") -> None:
    """Say some lines; where the rest is to be found, if there are many."""
    for line in lines[:_MOST_LINES]:
        say(f"  {line}")
    if len(lines) > _MOST_LINES:
        say(f"  … and {len(lines) - _MOST_LINES} more, see {rest}.")


def _count_known(report: Report) -> None:
    """One line of what an earlier run has told."""
    refused = [one for part in report.lists.values() for one in part.refused]
    lists = sum(not one["new"] for one in refused)
    records = sum(part.skipped - part.skipped_new for part in report.lists.values())
    facts = (lists, "list", "lists"), (records, "record", "records")
    known = [f"{count} {one if count == 1 else many}" for count, one, many in facts if count]
    if known:
        say(f"As before, {' and '.join(known)} could not be read, see `ovk-archive status`.")


def _list_absent(report: Report) -> None:
    absent = [_TITLES.get(name, name) for name, one in report.lists.items() if one.absent]
    if absent:
        say(f"This instance has no {', '.join(absent)}.")


def _list_withheld(report: Report) -> None:
    for name, one in report.lists.items():
        if one.withheld:
            say(
                f"{_TITLES.get(name, name)}: {one.withheld} rows are missing at once. That may be "
                "a mistake of the server, so none is marked as deleted. If they were really "
                "deleted, run it again with `--accept-losses`."
            )


def _refused(report: Report) -> Iterator[str]:
    for name, one in report.lists.items():
        title = _TITLES.get(name, name)
        for refusal in (each for each in one.refused if each["new"]):
            where = ", ".join(f"{key} {value}" for key, value in refusal["partition"].items())
            yield f"{title}{f' ({where})' if where else ''}: {refusal['why']}"
        for partition in one.unfinished:
            where = ", ".join(f"{key} {value}" for key, value in partition.items())
            yield (
                f"{title}{f' ({where})' if where else ''}: grows while it is read; "
                "the next sync goes on with it"
            )
        if crashing := one.skipped_new - one.unreadable_new:
            what = "record crashes" if crashing == 1 else "records crash"
            yield f"{title}: {crashing} {what} the server"
        if strange := one.unreadable_new:
            what = "record has a shape" if strange == 1 else "records have shapes"
            yield f"{title}: {strange} {what} unknown to this version; kept for a later one"
