"""The page that searches: what is asked for, and what is found."""

import json
import re
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.search.declared import SEARCHED
from ovk_archive.archive.search.index import check_is_made
from ovk_archive.archive.search.query import parse
from ovk_archive.archive.search.whom import owner_id
from ovk_archive.archive.search.wishes import Place, Wish
from ovk_archive.browse.pages.visits import Visit, VisitError
from ovk_archive.browse.showing.search import MOST_COUNTED, searched
from ovk_archive.errors import ArchiveError
from ovk_archive.resources.vocabulary.rows import Table

_DAY = 86_400
_SORTS = ("best", "newest", "oldest")
#: What is asked with, beside the words.
_FILTERS = ("in", "from", "owner", "peer", "since", "until", "gone", "sort")


def search(visit: Visit) -> dict[str, Any]:
    """What is found; nothing, as long as nothing is asked."""
    asked = {name: _typed(visit.asked.get(name, "")) for name in ("q", *_FILTERS)}
    told = {"asked": asked, "sorts": _SORTS, "most": MOST_COUNTED, "page": None, "next": None}
    if not asked["q"]:
        return told
    try:
        wish = _checked(visit, asked)
    except VisitError as error:
        # A kind that there is not cannot be taken out of the form: it is nowhere to be seen.
        kind = asked["in"] if _is_known(asked["in"]) else ""
        error.form = {**told, "asked": {**asked, "in": kind}}
        raise
    page = searched(visit.db, wish, SEARCHED)
    kept = {name: value for name, value in asked.items() if value}
    told |= {
        "page": page,
        "kinds": {
            one.table: visit.at.page("search", **{**kept, "in": one.table}) for one in page.kinds
        },
        "every": visit.at.page("search", **{name: v for name, v in kept.items() if name != "in"}),
        "chosen": asked["in"],
    }
    if page.next is not None:
        told["next"] = visit.at.page("search", **kept, after=_token(page.next))
    return told


def _typed(text: str) -> str:
    """What was typed, in one line."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text).strip()


def _checked(visit: Visit, asked: dict[str, str]) -> Wish:
    try:
        check_is_made(_any(visit), visit.archive)
        return _wish(visit, asked)
    except ArchiveError as error:
        raise VisitError(error.sentence, **error.values) from error


def _wish(visit: Visit, asked: dict[str, str]) -> Wish:
    sort = asked["sort"] or "best"
    if sort not in _SORTS:
        raise VisitError("sort must be best, newest or oldest.")
    until = visit.day("until")
    return Wish(
        query=parse(asked["q"]),
        tables=_tables(asked["in"]),
        authors=_whom(visit, asked["from"]),
        owners=_whom(visit, asked["owner"]),
        peers=_whom(visit, asked["peer"]),
        since=visit.day("since"),
        until=None if until is None else until + _DAY,
        gone=bool(asked["gone"]),
        sort=sort,
        after=_place(visit.asked.get("after", "")),
    )


def _tables(text: str) -> tuple[Table, ...]:
    """The kinds that are asked for, or all."""
    if not _is_known(text):
        known = ", ".join(one.name for one in SEARCHED)
        raise VisitError("in must be one of %(known)s.", known=known)
    names = text.split(",")
    return tuple(table for table in SEARCHED if table.name in names) or SEARCHED


def _is_known(text: str) -> bool:
    return {one for one in text.split(",") if one} <= {one.name for one in SEARCHED}


def _whom(visit: Visit, text: str) -> tuple[int, ...]:
    return (owner_id(Archive(visit.archive, _any(visit), None), text),) if text else ()


def _token(place: Place) -> str:
    return json.dumps([place.value, place.table, place.number], separators=(",", ":"))


def _place(text: str) -> Place | None:
    """Where a page begins; nothing for the first."""
    if not text:
        return None
    try:
        value, table, number = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise VisitError("after must come from a link to the next page.") from error
    is_known = isinstance(table, str) and table in {one.name for one in SEARCHED}
    if not is_known or not _is_stored(number) or isinstance(number, float):
        raise VisitError("after must come from a link to the next page.")
    if value is not None and not _is_stored(value):
        raise VisitError("after must come from a link to the next page.")
    return Place(value, table, number)


def _is_stored(number: Any) -> bool:
    """A number that can stand in an archive."""
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return is_number and -(1 << 63) < number < 1 << 63


def _any(visit: Visit) -> Any:
    """The connection, for who needs no more than to ask it."""
    return visit.db
