"""How a run ended, in words."""

from collections.abc import Iterator

from ovk_archive.cli.output import complain, say
from ovk_archive.errors import EXIT_REFUSED
from ovk_archive.report import Report
from ovk_archive.resources import LOOKUPS, RESOURCES

_TITLES = {one.name: one.title for one in RESOURCES} | {one.name: one.title for one in LOOKUPS}
_MOST_LINES = 10


def conclude(report: Report, *, quiet: bool) -> int:
    """Say how a run ended; its exit code."""
    if report.message:
        complain(report.message, report.exit_code)
    elif report.exit_code == EXIT_REFUSED:
        _list_refused(report)
    if not quiet:
        _list_absent(report)
        _list_withheld(report)
        say(f"{'Stopped' if report.message else 'Done'}: {_numbers(report)}.")
    return report.exit_code


def _numbers(report: Report) -> str:
    new = sum(one.new for one in report.lists.values())
    changed = sum(one.changed for one in report.lists.values())
    return f"{new} new and {changed} changed records in {report.requests} requests"


def _list_refused(report: Report) -> None:
    lines = list(_refused(report))
    say("Not everything could be had; a later sync tries again:")
    for line in lines[:_MOST_LINES]:
        say(f"  {line}")
    if len(lines) > _MOST_LINES:
        say(f"  … and {len(lines) - _MOST_LINES} more, see `ovk-archive status`.")


def _list_absent(report: Report) -> None:
    absent = [_TITLES.get(name, name) for name, one in report.lists.items() if one.absent]
    if absent:
        say(f"This instance has no {', '.join(absent)}.")


def _list_withheld(report: Report) -> None:
    for name, one in report.lists.items():
        if one.withheld:
            say(
                f"{_TITLES.get(name, name)}: {one.withheld} are missing at once, which is hard to "
                "believe: nothing is marked as gone."
            )


def _refused(report: Report) -> Iterator[str]:
    for name, one in report.lists.items():
        title = _TITLES.get(name, name)
        for refusal in one.refused:
            where = ", ".join(f"{key} {value}" for key, value in refusal["partition"].items())
            yield f"{title}{f' ({where})' if where else ''}: {refusal['why']}"
        if one.skipped:
            yield f"{title}: {one.skipped} skipped, because they crash the server"
