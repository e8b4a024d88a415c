"""Which rows of which tables are exported: the wishes of the command line become views."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from ovk_archive.archive.tables.schema import STAMPS, key_as_sql
from ovk_archive.export.people import only_theirs
from ovk_archive.export.text_columns import FREE
from ovk_archive.export.view import Field, View
from ovk_archive.resources import TABLES
from ovk_archive.resources.media import MEDIA
from ovk_archive.resources.vocabulary.columns import given
from ovk_archive.resources.vocabulary.rows import Table

#: Former contents, as a table: what the machinery's table `_versions` says to people.
VERSIONS = Table(
    name="_versions",
    title="Versions",
    doc="Every content that a record of the exported rows ever had, as the API sent it.",
    key=("id",),
    columns=(
        given("id", int, "Number of the version; a later one is newer"),
        given("resource", str, "Table of the record"),
        given("record_key", str, "Key of the record; parts joined by _"),
        given(
            "embedded",
            int,
            "1 if it came as an attachment and knows less than its own list",
            flag=True,
        ),
        given("record", str, "The record as the API sent it, JSON"),
        given("state", str, "What the row says beside the record, JSON"),
    ),
    relation=True,
)
#: What only tells how files were fetched to this computer.
_LOCAL = {"media": ("path", "tries", "first_tried_at", "last_tried_at", "stored_at", "error")}

#: Table -> the column that says whose its rows are, where that is not `owner_id`.
_OWNERS = {
    "statuses": "user_id",
    "friends": "user_id",
    "followers": "user_id",
    "memberships": "user_id",
    "managed_groups": "user_id",
    "gifts": "user_id",
    # Groups are negative as owners, and positive in these.
    "group_settings": "-group_id",
    "group_members": "-group_id",
    "topics": "-group_id",
}
#: Here `owner_id` is not whose the row is: who uploaded a track that others have in their lists.
_UNOWNED = ("audio",)
#: Rows that are parts of others and go with them: table -> ((condition, whole, its key), …).
_PARTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "attachments": tuple(
        (f"resource = '{table.name}' and record_key", table.name, key_as_sql(table))
        for table in TABLES
        if table.name in ("posts", "comments")
    ),
    "album_photos": (("album_id", "albums", "id"),),
    "playlist_audio": (("playlist_id", "playlists", "id"),),
    "poll_answers": (("poll_id", "polls", "id"),),
    "poll_votes": (("poll_id", "polls", "id"),),
}
_CONVERSATIONS = ("conversations", "messages")


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a table that are wanted: conditions, the values in them, the wishes behind.

    Attributes:
        own: the same without what their wholes must fulfil; asking for that with each whole anew
            would take the square of the time.
    """

    where: tuple[str, ...] = ()
    values: tuple[int | str, ...] = ()
    narrowed: tuple[str, ...] = ()
    own: "_Rows | None" = None

    @property
    def sql(self) -> str:
        return " and ".join(self.where) or "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is wanted.

    Attributes:
        tables: only these; all if there are none.
        owners: only rows that belong to them, in tables that tell it.
        peers: only conversations with them.
        since: only rows of that unix time or later, in tables whose rows have one.
        until: only rows before that unix time.
        people: only rows that tell of nobody else; None for everybody.
        with_gone: also rows that were deleted on the instance.
        with_versions: former contents, too.
        with_media: where the files are, too.
        without_text: not what people wrote.
    """

    tables: tuple[str, ...] = ()
    owners: tuple[int, ...] = ()
    peers: tuple[int, ...] = ()
    since: int | None = None
    until: int | None = None
    people: frozenset[int] | None = None
    with_gone: bool = False
    with_versions: bool = False
    with_media: bool = False
    without_text: bool = False

    def views(self) -> list[View]:
        """The tables to export with their conditions, in the order of the declarations."""
        rows = {table.name: self._own(table) for table in TABLES if table is not MEDIA}
        for name in _PARTS:
            rows[name] = self._with_wholes(name, rows)
        wanted = [table for table in TABLES if self._wants(table)]
        rows[MEDIA.name] = self._named_files(wanted, rows)
        views = [self._view(table, rows[table.name]) for table in wanted]
        if self.with_versions:
            views.append(self._view(VERSIONS, self._of_rows(wanted, rows)))
        return views

    def _wants(self, table: Table) -> bool:
        named = not self.tables or table.name in self.tables
        return named or (self.with_media and table is MEDIA)

    def _own(self, table: Table) -> _Rows:
        """What the rows themselves say."""
        where: list[str] = []
        values: list[int | str] = []
        narrowed: list[str] = []
        for wish, condition, bound in self._wishes(table):
            where.append(condition)
            values += bound
            narrowed.append(wish)
        if not self.with_gone:
            where.append("gone_at is null")
        return _Rows(tuple(where), tuple(values), tuple(dict.fromkeys(narrowed)))

    def _wishes(self, table: Table) -> Iterator[tuple[str, str, tuple[int | str, ...]]]:
        owner, moment = owner_column(table), moment_column(table)
        if self.owners and owner:
            yield "owner", f"{owner} in ({_marks(self.owners)})", self.owners
        if self.peers and table.name in _CONVERSATIONS:
            yield "peer", f"peer_id in ({_marks(self.peers)})", self.peers
        if self.since is not None and moment:
            yield "since", f'"{moment}" >= ?', (self.since,)
        if self.until is not None and moment:
            yield "until", f'"{moment}" < ?', (self.until,)
        if self.people is not None:
            listed = json.dumps(sorted(self.people))
            for condition in only_theirs(table.name):
                yield "only-people", condition, (listed,)

    def _with_wholes(self, name: str, rows: dict[str, _Rows]) -> _Rows:
        """Parts of what is exported."""
        own = rows[name]
        wholes = [(condition, whole, key, rows[whole]) for condition, whole, key in _PARTS[name]]
        if not any(its.where for *_, its in wholes):
            return own
        either = " or ".join(
            f'{condition} in (select {key} from "{whole}" where {its.sql})'
            for condition, whole, key, its in wholes
        )
        return _Rows(
            (f"({either})", *own.where),
            (*(value for *_, its in wholes for value in its.values), *own.values),
            _together(its for *_, its in wholes),
            own,
        )

    def _named_files(self, wanted: list[Table], rows: dict[str, _Rows]) -> _Rows:
        """Files that exported rows name; all files if nothing is left out."""
        everything = not self.tables or MEDIA.name in self.tables
        naming = [table for table in (TABLES if everything else wanted) if table.media]
        if everything and not any(rows[table.name].where for table in naming):
            return _Rows()
        pairs = [(table, one.column) for table in naming for one in table.media]
        named = " union all ".join(
            f'select "{column}" from "{table.name}" where {rows[table.name].sql}'
            for table, column in pairs
        )
        values = tuple(value for table, _ in pairs for value in rows[table.name].values)
        return _Rows(
            (f"url in ({named or 'null'})",), values, _together(rows[t.name] for t in naming)
        )

    def _of_rows(self, wanted: list[Table], rows: dict[str, _Rows]) -> _Rows:
        """The versions of exported rows."""
        tables = [table for table in wanted if table is not MEDIA]
        either = " or ".join(
            f"(resource = '{table.name}' and record_key in "
            f'(select {key_as_sql(table)} from "{table.name}" where {rows[table.name].sql}))'
            for table in tables
        )
        values = tuple(value for table in tables for value in rows[table.name].values)
        return _Rows((f"({either or '0'})",), values, _together(rows[t.name] for t in tables))

    def _view(self, table: Table, rows: _Rows) -> View:
        own = rows.own or rows
        return View(
            table=table,
            fields=tuple(self._fields(table)),
            where=rows.sql,
            values=rows.values,
            narrowed=rows.narrowed,
            inside=own.sql,
            inside_values=own.values,
        )

    def _fields(self, table: Table) -> Iterator[Field]:
        hidden = _LOCAL.get(table.name, ())
        for column in table.columns:
            is_path = self.with_media and table is MEDIA and column.name == "path"
            is_free = self.without_text and (table.name, column.name) in FREE
            if is_free or (column.name in hidden and not is_path):
                continue
            yield Field(
                name=column.name,
                type="integer" if column.type is int else "string",
                doc=column.doc,
                kind=column.kind,
                unit=column.unit,
                references=column.references,
                flag=column.flag,
            )
        for name, (_, doc) in STAMPS.items():
            yield Field(name=name, type="string", doc=doc)


def owner_column(table: Table) -> str | None:
    """What says whose a row is, as SQL: negative for a group."""
    if table.name in _OWNERS:
        return _OWNERS[table.name]
    owned = "owner_id" in table.by_name and table.name not in (*_UNOWNED, *_PARTS)
    return "owner_id" if owned else None


def moment_column(table: Table) -> str | None:
    """The column with the unix time of a row, by which a reader would sort."""
    column = table.by_name.get(table.sort or "")
    is_moment = column is not None and (column.unit or "").startswith("unix time")
    return table.sort if is_moment and table is not MEDIA else None


def _together(rows: Iterator[_Rows]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(wish for its in rows for wish in its.narrowed))


def _marks(values: tuple[int, ...]) -> str:
    return ", ".join("?" * len(values))
