"""What things are called on pages, in the reader's language."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from ovk_archive.browse.looks.wording import Wording
from ovk_archive.resources.attachments import KINDS

#: What a template calls by name.
Named = Callable[..., Any]
#: Kind of what is attached -> its table.
_TABLES = {kind: table.name for kind, (table, _) in KINDS.items()}


def names(words: Wording) -> dict[str, Named]:
    """What templates call to name things."""
    return {
        "menu_name": lambda name: _menu(words).get(name, name),
        "field": lambda name: _fields(words).get(name, name),
        "notice": lambda kind: _notices(words).get(kind, kind),
        "kind_name": lambda table, title: _kinds(words).get(table, title),
        "thing_name": lambda kind: _kinds(words).get(_TABLES.get(kind, ""), kind),
        "kind_names": lambda table, title: _several(words).get(table, title),
        "counted": lambda kind, number: _counted(words, kind, number),
        "with_number": lambda kind, n: f"{words.number(n)} {_counted(words, kind, n)}",
        "repeated": lambda sentence: repeated(words, sentence),
        "iso": iso,
        "outside": is_outside,
    }


def repeated(words: Wording, sentence: str | None) -> str:
    """What another room says, in the reader's language; what nobody translated, as it is."""
    return words.translations.gettext(sentence) if sentence else ""


def iso(seconds: int) -> str:
    """A time for machines; empty where it is none."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError, TypeError):
        return ""


def is_outside(address: str | None) -> bool:
    """An address that can be a link."""
    try:
        return urlsplit(address or "").scheme.lower() in ("http", "https")
    except ValueError:
        return False


def _menu(words: Wording) -> dict[str, str]:
    """Sections: most are called like what is in them."""
    _ = words.translations.gettext
    return _several(words) | {
        "wall": _("Wall"),
        "friends": _("Friends"),
        "likes": _("Likes"),
        "changes": _("Changes"),
        "board": _("Board"),
        "search": _("What they wrote"),
    }


def _fields(words: Wording) -> dict[str, str]:
    _ = words.translations.gettext
    return {
        "name": _("Name"),
        "status": _("Status"),
        "city": _("City"),
        "home_town": _("Home town"),
        "bdate": _("Birthday"),
        "about": _("About"),
        "interests": _("Interests"),
        "music": _("Favourite music"),
        "movies": _("Favourite films"),
        "tv": _("Favourite shows"),
        "books": _("Favourite books"),
        "quotes": _("Favourite quotations"),
        "email": _("E-mail"),
        "telegram": _("Telegram"),
        "description": _("Description"),
        "site": _("Web site"),
        "type": _("Kind"),
    }


def _notices(words: Wording) -> dict[str, str]:
    _ = words.translations.gettext
    return {
        "like_post": _("liked a post"),
        "copy_post": _("reposted a post"),
        "wall": _("wrote on the wall"),
        "wall_publish": _("published a suggested post"),
        "comment_post": _("commented on a post"),
        "comment_photo": _("commented on a photo"),
        "comment_video": _("commented on a video"),
        "reply_comment": _("answered a comment"),
        "mention": _("mentioned you"),
        "mention_comments": _("mentioned you in a comment"),
        "follow": _("follows you now"),
        "friend_accepted": _("accepted your request"),
        "sent_gift": _("sent a gift"),
    }


def _kinds(words: Wording) -> dict[str, str]:
    _ = words.translations.gettext
    return {
        "posts": _("Post"),
        "comments": _("Comment"),
        "messages": _("Message"),
        "photos": _("Photo"),
        "notes": _("Note"),
        "audio": _("Track"),
        "videos": _("Video"),
        "albums": _("Album"),
        "playlists": _("Playlist"),
        "topics": _("Topic"),
        "documents": _("Document"),
        "users": _("Person"),
        "groups": _("Group"),
        "gifts": _("Gift"),
        "polls": _("Poll"),
        "conversations": _("Conversation"),
        "lyrics": _("Words of a song"),
        "poll_answers": _("Answer of a poll"),
        "statuses": _("Status line"),
        "notifications": _("Notification"),
        "account": _("The account"),
        "settings": _("Settings"),
        "group_settings": _("Settings of a group"),
        "instance": _("The instance"),
    }


def _several(words: Wording) -> dict[str, str]:
    _ = words.translations.gettext
    return {
        "posts": _("Posts"),
        "comments": _("Comments"),
        "messages": _("Messages"),
        "photos": _("Photos"),
        "notes": _("Notes"),
        "audio": _("Music"),
        "lyrics": _("Words of songs"),
        "videos": _("Videos"),
        "albums": _("Albums"),
        "playlists": _("Playlists"),
        "topics": _("Topics"),
        "documents": _("Documents"),
        "users": _("People"),
        "groups": _("Groups"),
        "gifts": _("Gifts"),
        "polls": _("Polls"),
        "poll_answers": _("Answers of polls"),
        "statuses": _("Status lines"),
        "notifications": _("Notifications"),
    }


def _counted(words: Wording, kind: str, number: int) -> str:
    """The word for things in a number."""
    few = words.translations.ngettext
    return {
        "posts": lambda n: few("post", "posts", n),
        "messages": lambda n: few("message", "messages", n),
        "photos": lambda n: few("photo", "photos", n),
        "notes": lambda n: few("note", "notes", n),
        "audio": lambda n: few("track", "tracks", n),
        "videos": lambda n: few("video", "videos", n),
        "friends": lambda n: few("friend", "friends", n),
        "groups": lambda n: few("group", "groups", n),
        "documents": lambda n: few("document", "documents", n),
        "gifts": lambda n: few("gift", "gifts", n),
        "polls": lambda n: few("poll", "polls", n),
        "notifications": lambda n: few("notification", "notifications", n),
        "likes": lambda n: few("like", "likes", n),
    }[kind](number)
