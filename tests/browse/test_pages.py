"""Pages show what the archive has: all of it, once, in its order, in every language."""

import json
import re
import shutil
from pathlib import Path

import pytest
from archives import SMALL
from effort import some
from fetching import fetch
from syncing import execute, query, run
from toy import DemoInstance, generate
from visits import Visitor, kind_of, links, text_of

from ovk_archive.archive.search.declared import SEARCHED
from ovk_archive.resources import SECTIONS


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a small life with all sections, and its files."""
    path = tmp_path_factory.mktemp("pages") / "anna.db"
    with DemoInstance(generate(size=SMALL), "B") as instance:
        assert run(instance, path, sections=SECTIONS).exit_code == 0
        fetch(instance.url, path)
    return path


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed; files are shown from there."""
    path = tmp_path / "anna.db"
    shutil.copy(made, path)
    return path


def numbers(html: str, kind: str) -> list[str]:
    """The keys of the records of a kind to which a page leads, in its order, each once."""
    found = re.findall(rf'href="/anna/-/{kind}/(-?\d+_\d+|\d+)"', html)
    return list(dict.fromkeys(found))


def following(visitor: Visitor, address: str, name: str) -> list[str]:
    """A page and all that follow it by a link of this name."""
    pages = []
    while address:
        html = visitor.html(address)
        pages.append(html)
        nav = re.search(rf'<a rel="[^"]*" href="([^"]*)">{name}</a>', html)
        address = nav[1].replace("&amp;", "&") if nav else ""
    return pages


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_that_is_linked_is_there(made: Path, language: str) -> None:
    """Whoever follows links from the first page meets sound pages only: markup that ends, nothing
    that runs but our script, nothing from elsewhere.
    """  # noqa: D205
    pages = Visitor(made, language).everything(some(50, 5))
    kinds = {kind_of(address) for address, html in pages if f'lang="{language}"' in html}

    assert kinds >= {
        *("", "wall", "post", "dialogs", "dialog", "photos", "photo", "album", "notes", "note"),
        *("audio", "playlist", "track", "videos", "video", "user", "group", "friends", "groups"),
        *("documents", "gifts", "polls", "notifications", "changes", "health", "search", "board"),
    }


def test_json_says_the_same(made: Path) -> None:
    """Each page is there for programs, too: its JSON has the records that it shows."""
    visitor = Visitor(made)
    wall = visitor.json("/anna/-/wall/1")
    shown = numbers(visitor.html("/anna/-/wall/1"), "post")
    assert {f"1_{one['id']}" for one in wall["posts"]} <= set(shown)
    for address in ("", "dialogs", "dialog/2", "photos/1", "health", "changes", "search?q=кот"):
        assert visitor.json(f"/anna/-/{address}")


def test_a_wall_shows_each_post_once(archive: Path) -> None:
    """All pages of a wall together have all of its posts, the newest first, with their texts."""
    posts = query(archive, "select id, text from posts where owner_id = 1 order by id desc")
    visitor = Visitor(archive)
    shown: list[int] = []
    address = "/anna/-/wall/1"
    while address:
        page = visitor.json(address)
        shown += [one["id"] for one in page["posts"]]
        address = page["older"]
    assert shown == [number for number, _ in posts]

    text = " ".join(text_of(html) for html in following(visitor, "/anna/-/wall/1", "Older"))
    for _, said in posts:
        first = (said or "").partition("\n")[0].partition("[")[0].partition("\t")[0]
        assert " ".join(first.split()) in text


def test_marks_of_posts(archive: Path) -> None:
    """What was deleted, edited or pinned is marked, and what was deleted stays readable."""
    execute(archive, ["update posts set gone_at = '2024-05-14T10:00:00.000000Z' where id = 21",
                      "update posts set is_pinned = 1 where owner_id = 1 and id = 20",
                      "update posts set text = 'удалённая запись' where id = 21"])  # fmt: skip
    visitor = Visitor(archive)
    text = text_of(visitor.html("/anna/-/post/1_21"))
    assert "удалённая запись" in text
    assert "deleted, noticed May 14, 2024" in text
    first = visitor.json("/anna/-/wall/1")
    assert first["pinned"]["id"] == 20


