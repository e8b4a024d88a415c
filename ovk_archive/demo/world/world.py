"""World: everything that is true on the toy instance, and the operations that change it."""

from typing import Any

from ovk_archive.demo.world.music import Music
from ovk_archive.demo.world.pictures import Pictures
from ovk_archive.demo.world.records import Group, User
from ovk_archive.demo.world.society import Society
from ovk_archive.demo.world.talks import Talks
from ovk_archive.demo.world.things import Things
from ovk_archive.demo.world.writings import Writings


class World(Writings, Talks, Pictures, Music, Things, Society):
    """A mutable world; every operation takes `world.lock`."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """For Hypothesis and IPython: a whole world, field by field, is no readable line."""
        del cycle
        printer.text(repr(self))

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
