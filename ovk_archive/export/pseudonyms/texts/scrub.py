"""Running text without whom it names: mentions, pages, links, addresses, numbers, names. Pure."""

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from ovk_archive.export.pseudonyms.texts.addresses import COUNTED, PAGES, PLACE, addresses
from ovk_archive.export.pseudonyms.texts.names_in_text import Names
from ovk_archive.export.pseudonyms.texts.quick import Quick
from ovk_archive.export.pseudonyms.texts.telling_numbers import NUMBERS, TOLD_NUMBERS
from ovk_archive.export.pseudonyms.texts.words import Ids

LINK, MAIL, PHONE, NAME = "[link]", "[mail]", "[phone]", "[name]"
DATE, PLACE_ON_EARTH = "[date]", "[place]"

#: Nobody in particular.
_ALL = ("all", "everyone", "online")
#: Of these the owner is a group, though it has no minus.
_OF_GROUPS = ("topic", "board", "members")
_PLACE = re.compile(PLACE, re.IGNORECASE)
#: Without one of these in it a text has nothing of the kind.
_HINT = r"[\d@*|]|//|www\.|\w\.\w|localhost|(?:mailto|tel|tg):"
#: What is written instead of what nobody's name is.
_MARKS = {"mail": MAIL, "phone": PHONE, "date": DATE, "geo": PLACE_ON_EARTH, "far": LINK}
#: The same behind a word that stays.
_BESIDE = {"abroad": LINK, "born": DATE, "icq": PHONE}
_LINKS = ("url", "scheme")
_TRAILING = ".,;:!?…)]}»'"
_TAG = re.compile(r"<!--(?:(?!<!--).)*?-->|<[a-zA-Z/!?][^<>]*>", re.DOTALL)
_TAG_NAME = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,15}")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//(?:www\.)?", re.IGNORECASE)


