"""Names in Latin letters as they sound, so that one word is sought and not its spellings. Pure.

Anna Arkhivova, Arhivova and Archivova are one; so are Yuliya and Iulia.
"""

import re

_SOUNDS = str.maketrans(
    dict(zip("абвгґдеєзиіїйыклмнопрстуўфэ", "abvggdeeziiiiiklmnoprstuufe", strict=True))
    | {"ж": "z", "х": "h", "ч": "h", "ц": "ts", "ш": "s", "щ": "s", "ю": "iu", "я": "ia"}
    | dict.fromkeys("ьъ", "")
)
_SPELT = str.maketrans({"j": "i", "y": "i", "w": "v", "q": "k", "c": "k", "x": "ks"})
#: Before letters are taken one by one.
_GROUPS = (
    ("shch", "s"), ("sch", "s"), ("sh", "s"), ("zh", "z"), ("kh", "h"), ("ch", "h"), ("ph", "f"),
    ("ck", "k"), ("tz", "ts"),
)  # fmt: skip
_CYRILLIC = re.compile("[а-яіїєґў]+")
#: Пётр is written Pyotr and Petr, and Елена Yelena.
_YO = re.compile(r"(?:(?<=[bdfgklmnprstvz])|^)io")
_YE = re.compile("i(?=e)")
_TWICE = re.compile(r"([bdfghklmnprstvzi])\1+")


def from_cyrillic(name: str) -> str | None:
    """How a Russian name sounds; None if it is of other letters."""
    return _short(name.translate(_SOUNDS)) if _CYRILLIC.fullmatch(name) else None


def from_latin(word: str) -> str:
    """How a word in Latin letters sounds."""
    for group, sound in _GROUPS:
        word = word.replace(group, sound)
    return _short(word.translate(_SPELT))


def _short(sounds: str) -> str:
    return _TWICE.sub(r"\1", _YE.sub("", _YO.sub("e", sounds)))
