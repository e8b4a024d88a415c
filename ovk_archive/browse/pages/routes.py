"""Which page is at which address."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ovk_archive.browse.pages import finding, health, of_archives, of_owners, of_records
from ovk_archive.browse.pages.visits import View

_OWNER, _NUMBER = r"(-?\d{1,18})", r"(\d{1,18})"
_KEY = r"(-?\d{1,18}_\d{1,18})"


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Attributes:
        pattern: its address, behind the name of the archive.
        template: how it looks.
        view: what it shows.
    """

    pattern: str
    template: str
    view: View


PAGES: tuple[Page, ...] = (
    Page("", "overview", of_archives.overview),
    Page("search", "search", finding.search),
    Page("dialogs", "dialogs", of_archives.dialogs),
    Page(f"dialog/{_OWNER}", "dialog", of_archives.dialog),
    Page("documents", "documents", of_archives.documents),
    Page("polls", "polls", of_archives.polls),
    Page("notifications", "notifications", of_archives.notifications),
    Page("changes", "changes", of_archives.changes),
    Page("health", "health", health.health),
    Page(f"wall/{_OWNER}", "wall", of_owners.wall),
    Page(f"photos/{_OWNER}", "photos", of_owners.photos_of),
    Page(f"notes/{_OWNER}", "notes", of_owners.notes_of),
    Page(f"audio/{_OWNER}", "audio", of_owners.music_of),
    Page(f"videos/{_OWNER}", "videos", of_owners.videos_of),
    Page(f"gifts/{_OWNER}", "gifts", of_owners.gifts_of),
    Page(f"likes/{_OWNER}", "likes", of_owners.likes_of),
    Page(f"friends/{_OWNER}", "ties", of_owners.friends_of),
    Page(f"groups/{_OWNER}", "ties", of_owners.groups_of),
    Page(f"board/{_NUMBER}", "board", of_owners.board),
    Page(f"user/{_NUMBER}", "profile", of_owners.user),
    Page(f"group/{_NUMBER}", "profile", of_owners.group),
    Page(f"post/{_KEY}", "post", of_records.post),
    Page(f"photo/{_KEY}", "photo", of_records.photo),
    Page(f"note/{_KEY}", "note", of_records.note),
    Page(f"video/{_KEY}", "video", of_records.video),
    Page(f"topic/{_KEY}", "topic", of_records.topic),
    Page(f"comments/(post|photo|note|topic)/{_KEY}", "comments", of_records.comments_of),
    Page(f"album/{_OWNER}", "album", of_records.album),
    Page(f"playlist/{_NUMBER}", "playlist", of_records.playlist),
    Page(f"track/{_NUMBER}", "track", of_records.track),
)


def found(path: str) -> Iterator[tuple[Page, tuple[str, ...]]]:
    """The page at an address, and what stands in it."""
    for page in PAGES:
        if match := re.fullmatch(page.pattern, path):
            yield page, match.groups()
            return
