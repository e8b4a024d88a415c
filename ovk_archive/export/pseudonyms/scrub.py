"""Running text without whom it names: mentions, pages, links, addresses, numbers, names. Pure."""

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from ovk_archive.export.pseudonyms.names_in_text import Ids, Names

LINK, MAIL, PHONE, NAME = "[link]", "[mail]", "[phone]", "[name]"

#: Pages of people and groups, by what their addresses begin with: 1 for a person.
_PAGES = {"id": 1, "club": -1, "public": -1, "event": -1, "group": -1}
#: Nobody in particular.
_ALL = ("all", "everyone", "online")
#: Things with a number among their owner's, which is kept.
_COUNTED = ("wall", "photo", "video", "note", "topic")
_OTHERS = ("albums?", "audios?", "playlists?", "docs?", "boards?", "gifts?", "friends", "followers",
           "subscriptions", "members", "groups", "photos", "videos", "notes", "topics", "market",
           "clips?", "story")  # fmt: skip
#: Of these the owner is a group, though it has no minus.
_OF_GROUPS = ("topic", "board", "members")

_PAGE = (
    rf"(?<![^\W_])(?:(?P<page>{'|'.join(_PAGES)})[:=#№]?|(?:u?id|айди)(?:[^\S\n]|[:=#№–—-]){{0,3}})"
    r"(?P<number>\d{1,18})(?![a-z\d])"
)
#: Without a number of its own this is no page: photo5, but wall5.
_NO_PAGE = r"(?!(?:photo|video|note|topic|story)\d+(?![\d_]))"
_THING = (
    rf"(?<![^\W_]){_NO_PAGE}(?P<kind>{'|'.join((*_COUNTED, *_OTHERS))})(?P<owner>-?\d{{1,18}})"
    r"(?:_(?P<count>\d{1,18}))?(?:_\w{1,80})?(?![^\W_])"
)
_SITES = (
    "ru|su|рф|com|org|net|info|io|me|ua|by|kz|de|uk|eu|tv|cc|co|to|xyz|site|online|club|ee|dev|app"
    "|pro|top|space|moe|gg|ai|pw|tk|fm|fun|art|blog|store|live|life|pl|fr|lv|lt|ge|рус|онлайн"
    "|москва|сайт|бел|укр"
)
_ENDS = r"[^\s<>\"]*"
_URL = (
    rf"[a-z][a-z0-9+.-]{{1,20}}://{_ENDS}"
    rf"|(?<![:\w])//[\w-]+\.{_ENDS}"
    rf"|(?<!\w)/?away\.php\?{_ENDS}"
    rf"|(?<![\w.])(?:www\.|(?:mailto|tel|tg):){_ENDS}"
    # With a path any name of a host will do, and without one a usual one.
    r"|(?<![\w.])(?:[\w-]{1,63}\.){1,8}"
    rf"(?:[a-z]{{2,24}}(?:(?::\d+)?/|\?\w+=)|(?:{_SITES}|xn--\w+)(?!\w)){_ENDS}"
    rf"|(?<![\w.])(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?!\w){_ENDS}"
    rf"|(?<![\w.])localhost(?!\w){_ENDS}"
)
_MENTION = r"\[(?P<target>[a-z][\w.:/?=&%#-]{0,300})\|[^\[\]]{0,300}\]"
_MAIL = r"(?<![\w.+-])[\w.+%-]{1,256}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
_AT = (
    r"(?:(?<![a-z\d_@*])@(?P<handle>[a-z][\w.]{1,64})"
    rf"|(?<![\w@*])\*(?P<star>(?:{'|'.join(_PAGES)})\d{{1,18}}|[a-z][\w.]{{1,64}}(?=[ ]?\()))"
    r"(?:[ ]?\([^()\n]{0,100}\))?"
)
#: Dates look like telephone numbers.
_DATE = (
    r"\d{1,2}\.\d{1,2}\.(?:19|20)\d\d\b|(?:19|20)\d\d-\d\d-\d\d"
    r"|(?<!\d)(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.\d\d\b"
)
#: So do years one after another, and round sums.
_PLAIN = (
    r"(?<![\w.,+-])(?:(?:(?:1[5-9]|20)\d\d(?!\d)[\s–—-]*){2,}(?!\d)"
    r"|\d{1,3}(?:[^\S\n]\d{3})*[^\S\n]000(?![^\S\n]?\d|-\d))"
)
_DIGIT = rf"(?:[^\S\n]|[().\-\u2010-\u2015]){{0,3}}(?!{_DATE})\d"
#: Letters of other alphabets may touch a number: "тел.8912…", "8912…звони".
_BEFORE = rf"(?<![a-z\d_])(?<!\d[.,])(?!{_DATE})"
_AFTER = r"(?![a-z\d_])"
_PHONE = (
    rf"{_BEFORE}(?:\+\s?7|\(?[78])(?:{_DIGIT}){{10}}{_AFTER}"
    rf"|{_BEFORE}(?:\+\s?)?\(?\d(?:{_DIGIT}){{9,18}}{_AFTER}|\+\d(?:{_DIGIT}){{6,18}}{_AFTER}"
    r"|(?<![a-z\d_-])(?<!\d[.,])"
    r"(?:\d{3}[ -]\d{2}[ -]\d{2}|\d{2}-\d{2}-\d{2}|\d{3}-\d{4})(?![a-z\d_-])"
)
_PLACE = re.compile(f"(?P<a_page>{_PAGE})|(?P<a_thing>{_THING})", re.IGNORECASE)
#: Without one of these in it a text has nothing of the above.
_HINT = r"[\d@*|]|//|www\.|\w\.\w|localhost|(?:mailto|tel|tg):"
_TRAILING = ".,;:!?…)]}»'"
_TAG = re.compile(r"<!--(?:(?!<!--).)*?-->|<[a-zA-Z/!?][^<>]*>", re.DOTALL)
_TAG_NAME = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,15}")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//(?:www\.)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scrubber:
    """Replaces in texts what tells who somebody is.

    Attributes:
        names: whom the archive knows.
        pseudonym: of a signed id.
        hosts: under which the instance's pages are, each `host[:port][/path]`.
        special: finds all that is no word.
        hint: finds out quickly that there is nothing of the kind.
    """

    names: Names
    pseudonym: Callable[[int], str]
    hosts: tuple[str, ...]
    special: re.Pattern[str]
    hint: re.Pattern[str]

    @classmethod
    def of(cls, names: Names, pseudonym: Callable[[int], str], hosts: Iterable[str]) -> "Scrubber":
        """One for an instance that has these addresses."""
        known = tuple(sorted({host.casefold() for host in hosts if host}, key=len, reverse=True))
        named = "|".join(map(re.escape, known)) or "(?!)"
        special = (
            f"(?P<mention>{_MENTION})|(?P<mail>{_MAIL})"
            rf"|(?P<url>{_URL}|(?<![\w.-])(?:{named})(?![\w-]){_ENDS})"
            f"|(?P<at>{_AT})|{_PLACE.pattern}|(?P<plain>{_PLAIN})|{_PHONE}"
        )
        hint = re.compile(f"{_HINT}|{named}", re.IGNORECASE)
        return cls(names, pseudonym, known, re.compile(special, re.IGNORECASE), hint)

    def text(self, text: str) -> str:
        """A plain text."""
        if not self.hint.search(text):
            return self._named(text)
        parts: list[str] = []
        position = 0
        for found in self.special.finditer(text):
            whole = found.group()
            if found["url"]:
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
        if found["mention"]:
            return self._target(found["target"])
        if found["mail"]:
            return MAIL
        if found["url"]:
            return self.link(whole)
        if found["at"]:
            handle = (found["handle"] or found["star"]).rstrip(".")
            return whole if handle.casefold() in _ALL else self._page(handle) or NAME
        if found["plain"]:
            return whole
        return self._place(found) if found["a_page"] or found["a_thing"] else PHONE

    def _target(self, target: str) -> str:
        """Whom `[id1|…]` or `[https://…|…]` means."""
        if "/" in target:
            return self.link(target)
        return self._page(target) or NAME

    def _place(self, found: re.Match[str]) -> str:
        """Of whom a page like `id1` or `wall1_2` is."""
        if found["a_thing"]:
            return self._thing(found)
        sign = _PAGES[(found["page"] or "id").casefold()]
        return self.pseudonym(sign * int(found["number"]))

    def _thing(self, found: re.Match[str]) -> str:
        kind = found["kind"].casefold()
        owner = int(found["owner"])
        if kind.rstrip("s") in _OF_GROUPS:
            owner = -abs(owner)
        number = f"_{found['count']}" if kind in _COUNTED and found["count"] else ""
        return f"{kind}{self.pseudonym(owner)}{number}"

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
