"""The ledger: per list, what the server counted, what is held, what was refused or is due."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.balance import balances, reasons
from ovk_archive.archive.facts import fact
from ovk_archive.archive.lists.absences import missed
from ovk_archive.archive.lists.list_rows import listed
from ovk_archive.archive.lists.references import referred_to
from ovk_archive.archive.lists.skips import RECORDS_OF_LISTS
from ovk_archive.checks import clocks
from ovk_archive.errors import ABSENT_CODES, OUTCOMES, StorageError
from ovk_archive.media import presence
from ovk_archive.resources import LOOKUPS, RESOURCES
from ovk_archive.resources.vocabulary.resource import Lookup, Parent, Resource
from ovk_archive.sync.audits import AUDITED, Audit
from ovk_archive.sync.plan import ROUND
from ovk_archive.sync.refusals import OWNERS
from ovk_archive.sync.turns import promise


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
        skipped: records that could not be had: they crash the server, or cannot be read.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupLine:
    """People or groups that something refers to.

    Attributes:
        held: known ones.
        missing: referred to, and not asked for yet.
    """

    name: str
    title: str
    held: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainLine:
    """How soon what is known is read again, for nothing tells of edits and deletions.

    Attributes:
        lists: lists of the account that not every sync reads whole.
        requests: how many requests of each sync read some of them again.
        edits: within so many syncs each of their rows is read again.
        losses: within so many syncs a row that is gone is marked.
        audited_at: when everything was last read again.
        auditing_since: when an audit began that has not come to its end.
    """

    lists: int
    requests: int
    edits: int
    losses: int
    audited_at: str | None
    auditing_since: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesLine:
    """The files that records name.

    Attributes:
        stored: different files that are here.
        bytes: their size.
        addresses: under how many addresses records name them.
        missing: those that were stored, and are not in the folder of files.
        trouble: what is to be said of these, or of a folder that cannot be read.
        others: how many addresses are in each other state of table `media`.
    """

    stored: int
    bytes: int
    addresses: int
    others: dict[str, int]
    missing: int = 0
    trouble: str | None = None

    @property
    def wanting(self) -> int:
        """How many a later run may still bring."""
        return self.others.get("pending", 0) + self.others.get("failed", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What an archive holds and what it lacks.

    Attributes:
        lists: those that are read unless one says otherwise, and those that were asked for.
        lacking: what this instance does not have, in the words of the lists' titles.
        unasked: what is read only where it is asked for, and never was.
        clock_ahead: the latest stamp of a run, if it lies in the future.
        lost: owners that were named, and of whom nothing can be read any more.
        last_run: when, how and why it ended.
        to_do: what waits for a person, a sentence each.
    """

    archive: str
    instance: str
    account_id: int
    complete: bool
    lacking: tuple[str, ...]
    unasked: tuple[str, ...]
    lost: tuple[str, ...]
    lists: tuple[Line, ...]
    lookups: tuple[LookupLine, ...]
    files: FilesLine
    again: AgainLine
    last_run: dict[str, Any] | None
    clock_ahead: str | None
    to_do: tuple[str, ...]
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """As `status --json` prints it."""
        return asdict(self)


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


def ledger(archive: Archive) -> Ledger:
    """Add up an archive, with a few queries per kind of list."""
    identity = archive.identity()
    everything = tuple(_lines(archive))
    lines = tuple(line for line in everything if line.lists or not line.opt_in)
    lookups = tuple(_lookup(archive, lookup) for lookup in LOOKUPS)
    files = _files(archive)
    complete = all(line.complete for line in lines) and not any(one.missing for one in lookups)
    last_run = _last_run(archive)
    return Ledger(
        archive=str(archive.path),
        instance=identity.instance,
        account_id=identity.account_id,
        complete=complete,
        lacking=tuple(line.title for line in lines if line.absent),
        lists=lines,
        lookups=lookups,
        files=files,
        again=_again(archive, identity.account_id),
        last_run=last_run,
        to_do=tuple(_to_do(archive, last_run, lines, files)),
        clock_ahead=clocks.ahead(archive),
        lost=_lost(archive),
        unasked=tuple(line.title for line in everything if line not in lines),
        sentence=_complete_as_of(lines) if complete else _lacking(archive, lines, lookups),
    )


