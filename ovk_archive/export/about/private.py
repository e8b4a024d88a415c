"""What a plain export holds that is not for everybody: letters, and keys that open things."""

from collections.abc import Iterator, Sequence

from ovk_archive.export.about.package import Told
from ovk_archive.export.rows import Source
from ovk_archive.export.view import View

#: Table and column -> one of them, several; a key is where the column is filled.
_KINDS = {
    ("messages", "date"): ("private message", "private messages"),
    ("documents", "access_key"): ("access key of a document", "access keys of documents"),
    ("audio", "keys"): ("key of an audio track", "keys of audio tracks"),
}


def private(source: Source, tables: Sequence[Told]) -> str | None:
    """One sentence on what is held of that; None if nothing is."""
    kinds = [f"{count} {names[count != 1]}" for count, names in _held(source, tables)]
    if not kinds:
        return None
    listed = " and ".join(filter(None, (", ".join(kinds[:-1]), kinds[-1])))
    return f"This export holds {listed}: give it to nobody who may not have these."


def _held(source: Source, tables: Sequence[Told]) -> Iterator[tuple[int, tuple[str, str]]]:
    for told in tables:
        view = told.part.asked
        for (table, column), names in _KINDS.items():
            if view.name == table and column in {field.name for field in told.part.view.fields}:
                count = _count(source, view, column)
                if count:
                    yield count, names


def _count(source: Source, view: View, column: str) -> int:
    sql = f'select count("{column}") from "{view.name}" where {view.where}'
    found = source.snapshot.first(sql, view.values)
    return int(found[0]) if found else 0
