"""How single API values are read: both generations' spellings of one fact become one value."""

import base64
import binascii
import html
import json
from typing import Any

#: What [A] fills into profile fields that privacy hides (help/openvk-api.md, People and privacy).
FAKE_CITY = "Воскресенск"

_INT64 = 2**63


def text(value: Any) -> Any:
    """Text as its author wrote it, before the server escaped it (help/openvk-api.md, Texts)."""
    return html.unescape(value) if isinstance(value, str) else value


def flag(value: Any) -> int | None:
    """A yes or no, sent as a boolean or a number (help/openvk-api.md, Requests and answers)."""
    if isinstance(value, (list, dict)):
        raise TypeError("neither a yes nor a no")
    return None if value is None else int(bool(value))


def negated(value: Any) -> int | None:
    """A flag the server sends upside down (`disable_unvote`: help/openvk-api.md, Polls)."""
    found = flag(value)
    return None if found is None else 1 - found


def whole(value: Any) -> int | None:
    """An integer, or None where the server sends null, false or an empty string."""
    if value is None or isinstance(value, bool) or value == "":
        return None
    number = int(value)
    if not -_INT64 <= number < _INT64 or (type(value) is float and number != value):
        raise ValueError("no whole number that a database can keep")
    return number


def link(value: Any) -> str | None:
    """A URL, or None where the server says false (audio without a file) or nothing."""
    if value and not isinstance(value, str):
        raise TypeError("an address that is no text")
    return value or None


def as_json(value: Any) -> str | None:
    """A nested value as JSON text, or None where it is empty or false."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False) if value else None


def fact(value: Any) -> str | None:
    """A fact of any type as text: JSON, where it is more than a word."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def records(value: Any) -> list[dict[str, Any]]:
    """The objects in a list that stands inside of a record; whatever else is there is left out."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def person(value: Any) -> int | None:
    """The user behind a signed id, or None for a group or nobody."""
    number = whole(value)
    return number if number is not None and number > 0 else None


def group(value: Any) -> int | None:
    """The group behind a signed id as a positive number, or None for a user or nobody."""
    number = whole(value)
    return -number if number is not None and number < 0 else None


def tally(value: Any) -> int | None:
    """A counter: a bare number in one generation, `{"count": n}` in the other.

    [A] writes an empty list for likes that were not asked for (help/openvk-api.md, Comments).
    """
    if isinstance(value, dict):
        value = value.get("count", value.get("likes"))
    return None if value == [] else whole(value)


def album_number(value: Any) -> int | None:
    """An album's number: [A] writes `"{owner}_{number}"` (help/openvk-api.md, Ids)."""
    return whole(value.rpartition("_")[2]) if isinstance(value, str) else whole(value)


def album_owner(record: dict[str, Any]) -> int | None:
    """An album's signed owner: [A] loses the minus of groups, but not inside the id."""
    name = record.get("id")
    if isinstance(name, str) and "_" in name:
        return whole(name.rpartition("_")[0])
    return whole(record.get("owner_id"))


def track_number(value: Any) -> int | None:
    """The global number of a track, out of its `unique_id` (base64: help/openvk-api.md, Ids)."""
    if not isinstance(value, str):
        return None
    try:
        return int(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return None


def city(value: Any) -> str | None:
    """A city's name: text on [A], `{"id": 0, "title": …}` on [B]."""
    return value.get("title") if isinstance(value, dict) else value


def largest_size(sizes: Any) -> dict[str, Any]:
    """The entry of a photo's `sizes` that is the original; a dict in Photos.* of [A], else a list.

    `UPLOADED_MAXRES` is the only stable address; all others are thumbnails (help/openvk-api.md,
    Photos).
    """
    entries = list(sizes.values()) if isinstance(sizes, dict) else sizes or []
    named = [entry for entry in records(entries) if entry.get("url")]
    best = [entry for entry in named if entry.get("type") == "UPLOADED_MAXRES"]
    return (best or named or [{}])[-1]


def photo_url(record: dict[str, Any]) -> str | None:
    """Where a photo's original is, whatever shape the record came in."""
    best = largest_size(record.get("sizes")).get("url")
    original = record.get("orig_photo") or {}
    return link(record.get("url") or record.get("src_original") or original.get("url") or best)


def photo_width(record: dict[str, Any]) -> int | None:
    """Pixels; inside attachments only the original's entry in `sizes` knows them."""
    return whole(record.get("width")) or whole(largest_size(record.get("sizes")).get("width"))


def photo_height(record: dict[str, Any]) -> int | None:
    """Pixels, like `photo_width`."""
    return whole(record.get("height")) or whole(largest_size(record.get("sizes")).get("height"))
