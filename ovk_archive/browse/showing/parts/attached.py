"""What is attached to posts and comments: pictures, films, tracks, polls, notes, documents."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.values import whole, words
from ovk_archive.resources import TABLES


@dataclass(frozen=True, slots=True)
class File:
    """A file that a record names.

    Attributes:
        url: where the instance had it; None if the record names none.
        sha256: the hash of its bytes, if it is here.
        state: as in table `media`; empty if nobody has asked for it.
        why: why it is not here.
    """

    url: str | None = None
    state: str = ""
    sha256: str | None = None
    content_type: str = ""
    size: int | None = None
    why: str = ""

    @property
    def is_here(self) -> bool:
        """It can be shown."""
        return self.sha256 is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something that is attached, or stands in a list of its kind.

    Attributes:
        kind: photo, video, audio, poll, note or doc.
        owner_id: None where its number alone says which it is.
        is_known: the archive has its record.
        facts: the columns of its row that are shown.
        file: the picture, sound, film or document itself.
        preview: a picture of it.
    """

    kind: str
    owner_id: int | None
    id: int
    is_known: bool = True
    gone_at: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    file: File = File()
    preview: File = File()


@dataclass(frozen=True, slots=True)
class Answer:
    """What could be chosen in a poll, and how many did."""

    text: str
    votes: int | None
    share: float


@dataclass(frozen=True, slots=True)
class Attached:
    """What is attached to one record: its own, and what belongs to the post that it repeats."""

    own: tuple[Thing, ...] = ()
    repeated: tuple[Thing, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kind:
    """Where things of a kind are."""

    table: str
    columns: tuple[str, ...]
    file: str | None = None
    preview: str | None = None
    has_owner: bool = True


_KINDS = {
    "photo": _Kind("photos", ("date", "text", "width", "height", "likes", "comments"), "url"),
    "video": _Kind("videos", ("title", "description", "date", "duration", "width", "height",
                              "platform"), "player", "image_url"),
    "audio": _Kind("audio", ("artist", "title", "duration", "lyrics_id", "withdrawn", "explicit"),
                   "url", has_owner=False),
    "poll": _Kind("polls", ("question", "end_date", "anonymous", "multiple", "closed", "votes"),
                  has_owner=False),
    "note": _Kind("notes", ("title", "date")),
    "doc": _Kind("documents", ("title", "ext", "size", "date"), "url", has_owner=False),
}  # fmt: skip

#: Column -> its values as they can be shown.
_AS_SHOWN = {
    (table.name, column.name): whole if column.type is int else words
    for table in TABLES
    for column in table.columns
}
#: What table `media` says of a file, behind its address.
_FILE = "m{n}.state, m{n}.sha256, m{n}.content_type, m{n}.bytes, m{n}.error"
_PARTS = 6
#: Kind, owner (None where the number alone will do), number.
Named = tuple[str, int | None, int]


def attached(db: Reading, table: str, gone: Mapping[str, str | None]) -> dict[str, Attached]:
    """What is attached to these rows of a table, by their keys (`1_42` of a post).

    `gone` says of each since when it is gone; what is attached to it is gone since then as well.
    """
    rows = db.execute(
        "select record_key, reposted, type, owner_id, object_id, gone_at from attachments "
        "where resource = ? and record_key in (select value from json_each(?)) "
        "order by record_key, position",
        (table, json.dumps(list(gone))),
    )
    named = [
        (key, bool(reposted), _named(kind, whole(owner), whole(number)))
        for key, reposted, kind, owner, number, gone_at in rows
        if gone_at in (None, gone[key])
    ]
    known = things(db, (name for _, _, name in named))
    found: dict[str, tuple[list[Thing], list[Thing]]] = defaultdict(lambda: ([], []))
    for key, reposted, name in named:
        kind, owner, number = name
        unknown = Thing(kind=kind, owner_id=owner, id=number, is_known=False)
        found[key][reposted].append(known.get(name, unknown))
    return {key: Attached(tuple(own), tuple(others)) for key, (own, others) in found.items()}


def things(db: Reading, named: Iterable[Named]) -> dict[Named, Thing]:
    """Things by their names; what the archive has no row of is not among them."""
    by_kind: dict[str, set[Named]] = defaultdict(set)
    for one in named:
        by_kind[one[0]].add(one)
    found: dict[Named, Thing] = {}
    for kind, ones in by_kind.items():
        if kind in _KINDS:
            found |= {(kind, one.owner_id, one.id): one for one in _read(db, kind, ones)}
    return found


def answers(db: Reading, poll_id: int) -> list[Answer]:
    """What could be chosen in a poll, in its order."""
    rows = db.execute(
        "select text, votes from poll_answers where poll_id = ? order by id", (poll_id,)
    ).fetchall()
    told = [(words(text), max(0, whole(votes) or 0), whole(votes)) for text, votes in rows]
    every = sum(votes for _, votes, _ in told)
    return [Answer(text, shown, votes / every if every else 0) for text, votes, shown in told]


def _named(kind: str, owner: int | None, number: int | None) -> Named:
    has_owner = kind in _KINDS and _KINDS[kind].has_owner
    return kind, owner if has_owner else None, number or 0


def _read(db: Reading, kind: str, named: Iterable[Named]) -> Iterable[Thing]:
    how = _KINDS[kind]
    files = [one for one in (how.file, how.preview) if one]
    joins = " ".join(f'left join media m{n} on m{n}.url = t."{c}"' for n, c in enumerate(files))
    columns = ", ".join(
        (
            *(f't."{column}"' for column in ("id", "owner_id", "gone_at", *how.columns)),
            *(f't."{c}", {_FILE.format(n=n)}' for n, c in enumerate(files)),
        )
    )
    owner, number = "json_extract(value, '$[1]')", "json_extract(value, '$[2]') from json_each(?)"
    # With a subquery: else SQLite would compare each row with each name.
    which = f"(t.owner_id, t.id) in (select {owner}, {number})"
    if not how.has_owner:
        which = f"t.id in (select {number})"
    rows = db.execute(
        f'select {columns} from "{how.table}" t {joins} where {which}',
        (json.dumps(list(named)),),
    )
    return [_thing(kind, row) for row in rows]


def _thing(kind: str, row: Sequence[Any]) -> Thing:
    how = _KINDS[kind]
    number, owner, gone_at, *facts = row
    rest = facts[len(how.columns) :]
    files = [_file(rest[start : start + _PARTS]) for start in range(0, len(rest), _PARTS)]
    return Thing(
        kind=kind,
        owner_id=owner if how.has_owner else None,
        id=number,
        gone_at=gone_at,
        facts={
            name: _AS_SHOWN[how.table, name](value)
            for name, value in zip(how.columns, facts, strict=False)
        },
        file=files[0] if how.file else File(),
        preview=files[-1] if how.preview else File(),
    )


def _file(row: Sequence[Any]) -> File:
    url, state, sha256, content_type, size, why = row
    here = sha256 if state == "stored" else None
    return File(url, state or "", here, content_type or "", size, why or "")
