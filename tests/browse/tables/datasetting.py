"""Visits of Datasette's own pages, in process."""

import asyncio
import re
import sqlite3
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.database import Database

from ovk_archive.browse.serving import application


def answer(datasette: Datasette, address: str, language: str = "en") -> Any:
    """What is answered to one visit."""
    visitor = datasette.client
    found = asyncio.run(visitor.get(address, headers={"accept-language": language}))
    assert found.status_code == 200, (address, text_of(found.text)[:500])
    return found


def html(archive: Path, address: str, language: str = "en") -> str:
    """A page of Datasette on an archive; what is asked for begins behind the archive's name."""
    return str(answer(application(archive), f"/{archive.stem}{address}", language).text)


def raw(archive: Path, address: str) -> str:
    """What programs are answered."""
    return html(archive, address)


def cells(page: str, column: str) -> list[str]:
    """The cells of a column, as HTML."""
    found = re.findall(rf'<td class="col-{column}[ "][^>]*>(.*?)</td>', page, re.DOTALL)
    return [one.strip() for one in found]


def figure(page: str) -> str:
    """The plot of a page."""
    return page.partition('<figure class="ovk-plot"')[2].partition("</figure>")[0]


def text_of(page: str) -> str:
    """What people read of a page, or of a part of it."""
    bare = re.sub(r"<(style|script)\b.*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(bare).split())


def other(folder: Path, *statements: str) -> Path:
    """A database that is no archive."""
    path = folder / "other.db"
    with closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()
    return path


def beside(archive: Path, *others: Path) -> Datasette:
    """An archive and other databases in one Datasette."""
    datasette = application(archive)
    for path in others:
        datasette.add_database(Database(datasette, str(path)), path.stem)
    return datasette
