"""Notes.

Method: notes.get (help/openvk-api.md, Notes).
"""

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.columns import content, counter, moment, number, user
from ovk_archive.resources.vocabulary.columns import viewer as view
from ovk_archive.resources.vocabulary.resource import Owners, Resource, own_rows
from ovk_archive.resources.vocabulary.rows import Table
from ovk_archive.resources.vocabulary.searching import Search, without_markup

NOTES = Table(
    name="notes",
    title="Notes",
    doc="Long texts with markup.",
    key=("owner_id", "id"),
    columns=(
        user("owner_id", "Who wrote it"),
        number("id", "Number of the note among its author's"),
        content("title", str, "Title"),
        content("text", str, "The text: HTML, as the server sanitised it"),
        moment("date", "When it was written"),
        counter("comments", "Comments"),
        content("view_url", str, "Address of the note on the instance"),
        view("can_comment", "The account may comment ([A] only)", keep=True),
        view(
            "privacy_view", "Who may read it ([A] only)", read=values.whole, keep=True, flag=False
        ),
    ),
    known=frozenset({"type", "read_comments", "text_wiki"}),
    indexes=(("date",),),
    label="title",
    sort="date",
    facets=("owner_id",),
    search=Search(
        columns={"title": 3.0, "text": 1.0},
        reads={"text": without_markup},
        date="date",
        who="owner_id",
        owner="owner_id",
    ),
)

NOTE_LIST = Resource(
    name="notes",
    section="notes",
    title="notes",
    method="notes.get",
    params={"sort": 0},
    table=NOTES,
    paginator=Anchored(most=400, order="oldest"),
    rows=own_rows(NOTES),
    key=lambda record: str(record["id"]),
    owner_param="user_id",
    owners=Owners.PEOPLE,
    held={"owner_id": "user_id"},
    compared=True,
)
