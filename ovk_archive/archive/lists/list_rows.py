"""Which rows of a table are those of one list, as conditions of SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.api.paging.keyset import Shown
from ovk_archive.archive.tables.schema import key_as_sql
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.resources.vocabulary.rows import Table

#: Missed, and neither confirmed nor back.
OPEN = "gone_at is null and back_at is null and hidden is not 1"


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one list in its table, or some of them.

    Attributes:
        where: a condition on the table's columns.
        values: what is bound in it.
    """

    table: Table
    where: str
    values: Sequence[Any]

    @property
    def key(self) -> str:
        """The key as `_versions` writes it, as SQL."""
        # By its full name: `_records` has an `id` of its own.
        return key_as_sql(self.table, f'"{self.table.name}"')

    @property
    def present(self) -> str:
        """The condition that a row is in the list: it was seen there, and is not gone."""
        return f"{self.where} and gone_at is null and {self.is_own}"

    @property
    def is_own(self) -> str:
        """The condition that a list of its own kind has shown a row."""
        return f"exists ({self._own_versions('1')})"

    def seen_since(self, number: int) -> tuple[str, Sequence[Any]]:
        """The condition that a row was seen in that checkpoint or later; and what is bound."""
        return self._seen(">=", number)

    def not_seen_since(self, number: int) -> tuple[str, Sequence[Any]]:
        """The condition that a row is present, and was last seen before that checkpoint."""
        return self._seen("<", number)

    def _seen(self, compared: str, number: int) -> tuple[str, Sequence[Any]]:
        # A row that no list of its own kind has shown has no such number, and is neither.
        last = self._own_versions("max(s.last_seen_in)", "join _sightings s on s.id = v.id ")
        return f"{self.where} and gone_at is null and ({last}) {compared} ?", [*self.values, number]

    def _own_versions(self, what: str, more: str = "") -> str:
        return (
            f"select {what} from _records v {more}where v.resource = '{self.table.name}' "
            f"and v.record_key = {self.key} and v.embedded = 0"
        )


def rows_of(resource: Resource, partition: Mapping[str, Any], *more: str) -> Rows:
    """The rows of a list; `more` are further conditions, without anything to be bound."""
    held = {column: partition[param] for column, param in resource.held.items()}
    held |= resource.only
    where = [*(f'"{column}" = ?' for column in held), *more]
    return Rows(resource.table, " and ".join(where) or "1", list(held.values()))


def comparable(resource: Resource, partition: Mapping[str, Any], *more: str) -> Rows:
    """Those of them that were deleted if the list does not show them."""
    elsewhere = [not_elsewhere(resource)] if resource.elsewhere else []
    return rows_of(resource, partition, *more, *elsewhere)


def between(resource: Resource, partition: Mapping[str, Any], shown: Shown) -> Rows:
    """The rows of a list that an answer would have shown."""
    only = [f'"id" > {int(shown.above)}']
    if shown.to is not None:
        only.append(f'"id" <= {int(shown.to)}')
    if shown.before is not None:
        only.append(f'"{resource.order.moment}" < {int(shown.before)}')
    return comparable(resource, partition, *only)


def not_elsewhere(resource: Resource) -> str:
    """The condition that no row of another table says that the thing is there."""
    assert resource.elsewhere is not None  # noqa: S101 - the caller looked
    other, columns = resource.elsewhere.table, resource.elsewhere.columns
    same = " and ".join(f'o."{theirs}" = "{resource.table.name}"."{ours}"'
                        for ours, theirs in columns.items())  # fmt: skip
    return (
        f'not exists (select 1 from "{other.name}" o where {same} and o.gone_at is null '
        f"and {not_missed(other, 'o')})"
    )


def not_missed(table: Table, alias: str = "") -> str:
    """The condition that the last reading of its list has met a row."""
    return (
        f"not exists (select 1 from _absences ab where ab.resource = '{table.name}' "
        f"and ab.record_key = {key_as_sql(table, alias or _quoted(table))} "
        "and ab.gone_at is null and ab.back_at is null and ab.hidden is not 1)"
    )


def listed(table: Table, alias: str = "") -> str:
    """The condition that a row was seen in a list of its own kind, not only as an attachment."""
    return (
        f"exists (select 1 from _records own where own.resource = '{table.name}' "
        f"and own.record_key = {key_as_sql(table, alias or _quoted(table))} and own.embedded = 0)"
    )


def _quoted(table: Table) -> str:
    # The tables of the machinery have columns of the same names.
    return f'"{table.name}"'
