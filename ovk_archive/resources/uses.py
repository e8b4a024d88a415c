"""What we do with each method of the API, as the declarations say."""

from ovk_archive.api.methods import ADDRESSING, Effect, Method
from ovk_archive.api.paging.windows import ROWS, Addressing
from ovk_archive.resources import LOOKUPS, RESOURCES
from ovk_archive.resources.by_number import BY_NUMBER
from ovk_archive.resources.vocabulary.resource import Resource


def list_of(name: str) -> Resource | None:
    """The list that a method opens, if one is declared."""
    return next((one for one in RESOURCES if one.method.lower() == name.lower()), None)


def addressing(name: str) -> Addressing:
    """What `offset` and `count` mean to a method; rows, if nothing else is known of it."""
    declared = list_of(name)
    if declared is not None:
        return declared.paginator.addressing
    return ADDRESSING.get(name.lower(), ROWS)


def tables_of(name: str) -> tuple[str, ...]:
    """The tables that a method's answers are archived in, by the declarations."""
    filled = [(one.method, one.table.name) for one in RESOURCES]
    filled += [(one.sweep.method, one.table.name) for one in RESOURCES if one.sweep]
    filled += [(one.method, one.table.name) for one in LOOKUPS]
    filled += [(one.method, one.table.name) for one in BY_NUMBER]
    return _named(name, filled)


def counted_by(name: str) -> tuple[str, ...]:
    """The tables whose rows a method counts, by the declarations."""
    totals = [(one.counts.total.method, one.table.name) for one in RESOURCES if one.counts.total]
    return _named(name, totals)


def what_we_do(method: Method) -> str:
    """What the program does with a method, in a few words of Markdown."""
    if method.effect is Effect.STUB:
        return "stub"
    if method.effect is Effect.WRITE:
        return "writes, never used"
    if tables := tables_of(method.name):
        return f"archived in {_in_words(tables)}"
    if tables := counted_by(method.name):
        return f"counts {_in_words(tables)}"
    return "`call` only"


def _named(name: str, pairs: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(what for method, what in pairs if method.lower() == name.lower()))


def _in_words(tables: tuple[str, ...]) -> str:
    *others, last = (f"`{table}`" for table in tables)
    return f"{', '.join(others)} and {last}" if others else last
