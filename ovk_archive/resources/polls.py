"""Polls, their answers, and who voted for what.

Methods: polls.getById, polls.getVoters (help/openvk-api.md, Polls). Polls are found attached to
posts; their own method says nothing more, but says it as it is now.
"""

from collections.abc import Iterator
from typing import Any

from ovk_archive.api.paging.growing import Growing
from ovk_archive.api.paging.single import Single
from ovk_archive.api.paging.windows import ROWS
from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.columns import (
    Kind,
    content,
    counter,
    given,
    moment,
    number,
    user,
    yes_no,
)
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Parent, Resource
from ovk_archive.resources.vocabulary.rows import Context, Row, Table, Trim
from ovk_archive.resources.vocabulary.searching import Search
from ovk_archive.resources.vocabulary.shapes import ListAnswer, alone, an_object, uncounted
from ovk_archive.resources.vocabulary.traits import Schedule

POLLS = Table(
    name="polls",
    title="Polls",
    doc="Polls that something refers to.",
    key=("id",),
    columns=(
        number("id", "Poll number, unique on the instance"),
        user("owner_id", "Who made it"),
        content("question", str, "The question"),
        moment("end_date", "When it ends; 0 for never"),
        yes_no("anonymous", "Votes are secret"),
        yes_no("multiple", "Several answers may be chosen"),
        # In attachments, both generations send the opposite (help/openvk-api.md, Polls).
        yes_no("disable_unvote", "A vote cannot be taken back", read=values.negated),
        yes_no("closed", "It has ended", kind=Kind.VOLATILE),
        counter("votes", "People who voted"),
        content("answer_ids", str, "The account's own votes, JSON", read=values.as_json,
                kind=Kind.VIEWER),
    ),
    known=frozenset(
        {"author_id", "created", "is_board", "can_edit", "can_vote", "can_report", "can_share"}
        | {"answers"}
    ),
    label="question",
    search=Search(columns={"question": 2.0}, who="owner_id", owner="owner_id"),
)  # fmt: skip

POLL_ANSWERS = Table(
    name="poll_answers",
    title="Answers of polls",
    doc="What could be chosen in a poll.",
    key=("id",),
    columns=(
        number("id", "Answer number, unique on the instance"),
        given("poll_id", int, "The poll", references="polls"),
        content("text", str, "The answer"),
        counter("votes", "People who chose it"),
        counter("rate", "Share of the voters, rounded down", unit="percent"),
        given("public", int, "1 if the poll shows who chose it", kind=Kind.VOLATILE, flag=True),
    ),
    counted=False,
    indexes=(("poll_id",),),
    label="text",
    search=Search(columns={"text": 1.0}),
)

VOTES = Table(
    name="poll_votes",
    title="Votes",
    doc="Who chose what in polls that show it, where it was asked for.",
    key=("poll_id", "answer_id", "user_id"),
    columns=(
        given("poll_id", int, "The poll", references="polls"),
        given("answer_id", int, "The answer", references="poll_answers"),
        given("user_id", int, "Who chose it", references="users"),
    ),
    relation=True,
)


def answers(poll: Record, *, embedded: bool) -> Iterator[Row]:
    """The rows of a poll's answers."""
    public = None if poll.get("anonymous") else 1
    for one in values.records(poll.get("answers")):
        yield from POLL_ANSWERS.part(one, embedded=embedded, poll_id=poll["id"], public=public)


def poll_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A poll as its own method shows it, and its answers."""
    del context
    # [A], which sends booleans, sends the opposite here too (help/openvk-api.md, Polls).
    upside_down = isinstance(record.get("can_share"), bool)
    read = values.negated if upside_down else values.flag
    yield POLLS.row(record, disable_unvote=read(record.get("disable_unvote")))
    yield from answers(record, embedded=False)


def vote_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """That a person chose this answer. The person's own record tells more of them."""
    where = context.partition
    yield VOTES.row(
        {}, poll_id=where["poll_id"], answer_id=where["answer_ids"], user_id=record["id"]
    )


def voters(response: Any) -> ListAnswer:
    """`{answer_id, users: […]}` on [A], `[{answer_id, users: {items: […]}}]` on [B]."""
    first = an_object(response[0] if isinstance(response, list) and response else response)
    users = first.get("users")
    return uncounted(users if isinstance(users, dict) and "items" in users else first)


POLL_LIST = Resource(
    name="polls",
    section="polls",
    title="polls",
    method="polls.getById",
    table=POLLS,
    answer=alone,
    paginator=Single(),
    rows=poll_rows,
    key=lambda record: str(record["id"]),
    parent=Parent(
        table=POLLS, params={"poll_id": "id"}, stamp=("votes", "closed"), after=("wall",)
    ),
    held={"id": "poll_id"},
    schedule=Schedule(behind=("newsfeed",)),
)

VOTER_LIST = Resource(
    name="poll_votes",
    section="voters",
    title="votes in polls",
    method="polls.getVoters",
    table=VOTES,
    answer=voters,
    paginator=Growing(ROWS, size=50),
    rows=vote_rows,
    key=lambda record: str(record["id"]),
    parent=Parent(
        table=POLL_ANSWERS,
        params={"poll_id": "poll_id", "answer_ids": "id"},
        stamp=("votes",),
        counter="votes",
        where="public",
        after=("polls", "wall"),
    ),
    held={"poll_id": "poll_id", "answer_id": "answer_ids"},
    compared=True,
    schedule=Schedule(opt_in=True),
)
