"""Pseudonyms: an export in which nobody is called by name or number.

Of each column it is declared below what becomes of it; what is not declared is left out.

* Ids of people and groups become keyed hashes, `u_…` and `g_…`: the same in all tables and in all
  exports of one instance that were made with one key. Who is nobody (0) stays 0.
* Numbers under which anybody can look up a thing, and with it whose it is (comments, tracks,
  playlists, polls), and keys that are hashes of what may be known (gifts, notifications) become
  keyed hashes too. Numbers that count among their owner's things (posts, photos, videos, notes,
  topics), and those that open nothing to strangers (messages, albums, documents), stay.
* Names, profiles, contacts, places, addresses and files' names, and what one can look people up
  by (when last seen, how many members), are left out.
* Texts are kept without whom they name (`scrub`).
* The account's own profile, status lines, settings, facts of the instance, the list of files, and
  former contents, which are records as the API sent them, are left out whole.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.disk import set_mode
from ovk_archive.archive.names import mirrors
from ovk_archive.archive.names import names as names_of
from ovk_archive.archive.tables.schema import STAMPS
from ovk_archive.errors import BadInputError
from ovk_archive.export.pseudonyms.names_in_text import Names
from ovk_archive.export.pseudonyms.scrub import Scrubber
from ovk_archive.export.view import Field, Values, View
from ovk_archive.resources.people import FAKES

#: What becomes of a column: table -> what -> columns.
#:
#: keep, drop; text, html, history (of reposts), named (attachments in VK's way), answers (a list);
#: person, group (positive ids), owner (negative for a group);
#: comment, track, playlist, poll, answer, gift, notification: numbers or keys of such a thing;
#: record, object, item, parent: numbers whose meaning another column of the row tells.
_DECLARED: dict[str, dict[str, str]] = {
    "users": {
        "person": "id",
        "keep": "deactivated sex has_photo verified is_closed can_access_closed",
        "drop": "name first_name last_name nickname screen_name ban_reason bdate status city "
        "home_town about interests music movies tv books quotes email telegram photo_url rating "
        "online last_seen",
    },
    "account": {
        "drop": "id name first_name last_name nickname screen_name status home_town bdate "
        "bdate_visibility phone sex relation",
    },
    "groups": {
        "group": "id",
        "keep": "type deactivated verified is_closed can_access_closed is_member is_admin",
        "drop": "name screen_name description site contacts photo_url start_date members_count",
    },
    "statuses": {"drop": "user_id text audio"},
    "settings": {"drop": "name value"},
    "blacklist": {"person": "user_id"},
    "newsfeed_banned": {"owner": "source_id", "person": "user_id", "group": "group_id"},
    "friends": {"person": "user_id friend_id"},
    "followers": {"person": "user_id follower_id"},
    "friend_requests": {"person": "user_id", "keep": "direction"},
    "memberships": {"person": "user_id", "group": "group_id"},
    "managed_groups": {"person": "user_id", "group": "group_id"},
    "group_settings": {
        "group": "group_id",
        "keep": "wall photos video audio docs topics access subject",
        "drop": "title description address website obscene_words",
    },
    "group_members": {"person": "user_id", "group": "group_id"},
    "posts": {
        "owner": "owner_id from_id",
        "person": "owner_user_id from_user_id signer_id",
        "group": "owner_group_id from_group_id",
        # Whoever writes a program chooses what it is called.
        "text": "text platform",
        "named": "attachments",
        "history": "copy_history",
        "keep": "id date post_type is_pinned is_explicit source is_archived comments "
        "likes reposts user_likes can_edit can_delete can_pin",
        "drop": "geo geo_name copyright copyright_name",
    },
    "albums": {
        "owner": "owner_id",
        "text": "title description",
        "keep": "id created updated size can_upload",
        "drop": "thumb_url",
    },
    "photos": {
        "person": "owner_id",
        "text": "text",
        "keep": "id date width height album_id has_tags likes comments",
        "drop": "url",
    },
    "album_photos": {"person": "owner_id", "keep": "album_id photo_id position"},
    "notes": {
        "person": "owner_id",
        "text": "title",
        "html": "text",
        "keep": "id date comments can_comment privacy_view",
        "drop": "view_url",
    },
    "topics": {
        "group": "group_id created_by_group_id",
        "person": "created_by_user_id",
        "owner": "created_by updated_by",
        "text": "title",
        "keep": "id created updated is_closed is_fixed comments",
        "drop": "global_id",
    },
    "comments": {
        "comment": "id reply_to_comment",
        "owner": "owner_id from_id",
        "person": "from_user_id",
        "group": "group_id from_group_id",
        "text": "text",
        "named": "attachments",
        "keep": "kind post_id photo_id note_id topic_id date likes user_likes is_from_post_author",
    },
    "conversations": {
        "person": "peer_id",
        "keep": "type last_message_id in_read out_read unread_count can_write",
    },
    "messages": {
        "person": "peer_id from_id",
        "text": "text title",
        "keep": "id date out important read_state",
    },
    "audio": {
        "track": "id lyrics_id",
        "person": "owner_id",
        "text": "artist title",
        "keep": "duration genre_id genre explicit withdrawn ready searchable listens added "
        "editable",
        "drop": "aid url album manifest keys",
    },
    "audio_collection": {"owner": "owner_id", "track": "audio_id", "keep": "place"},
    "playlists": {
        "playlist": "id",
        "owner": "owner_id listed_by",
        "text": "title description",
        "keep": "created modified size length searchable listens accessible editable bookmarked",
        "drop": "cover_url",
    },
    "playlist_audio": {"playlist": "playlist_id", "track": "audio_id", "keep": "position"},
    "lyrics": {"track": "lyrics_id", "text": "text"},
    "attachments": {
        "record": "record_key",
        "owner": "owner_id",
        "object": "object_id",
        "keep": "resource position type reposted",
    },
    "videos": {
        "person": "owner_id",
        "text": "title description",
        "keep": "id date duration width height platform is_processed comments views likes added",
        "drop": "player image_url",
    },
    "polls": {
        "poll": "id",
        "person": "owner_id",
        "text": "question",
        "keep": "end_date anonymous multiple disable_unvote closed votes",
        "answers": "answer_ids",
    },
    "poll_answers": {
        "answer": "id",
        "poll": "poll_id",
        "text": "text",
        "keep": "votes rate public",
    },
    "poll_votes": {"poll": "poll_id", "person": "user_id", "answer": "answer_id"},
    "documents": {
        "owner": "owner_id listed_by",
        "text": "title",
        "keep": "id ext size type date folder_id is_hidden is_licensed is_unsafe",
        "drop": "url access_key tags preview",
    },
    "gifts": {
        "gift": "key",
        "person": "user_id from_id",
        "text": "message",
        "keep": "date gift_id privacy",
        "drop": "id image_url",
    },
    "notifications": {
        "notification": "key",
        "owner": "from_id parent_owner_id",
        "person": "from_user_id",
        "group": "from_group_id",
        "parent": "parent_id",
        "text": "text",
        "keep": "type date archived",
    },
    "likes": {"owner": "owner_id", "person": "user_id", "item": "item_id", "keep": "kind"},
    "newsfeed": {"owner": "owner_id", "keep": "post_id"},
    "instance": {"drop": "name source value count"},
    "media": {
        "drop": "url found_at kind state sha256 bytes content_type path date expected_bytes tries "
        "first_tried_at last_tried_at stored_at error",
    },
}

#: The same, by table and column.
RULES: dict[str, dict[str, str]] = {
    table: {column: rule for rule, names in rules.items() for column in names.split()}
    for table, rules in _DECLARED.items()
}
#: Things whose numbers lead to whose they are, and what their pseudonyms begin with.
_PREFIXES = {
    "comment": "c",
    "track": "a",
    "playlist": "p",
    "poll": "q",
    "answer": "w",
    "gift": "k",
    "notification": "n",
}
#: What a rule gives, for the description of its columns; None where it does not change their kind.
_DOCS = {
    "person": "keyed hash of the person",
    "group": "keyed hash of the group",
    "owner": "keyed hash of the person (u_) or the group (g_)",
    "comment": "keyed hash of the comment's number",
    "track": "keyed hash of the track's number",
    "playlist": "keyed hash of the playlist's number",
    "poll": "keyed hash of the poll's number",
    "answer": "keyed hash of the answer's number",
    "answers": "keyed hashes of the answers' numbers",
    "gift": "keyed hash",
    "notification": "keyed hash",
    "record": "its parts as in that table",
    "object": "as in the table of its type",
    "item": "as in the table of its kind",
    "parent": "only of posts, photos and videos",
    "text": "without names, links and contacts",
    "html": "without names, links and contacts",
    "history": "with pseudonyms, its texts without names, links and contacts",
    "named": "with pseudonyms in place of owners",
    "day": "to the day",
}
#: What these make is text, whatever it was before.
_MAKE_TEXT = frozenset(_PREFIXES) | {"person", "group", "owner", "record", "object", "item"}
#: What these replace would be told by the order of rows.
_HASHED = _MAKE_TEXT | {"parent"}
#: Attachments whose numbers are hashed in the table of their kind.
_HASHED_THINGS = {"audio": "track", "poll": "poll"}
#: Where the number that a notification is about counts among its owner's things. Of likes of
#: comments servers say `like_post`, too, and those have numbers of the whole instance.
_COUNTED_PARENTS = ("copy_post", "comment_post", "_photo", "_video")
_NAMED = re.compile(r"([a-z]+?)(-?\d+)_(-?\d+)")
_DIGEST = 10
#: To the microsecond, when a row was read would tell its place in a list by the original ids.
_MIDNIGHT = "T00:00:00.000000Z"

#: What was done, and what that cannot promise.
_PROMISES = (
    (
        "Ids of people and groups are replaced by keyed hashes (BLAKE2b), the same in all exports "
        "of this instance that were made with the same key."
    ),
    (
        "Numbers of comments, tracks, playlists, polls and their answers, gifts and notifications "
        "are replaced by keyed hashes; those of posts, photos, videos, notes, topics, albums, "
        "documents and messages are kept."
    ),
    (
        "Names, screen names, profiles, contacts, birthdays, places, addresses, files and titles "
        "of groups are left out; so are the tables account, statuses, settings, instance, media "
        "and former contents."
    ),
    (
        "In texts, mentions, links, e-mail addresses, telephone numbers, screen names and the "
        "names of all people and groups the archive has ever known are replaced, in Russian forms "
        "too: by a pseudonym where it is clear who is meant, else by [name], [link], [mail] or "
        "[phone]."
    ),
    (
        "These are pseudonyms, not anonymity: whoever has the key can tell who is who, and the "
        "data stays personal data."
    ),
    (
        "Not found in texts are: names of people whom the archive does not know, of places, "
        "schools and employers, diminutives, misspellings, other alphabets, common words that are "
        "also names (only as part of the whole name), and names of which nothing but signs is left."
    ),
    (
        "Who is meant by a name is a guess where only one person in the archive bears it; "
        "ordinary words that are also names are replaced as well."
    ),
    (
        "Stories and rare facts in texts can tell who somebody is, and a text that is public can "
        "be found by its words."
    ),
    (
        "When the archive saw a row is told to the day. "
        "Times, counts, sizes, lengths and the numbers that were kept are exact: whoever can read "
        "the instance can find the same post there, and with it its author."
    ),
    (
        "Who is connected with whom is kept, and the account stands out as the one around whom "
        "all is arranged; a known circle of friends can be recognised."
    ),
    (
        "Photos, videos, recordings and documents show faces, voices and names; they must not be "
        "given along with this export."
    ),
)

#: What rules raise for a value of another type, which only a damaged archive has.
_UNFIT = (TypeError, ValueError, AttributeError)
KEY_BYTES = 32
_OWNER_ONLY = 0o600

#: Changes one value of a row, knowing the others.
_Change = Callable[[Any, Values], Any]


def load_key(path: Path, outside: Path | None = None) -> bytes:
    """The key in a file; a new one, that only its owner can read, if there is no such file.

    Args:
        path: the file: 32 random bytes.
        outside: the folder of the export, in which the key may not be.

    Raises:
        BadInputError: the file is no key, is in that folder, or cannot be read or written.
    """
    if outside is not None and path.resolve().is_relative_to(outside.resolve()):
        raise BadInputError(
            f"The key {path} is inside the export {outside}: whoever is given the export must not "
            "get the key."
        )
    try:
        return _read_key(path) if path.exists() else _new_key(path)
    except OSError as error:
        raise BadInputError(f"The key {path} cannot be used: {error.strerror}.") from error


def _read_key(path: Path) -> bytes:
    # One byte more tells whether there is more.
    with path.open("rb") as file:
        key = file.read(KEY_BYTES + 1)
    if len(key) != KEY_BYTES:
        raise BadInputError(
            f"{path} is no key: a key is a file of {KEY_BYTES} random bytes. Name a file that does "
            "not exist to have one made."
        )
    with suppress(OSError):
        if path.stat().st_mode & 0o077:
            set_mode(path, _OWNER_ONLY)
    return key


def _new_key(path: Path) -> bytes:
    key = token_bytes(KEY_BYTES)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        # Half a key would be refused for ever.
        with suppress(OSError):
            path.unlink()
        raise
    return key


def promises() -> list[str]:
    """What was done, and what that cannot promise: sentences for the manifest."""
    return list(_PROMISES)


class Pseudonymiser:
    """Knows everybody's pseudonym, and what becomes of each column.

    Attributes:
        lost: how many values were left out because they are not of their column's type, by table
            and column; only a damaged archive has such.
    """

    def __init__(self, archive: Archive, key: bytes) -> None:
        self._key = key
        self.lost: Counter[tuple[str, str]] = Counter()
        names = names_of(archive)
        # Number 5 of another instance is another person, but not of one that has moved.
        self._instance = names[0].instance
        # People come again and again; the cache is far below the memory that names need.
        self.thing = lru_cache(maxsize=1 << 16)(self._thing)
        hosts = {
            *(one.instance for one in names),
            *(re.sub("^https?://", "", one.url) for one in names),
            *mirrors(archive),
        }
        self._scrubber = Scrubber.of(known_names(archive), self.owner, hosts)
        self._changes: dict[str, _Change] = {
            "person": lambda value, _: self.owner(value),
            "group": lambda value, _: self.owner(-value) if value else self.owner(value),
            "owner": lambda value, _: self.owner(value),
            "text": lambda value, _: self._scrubber.text(value),
            "html": lambda value, _: self._scrubber.html(value),
            "history": lambda value, _: self._history(value),
            "day": lambda value, _: f"{value[:10]}{_MIDNIGHT}",
            "named": lambda value, _: self._named(value),
            "answers": lambda value, _: self._answers(value),
            **{kind: self._hashed(kind) for kind in _PREFIXES},
        }

    def __call__(self, view: View) -> tuple[View, Callable[[Values], Values]]:
        """A view without what is left out, and what makes its rows (`Transform`)."""
        rules = RULES.get(view.name, {}) | dict.fromkeys(STAMPS, "day")
        kept = [
            (place, field, rules[field.name])
            for place, field in enumerate(view.fields)
            if rules.get(field.name, "drop") != "drop"
        ]
        if all(field.name in STAMPS for _, field, _ in kept):
            # When something was seen says nothing without what it was.
            kept = []
        places = {field.name: place for place, field in enumerate(view.fields)}
        steps = [(place, self._change(rule, places)) for place, _, rule in kept]

        def change(row: Values) -> Values:
            return tuple(
                [
                    value if (value := row[place]) is None or step is None else step(value, row)
                    for place, step in steps
                ]
            )

        def careful(row: Values) -> Values:
            try:
                return change(row)
            except _UNFIT:
                return tuple(
                    self._or_lost(step, row, place, (view.name, field.name))
                    for (place, step), (_, field, _) in zip(steps, kept, strict=True)
                )

        fields = tuple(_described(field, rule) for _, field, rule in kept)
        hashed = frozenset(name for name, rule in rules.items() if rule in _HASHED)
        return replace(view, fields=fields, hashed=hashed), careful

    def _or_lost(
        self, step: _Change | None, row: Values, place: int, column: tuple[str, str]
    ) -> Any:
        """What a rule makes of a value; nothing, which is counted, if that is of another type."""
        value = row[place]
        try:
            return value if value is None or step is None else step(value, row)
        except _UNFIT:
            self.lost[column] += 1
            return None

    def shuffled(self, value: object) -> str | None:
        """What rows are ordered by instead of the value, which would tell who came first."""
        return None if value is None else self.thing("order", value)

    def owner(self, number: int) -> str:
        """The pseudonym of a person, or with a minus of a group; 0 is nobody."""
        if not number:
            return "0"
        return self.thing("u" if number > 0 else "g", abs(number))

    def _thing(self, prefix: str, number: object) -> str:
        said = f"{self._instance}\0{prefix}\0{number}".encode()
        return f"{prefix}_{blake2b(said, key=self._key, digest_size=_DIGEST).hexdigest()}"

    def _hashed(self, kind: str) -> _Change:
        prefix, thing = _PREFIXES[kind], self.thing
        return lambda value, _: thing(prefix, value)

    def _change(self, rule: str, places: dict[str, int]) -> _Change | None:
        """What a rule does to a value; None if it stays as it is."""
        by = {"record": "resource", "object": "type", "item": "kind", "parent": "type"}.get(rule)
        if by is None:
            return self._changes.get(rule)
        place = places.get(by)
        tell = {
            "record": self._record,
            "object": self._object,
            "item": self._item,
            "parent": _parent,
        }[rule]
        # Nothing is said of what cannot be told apart.
        return lambda value, row: None if place is None else tell(value, row[place])

    def _record(self, key: Any, resource: Any) -> str | None:
        """`u_…_149` of a post, `c_…` of a comment."""
        if resource == "comments":
            return self.thing("c", key)
        owner, _, number = str(key).rpartition("_")
        return f"{self.owner(int(owner))}_{number}" if resource == "posts" and owner else None

    def _object(self, number: Any, kind: Any) -> str:
        hashed = _HASHED_THINGS.get(kind)
        return self.thing(_PREFIXES[hashed], number) if hashed else str(number)

    def _item(self, number: Any, kind: Any) -> str:
        return self.thing("c", number) if kind == "comment" else str(number)

    def _named(self, attachments: str) -> str:
        """`photou_…_2,audiou_…_a_…` for `photo1_2,audio1_5`; of what else there may be, nothing."""
        return ",".join(map(self._attachment, attachments.split(",")))

    def _attachment(self, name: str) -> str:
        found = _NAMED.fullmatch(name)
        if not found:
            # Those without a number (`poll`, `unknown`), or without an owner (`docNone_5`).
            return "".join(re.findall("^[a-z]+", name))
        kind, owner, number = found.groups()
        return f"{kind}{self.owner(int(owner))}_{self._object(number, kind)}"

    def _answers(self, told: str) -> str:
        return json.dumps([self.thing(_PREFIXES["answer"], number) for number in json.loads(told)])

    def _history(self, told: str) -> str:
        """What a post repeats: of what is not known here, nothing."""
        originals = [self._original(one) for one in json.loads(told)]
        return json.dumps(originals, ensure_ascii=False)

    def _original(self, original: dict[str, Any]) -> dict[str, Any]:
        author, text, hung = (original.get(name) for name in ("from_id", "text", "attachments"))
        return {
            "id": original.get("id"),
            "from_id": author if author is None else self.owner(int(author)),
            "date": original.get("date"),
            "text": text if text is None else self._scrubber.text(text),
            "attachments": hung if hung is None else self._named(hung),
        }


def _parent(number: Any, kind: Any) -> Any:
    return number if str(kind).endswith(_COUNTED_PARENTS) else None


def _described(field: Field, rule: str) -> Field:
    """A column as it is after its rule."""
    doc = f"{field.doc} ({_DOCS[rule]})" if rule in _DOCS else field.doc
    return replace(field, doc=doc, type="string" if rule in _MAKE_TEXT else field.type)


def known_names(archive: Archive) -> Names:
    """Every name that somebody in the archive has, or ever had."""
    names = Names()
    for kind, number, record in _records(archive):
        told = {column: value for column, value in record.items() if _is_name(value)}
        if kind == "group":
            names.add_group(number, told.get("name") or told.get("title") or "")
            names.add_handle(-number, told.get("screen_name") or told.get("address") or "")
            continue
        names.add_person(number, *(told.get(part, "") for part in _PARTS))
        names.add_handle(number, told.get("screen_name", ""))
        # What somebody is called elsewhere names no page here.
        names.add_handle(number, told.get("telegram", ""), page=False)
    return names


#: What a person is called.
_PARTS = ("first_name", "last_name", "nickname")
#: Tables whose rows and versions tell names: of whom, and the rows.
_NAMING = {
    "users": (
        "person",
        "select id, first_name, last_name, nickname, screen_name, telegram from users",
    ),
    "account": (
        "person",
        "select id, first_name, last_name, nickname, screen_name, null from account",
    ),
    "groups": ("group", "select id, name, null, null, screen_name, null from groups"),
    "group_settings": (
        "group",
        "select group_id, title, null, null, address, null from group_settings",
    ),
}
_COLUMNS = {
    "person": (*_PARTS, "screen_name", "telegram"),
    "group": ("name", "", "", "screen_name", ""),
}
_VERSIONS = (
    "select resource, record_key, record from _versions "
    "where resource in ('users', 'account', 'groups', 'group_settings')"
)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value not in FAKES


def _records(archive: Archive) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Who is called what, in rows and in all their versions: kind, number, what tells it."""
    for kind, sql in _NAMING.values():
        for number, *values in archive.stream(sql):
            yield kind, number, dict(zip(_COLUMNS[kind], values, strict=True))
    for table, key, record in archive.stream(_VERSIONS):
        yield _NAMING[table][0], int(key), _object_of(record)
    for one in _fact(archive, "administrators"):
        if isinstance(one, dict) and isinstance(one.get("id"), int):
            yield "person", one["id"], one


def _object_of(text: Any) -> dict[str, Any]:
    found = json.loads(text)
    return found if isinstance(found, dict) else {}


def _fact(archive: Archive, name: str) -> list[Any]:
    found = archive.query("select value from instance where name = ?", (name,))
    try:
        facts = json.loads(found[0][0]) if found and found[0][0] else []
    except ValueError:
        return []
    return facts if isinstance(facts, list) else []
