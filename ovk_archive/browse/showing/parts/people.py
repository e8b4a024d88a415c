"""Who people and groups are: names and pictures, asked for all of a page at once."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ovk_archive.archive.search.whom import numbers_called
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.values import whole, words

_PEOPLE = """
select p.id, p.name, p.screen_name, p.deactivated, m.sha256 from users p
left join media m on m.url = p.photo_url and m.state = 'stored'
where p.id in (select value from json_each(?1))
union all
select -p.id, p.name, p.screen_name, p.deactivated, m.sha256 from groups p
left join media m on m.url = p.photo_url and m.state = 'stored'
where p.id in (select -value from json_each(?1))
"""


@dataclass(frozen=True, slots=True)
class Person:
    """A person, or a group.

    Attributes:
        id: negative for a group.
        name: empty if the archive knows only the number.
        picture: the hash of the avatar, if it is here.
        deactivated: `deleted` or `banned`, if the account is.
    """

    id: int
    name: str = ""
    screen_name: str = ""
    deactivated: str = ""
    picture: str | None = None


class People(dict[int, Person]):
    """Those who were asked for; whom the archive does not know is a number."""

    def __missing__(self, number: int) -> Person:
        return Person(number)


def people(db: Reading, ids: Iterable[Any]) -> People:
    """Who they are; what is no number is nobody."""
    wanted = sorted({one for one in map(whole, ids) if one})
    rows = db.execute(_PEOPLE, (json.dumps(wanted),))
    return People(
        (number, Person(number, words(name), words(short), words(why), picture))
        for number, name, short, why, picture in rows
    )


def called(db: Reading, name: str) -> int | None:
    """Who has this short name; None if the archive knows nobody, or several."""
    found = numbers_called(db.execute, name)
    return found[0] if len(found) == 1 else None
