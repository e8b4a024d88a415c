"""Whose archive it is."""

from dataclasses import dataclass

from ovk_archive.browse.showing.parts.people import Person, people
from ovk_archive.browse.showing.parts.reading import Reading


@dataclass(frozen=True, slots=True)
class Account:
    """Whose archive it is, and where it is from.

    Attributes:
        instance: host, port and path of the instance.
        url: its address.
    """

    person: Person
    instance: str
    url: str


def account(db: Reading) -> Account:
    """Whose archive this is."""
    facts = dict(
        db.execute(
            "select name, value from _archive where name in ('instance', 'account_id', 'url')"
        ).fetchall()
    )
    number = int(facts.get("account_id") or 0)
    return Account(people(db, [number])[number], facts.get("instance", ""), facts.get("url", ""))
