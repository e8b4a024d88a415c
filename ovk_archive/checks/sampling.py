"""Whether an archive agrees with its server: what that counts, and some records as they are now.

Nothing is written, neither there nor here.
"""

import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ovk_archive.api.client import Client
from ovk_archive.api.paging.windows import Window
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.balance import Balance, balances, reasons
from ovk_archive.archive.lists.list_rows import listed, not_missed, rows_of
from ovk_archive.archive.lists.skips import RECORDS
from ovk_archive.errors import (
    ApiError,
    AuthError,
    NonsenseError,
    RateLimitedError,
    ServerFaultError,
)
from ovk_archive.resources import RESOURCES
from ovk_archive.resources.attachments import named, opened
from ovk_archive.resources.messages import HISTORY, MESSAGES
from ovk_archive.resources.people import PEOPLE, USERS
from ovk_archive.resources.vocabulary.records import UNREADABLE, Record
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.resources.vocabulary.rows import Context, Row, RowFunction, Table, record_key
from ovk_archive.resources.vocabulary.shapes import Shape, answer, number, taken_apart
from ovk_archive.resources.wall import POSTS, WALL
from ovk_archive.sync.page.fetch import Question, fetch

#: Ids per call: what wall.getById and users.get take without complaint.
_BATCH = 50
#: Messages from a number on: the very first, and some that were sent in the same second; or many.
_NEAR = (5, 100)
#: Longer than any message: a shorter one is shown whole (help/openvk-api.md, Messages).
_WHOLE = 100_000


@dataclass(frozen=True, slots=True)
class Count:
    """What the server counts of a list.

    Attributes:
        counted: rows by the server's count now, if it told.
        before: the same when the list was last read.
        held: rows here that are present as far as we know.
        counts_dead: the server counts deleted rows too.
        agrees: that is what was to be expected.
        why: why it did not tell.
        explained: why it counts more or fewer than are here, and what nothing explains.
    """

    name: str
    title: str
    partition: Mapping[str, Any]
    counted: int | None
    before: int
    held: int
    counts_dead: bool
    agrees: bool
    why: str | None = None
    explained: tuple[str, ...] = ()


@dataclass(slots=True)
class Sampled:
    """Some records of a table as they are on the server; each by its key.

    Attributes:
        equal: those that are as here.
        differ: those that have been changed since.
        missing: those that are not there any more.
        unsure: those that could not be compared, and why.
    """

    table: str
    equal: list[str] = field(default_factory=list)
    differ: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unsure: dict[str, str] = field(default_factory=dict)

    @property
    def looked_at(self) -> int:
        """How many were asked for."""
        return len(self.equal) + len(self.differ) + len(self.missing) + len(self.unsure)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing an archive with its server."""

    counts: tuple[Count, ...]
    samples: tuple[Sampled, ...]
    requests: int

    @property
    def agrees(self) -> bool:
        """Nothing has changed there since the last sync, as far as was looked."""
        samples = not any(one.differ or one.missing for one in self.samples)
        return samples and all(one.agrees for one in self.counts)

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {**asdict(self), "agrees": self.agrees}


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


async def compare(
    archive: Archive, client: Client, account_id: int, sample: int, rng: random.Random
) -> Comparison:
    """Ask for the account's counts, and for some records.

    Raises:
        AuthError: the token is refused.
        RateLimitedError: the instance refused twice for being asked too fast.
        TransportError: no answer.
    """
    counts = await _counts(archive, client, account_id)
    samples = await look_at(archive, client, choose(archive, sample, rng))
    return Comparison(tuple(counts), samples, client.requests)


async def look_at(
    archive: Archive, client: Client, chosen: Mapping[str, Sequence[Chosen]]
) -> tuple[Sampled, ...]:
    """Ask for some records, and compare them with what is here; raises what `compare` does."""
    look = _Look(archive, client)
    return (
        await look.at_posts(chosen[POSTS.name]),
        await look.at_messages(chosen[MESSAGES.name]),
        await look.at_people(chosen[USERS.name]),
    )


# Counts


async def _counts(archive: Archive, client: Client, account_id: int) -> list[Count]:
    """Of the account's own lists that were read to their end and whose rows the server counts."""
    cursors = archive.query(
        "select resource, partition, counted from _cursors where owner_id = ? and done "
        "and refused is null and counted is not null and json_valid(partition) "
        "order by resource, partition",
        (account_id,),
    )
    known = {resource.name: resource for resource in RESOURCES if resource.parent is None}
    counts = []
    for name, partition, before in cursors:
        if name in known:
            lists = {one.partition: one for one in balances(archive, known[name])}
            balance = lists.get(partition) or _plain(archive, known[name], partition, before)
            counts.append(await _count(client, known[name], balance))
    return counts


