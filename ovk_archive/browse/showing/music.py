"""Music: somebody's collection, playlists, and the words of a track."""

from collections.abc import Sequence
from dataclasses import dataclass

from ovk_archive.browse.showing.parts.attached import File, Thing, things
from ovk_archive.browse.showing.parts.people import Person, people
from ovk_archive.browse.showing.parts.reading import Reading
from ovk_archive.browse.showing.parts.texts import Piece, pieces
from ovk_archive.browse.showing.parts.values import whole, words

#: Tracks and playlists on one page.
PAGE, PLAYLISTS = 100, 100
#: Place and number of the last track that was shown. Places are no numbers of tracks: what is
#: gone has kept the one that another has now.
After = tuple[int, int]
#: Before all others.
FIRST: After = (-(1 << 62), 0)


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


def collection(db: Reading, owner: int, after: After = FIRST) -> list[Track]:
    """A page of somebody's collection in its order, and one more if there are more."""
    rows = db.execute(
        "select ifnull(place, -1) as at, audio_id, gone_at from audio_collection "
        "where owner_id = ? and (at, audio_id) > (?, ?) order by at, audio_id limit ?",
        (owner, *after, PAGE + 1),
    ).fetchall()
    return _tracks(db, rows)


def playlist(db: Reading, number: int) -> Playlist | None:
    """One playlist; None if there is none."""
    found = _playlists(db, "p.id = ?", (number,))
    return found[0] if found else None


def playlists(db: Reading, owner: int, after: int = 0) -> list[Playlist]:
    """A page of the playlists that somebody made or keeps, and one more if there are more."""
    return _playlists(db, "? in (p.owner_id, p.listed_by) and p.id > ? order by p.id limit ?",
                      (owner, after, PLAYLISTS + 1))  # fmt: skip


def playlist_tracks(db: Reading, number: int, after: After = FIRST) -> list[Track]:
    """A page of a playlist in its order, and one more if there are more."""
    rows = db.execute(
        "select ifnull(position, -1) as at, audio_id, gone_at from playlist_audio "
        "where playlist_id = ? and (at, audio_id) > (?, ?) order by at, audio_id limit ?",
        (number, *after, PAGE + 1),
    ).fetchall()
    return _tracks(db, rows)


def track(db: Reading, number: int) -> tuple[Thing, str] | None:
    """One track and its words; None if there is none."""
    found = things(db, [("audio", None, number)]).get(("audio", None, number))
    if found is None:
        return None
    sql = "select text from lyrics where lyrics_id = ?"
    row = db.execute(sql, (found.facts["lyrics_id"],)).fetchone()
    return found, words(row[0]) if row else ""


def _tracks(db: Reading, rows: Sequence[tuple[int, int, str | None]]) -> list[Track]:
    known = things(db, [("audio", None, number) for _, number, _ in rows])
    return [
        Track(place, known.get(("audio", None, number)) or _unknown(number), gone_at)
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
            owner=known[whole(owner) or 0],
            title=words(title),
            description=tuple(pieces(description)),
            tracks=tracks,
            cover=File(url, state or "", sha256 if state == "stored" else None),
            gone_at=gone_at,
        )
        for number, owner, title, description, gone_at, url, state, sha256, tracks in rows
    ]
