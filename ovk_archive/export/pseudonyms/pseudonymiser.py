"""Does with each column of a view what its rule says: the rows of an export without names."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.names import mirrors
from ovk_archive.archive.names import names as names_of
from ovk_archive.archive.tables.schema import STAMPS
from ovk_archive.export.pseudonyms.hashing import Hashes
from ovk_archive.export.pseudonyms.known_names import known_names
from ovk_archive.export.pseudonyms.rules import (
    DOCS,
    HASHED,
    HASHED_THINGS,
    MAKE_TEXT,
    PREFIXES,
    RULES,
)
from ovk_archive.export.pseudonyms.scrub import Scrubber
from ovk_archive.export.view import Field, Values, View

#: Where the number that a notification is about counts among its owner's things. Of likes of
#: comments servers say `like_post`, too, and those have numbers of the whole instance.
_COUNTED_PARENTS = ("copy_post", "comment_post", "_photo", "_video")
_NAMED = re.compile(r"([a-z]+?)(-?\d+)_(-?\d+)")
#: To the microsecond, when a row was read would tell its place in a list by the original ids.
_MIDNIGHT = "T00:00:00.000000Z"


#: What rules raise for a value of another type, which only a damaged archive has.
_UNFIT = (TypeError, ValueError, AttributeError)

#: Changes one value of a row, knowing the others.
_Change = Callable[[Any, Values], Any]
#: The place of a value in its row, and what becomes of it; None if it stays as it is.
_Step = tuple[int, _Change | None]


class Pseudonymiser:
    """Changes views and their rows (`Transform`).

    Attributes:
        lost: how many values were left out because they are not of their column's type, by table
            and column; only a damaged archive has such.
        hashes: everybody's pseudonym.
        changes: what a rule does to a value that tells everything by itself.
    """

    def __init__(self, archive: Archive, key: bytes) -> None:
        self.lost: Counter[tuple[str, str]] = Counter()
        names = names_of(archive)
        # The first of them: an instance that has moved has the same people.
        self.hashes = Hashes(names[0].instance, key)
        hosts = {
            *(one.instance for one in names),
            *(re.sub("^https?://", "", one.url) for one in names),
            *mirrors(archive),
        }
        owner = self.hashes.owner
        self._scrubber = Scrubber.of(known_names(archive), owner, hosts)
        self.changes: dict[str, _Change] = {
            "person": lambda value, _: owner(value),
            "group": lambda value, _: (
                self.hashes.owner(-value) if value else self.hashes.owner(value)
            ),
            "owner": lambda value, _: owner(value),
            "text": lambda value, _: self._scrubber.text(value),
            "html": lambda value, _: self._scrubber.html(value),
            "history": lambda value, _: self._history(value),
            "day": lambda value, _: f"{value[:10]}{_MIDNIGHT}",
            "named": lambda value, _: self._named(value),
            "answers": lambda value, _: self._answers(value),
            **{kind: self._hashed(kind) for kind in PREFIXES},
        }

    def __call__(self, view: View) -> tuple[View, Callable[[Values], Values]]:
        """A view without what is left out, and what makes its rows."""
        rules = RULES.get(view.name, {}) | dict.fromkeys(STAMPS, "day")
        kept = _kept(view, rules)
        places = {field.name: place for place, field in enumerate(view.fields)}
        steps = [(place, self._change(rule, places)) for place, _, rule in kept]
        columns = [(view.name, field.name) for _, field, _ in kept]
        fields = tuple(_described(field, rule) for _, field, rule in kept)
        hashed = frozenset(name for name, rule in rules.items() if rule in HASHED)
        return replace(view, fields=fields, hashed=hashed), self._changed(steps, columns)

    def _changed(
        self, steps: Sequence[_Step], columns: Sequence[tuple[str, str]]
    ) -> Callable[[Values], Values]:
        """What makes a row by these steps; a value that does not fit is lost, not the row."""

        def change(row: Values) -> Values:
            return tuple(
                [
                    value if (value := row[place]) is None or step is None else step(value, row)
                    for place, step in steps
                ]
            )

        def careful(row: Values) -> Values:
            try:
                return change(row)
            except _UNFIT:
                return tuple(
                    self._or_lost(step, row, place, column)
                    for (place, step), column in zip(steps, columns, strict=True)
                )

        return careful

    def _or_lost(
        self, step: _Change | None, row: Values, place: int, column: tuple[str, str]
    ) -> Any:
        """What a rule makes of a value; nothing, which is counted, if that is of another type."""
        value = row[place]
        try:
            return value if value is None or step is None else step(value, row)
        except _UNFIT:
            self.lost[column] += 1
            return None

    def _hashed(self, kind: str) -> _Change:
        prefix, thing = PREFIXES[kind], self.hashes.thing
        return lambda value, _: thing(prefix, value)

    def _change(self, rule: str, places: dict[str, int]) -> _Change | None:
        """What a rule does to a value; None if it stays as it is."""
        by = {"record": "resource", "object": "type", "item": "kind", "parent": "type"}.get(rule)
        if by is None:
            return self.changes.get(rule)
        place = places.get(by)
        tell = {
            "record": self._record,
            "object": self._object,
            "item": self._item,
            "parent": _parent,
        }[rule]
        # Nothing is said of what cannot be told apart.
        return lambda value, row: None if place is None else tell(value, row[place])

    def _record(self, key: Any, resource: Any) -> str | None:
        """`u_…_149` of a post, `c_…` of a comment."""
        if resource == "comments":
            return self.hashes.thing("c", key)
        owner, _, number = str(key).rpartition("_")
        return (
            f"{self.hashes.owner(int(owner))}_{number}" if resource == "posts" and owner else None
        )

    def _object(self, number: Any, kind: Any) -> str:
        hashed = HASHED_THINGS.get(kind)
        return self.hashes.thing(PREFIXES[hashed], number) if hashed else str(number)

    def _item(self, number: Any, kind: Any) -> str:
        return self.hashes.thing("c", number) if kind == "comment" else str(number)

    def _named(self, attachments: str) -> str:
        """`photou_…_2,audiou_…_a_…` for `photo1_2,audio1_5`; of what else there may be, nothing."""
        return ",".join(map(self._attachment, attachments.split(",")))

    def _attachment(self, name: str) -> str:
        found = _NAMED.fullmatch(name)
        if not found:
            # Those without a number (`poll`, `unknown`), or without an owner (`docNone_5`).
            return "".join(re.findall("^[a-z]+", name))
        kind, owner, number = found.groups()
        return f"{kind}{self.hashes.owner(int(owner))}_{self._object(number, kind)}"

    def _answers(self, told: str) -> str:
        return json.dumps(
            [self.hashes.thing(PREFIXES["answer"], number) for number in json.loads(told)]
        )

    def _history(self, told: str) -> str:
        """What a post repeats: of what is not known here, nothing."""
        originals = [self._original(one) for one in json.loads(told)]
        return json.dumps(originals, ensure_ascii=False)

    def _original(self, original: dict[str, Any]) -> dict[str, Any]:
        author, text, hung = (original.get(name) for name in ("from_id", "text", "attachments"))
        return {
            "id": original.get("id"),
            "from_id": author if author is None else self.hashes.owner(int(author)),
            "date": original.get("date"),
            "text": text if text is None else self._scrubber.text(text),
            "attachments": hung if hung is None else self._named(hung),
        }


def _kept(view: View, rules: Mapping[str, str]) -> list[tuple[int, Field, str]]:
    """The columns that are not left out: place, column and rule."""
    kept = [
        (place, field, rules[field.name])
        for place, field in enumerate(view.fields)
        if rules.get(field.name, "drop") != "drop"
    ]
    # When something was seen says nothing without what it was.
    return [] if all(field.name in STAMPS for _, field, _ in kept) else kept


def _parent(number: Any, kind: Any) -> Any:
    return number if str(kind).endswith(_COUNTED_PARENTS) else None


def _described(field: Field, rule: str) -> Field:
    """A column as it is after its rule."""
    doc = f"{field.doc} ({DOCS[rule]})" if rule in DOCS else field.doc
    return replace(field, doc=doc, type="string" if rule in MAKE_TEXT else field.type)
