"""Small archives made by hand for exports, and how exports are read back."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from beginnings import begun

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.saving import Asked, save_rows
from ovk_archive.export.selection import Selection
from ovk_archive.export.writing import Wish, export
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.rows import Row

ME = Identity("example.org", 1, "https://example.org")
BY_NAME = {table.name: table for table in TABLES}


def keep(path: Path, rows: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Store rows: (table, values)."""
    begun(path, ME)
    with Archive.open(path, ME) as archive:
        save_rows(
            archive,
            [
                Row(BY_NAME[name], values, None if BY_NAME[name].relation else values)
                for name, values in rows
            ],
            Asked(name="by hand", partition={}, numbers=()),
        )


def post(number: int, *, owner: int = 1, date: int = 0, **more: Any) -> tuple[str, dict[str, Any]]:
    """A post."""
    return "posts", {"owner_id": owner, "id": number, "date": date, **more}


def message(number: int, *, peer: int = 2, date: int = 0, text: str = "") -> tuple[str, Any]:
    """A message."""
    return "messages", {"id": number, "peer_id": peer, "from_id": 1, "date": date, "text": text}


def comment(number: int, on: int, *, owner: int = 1, **more: Any) -> tuple[str, dict[str, Any]]:
    """A comment of a post."""
    values = {"id": number, "kind": "post", "owner_id": owner, "post_id": on, "date": 0}
    return "comments", {**values, **more}


def write(
    path: Path,
    folder: Path,
    kind: str,
    *,
    excel: bool = False,
    partition: str | None = None,
    delimiter: str | None = None,
    **wishes: Any,
) -> Any:
    """Export: the manifest."""
    selection = Selection(**wishes)
    wish = Wish(
        selection=selection, format=kind, excel=excel, partition=partition, delimiter=delimiter
    )
    return export(path, folder, wish, force=folder.exists())


def records(file: Path) -> list[dict[str, Any]]:
    """What a file says, each value a text as CSV has it."""
    if file.suffix == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as open_file:
            return list(csv.DictReader(open_file))
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".json":
        return list(json.loads(text))
    return [json.loads(line) for line in text.split("\n") if line]


def numbers(file: Path, name: str = "id") -> list[int]:
    """One column of a file."""
    return [int(record[name]) for record in records(file)]


def key_in(folder: Path) -> Path:
    """The key of pseudonyms in a folder, always the same."""
    key = folder / "key"
    key.write_bytes(b"k" * 32)
    return key