def _plain(archive: Archive, resource: Resource, partition: str, before: int) -> Balance:
    """What is here of a list whose rows are never missed."""
    rows = rows_of(resource, json.loads(partition))
    sql = f'select count(*) from "{rows.table.name}" where {rows.present}'
    held = int(archive.query(sql, rows.values)[0][0])
    skipped = archive.query(
        f"select {RECORDS} from _skipped where resource = ? and partition = ? "
        "and resolved_at is null",
        (resource.name, partition),
    )
    return Balance(
        partition=partition,
        counted=before,
        held=held,
        skipped=int(skipped[0][0]),
        counts_dead=resource.counts_dead,
    )


async def _count(client: Client, resource: Resource, balance: Balance) -> Count:
    counted, why, partition = None, None, json.loads(balance.partition)
    try:
        counted = await _counted(client, resource, partition)
    except (AuthError, RateLimitedError):
        raise
    except (ApiError, ServerFaultError) as refusal:
        why = str(refusal)
    now = balance if counted is None else balance.if_counted(counted)
    return Count(
        name=resource.name,
        title=resource.title,
        partition=partition,
        counted=counted,
        before=balance.counted,
        held=balance.held,
        counts_dead=resource.counts_dead,
        agrees=counted is None or not (now.lacking or now.surplus),
        why=why,
        explained=() if counted is None else reasons([now]),
    )


async def _counted(client: Client, resource: Resource, partition: Mapping[str, Any]) -> int | None:
    if resource.total:
        params = {name: partition[name] for name in resource.total.params}
        method = resource.total.method
        return number(method, await client.call(method, params))
    return (await fetch(client, Question(resource, partition), Window(0, 1))).page.total


# The sample


def choose(archive: Archive, sample: int, rng: random.Random) -> dict[str, list[Chosen]]:
    """Records that are present here: as many of each kind, as far as there are any."""
    sources = _sources()
    sizes = {
        name: int(archive.query(f"select count(*) from {source}")[0][0])
        for name, source in sources.items()
    }
    shares = _shares(sizes, sample)
    return _at(archive, {name: rng.sample(range(sizes[name]), shares[name]) for name in sources})


def newest(archive: Archive, number: int) -> dict[str, list[Chosen]]:
    """The records with the highest numbers that are present here, so many of each kind."""
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


