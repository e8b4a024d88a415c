"""The pages speak English and Russian, and whatever language there is a catalogue of."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from ovk_archive.archive.search.query import parse
from ovk_archive.browse.looks import wording as place
from ovk_archive.browse.looks.names import names
from ovk_archive.browse.looks.wording import Wording, languages, preferred, wording
from ovk_archive.browse.questions import questions
from ovk_archive.errors import OUTCOMES
from ovk_archive.resources import LOOKUPS, RESOURCES, TABLES
from ovk_archive.resources.attachments import KINDS

BROWSE = Path(place.__file__).parents[1]
CATALOGUES = Path(place.__file__).with_name("languages")
_IN_TEMPLATES = {"_": None, "ngettext": (1, 2)}
_IN_CODE = {"_": None, "gettext": None, "few": (1, 2), "VisitError": None}
#: What other rooms say, and the pages repeat: lists, ends of runs, why a search cannot be made.
_TITLES = {*OUTCOMES.values(), *(one.title for one in RESOURCES), *(one.title for one in LOOKUPS)}
_REPEATED = ("api/page_names.py", "archive/search/whom.py", "archive/search/index.py")
_IN_OTHERS = {"BadInputError": None, "StorageError": None}
Message = str | tuple[str, ...]


def said() -> Iterator[Message]:
    """All sentences of the pages, in the language in which they are written."""
    yield from (text for table in TABLES for text in (table.title, table.doc))
    yield from (one[name] for one in questions().values() for name in ("title", "description"))
    sources = [("jinja2.ext:babel_extract", "*.html", _IN_TEMPLATES), ("python", "*.py", _IN_CODE)]
    for method, pattern, keywords in sources:
        for path in sorted(BROWSE.rglob(pattern)):
            yield from extracted(path, method, keywords)
    yield from _TITLES
    yield from (str(parse(query).lack) for query in ("-word", "!"))
    for name in _REPEATED:
        yield from extracted(BROWSE.parent / name, "python", _IN_OTHERS)


def extracted(path: Path, method: str, keywords: Mapping[str, Any]) -> Iterator[Message]:
    """The sentences in one file."""
    with path.open("rb") as file:
        options = {"newstyle_gettext": "true"}
        for _, message, _, _ in extract(method, file, keywords=keywords, options=options):
            parts = [message] if isinstance(message, str) else message
            told = tuple(one for one in parts if isinstance(one, str))
            yield told[0] if len(told) == 1 else told


def catalogue(language: str) -> Catalog:
    """A catalogue as it is committed."""
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def placeholders(text: str) -> set[str]:
    """The names of what is put into a sentence."""
    return set(re.findall(r"%\((\w+)\)s", text))


@pytest.mark.parametrize("language", [one for one in languages() if one != "en"])
def test_every_sentence_is_translated(language: str) -> None:
    """A catalogue has each sentence of the pages, none else, with the same placeholders."""
    wanted = set(said())
    assert len(wanted) > 150
    known = {one.id if isinstance(one.id, str) else tuple(one.id): one
             for one in catalogue(language) if one.id}  # fmt: skip
    assert set(known) == wanted
    for message, one in known.items():
        words = [one.string] if isinstance(one.string, str) else [*(one.string or ())]
        assert all(words), message
        assert not one.fuzzy, message
        asked = placeholders(message if isinstance(message, str) else message[-1])
        assert all(placeholders(text) == asked for text in words), message


@pytest.mark.parametrize(
    ("number", "word"),
    [(1, "запись"), (2, "записи"), (5, "записей"), (11, "записей"), (21, "запись"), (0, "записей")],
)
def test_plural_forms(number: int, word: str) -> None:
    """Russian has three forms, chosen by the number."""
    assert names(wording("ru"))["counted"]("posts", number) == word
    assert names(wording("ru"))["with_number"]("posts", number) == f"{number} {word}"


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("en-US,en;q=0.9,ru;q=0.8", "en"),
        ("ru;q=0.1, en;q=0.9", "en"),
        ("ru;q=0", "en"),
        ("de-DE, ru;q=0.5", "ru"),
        ("*", "en"),
        ("zz", "en"),
        (";;q=x,,,\x00ru;q=зло", "en"),
        ("ru" * 5000, "en"),
    ],
)
def test_what_a_browser_asks_for(asked: str, language: str) -> None:
    """The language that a browser likes best of those that there are; odd wishes do no harm."""
    assert preferred(asked) == language


@pytest.mark.parametrize("language", ["en", "ru"])
def test_each_kind_of_record_has_a_name(language: str) -> None:
    """Whatever can be listed as deleted or edited is named, and so is whatever can be attached."""
    named = names(wording(language))
    for table in TABLES:
        if not table.relation:
            assert named["kind_name"](table.name, "?") != "?", table.name
    for kind in KINDS:
        assert named["thing_name"](kind) != kind
    assert named["thing_name"]("graffiti") == "graffiti"


def test_dates_and_numbers() -> None:
    """Days, times and numbers are written as people of that language write them."""
    seconds = 1620999780
    assert wording("ru").moment(seconds) == "14 мая 2021, 13:43"
    assert wording("en").moment(seconds) == "May 14, 2021, 13:43"
    assert wording("ru").stamp("2021-05-14T13:43:00+00:00") == "14 мая 2021"
    assert wording("ru").month(seconds) == "май 2021"
    assert wording("ru").number(1234567) == "1\u00a0234\u00a0567"
    assert wording("ru").size(1_500_000).split() == ["1,5", "МБ"]
    assert wording("ru").duration(3725) == "1:02:05"
    assert wording("ru").instant("2021-05-14T13:43:00.123456Z") == "14 мая 2021, 13:43"


@pytest.mark.parametrize("number", [None, -1, -(10**18)])
def test_what_is_no_length(number: int | None) -> None:
    """A length or a size that nobody told is not said; nought is one."""
    words = wording("en")
    assert (words.duration(number), words.size(number)) == ("", "")
    assert (words.duration(0), words.size(0)) == ("0:00", "0 byte")


@pytest.mark.parametrize("seconds", [None, 0, -1, 10**18, 10**30])
def test_what_is_no_time(seconds: int | None) -> None:
    """What cannot be a date is shown as it is, or not at all."""
    words = wording("ru")
    assert words.day(seconds) == ""
    assert words.moment(seconds) == str(seconds or "")


def test_a_third_language_is_a_catalogue_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever adds a catalogue has added a language."""
    (tmp_path / "de.po").write_text(
        'msgid ""\nmsgstr "Language: de\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Wall"\nmsgstr "Pinnwand"\n',
        "utf-8",
    )
    monkeypatch.setattr(place, "_CATALOGUES", tmp_path)
    languages.cache_clear()
    try:
        assert preferred("de-AT") == "de"
        assert names(Wording("de"))["menu_name"]("wall") == "Pinnwand"
    finally:
        languages.cache_clear()
