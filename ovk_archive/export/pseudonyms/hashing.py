"""Numbers become keyed hashes: the same in all exports of one instance made with one key."""

from functools import lru_cache
from hashlib import blake2b

_DIGEST = 10


class Hashes:
    """The pseudonyms of people, groups and things.

    Args:
        instance: whose numbers they are: number 5 of another instance is another person.
        key: the secret.
    """

    def __init__(self, instance: str, key: bytes) -> None:
        self._instance = instance
        self._key = key
        # People come again and again; the cache is far below the memory that names need.
        self.thing = lru_cache(maxsize=1 << 16)(self._thing)

    def owner(self, number: int) -> str:
        """The pseudonym of a person, or with a minus of a group; 0 is nobody."""
        if not number:
            return "0"
        return self.thing("u" if number > 0 else "g", abs(number))

    def shuffled(self, value: object) -> str | None:
        """What rows are ordered by instead of the value, which would tell who came first."""
        return None if value is None else self.thing("order", value)

    def _thing(self, prefix: str, number: object) -> str:
        said = f"{self._instance}\0{prefix}\0{number}".encode()
        return f"{prefix}_{blake2b(said, key=self._key, digest_size=_DIGEST).hexdigest()}"
