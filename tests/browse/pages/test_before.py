"""What records said before, on all pages that tell of it, against what happened in the world."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from archives import SMALL
from pasts import ME
from syncing import execute, query, run
from toy import DemoInstance, World, generate
from trees import Node
from visitor import Visitor

from ovk_archive.browse.showing import changes

#: What servers escape, and what looks as if they had.
ESCAPED = "1 < 2 & \"да\" 'нет' &lt;"


@dataclass(frozen=True)
class Life:
    """An archive, and the numbers of what was edited while it was kept.

    Attributes:
        post: its text had signs that servers escape; `back`: it said A, B and A again; `long`:
            it was edited at its end.
        person: was given another name, and took away the name of a city.
        deleted: a post that was deleted; a friend went away, too.
    """

    path: Path
    world: World
    post: int
    back: int
    long: int
    message: int
    comment: int
    note: tuple[int, int]
    person: int
    name: str
    city: str
    deleted: int


#: When the deleted post was missed first, and when it was missed again.
MISSED, GONE = "2026-01-30T00:00:00Z", "2026-02-03T00:00:00Z"
LONG = "слово " * 60


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """An archive with such a past."""
    world = generate(size=SMALL)
    path = tmp_path_factory.mktemp("before") / "archive.db"
    friend = world.users[world.users[ME].friends[0]]
    friend.city, friend.closed, friend.hides = "Бологое", False, frozenset()
    found = Life(
        path=path,
        world=world,
        post=world.add_post(ME, text=f"{ESCAPED} было").id,
        back=world.add_post(ME, text="Туда").id,
        long=world.add_post(ME, text=f"{LONG}конец").id,
        message=world.add_message(world.correspondents()[0], text=f"{ESCAPED} раньше").id,
        comment=world.add_comment("post", ME, 1, author=ME, text=f"{ESCAPED} сперва").id,
        note=(ME, world.add_note(ME, title="Сказ", source=f"<p>Раз два {LONG}</p>").id),
        person=friend.id,
        name=f"{friend.first_name} {friend.last_name}",
        city=friend.city,
        deleted=world.add_post(ME, text=f"{ESCAPED} удалено").id,
    )
    with DemoInstance(world, "B") as toy:
        sync(toy, path)
        world.edit_post(ME, found.post, f"{ESCAPED} стало")
        world.edit_post(ME, found.back, "И сюда")
        world.edit_post(ME, found.long, f"{LONG}начало")
        world.edit_message(found.message, f"{ESCAPED} позже")
        world.edit_comment(found.comment, f"{ESCAPED} потом")
        world.edit_note(*found.note, f"<p>Раз два {LONG}</p><p>три</p>")
        friend.first_name, friend.city = "Новое", None
        world.delete_post(ME, found.deleted)
        world.unfriend(ME, world.users[ME].friends[-1])
        sync(toy, path)
        world.edit_post(ME, found.back, "Туда")
        friend.closed = True
        friend.friends.remove(ME)
        sync(toy, path)
    times = f"update _absences set missed_at = '{MISSED}', gone_at = '{GONE}'"
    execute(path, [f"update posts set gone_at = '{MISSED}' where gone_at is not null",
                   f"{times} where gone_at is not null"])  # fmt: skip
    return found


def sync(toy: DemoInstance, path: Path) -> None:
    """All of it once more."""
    sections = ("wall", "messages", "notes", "friends", "people", "comments")
    assert run(toy, path, sections=sections, full=True).exit_code == 0


@pytest.fixture
def visitor(life: Life) -> Visitor:
    """Who looks at it."""
    return Visitor(life.path)


def kinds(node: Node, tag: str) -> list[str]:
    """The words of the elements of a kind."""
    return [one.words for one in node.all(tag)]


def test_a_former_post_is_as_its_author_wrote_it(life: Life, visitor: Visitor) -> None:
    """What a server escapes is no difference: only the word that was changed is marked."""
    text = visitor.page(f"post/{ME}_{life.post}").with_id("before").one(".text")

    assert (kinds(text, "del"), kinds(text, "ins")) == (["было"], ["стало"])
    assert text.words.startswith(f"{ESCAPED} ")


def test_edits_are_counted(life: Life, visitor: Visitor) -> None:
    """A post that said something else, and then the same again, was edited twice."""
    page = visitor.page(f"post/{ME}_{life.back}")
    formers = [one.one(".text") for one in page.all("article.former")]

    assert "edited 2 times" in page.one("p.marks").words
    assert [kinds(one, "del") for one in formers] == [["И сюда"], ["Туда"]]


def test_a_former_note(life: Life, visitor: Visitor) -> None:
    """A note shows what it said before."""
    page = visitor.page(f"note/{life.note[0]}_{life.note[1]}")

    assert [one.one(".note").words for one in page.all(".former")] == [f"Раз два {LONG}".strip()]


def test_a_message_that_was_edited(life: Life, visitor: Visitor) -> None:
    """A message says that it was edited, though nothing else of it tells."""
    peer = life.world.messages[life.message].peer_id
    told = visitor.json(f"dialog/{peer}?at={life.message}")["page"]["days"]
    counts = {
        m["id"]: m["edits"] for day in told for turn in day["turns"] for m in turn["messages"]
    }

    assert {number: n for number, n in counts.items() if n} == {life.message: 1}


def edited(visitor: Visitor) -> dict[str, list[tuple[str, str]]]:
    """The edits that are listed: the record's page -> what it said, and says."""
    found: dict[str, list[tuple[str, str]]] = {}
    for page in visitor.pages("changes"):
        for one in page.all("section")[1].all("li"):
            place = one.links[0].removeprefix(visitor.at).partition("?")[0]
            found.setdefault(place, []).append((one.one("del").words, one.one("ins").words))
    return found


