"""A line of the ledger: all lists of one kind, counted there and held here."""

from collections.abc import Iterable
from dataclasses import dataclass

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.balance import balances, reasons
from ovk_archive.archive.lists.absences import missed
from ovk_archive.archive.lists.list_rows import listed
from ovk_archive.archive.lists.skips import RECORDS_OF_LISTS
from ovk_archive.checks.ledger.opened import due
from ovk_archive.errors import ABSENT_CODES
from ovk_archive.resources import RESOURCES
from ovk_archive.resources.vocabulary.resource import Parent, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """All lists of one resource together.

    Attributes:
        counted: rows by the server's counts, where it says any.
        counts_dead: those counts include deleted rows.
        held: rows here that were present when last looked at.
        gone: rows here that have since been deleted there.
        refused: lists that could not be read.
        unanswered: those of them that had no answer, rather than a refusal.
        absent: the instance has no such section, or has switched it off.
        missed: rows that a reading did not meet, and another has not confirmed yet.
        withheld: those of lists that lack too many at once to be believed.
        skipped: records that crash the server, or whose shape nobody knows.
        unreadable: those of them that came, and that this version cannot read.
        lists: lists read or tried.
        unfinished: lists that were not read to their end, or are due again.
        last_sync: when all of it was last up to date.
        unexplained: rows that the server counts and that are not here, and the other way round,
            as far as nothing explains it; list by list, so that one does not make up for another.
        why: what explains the difference of counted and held, and what is not explained.
    """

    name: str
    section: str
    title: str
    counted: int | None
    counts_dead: bool
    held: int
    gone: int
    refused: int
    unanswered: int
    absent: bool
    missed: int
    withheld: int
    skipped: int
    unreadable: int
    lists: int
    unfinished: int
    last_sync: str | None
    complete: bool
    opt_in: bool
    unexplained: int
    why: tuple[str, ...]


@dataclass(slots=True)
class _Cursors:
    """What the cursors of one resource add up to."""

    lists: int = 0
    counted: int | None = None
    refused: int = 0
    unanswered: int = 0
    absent: int = 0
    unfinished: int = 0
    oldest: str | None = None
    newest: str | None = None


def lines(archive: Archive) -> Iterable[Line]:
    """The lines of an archive, in the order of the declarations."""
    cursors = _cursors(archive)
    skipped = {
        row[0]: row[1:]
        for row in archive.query(
            f"select resource, {RECORDS_OF_LISTS} from _skipped where resolved_at is null "
            "group by resource"
        )
    }
    read_at: dict[str, str | None] = {}
    for resource in RESOURCES:
        its = cursors.get(resource.name, _Cursors())
        line = _line(archive, resource, its, skipped.get(resource.name, (0, 0)), read_at)
        if not line.absent and (resource.parent is None or resource.section not in read_at):
            earlier = read_at.get(resource.section, line.last_sync)
            read_at[resource.section] = min(earlier or "", line.last_sync or "") or None
        yield line


def _opened(parent: Parent, section: str, read_at: dict[str, str | None]) -> str | None:
    """When the lists were read whose rows open a list."""
    return min(read_at.get(name) or "" for name in parent.after or (section,)) or None


def _line(
    archive: Archive,
    resource: Resource,
    its: _Cursors,
    skips: tuple[int, int],
    read_at: dict[str, str | None],
) -> Line:
    """One line; `read_at` says when the lists that open others were last read, by section."""
    absent = bool(its.absent) and its.absent == its.lists
    # Of what the instance does not have, a fault that was taken for a record's is no lack.
    parent, (skipped, unreadable) = resource.parent, (0, 0) if absent else skips
    unfinished = its.unfinished + (due(archive, resource, parent) if parent else 0)
    up_to_date = not (its.refused or skipped or unfinished)
    opened = _opened(parent, resource.section, read_at) if parent else its.oldest
    held, gone = _held(archive, resource)
    counts = list(balances(archive, resource)) if its.counted is not None else []
    unexplained = sum(one.lacking + one.surplus for one in counts)
    return Line(
        name=resource.name, section=resource.section, title=resource.title,
        opt_in=resource.schedule.opt_in, counts_dead=resource.counts_dead,
        counted=its.counted, held=held, gone=gone,
        refused=its.refused, unanswered=its.unanswered, absent=absent,
        missed=len(missed(archive, resource, resource.table.key)) if resource.compared else 0,
        withheld=sum(one.withheld for one in counts),
        skipped=skipped, unreadable=unreadable,
        lists=its.lists, unfinished=unfinished,
        last_sync=opened if up_to_date else its.newest,
        complete=up_to_date and not unexplained and (opened is not None or absent),
        unexplained=unexplained, why=reasons(counts),
    )  # fmt: skip


def _cursors(archive: Archive) -> dict[str, _Cursors]:
    absent = f"sum(ifnull(refused_code in ({', '.join(map(str, ABSENT_CODES))}), 0))"
    # What cannot be read again is lacking too: edits and deletions in it stay unseen.
    again = (
        "(select r.refused from _rounds r where r.resource = _cursors.resource "
        "and r.partition = _cursors.partition)"
    )
    rows = archive.query(
        f"select resource, count(*), sum(counted), count(coalesce(refused, {again})) - {absent}, "
        f"sum(refused_code is null and coalesce(refused, {again}) is not null), {absent}, "
        "sum(not done and refused is null), "
        # A list that was never finished has no time, and min() would overlook it.
        "case when sum(finished_at is null and refused is null) then null "
        "else min(finished_at) end, "
        "max(finished_at) from _cursors group by resource"
    )
    return {row[0]: _Cursors(*row[1:]) for row in rows}


def _held(archive: Archive, resource: Resource) -> tuple[int, int]:
    """How many rows of all its lists are here: present, and gone."""
    # Comments of posts, photos and notes share a table.
    where = [f'"{column}" is not null' for column in resource.held]
    where += [f'"{column}" = {_literal(value)}' for column, value in resource.only.items()]
    if resource.parent is None:
        where += [*_of_read_lists(resource), *_seen_in_a_list(resource)]
    held, gone = archive.query(
        "select count(*) filter (where gone_at is null), count(gone_at) "
        f'from "{resource.table.name}" where {" and ".join(where) or "1"}'
    )[0]
    return held, gone


def _literal(value: str | int) -> str:
    """A declared value, as SQL."""
    return str(value) if isinstance(value, int) else f"'{value}'"


def _of_read_lists(resource: Resource) -> Iterable[str]:
    """A table may hold rows of owners whose lists were not read."""
    for column, param in resource.held.items():
        partitions = f"select json_extract(partition, '$.{param}') from _cursors"
        yield f"\"{column}\" in ({partitions} where resource = '{resource.name}')"


def _seen_in_a_list(resource: Resource) -> Iterable[str]:
    """A photo that only an attachment shows may not be in its owner's list."""
    table = resource.table
    if not table.relation:
        yield listed(table, table.name)
