"""A visit: which page is asked for, of which archive, in which language."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ovk_archive.browse.looks.addresses import Addresses
from ovk_archive.browse.looks.wording import Wording
from ovk_archive.browse.showing.parts.placed import Last
from ovk_archive.browse.showing.parts.reading import Reading

_NUMBER = re.compile(r"-?\d{1,18}")
_KEY = re.compile(r"(-?\d{1,18})_(\d{1,18})")


class VisitError(Exception):
    """What is asked for cannot be shown; the visitor is told why.

    Attributes:
        form: what the page is told that shows again what was typed, if it has a form.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.values = values
        self.form: dict[str, Any] | None = None

    def told(self, words: Wording) -> str:
        """Why, in the visitor's language."""
        sentence = words.translations.gettext(str(self))
        return sentence % self.values if self.values else sentence


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visitor asks for.

    Attributes:
        db: the archive, to be asked.
        archive: where it is.
        given: what stands in the address behind the name of the page.
        asked: what stands behind the question mark.
        waits: a program asks, which wants all at once.
    """

    db: Reading
    archive: Path
    at: Addresses
    words: Wording
    given: tuple[str, ...] = ()
    asked: Mapping[str, str] = field(default_factory=dict)
    waits: bool = False

    def owner(self) -> int:
        """The person or group in the address."""
        return self.first_number()

    def first_number(self) -> int:
        """The number in the address: of an album, a playlist, a track."""
        return int(self.given[0])

    def key(self) -> tuple[int, int]:
        """Owner and number in the address."""
        found = _KEY.fullmatch(self.given[-1])
        assert found is not None  # noqa: S101 - the address was looked at before
        return int(found[1]), int(found[2])

    def number(self, name: str) -> int | None:
        """A number that is asked with; None if there is none.

        Raises:
            VisitError: it is no number.
        """
        text = self.asked.get(name, "")
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            raise VisitError("%(name)s must be a number.", name=name)
        return int(text)

    def behind(self) -> tuple[int | None, str] | None:
        """Date and key of what was shown last, if that is asked with; some has no date."""
        key = self.asked.get("key", "")
        return (self.number("before"), key) if key else None

    def last(self) -> Last | None:
        """Place, owner and number of what was shown last, if that is asked with."""
        place = self.number("after")
        if place is None:
            return None
        return place, self.number("of") or 0, self.number("id") or 0

    def day(self, name: str) -> int | None:
        """A day that is asked with, as unix time; None if there is none.

        Raises:
            VisitError: it is no day.
        """
        text = self.asked.get(name, "")
        if not text:
            return None
        try:
            return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
        except (ValueError, OverflowError) as error:
            raise VisitError("%(name)s must be a day, such as 2021-05-14.", name=name) from error


#: Shows a page: what its template is told; None if there is nothing of that name.
View = Callable[[Visit], "dict[str, Any] | None"]
