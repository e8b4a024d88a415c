"""The account's status line, its settings, and whom it does not want to see.

Methods: status.get, account.getOvkSettings, account.getBanned, newsfeed.getBanned
(help/openvk-api.md, Account and instance). All but the first exist on [B] only.
"""

from collections.abc import Iterator
from typing import Any

from ovk_archive.api.paging.growing import Growing
from ovk_archive.api.paging.single import Single
from ovk_archive.api.paging.windows import ROWS
from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.columns import Kind, content, given
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Owners, Resource, own_rows
from ovk_archive.resources.vocabulary.rows import Context, Row, Table, Trim
from ovk_archive.resources.vocabulary.searching import Search
from ovk_archive.resources.vocabulary.shapes import ListAnswer, a_list, alone, an_object, pairs
from ovk_archive.resources.vocabulary.traits import Schedule

STATUSES = Table(
    name="statuses",
    title="Status lines",
    doc="Status lines of the account and of other owners that were read.",
    key=("user_id",),
    columns=(
        given("user_id", int, "Whose", references="users"),
        content("text", str, "The status line", also=(("status",),)),
        content("audio", str, "The track that plays at the moment, JSON", read=values.as_json,
                kind=Kind.VOLATILE),
    ),
    label="text",
    search=Search(columns={"text": 1.0}, who="user_id", owner="user_id"),
)  # fmt: skip

SETTINGS = Table(
    name="settings",
    title="Settings",
    doc="How the account has set up its OpenVK ([B] only).",
    key=("name",),
    columns=(
        content("name", str, "Which setting"),
        content("value", str, "Its value; JSON where it is more than a word", read=values.fact),
    ),
    label="name",
)

BLACKLIST = Table(
    name="blacklist",
    title="Blacklist",
    doc="Whom the account has blocked ([B] only).",
    key=("user_id",),
    columns=(given("user_id", int, "Who is blocked", references="users"),),
    relation=True,
)

IGNORED = Table(
    name="newsfeed_banned",
    title="Ignored sources",
    doc="Whose posts the account does not want in its newsfeed ([B] only).",
    key=("source_id",),
    columns=(
        given("source_id", int, "The person or group; negative for a group"),
        given("user_id", int, "The person", references="users"),
        given("group_id", int, "The group", references="groups"),
    ),
    relation=True,
)


def line(response: Any) -> ListAnswer:
    """A bare text or null on [A], an object where music plays; always an object on [B]."""
    if response is None or isinstance(response, str):
        return ListAnswer(({"text": response},))
    return alone(response)


def status_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A person's status line."""
    yield STATUSES.row(record, user_id=context.partition["user_id"])


def blocked_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """That a person is blocked."""
    del context
    yield BLACKLIST.row({}, user_id=record["id"])


def sources(response: Any) -> ListAnswer:
    """Two lists of ids; those of groups are negative."""
    found = an_object(response)
    ids = [*a_list(found["members"]), *a_list(found["groups"])]
    return ListAnswer(tuple({"id": number} for number in ids))


def source_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """That a source is ignored."""
    del context
    source = record["id"]
    yield IGNORED.row(
        {}, source_id=source, user_id=values.person(source), group_id=values.group(source)
    )


STATUS = Resource(
    name="statuses",
    section="profile",
    title="status line",
    method="status.get",
    table=STATUSES,
    answer=line,
    paginator=Single(),
    rows=status_rows,
    key=lambda record: str(record.get("text")),
    owner_param="user_id",
    owners=Owners.PEOPLE,
    held={"user_id": "user_id"},
)

OVK_SETTINGS = Resource(
    name="settings",
    section="profile",
    title="settings",
    method="account.getOvkSettings",
    table=SETTINGS,
    answer=pairs,
    paginator=Single(),
    rows=own_rows(SETTINGS),
    key=lambda record: str(record["name"]),
    schedule=Schedule(daily=True),
)

BLOCKED = Resource(
    name="blacklist",
    section="profile",
    title="blacklist",
    method="account.getBanned",
    table=BLACKLIST,
    paginator=Growing(ROWS, size=100),
    rows=blocked_rows,
    key=lambda record: str(record["id"]),
    compared=True,
)

SOURCES = Resource(
    name="newsfeed_banned",
    section="profile",
    title="ignored sources",
    method="newsfeed.getBanned",
    table=IGNORED,
    answer=sources,
    paginator=Single(),
    rows=source_rows,
    key=lambda record: str(record["id"]),
    compared=True,
)
