"""Topics on the boards of groups.

Method: board.getTopics (help/openvk-api.md, Board). What is said in them: comments.py.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.api.paging.numbered import NAMELESS, Numbered
from ovk_archive.resources.groups import OF_OWN_GROUPS
from ovk_archive.resources.vocabulary.columns import (
    Kind,
    content,
    counter,
    given,
    moment,
    number,
    someone,
    yes_no,
)
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Owners, Resource
from ovk_archive.resources.vocabulary.rows import Context, Row, Table, Trim
from ovk_archive.resources.vocabulary.searching import Search
from ovk_archive.resources.vocabulary.shapes import ListAnswer, answer
from ovk_archive.resources.vocabulary.traits import Quirks

TOPICS = Table(
    name="topics",
    title="Topics",
    doc="Topics on the boards of groups.",
    key=("group_id", "id"),
    columns=(
        given("group_id", int, "The group", references="groups"),
        given("id", int, "Number of the topic in its group"),
        number("global_id", "Number on the instance ([A] only)", kind=Kind.VOLATILE, keep=True),
        content("title", str, "Title"),
        moment("created", "When it was opened"),
        *someone("created_by", "Who opened it"),
        moment("updated", "When something was last said in it", kind=Kind.VOLATILE),
        number("updated_by", "Who said it; negative for a group", kind=Kind.VOLATILE),
        yes_no("is_closed", "Nothing more can be said in it"),
        yes_no("is_fixed", "Pinned to the top of the board"),
        counter("comments", "Comments, the opening one included"),
    ),
    known=frozenset({"id"}),
    label="title",
    sort="updated",
    facets=("group_id",),
    search=Search(columns={"title": 2.0}, date="created", who="created_by", owner="-group_id"),
)


def topics_answer(response: Any) -> ListAnswer:
    """[A], which alone tells a `default_order`, lists topics by their global numbers."""
    found = answer(response)
    if not isinstance(response, dict) or "default_order" not in response:
        return found
    return ListAnswer(tuple(_by_global_id(record) for record in found.records), found.total)


def _by_global_id(record: Any) -> Any:
    if not isinstance(record, dict):
        return record
    return {("global_id" if name == "id" else name): value for name, value in record.items()}


def topic_key(record: Record) -> str:
    """The number in the group, or the global one where that is still to be found."""
    return str(record["id"]) if "id" in record else f"{NAMELESS}{record['global_id']}"


def topic_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A topic, if its number is known."""
    number_ = record.get("id", context.place)
    if number_ or "id" in record:
        yield TOPICS.row(record, group_id=context.partition["group_id"], id=number_)


def by_number(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """A topic asked for by its number is named `group_number` on [A], where that is needed."""
    if "topic_ids" not in params:
        return params
    return {**params, "topic_ids": f"{params['group_id']}_{params['topic_ids']}"}


TOPIC_LIST = Resource(
    name="topics",
    section="board",
    title="topics",
    method="board.getTopics",
    table=TOPICS,
    answer=topics_answer,
    # [B] allows 100 rows per page.
    paginator=Numbered("topic_ids", Anchored(order="whole", size=100, jumps=True)),
    rows=topic_rows,
    key=topic_key,
    quirks=Quirks(request=by_number),
    parent=OF_OWN_GROUPS,
    owner_param="group_id",
    owners=Owners.GROUPS,
    held={"group_id": "group_id"},
    compared=True,
)
