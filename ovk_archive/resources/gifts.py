"""Gifts that people have received.

Method: gifts.get (help/openvk-api.md, Gifts; Paging). `count` is the window's end, not its size.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from ovk_archive.api.paging.growing import Growing
from ovk_archive.api.paging.windows import END
from ovk_archive.resources.vocabulary.columns import (
    address,
    content,
    given,
    moment,
    number,
    user,
    yes_no,
)
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Owners, Resource
from ovk_archive.resources.vocabulary.rows import Context, Media, Row, Table, Trim
from ovk_archive.resources.vocabulary.searching import Search
from ovk_archive.resources.vocabulary.shapes import ListAnswer
from ovk_archive.resources.vocabulary.shapes import answer as counted

GIFTS = Table(
    name="gifts",
    title="Gifts",
    doc="Gifts that people have received.",
    key=("key",),
    columns=(
        given("key", str, "The gift's number; on [A], which tells none, a hash of its content"),
        given("user_id", int, "Who received it", references="users"),
        number("id", "Number of the gift ([B] only)"),
        user("from_id", "Who gave it; null if anonymous"),
        content("message", str, "What was written on it"),
        moment("date", "When it was given"),
        number("gift_id", "What was given: its number in the catalogue", ("gift", "id")),
        address("image_url", "Its picture", ("gift", "thumb_256")),
        yes_no("privacy", "Given in private"),
    ),
    indexes=(("user_id", "date"),),
    label="message",
    sort="date",
    facets=("from_id",),
    media=(Media(kind="gifts", column="image_url", date="date"),),
    search=Search(columns={"message": 1.0}, date="date", who="from_id", owner="user_id"),
)


def gifts_answer(response: Any) -> ListAnswer:
    """[A] answers a bare list, and calls the place in it `id`."""
    if not isinstance(response, list):
        return counted(response)
    return ListAnswer(tuple(_without_place(gift) for gift in response))


def _without_place(gift: Any) -> Any:
    if not isinstance(gift, dict):
        return gift
    return {name: value for name, value in gift.items() if name != "id"}


def gift_key(record: Record) -> str:
    """The number; where there is none, what makes the gift this one among its receiver's."""
    if _is_numbered(record):
        return str(record["id"])
    names, what = ("date", "from_id", "message"), record.get("gift")
    facts = [record.get(name) for name in names]
    facts.append(what.get("id") if isinstance(what, dict) else None)
    return hashlib.blake2b(json.dumps(facts).encode(), digest_size=8).hexdigest()


def _is_numbered(record: Record) -> bool:
    return isinstance(record.get("id"), int)


def gift_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A gift to the list's owner."""
    receiver, key = context.partition["user_id"], gift_key(record)
    unique = key if _is_numbered(record) else f"{receiver}-{key}"
    yield GIFTS.row(record, key=unique, user_id=receiver)


GIFT_LIST = Resource(
    name="gifts",
    section="gifts",
    title="gifts",
    method="gifts.get",
    table=GIFTS,
    answer=gifts_answer,
    paginator=Growing(END, size=100),
    rows=gift_rows,
    key=gift_key,
    owner_param="user_id",
    owners=Owners.PEOPLE,
    held={"user_id": "user_id"},
)
