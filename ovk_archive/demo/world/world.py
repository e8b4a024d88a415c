"""World: everything that is true on the toy instance, and the operations that change it."""

from collections.abc import Iterable
from typing import Any

from ovk_archive.demo.truth import truth
from ovk_archive.demo.truth.truth_files import file_hashes
from ovk_archive.demo.world.music import Music
from ovk_archive.demo.world.pictures import Pictures
from ovk_archive.demo.world.records import Group, User
from ovk_archive.demo.world.society import Society
from ovk_archive.demo.world.talks import Talks
from ovk_archive.demo.world.things import Things
from ovk_archive.demo.world.writings import Writings


class World(Writings, Talks, Pictures, Music, Things, Society):
    """A mutable world; every operation takes `world.lock`."""

    @classmethod
    def empty(cls) -> "World":
        """Return a world where only the account's owner lives."""
        world = cls()
        world.add_user("Анна", "Архивова", sex=1, screen_name="anna", online=True)
        return world

    def add_user(self, first_name: str, last_name: str, **about: Any) -> User:
        """Register a person; `about` are fields of `User`."""
        with self.lock:
            user = User(self.next_id("user"), first_name, last_name, **about)
            self.users[user.id] = user
            return user

    def add_group(self, name: str, **about: Any) -> Group:
        """Found a community; `about` are fields of `Group`."""
        with self.lock:
            group = Group(self.next_id("group"), name, **about)
            self.groups[group.id] = group
            return group

    def truth(self, dialect: str, owners: tuple[int, ...] = (1,)) -> dict[str, Any]:
        """Say what the account can read of these owners in this dialect."""
        with self.lock:
            return truth.truth(self, dialect, owners)

    def files(self, dialect: str, people: Iterable[int]) -> dict[str, set[str]]:
        """Say which files the account's records name, by kind, as SHA-256 of their bytes.

        `people` are those whose avatars count: everybody whom the archive knows.
        """
        with self.lock:
            facts = truth.truth(self, dialect, (self.account_id,))
            return file_hashes(self, dialect, facts, people)

    def texts(self, dialect: str) -> dict[tuple[str, Any], str]:
        """Say what people wrote, by ("posts" | "comments" | "messages" | "notes", key)."""
        with self.lock:
            return truth.texts(self, dialect)
