"""Documents, which only [B] has.

Method: docs.get (openvk-api.md section 5): the account's own, and those of groups.
"""

from ovk_archive import values
from ovk_archive.resource import Owners, Resource, own_rows
from ovk_archive.resources.columns import content, moment, number, yes_no
from ovk_archive.rows import Kind, Media, Table
from ovk_archive.walk import Anchored

DOCUMENTS = Table(
    name="documents",
    title="Documents",
    doc="Documents of the account and of groups, and those that something refers to ([B] only).",
    key=("id",),
    columns=(
        number("id", "Document number, unique on the instance"),
        number("owner_id", "Whose document, negative for a group; 0 if hidden"),
        content("title", str, "File name"),
        content("ext", str, "Extension"),
        number("size", "Size", unit="bytes"),
        number("type", "1 text, 2 archive, 3 GIF, 4 image, 5 audio, 6 video, 7 book, 8 other"),
        moment("date", "When it was uploaded"),
        content("url", str, "The file", read=values.link),
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
    media=(Media(kind="documents", column="url", accepts=(), date="date", size="size"),),
)

DOCUMENT_LIST = Resource(
    name="documents",
    section="docs",
    title="documents",
    method="docs.get",
    params={"return_tags": 1, "order": 0},
    table=DOCUMENTS,
    paginator=Anchored(),
    rows=own_rows(DOCUMENTS),
    key=lambda record: str(record["id"]),
    owner_param="owner_id",
    owners=Owners.OWN,
)
