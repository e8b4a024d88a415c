"""The words of many texts, counted within SQL: `ovk_words(text)`, for the words of a year.

The full-text index cannot tell: it knows in which rows a word stands, not in which year, and to
ask that of each row of each word would take longer than anybody waits.
"""

import json
from collections import Counter

from ovk_archive.archive.search.words import stem, words

#: Words that are given, and letters of a text that are looked at.
_MOST, _LETTERS = 100, 2000
_SHORTEST = 3
#: Common words of Russian and English, which say nothing of a year; without ё.
_COMMON = frozenset(
    """
    без более больше будем будет будете будешь буду будто будут был была были было быть вам вами
    вас ваш ваша ваше ваши весь вместо вообще вот все всегда всего всем всеми всему всех всю вся
    где даже для его если есть еще зачем здесь или именно иногда ими как какая какие какой кем
    когда кого кому конечно которая которого которое которой которые который которых кроме кто
    куда лишь либо между меня мне много мной может можно мои мой моя мое мои моей моего надо наш
    наша наше наши нам нами нас него нее ней некоторые нельзя нем нему нет нибудь никогда ним
    ними них ничего она они оно опять очень перед под пока после потом потому почему почти при
    про раз разве сам сама сами само свое своего своей свои свой своих своя себе себя сегодня
    сейчас снова совсем так такая также такие такой такое там твой твоя твое твои тебе тебя тем
    теперь тобой тогда того тоже той только том тому тот тою три тут уже хоть хотя часто
    чего чем через что чтоб чтобы чуть эта эти этим этих это этого этой этом этому этот эту ага
    ладно просто ну the and that this with have has had was were will would you your yours they
    them their there then than for from not but are his her hers him she its our ours out about
    what when where which who whom why how all any can could did does doing done just get got
    into like more most only other over some such too very been being because also here one http
    https www com
    """.split()  # noqa: SIM905 - a list of two hundred is not read
)


class Words:
    """An aggregate of SQL: the most used words of texts, as JSON (`[["море", 12], …]`).

    Forms of a word are counted together, under the form that is used most.
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def step(self, text: object) -> None:
        """One more text."""
        if isinstance(text, str):
            self._seen.update(words(text[:_LETTERS]))

    def finalize(self) -> str:
        """The words, the most used first; of equals the first in the alphabet."""
        times: Counter[str] = Counter()
        forms: dict[str, tuple[int, str]] = {}
        for word, number in sorted(self._seen.items()):
            if not _says_something(word):
                continue
            root = stem(word)
            times[root] += number
            forms[root] = max(forms.get(root, (0, "")), (number, word), key=lambda one: one[0])
        best = sorted(times, key=lambda root: (-times[root], forms[root][1]))[:_MOST]
        return json.dumps([(forms[root][1], times[root]) for root in best], ensure_ascii=False)


def _says_something(word: str) -> bool:
    return len(word) >= _SHORTEST and word.isalpha() and word not in _COMMON
