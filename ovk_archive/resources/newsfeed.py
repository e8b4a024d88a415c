"""What the account's friends and groups have posted lately.

Method: newsfeed.get (openvk-api.md section 5). It marks the account as online unless it is asked
not to, which the client does for every caller.
"""

from collections.abc import Iterator
from typing import Any

from ovk_archive.linked import Linked
from ovk_archive.resource import Answer, Owners, Resource, answer
from ovk_archive.resources.attachments import attached
from ovk_archive.resources.columns import given
from ovk_archive.resources.wall import POSTS, reposted
from ovk_archive.rows import Context, Record, Row, Table, Trim

#: Posts to go back at most: it is other people's content, and has no end of its own.
DEPTH = 1000

NEWSFEED = Table(
    name="newsfeed",
    title="Newsfeed",
    doc=f"Posts of friends and groups that the newsfeed showed: the newest {DEPTH} at first, then "
    "whatever came, where it was asked for.",
    key=("owner_id", "post_id"),
    columns=(
        given("owner_id", int, "Whose wall; negative for a group"),
        given("post_id", int, "Number of the post on its wall"),
    ),
    relation=True,
    foreign_keys=((("owner_id", "post_id"), "posts", ("owner_id", "id")),),
)


def feed(response: Any) -> Answer:
    """`next_from` is a number or false on [A], a text or missing on [B]."""
    link = response.get("next_from") if isinstance(response, dict) else None
    return Answer(answer(response).records, link=str(link) if link else None)


def feed_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A post as the newsfeed shows it, which knows less than its wall."""
    del context
    row = POSTS.row(record, embedded=True)
    yield row
    yield from attached(POSTS, row.key, record.get("attachments") or (), reposted(record))
    yield NEWSFEED.row({}, owner_id=record["owner_id"], post_id=record["id"])


FEED = Resource(
    name="newsfeed",
    section="newsfeed",
    title="newsfeed",
    method="newsfeed.get",
    params={"extended": 0},
    table=NEWSFEED,
    answer=feed,
    paginator=Linked("start_from", depth=DEPTH),
    rows=feed_rows,
    key=lambda record: f"{record['owner_id']}_{record['id']}",
    owners=Owners.ACCOUNT,
    opt_in=True,
)
