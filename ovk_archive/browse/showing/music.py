"""Music: somebody's collection, playlists, and the words of a track."""

from collections.abc import Sequence
from dataclasses import dataclass

from ovk_archive.browse.showing.parts.attached import File, Thing, things
from ovk_archive.browse.showing.parts.people import Person, people
from ovk_archive.browse.showing.parts.placed import Last, Placed, placed
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.texts import Piece, pieces
from ovk_archive.browse.showing.parts.values import LARGE, whole, words

#: Tracks and playlists on one page.
PAGE, PLAYLISTS = 100, 100


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist.

    Attributes:
        tracks: how many are in it, as far as the archive knows.
    """

    id: int
    owner: Person
    title: str
    description: tuple[Piece, ...]
    tracks: int
    cover: File
    gone_at: str | None


def collection(db: Reading, owner: int, last: Last | None = None) -> list[Placed]:
    """A page of somebody's collection, what was added last first, and one more if there are more.

    The later a track was added, the greater is its place.
    """
    place, _, number = last or (LARGE, 0, 0)
    rows = db.execute(
        "select ifnull(place, -1) as at, null, audio_id, gone_at from audio_collection "
        "where owner_id = ? and (at, audio_id) < (?, ?) order by at desc, audio_id desc limit ?",
        (owner, place, number, PAGE + 1),
    ).fetchall()
    return placed(db, "audio", rows)


def playlist(db: Reading, number: int) -> Playlist | None:
    """One playlist; None if there is none."""
    found = _playlists(db, "p.id = ?", (number,))
    return found[0] if found else None


def playlists(db: Reading, owner: int, after: int = 0) -> list[Playlist]:
    """A page of the playlists that somebody made or keeps, and one more if there are more."""
    which = "(p.owner_id = ? or p.listed_by = ?) and p.id > ? order by p.id limit ?"
    return _playlists(db, which, (owner, owner, after, PLAYLISTS + 1))


def playlist_tracks(db: Reading, number: int, last: Last | None = None) -> list[Placed]:
    """A page of a playlist in its order, and one more if there are more."""
    place, _, track_id = last or (-LARGE, 0, 0)
    rows = db.execute(
        "select ifnull(position, -1) as at, null, audio_id, gone_at from playlist_audio "
        "where playlist_id = ? and (at, audio_id) > (?, ?) order by at, audio_id limit ?",
        (number, place, track_id, PAGE + 1),
    ).fetchall()
    return placed(db, "audio", rows)


def track(db: Reading, number: int) -> tuple[Thing, str] | None:
    """One track and its words; None if there is none."""
    found = things(db, [("audio", None, number)]).get(("audio", None, number))
    if found is None:
        return None
    sql = "select text from lyrics where lyrics_id = ?"
    row = db.execute(sql, (found.facts["lyrics_id"],)).fetchone()
    return found, words(row[0]) if row else ""


def _playlists(db: Reading, which: str, values: Sequence[int]) -> list[Playlist]:
    rows = db.execute(
        "select p.id, p.owner_id, p.title, p.description, p.gone_at, p.cover_url, m.state, "
        "m.sha256, (select count(*) from playlist_audio where playlist_id = p.id "
        "and gone_at is null) "
        f"from playlists p left join media m on m.url = p.cover_url where {which}",
        values,
    ).fetchall()
    known = people(db, [row[1] for row in rows])
    return [
        Playlist(
            id=number,
            owner=known[whole(owner) or 0],
            title=words(title),
            description=tuple(pieces(description)),
            tracks=tracks,
            cover=File(url, state or "", sha256 if state == "stored" else None),
            gone_at=gone_at,
        )
        for number, owner, title, description, gone_at, url, state, sha256, tracks in rows
    ]
