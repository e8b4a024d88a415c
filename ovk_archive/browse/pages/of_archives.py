"""Pages of the whole archive: the overview, messages, documents, polls, changes."""

from datetime import UTC, datetime
from typing import Any

from ovk_archive.browse.pages.aside import counted
from ovk_archive.browse.pages.places import of_kinds
from ovk_archive.browse.pages.visits import Visit
from ovk_archive.browse.showing import changes as of_records
from ovk_archive.browse.showing import conversation as talk
from ovk_archive.browse.showing import dialogs as talks
from ovk_archive.browse.showing import lists
from ovk_archive.browse.showing.overview import over_the_years
from ovk_archive.browse.showing.overview import overview as first_page
from ovk_archive.browse.showing.parts.values import page_of


def overview(visit: Visit) -> dict[str, Any]:
    """The first page."""
    years = counted(visit, "years", over_the_years)
    found = first_page(visit.db, datetime.now(UTC), years)
    return {"page": found, "tiles": of_kinds(visit.at, found.account.person.id)}


def dialogs(visit: Visit) -> dict[str, Any]:
    """Conversations, the one in which something was said last first."""
    date, peer = visit.number("before"), visit.number("peer")
    found = talks.dialogs(visit.db, None if date is None else (date, peer or 0))
    shown, more = page_of(found, talks.PAGE)
    older = None
    if more:
        older = visit.at.page("dialogs", before=shown[-1].date or 0, peer=shown[-1].peer.id)
    return {"dialogs": shown, "older": older}


def dialog(visit: Visit) -> dict[str, Any]:
    """A conversation."""
    peer = visit.owner()
    where = talk.Where(
        before=visit.number("before"),
        after=visit.number("after"),
        at=visit.number("at"),
        since=visit.day("since"),
    )
    page = talk.conversation(visit.db, peer, where)
    at = visit.at
    return {
        "page": page,
        "older": at.page("dialog", peer, before=page.older) if page.older else None,
        "newer": at.page("dialog", peer, after=page.newer) if page.newer else None,
    }


def documents(visit: Visit) -> dict[str, Any]:
    """Documents, the newest first."""
    before = visit.number("before")
    found = lists.documents(visit.db, before)
    shown, more = page_of(found, lists.PAGE)
    older = visit.at.page("documents", before=shown[-1].id) if more else None
    return {"documents": shown, "older": older}


def polls(visit: Visit) -> dict[str, Any]:
    """Polls, the newest first."""
    before = visit.number("before")
    found = lists.polls(visit.db, before)
    shown, more = page_of(found, lists.PAGE)
    older = visit.at.page("polls", before=shown[-1].thing.id) if more else None
    return {"polls": shown, "older": older}


def notifications(visit: Visit) -> dict[str, Any]:
    """What the instance has told the account."""
    found = lists.notices(visit.db, visit.behind())
    shown, more = page_of(found, lists.PAGE)
    older = None
    if more:
        older = visit.at.page("notifications", before=shown[-1].date, key=shown[-1].key)
    return {"notices": shown, "older": older}


def changes(visit: Visit) -> dict[str, Any]:
    """What was deleted, and what was edited."""
    asked, before = visit.asked, visit.number("before")
    place = (asked["at"], asked.get("table", ""), asked.get("key", "")) if asked.get("at") else None
    gone = of_records.deleted(visit.db, place)
    shown, more = page_of(gone, of_records.PAGE)
    edits, rest = of_records.edited(visit.db, before)
    at, last = visit.at, shown[-1] if more else None
    older = last and at.page("changes", at=last.missed_at, table=last.table, key=last.key)
    return {
        "deleted": shown,
        "older_deleted": older,
        "edited": edits,
        "older_edited": at.page("changes", before=rest) if rest else None,
    }
