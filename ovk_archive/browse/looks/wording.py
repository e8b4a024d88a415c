"""Words of pages in a language: sentences from its catalogue, dates and numbers by Babel."""

import io
from datetime import UTC, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Protocol

from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.units import format_unit

_CATALOGUES = Path(__file__).with_name("languages")
#: What the templates are written in.
_OWN = "en"


class Translations(Protocol):
    """What gives a sentence in another language."""

    def gettext(self, message: str) -> str:
        """A sentence."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """A sentence with a number."""


class Wording:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.name = Locale(language).get_display_name(language) or language
        self._locale = Locale(language)
        self._said = _translations(language)

    @property
    def translations(self) -> Translations:
        """Its sentences."""
        return self._said

    def day(self, seconds: int | None) -> str:
        """A day (UTC), in words."""
        moment = _moment(seconds)
        return "" if moment is None else self._day(moment)

    def moment(self, seconds: int | None) -> str:
        """A day and a time (UTC)."""
        moment = _moment(seconds)
        if moment is None:
            return str(seconds or "")
        return f"{self.day(seconds)}, {self.time(seconds)}"

    def time(self, seconds: int | None) -> str:
        """Hours and minutes (UTC)."""
        moment = _moment(seconds)
        return "" if moment is None else self._time(moment)

    def month(self, seconds: int | None) -> str:
        """A month and its year."""
        moment = _moment(seconds)
        if moment is None:
            return ""
        # How a month is written: https://babel.pocoo.org/en/latest/dates.html#date-fields
        return dates.format_date(moment, self._said.gettext("LLLL y"), locale=self._locale)

    def stamp(self, text: str | None) -> str:
        """The day of a time as the archive writes it (ISO 8601)."""
        moment = _written(text)
        return "" if moment is None else self._day(moment)

    def instant(self, text: str | None) -> str:
        """The day and the time of it."""
        moment = _written(text)
        return "" if moment is None else f"{self._day(moment)}, {self._time(moment)}"

    def number(self, number: float) -> str:
        """A number with the marks of its language."""
        return numbers.format_decimal(number, locale=self._locale)

    def share(self, part: float) -> str:
        """A part of one, in per cent."""
        return numbers.format_percent(part, locale=self._locale)

    def duration(self, seconds: int | None) -> str:
        """The length of a track or a film; nothing if nobody told it."""
        if seconds is None or seconds < 0:
            return ""
        minutes, rest = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

    def _day(self, moment: datetime) -> str:
        # How a day is written, in the same way.
        return dates.format_date(moment, self._said.gettext("MMMM d, y"), locale=self._locale)

    def _time(self, moment: datetime) -> str:
        return dates.format_time(moment, "HH:mm", locale=self._locale)

    def size(self, number: int | None) -> str:
        """The size of a file; nothing if nobody told it."""
        if number is None or number < 0:
            return ""
        for unit, bytes_ in (("gigabyte", 1e9), ("megabyte", 1e6), ("kilobyte", 1e3)):
            if number >= bytes_:
                return str(_in_units(round(number / bytes_, 1), unit, self._locale))
        return str(_in_units(number, "byte", self._locale))


@cache
def languages() -> tuple[str, ...]:
    """The languages that there are catalogues of, and the one of the templates."""
    return (_OWN, *sorted(path.stem for path in _CATALOGUES.glob("*.po")))


@cache
def wording(language: str) -> Wording:
    """The words of a language that there is."""
    return Wording(language)


def preferred(wanted: str) -> str:
    """The best of our languages for what a browser asks for (`Accept-Language`)."""
    chosen = Locale.negotiate(_by_weight(wanted), languages(), sep="-")
    return chosen.language if chosen else _OWN


def _by_weight(wanted: str) -> list[str]:
    told = [part.strip().partition(";") for part in wanted.split(",") if part.strip()]
    weighed = [(name.strip(), _weight(more)) for name, _, more in told]
    return [name for name, weight in sorted(weighed, key=lambda one: -one[1]) if weight > 0]


def _weight(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0


def _translations(language: str) -> NullTranslations:
    path = _CATALOGUES / f"{language}.po"
    if not path.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _in_units(number: float, unit: str, locale: Locale) -> str:
    return format_unit(number, f"digital-{unit}", length="short", locale=locale)


def _written(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return None


def _moment(seconds: int | None) -> datetime | None:
    """A time that can be written as a date; None for one that cannot."""
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None
