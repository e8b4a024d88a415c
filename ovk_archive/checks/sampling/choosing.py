"""Which records are looked at: some of each kind, at random or the newest."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.list_rows import listed, not_missed
from ovk_archive.resources.messages import HISTORY, MESSAGES
from ovk_archive.resources.people import USERS
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.resources.vocabulary.rows import Context, Table, record_key
from ovk_archive.resources.wall import POSTS, WALL


@dataclass(frozen=True, slots=True)
class Chosen:
    """A record of the sample.

    Attributes:
        key: as `_versions` has it.
        number: the last part of its key.
        context: what its row function wants to know.
    """

    key: str
    number: int
    context: Context


def choose(archive: Archive, sample: int, rng: random.Random) -> dict[str, list[Chosen]]:
    """Records that are present here: equally many of each kind, as far as there are enough."""
    sources = _sources()
    sizes = {
        name: int(archive.query(f"select count(*) from {source}")[0][0])
        for name, source in sources.items()
    }
    shares = _shares(sizes, sample)
    return _at(archive, {name: rng.sample(range(sizes[name]), shares[name]) for name in sources})


def newest(archive: Archive, number: int) -> dict[str, list[Chosen]]:
    """The records with the highest numbers that are present here, this many of each kind."""
    return _at(archive, dict.fromkeys(_sources(), range(number)), order="id desc")


def _sources() -> dict[str, str]:
    return {
        POSTS.name: _source(POSTS, WALL),
        MESSAGES.name: _source(MESSAGES, HISTORY),
        USERS.name: _source(USERS),
    }


def _at(
    archive: Archive, places: Mapping[str, Sequence[int]], order: str = "rowid"
) -> dict[str, list[Chosen]]:
    """The records at these places in this order."""
    return {
        POSTS.name: _chosen(archive, POSTS, places, order, ("owner_id", "id")),
        MESSAGES.name: _chosen(archive, MESSAGES, places, order, ("id",), "peer_id", "date"),
        USERS.name: _chosen(archive, USERS, places, order, ("id",)),
    }


def _source(table: Table, resource: Resource | None = None) -> str:
    """The table, and which of its rows should be on the server as their own list shows them."""
    where = ["gone_at is null", listed(table, table.name), not_missed(table)]
    if resource is not None:
        # Of a list that is closed to us nobody can say what it has.
        ((column, param),) = resource.held.items()
        where.append(
            f"{column} in (select json_extract(partition, '$.{param}') from _cursors where "
            f"resource = '{resource.name}' and json_valid(partition) and refused is null)"
        )
    return f'"{table.name}" where {" and ".join(where)}'


def _shares(sizes: Mapping[str, int], sample: int) -> dict[str, int]:
    """How many of each kind; what one has too few of falls to the others."""
    shares, left = {}, len(sizes)
    for name in sorted(sizes, key=lambda name: sizes[name]):
        shares[name] = min(sizes[name], sample // left)
        sample -= shares[name]
        left -= 1
    return shares


def _chosen(
    archive: Archive,
    table: Table,
    places: Mapping[str, Sequence[int]],
    order: str,
    key: tuple[str, ...],
    *more: str,
) -> list[Chosen]:
    """The rows at these places, in the order in which they are stored."""
    names = ", ".join((*key, *more))
    wanted = ", ".join(map(str, sorted(places[table.name])))
    rows = archive.query(
        f"select {names} from (select {names}, row_number() over (order by {order}) - 1 as place "
        f"from {_sources()[table.name]}) where place in ({wanted})"
    )
    return [
        Chosen(
            record_key(row[: len(key)]),
            row[len(key) - 1],
            Context(partition=dict(zip((*key, *more), row, strict=True))),
        )
        for row in rows
    ]
