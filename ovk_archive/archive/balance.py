"""Whether lists add up: what the server counts, what is here, and what explains the difference."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.list_rows import Rows, not_elsewhere, not_missed
from ovk_archive.archive.lists.losses import is_most
from ovk_archive.archive.lists.skips import RECORDS
from ovk_archive.resources import RESOURCES
from ovk_archive.resources.vocabulary.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One list that was read to its end, and that the server counts.

    Attributes:
        counted: rows by the server's count when it was last read.
        held: rows here that are present as far as we know.
        missed: rows among them that a reading did not meet, and another has not confirmed yet.
        withheld: those, if there are too many to believe it.
        elsewhere: rows among them that another list shows, so that this one need not.
        skipped: records that crash the server, or cannot be read.
        beyond: rows that the last whole reading was shown, and that the server did not count.
        exact: so it is still, for the server counts as many as then.
        by_number: rows can be asked for by number; such as no list shows are among them.
        counts_dead: the count includes deleted rows.
        most_dead: the most rows that it counts, deleted ones included, if that is known.
    """

    partition: str
    counted: int
    held: int
    missed: int = 0
    withheld: int = 0
    elsewhere: int = 0
    skipped: int = 0
    beyond: int = 0
    exact: bool = False
    by_number: bool = False
    counts_dead: bool = False
    most_dead: int | None = None

    @property
    def least(self) -> int:
        """The smallest count of a server that has all rows that are here."""
        return self.held - self.missed - self.elsewhere - self.beyond

    @property
    def most(self) -> int:
        """The largest count of such a server, if it has nothing more than deleted rows."""
        return self.held + self.skipped - (self.beyond if self.exact else 0)

    @property
    def lacking(self) -> int:
        """Rows that the server counts, and that nothing in the archive explains."""
        most = self.most
        if self.counts_dead:
            most = self.counted if self.most_dead is None else max(most, self.most_dead)
        return max(0, self.counted - most)

    @property
    def surplus(self) -> int:
        """Rows here that the server does not count, for no known reason."""
        return max(0, self.least - self.counted)

    def if_counted(self, now: int) -> "Balance":
        """The same balance, if the server counts this many rows now."""
        exact = self.exact and now == self.counted
        return replace(self, counted=now, exact=exact, most_dead=self.counted)


def odd(archive: Archive) -> set[tuple[str, str]]:
    """The lists that do not add up, by resource and partition."""
    return {
        (resource.name, one.partition)
        for resource in RESOURCES
        if _is_counted(archive, resource)
        for one in balances(archive, resource)
        if one.lacking or one.surplus
    }


def _is_counted(archive: Archive, resource: Resource) -> bool:
    """The rows of lists that the server does not count would be looked at in vain."""
    found = archive.query(
        "select 1 from _cursors where resource = ? and counted is not null limit 1",
        (resource.name,),
    )
    return bool(found)


def balances(archive: Archive, resource: Resource) -> Iterator[Balance]:
    """The lists of a resource that were read to their end and that the server counts."""
    # Of other lists it cannot be told which rows are theirs: two of them may look the same.
    if not resource.compared:
        return
    same = " and ".join(_joined(resource)) or "1"
    rows = archive.stream(
        f"with held as ({_held(resource)}) select c.partition, c.counted, ifnull(h.held, 0), "
        f"ifnull(h.missed, 0), ifnull(h.elsewhere, 0), (select {RECORDS} from _skipped s where "
        "s.resource = c.resource and s.partition = c.partition and s.resolved_at is null), "
        "max(0, ifnull(c.met - c.met_of, 0)), ifnull(c.met_of = c.counted, 0) "
        f"from _cursors c left join held h on {same} where c.resource = ? and c.done "
        "and c.refused is null and c.counted is not null and json_valid(c.partition)",
        (*resource.only.values(), resource.name),
    )
    for row in rows:
        yield _balance(resource, *row)


def _balance(resource: Resource, partition: str, *facts: int) -> Balance:
    counted, held, missed, elsewhere, skipped, beyond, exact = facts
    return Balance(
        partition=partition,
        counted=counted,
        held=held,
        missed=missed,
        withheld=missed if is_most(missed, held) else 0,
        elsewhere=elsewhere,
        skipped=skipped,
        beyond=beyond,
        # What another list has shown meanwhile was met, too.
        exact=bool(exact) and resource.elsewhere is None,
        by_number=resource.sweep is not None,
        counts_dead=resource.counts_dead,
    )


def _held(resource: Resource) -> str:
    """How many rows each list has here, and of these how many were missed or are elsewhere."""
    table = resource.table
    columns = [f'"{column}"' for column in resource.held]
    where = ["gone_at is null", *(f"{column} is not null" for column in columns)]
    where += [f'"{column}" = ?' for column in resource.only]
    if not table.relation:
        where.append(Rows(table, "1", ()).is_own)
    elsewhere = not_elsewhere(resource) if resource.elsewhere else "1"
    return (
        f"select {''.join(f'{column}, ' for column in columns)}count(*) as held, "
        f"sum(not ({not_missed(table, table.name)})) as missed, "
        f'sum(not ({elsewhere})) as elsewhere from "{table.name}" '
        f"where {' and '.join(where)}" + (f" group by {', '.join(columns)}" if columns else "")
    )


def _joined(resource: Resource) -> Iterable[str]:
    for column, param in resource.held.items():
        yield f"h.\"{column}\" = json_extract(c.partition, '$.{param}')"


def reasons(lists: Iterable[Balance]) -> tuple[str, ...]:
    """What explains the differences of some lists together, and what is not explained."""
    found = [said for one in lists for said in _of(one)]
    return tuple(
        text.format(sum(count for count, other in found if other == text))
        for text in dict.fromkeys(text for _, text in found)
    )


def _of(one: Balance) -> Iterable[tuple[int, str]]:
    """How many rows of one list differ, and why."""
    rest = max(0, one.held - one.counted)
    for count, text in (
        (one.beyond, BY_NUMBER if one.by_number else UNCOUNTED),
        (one.withheld, WITHHELD),
        (one.missed - one.withheld, MISSED),
        (one.elsewhere, ELSEWHERE),
    ):
        if explained := min(rest, count):
            yield explained, text
        rest -= explained
    if one.surplus:
        yield one.surplus, SURPLUS
    if skipped := min(one.skipped, max(0, one.counted - one.held)):
        yield skipped, SKIPPED
    if one.lacking:
        yield one.lacking, LACKING


BY_NUMBER = "{} in no list; the server shows them only by number"
UNCOUNTED = "{} that the server shows but does not count"
WITHHELD = "{} missing on the server, too many at once to believe it (`--accept-losses`)"
MISSED = "{} not found any more; a second reading must confirm it"
ELSEWHERE = "{} that only other lists show"
SURPLUS = "{} in the archive that the server no longer counts"
SKIPPED = "{} could not be read"
LACKING = "{} not in the archive"
