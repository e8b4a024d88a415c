"""Conversations and their messages.

Methods: messages.getConversations, messages.getHistory (help/openvk-api.md, Messages). Reading
marks nothing as read and sets nobody online.
"""

from collections.abc import Iterator
from typing import Any

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.api.paging.keyset import Keyset
from ovk_archive.resources.attachments import attached
from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.columns import (
    Column,
    Kind,
    content,
    given,
    moment,
    number,
    user,
    yes_no,
)
from ovk_archive.resources.vocabulary.columns import viewer as view
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Owners, Parent, Resource, own_rows
from ovk_archive.resources.vocabulary.rows import Context, Row, Table, Trim
from ovk_archive.resources.vocabulary.searching import Search
from ovk_archive.resources.vocabulary.shapes import uncounted
from ovk_archive.resources.vocabulary.traits import Counts, Order


def _current(name: str, doc: str, at: tuple[str, ...], **more: Any) -> Column:
    return number(name, doc, at, kind=Kind.VOLATILE, **more)


CONVERSATIONS = Table(
    name="conversations",
    title="Conversations",
    doc="With whom the account has exchanged messages, also people who are deleted or banned.",
    key=("peer_id",),
    columns=(
        user("peer_id", "The other person; the account itself for notes to oneself",
             ("conversation", "peer", "id")),
        content("type", str, "Always user: groups and chats have no API",
                ("conversation", "peer", "type")),
        _current("last_message_id", "The newest message; null if all are deleted",
                 ("conversation", "last_message_id")),
        _current("in_read", "Newest message the account has read ([A]: always 1)",
                 ("conversation", "in_read")),
        _current("out_read", "Newest message the other has read ([A]: always 1)",
                 ("conversation", "out_read")),
        _current("unread_count", "Unread messages, at most 1 ([B] only)",
                 ("conversation", "unread_count")),
        view("can_write", "The account may write there", ("conversation", "can_write", "allowed")),
    ),
    known=frozenset({"last_message"}),
    label="peer_id",
    sort="last_message_id",
)  # fmt: skip

MESSAGES = Table(
    name="messages",
    title="Messages",
    doc="Private messages. The API never gives their attachments.",
    key=("id",),
    by_arrival=True,
    columns=(
        number("id", "Message number, unique on the instance"),
        given("peer_id", int, "The conversation: the other person", references="users"),
        user("from_id", "Who wrote it"),
        moment("date", "When it was sent"),
        # `text` is only "…" in some answers (help/openvk-api.md, Messages); `body` is always whole.
        content("text", str, "The text", ("body",), also=(("text",),), read=values.text),
        content("title", str, "Title; always empty"),
        yes_no("out", "Sent by the account"),
        view("important", "Marked as important; the server says so of all or none"),
        number("read_state", "Read; a constant on [A]", kind=Kind.VOLATILE),
    ),
    known=frozenset({"user_id", "peer_id", "text", "emoji", "random_id", "deleted"}),
    indexes=(("peer_id", "date"), ("date",), ("from_id",)),
    label="text",
    sort="date",
    facets=("peer_id", "out"),
    search=Search(columns={"text": 1.0}, date="date", who="from_id", peer="peer_id"),
)


def message_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A message of this conversation, and what is attached to it, should a server tell."""
    row = MESSAGES.row(record, peer_id=context.partition["peer_id"])
    yield row
    if record.get("attachments"):
        yield from attached(MESSAGES, row.key, record["attachments"])


DIALOGS = Resource(
    name="conversations",
    section="messages",
    title="conversations",
    method="messages.getConversations",
    params={"extended": 0},
    table=CONVERSATIONS,
    # A new message moves its conversation to the top.
    paginator=Anchored(order="whole", jumps=True),
    rows=own_rows(CONVERSATIONS),
    key=lambda record: str(record["conversation"]["peer"]["id"]),
    owners=Owners.ACCOUNT,
    held={},
    # A conversation whose messages are all deleted is counted (help/openvk-api.md, Messages).
    counts=Counts(dead=True),
    compared=True,
)

HISTORY = Resource(
    name="messages",
    section="messages",
    title="messages",
    method="messages.getHistory",
    params={"extended": 0},
    table=MESSAGES,
    answer=uncounted,
    paginator=Keyset(param="start_message_id", most=400, fixed={"rev": 1}),
    rows=message_rows,
    key=lambda record: str(record["id"]),
    order=Order(moment="date"),
    parent=Parent(
        table=CONVERSATIONS,
        params={"peer_id": "peer_id"},
        stamp=("last_message_id",),
        newest="last_message_id",
        # A conversation that is no longer listed may still be read.
        outlived=True,
    ),
    held={"peer_id": "peer_id"},
    compared=True,
)
