"""The ledger: what an archive holds and what it lacks, added up."""

from dataclasses import asdict, dataclass
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.facts import fact
from ovk_archive.checks import clocks
from ovk_archive.checks.ledger.files import FilesLine, files
from ovk_archive.checks.ledger.lines import Line, lines
from ovk_archive.checks.ledger.referred import LookupLine, look_up
from ovk_archive.checks.ledger.sentences import complete_as_of, lacking, to_do
from ovk_archive.errors import OUTCOMES
from ovk_archive.resources import LOOKUPS, RESOURCES
from ovk_archive.sync.again.audits import AUDITED, Audit
from ovk_archive.sync.again.turns import promise
from ovk_archive.sync.plan import ROUND
from ovk_archive.sync.refusals import OWNERS


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainLine:
    """How soon archived rows are read again, for nothing tells of edits and deletions.

    Attributes:
        lists: lists of the account that not every sync reads whole.
        requests: how many requests of each sync read some of them again.
        edits: within this many syncs each of their rows is read again.
        losses: within this many syncs a deleted row is marked.
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


def ledger(archive: Archive) -> Ledger:
    """Add up an archive, with a few queries per kind of list."""
    identity = archive.identity()
    everything = tuple(lines(archive))
    shown = tuple(line for line in everything if line.lists or not line.opt_in)
    lookups = tuple(look_up(archive, lookup) for lookup in LOOKUPS)
    its_files = files(archive)
    complete = all(line.complete for line in shown) and not any(one.missing for one in lookups)
    last_run = _last_run(archive)
    return Ledger(
        archive=str(archive.path),
        instance=identity.instance,
        account_id=identity.account_id,
        complete=complete,
        lacking=tuple(line.title for line in shown if line.absent),
        lists=shown,
        lookups=lookups,
        files=its_files,
        again=_again(archive, identity.account_id),
        last_run=last_run,
        to_do=tuple(to_do(archive, last_run, shown, its_files)),
        clock_ahead=clocks.ahead(archive),
        lost=_lost(archive),
        unasked=tuple(line.title for line in everything if line not in shown),
        sentence=complete_as_of(shown) if complete else lacking(archive, shown, lookups),
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
