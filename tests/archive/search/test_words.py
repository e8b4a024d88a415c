"""Words: the same for whoever writes it otherwise, and apart where letters are others."""

import random
import re
from itertools import pairwise
from pathlib import Path

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from snowballstemmer import stemmer

from ovk_archive.archive.search import words as module
from ovk_archive.archive.search.russian import russian_stem
from ovk_archive.archive.search.words import composed, placed, stem, stems, words

TESTS = Path(__file__).parents[2]
ENDINGS = (
    "ла на ете йте ли л ем ло нно ет ют ны ть ешь ила ыть ишь ю ую а ев ов ие ье еи ии ами "
    "иями ей ией ий ой иям о у ях ы ь ию я ия вшись ивши ост ость ейше н нн сь ся ивш щ ющ "
    "ующ ее ому "
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ёлка, ЁЛКОЙ!", "елка елкой"),
        ("е\u0301лка", "елка"),
        ("йод и иод, и\u0306од", "йод и иод йод"),
        ("пере\u00adнос слов\u200bа", "перенос слова"),
        ("Straße \ufb01ne ＡＢＣ", "strasse fine abc"),
        ("м² №5", "м2 no 5"),
        ("a\x00b\tc\ud800d", "a b c d"),
        ("👍🏽 👨‍👩‍👧", "👍 🏽 👨 👩 👧"),
        ("ура!🎉🎉", "ура 🎉 🎉"),
        ("中国", "中 国"),
        ("кто-то, vk.com/id12", "кто то vk com id12"),
        ("#Ёлка_2024 от @anna_k", "елка 2024 от anna k #елка_2024 @anna_k"),
        ("#а#б", "а б #а #б"),
        ("почта anna@example.org", "почта anna example org"),
        ("# @ _", ""),
    ],
)
def test_texts_become_words(text: str, expected: str) -> None:
    """Case, marks, forms of letters and what cannot be seen make no difference; й and и do."""
    assert words(text) == expected.split()


@pytest.mark.parametrize(
    "forms",
    [
        "кошка кошками кошек кошке",
        "Катя Кате Катю",
        "ёлка елка ёлок ёлки",
        "деньги денег деньгами",
        "книга книги книг",
        "running runs run",
    ],
)
def test_forms_have_one_stem(forms: str) -> None:
    """The forms of a word have one stem."""
    assert len({stem(word) for word in words(forms)}) == 1


def test_other_words_have_other_stems() -> None:
    """Words that differ in й, or in a letter of their root, stay apart."""
    assert len({stem(word) for word in words("йод иод кошка мошка кот")}) == 5


def test_stems_are_told_where_they_differ() -> None:
    """A stem that is its word is not told, and none is told twice."""
    assert stems(["кот", "кошка", "кошки", "2024"]) == ["~кошк"]


def test_russian_stems_are_those_of_snowball() -> None:
    """Every word has the stem that Snowball's own program finds."""
    dice = random.Random(1)
    made = {
        "".join(dice.choices("бвгкнаеиоюяь", k=dice.randint(0, 5)))
        + "".join(dice.choices(ENDINGS.split(), k=dice.randint(0, 3)))
        for _ in range(examples(30_000))
    }
    written = "".join(path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py"))
    real = set(re.findall("[а-я]+", written.lower().replace("ё", "е")))
    theirs = stemmer("russian").stemWord

    assert {word for word in made | real if russian_stem(word) != theirs(word)} == set()
    assert len(real) > 300


@given(st.text(alphabet=st.one_of(st.characters(max_codepoint=0x4FF), st.sampled_from("«»—…Ёйё"))))
@settings(max_examples=examples(300))
def test_the_short_way_gives_the_same_words(text: str) -> None:
    """Texts that need no table have the words that the table gives."""
    whole = composed(text).translate(module._FOLDS).translate(module._MARKED).split()

    assert [word for word in words(text) if word[0] not in "#@"] == whole


@given(st.text())
@settings(max_examples=examples(300))
def test_words_are_found_in_their_text(text: str) -> None:
    """The places of words lie one after another, and the words there are those of the text."""
    whole = composed(text)
    found = list(placed(whole))

    assert [one.text for one in found] == [one for one in words(text) if one[0] not in "#@"]
    assert all(one.start < one.end <= len(whole) for one in found)
    assert all(one.start <= other.start for one, other in pairwise(found))