def test_what_a_post_said_before(archive: Path) -> None:
    """An edited post shows its earlier text, with what was taken out and put in."""
    key = "1_21"
    execute(archive, [
        ("insert into _records (resource, record_key, record, embedded, first_seen, content) "
        "select resource, record_key, json_set(record, '$.text', 'новый текст'), 0, "
        "'2024-01-02T00:00:00Z', 'x' from _records "
        f"where resource = 'posts' and record_key = '{key}' and not embedded"),
        (f"update _records set record = json_set(record, '$.text', 'старый текст') "
        f"where resource = 'posts' and record_key = '{key}' and content != 'x'"),
        "update posts set text = 'новый текст' where owner_id = 1 and id = 21",
    ])  # fmt: skip
    html = Visitor(archive).html(f"/anna/-/post/{key}")
    assert "edited once" in html
    assert "<del>старый</del><ins>новый</ins> текст" in html


def test_many_comments_are_on_several_pages(archive: Path) -> None:
    """Of many comments each is on one page, in the order in which they were written."""
    execute(archive, [
        "insert into comments (id, kind, owner_id, post_id, from_id, date, text) "
        f"values ({number}, 'post', 1, 21, 2, 1600000000, 'слово {number}')"
        for number in range(100_000, 100_260)
    ])  # fmt: skip
    visitor = Visitor(archive)
    pages = following(visitor, "/anna/-/post/1_21", "More comments")
    found = [int(one) for html in pages for one in re.findall(r'id="comment(\d{6})"', html)]
    assert found == list(range(100_000, 100_260))
    assert len(pages) == 3


@pytest.fixture
def talk(archive: Path) -> tuple[Path, list[int]]:
    """An archive with a conversation of 400 messages, many of them of one second."""
    execute(archive, ["delete from messages where peer_id = 2", *(
        "insert into messages (id, peer_id, from_id, date, text, out) values "
        f"({9000 - number}, 2, {1 + number % 2}, {1_500_000_000 + number // 90 * 40_000_000}, "
        f"'слово {number}', {1 - number % 2})"
        for number in range(400)
    )])  # fmt: skip
    rows = query(archive, "select id from messages where peer_id = 2 order by date, id")
    return archive, [number for (number,) in rows]


def shown(page: dict[str, object]) -> list[int]:
    """The messages on a page of a conversation."""
    told: dict[str, list[dict[str, list[dict[str, list[dict[str, int]]]]]]] = page["page"]  # type: ignore[assignment]
    return [m["id"] for day in told["days"] for turn in day["turns"] for m in turn["messages"]]


def test_a_conversation_is_read_both_ways(talk: tuple[Path, list[int]]) -> None:
    """Who goes back to the oldest page, and forth again, meets each message once."""
    archive, all_of_it = talk
    visitor = Visitor(archive)
    back: list[int] = []
    address, oldest = "/anna/-/dialog/2", ""
    while address:
        page = visitor.json(address)
        back = shown(page) + back
        address, oldest = page["older"], address
    assert back == all_of_it

    forth: list[int] = []
    address = oldest
    while address:
        page = visitor.json(address)
        forth += shown(page)
        address = page["newer"]
    assert forth == all_of_it


def test_a_message_is_found_in_its_conversation(talk: tuple[Path, list[int]]) -> None:
    """The page of a message has it, marked, with what was said around it."""
    archive, all_of_it = talk
    for number in (all_of_it[0], all_of_it[200], all_of_it[-1]):
        address = f"/anna/-/dialog/2?at={number}"
        html = Visitor(archive).html(address)
        place = all_of_it.index(number)
        around = shown(Visitor(archive).json(address))
        assert f'looked-for" id="m{number}"' in html
        assert around == all_of_it[max(0, place - 30) : place + 30]


def test_a_conversation_from_a_day_on(talk: tuple[Path, list[int]]) -> None:
    """From a day on: the first message is the first of that day or later."""
    archive, all_of_it = talk
    first = shown(Visitor(archive).json("/anna/-/dialog/2?since=2018-10-01"))[0]
    rows = query(archive, "select id from messages where peer_id = 2 and date >= 1538352000 "
                          "order by date, id limit 1")  # fmt: skip
    assert first == rows[0][0]
    assert all_of_it.index(first) == 90


def test_the_overview_counts_truly(archive: Path) -> None:
    """The numbers of the first page are those of the tables."""
    counts = Visitor(archive).json("/anna/-/")["page"]["counts"]
    for kind, sql in {
        "posts": "posts where owner_id = 1",
        "messages": "messages",
        "photos": "photos where owner_id = 1",
        "notes": "notes where owner_id = 1",
        "gifts": "gifts where user_id = 1",
    }.items():
        assert counts[kind]["number"] == query(archive, f"select count(*) from {sql}")[0][0]


