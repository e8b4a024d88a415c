"""Where pages are: addresses that people can keep."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ovk_archive.browse.paths import encoded, page_of


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of the pages of one archive; `database` is its name in Datasette."""

    database: str

    def page(self, *parts: object, **asked: Any) -> str:
        """A page, and what is asked of it; what is None is not asked."""
        told = {name: value for name, value in asked.items() if value is not None}
        path = "/".join(encoded(str(part)) for part in parts)
        return f"/{encoded(self.database)}/-/{path}{'?' if told else ''}{urlencode(told)}"

    def owner(self, number: int) -> str:
        """A person or a group."""
        return self.page("group", -number) if number < 0 else self.page("user", number)

    def record(self, kind: str, owner: int, number: int, **asked: Any) -> str:
        """A record that has an owner: a post, a photo, a note."""
        return self.page(kind, f"{owner}_{number}", **asked)

    def file(self, sha256: str) -> str:
        """A file that is here."""
        return self.page("media", sha256)

    def row(self, table: str, key: Iterable[object]) -> str:
        """The row behind what is seen."""
        return page_of(self.database, table, key)

    def tables(self) -> str:
        """All tables."""
        return f"/{encoded(self.database)}"

    def static(self, name: str) -> str:
        """The style sheet, the script."""
        return f"/-/ovk-archive/{name}"
