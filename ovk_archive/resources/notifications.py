"""What the instance has notified the account of.

Method: notifications.get (help/openvk-api.md, Notifications). Reading marks nothing as viewed.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.columns import Kind, content, given, moment, number, someone
from ovk_archive.resources.vocabulary.records import UNREADABLE, Record
from ovk_archive.resources.vocabulary.resource import Owners, Resource
from ovk_archive.resources.vocabulary.rows import Context, Row, Table, Trim
from ovk_archive.resources.vocabulary.searching import Search
from ovk_archive.resources.vocabulary.shapes import ListAnswer, uncounted


def who(record: Record) -> int | None:
    """Whose deed it was, as far as the answer tells: in four forms, and in some not at all."""
    deed = record.get("feedback")
    with suppress(*UNREADABLE):
        return _actor(deed) if isinstance(deed, dict) else None
    return None


def _actor(deed: Record) -> int | None:
    if "first_name" in deed or "name" in deed:
        return values.whole(deed.get("id"))
    people = deed.get("items")
    first = people[0] if people else deed
    return values.whole(first.get("from_id", first.get("owner_id")))


def said(record: Record) -> str | None:
    """What was written: by whom it tells of, else in what it is about."""
    for part in (record.get("feedback"), record.get("parent")):
        if isinstance(part, dict) and part.get("text"):
            text: str | None = values.text(part["text"])
            return text
    return None


NOTIFICATIONS = Table(
    name="notifications",
    title="Notifications",
    doc="What the instance has notified the account of.",
    key=("key",),
    columns=(
        given("key", str, "A hash of what makes it this one: the server numbers none"),
        content("type", str, "like_post, comment_post, copy_post, wall, mention, sent_gift …"),
        moment("date", "When it came"),
        *someone("from_id", "Who did it, where the server tells"),
        number("parent_id", "Number of the post, photo … it is about", ("parent", "id")),
        number("parent_owner_id", "Whose that is; negative for a group", ("parent", "to_id"),
               also=(("parent", "owner_id"),)),
        content("text", str, "What was written", (), read=said),
        given("archived", int, "1 if the account has viewed it", kind=Kind.VOLATILE, flag=True),
    ),
    # Whole posts and people, who have tables of their own.
    known=frozenset({"parent", "feedback", "reply"}),
    indexes=(("date",),),
    label="type",
    sort="date",
    facets=("type", "archived"),
    search=Search(columns={"text": 0.5}, date="date", who="from_id", owner="parent_owner_id"),
)  # fmt: skip


def identity(record: Record) -> str:
    """What never changes of a notification: when, of what kind, about what, by whom."""
    facts: list[Any] = [record.get("type"), record.get("date"), who(record)]
    for part in (record.get("parent"), record.get("feedback")):
        thing = part if isinstance(part, dict) else {}
        facts.append([thing.get(name) for name in ("id", "to_id", "owner_id", "date")])
    return hashlib.blake2b(json.dumps(facts).encode(), digest_size=12).hexdigest()


def notification_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A notification."""
    actor = who(record)
    yield NOTIFICATIONS.row(
        record,
        key=identity(record),
        from_id=actor,
        from_user_id=values.person(actor),
        from_group_id=values.group(actor),
        archived=context.partition["archived"],
    )


def notices(response: Any) -> ListAnswer:
    """[B] answers a bare list where there is nothing (help/openvk-api.md, Notifications)."""
    return ListAnswer(()) if response == [] else uncounted(response)


NOTIFICATION_LIST = Resource(
    name="notifications",
    section="notifications",
    title="notifications",
    method="notifications.get",
    table=NOTIFICATIONS,
    answer=notices,
    # 100 rows at most (error 125 beyond).
    paginator=Anchored(size=100),
    rows=notification_rows,
    key=identity,
    owners=Owners.ACCOUNT,
    # Those that are viewed meanwhile move from the first list to the second. Which of them is the
    # default differs per generation.
    variants=({"archived": 0}, {"archived": 1}),
)
