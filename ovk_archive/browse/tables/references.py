"""What numbers in rows mean: which record, and what it is called; all of a page asked for at once.

Datasette gives names only to what one column refers to; a signed number is a person or a group,
and the number of a post means something only together with its owner.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.values import whole, words
from ovk_archive.resources import TABLES
from ovk_archive.resources.attachments import KINDS

#: A record: its table and its key.
Target = tuple[str, tuple[int, ...]]

#: Columns with a person, or a group as a negative number.
_SIGNED = frozenset(
    {
        *("owner_id", "from_id", "user_id", "friend_id", "follower_id", "peer_id", "signer_id"),
        *("source_id", "listed_by", "created_by", "updated_by", "parent_owner_id", "of_owner_id"),
    }
)
#: Columns whose number alone says which record it is.
_SINGLE = {
    "group_id": "groups",
    "album_id": "albums",
    "playlist_id": "playlists",
    "audio_id": "audio",
    "lyrics_id": "audio",
    "poll_id": "polls",
    "answer_id": "poll_answers",
    "reply_to_comment": "comments",
    "last_message_id": "messages",
    "in_read": "messages",
    "out_read": "messages",
}
#: Columns whose number counts within an owner -> table, and the column with the owner.
_OWNED = {
    "post_id": ("posts", "owner_id"),
    "photo_id": ("photos", "owner_id"),
    "note_id": ("notes", "owner_id"),
    "topic_id": ("topics", "group_id"),
}
#: Tables in which a column says of what kind the record is -> that column, its number, its owner.
_OF_A_KIND = {
    "likes": ("kind", "item_id", "owner_id"),
    "attachments": ("type", "object_id", "owner_id"),
}
_KINDS = {
    "post": "posts",
    "comment": "comments",
    **{kind: table.name for kind, (table, _) in KINDS.items()},
}
#: What a record is called. The whole row of a message need not be read for it.
_LABELS = {
    "users": "name",
    "groups": "name",
    "albums": "title",
    "playlists": "title",
    "audio": "artist || ' – ' || title",
    "polls": "question",
    "poll_answers": "text",
    "comments": "text",
    "messages": "text",
    "posts": "text",
    "photos": "text",
    "notes": "title",
    "topics": "title",
    "videos": "title",
    "documents": "title",
}
_KEYS = {table.name: table.key for table in TABLES}
#: Letters of a name that are asked for.
_MOST = 200


def meant(table: str, row: Mapping[str, Any]) -> Iterator[tuple[str, Target]]:
    """The columns of a row that name a record, and which."""
    kind_in, number_in, owner_in = _OF_A_KIND.get(table, ("", "", ""))
    for column, value in row.items():
        number = whole(value)
        if not number:
            continue
        if column in _SIGNED:
            yield column, _someone(number)
        elif column in _SINGLE:
            yield column, (_SINGLE[column], (number,))
        elif column == "id" and table == "account":
            yield column, ("users", (number,))
        elif column in _OWNED:
            of, owner = _OWNED[column]
            yield from _within(column, of, row.get(owner), number)
        elif column == number_in:
            yield from _within(column, _KINDS.get(row.get(kind_in, "")), row.get(owner_in), number)


def _someone(number: int) -> Target:
    return ("groups", (-number,)) if number < 0 else ("users", (number,))


def _within(
    column: str, table: str | None, owner: Any, number: int
) -> Iterator[tuple[str, Target]]:
    """A record of an owner; of some kinds the number alone is the key."""
    if table is None:
        return
    if len(_KEYS[table]) == 1:
        yield column, (table, (number,))
    elif (whose := whole(owner)) is not None:
        yield column, (table, (whose, number))


def called(db: Reading, targets: Iterable[Target]) -> dict[Target, str]:
    """What records are called; those that the archive does not have are left out."""
    wanted: dict[str, set[tuple[int, ...]]] = defaultdict(set)
    for table, key in targets:
        wanted[table].add(key)
    return {
        (table, tuple(row[:-1])): words(row[-1])
        for table, keys in wanted.items()
        for row in _read(db, table, keys)
    }


def _read(db: Reading, table: str, keys: set[tuple[int, ...]]) -> list[Any]:
    names = _KEYS[table]
    parts = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(names)))
    return db.execute(
        f"select {', '.join(names)}, substr({_LABELS[table]}, 1, {_MOST}) from {table} "
        f"where ({', '.join(names)}) in (select {parts} from json_each(?))",
        (json.dumps(sorted(keys)),),
    ).fetchall()
