"""Does with each column of a view what its rule says: the rows of an export without names."""

import re
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.names import mirrors
from ovk_archive.archive.names import names as names_of
from ovk_archive.archive.tables.schema import STAMPS
from ovk_archive.export.pseudonyms.changes import Change, Changes
from ovk_archive.export.pseudonyms.descriptions import described
from ovk_archive.export.pseudonyms.domains import PUBLIC, Hiding
from ovk_archive.export.pseudonyms.hashing import Hashes
from ovk_archive.export.pseudonyms.known_names import known_names
from ovk_archive.export.pseudonyms.rules import (
    HASHED,
    ORDERS,
    PLACES,
    RULES,
)
from ovk_archive.export.pseudonyms.texts.scrub import Scrubber
from ovk_archive.export.view import Field, Values, View

#: What rules raise for a value of another type, which only a damaged archive has.
_UNFIT = (TypeError, ValueError, AttributeError, OverflowError)

#: The place of a value in its row, and what becomes of it; None if it stays as it is.
_Step = tuple[int, Change | None]


class Pseudonymiser:
    """Changes views and their rows (`Transform`).

    Attributes:
        lost: how many values were left out because they are not of their column's type, by table
            and column; only a damaged archive has such.
    """

    def __init__(self, archive: Archive, key: bytes, hiding: Hiding | None = None) -> None:
        self.lost: Counter[tuple[str, str]] = Counter()
        self._archive, self._key, self._hiding = archive, key, hiding or Hiding()
        names = names_of(archive)
        # The first of them: an instance that has moved has the same people.
        self._instance = names[0].instance
        self._hosts = {
            *(one.instance for one in names),
            *(re.sub("^https?://", "", one.url) for one in names),
            *mirrors(archive),
        }
        self._names = known_names(archive)
        self._changes: dict[str, Changes] = {}

    @property
    def hashes(self) -> Hashes:
        """Everybody's public pseudonym."""
        return self.changes(PUBLIC.name).hashes

    def changes(self, domain: str) -> Changes:
        """What becomes of values in one domain; made when it is first asked for."""
        if domain not in self._changes:
            hashes = Hashes(self._instance, self._key, domain, self._hiding.people)
            scrubber = Scrubber.of(self._names, hashes.owner, self._hosts)
            self._changes[domain] = Changes(hashes, scrubber, self._hiding.times)
        return self._changes[domain]

    def __call__(self, view: View) -> tuple[View, Callable[[Values], Values]]:
        """A view without what is left out, and what makes its rows."""
        rules = self._rules(view.name)
        kept = _kept(view, rules)
        places = {field.name: place for place, field in enumerate(view.fields)}
        steps = [(place, self._change(view, field, rule, places)) for place, field, rule in kept]
        columns = [(view.name, field.name) for _, field, _ in kept]
        changed = replace(
            view,
            fields=tuple(self._described(view, field, rule) for _, field, rule in kept),
            hashed=frozenset(name for name, rule in rules.items() if rule in HASHED),
            silent=frozenset(name for name, rule in rules.items() if rule in _SILENT),
            ordering=ORDERS.get(view.name, ()),
        )
        return changed, self._changed(steps, columns)

    def _described(self, view: View, field: Field, rule: str) -> Field:
        """A column after its rule: it refers to nobody who is called otherwise there."""
        changed, domain = described(field, rule), self._hiding.domain
        refers = field.references and domain(field.references) == domain(view.name)
        return changed if refers else replace(changed, references=None)

    def _rules(self, table: str) -> dict[str, str]:
        """What becomes of each column of a table in this export."""
        hiding = self._hiding
        declared = RULES.get(table, {}) | dict.fromkeys(STAMPS, hiding.stamps(table))
        declared |= dict.fromkeys(hiding.dropped(table) & declared.keys(), "drop")
        time = "keep" if hiding.times == "exact" else f"time_{hiding.times}"
        return {name: time if rule == "time" else rule for name, rule in declared.items()}

    def _change(self, view: View, field: Field, rule: str, places: dict[str, int]) -> Change | None:
        changes = self.changes(self._hiding.domain(view.name).name)
        if rule not in ("turn", "place"):
            return changes.by(rule, places)
        which = PLACES[view.name, field.name]
        place = places.get(which)
        if place is None:
            return lambda _, __: None
        ranks = self._ranks(view, which, field.name)
        if rule == "place":
            return lambda value, row: ranks(row[place], value)
        # With zeros before it, the order of texts is that of messages.
        return lambda value, row: (
            f"{changes.hashes.owner(row[place])}_{ranks(row[place], value):07d}"
        )

    def _ranks(self, view: View, which: str, column: str) -> Callable[[Any, int], int]:
        """Which place a value has in its list, as far as it is exported; made when first asked."""

        @cache
        def lists() -> "dict[Any, array[int]]":
            found: dict[Any, array[int]] = defaultdict(lambda: array("q"))
            sql = f'select "{which}", "{column}" from "{view.name}" where ({view.where})'
            whole = f'typeof("{column}") = \'integer\' order by "{column}"'
            for name, number in self._archive.stream(f"{sql} and {whole}", view.values):
                found[name].append(number)
            return found

        return lambda name, value: bisect_left(lists()[name], value) + 1

    def _changed(
        self, steps: Sequence[_Step], columns: Sequence[tuple[str, str]]
    ) -> Callable[[Values], Values]:
        """What makes a row by these steps; a value that does not fit is lost, not the row."""

        def change(row: Values) -> Values:
            try:
                return tuple(
                    [
                        value if (value := row[place]) is None or step is None else step(value, row)
                        for place, step in steps
                    ]
                )
            except _UNFIT:
                return tuple(
                    self._or_lost(step, row, place, column)
                    for (place, step), column in zip(steps, columns, strict=True)
                )

        return change

    def _or_lost(
        self, step: Change | None, row: Values, place: int, column: tuple[str, str]
    ) -> Any:
        """What a rule makes of a value; nothing, which is counted, if that is of another type."""
        value = row[place]
        try:
            return value if value is None or step is None else step(value, row)
        except _UNFIT:
            self.lost[column] += 1
            return None


#: An order by these would tell what was left out, or is told less exactly.
_SILENT = ("drop", "time_day", "time_month")


def _kept(view: View, rules: Mapping[str, str]) -> list[tuple[int, Field, str]]:
    """The columns that are not left out: place, column and rule."""
    kept = [
        (place, field, rules[field.name])
        for place, field in enumerate(view.fields)
        if rules.get(field.name, "drop") != "drop"
    ]
    # When something was seen says nothing without what it was.
    return [] if all(field.name in STAMPS for _, field, _ in kept) else kept
