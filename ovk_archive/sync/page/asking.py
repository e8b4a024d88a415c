"""What the reader of a page offers to those that read hard parts of it for it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from ovk_archive.api.paging.positions import Key
from ovk_archive.api.paging.windows import Addressing, Window
from ovk_archive.archive.lists.holes import Hole, Slot
from ovk_archive.errors import ServerFaultError
from ovk_archive.resources.vocabulary.records import Record


class Asking(Protocol):
    """Who asks for windows of one list.

    Attributes:
        meanings: what `offset` may mean, by name, where servers differ.
        meaning: which of them it is, as far as that has been learnt.
    """

    meanings: Mapping[str, Addressing]
    meaning: str | None

    @property
    def addressing(self) -> Addressing:
        """What `offset` and `count` mean, as far as is known."""

    async def ask(self, window: Window, addressing: Addressing) -> list[Slot]:
        """The records of a window, if none of them crashes the server."""

    def name(self, record: Record) -> str:
        """What names a record in its list, whatever its shape."""


class Isolating(Asking, Protocol):
    """Who sets records apart that crash the server, too."""

    async def read(self, window: Window, *, isolating: bool) -> list[Slot]:
        """The records of a window, with holes for those that crash it."""

    def key(self, slot: Slot) -> Key | None:
        """The key of a record that can be read and stands in the order of the list."""

    def hole(self, row: int, error: ServerFaultError, *, tried: bool) -> Hole:
        """A hole in the place of a row."""

    def ends(self, some: Sequence[Slot]) -> bool:
        """That an answer says that the list has ended."""
