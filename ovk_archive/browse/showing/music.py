"""Music: somebody's collection, playlists, and the words of a track."""

from collections.abc import Sequence
from dataclasses import dataclass

from ovk_archive.browse.showing.parts.attached import File, Thing, things
from ovk_archive.browse.showing.parts.people import Person, people
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.texts import Piece, pieces

#: Tracks and playlists on one page.
PAGE, PLAYLISTS = 100, 100


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist."""

    id: int
    owner: Person
    title: str
    description: tuple[Piece, ...]
    tracks: int
    cover: File
    gone_at: str | None


@dataclass(frozen=True, slots=True)
class Track:
    """A track at its place in a list; `gone_at` says since when it is in it no longer."""

    place: int
    thing: Thing
    gone_at: str | None


def collection(db: Reading, owner: int, after: int = -1) -> list[Track]:
    """A page of somebody's collection in its order, and one more if there are more."""
    rows = db.execute(
        "select place, audio_id, gone_at from audio_collection where owner_id = ? "
        "and place > ? order by place limit ?",
        (owner, after, PAGE + 1),
    ).fetchall()
    return _tracks(db, rows)


def playlist(db: Reading, number: int) -> Playlist | None:
    """One playlist; None if there is none."""
    found = _playlists(db, "p.id = ?", (number,))
    return found[0] if found else None


def playlists(db: Reading, owner: int) -> list[Playlist]:
    """The playlists that somebody made or keeps."""
    return _playlists(db, "? in (p.owner_id, p.listed_by) order by p.id limit ?",
                      (owner, PLAYLISTS))  # fmt: skip


def playlist_tracks(db: Reading, number: int, after: int = -1) -> list[Track]:
    """A page of a playlist in its order, and one more if there are more."""
    rows = db.execute(
        "select position, audio_id, gone_at from playlist_audio where playlist_id = ? "
        "and position > ? order by position limit ?",
        (number, after, PAGE + 1),
    ).fetchall()
    return _tracks(db, rows)


def track(db: Reading, number: int) -> tuple[Thing, str] | None:
    """One track and its words; None if there is none."""
    found = things(db, [("audio", None, number)]).get(("audio", None, number))
    if found is None:
        return None
    sql = "select text from lyrics where lyrics_id = ?"
    row = db.execute(sql, (found.facts["lyrics_id"],)).fetchone()
    return found, (row[0] or "") if row else ""


def _tracks(db: Reading, rows: Sequence[tuple[int | None, int, str | None]]) -> list[Track]:
    known = things(db, [("audio", None, number) for _, number, _ in rows])
    return [
        Track(place or 0, known.get(("audio", None, number)) or _unknown(number), gone_at)
        for place, number, gone_at in rows
    ]


def _unknown(number: int) -> Thing:
    return Thing(kind="audio", owner_id=None, id=number, is_known=False)


def _playlists(db: Reading, which: str, values: Sequence[int]) -> list[Playlist]:
    rows = db.execute(
        "select p.id, p.owner_id, p.title, p.description, p.gone_at, p.cover_url, m.state, "
        "m.sha256, (select count(*) from playlist_audio where playlist_id = p.id) "
        f"from playlists p left join media m on m.url = p.cover_url where {which}",
        values,
    ).fetchall()
    known = people(db, [row[1] for row in rows])
    return [
        Playlist(
            id=number,
            owner=known[owner or 0],
            title=title or "",
            description=tuple(pieces(description or "")),
            tracks=tracks,
            cover=File(url, state or "", sha256 if state == "stored" else None),
            gone_at=gone_at,
        )
        for number, owner, title, description, gone_at, url, state, sha256, tracks in rows
    ]
