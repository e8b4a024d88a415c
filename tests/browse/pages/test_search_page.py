"""The page that searches: what it finds, page by page, and what it says where nothing can be."""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest
from indexes import keys
from pasts import Past, past
from syncing import execute
from visitor import Visitor, further

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.search.finding import Found, find
from ovk_archive.archive.search.query import parse
from ovk_archive.archive.search.wishes import Wish
from ovk_archive.browse.showing import search
from ovk_archive.resources.comments import COMMENTS
from ovk_archive.resources.messages import MESSAGES
from ovk_archive.resources.wall import POSTS

#: What is asked with -> what that means.
FILTERS: tuple[tuple[dict[str, str], dict[str, object]], ...] = (
    ({}, {}),
    ({"in": "posts"}, {"tables": (POSTS,)}),
    ({"in": "messages,comments"}, {"tables": (COMMENTS, MESSAGES)}),
    ({"from": "1"}, {"authors": (1,)}),
    ({"from": "anna"}, {"authors": (1,)}),
    ({"owner": "id1"}, {"owners": (1,)}),
    ({"peer": "3"}, {"peers": (3,)}),
    ({"since": "2020-02-01", "until": "2022-01-01"}, {"since": 1580515200, "until": 1641081600}),
    ({"gone": "1"}, {"gone": True}),
)
#: Words that many records have, or few.
QUERIES = ("голос OR сразу OR запись OR день OR и", "кот* OR фото*", "другие")


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """An archive with a past."""
    return past(tmp_path_factory.mktemp("search"))


@pytest.fixture(scope="module")
def visitor(life: Past) -> Visitor:
    """Who searches."""
    return Visitor(life.path)


def all_of(path: Path, query: str, meant: Mapping[str, object], sort: str = "best") -> list[Found]:
    """All that is to be found, at once."""
    with Archive.read(path) as archive, archive.reading() as db:
        wish = Wish(query=parse(query), sort=sort, limit=100_000, **meant)  # type: ignore[arg-type]
        return find(db, wish)[0]


def address(query: str, **asked: str) -> str:
    """Where a search is."""
    return f"search?{urlencode({'q': query, **asked})}"


@pytest.mark.parametrize("sort", ["best", "newest", "oldest"])
def test_every_result_once(
    sort: str, life: Past, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page after page shows what one search finds, in its order, whatever it is narrowed by."""
    monkeypatch.setattr(search, "PAGE", 80)
    lengths = []
    for asked, meant in FILTERS[:: 1 if sort == "newest" else 4]:
        found = all_of(life.path, QUERIES[0], meant, sort)
        link, met = address(QUERIES[0], sort=sort, **asked), []
        while link:
            told = visitor.json(link)
            met += [f"{one['table']} {one['key']}" for one in told["page"]["results"]]
            link = (told["next"] or "").removeprefix(visitor.at)
            assert len(met) <= len(found), asked
        assert met == keys(found), asked
        lengths.append((len(met), asked))
    assert max(number for number, _ in lengths) > 100
    assert [asked for number, asked in lengths if not number] == []


def test_what_a_result_says(life: Past, visitor: Visitor) -> None:
    """A result has marked words, says what became of it, and leads to where it is."""
    for query in QUERIES[1:]:
        found = all_of(life.path, query, {})
        shown = [
            one
            for page in visitor.pages(address(query))
            for one in page.one("ol.results").all("li")
        ]
        assert len(shown) == len(found)
        for node, hit in zip(shown, found, strict=True):
            assert node.all("mark"), node.words
            assert bool(node.all("span.gone")) == (hit.gone_at is not None)
            assert ("overwritten" in node.one("p.head").words) == (hit.former_until is not None)
            link = node.one("a.quiet").attributes["href"]
            last = link.rpartition("/")[2].replace(",", "_")
            if hit.table is MESSAGES:
                last = last.rpartition("#m")[2]
            assert last == "_".join(map(str, hit.key))
    links = visitor.page(address(QUERIES[1])).one("ol.results").links
    for link in (one for one in links if one.startswith(visitor.at)):
        page = visitor.page(link.partition("#")[0])
        name = link.partition("#")[2]
        assert not name or page.with_id(name)


def test_kinds_are_counted(life: Past, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each kind is said how much there is; of very much, that it is more."""
    for asked, meant in FILTERS[::2]:
        every = {name: value for name, value in meant.items() if name != "tables"}
        expected = Counter(one.table.name for one in all_of(life.path, QUERIES[0], every))
        kinds = visitor.json(address(QUERIES[0], **asked))["page"]["kinds"]
        assert {one["table"]: one["number"] for one in kinds} == expected
    monkeypatch.setattr(search, "MOST_COUNTED", 3)
    monkeypatch.setattr("ovk_archive.browse.pages.finding.MOST_COUNTED", 3)
    strip = visitor.page(address(QUERIES[0])).one("main").one("nav.strip")
    assert "Comments 3+" in [one.words for one in strip.all("a")]


def test_what_was_typed_is_kept(visitor: Visitor) -> None:
    """The form says again what was asked for, and the pages that follow ask for the same."""
    asked = {"in": "comments", "from": "2", "since": "2019-01-01", "sort": "oldest"}
    page = visitor.page(address('голос "<b>', **asked))
    form = page.one("main").one("form")
    fields = {one.attributes.get("name"): one.attributes.get("value") for one in form.all("input")}
    chosen = [one.attributes["value"] for one in form.all("option") if "selected" in one.attributes]

    assert fields["q"] == 'голос "<b>'
    assert {name: fields[name] for name in ("in", "from", "since")} == {
        name: asked[name] for name in ("in", "from", "since")
    }
    assert chosen == ["oldest"]
    link = further(visitor.page(address("голос", **asked)))
    assert link is not None
    assert all(f"{name}={value}" in link for name, value in asked.items())


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ({"sort": "worst"}, "sort"), ({"in": "all"}, "in must be"), ({"since": "gestern"}, "since"),
        ({"until": "2021-02-30"}, "until"), ({"from": "nobody_such"}, "nobody_such"),
        ({"peer": "a b"}, "address"), ({"owner": "9" * 30}, ""), ({"after": "x"}, "after"),
        ({"after": "[1]"}, "after"), ({"after": '[true,"posts",1]'}, "after"),
        ({"after": '[1e999,"posts",1]'}, "after"), ({"after": '[NaN,"posts",1]'}, "after"),
        ({"after": f'[{"9" * 400},"posts",1]'}, "after"), ({"after": '[1,"posts",1e3]'}, "after"),
        ({"after": '[1,"_versions",1]'}, "after"), ({"after": '[1,["posts"],1]'}, "after"),
        ({"after": "[" * 9000}, "after"), ({"after": '[1,"posts",true]'}, "after"),
        ({"after": '{"a":1,"b":2,"c":3}'}, "after"), ({"after": '"abc"'}, "after"),
        ({"after": f'[null,"posts",{1 << 63}]'}, "after"),
    ],
)  # fmt: skip
def test_bad_input_is_said_in_one_sentence(
    asked: dict[str, str], word: str, visitor: Visitor
) -> None:
    """What cannot be asked is answered with 400 and a sentence, for people and for programs."""
    answer = visitor.get(address("кот", **asked).replace("search", "search.json", 1))
    assert answer.status_code == 400, answer.text[-500:]
    sentence = answer.json()["error"]
    assert word in sentence
    assert sentence.count("\n") == 0
    assert len(sentence) < 500
    page = visitor.page(address("кот", **asked), 400).one("main")
    assert page.one("p.lacking").words == " ".join(sentence.split())
    kept = {one.attributes.get("name"): one.attributes.get("value") for one in page.all("input")}
    assert kept["q"] == "кот"
    # What is not in sight cannot be mended, so it is not asked again.
    name, value = next(iter(asked.items()))
    assert kept.get(name) == (None if name in ("after", "sort", "in") else value)