def _lost(archive: Archive) -> tuple[str, ...]:
    rows = archive.query(
        "select json_extract(partition, '$.owner') from _cursors "
        "where resource = ? and refused is not null order by 1",
        (OWNERS,),
    )
    return tuple(str(row[0]) for row in rows)


def _again(archive: Archive, account_id: int) -> AgainLine:
    promised = promise(archive, RESOURCES, (account_id,))
    audit = Audit(archive)
    return AgainLine(
        lists=promised.lists,
        requests=ROUND,
        edits=promised.edits,
        losses=promised.losses,
        audited_at=fact(archive, AUDITED),
        auditing_since=audit.began,
    )


def _files(archive: Archive) -> FilesLine:
    """Add up table `media`, which an archive of an older version has not."""
    if not archive.query("select 1 from sqlite_master where name = 'media'"):
        return FilesLine(stored=0, bytes=0, addresses=0, others={})
    states = dict(archive.query("select state, count(*) from media group by state order by state"))
    addresses = states.pop("stored", 0)
    # One content may have several addresses.
    stored, size = archive.query(
        "select count(*), ifnull(sum(bytes), 0) from "
        "(select distinct sha256, bytes from media where state = 'stored')"
    )[0]
    line = FilesLine(stored=stored, bytes=size, addresses=addresses, others=states)
    try:
        here = presence.look(archive)
    except StorageError as error:
        return replace(line, trouble=str(error))
    if not here.missing:
        return line
    return replace(
        line,
        stored=here.stored - here.missing,
        bytes=size - here.bytes,
        missing=here.missing,
        trouble=here.told(f"`ovk-archive media {archive.path}` fetches them again."),
    )


def _to_do(
    archive: Archive, last_run: dict[str, Any] | None, lines: Iterable[Line], files: FilesLine
) -> Iterable[str]:
    if last_run and last_run["message"]:
        ended = last_run["finished_at"][:16].replace("T", " ")
        yield f"The last run ended early ({ended} UTC): {last_run['message']}"
    for line in lines:
        if line.withheld:
            yield (
                f"{line.title}: {line.withheld} are missing there at once, which is hard to "
                "believe, so none is marked as gone. If they are gone indeed: "
                f"`ovk-archive sync {archive.path} --accept-losses`."
            )
    if files.trouble:
        yield files.trouble
    if files.wanting:
        what = "1 file is" if files.wanting == 1 else f"{files.wanting} files are"
        it = "it" if files.wanting == 1 else "them"
        yield f"{what} not here: `ovk-archive media {archive.path}` fetches {it}."


def _lines(archive: Archive) -> Iterable[Line]:
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
    parent, (skipped, unreadable) = resource.parent, skips
    unfinished = its.unfinished + (_due(archive, resource, parent) if parent else 0)
    up_to_date = not (its.refused or skipped or unfinished)
    opened = _opened(parent, resource.section, read_at) if parent else its.oldest
    absent = bool(its.absent) and its.absent == its.lists
    held, gone = _held(archive, resource)
    counts = balances(archive, resource) if its.counted is not None else []
    unexplained = sum(one.lacking + one.surplus for one in counts)
    return Line(
        name=resource.name,
        section=resource.section,
        title=resource.title,
        counted=its.counted,
        counts_dead=resource.counts_dead,
        held=held,
        gone=gone,
        refused=its.refused,
        unanswered=its.unanswered,
        absent=absent,
        missed=len(missed(archive, resource, resource.table.key)) if resource.compared else 0,
        withheld=sum(one.withheld for one in counts),
        skipped=skipped,
        unreadable=unreadable,
        lists=its.lists,
        unfinished=unfinished,
        last_sync=opened if up_to_date else its.newest,
        complete=up_to_date and not unexplained and (opened is not None or absent),
        opt_in=resource.opt_in,
        unexplained=unexplained,
        why=reasons(counts),
    )


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


