"""Conversations as pages show them: every message once, in its order, whichever way one pages."""

from dataclasses import replace
from pathlib import Path

import pytest
from pasts import NOTICED, Past, past
from syncing import execute, query
from trees import Node
from visitor import Visitor, further

from ovk_archive.browse.showing import conversation

#: Messages of a small page.
SMALL = 7


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """An archive with a past."""
    return past(tmp_path_factory.mktemp("talks"))


@pytest.fixture(scope="module")
def visitor(life: Past) -> Visitor:
    """Who looks at it."""
    return Visitor(life.path)


@pytest.fixture
def odd(life: Past, tmp_path: Path) -> Past:
    """The same, but some messages have no date, or one that cannot be."""
    copy = tmp_path / "archive.db"
    copy.write_bytes(life.path.read_bytes())
    numbers = [number for (number,) in query(copy, IN_ORDER.format(life.talk))]
    values = ("null", "null", "0", "null", "-5", "1000000000000000000", "null", "0", "null")
    dates = zip(numbers[::4], values, strict=False)
    execute(copy, [f"update messages set date = {date} where id = {n}" for n, date in dates])
    return replace(life, path=copy)


IN_ORDER = "select id from messages where peer_id = {} order by date, id"


def numbers(page: Node) -> list[int]:
    """The messages of a page."""
    return [int(one.attributes["id"][1:]) for one in page.all(".bubble")]


def all_of(visitor: Visitor, talk: int, way: str, start: str) -> list[list[int]]:
    """All pages of a conversation, in one direction."""
    found, link = [], f"dialog/{talk}{start}"
    while link:
        page = visitor.page(link)
        found.append(numbers(page))
        link = neighbour(page, way)
        assert len(found) < 100
    return found


def neighbour(page: Node, way: str) -> str:
    """The page before, or behind."""
    return next((one for one in page.links if f"?{way}=" in one), "")


def test_every_message_as_it_is(life: Past, visitor: Visitor) -> None:
    """Each message stands once, with its words, on the side of its author; edits are marked."""
    for talk in life.world.correspondents():
        pages = [visitor.page(link) for link in links_back(visitor, talk)]
        met = [one for page in reversed(pages) for one in page.all(".bubble")]
        held = query(life.path, IN_ORDER.format(talk))
        assert [one.attributes["id"] for one in met] == [f"m{number}" for (number,) in held]
        assert {message.id for message in life.world.history(talk)} <= {n for (n,) in held}
        for node in met:
            message = life.world.messages[int(node.attributes["id"][1:])]
            turn = next(one for one in node.above if "turn" in one.attributes.get("class", ""))
            assert node.one(".text").words == " ".join(message.text.split())
            assert ("mine" in turn.attributes["class"]) == message.out
            is_gone = str(message.id) == life.gone["messages"]
            assert bool(node.all("span.gone")) == is_gone
            assert ("edited" in node.words) == (f"messages {message.id}" in life.former)


def links_back(visitor: Visitor, talk: int) -> list[str]:
    """The pages of a conversation, from the newest back."""
    found = [f"dialog/{talk}"]
    while link := neighbour(visitor.page(found[-1]), "before"):
        found.append(link)
    return found


