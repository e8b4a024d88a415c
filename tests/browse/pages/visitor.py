"""Somebody who looks at the pages of an archive, in this process."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from trees import Node, harm, tree

from ovk_archive.browse.paths import encoded
from ovk_archive.browse.serving import application


class Visitor:
    """A visitor of one archive.

    Attributes:
        at: where its pages begin.
    """

    def __init__(self, archive: Path, language: str = "en") -> None:
        self.datasette = application(archive)
        self.database = encoded(archive.stem)
        self.at = f"/{self.database}/-/"
        self._headers = {"accept-language": language}

    def get(self, path: str) -> httpx.Response:
        """What is answered; the path is behind `/-/`, or begins with a slash."""
        address = path if path.startswith("/") else self.at + path

        async def ask() -> httpx.Response:
            client = self.datasette.client
            got: httpx.Response = await client.get(
                address, headers=self._headers, follow_redirects=True
            )
            return got

        return asyncio.run(ask())

    def page(self, path: str, status: int = 200) -> Node:
        """A page, which is whole and harmless."""
        return self.read(self.get(path), status)

    def read(self, answer: httpx.Response, status: int = 200) -> Node:
        """A page that was answered, which is whole and harmless."""
        path = answer.url
        assert answer.status_code == status, (path, answer.status_code, answer.text[-2000:])
        if not path.path.startswith(self.at):
            # Tables are Datasette's.
            return Node("", {})
        assert answer.headers["content-type"] == "text/html; charset=utf-8", path
        page = tree(answer.text)
        assert harm(page, self.database) == [], path
        return page

    def pages(self, path: str, most: int = 200) -> Iterator[Node]:
        """A page, and all that its last link to older ones, or to more, leads to."""
        page = self.page(path)
        yield page
        while link := further(page):
            page = self.page(link)
            yield page
            most -= 1
            assert most, f"{path} does not end"

    def json(self, path: str) -> Any:
        """What a page tells programs."""
        name, _, asked = path.partition("?")
        answer = self.get(f"{name}.json?{asked}")
        assert answer.status_code == 200, (path, answer.text[-2000:])
        assert answer.headers["content-type"] == "application/json"
        return json.loads(answer.text, parse_constant=_not_json)


def further(page: Node, way: str = "next") -> str | None:
    """Where the list of a page goes on."""
    for one in page.all("a"):
        if one.attributes.get("rel") == way:
            return one.attributes["href"]
    return None


def _not_json(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