def test_pictures_come_from_the_archive(made: Path) -> None:
    """Photos are shown out of the folder of files; of a file that is not here it is said why."""
    visitor = Visitor(made)
    html = visitor.html("/anna/-/photos/1")
    sources = re.findall(r'<img src="(/anna/-/media/[0-9a-f]{64})', html)
    assert len(sources) >= 8
    answer = visitor.get(sources[0])
    assert (answer.status_code, answer.media_type[:6]) == (200, "image/")

    key = numbers(html, "photo")[0]
    lost = made.with_name("lost.db")
    shutil.copy(made, lost)
    execute(lost, ["update media set state = 'gone' where kind = 'photos'"])
    page = Visitor(lost).html(f"/lost/-/photo/{key}")
    assert "The instance no longer had this file." in page
    assert 'rel="noopener noreferrer nofollow"' in page


def test_health_says_what_status_says(made: Path) -> None:
    """The page has the sentence that `status` prints, and each list with its numbers."""
    page = Visitor(made).json("/anna/-/health")["book"]
    assert page["whole"]
    assert page["sentence"] in Visitor(made).html("/anna/-/health").replace("&#39;", "'")
    held = {line["name"]: line["held"] for line in page["lines"]}
    assert held["posts"] == query(made, "select count(*) from posts where owner_id = 1")[0][0]


AFTER = "after must come from a link to the next page."


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("nothing", 404, ""),
        ("post/1_999999", 404, ""),
        ("user/999999", 404, ""),
        ("post/1", 404, ""),
        ("wall/x", 404, ""),
        ("wall/1?before=x", 400, "before must be a number."),
        ("wall/1?year=99999", 400, "year must be a year, such as 2021."),
        ("dialog/2?since=yesterday", 400, "since must be a day, such as 2021-05-14."),
        ("search?q=a&sort=worst", 400, "sort must be best, newest or oldest."),
        ("search?q=a&in=secrets", 400,
         f"in must be one of {', '.join(one.name for one in SEARCHED)}."),
        ("search?q=a&from=nobody", 400, ("Nobody whom the archive knows is called nobody: "
                                         "give the id, such as 12, or -5 for a group.")),
        ("search?q=a&after=[1,2]", 400, AFTER),
        ('search?q=a&after=[1e999,"posts",1]', 400, AFTER),
    ],
)  # fmt: skip
def test_what_is_not_there(made: Path, address: str, status: int, sentence: str) -> None:
    """What is asked for wrongly, or is not there, is told in a sentence, and for programs too."""
    answer = Visitor(made).get(f"/anna/-/{address}")
    assert answer.status_code == status
    wanted = "The archive has nothing here." if status == 404 else sentence
    assert wanted in text_of(answer.body.decode())
    asked = address.replace("?", ".json?") if "?" in address else f"{address}.json"
    told = Visitor(made).get(f"/anna/-/{asked}")
    assert (told.status_code, json.loads(told.body)["error"]) == (status, wanted)


def test_a_file_that_is_not_there(made: Path) -> None:
    """Of a file that is not here it is said so, in words of its own."""
    answer = Visitor(made).get("/anna/-/media/0000")
    assert answer.status_code == 404
    assert answer.body.decode() == "The archive does not have this file.\n"


def test_a_chosen_language_is_kept(made: Path) -> None:
    """Who chooses a language is given a cookie with it, and goes on reading in that language."""
    answer = Visitor(made).get("/anna/-/dialogs?language=ru")
    assert "ovk_language=ru" in answer.headers["set-cookie"]
    assert "<h1>Сообщения</h1>" in answer.body.decode()
    assert any("language=ru" in link for link in links(Visitor(made).html("/anna/-/dialogs")))


def test_who_likes_what(archive: Path) -> None:
    """What the account likes leads to it, and a post says who likes it."""
    number = query(archive, "select id from posts where owner_id = 1 limit 1")[0][0]
    execute(archive, [f"insert or replace into likes (kind, owner_id, item_id, user_id) values "
                      f"('post', 1, {number}, {user})" for user in (1, 2)])  # fmt: skip
    visitor = Visitor(archive)
    assert f'href="/anna/-/post/1_{number}"' in visitor.html("/anna/-/likes/1")
    assert [one["id"] for one in visitor.json(f"/anna/-/post/1_{number}")["likers"]] == [1, 2]
    assert 'href="/anna/-/likes/1"' in visitor.html("/anna/-/")
