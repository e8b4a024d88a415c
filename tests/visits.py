"""Visits of an archive's pages, as a browser makes them, and what is to hold for each page."""

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ovk_archive.browse.pages.answers import Asked, answered
from ovk_archive.browse.showing.parts.reading import Plain

#: Elements that have no end.
_EMPTY = {"meta", "link", "img", "input", "br", "hr", "rect"}
_SIZE = 400_000


@dataclass
class Visitor:
    """Asks for pages of one archive.

    Attributes:
        asked: what the archive was asked for each kind of page, statement by statement.
    """

    archive: Path
    language: str = "en"
    asked: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def get(self, address: str) -> Any:
        """The answer to an address, which begins with the archive's name."""
        parts = urlsplit(address)
        _, name, _, path = parts.path.split("/", 3)
        asked = Asked(
            database=name,
            path=path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            accepts=self.language,
            cookie="",
            scope={"type": "http", "method": "GET", "headers": []},
        )
        with closing(sqlite3.connect(f"file:{self.archive}?mode=ro", uri=True)) as db:
            db.text_factory = lambda raw: raw.decode("utf-8", "replace")
            db.set_trace_callback(self.asked[path.partition("/")[0]].add)
            return answered(Plain(db), self.archive, asked)

    def html(self, address: str) -> str:
        """A page; what is to hold for each page is looked at."""
        answer = self.get(address)
        assert answer.status_code == 200, (address, text_of(answer.body.decode()))
        html: str = answer.body.decode()
        faults = list(faults_of(html, self.archive.stem))
        assert not faults, (address, faults[:5])
        assert len(html) < _SIZE, (address, len(html))
        return html

    def json(self, address: str) -> Any:
        """What a page shows, for programs."""
        path, mark, query = address.partition("?")
        answer = self.get(f"{path}.json{mark}{query}")
        assert answer.status_code == 200, address
        return json.loads(answer.body)

    def everything(self, each: int) -> Iterator[tuple[str, str]]:
        """Pages that one comes to from the first: address and HTML; so many of each kind."""
        todo = [f"/{self.archive.stem}/-/"]
        seen = set(todo)
        kinds: Counter[str] = Counter()
        for address in todo:
            html = self.html(address)
            yield address, html
            for link in links(html):
                plain = link.partition("#")[0]
                kind = kind_of(plain)
                if self._is_page(plain) and plain not in seen and kinds[kind] < each:
                    seen.add(plain)
                    kinds[kind] += 1
                    todo.append(plain)

    def _is_page(self, address: str) -> bool:
        of_files = f"/{self.archive.stem}/-/media/"
        # These lead on to a page.
        leads = "/-/called/" in address or "/-/comment/" in address
        is_other = "language=" in address or leads
        return (
            address.startswith(f"/{self.archive.stem}/-/")
            and not address.startswith(of_files)
            and not is_other
        )


def kind_of(address: str) -> str:
    """The kind of page at an address: `wall`, `post`."""
    parts = address.partition("?")[0].split("/")
    return parts[3] if len(parts) > 3 else ""


def links(html: str) -> list[str]:
    """Where a page leads."""
    return [unescape(link) for link in re.findall(r'<a [^>]*href="([^"]*)"', html)]


def text_of(html: str) -> str:
    """What people read of a page."""
    bare = re.sub(r"<[^>]*>", "", html.partition("<main")[2] or html)
    return " ".join(unescape(bare).split())


def faults_of(html: str, name: str) -> Iterator[str]:
    """What is wrong with a page: its markup, what runs in it, what it asks others for."""
    reader = _Reader(name)
    reader.feed(html)
    yield from reader.faults
    yield from (f"<{tag}> is not ended" for tag in reader.open)
    if reader.headings != 1:
        yield f"{reader.headings} h1"


class _Reader(HTMLParser):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.headings = 0
        self._ours = ("/-/ovk-archive/", f"/{name}/")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {key: value or "" for key, value in attrs}
        self.headings += tag == "h1"
        self.faults += [
            f"{key}= on <{tag}>" for key in told if key.startswith("on") or key == "style"
        ]
        if tag in ("style", "iframe", "object", "embed", "base", "form") and tag != "form":
            self.faults.append(f"<{tag}>")
        if tag == "script" and not told.get("src", "").startswith("/-/ovk-archive/"):
            self.faults.append("a script that is not ours")
        for key in ("src", "poster", "action"):
            if key in told and not told[key].startswith(self._ours):
                self.faults.append(f"{key}={told[key]}")
        if tag == "img" and "src" in told and "alt" not in told:
            self.faults.append("<img> without alt")
        if "href" in told:
            self._look_at_link(told)
        if tag not in _EMPTY:
            self.open.append(tag)

    def _look_at_link(self, told: dict[str, str]) -> None:
        href = told["href"]
        if href.startswith(("#", *self._ours)) or href == f"{self._ours[1][:-1]}":
            return
        if not href.startswith(("http://", "https://")) or "noopener" not in told.get("rel", ""):
            self.faults.append(f"a link to {href[:80]!r}")

    def handle_endtag(self, tag: str) -> None:
        if tag in _EMPTY:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> where another is open")
