"""Whatever stands in an archive, its pages run nothing, ask nobody, and are there."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from archives import everything
from beginnings import begun
from syncing import query
from visits import Visitor

from ovk_archive.archive.opening import Identity
from ovk_archive.resources import TABLES

EVIL = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'>--></title></textarea>"
    '{{ 7*7 }}{% raw %} javascript:alert(1) https://evil.example/"onmouseover=alert(1) '
    '[id1|<b>x</b>] [evil|"><script>] @anna #тег \u202eобратно\u202c \u200b\u200d '
    "\x01\x07\x1b[31m a\nb\tc & &amp; &lt;i&gt;"
)
LONG_NAME = "и\u0301" * 300 + "\n\n\u202e" + "W" * 300
#: Kept as they are: they say what belongs to what.
_SENSE = {"kind", "resource", "record_key", "type", "state", "path", "sha256", "key", "direction"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive of all sections, to be changed."""
    path = tmp_path / "evil.db"
    path.write_bytes(everything())
    return path


def texts() -> Iterator[tuple[str, str]]:
    """Columns with text that people or servers fill."""
    for table in TABLES:
        for column in table.columns:
            if column.type is str and column.name not in (*_SENSE, *table.key):
                yield table.name, column.name


def change(path: Path, *statements: tuple[str, tuple[object, ...]]) -> None:
    """Change an archive as another program could."""
    with closing(sqlite3.connect(path)) as db:
        for statement, values in statements:
            db.execute(statement, values)
        db.commit()


def walk(path: Path) -> list[str]:
    """The pages of an archive: each is looked at as it comes."""
    return [address for address, _ in Visitor(path).everything(5)]


def test_markup_and_scripts_in_every_text(archive: Path) -> None:
    """Text in any column is shown as text: it is no markup, no address, no template."""
    change(archive, *(
        (f'update "{table}" set "{column}" = ?', (EVIL,)) for table, column in texts()
    ))  # fmt: skip
    pages = walk(archive)
    assert len(pages) > 60
    assert "7*7" in Visitor(archive).html("/evil/-/wall/1")


ADDRESSES = ["javascript:alert(1)", "data:text/html,<script>", "//evil.x/", "http://[::1"]


@pytest.mark.parametrize("address", [*ADDRESSES, 'https://evil.example/"><script>', "\x00"])
def test_addresses(archive: Path, address: str) -> None:
    """No address that a server tells is loaded; one that is no web address is no link."""
    change(archive, *(
        (f'update "{table}" set "{column}" = ?', (address,))
        for table, column in texts()
        if "url" in column or column in ("player", "copyright", "site", "preview")
    ), ("update media set state = 'gone', url = ? || rowid", (address,)))  # fmt: skip
    for page in ("photos/1", "audio/1", "videos/1", "documents", "wall/1", "gifts/1", "user/2"):
        Visitor(archive).html(f"/evil/-/{page}")


def test_long_names_and_texts(archive: Path) -> None:
    """Names of hundreds of letters and lines, and texts of a hundred thousand, break no page."""
    change(archive, ("update users set name = ?, screen_name = ?", (LONG_NAME, "a" * 64)),
           ("update posts set text = ? where id % 9 = 0", ("ш" * 100_000,)),
           ("update messages set text = ? where id % 40 = 0", ("<" * 50_000,)),
           ("update notes set text = ? where id = 1", ("<p>" * 9000 + "ы" * 90_000,)))  # fmt: skip
    for page in ("", "dialogs", "user/2", "friends/1", "changes", "note/1_1"):
        Visitor(archive).html(f"/evil/-/{page}")


@pytest.mark.parametrize("value", [0, -1, 10**18, None, "вчера", 253402300800, 1.5])
def test_odd_times(archive: Path, value: object) -> None:
    """A time that can be none is left out, or shown as it is."""
    change(archive, *(
        (f'update "{table.name}" set "{column.name}" = ?', (value,))
        for table in TABLES
        for column in table.columns
        if column.unit and column.unit.startswith("unix time")
    ))  # fmt: skip
    for page in ("", "wall/1", "dialogs", "dialog/2", "photos/1", "notes/1", "gifts/1",
                 "notifications", "board/1", "videos/1", "search?q=a"):  # fmt: skip
        Visitor(archive).html(f"/evil/-/{page}")


def test_nothing_where_nothing_need_be(archive: Path) -> None:
    """Where a column may be empty, all of them are, and every page is there."""
    change(archive, *(
        (f'update "{table.name}" set "{column.name}" = null', ())
        for table in TABLES
        for column in table.columns
        if column.name not in (*_SENSE, *table.key, "owner_id", "peer_id", "post_id", "user_id")
    ))  # fmt: skip
    assert len(walk(archive)) > 30


@pytest.mark.parametrize("repeated", ["", "null", "[]", "{}", "7", '["x"]', "[[[[", '[{"id": "x"}]',
                                      '[{"owner_id": 1, "id": 1, "from_id": [], "text": {}}]',
                                      "[" * 5000 + "]" * 5000])  # fmt: skip
def test_what_is_repeated_may_be_anything(archive: Path, repeated: str) -> None:
    """A repost whose original is told in no known way is a post without it."""
    change(archive, ("update posts set copy_history = ?", (repeated,)))
    Visitor(archive).html("/evil/-/wall/1")


def test_what_is_attached_may_be_nowhere(archive: Path) -> None:
    """Attachments of which the archive has no record, or whose kind nobody knows, are told of."""
    change(archive, ("update attachments set object_id = 100000 where position = 0", ()),
           ("update attachments set type = 'hologram' where position = 1", ()),
           ("delete from poll_answers", ()))  # fmt: skip
    html = "".join(page for _, page in Visitor(archive).everything(4))
    assert "Something was attached here" in html


def test_five_thousand_comments(archive: Path) -> None:
    """A post with thousands of comments shows the first of them, and leads to the rest."""
    number = query(archive, "select id from posts where owner_id = 1 limit 1")[0][0]
    change(archive, *(
        (("insert into comments (id, kind, owner_id, post_id, from_id, date, text) "
         "values (?, 'post', 1, ?, 2, 1600000000, 'слово')"), (100_000 + n, number))
        for n in range(5000)
    ))  # fmt: skip
    html = Visitor(archive).html(f"/evil/-/post/1_{number}")
    assert html.count('class="comment') <= 110
    assert "More comments" in html


def test_an_empty_archive(tmp_path: Path) -> None:
    """An archive in which nothing was saved yet has its pages all the same."""
    path = tmp_path / "evil.db"
    begun(path, Identity("demo", 1, "http://demo"))
    shutil.copy(path, tmp_path / "copy.db")
    for page in ("", "wall/1", "dialogs", "dialog/2", "photos/1", "audio/1", "changes", "health",
                 "search?q=a", "documents", "polls", "gifts/1", "notifications"):  # fmt: skip
        Visitor(path).html(f"/evil/-/{page}")
