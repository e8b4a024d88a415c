"""What the answers of questions look like: bars and squares, worked out of their rows. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel.dates import get_day_names

from ovk_archive.browse.looks.rendering import brief
from ovk_archive.browse.looks.wording import Wording

Rows = Sequence[Mapping[str, Any]]
#: Bars that are drawn, of rows that may be more.
_MOST_BARS, _MOST_COLUMNS = 20, 40
_DAYS, _HOURS = 7, 24


@dataclass(frozen=True, slots=True)
class Bar:
    """What one row says: numbers, one for each series."""

    label: str
    numbers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars.

    Attributes:
        kind: `bars` lie, for things with names; `columns` stand, for times.
        series: what the numbers of each bar count.
        most: the largest sum of numbers, or the largest number of columns.
    """

    title: str
    kind: str
    series: tuple[str, ...]
    bars: tuple[Bar, ...]
    most: float


@dataclass(frozen=True, slots=True)
class Squares:
    """How much at which hour of which day of the week: each day is a row of hours."""

    title: str
    days: tuple[tuple[str, tuple[int, ...]], ...]
    most: int
    kind: str = "squares"


def plot(
    words: Wording, question: str, columns: Sequence[str], rows: Iterable[Any]
) -> Plot | Squares | None:
    """How the answer of a question is drawn; None for one that is not, or that has no rows."""
    told = [dict(zip(columns, row, strict=True)) for row in rows]
    draw = _DRAWN.get(question)
    return draw(words, told) if draw and told else None


def _bars(title: str, kind: str, series: tuple[str, ...], bars: Iterable[Bar]) -> Plot | None:
    shown = tuple(bars)
    shown = shown[:_MOST_BARS] if kind == "bars" else shown[-_MOST_COLUMNS:]
    each = max if kind == "columns" else sum
    most = max((each(bar.numbers) for bar in shown), default=0)
    return Plot(title, kind, series, shown, most) if most > 0 else None


def _number(value: Any) -> float:
    """A number that can be drawn."""
    is_one = isinstance(value, int | float) and not isinstance(value, bool)
    return max(0, value) if is_one else 0


def _label(value: Any) -> str:
    return brief("" if value is None else str(value), 60) or "–"


def _years(words: Wording, rows: Rows) -> Plot | None:
    _ = words.translations.gettext
    kinds = {"posts": _("Posts"), "messages": _("Messages")} | {
        "photos": _("Photos"),
        "notes": _("Notes"),
    }
    bars = [Bar(_label(row["year"]), tuple(_number(row[kind]) for kind in kinds)) for row in rows]
    return _bars(_("How much was written in each year"), "columns", tuple(kinds.values()), bars)


def _writers(words: Wording, rows: Rows) -> Plot | None:
    _ = words.translations.gettext
    bars = [
        Bar(_label(row["name"]), (_number(row["theirs"]), _number(row["mine"]))) for row in rows
    ]
    return _bars(_("Messages in each conversation"), "bars", (_("theirs"), _("mine")), bars)


def _silences(words: Wording, rows: Rows) -> Plot | None:
    _ = words.translations.gettext
    bars = [
        Bar(f"{_label(row['name'])}, {_label(row['since'])}", (_number(row["days"]),))
        for row in rows
    ]
    return _bars(_("Days of silence"), "bars", (_("days"),), bars)


def _liked(words: Wording, rows: Rows) -> Plot | None:
    _ = words.translations.gettext
    bars = [Bar(_label(row["text"] or row["date"]), (_number(row["likes"]),)) for row in rows]
    return _bars(_("Likes of each post"), "bars", (_("likes"),), bars)


def _this_day(words: Wording, rows: Rows) -> Plot | None:
    _ = words.translations.gettext
    return _by_time(_("On this day, by year"), _("posts and messages"), rows, "time", 4)


def _deleted(words: Wording, rows: Rows) -> Plot | None:
    _ = words.translations.gettext
    return _by_time(_("Found deleted, by month"), _("deleted"), rows, "gone_at", 7)


def _by_time(title: str, series: str, rows: Rows, column: str, letters: int) -> Plot | None:
    """How many rows begin with the same letters of a time."""
    counted = Counter(str(row[column])[:letters] for row in rows if row[column])
    bars = [Bar(when, (number,)) for when, number in sorted(counted.items())]
    return _bars(title, "columns", (series,), bars)


def _words(words: Wording, rows: Rows) -> Plot | None:
    _ = words.translations.gettext
    bars = [Bar(_label(row["word"]), (_number(row["times"]),)) for row in rows]
    return _bars(_("Words of the year"), "bars", (_("times"),), bars)


def _week(words: Wording, rows: Rows) -> Squares | None:
    _ = words.translations.gettext
    told = {(row["weekday"], row["hour"]): int(_number(row["written"])) for row in rows}
    names = get_day_names("abbreviated", locale=words.language)
    days = tuple(
        # SQLite's week begins with Sunday, Babel's and that of most readers with Monday.
        (
            str(names[day]),
            tuple(told.get((str((day + 1) % _DAYS), f"{hour:02}"), 0) for hour in range(_HOURS)),
        )
        for day in range(_DAYS)
    )
    most = max((number for day in days for number in day[1]), default=0)
    return Squares(_("Written at each hour of the week (UTC)"), days, most) if most else None


_DRAWN: dict[str, Callable[[Wording, Rows], Plot | Squares | None]] = {
    "my_years": _years,
    "who_wrote_me_most": _writers,
    "longest_silences": _silences,
    "most_liked_posts": _liked,
    "on_this_day": _this_day,
    "deleted_since": _deleted,
    "hours_and_weekdays": _week,
    "words_of_year": _words,
}
