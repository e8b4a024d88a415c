"""Things that have places in a list: photos of an album, tracks of a collection or a playlist."""

from collections.abc import Sequence
from dataclasses import dataclass

from ovk_archive.browse.showing.parts.attached import Thing, things
from ovk_archive.browse.showing.parts.reading import Reading

#: Place, owner (0 where a number alone will do) and number of what was shown last. Places are no
#: numbers of things: what has left the list has kept the one that another has now.
Last = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing at its place in a list.

    Attributes:
        gone_at: since when it is in the list no longer.
    """

    place: int
    thing: Thing
    gone_at: str | None

    @property
    def key(self) -> Last:
        """Where the next page begins behind it."""
        return self.place, self.thing.owner_id or 0, self.thing.id


def placed(
    db: Reading, kind: str, rows: Sequence[tuple[int, int | None, int, str | None]]
) -> list[Placed]:
    """Things of a kind by place, owner, number and `gone_at`; some have no record here."""
    known = things(db, [(kind, owner, number) for _, owner, number, _ in rows])
    return [
        Placed(place, known.get((kind, owner, number)) or _unknown(kind, owner, number), gone_at)
        for place, owner, number, gone_at in rows
    ]


def _unknown(kind: str, owner: int | None, number: int) -> Thing:
    return Thing(kind=kind, owner_id=owner, id=number, is_known=False)