@pytest.mark.parametrize(
    "asked",
    [
        {"sort": "worst"}, {"in": "all"}, {"since": "gestern"}, {"from": "nobody_such"},
        {"from": "twice"}, {"peer": "a b"}, {"owner": "9" * 30}, {"after": "x"},
        {"owner": "https://elsewhere.example/id1"},
    ],
)  # fmt: skip
def test_what_was_wrong_is_said_in_russian(asked: dict[str, str], life: Past) -> None:
    """Who reads Russian is told in Russian what cannot be asked, also by other rooms."""
    execute(life.path, ["update users set screen_name = 'twice' where id in (2, 3)"])
    in_english, in_russian = (
        Visitor(life.path, language).page(address("кот", **asked), 400).one("p.lacking").words
        for language in ("en", "ru")
    )
    assert not re.search("[а-я]", in_english)
    # What is asked with, and what was typed, keep their names.
    assert re.search("[а-я]{2}", in_russian)
    assert not re.search(r"\b(is|are|to|be|the|give|such)\b", in_russian)


def test_what_cannot_be_searched_is_said_in_russian(
    life: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no index, the page says so in the reader's language, with the form."""
    monkeypatch.setattr("ovk_archive.archive.search.index.is_possible", lambda: False)
    page = Visitor(life.path, "ru").page(address("кот"), 400).one("main")

    assert "собран без FTS5" in page.one("p.lacking").words
    assert page.all("form")


@pytest.mark.parametrize("query", ["!!!", "-кот", '""', "—"])
def test_without_a_word_it_says_why_nothing_is_found(
    query: str, life: Past, visitor: Visitor
) -> None:
    """Where nothing can be looked for, the page says why, and shows nothing."""
    page = visitor.page(address(query))
    in_russian = Visitor(life.path, "ru").page(address(query)).one("p.empty").words

    assert page.one("p.empty").words == parse(query).lack
    assert re.fullmatch("[А-Яа-яё :,.]+", in_russian)
    assert not page.all("ol.results")
    assert visitor.page("search").all("form")
    # What is no letter at all is nothing that was asked for.
    assert not visitor.page(address("\x00")).all("p.empty")


def test_very_many_words(visitor: Visitor) -> None:
    """Of too many words the first are looked for, and it is said."""
    page = visitor.page(address(" ".join(["голос"] * 100)))

    assert "first 64 words" in page.one("main").words
    assert page.one("ol.results").all("li")
