"""Numbers become keyed hashes: the same in all exports of one instance made with one key."""

from collections.abc import Container
from functools import lru_cache
from hashlib import blake2b

from ovk_archive.export.pseudonyms.domains import OTHER, PUBLIC

_DIGEST = 10


class Hashes:
    """The pseudonyms of people, groups and things in one domain.

    Args:
        instance: whose numbers they are: number 5 of another instance is another person.
        key: the secret.
        domain: in another one everybody has another pseudonym.
        people: who may be told of; None for everybody.
    """

    def __init__(
        self,
        instance: str,
        key: bytes,
        domain: str = PUBLIC.name,
        people: Container[int] | None = None,
    ) -> None:
        self._instance = instance
        # Public ones are what they were before there were domains.
        person = b"" if domain == PUBLIC.name else domain.encode()
        self._begun = blake2b(key=key, digest_size=_DIGEST, person=person)
        self._people = people
        # People come again and again; the cache is far below the memory that names need.
        self.thing = lru_cache(maxsize=1 << 16)(self._thing)
        self.owner = lru_cache(maxsize=1 << 16)(self._owner)

    def counted(self, prefix: str, owner: int | None, number: object) -> str | None:
        """The pseudonym of a thing that has a number among its owner's, if it is said whose it is.

        Whoever knows one such number learns nothing of the same number elsewhere.
        """
        return None if owner is None else self.of(prefix, self.owner(owner), number)

    def of(self, prefix: str, pseudonym: str, number: object) -> str | None:
        """The same, by the owner's pseudonym."""
        nobody = pseudonym in ("0", OTHER)
        return None if nobody else self._thing(prefix, f"{pseudonym}_{number}")

    def shuffled(self, value: object) -> str | None:
        """What rows are ordered by instead of the value, which would tell who came first."""
        return None if value is None else self._thing("order", value)

    def _owner(self, number: int) -> str:
        """The pseudonym of a person, or with a minus of a group; 0 is nobody."""
        if not number:
            return "0"
        if number > 0 and self._people is not None and number not in self._people:
            return OTHER
        return self._thing("u" if number > 0 else "g", abs(number))

    def _thing(self, prefix: str, number: object) -> str:
        hashed = self._begun.copy()
        hashed.update(f"{self._instance}\0{prefix}\0{number}".encode())
        return f"{prefix}_{hashed.hexdigest()}"
