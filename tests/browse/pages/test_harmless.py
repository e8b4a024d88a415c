"""Whatever stands in an archive, pages stay whole, small and harmless."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pasts import ME, Past, past
from visitor import Visitor

from ovk_archive.archive.search import index
from ovk_archive.resources import TABLES
from ovk_archive.resources.wall import POSTS

#: Bytes of a page, without media; pages of one kind that are looked at.
MOST, OF_A_KIND = 300_000, 2
MARKUP = (
    '<script>alert(1)</script>" onmouseover=\'alert(1)\' style="x:y" <img src=x onerror=alert(1)>',
    "</title></textarea></style><svg onload=alert(1)> {{ 7*7 }} {% raw %} &lt;b&gt; ]]> --> <!--",
    'javascript:alert(1) [id1|<script>alert(2)</script>] [club1|"><img src=x onerror=alert(3)>]',
    'https://evil.example/"onclick=alert(1) http://evil.example/<script> #тег"onx= @name"><b>',
    "\u202eслева направо\u202d \u2066\u2067 \u200b\u200c\u200d\ufeff \x85\u2028 строка\nдругая\r\n",
    "\x00\x01\x02\x08\x0b\x1b[31m\x7f\tс табом",
)
NASTY = " ".join(MARKUP)
ADDRESSES = (
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "\x01javascript:x()"),
    *(
        "java\tscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "http://[",
    ),
    *("//evil.example/x", 'https://evil.example/"><script>alert(1)</script>', "file:///etc/passwd"),
    "\\\\evil.example",
)
#: 100 kB in one line; a name of 300 letters.
LONG_LINE, LONG_NAME = "щ" * 50_000, "Ы" * 300
MOMENTS = (0, -1, -(10**12), 10**18, (1 << 63) - 1, None)
NUMBERS = ("text", "", 10**18, -(10**18), 1.5, 9e999, None)
NO_JSON = (
    *("{", "null", "7", '"text"', "[[[]]]", "[null, 1, true]", "[" * 50_000),
    '{"a":' * 5000 + "1" + "}" * 5000,
    '[{"id": "x", "owner_id": [], "from_id": {}, "date": "y", "text": {"a": 1}}]',
    '[{"id": 1e999, "text": "\\ud800 \\u0000", "date": 1e300, "from_id": 99999999999999999999999}]',
    json.dumps([{"id": n, "owner_id": -5, "text": "щ" * 3000, "from_id": n} for n in range(100)]),
)
#: What servers may have sent as a record.
RECORDS = (
    *('{"text": 7}', '{"text": {"a": "<b>"}}', '{"text": null}', '{"text": "\\ud83d x"}', "[]"),
    *("7", '{"text": ["<script>"]}'),
)

#: A statement and its values.
Statement = tuple[str, Sequence[Any]]
#: What rows are found by, and what the program alone writes.
_FOUND_BY = {
    *("owner_id", "peer_id", "user_id", "post_id", "photo_id", "note_id", "topic_id", "group_id"),
    *("album_id", "playlist_id", "poll_id", "audio_id", "screen_name", "is_pinned", "resource"),
    *("record_key", "kind", "state", "sha256", "path"),
}
_ADDRESSES = {"url", "photo_url", "image_url", "cover_url", "player", "copyright", "site"}
_DATES = {"date", "created", "updated", "end_date", "last_seen", "modified", "start_date"}


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """An archive with a past."""
    return past(tmp_path_factory.mktemp("hostile"))


def columns(kind: type) -> Iterator[tuple[str, str]]:
    """Table and column of all columns of this kind that a server may fill with anything."""
    for table in TABLES:
        for column in table.columns:
            is_key = column.name in {*table.key, *_FOUND_BY}
            if column.type is kind and not is_key and table.name != "media":
                yield table.name, column.name


def filled(some: Iterator[tuple[str, str]], values: Sequence[Any]) -> list[Statement]:
    """Each row has another of these values in each of these columns."""
    cases = " ".join(f"when {number} then ?" for number in range(len(values)))
    which = f"case abs(rowid) % {len(values)} {cases} end"
    return [(f'update "{table}" set "{column}" = {which}', values) for table, column in some]


def spoilt(
    life: Past, path: Path, statements: Sequence[Statement], *, anew: bool = False
) -> Visitor:
    """The archive after somebody wrote into it; with `anew`, the search knows of its posts."""
    path.write_bytes(life.path.read_bytes())
    with closing(sqlite3.connect(path)) as db, db:
        triggers = "select name from sqlite_master where type = 'trigger'"
        for (name,) in db.execute(triggers).fetchall():
            db.execute(f'drop trigger "{name}"')
        for sql, values in statements:
            db.execute(sql, values)
        if anew:
            index.remake(db, (POSTS,))
    return Visitor(path)


def every_page(visitor: Visitor) -> Counter[str]:
    """Looks at pages of all kinds, as far as links lead: at the first ones of each kind."""
    todo, met = [visitor.at], Counter("")
    seen = set(todo)
    while todo:
        address = todo.pop(0)
        answer = visitor.get(address)
        assert len(answer.content) < MOST, (address, len(answer.content))
        if answer.status_code == 404:
            continue
        for link in (one.partition("#")[0] for one in visitor.read(answer).links):
            kind = link.removeprefix(visitor.at).partition("/")[0].partition("?")[0]
            is_page = link.startswith(visitor.at) and kind != "media" and "language=" not in link
            if is_page and link not in seen and met[kind] < OF_A_KIND:
                met[kind] += 1
                seen.add(link)
                todo.append(link)
    assert len(met) > 20
    return met


def test_texts_that_are_no_texts(life: Past, tmp_path: Path) -> None:
    """Markup, addresses, controls and what turns words around, in every text column."""
    texts = (one for one in columns(str) if one[1] not in _ADDRESSES)
    addresses = (one for one in columns(str) if one[1] in _ADDRESSES)
    statements = [*filled(texts, (NASTY,)), *filled(addresses, ADDRESSES)]
    statements.append(("update _archive set value = ? where name = 'instance'", (NASTY,)))
    visitor = spoilt(life, tmp_path / "archive.db", statements, anew=True)

    every_page(visitor)
    results = visitor.page("search?q=alert").one("ol.results").all("li")
    assert len(results) == 20
    assert "<script>alert" in visitor.page(f"post/{ME}_{life.pinned}").one(".text").text


def test_very_long_texts(life: Past, tmp_path: Path) -> None:
    """Lines of 100 kB, and names of 300 letters: lists show how they begin."""
    of_texts = ("text", "description", "about", "message", "question")
    names = filled((one for one in columns(str) if one[1] not in of_texts), (LONG_NAME,))
    texts = filled((one for one in columns(str) if one[1] in of_texts), (LONG_LINE,))
    visitor = spoilt(life, tmp_path / "archive.db", [*names, *texts])

    every_page(visitor)
    assert LONG_LINE in visitor.page(f"post/{ME}_{life.pinned}").one(".text").text
    (name,) = visitor.page("user/2").one("h1").all("bdi")
    assert name.attributes["title"] == LONG_NAME
    assert len(name.words) < 100


def test_moments_that_are_none(life: Past, tmp_path: Path) -> None:
    """Dates of 0, of before 1970, of the end of time, and no date at all."""
    dates = (one for one in columns(int) if one[1] in _DATES)

    visitor = spoilt(life, tmp_path / "archive.db", filled(dates, MOMENTS))
    assert every_page(visitor)["post"] == OF_A_KIND


def test_numbers_that_are_none(life: Past, tmp_path: Path) -> None:
    """Words, nothing, huge and broken numbers where a number is due."""
    visitor = spoilt(life, tmp_path / "archive.db", filled(columns(int), NUMBERS))

    every_page(visitor)
    for path in ("", f"wall/{ME}", f"dialog/{life.talk}", f"photos/{ME}", "polls", "documents"):
        assert visitor.json(path)


def test_nothing_everywhere(life: Past, tmp_path: Path) -> None:
    """Every column that may be empty is empty."""
    every_column = (one for kind in (int, str) for one in columns(kind))

    visitor = spoilt(life, tmp_path / "archive.db", filled(every_column, (None,)))
    assert every_page(visitor)["post"] == OF_A_KIND


def test_what_is_repeated_may_be_anything(life: Past, tmp_path: Path) -> None:
    """What should be the JSON of repeated posts is none, or of another shape, or without end."""
    statements = filled(iter([("posts", "copy_history")]), NO_JSON)
    visitor = spoilt(life, tmp_path / "archive.db", statements)

    every_page(visitor)
    for post in life.world.wall(ME)[: len(NO_JSON)]:
        visitor.page(f"post/{ME}_{post.id}")
        assert visitor.json(f"post/{ME}_{post.id}")


def test_what_is_attached_may_be_nowhere(life: Past, tmp_path: Path) -> None:
    """Attachments of unknown kinds, without owners or numbers, and files that are lost."""
    of = "update attachments set {} where position % 7 = {}".format
    statements: list[Statement] = [
        (of("type = ?", 0), (NASTY,)),
        (of("type = null", 1), ()),
        (of("owner_id = null", 2), ()),
        (of("object_id = null", 3), ()),
        (of("object_id = object_id + 1000", 4), ()),
        (of("owner_id = 'x', object_id = 9e999", 5), ()),
        ("update photos set url = 'javascript:alert(1)' where id % 3 = 0", ()),
        ("delete from users where id > 3", ()),
        ("delete from polls where id % 2 = 0", ()),
    ]
    states = ("gone", "refused", "unavailable", "stored", None)
    statements += filled(iter([("media", "state")]), states)
    statements += [("update media set sha256 = null where rowid % 2", ())]

    assert every_page(spoilt(life, tmp_path / "archive.db", statements))["post"] == OF_A_KIND


def test_very_many_comments(life: Past, tmp_path: Path) -> None:
    """Five thousand comments under one post, some as long as a book: each once, in order."""
    rows = (
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) insert "
        "into comments (id, kind, owner_id, post_id, from_id, date, text) "
        "select 1000000 + i, 'post', ?, ?, 1 + i % 9, i, "
        "case i % 500 when 7 then ? else 'слово ' || i end from n"
    )
    visitor = spoilt(life, tmp_path / "archive.db", [(rows, (ME, life.pinned, LONG_LINE))])
    link, met, pages = f"post/{ME}_{life.pinned}", [], 0
    while link:
        told = visitor.json(link.removeprefix(visitor.at))
        met += [one["id"] for one in told.get("post", told)["comments"]]
        if pages < 3:
            answer = visitor.get(link)
            assert len(answer.content) < MOST
            visitor.read(answer)
        link, pages = told["more"], pages + 1

    assert met[-5000:] == list(range(1_000_001, 1_005_001))
    assert pages >= 50
    (card,) = visitor.page(f"wall/{ME}").one("main").all("article.card")[:1]
    assert len(card.all("article.comment")) == 3


def test_former_texts_may_be_anything(life: Past, tmp_path: Path) -> None:
    """Versions hold what servers sent: numbers, objects and halves of letters among texts."""
    sql = (
        "insert into _records (resource, record_key, embedded, first_seen, record) "
        "select ?, ?, 0, ?, ?"
    )
    records = {
        "posts": f"{ME}_{life.pinned}",
        "notes": f"{ME}_2",
        "users": "2",
        "messages": "5",
        "groups": "1",
    }
    statements: list[tuple[str, tuple[str, ...]]] = [
        (sql, (table, key, NASTY, record)) for table, key in records.items() for record in RECORDS
    ]
    seen = (
        "insert into _sightings (id, last_seen) select id, ?1 from _records where first_seen = ?1"
    )
    statements.append((seen, (NASTY,)))
    visitor = spoilt(life, tmp_path / "archive.db", statements)

    every_page(visitor)
    for path in (f"post/{records['posts']}", f"note/{ME}_2", "user/2", "group/1", "changes"):
        visitor.page(path)
        assert visitor.json(path)
