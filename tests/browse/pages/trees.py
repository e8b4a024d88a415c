"""Pages as trees, read as strictly as a validator would, and what may not stand in one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

_VOID = {"br", "hr", "img", "input", "link", "meta", "wbr", "source", "track"}
_BLOCKS = {
    *("address", "article", "aside", "blockquote", "details", "div", "dl", "figure", "footer"),
    *("form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre"),
    *("section", "table", "ul"),
}
#: What may hold only words and what stands among them.
_PHRASES = {"p", "span", "h1", "h2", "h3", "bdi", "label", "button", "mark", "del", "ins", "time"}
_ITEMS = {"ul": {"li"}, "ol": {"li"}, "dl": {"dt", "dd", "div"}, "tr": {"td", "th"}}
#: Control characters; a browser obeys none, but they have no business in a page.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
#: They turn around what follows them, up to the end of what isolates them.
_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_LOADS = {"src", "poster", "srcset", "data", "background", "formaction"}


@dataclass(eq=False)
class Node:
    """An element of a page."""

    tag: str
    attributes: dict[str, str]
    parent: "Node | None" = None
    children: "list[Node | str]" = field(default_factory=list)

    def __iter__(self) -> "Iterator[Node]":
        """All elements below, in their order."""
        left: list[Node | str] = self.children[::-1]
        while left:
            one = left.pop()
            if isinstance(one, Node):
                yield one
                left += one.children[::-1]

    def all(self, selector: str) -> "list[Node]":
        """Elements below: `tag`, `.class` or `tag.class`."""
        tag, _, name = selector.partition(".")
        return [
            one
            for one in self
            if tag in ("", one.tag)
            and (not name or name in one.attributes.get("class", "").split())
        ]

    def one(self, selector: str) -> "Node":
        """The first of them."""
        return self.all(selector)[0]

    def with_id(self, name: str) -> "Node":
        """The element of this name."""
        return next(one for one in self if one.attributes.get("id") == name)

    @property
    def above(self) -> "Iterator[Node]":
        """What it is in, from the inside outwards."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    @property
    def text(self) -> str:
        """All words in it, as they are written."""
        return "".join(one if isinstance(one, str) else one.text for one in self.children)

    @property
    def words(self) -> str:
        """All words in it, as a browser sets them."""
        return " ".join(self.text.split())

    @property
    def links(self) -> list[str]:
        """Where the links in it lead, but those to the same page in another language."""
        told = (one.attributes for one in self.all("a"))
        return [one["href"] for one in told if "href" in one and "hreflang" not in one]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.here = Node("", {})
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.here)
        self.faults += _misplaced(node)
        if len(node.attributes) < len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        self.here.children.append(node)
        if tag not in _VOID:
            self.here = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.here = self.here.parent or self.root

    def handle_endtag(self, tag: str) -> None:
        if self.here.tag != tag:
            self.faults.append(f"</{tag}> within <{self.here.tag}>")
        self.here = self.here.parent or self.root

    def handle_data(self, data: str) -> None:
        if self.here.tag in _ITEMS and data.strip():
            self.faults.append(f"words within <{self.here.tag}>")
        self.here.children.append(data)


def _misplaced(node: Node) -> Iterator[str]:
    above = [one.tag for one in node.above]
    if node.tag == "a" and "a" in above:
        yield "a link within a link"
    if node.tag in _BLOCKS and above[0] in _PHRASES:
        yield f"<{node.tag}> within <{above[0]}>"
    if above[0] in _ITEMS and node.tag not in _ITEMS[above[0]]:
        yield f"<{node.tag}> within <{above[0]}>"


def tree(html: str) -> Node:
    """A page; nothing in it is left open, closed twice or in a place where it may not be."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    ids = [one.attributes["id"] for one in parser.root if "id" in one.attributes]
    faults = parser.faults
    faults += [f"left open: <{parser.here.tag}>"] if parser.here is not parser.root else []
    faults += [f"twice: {name}" for name in {one for one in ids if ids.count(one) > 1}]
    faults += [f"no alt: {one.attributes}" for one in parser.root.all("img.") if not _has_alt(one)]
    faults += [] if len(parser.root.all("h1")) == 1 else ["not one <h1>"]
    assert not faults, faults
    return parser.root


def _has_alt(image: Node) -> bool:
    return "alt" in image.attributes


def harm(page: Node, database: str) -> list[str]:
    """What could run, load something from elsewhere, lead astray, or turn words around."""
    return [
        *(f"{one.tag}: {what}" for one in page for what in _of_element(one, database)),
        *(what for one in (page, *page) for what in _of_words(one)),
    ]


def _of_element(node: Node, database: str) -> Iterator[str]:
    for name, value in node.attributes.items():
        if name.startswith("on") or name in ("style", "srcdoc"):
            yield name
        if _CONTROLS.search(value):
            yield f"control characters in {name}"
        if name in _LOADS and not value.startswith((f"/{database}/-/media/", "/-/ovk-archive/")):
            yield f"{name}={value[:80]!r}"
    if node.tag == "script" and (node.text or "src" not in node.attributes):
        yield "a script in the page"
    if node.tag in ("style", "iframe", "object", "embed", "base", "applet", "frame"):
        yield "such an element"
    if node.tag in ("a", "link", "form"):
        yield from _of_link(node)


def _of_link(node: Node) -> Iterator[str]:
    address = node.attributes.get("href", node.attributes.get("action", ""))
    if address.startswith("#") or re.match(r"/(?![/\\])", address):
        return
    if node.tag != "a" or urlsplit(address).scheme.lower() not in ("http", "https"):
        yield f"leads to {address[:80]!r}"
    elif "noopener" not in node.attributes.get("rel", ""):
        yield f"tells where it is from: {address[:80]!r}"


def _of_words(node: Node) -> Iterator[str]:
    for one in node.children:
        if isinstance(one, str) and _CONTROLS.search(one):
            yield f"control characters in <{node.tag}>"
        if isinstance(one, str) and _TURNS.search(one) and node.tag not in ("title", "option"):
            around = (node, *node.above)
            if not any(outer.tag == "bdi" or "dir" in outer.attributes for outer in around):
                yield f"words that turn around others in <{node.tag}>"
