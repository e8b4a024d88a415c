"""How many rows of an export an outsider could single out by what can be seen elsewhere."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any

from ovk_archive.export.pseudonyms.coarse import step
from ovk_archive.export.rows import Part, Source
from ovk_archive.export.view import Transform, Values

#: Columns on which it depends what becomes of others.
_WHOSE = ("owner_id", "group_id")
#: What somebody who reads the instance sees of a row, whoever he is: table -> columns, those first
#: that tell where it stands and when it was made.
KNOWN: dict[str, tuple[str, ...]] = {
    table: tuple(columns.split())
    for table, columns in {
        "users": "deactivated sex has_photo verified is_closed",
        "groups": "type deactivated verified is_closed",
        "posts": "owner_id date post_type is_pinned comments likes reposts",
        "albums": "owner_id created size",
        "photos": "owner_id date width height likes comments",
        "notes": "owner_id date comments",
        "topics": "group_id created updated comments is_closed is_fixed",
        "comments": "kind owner_id post_id photo_id note_id topic_id date likes",
        "audio": "duration genre_id explicit",
        "playlists": "owner_id created size length",
        "videos": "owner_id date duration platform comments views likes",
        "polls": "end_date anonymous multiple votes",
        "gifts": "user_id date gift_id",
    }.items()
}
#: Of these texts their length is known as well: table -> column.
LENGTHS = {"posts": "text", "notes": "text", "comments": "text"}


def uniqueness(source: Source, transform: Transform, k: int) -> dict[str, Any]:
    """For each table: how many rows have fewer than `k` like them, and how many none at all.

    And how many are alone where they stand at their time, by which they can be looked up.
    """
    return {
        "k": k,
        "tables": {
            part.asked.name: _counted(source, part, transform, k)
            for part in source.parts
            if part.asked.name in KNOWN
        },
    }


def _counted(source: Source, part: Part, transform: Transform, k: int) -> dict[str, Any]:
    told = {field.name for field in part.view.fields}
    names = [name for name in KNOWN[part.asked.name] if name in told]
    length = [name for name in (LENGTHS.get(part.asked.name),) if name in told]
    timed = names[: 1 + max((names.index(one) for one in _moments(part, names)), default=-1)]
    alike = _sizes(_rows(source, part, transform, (names, length)))
    counted: dict[str, Any] = {
        "by": [*names, *(f"length of {name}" for name in length)],
        "rows": sum(size * many for size, many in alike.items()),
        f"fewer_than_{k}": sum(size * many for size, many in alike.items() if size < k),
        "unique": alike[1],
    }
    if timed:
        counted["unique_by_time"] = _sizes(_rows(source, part, transform, (timed, [])))[1]
    return counted


def _moments(part: Part, names: Iterable[str]) -> list[str]:
    return [field.name for field in part.asked.fields if field.is_moment and field.name in names]


def _sizes(rows: Iterable[Values]) -> Counter[int]:
    """How many rows are alike: size -> how many times there are so many."""
    # Of a million rows their hashes take a tenth of the memory that they would take themselves.
    hashes = array("q", map(hash, rows))
    return Counter(sum(1 for _ in same) for _, same in groupby(sorted(hashes)))


def _rows(
    source: Source, part: Part, transform: Transform, columns: tuple[list[str], list[str]]
) -> Iterator[Values]:
    """What is known of each row, as exactly as it is told."""
    names, length = columns
    asked = part.asked
    fields = [field for field in asked.fields if field.name in {*names, *_WHOSE}]
    view, change = transform(replace(asked, fields=tuple(fields)))
    places = [place for place, field in enumerate(view.fields) if field.name in names]
    texts = "".join(f', length("{name}")' for name in length)
    listed = ", ".join(f'"{field.name}"' for field in fields)
    sql = f'select {listed}{texts} from "{asked.name}" where {asked.where}'
    for row in source.snapshot.stream(sql, asked.values):
        told = change(row[: len(fields)])
        sizes = (step(size or 0) for size in row[len(fields) :])
        yield (*(told[place] for place in places), *sizes)
