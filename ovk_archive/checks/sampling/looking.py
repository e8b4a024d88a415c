"""Some records as they are on the server now, compared with what is here."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ovk_archive.api.client import Client
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.tables.replay import read
from ovk_archive.checks.sampling.choosing import Chosen
from ovk_archive.errors import (
    ApiError,
    AuthError,
    NonsenseError,
    RateLimitedError,
    ServerFaultError,
)
from ovk_archive.resources.attachments import named, opened
from ovk_archive.resources.messages import HISTORY, MESSAGES
from ovk_archive.resources.people import PEOPLE, USERS
from ovk_archive.resources.vocabulary.records import UNREADABLE, Record
from ovk_archive.resources.vocabulary.rows import Context, Row, RowFunction, Table, record_key
from ovk_archive.resources.vocabulary.shapes import Shape, answer, taken_apart
from ovk_archive.resources.wall import POSTS, WALL
from ovk_archive.sync.page.fetch import Question, fetch

#: Ids per call: what wall.getById and users.get take without complaint.
_BATCH = 50
#: Messages from a number on: the very first, and some that were sent in the same second; or many.
_NEAR = (5, 100)
#: Longer than any message: a shorter one is shown whole (help/openvk-api.md, Messages).
_WHOLE = 100_000


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


@dataclass(frozen=True, slots=True)
class _Look:
    """Asks for records, and compares them with what is here."""

    archive: Archive
    client: Client

    async def at_posts(self, chosen: Sequence[Chosen]) -> Sampled:
        """Posts as they are now, asked for by number."""

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
        """Messages as they are now, in their conversation: by number, deleted ones come too."""

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
                if len(some) > 1 and _is_of_one(refusal):
                    waiting += [some[: len(some) // 2], some[len(some) // 2 :]]
                else:
                    found.unsure |= {one.key: str(refusal) for one in some}
            else:
                known = (record for record in answered if isinstance(record, dict))
                records |= {_key(found.table, record): record for record in known}
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
        known, version = bytes.fromhex(held[0][0]), json.loads(held[0][1])
        state = read(table, version, json.loads(held[0][2]), embedded=False).values
        found = (
            _row(table, rows, form, one.context) for form in (record, _as_listed(record, version))
        )
        return any(
            row is not None and row.content == known and not row.names_other_files(state)
            for row in found
        )


def _is_of_one(refusal: ApiError | ServerFaultError) -> bool:
    """A single record of a batch may be what the server crashes on."""
    return isinstance(refusal, ServerFaultError) and not isinstance(refusal, NonsenseError)


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
