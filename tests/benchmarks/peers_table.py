"""How the figures of the benchmark are told: tables, ratios, and whether aims are met.

Nothing of the package is imported here: a child's peak begins with its parent's size (Linux).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from figures import verdict
from peers_served import Took

MEGABYTE = 1e6
#: A first sync should take at most so many times as long as bare httpx, by latency.
FLOOR = {0.0: 4.0, 0.02: 1.15, 0.1: 1.15}
#: And an evening's work at least so many times as long as a first sync, where answers take 100 ms.
NAIVE = (0.1, 5.0)
#: Requests of a sync that finds nothing new, by dialect.
UNCHANGED = {"A": 50, "B": 20}
#: What is compared with an older version.
COMPARED = ("cpu", "written", "size")
#: How much of what an older version takes it may be.
OLDER = {
    ("first", "cpu"): 0.5,
    ("first", "size"): 0.75,
    ("audit", "cpu"): 0.5,
    ("audit", "written"): 0.3,
}
COLUMNS: Mapping[str, Callable[[Took], float]] = {
    "requests": lambda took: took.requests,
    "wall s": lambda took: took.seconds,
    "CPU s": lambda took: took.cpu,
    "user s": lambda took: took.user,
    "peak MB": lambda took: took.peak / MEGABYTE,
    "written MB": lambda took: took.written / MEGABYTE,
    "file MB": lambda took: took.size / MEGABYTE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One job in one round.

    Attributes:
        tenth: it was done on a tenth of the world, and figures are ten times those.
    """

    dialect: str
    latency: float
    round: int
    stage: str
    who: str
    took: Took
    tenth: bool = False


def as_json(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """All that is known of each job."""
    return [asdict(line) for line in lines]


def table(lines: Sequence[Line]) -> Iterator[str]:
    """Medians of the rounds, by stage and by who; all are of one dialect and latency."""
    yield f"{'':14}" + "".join(f"{name:>11}" for name in COLUMNS) + "  what is lacking"
    for stage in dict.fromkeys(line.stage for line in lines):
        yield stage
        here = [line for line in lines if line.stage == stage]
        for who in dict.fromkeys(line.who for line in here):
            mine = [line for line in here if line.who == who]
            tenth = "; of a tenth, times ten" if mine[0].tenth else ""
            figures = (median(figure(line.took) for line in mine) for figure in COLUMNS.values())
            cells = "".join(_cell(one) for one in figures)
            yield f"  {who:12}{cells}  {lacking(mine[-1].took.lacks)}{tenth}"


def lacking(lacks: Mapping[str, Mapping[str, int]]) -> str:
    """What an archive lacks, in words."""
    if not lacks:
        return "keeps nothing"
    found = [
        f"{one[what]} of {one['exist']} {kind} {what}"
        for kind, one in lacks.items()
        for what in ("missing", "outdated")
        if one[what]
    ]
    return ", ".join(found) or "nothing missing"


def verdicts(lines: Sequence[Line]) -> Iterator[str]:
    """Whether aims are met; all lines are of one dialect and latency."""
    latency, dialect = lines[0].latency, lines[0].dialect
    for bare in ("floor", "pages"):
        found = ratios(lines, "seconds", "first", "ovk-archive", bare)
        yield _judged(f"first sync / {bare}, wall", found, FLOOR.get(latency))
    times = ratios(lines, "seconds", "first", "naive", "ovk-archive")
    if times:
        aim, least = NAIVE
        met = "met" if median(times) >= least else "missed"
        more = f"; aim: at least {least:g}, {met}" if latency == aim else ""
        yield f"naive / first sync, wall: {median(times):.2f}{more}"
    asked = [one.took.requests for one in lines if (one.who, one.stage) == _UNCHANGED]
    yield _judged("requests of an unchanged sync", asked, UNCHANGED[dialect])
    for stage in dict.fromkeys(line.stage for line in lines):
        for what in COMPARED:
            found = ratios(lines, what, stage, "ovk-archive", "older")
            if found:
                yield _judged(f"{stage}, {what}: new / older", found, OLDER.get((stage, what)))
    served = sum(one.took.served for one in lines) / sum(one.took.requests for one in lines)
    yield f"server: {served * 1000:.2f} ms of CPU for a request"


def ratios(lines: Iterable[Line], what: str, stage: str, mine: str, theirs: str) -> list[float]:
    """How many times as much one takes as the other, in each round that has both."""
    rounds: dict[int, dict[str, float]] = {}
    for line in lines:
        if line.stage == stage:
            rounds.setdefault(line.round, {})[line.who] = getattr(line.took, what)
    both = (one for one in rounds.values() if mine in one and one.get(theirs))
    return [one[mine] / one[theirs] for one in both]


def growth(tooks: Mapping[int, Took]) -> Iterator[str]:
    """How the figures of a first sync grow with the world."""
    columns = {name: one for name, one in COLUMNS.items() if name != "user s"}
    yield f"{'':8}" + "".join(f"{name:>11}" for name in columns)
    first = next(iter(tooks.values()))
    for times, took in tooks.items():
        yield f"{times:>4} x  " + "".join(_cell(figure(took)) for figure in columns.values())
        grown = (figure(took) / figure(first) for figure in columns.values())
        if times > 1:
            yield f"{'':6}: " + "".join(f"{one:>11.2f}" for one in grown)


_UNCHANGED = ("ovk-archive", "unchanged")


def _judged(name: str, figures: Sequence[float], aim: float | None) -> str:
    if not figures:
        return f"{name}: not measured"
    middle = median(figures)
    return f"{name}: {middle:.2f}" + ("" if aim is None else f"; {verdict(middle, aim)}")


def _cell(figure: float) -> str:
    return f"{figure:>11.0f}" if figure >= 1000 or figure == int(figure) else f"{figure:>11.2f}"