@dataclass(slots=True)
class Scrubber:
    """Replaces in texts what tells who somebody is.

    Attributes:
        names: whom the archive knows.
        pseudonym: of a signed id.
        hosts: under which the instance's pages are, each `host[:port][/path]`.
        special: finds all that is no word.
        usual: the same in texts without words that tell what a number is.
        hint: finds out quickly that there is nothing of the kind.
        text: what becomes of a plain text; as `whole`, but quicker.
    """

    names: Names
    pseudonym: Callable[[int], str]
    hosts: tuple[str, ...]
    special: re.Pattern[str]
    usual: re.Pattern[str]
    hint: re.Pattern[str]
    text: Callable[[str], str] = field(init=False)

    def __post_init__(self) -> None:
        self.text = Quick(self.names, self.hint, self.read, self._is_link).text

    @classmethod
    def of(cls, names: Names, pseudonym: Callable[[int], str], hosts: Iterable[str]) -> "Scrubber":
        """One for an instance that has these addresses."""
        known = tuple(sorted({host.casefold() for host in hosts if host}, key=len, reverse=True))
        named = "|".join(map(re.escape, known)) or "(?!)"
        special = _compiled(addresses(named, abroad=True), TOLD_NUMBERS)
        usual = _compiled(addresses(named, abroad=False), NUMBERS)
        hint = re.compile(f"{_HINT}|{named}", re.IGNORECASE)
        return cls(names, pseudonym, known, special, usual, hint)

    def whole(self, text: str) -> str:
        """A plain text, read from one end to the other."""
        return self._instead_of(self.special, text)

    def read(self, text: str, *, told: bool) -> str:
        """The same; `told` if there are words that tell what a number is."""
        if not self.hint.search(text):
            return self._named(text)
        return self._instead_of(self.special if told else self.usual, text)

    def _instead_of(self, special: re.Pattern[str], text: str) -> str:
        parts: list[str] = []
        position = 0
        for found in special.finditer(text):
            whole = found.group()
            if found.lastgroup in _LINKS:
                whole = whole.rstrip(_TRAILING)
            parts += self._named(text[position : found.start()]), self._instead(found, whole)
            position = found.start() + len(whole)
        return "".join((*parts, self._named(text[position:])))

    def html(self, text: str) -> str:
        """A text with markup: of tags only their names stay, and of links where they lead."""
        parts: list[str] = []
        position = 0
        for tag in _TAG.finditer(text):
            parts += self._between(text[position : tag.start()]), self._tag(tag.group())
            position = tag.end()
        return "".join((*parts, self._between(text[position:])))

    def link(self, address: str) -> str:
        """The pseudonym of whose page it is, or only that it is a link."""
        path = self._path(address)
        for _ in range(2):
            if path is None or not path.casefold().startswith("away.php"):
                break
            address = "".join(parse_qs(urlsplit(path).query).get("to", [""])[:1])
            path = self._path(address)
        return (path is not None and self._page(path)) or LINK

    def _path(self, address: str) -> str | None:
        """What follows the instance's address; None on other hosts."""
        bare = _SCHEME.sub("", address)
        for host in self.hosts:
            rest = bare[len(host) :]
            if bare.casefold().startswith(host) and rest[:1] in ("", "/", "?", "#"):
                return rest.lstrip("/")
        here = bare == address and address.startswith(("/", "away.php"))
        # Notes lead through away.php, and [B] writes a host of its own before it.
        away = re.match(r"[^/?]*/(?=away\.php\?)", bare)
        return address.lstrip("/") if here else bare[away.end() :] if away else None

    def _page(self, path: str) -> str | None:
        first = unquote(re.split(r"[/?#]", path, maxsplit=1)[0])
        found = _PLACE.fullmatch(first)
        if found:
            return self._place(found)
        owner = self.names.handles.get(first.casefold())
        return None if owner is None else self.pseudonym(owner)

    def _instead(self, found: re.Match[str], whole: str) -> str:
        """What is written instead of what was found; the outermost group says what that is."""
        kind = found.lastgroup or ""
        if kind in _MARKS:
            return _MARKS[kind]
        if kind in _BESIDE:
            # The word that tells what the number is.
            return self._named(found[kind]) + _BESIDE[kind]
        return self._whose(kind, found, whole)

    def _whose(self, kind: str, found: re.Match[str], whole: str) -> str:
        if kind == "mention":
            return self._target(found["target"])
        if kind in _LINKS:
            return self.link(whole)
        if kind == "at":
            handle = (found["handle"] or found["star"]).rstrip(".")
            return whole if handle.casefold() in _ALL else self._page(handle) or NAME
        return whole if kind == "plain" else self._place(found)

    def _target(self, target: str) -> str:
        """Whom `[id1|…]` or `[https://…|…]` means."""
        if "/" in target:
            return self.link(target)
        return self._page(target) or NAME

    def _place(self, found: re.Match[str]) -> str:
        """Of whom a page like `id1` or `wall1_2` is."""
        if found["a_thing"]:
            return self._thing(found)
        sign = PAGES[(found["page"] or "id").casefold()]
        return self.pseudonym(sign * int(found["number"]))

    def _thing(self, found: re.Match[str]) -> str:
        kind = found["kind"].casefold()
        owner = int(found["owner"])
        if kind.rstrip("s") in _OF_GROUPS:
            owner = -abs(owner)
        number = f"_{found['count']}" if kind in COUNTED and found["count"] else ""
        return f"{kind}{self.pseudonym(owner)}{number}"

    def _is_link(self, word: str) -> bool:
        found = self.usual.match(word)
        return (
            found is not None
            and found.lastgroup in _LINKS
            and word.rstrip(_TRAILING) == found.group().rstrip(_TRAILING)
        )

    def _named(self, text: str) -> str:
        return self.names.replace(text, self._whom)

    def _whom(self, ids: Ids) -> str:
        return self.pseudonym(next(iter(ids))) if len(ids) == 1 else NAME

    def _between(self, text: str) -> str:
        return html.escape(self.text(html.unescape(text)), quote=False)

    def _tag(self, tag: str) -> str:
        name = _TAG_NAME.match(tag)
        if not name:
            return ""
        href = _HREF.search(tag)
        if not href:
            return f"{name.group()}>"
        address = html.unescape("".join(filter(None, href.groups())))
        return f'{name.group()} href="{self.link(address)}">'


def _compiled(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)
