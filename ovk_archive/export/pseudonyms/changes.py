"""What becomes of values by their rules, in one domain of pseudonyms."""

import json
import re
from collections.abc import Callable
from typing import Any

from ovk_archive.export.pseudonyms.coarse import ROUNDED, STAMPED, step
from ovk_archive.export.pseudonyms.domains import OTHER
from ovk_archive.export.pseudonyms.hashing import Hashes
from ovk_archive.export.pseudonyms.rules import COUNTED, HASHED_THINGS, PREFIXES
from ovk_archive.export.pseudonyms.texts.scrub import Scrubber
from ovk_archive.export.view import Values

#: Changes one value of a row, knowing the others.
Change = Callable[[Any, Values], Any]

#: What a notification is about, where its number counts among its owner's things. Of likes of
#: comments servers say `like_post`, too, and those have numbers of the whole instance.
_PARENTS = {"copy_post": "post", "comment_post": "post", "_photo": "photo", "_video": "video"}
_NAMED = re.compile(r"([a-z]+?)(-?\d+)_(-?\d+)")
#: What texts say of somebody's things, once it is hidden whose they are.
_IN_TEXT = re.compile(
    rf"(wall|photo|video|note|topic)([ug]_[0-9a-f]{{20}}|{re.escape(OTHER)})_(\d+)", re.IGNORECASE
)
#: Rules that ask another column of the row what kind of thing it is about.
_KIND = {"record": "resource", "object": "type", "item": "kind", "parent": "type"}
#: Where a row says whose thing it is, if not as `owner_id`.
_WHOSE = {"topic": "group_id", "parent": "parent_owner_id"}


class Changes:
    """What the rules of one domain do."""

    def __init__(self, hashes: Hashes, scrubber: Scrubber, times: str) -> None:
        self.hashes = hashes
        self._date = ROUNDED.get(f"time_{times}")
        self._scrubber = scrubber
        owner = hashes.owner
        self._alone: dict[str, Callable[[Any], Any]] = {
            "person": owner,
            "owner": owner,
            "group": lambda number: owner(-number) if number else owner(number),
            "text": self.text,
            "html": lambda markup: self._renumbered(scrubber.html(markup)),
            "history": self._history,
            "named": self._named,
            "answers": self._answers,
            "steps": step,
            **ROUNDED,
            **STAMPED,
            **{kind: self._global(kind) for kind in PREFIXES},
        }

    def by(self, rule: str, places: dict[str, int]) -> Change | None:
        """What a rule does to a value; None if it stays as it is.

        Args:
            rule: what is declared of its column.
            places: where the other columns of the row are.
        """
        alone = self._alone.get(rule)
        if alone is not None:
            return lambda value, _: alone(value)
        if rule in COUNTED:
            return self._of_owner(rule, places)
        return self._of_kind(rule, places) if rule in _KIND else None

    def text(self, text: str) -> str:
        """A text without whom it names."""
        said = self._scrubber.text(text)
        return self._renumbered(said) if said is not text and "_" in said else said

    def _of_kind(self, rule: str, places: dict[str, int]) -> Change:
        kind, whose = places.get(_KIND[rule]), places.get(_WHOSE.get(rule, "owner_id"))
        tell = {
            "record": self._record,
            "object": self._object,
            "item": self._item,
            "parent": self._parent,
        }[rule]
        # Nothing is said of what cannot be told apart.
        return lambda value, row: (
            None if kind is None else tell(value, row[kind], None if whose is None else row[whose])
        )

    def _renumbered(self, text: str) -> str:
        """`photou_…_h_…` for `photou_…_2`."""
        return _IN_TEXT.sub(self._in_text, text)

    def _in_text(self, found: re.Match[str]) -> str:
        kind, owner, number = found.groups()
        rule = "post" if kind.casefold() == "wall" else kind.casefold()
        hashed = self.hashes.of(COUNTED[rule], owner, number)
        return f"{kind}{owner}_{hashed}" if hashed else f"{kind}{owner}"

    def _global(self, kind: str) -> Callable[[Any], str]:
        prefix, thing = PREFIXES[kind], self.hashes.thing
        return lambda number: thing(prefix, number)

    def _of_owner(self, rule: str, places: dict[str, int]) -> Change:
        prefix, counted = COUNTED[rule], self.hashes.counted
        place = places.get(_WHOSE.get(rule, "owner_id"))
        if place is None:
            return lambda _, __: None
        if rule == "topic":
            return lambda number, row: counted(prefix, -row[place], number)
        return lambda number, row: counted(prefix, row[place], number)

    def _record(self, key: Any, resource: Any, _: Any) -> str | None:
        """`u_…_s_…` of a post, `c_…` of a comment."""
        if resource == "comments":
            return self.hashes.thing(PREFIXES["comment"], key)
        owner, _, number = str(key).rpartition("_")
        if resource != "posts" or not owner:
            return None
        post = self.hashes.counted(COUNTED["post"], int(owner), number)
        return post and f"{self.hashes.owner(int(owner))}_{post}"

    def _object(self, number: Any, kind: Any, owner: Any) -> str | None:
        if kind in HASHED_THINGS:
            return self.hashes.thing(PREFIXES[HASHED_THINGS[kind]], number)
        return self.hashes.counted(COUNTED[kind], owner, number) if kind in COUNTED else None

    def _item(self, number: Any, kind: Any, owner: Any) -> str | None:
        if kind == "comment":
            return self.hashes.thing(PREFIXES["comment"], number)
        return self._object(number, kind, owner)

    def _parent(self, number: Any, kind: Any, owner: Any) -> str | None:
        ends = [thing for end, thing in _PARENTS.items() if str(kind).endswith(end)]
        return self._object(number, ends[0], owner) if ends else None

    def _named(self, attachments: str) -> str:
        """`photou_…_h_…` for `photo1_2`; of what else there may be, nothing."""
        return ",".join(map(self._attachment, attachments.split(",")))

    def _attachment(self, name: str) -> str:
        found = _NAMED.fullmatch(name)
        if not found:
            # Those without a number (`poll`, `unknown`), or without an owner (`docNone_5`).
            return "".join(re.findall("^[a-z]+", name))
        kind, owner, number = found.groups()
        hashed = self._object(int(number), kind, int(owner))
        whose = f"{kind}{self.hashes.owner(int(owner))}"
        return f"{whose}_{hashed}" if hashed else whose

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
        number, date = original.get("id"), original.get("date")
        whose = None if author is None else self.hashes.owner(int(author))
        if whose == OTHER:
            return {"from_id": whose}
        return {
            "id": whose and number and self.hashes.of(COUNTED["post"], whose, number),
            "from_id": whose,
            "date": date if date is None or self._date is None else self._date(date),
            "text": text if text is None else self.text(text),
            "attachments": hung if hung is None else self._named(hung),
        }
