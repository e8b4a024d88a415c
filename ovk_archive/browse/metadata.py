"""Datasette's metadata, generated from the declarations: `python -m ovk_archive.browse.metadata`.

The generated file is `datasette-metadata.json` at the root of the repository. It can also be given
to Datasette itself: `datasette archive.db -m datasette-metadata.json`.
"""

import json
from importlib import resources
from pathlib import Path
from typing import Any

from ovk_archive.archive.tables.machinery import MACHINERY
from ovk_archive.archive.tables.schema import STAMPS
from ovk_archive.resources import TABLES, VIEWS
from ovk_archive.resources.vocabulary.columns import Column, Kind
from ovk_archive.resources.vocabulary.rows import Table

_NAME = "datasette-metadata.json"
#: Where the file is in a checkout; a wheel has a copy beside this module.
COMMITTED = Path(__file__).parents[2] / _NAME
#: The database that the file speaks of.
_DATABASE = "archive"

_KINDS = {
    Kind.PLAIN: "",
    Kind.ADDRESS: "kept current; only another file makes a version",
    Kind.VOLATILE: "kept current, without history",
    Kind.VIEWER: "depends on who asks",
}

#: Columns of the machinery mean the same in each of its tables.
MACHINERY_COLUMNS = {
    "as_of": "When the numbers were added up (UTC, ISO 8601)",
    "after_key": "Key of the record before it",
    "before_key": "Key of the record after it",
    "unexplained": "Difference of counted and held that has no known reason",
    "back_at": "When it was found again (UTC, ISO 8601)",
    "arguments": "What was asked for, JSON",
    "content": "Hash of what a person would call the content",
    "counted": "Rows by the server's count",
    "counts_dead": "1 if that count includes deleted rows",
    "done": "1 if it was read to its end",
    "embedded": "1 if it came as an attachment and knows less than the record's own list",
    "exit_code": "The exit code",
    "failures": "Requests that failed and were tried again",
    "finished_at": "When it ended (UTC, ISO 8601)",
    "first_at": "When it was first tried (UTC, ISO 8601)",
    "first_seen": "When the archive first saw it, in microseconds since 1970",
    "last_seen": "When the archive last saw it, in microseconds since 1970",
    "repeats": "Fields that repeat the text of another, and are not in the record: which, JSON",
    "first_seen_at": "When the archive first saw it (UTC, ISO 8601)",
    "id": "Number",
    "last_at": "When it was last tried (UTC, ISO 8601)",
    "began_at": "When it began (UTC, ISO 8601)",
    "gone": "Rows that were deleted on the server, or left the list",
    "gone_at": "When it was found missing (UTC, ISO 8601)",
    "held": "Rows in the archive that are not marked as gone",
    "last_seen_at": "When the archive last saw it (UTC, ISO 8601)",
    "missed": "Rows that a reading did not find; a second reading has not confirmed it yet",
    "read_at": "When it was last read to its end (UTC, ISO 8601)",
    "reread_at": "When all of it was last read again (UTC, ISO 8601)",
    "skipped": "Records that could not be read",
    "spanned": "1 if all of it was read, without a gap",
    "missed_at": "When it was first missed (UTC, ISO 8601)",
    "name": "What it is",
    "outcome": "How it ended",
    "owner_id": "Whose list it is; negative for a group",
    "partition": "The parameters that open the list, JSON",
    "place": "Where in the list it stands",
    "position": "Where the next request begins, JSON",
    "reason": "Why it could not be read",
    "record": "The record as the API sent it, JSON",
    "record_key": "The record's key; parts joined by _",
    "refused": "Why the instance would not show it",
    "refused_code": "The API's error code",
    "report": "What was done, list by list, JSON",
    "requests": "HTTP requests made",
    "resolved_at": "When it was read after all (UTC, ISO 8601); null while it is missing",
    "resource": "The kind of list, or the table",
    "stamp": "What the parent's row said when the list was opened, JSON",
    "started_at": "When it began (UTC, ISO 8601)",
    "state": "What is remembered, JSON",
    "tries": "How often it was tried",
    "updated_at": "When it was last touched (UTC, ISO 8601)",
    "value": "Its value",
    "version": "The version of ovk-archive",
    "began_in": "The checkpoint with which it began",
    "failed_at": "When it last failed without an answer of the API (UTC, ISO 8601)",
    "finished_in": "The checkpoint in which it ended",
    "gone_in": "The checkpoint in which that was confirmed",
    "hidden": "1 while another list still shows it",
    "last_in": "The checkpoint in which it was last tried",
    "last_seen_in": "The checkpoint in which the archive last saw it",
    "met": "Rows that the last reading to the end has met",
    "met_of": "Rows that the server counted then",
    "misfit": "1 if a column keeps the field, but some value did not fit it",
    "item": "The row's number (rowid)",
    "was": "The texts that the index knows, JSON; null if it knows the row not yet",
    "texts": "The texts, in the order in which the table's search declares them, JSON",
    "missed_in": "The checkpoint in which it was first missed",
    "rest": "Hash of the fields that no column keeps",
    "row": "Its place in the list when it was last met, from 0",
    "updated_in": "The checkpoint in which it was last touched",
    "walk_began_in": "The checkpoint of that walk's first page",
    "walk_began_at": "When the walk began whose position is saved (UTC, ISO 8601)",
}


def generate() -> dict[str, Any]:
    """The metadata that the declarations give."""
    tables = {table.name: _table(table) for table in TABLES}
    machinery = {
        name: {
            "description": doc,
            "hidden": True,
            "columns": {column: MACHINERY_COLUMNS[column] for column in columns},
        }
        for name, (columns, _, doc) in MACHINERY.items()
    }
    views = {view.name: {"title": view.title, "description": view.doc} for view in VIEWS}
    migrations = {"_sqlite_migrations": {"description": "Kept by sqlite-utils.", "hidden": True}}
    return {
        "title": "OpenVK archive",
        "description": "One account of one OpenVK instance, kept by ovk-archive. "
        "Dates are unix seconds, shown as UTC. "
        "[A] and [B] stand for the API as servers of 2024 and of 2026 speak it.",
        "databases": {_DATABASE: {"tables": tables | views | machinery | migrations}},
    }


def shipped(database: str) -> dict[str, Any]:
    """The committed metadata, for a database of this name."""
    beside = resources.files(__package__) / _NAME
    text = (beside if beside.is_file() else COMMITTED).read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return {**content, "databases": {database: content["databases"][_DATABASE]}}


def as_text() -> str:
    """The file's content."""
    return json.dumps(generate(), ensure_ascii=False, indent=2) + "\n"


def described(column: Column) -> str:
    """What a column means, with unit and class."""
    notes = [note for note in (column.unit, _KINDS[column.kind]) if note]
    return f"{column.doc} [{'; '.join(notes)}]" if notes else column.doc


def _table(table: Table) -> dict[str, Any]:
    columns = {column.name: described(column) for column in table.columns}
    stamps = {name: doc for name, (_, doc) in STAMPS.items()}
    facts: dict[str, Any] = {
        "title": table.title,
        "description": table.doc,
        "columns": columns | stamps,
        "sort_desc": table.sort,
        "label_column": table.label,
        "facets": list(table.facets),
        "hidden": table.hidden,
    }
    return {name: value for name, value in facts.items() if value}


if __name__ == "__main__":
    COMMITTED.write_text(as_text(), encoding="utf-8")
