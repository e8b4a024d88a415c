"""Which of the things that a person named are in the archive."""

from collections.abc import Iterable
from dataclasses import dataclass

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.list_rows import listed
from ovk_archive.archive.tables.schema import has_key, key_as_sql, keys_as_json
from ovk_archive.resources.vocabulary.by_number import ByNumber
from ovk_archive.resources.vocabulary.rows import Table


@dataclass(frozen=True, slots=True)
class Here:
    """A thing that is in the archive.

    Attributes:
        gone: it is marked as deleted.
        dead: the instance itself says that there is no such thing any more.
    """

    gone: bool
    dead: bool = False


def here(archive: Archive, how: ByNumber, keys: Iterable[str]) -> dict[str, Here]:
    """Those of some things that are here, as far as asking for them would tell no more of them."""
    dead = " and ".join(f'"{name}" = ?' for name in how.dead) or "0"
    only = listed(how.table, "t") if how.own else f'"{how.proof}" is not null' if how.proof else "1"
    rows = archive.query(
        f'select {key_as_sql(how.table, "t")}, gone_at is not null, {dead} from "{how.table.name}" '
        f"t where {has_key(how.table)} and {only}",
        (*how.dead.values(), keys_as_json(how.table, keys)),
    )
    return {key: Here(bool(gone), bool(is_dead)) for key, gone, is_dead in rows}


def in_table(archive: Archive, table: Table, keys: Iterable[str]) -> set[str]:
    """Those of some things that are here, however they came."""
    rows = archive.query(
        f'select {key_as_sql(table)} from "{table.name}" where {has_key(table)}',
        (keys_as_json(table, keys),),
    )
    return {row[0] for row in rows}
