"""Friends, followers, and requests that wait for an answer.

Methods: friends.get, users.getFollowers, friends.getRequests (help/openvk-api.md, Friends). Their
`offset` counts pages, they promise no order, and on [A] a page past the end shows a person 0.
"""

from collections.abc import Iterator

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.api.paging.growing import Growing
from ovk_archive.api.paging.windows import PAGES
from ovk_archive.resources.people import PROFILE_FIELDS, user_rows
from ovk_archive.resources.vocabulary.columns import given
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Owners, Resource
from ovk_archive.resources.vocabulary.rows import Context, Row, RowFunction, Table, Trim
from ovk_archive.resources.vocabulary.shapes import uncounted
from ovk_archive.resources.vocabulary.traits import Counts, Quirks

FRIENDS = Table(
    name="friends",
    title="Friends",
    doc="Who is a friend of whom: since when we know it, and until when.",
    key=("user_id", "friend_id"),
    columns=(
        given("user_id", int, "Whose friend", references="users"),
        given("friend_id", int, "The friend", references="users"),
    ),
    relation=True,
    indexes=(("friend_id",),),
)

FOLLOWERS = Table(
    name="followers",
    title="Followers",
    doc="Who follows whom without being a friend.",
    key=("user_id", "follower_id"),
    columns=(
        given("user_id", int, "Who is followed", references="users"),
        given("follower_id", int, "Who follows", references="users"),
    ),
    relation=True,
    indexes=(("follower_id",),),
)

REQUESTS = Table(
    name="friend_requests",
    title="Friend requests",
    doc="Who has asked the account to be friends, and whom it has asked.",
    key=("user_id", "direction"),
    columns=(
        given("user_id", int, "The other person", references="users"),
        given("direction", str, "`in`: asks the account; `out`: was asked by it ([B] only)"),
    ),
    relation=True,
    facets=("direction",),
)


def person_key(record: Record) -> str:
    """The user id."""
    return str(record["id"])


def friend_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A person, who is a friend of the list's owner."""
    yield from user_rows(record, context)
    yield FRIENDS.row({}, user_id=context.partition["user_id"], friend_id=record["id"])


def follower_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A person, who follows the list's owner."""
    yield from user_rows(record, context)
    yield FOLLOWERS.row({}, user_id=context.partition["user_id"], follower_id=record["id"])


def request_rows(direction: str) -> RowFunction:
    """The rows of a person on one side of a request."""

    def rows(record: Record, context: Context) -> Iterator[Row | Trim]:
        yield from user_rows(record, context)
        yield REQUESTS.row({}, user_id=record["id"], direction=direction)

    return rows


FRIEND_LIST = Resource(
    name="friends",
    section="friends",
    title="friends",
    method="friends.get",
    params={"fields": PROFILE_FIELDS},
    table=FRIENDS,
    paginator=Growing(PAGES, size=200),
    rows=friend_rows,
    key=person_key,
    owner_param="user_id",
    owners=Owners.PEOPLE,
    held={"user_id": "user_id"},
    compared=True,
)

FOLLOWER_LIST = Resource(
    name="followers",
    section="friends",
    title="followers",
    method="users.getFollowers",
    params={"fields": PROFILE_FIELDS},
    table=FOLLOWERS,
    paginator=Anchored(order="whole", addressing=PAGES),
    rows=follower_rows,
    key=person_key,
    owner_param="user_id",
    owners=Owners.PEOPLE,
    held={"user_id": "user_id"},
    compared=True,
)

INCOMING = Resource(
    name="requests_in",
    section="friends",
    title="friend requests received",
    method="friends.getRequests",
    params={"fields": PROFILE_FIELDS, "out": 0},
    table=REQUESTS,
    # At most 999 rows per page (error 100 beyond).
    paginator=Anchored(order="whole", addressing=PAGES),
    # It counts requests too that were declined, and that it does not show.
    counts=Counts(loose=True),
    rows=request_rows("in"),
    key=person_key,
    only={"direction": "in"},
    compared=True,
)

OUTGOING = Resource(
    name="requests_out",
    section="friends",
    title="friend requests sent",
    method="friends.getRequests",
    params={"fields": PROFILE_FIELDS, "out": 1},
    table=REQUESTS,
    # `count` is that of the requests received, whichever are asked for.
    answer=uncounted,
    # 960 rows at most: a window twice as large is error 100.
    paginator=Growing(PAGES, size=120),
    rows=request_rows("out"),
    key=person_key,
    only={"direction": "out"},
    # [A] does not know `out`, and would answer with the requests received.
    quirks=Quirks(needs="docs.getTypes"),
    compared=True,
)
