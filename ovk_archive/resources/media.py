"""The files that records name, and the views that lead from a record to its files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ovk_archive.resources.attachments import ATTACHMENTS, KINDS
from ovk_archive.resources.vocabulary.columns import given
from ovk_archive.resources.vocabulary.rows import Table

MEDIA = Table(
    name="media",
    title="Files",
    doc="Every file that a record names: whether it is here, where, and why not.",
    key=("url",),
    columns=(
        given("url", str, "Its address, as the record says it"),
        given("kind", str, "photos, avatars, audio, videos, previews, documents, gifts or covers"),
        given(
            "state", str,
            "pending: not fetched yet, or lost here and to be fetched again. stored: here. gone: "
            "the server no longer has it. refused: the server refused it, or it is too large, or "
            "its address is never asked. failed: what came was not the file; it is tried again. "
            "unavailable: only a placeholder",
        ),
        given("sha256", str, "SHA-256 of its bytes, hexadecimal; kept if the file is lost here"),
        given("bytes", int, "Size; of a file that was too large, as far as the server told it",
              unit="bytes"),
        given("content_type", str, "What its bytes are, whatever the server calls them"),
        given("path", str, "Where it is inside the folder of files"),
        given("date", int, "Time of the newest record that names it",
              unit="unix time (seconds)"),
        given("expected_bytes", int, "Size that the record tells, if it does", unit="bytes"),
        given("tries", int, "How often it was asked for"),
        given("first_tried_at", str, "When it was first asked for (UTC, ISO 8601)"),
        given("last_tried_at", str, "When it was last asked for (UTC, ISO 8601)"),
        given("stored_at", str, "When it was stored (UTC, ISO 8601)"),
        given("error", str, "Why it is not here"),
        given("found_at", str, "The file behind it, if the address only leads there"),
    ),
    relation=True,
    indexes=(("state", "date"), ("sha256",)),
    label="url",
    sort="date",
    facets=("kind", "state", "content_type"),
)  # fmt: skip


#: A later run may still ask for a file.
MAY_BE_DUE = "state not in ('stored', 'unavailable')"
#: The order in which they are asked for: the newest first.
DUE_ORDER = "ifnull(date, 0) desc, url"
#: What finds them in this order, however many files are here already.
DUE_INDEX = (
    f"create index if not exists idx_media_due on {MEDIA.name} ({DUE_ORDER}) where {MAY_BE_DUE}"
)


@dataclass(frozen=True, slots=True)
class View:
    """A view for people to read.

    Attributes:
        sql: its `select`.
    """

    name: str
    title: str
    doc: str
    sql: str


#: What a view tells of each file, beside its kind.
_FACTS = ("state", "path", "content_type", "bytes", "sha256", "url")
#: Tables whose records have attachments. (No server tells those of messages yet.)
_WITH_ATTACHMENTS = ("posts", "comments", "messages")


def views(tables: tuple[Table, ...]) -> tuple[View, ...]:
    """The view of each table that names files, and of each whose rows have attachments."""
    own = (_of_table(table) for table in tables if table.media)
    attached = (_of_attachments(table) for table in tables if table.name in _WITH_ATTACHMENTS)
    return (*own, *attached)


def _of_table(table: Table) -> View:
    keys = ", ".join(f'r."{name}"' for name in table.key)
    parts = [
        f"select {keys}, {_facts(repr(one.kind))} "
        f'from "{table.name}" r cross join media m on m.url = r."{one.column}"'
        for one in table.media
    ]
    return View(
        name=f"{table.name}_media",
        title=f"{table.title}: files",
        doc=f"Which file belongs to which row of {table.name}.",
        sql=" union all ".join(parts),
    )


def _of_attachments(table: Table) -> View:
    return View(
        name=f"{table.name}_media",
        title=f"{table.title}: files",
        doc=f"The files of what is attached to {table.name}, in its order.",
        sql=" union all ".join(_branches(table)),
    )


def _branches(table: Table) -> Iterator[str]:
    """The first file of each thing that is attached, then the second.

    A reader sees a page at a time, so the rows are walked in their order, and each thing and its
    file are looked up by their keys: `cross join` forbids SQLite to begin elsewhere.
    """
    keys = ", ".join(f'r."{name}"' for name in table.key)
    record_key = " || '_' || ".join(f'r."{name}"' for name in table.key)
    most = max(len(things.media) for things, _ in KINDS.values())
    for place in range(most):
        named = {kind: things for kind, (things, _) in KINDS.items() if place < len(things.media)}
        kinds = _by_kind({kind: f"'{one.media[place].kind}'" for kind, one in named.items()})
        urls = _by_kind({kind: _url(one, place) for kind, one in named.items()})
        yield (
            f"select {keys}, a.position, a.type, a.reposted, a.owner_id as of_owner_id, "
            f'a.object_id as of_id, {_facts(kinds)} from "{table.name}" r '
            f"cross join {ATTACHMENTS.name} a on a.resource = '{table.name}' "
            f"and a.record_key = cast({record_key} as text) and a.gone_at is null "
            f"cross join media m on m.url = {urls} "
            # Where nothing is attached to anything, nothing is walked.
            f"where exists (select 1 from {ATTACHMENTS.name} where resource = '{table.name}')"
        )


def _by_kind(values: Mapping[str, str]) -> str:
    """A value that depends on what kind of thing is attached."""
    cases = " ".join(f"when '{kind}' then {value}" for kind, value in values.items())
    return f"case a.type {cases} end"


def _url(things: Table, place: int) -> str:
    # Numbers of tracks and documents are unique on the instance, those of photos are not.
    owned = ' and o."owner_id" = a.owner_id' if "owner_id" in things.key else ""
    column = things.media[place].column
    return f'(select o."{column}" from "{things.name}" o where o."id" = a.object_id{owned})'


def _facts(kind: str) -> str:
    return ", ".join((f"{kind} as kind", *(f"m.{name}" for name in _FACTS)))