def _due(archive: Archive, resource: Resource, parent: Parent) -> int:
    """How many parents have a list that was never opened, or has changed since."""
    partition = ", ".join(
        f"'{param}', p.\"{column}\"" for param, column in sorted(parent.params.items())
    )
    stamp = ", ".join(f'p."{column}"' for column in parent.stamp)
    changed = "0" if parent.always else f"json(c.stamp) <> json_array({stamp})"
    unopened = f'coalesce(p."{parent.counter}", 0) <> 0' if parent.counter else "1"
    rows = archive.query(
        f'select count(*) from "{parent.table.name}" p '
        f"left join _cursors c on c.resource = ? and c.partition = json_object({partition}) "
        f"where p.gone_at is null and {_restriction(parent)} and case "
        f"when c.resource is null then {unopened} "
        f"else c.done and c.refused is null and {changed} end",
        (resource.name,),
    )
    return int(rows[0][0])


def _restriction(parent: Parent) -> str:
    """Which parents count: those whose owners' lists are read."""
    where = [f'p."{parent.where}" is not null'] if parent.where else []
    if parent.listed:
        where.append(listed(parent.table, "p"))
    if parent.owner:
        roots = ", ".join(f"'{r.name}'" for r in RESOURCES if r.table is parent.table)
        owners = f"select owner_id from _cursors where resource in ({roots})"
        where.append(f'p."{parent.owner}" in ({owners})')
    return " and ".join(where) or "1"


def _lookup(archive: Archive, lookup: Lookup) -> LookupLine:
    table = lookup.table.name
    missing = archive.query(
        f"select count(*) from ({referred_to(lookup)}) r where not exists (select 1 from {table} t "
        f"where t.id = r.id and {listed(lookup.table, 't')}) "
        "and id not in (select cast(place as integer) from _skipped where resource = :name)",
        {"after": 0, "name": lookup.name},
    )
    held = archive.query(f"select count(*) from {table}")
    return LookupLine(name=lookup.name, title=lookup.title, held=held[0][0], missing=missing[0][0])


def _last_run(archive: Archive) -> dict[str, Any] | None:
    names = ("started_at", "finished_at", "outcome", "exit_code", "requests", "version")
    rows = archive.query(
        f"select {', '.join(names)}, ifnull(json_extract(report, '$.message'), '') from _runs "
        "order by id desc limit 1"
    )
    if not rows:
        return None
    run = dict(zip((*names, "message"), rows[0], strict=True))
    # Older programs wrote names of classes.
    return run | {"outcome": OUTCOMES.get(run["exit_code"], run["outcome"])}


def _complete_as_of(lines: Iterable[Line]) -> str:
    daily = {resource.name for resource in RESOURCES if resource.daily}
    read = (line for line in lines if not line.absent and line.name not in daily)
    earliest = min(line.last_sync or "" for line in read)
    return f"Complete as of {earliest[:16].replace('T', ' ')} UTC."


def _lacking(archive: Archive, lines: Iterable[Line], lookups: Iterable[LookupLine]) -> str:
    lacking = [line for line in lines if not line.complete]
    alike: dict[str, list[str]] = {}
    for line in lacking:
        alike.setdefault(_why(line), []).append(line.title)
    unread = alike.pop("", [])
    parts = [
        f"{', '.join(titles)} ({'each ' if len(titles) > 1 else ''}{why})"
        for why, titles in alike.items()
    ]
    parts += [f"{one.title} ({one.missing} not asked for yet)" for one in lookups if one.missing]
    said = ["Not complete."]
    said += [f"Missing: {'; '.join(parts)}."] if parts else []
    said += [f"Never read: {', '.join(unread)}."] if unread else []
    said.append(f"`ovk-archive sync {archive.path}` gets what can be had.")
    if any(line.unexplained for line in lacking):
        said.append(f"`ovk-archive audit {archive.path}` reads again what does not add up.")
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
    return said or ("waiting for what opens it" if line.lists else "")
