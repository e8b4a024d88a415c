"""Documents, which only [B] has.

Method: docs.get (help/openvk-api.md, Documents): the account's own, and those of groups.
"""

from collections.abc import Iterator

from ovk_archive.api.paging.anchored import Anchored
from ovk_archive.resources.vocabulary import values
from ovk_archive.resources.vocabulary.columns import (
    Kind,
    address,
    content,
    given,
    moment,
    number,
    yes_no,
)
from ovk_archive.resources.vocabulary.records import Record
from ovk_archive.resources.vocabulary.resource import Owners, Resource
from ovk_archive.resources.vocabulary.rows import Context, Media, Row, Table, Trim
from ovk_archive.resources.vocabulary.searching import Search, texts_in

DOCUMENTS = Table(
    name="documents",
    title="Documents",
    doc="Documents of the account and of groups, and those that something refers to ([B] only).",
    key=("id",),
    columns=(
        number("id", "Document number, unique on the instance"),
        number("owner_id", "Whose document, negative for a group; 0 if hidden"),
        given("listed_by", int, "Among whose documents it is listed; null if only attached"),
        content("title", str, "File name"),
        content("ext", str, "Extension"),
        number("size", "Size", unit="bytes"),
        number("type", "1 text, 2 archive, 3 GIF, 4 image, 5 audio, 6 video, 7 book, 8 other"),
        moment("date", "When it was uploaded"),
        address("url", "The file"),
        content("access_key", str, "Part of the document's full id"),
        content("tags", str, "Tags, JSON", read=values.as_json),
        number("folder_id", "Who may see it: 0 nobody else, 3 everybody"),
        content("preview", str, "Preview images, JSON", read=values.as_json, kind=Kind.VOLATILE),
        yes_no("is_hidden", "The owner is hidden"),
        yes_no("is_licensed", "Marked as licensed"),
        yes_no("is_unsafe", "Marked as unsafe"),
    ),
    known=frozenset({"private_url", "can_manage"}),
    indexes=(("owner_id",),),
    label="title",
    sort="date",
    facets=("type",),
    media=(Media(kind="documents", column="url", may_be_text=True, date="date", size="size"),),
    search=Search(
        columns={"title": 2.0, "tags": 1.0},
        reads={"tags": texts_in},
        date="date",
        who="owner_id",
        owner="owner_id",
    ),
)


def document_rows(record: Record, context: Context) -> Iterator[Row | Trim]:
    """A document; its owner may be hidden, but not in whose list it is."""
    yield DOCUMENTS.row(record, listed_by=context.partition["owner_id"])


DOCUMENT_LIST = Resource(
    name="documents",
    section="docs",
    title="documents",
    method="docs.get",
    params={"return_tags": 1, "order": 0},
    table=DOCUMENTS,
    paginator=Anchored(most=400),
    rows=document_rows,
    key=lambda record: str(record["id"]),
    owner_param="owner_id",
    owners=Owners.OWN,
    held={"listed_by": "owner_id"},
    compared=True,
)