@dataclass(frozen=True, slots=True)
class _Look:
    """Asks for records, and compares them with what is here."""

    archive: Archive
    client: Client

    async def at_posts(self, chosen: Sequence[Chosen]) -> Sampled:
        """Posts as they are now: by number, for that is how each can be asked for."""

        def form(some: Iterable[Chosen]) -> dict[str, Any]:
            return {"posts": ",".join(one.key for one in some)}

        found = Sampled(POSTS.name)
        records = await self._by_number("wall.getById", answer, form, chosen, found)
        self._settle(POSTS, WALL.rows, chosen, records, found)
        return found

    async def at_people(self, chosen: Sequence[Chosen]) -> Sampled:
        """People as they are now."""

        def form(some: Iterable[Chosen]) -> dict[str, Any]:
            return {**PEOPLE.params, PEOPLE.param: ",".join(one.key for one in some)}

        found = Sampled(USERS.name)
        records = await self._by_number(PEOPLE.method, PEOPLE.answer, form, chosen, found)
        self._settle(USERS, PEOPLE.rows, chosen, records, found)
        return found

    async def at_messages(self, chosen: Sequence[Chosen]) -> Sampled:
        """Messages as they are now: in their conversation, for by number one sees deleted ones."""

        def form(some: Iterable[Chosen]) -> dict[str, Any]:
            ids = ",".join(one.key for one in some)
            return {"message_ids": ids, "preview_length": _WHOLE}

        found = Sampled(MESSAGES.name)
        records: dict[str, Record] = {}
        doubtful: list[Chosen] = []
        for one in chosen:
            try:
                record, is_sure = await self._in_history(one)
            except (AuthError, RateLimitedError):
                raise
            except (ApiError, ServerFaultError) as refusal:
                found.unsure[one.key] = str(refusal)
                continue
            if record is not None:
                records[one.key] = record
            elif not is_sure:
                doubtful.append(one)
        records |= await self._by_number("messages.getById", answer, form, doubtful, found)
        self._settle(MESSAGES, HISTORY.rows, chosen, records, found)
        return found

    async def _in_history(self, one: Chosen) -> tuple[Record | None, bool]:
        """A message among those that follow it, and whether it would be there if it were at all."""
        paginator: Any = HISTORY.paginator
        for size in _NEAR:
            near = replace(paginator, size=size)
            before = near.beyond(one.number - 1)
            params = {"peer_id": one.context.partition["peer_id"], **near.params(before)}
            fetched = await fetch(self.client, Question(HISTORY, params), near.window(before))
            found = [record for record in fetched.records if record["id"] == one.number]
            if found:
                return found[0], True
            shown = near.shown(before, fetched.page, near.after(before, fetched.page))
            if shown and not fetched.holes and shown.has(one.number, one.context.partition["date"]):
                return None, True
        return None, False

    async def _by_number(
        self,
        method: str,
        shape: Shape,
        form: Callable[[Iterable[Chosen]], Mapping[str, Any]],
        chosen: Sequence[Chosen],
        found: Sampled,
    ) -> dict[str, Record]:
        """Records by their keys; a batch is halved around what crashes the server."""
        records: dict[str, Record] = {}
        waiting = [chosen[start : start + _BATCH] for start in range(0, len(chosen), _BATCH)]
        while waiting:
            some = waiting.pop()
            try:
                response = await self.client.call(method, form(some))
                answered = taken_apart(method, shape, response).records
            except (AuthError, RateLimitedError):
                raise
            except (ApiError, ServerFaultError) as refusal:
                is_nonsense = isinstance(refusal, NonsenseError)
                if isinstance(refusal, ServerFaultError) and len(some) > 1 and not is_nonsense:
                    waiting += [some[: len(some) // 2], some[len(some) // 2 :]]
                else:
                    found.unsure |= {one.key: str(refusal) for one in some}
            else:
                records |= {
                    _key(found.table, record): record
                    for record in answered
                    if isinstance(record, dict)
                }
        return records

    def _settle(
        self,
        table: Table,
        rows: RowFunction,
        chosen: Iterable[Chosen],
        records: Mapping[str, Record],
        found: Sampled,
    ) -> None:
        """Sort what was asked for by what has become of it."""
        for one in chosen:
            record = records.get(one.key)
            if record is None:
                if one.key not in found.unsure:
                    found.missing.append(one.key)
                continue
            try:
                same = self._is_held(table, rows, one, record)
            except UNREADABLE:
                found.unsure[one.key] = "a record of an unknown shape"
                continue
            (found.equal if same else found.differ).append(one.key)

    def _is_held(self, table: Table, rows: RowFunction, one: Chosen, record: Record) -> bool:
        """The newest version here has the content that the server's record has, and its files."""
        held = self.archive.query(
            "select content, record, state from _versions where resource = ? and record_key = ? "
            "and embedded = 0 order by id desc limit 1",
            (table.name, one.key),
        )
        known, version = bytes(held[0][0]), json.loads(held[0][1])
        state = json.loads(held[0][2] or "{}")
        found = (
            _row(table, rows, form, one.context) for form in (record, _as_listed(record, version))
        )
        return any(
            row is not None and row.content == known and not row.names_other_files(state)
            for row in found
        )


def _key(table: str, record: Record) -> str:
    """What names a record among those that were asked for."""
    parts = ("owner_id", "id") if table == POSTS.name else ("id",)
    return record_key(tuple(record.get(name) for name in parts))


def _as_listed(record: Record, version: Record) -> Record:
    """A record without the photos that a version has not: by number, a post shows deleted ones."""
    attachments = record.get("attachments")
    if not attachments:
        return record
    known = {named([one]) for one in version.get("attachments") or ()}
    kept = [one for one in attachments if opened(one)[0] != "photo" or named([one]) in known]
    return {**record, "attachments": kept}


def _row(table: Table, rows: RowFunction, record: Record, context: Context) -> Row | None:
    for row in rows(record, context):
        if isinstance(row, Row) and row.table is table and not row.embedded:
            return row
    return None
