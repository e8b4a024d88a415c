"""What the account's friends and groups have posted lately.

Method: newsfeed.get (help/openvk-api.md, Newsfeed). It marks the account as online unless it is
asked not to, which the client does for every caller.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.api.paging.windows import PAGES
from ovk_archive.resources.attachments import attached
from ovk_archive.resources.vocabulary.columns import given
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Owners, Resource
from ovk_archive.resources.vocabulary.rows import Context, Row, Table, Trim
from ovk_archive.resources.vocabulary.shapes import ListAnswer, uncounted
from ovk_archive.resources.vocabulary.traits import Schedule
from ovk_archive.resources.wall import POSTS, reposted

NEWSFEED = Table(
    name="newsfeed",
    title="Newsfeed",
    doc="Posts of friends and groups that the newsfeed showed, where it was asked for.",
    key=("owner_id", "post_id"),
    columns=(
        given("owner_id", int, "Whose wall; negative for a group"),
        given("post_id", int, "Number of the post on its wall"),
    ),
    relation=True,
    foreign_keys=((("owner_id", "post_id"), "posts", ("owner_id", "id")),),
)


def feed(response: Any) -> ListAnswer:
    """`next_from` is a number or false on [A], a text or missing on [B].

    [A] leaves posts out of a page after it has cut it, so a page may be empty before the end.
    """
    return ListAnswer(uncounted(response).records, more=bool(response.get("next_from")))


def feed_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A post as the newsfeed shows it, which knows less than its wall."""
    del context
    row = POSTS.row(record, embedded=True)
    yield row
    # It shows deleted photos, which the post's own wall leaves out.
    for part in attached(POSTS, row.key, record.get("attachments"), reposted(record)):
        yield replace(part, within=row)
    yield NEWSFEED.row({}, owner_id=record["owner_id"], post_id=record["id"])


FEED = Resource(
    name="newsfeed",
    section="newsfeed",
    title="newsfeed",
    method="newsfeed.get",
    # [B] leaves out what others wrote on a wall, unless it is asked for.
    params={"extended": 0, "with_alien_wall_posts": 1},
    table=NEWSFEED,
    answer=feed,
    # By `offset`, which counts pages: on [A] `start_from` is a number in a list that goes by date,
    # and skips posts (help/openvk-api.md, Newsfeed).
    paginator=Anchored(holes=True, addressing=PAGES),
    rows=feed_rows,
    key=lambda record: f"{record['owner_id']}_{record['id']}",
    owners=Owners.ACCOUNT,
    schedule=Schedule(behind=("wall",), opt_in=True),
)