def test_edits_are_listed(life: Life, visitor: Visitor) -> None:
    """Each edit is listed with both texts, as people wrote them: of posts, messages, comments,
    and of notes without markup; and nothing else.
    """  # noqa: D205
    found = edited(visitor)

    assert found[f"post/{ME}_{life.post}"] == [(f"{ESCAPED} было", f"{ESCAPED} стало")]
    assert found[f"post/{ME}_{life.back}"] == [("И сюда", "Туда"), ("Туда", "И сюда")]
    assert found.pop(f"comment/{life.comment}") == [(f"{ESCAPED} сперва", f"{ESCAPED} потом")]
    messages = [texts for place, texts in found.items() if place.startswith("dialog/")]
    messages += [texts for place, texts in found.items() if "messages" in place]
    assert messages == [[(f"{ESCAPED} раньше", f"{ESCAPED} позже")]]
    assert len(found) == 6


def test_an_edit_behind_the_beginning(life: Life, visitor: Visitor) -> None:
    """An edit at the end of a long text is listed, with the words around it."""
    found = edited(visitor)
    ((was, now),) = found[f"post/{ME}_{life.long}"]
    assert (was.split()[-2:], now.split()[-2:]) == (["слово", "конец"], ["слово", "начало"])
    assert len(was) < 250

    ((was, now),) = found[f"note/{life.note[0]}_{life.note[1]}"]
    assert now.removeprefix(was).split() == ["три"]
    assert "<" not in now


def test_a_person_who_was_renamed_is_listed(life: Life, visitor: Visitor) -> None:
    """Another name is an edit; that a profile was closed, and hides a city, is none."""
    ((was, now),) = edited(visitor)[f"user/{life.person}"]

    assert was == f"{life.name} — {life.city}"
    assert now == f"Новое {life.name.split()[1]}"


def test_what_somebody_took_away(life: Life, visitor: Visitor) -> None:
    """A profile has what was taken away, and the name that was another; not what it hides."""
    earlier = visitor.page(f"user/{life.person}").all("section")[-1]
    told = [one.words.partition(" last seen")[0] for one in earlier.all("dt")]

    assert dict(zip(told, kinds(earlier, "dd"), strict=True)) == {
        "Name": life.name,
        "City": life.city,
    }


def test_what_was_deleted_is_listed(life: Life, visitor: Visitor) -> None:
    """What was deleted is listed with its words and the day that the post itself tells; that two
    people are friends no more is on their own pages.
    """  # noqa: D205
    assert query(life.path, "select count(*) from _absences where resource = 'friends'") != [(0,)]
    (line,) = visitor.page("changes").one("section").all("li")
    card = visitor.page(f"post/{ME}_{life.deleted}").one("article.card")

    assert line.links == [f"{visitor.at}post/{ME}_{life.deleted}"]
    assert line.one("div").words == f"{ESCAPED} удалено"
    assert line.one("span").words == "January 30, 2026"
    assert card.one("span.gone").words == "deleted, noticed January 30, 2026"


def test_all_that_was_deleted_is_listed_once(
    life: Life, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over all pages each deletion stands once, the newest first, also of one moment."""
    monkeypatch.setattr(changes, "PAGE", 3)
    copy = tmp_path / "archive.db"
    copy.write_bytes(life.path.read_bytes())
    day = f"substr('{MISSED}', 1, 8) || printf('%02d', id % 3 + 1)"
    put = "insert into _absences (resource, record_key, missed_at, gone_at) "
    posts = f"from posts where owner_id = {ME} and id < 12"
    execute(copy, [f"{put} select 'posts', '{ME}_' || id, {day}, '{GONE}' {posts}"])
    visitor, lines, link = Visitor(copy), [], "changes"
    while link:
        section = visitor.page(link).one("section")
        lines += [
            (one.one("span").words, one.links[0].rpartition("/")[2]) for one in section.all("li")
        ]
        link = next((one for one in section.links if "?at=" in one), "")

    ((number,),) = query(life.path, f"select count(*) + 1 {posts}")
    assert len({key for _, key in lines}) == len(lines) == number > 9
    assert [day for day, _ in lines] == sorted((day for day, _ in lines), reverse=True)


def test_pictures_of_a_former_note(life: Life, tmp_path: Path) -> None:
    """A picture that a note had before is shown where it is here, though the note lost it."""
    copy = tmp_path / "archive.db"
    copy.write_bytes(life.path.read_bytes())
    key, url = f"{ME}_{life.note[1]}", "https://example.org/a.png"
    text = f'<p>Раз <img src="{url}" alt="кот"></p>'
    file = f"'{url}', 'notes', 'stored', '{7:064}'"
    first = f"select min(id) from _versions where resource = 'notes' and record_key = '{key}'"
    said = f"json_set(record, '$.text', '{text}')"
    execute(copy, [f"insert into media (url, kind, state, sha256) values ({file})",
                   f"update _records set record = {said} where id = ({first})"])  # fmt: skip
    page = Visitor(copy).page(f"note/{key}")

    (picture,) = page.one(".former").all("img.")
    assert picture.attributes["src"].endswith(f"/media/{7:064}")
    assert not page.one(".note").all("img.")
