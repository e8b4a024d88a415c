"""What is found in all kinds at once: how many of each, and a page of results in their context."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ovk_archive.archive.search.context import marked, snippet
from ovk_archive.archive.search.finding import Found, count, find
from ovk_archive.archive.search.query import MOST
from ovk_archive.archive.search.wishes import Place, Wish
from ovk_archive.browse.showing.parts.people import People, Person, people
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.values import whole
from ovk_archive.resources.vocabulary.rows import Table

#: Results on one page; results of each kind that are counted at most.
PAGE, MOST_COUNTED = 20, 1000


@dataclass(frozen=True, slots=True)
class Kind:
    """How many results there are of a kind; of more than `MOST_COUNTED` one more is told."""

    table: str
    title: str
    number: int


@dataclass(frozen=True, slots=True)
class Result:
    """Something that was found.

    Attributes:
        key: what names it in its table.
        who: the author; None if it has none. `owner` and `peer` likewise.
        former_until: when this text was last seen, if it was overwritten.
        context: the part of it that shows why it was found, in pieces, each with whether it was.
    """

    table: str
    title: str
    key: str
    date: int | None
    who: Person | None
    owner: Person | None
    peer: Person | None
    gone_at: str | None
    former_until: str | None
    context: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Searched:
    """A page of what is found.

    Attributes:
        lack: why nothing can be looked for.
        cut: only so many words were looked for.
        next: where the next page begins, if there is one.
    """

    kinds: tuple[Kind, ...]
    results: tuple[Result, ...]
    lack: str | None = None
    cut: int | None = None
    next: Place | None = None


def searched(db: Reading, wish: Wish, kinds: Sequence[Table]) -> Searched:
    """A page of what is wished for; `kinds` are those that are counted."""
    if wish.query.lack:
        return Searched((), (), lack=wish.query.lack)
    connection: Any = db
    found, more = find(connection, replace(wish, limit=PAGE))
    known = people(db, [one for hit in found for one in (hit.who, hit.owner, hit.peer)])
    numbers = [(table, count(connection, table, wish, MOST_COUNTED + 1)) for table in kinds]
    return Searched(
        kinds=tuple(Kind(one.name, one.title, n) for one, n in numbers if n),
        results=tuple(_result(hit, wish, known) for hit in found),
        cut=MOST if wish.query.cut else None,
        next=found[-1].place if more and found else None,
    )


def _result(hit: Found, wish: Wish, known: People) -> Result:
    who, owner, peer = (
        known[one] if one else None for one in map(whole, (hit.who, hit.owner, hit.peer))
    )
    return Result(
        table=hit.table.name,
        title=hit.table.title,
        key="_".join(map(str, hit.key)),
        date=whole(hit.date),
        who=who,
        owner=owner,
        peer=peer,
        gone_at=hit.gone_at,
        former_until=hit.former_until,
        context=tuple(marked(snippet(hit.table, hit.texts, wish.query))),
    )
