"""What a page brings: its rows, what it lacks, and how far it leads."""

from collections.abc import Mapping
from typing import Any

from ovk_archive.api.paging.keyset import Keyset, Shown
from ovk_archive.api.paging.positions import Position
from ovk_archive.archive.lists.skips import Skip
from ovk_archive.resources.vocabulary.records import UNREADABLE, UnfitError
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.resources.vocabulary.rows import Context, Row, Trim
from ovk_archive.sync.page.fetch import STRANGE, Fetched


def rows_of_page(
    resource: Resource,
    partition: Mapping[str, Any],
    fetched: Fetched,
    before: Any,
    *,
    placed: bool = True,
) -> tuple[list[Row | Trim], list[Skip]]:
    """The rows of a page, and the records whose shape no row function knows.

    `placed` says that the page follows `before`, so that the rows' places are known.
    """
    # What stands out of order has no place in it.
    places: list[int | None] = [0] * fetched.page.aside
    if placed:
        places += resource.paginator.places(before, fetched.page)
    else:
        places += [None] * len(fetched.page.keys)
    parts: list[Row | Trim] = []
    strange: list[Skip] = []
    for index, (record, place) in enumerate(zip(fetched.records, places, strict=True)):
        context = Context(partition=partition, place=place)
        try:
            parts += list(resource.rows(record, context))
        except UNREADABLE as error:
            # Of other errors the words are Python's.
            why = f"{STRANGE}: {error}" if isinstance(error, UnfitError) else STRANGE
            at = index - fetched.page.aside
            strange.append(Skip(at, resource.key(record), why, record=record))
    return parts, strange


def skips_of(resource: Resource, fetched: Fetched, before: Any) -> list[Skip]:
    """What a page lacks; rows have numbers only where they are counted from the top."""
    absolute = not resource.paginator.params(before)
    return [
        Skip(
            hole.place,
            hole.after,
            hole.reason,
            before_key=hole.before,
            row=hole.row if absolute else None,
            nth=hole.nth,
            record=hole.record,
            tried=hole.tried,
        )
        for hole in fetched.holes
    ]


def shown_of(resource: Resource, fetched: Fetched, before: Any, position: Any) -> Shown | None:
    """Of which numbers a page has shown all, in a list that is read by number."""
    paginator = resource.paginator
    return (
        paginator.shown(before, fetched.page, position) if isinstance(paginator, Keyset) else None
    )


def advance(fetched: Fetched, before: Any, position: Any) -> int:
    """Rows of a page that were not read before: pages overlap, and some are read twice."""
    if getattr(before, "closing", False):
        return 0
    read: int = max(0, position.read - before.read)
    return min(read, len(set(fetched.page.keys))) + fetched.page.aside


def lacks(resource: Resource, fetched: Fetched, position: Position) -> bool:
    """The server counts more rows than a walk has been shown."""
    if fetched.counted is None or resource.counts_dead:
        return False
    return fetched.counted > position.read + getattr(position, "aside", 0)
