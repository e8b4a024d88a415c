"""One call of a method: who asks, in which dialect, with which parameters."""

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any

from ovk_archive.demo.methods.php import Crash, Params
from ovk_archive.demo.world.records import blob_hash
from ovk_archive.demo.world.world import World

#: Drawn when there is no picture (a placeholder path of real servers).
CAMERA = "/assets/packages/static/openvk/img/camera_200.png"


@dataclass
class Call:
    """What the function behind a method needs to answer."""

    world: World
    dialect: str
    params: Params
    viewer: int | None
    base: str
    poison: Container[tuple[str, Any]] = ()
    storage: str = "php"

    @property
    def newer(self) -> bool:
        """Say whether this is dialect [B]."""
        return self.dialect == "B"

    def flag(self, value: object) -> bool | int:
        """Write a truth value: [A] shows booleans where [B] shows 0 and 1."""
        return int(bool(value)) if self.newer else bool(value)

    def guard(self, kind: str, key: object) -> None:
        """Crash if this record is poisoned: one such row kills its whole page."""
        if (kind, key) in self.poison:
            raise Crash

    def url(self, path: str) -> str:
        """Make a path absolute."""
        return self.base + path

    def thumbnail(self, global_id: int, size: str) -> str:
        """Return the address of a thumbnail (help/openvk-api.md, Files and thumbnails)."""
        if (global_id, size) in self.world.thumbnails:
            return self.blob(blob_hash("photo", global_id), f"_cropped/{size}.png")
        return self.url(f"/photos/thumbnails/{global_id}_{size}.jpeg")

    def blob(self, name: str, tail: str) -> str:
        """Return the address of a file (help/openvk-api.md, Files and thumbnails)."""
        folder = f"blob_{name[:2]}" if self.storage == "php" else "openvk-datastore"
        return f"{self.base}/{folder}/{name}{tail}"


Answer = Callable[[Call], Any]


@dataclass(frozen=True)
class Method:
    """A method of the API.

    Attributes:
        answer: the function that makes the `response`.
        anonymous: the dialects that answer without a token (error 5 in the others).
        needs: its required parameters (error 100 without them).
        dialects: in which generations it exists (error 3 in the others).
        limited: whether dialect [A] counts it towards its rate limit.
    """

    answer: Answer
    anonymous: str = ""
    needs: tuple[str, ...] = ()
    dialects: str = "AB"
    limited: bool = False