@pytest.mark.parametrize("has_odd_dates", [False, True])
def test_both_ways_meet_everything_once(
    has_odd_dates: bool, life: Past, odd: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the newest back, and from there on again: each once, in one order, of one second too."""
    monkeypatch.setattr(conversation, "PAGE", SMALL)
    one = odd if has_odd_dates else life
    visitor = Visitor(one.path)
    # What has no date comes first, as SQLite sorts it.
    expected = [number for (number,) in query(one.path, IN_ORDER.format(one.talk))]

    back = all_of(visitor, one.talk, "before", "")
    assert [number for page in reversed(back) for number in page] == expected
    assert len(back) > 5
    on = all_of(visitor, one.talk, "after", f"?before={expected[1]}")
    assert [number for page in on for number in page] == expected


@pytest.mark.parametrize("has_odd_dates", [False, True])
def test_a_message_is_shown_among_its_neighbours(
    has_odd_dates: bool, life: Past, odd: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`at` shows what was said around a message, without a gap; and it is tinted."""
    monkeypatch.setattr(conversation, "PAGE", SMALL)
    one = odd if has_odd_dates else life
    visitor = Visitor(one.path)
    expected = [number for (number,) in query(one.path, IN_ORDER.format(one.talk))]
    for place, number in [*enumerate(expected)][::2]:
        page = visitor.page(f"dialog/{one.talk}?at={number}")
        met = numbers(page)
        assert number in met
        assert met == expected[expected.index(met[0]) :][: len(met)]
        (tinted,) = page.all(".looked-for")
        assert tinted.attributes["id"] == f"m{number}"
        assert bool(neighbour(page, "before")) == (met[0] != expected[0]), place
        assert bool(neighbour(page, "after")) == (met[-1] != expected[-1]), place


def test_a_day_is_found(life: Past, visitor: Visitor) -> None:
    """`since` shows what was said from a day on, and the way to what was said before."""
    talk = life.world.correspondents()[-1]
    history = life.world.history_upwards(talk)
    day = query(life.path, f"select date({history[5].date}, 'unixepoch')")[0][0]
    page = visitor.page(f"dialog/{talk}?since={day}")
    held = query(life.path, f"select id from messages where peer_id = {talk} and "
                            f"date >= unixepoch('{day}') order by date, id")  # fmt: skip

    assert numbers(page) == [number for (number,) in held]
    first = life.world.messages[numbers(page)[0]]
    assert bool(neighbour(page, "before")) == (first.id != history[0].id)


def test_the_years_of_a_conversation(life: Past, odd: Past) -> None:
    """The years at the top have the number of their messages; of impossible dates there is none."""
    for one in (life, odd):
        strip = Visitor(one.path).page(f"dialog/{one.talk}").one("nav.strip")
        expected = query(
            one.path,
            "select strftime('%Y', date, 'unixepoch'), count(*) from messages "
            f"where peer_id = {one.talk} and date between 1 and 4000000000 group by 1 order by 1",
        )
        assert [one.words for one in strip.all("a")] == [f"{year} {n}" for year, n in expected]


def test_all_conversations(life: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every conversation is listed once, the one of the last word first, with how that begins."""
    monkeypatch.setattr("ovk_archive.browse.showing.dialogs.PAGE", 1)
    pages = list(Visitor(life.path).pages("dialogs"))
    lines = [one for page in pages for one in page.one("ul.dialogs").all("li")]

    assert [int(one.links[0].rpartition("/")[2].partition("#")[0]) for one in lines] == sorted(
        life.world.correspondents(), key=lambda one: -life.world.history(one)[0].date
    )
    for line in lines:
        last = life.world.history_upwards(int(line.links[0].rpartition("/")[2].partition("#")[0]))[
            -1
        ]
        assert line.one("span.line").words.removeprefix("You: ") == " ".join(last.text.split())
        assert line.one("span.line").words.startswith("You: ") == last.out
    assert further(pages[-1]) is None


def test_a_deleted_last_message_is_marked(odd: Past) -> None:
    """In the list of conversations, too, it is seen that what was said last is gone there."""
    sql = f"select id from messages where peer_id = {odd.talk} order by date desc, id desc"
    last = query(odd.path, sql)[0][0]

    def marks() -> list[str]:
        lines = Visitor(odd.path).page("dialogs").one("ul.dialogs").all("li")
        (line,) = (one for one in lines if one.links[0].endswith(f"/dialog/{odd.talk}#end"))
        return [one.words for one in line.all("span.gone")]

    assert marks() == []
    execute(odd.path, [f"update messages set gone_at = '{NOTICED}' where id = {last}"])
    (mark,) = marks()
    assert mark.startswith("the last message was deleted")


def test_years_of_a_talk(life: Past, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each year says how many messages it has; of many, that there are more than were counted."""
    sql = f"from messages where peer_id = {life.talk} group by 1 order by 1"
    years = query(life.path, f"select strftime('%Y', date, 'unixepoch'), count(*) {sql}")
    monkeypatch.setattr(conversation, "MOST_COUNTED", 3)
    told = [one.words for one in visitor.page(f"dialog/{life.talk}").one("nav.strip").all("a")]

    assert told == [f"{year} {number}" if number <= 3 else f"{year} 3+" for year, number in years]
    assert any(number > 3 for _, number in years)
