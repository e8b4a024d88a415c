"""What a perfect archive would hold: the world as the account may read it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.methods.markup import note_html
from ovk_archive.demo.world.owned import Audio
from ovk_archive.demo.world.records import Comment, Pair
from truth import things
from truth.society import society

if TYPE_CHECKING:
    from ovk_archive.demo.world.world import World


def truth(world: "World", dialect: str, owners: tuple[int, ...]) -> dict[str, Any]:
    """Say which records of these owners are readable, by kind."""
    facts: dict[str, Any] = {
        "posts": _posts(world, dialect, owners),
        "conversations": set(world.dialogs),
        "messages": {m.id for m in world.messages.values() if not m.deleted},
        "notes": _notes(world, dialect, owners),
        **_pictures(world, dialect, owners),
        **_music(world, dialect, owners),
    }
    facts |= things.owned(world, dialect, owners, facts["posts"])
    facts |= society(world, dialect, owners)
    facts["comments"] = _comments(world, dialect, facts)
    facts["likes"] = things.likes(world, dialect, facts)
    return facts


def texts(world: "World", dialect: str) -> dict[tuple[str, Any], str]:
    """Say what people wrote, unescaped; a note's text is the markup as served."""
    said: dict[tuple[str, Any], str] = {}
    said |= {("posts", key): post.text for key, post in world.posts.items()}
    said |= {("comments", key): comment.text for key, comment in world.comments.items()}
    said |= {("messages", key): message.text for key, message in world.messages.items()}
    said |= {("notes", key): note_html(note, dialect) for key, note in world.notes.items()}
    return said


def unreadable(comment: Comment, dialect: str) -> bool:
    """Say whether a comment crashes its page.

    [A] cannot show a video under a photo, a note or in a topic (help/openvk-api.md,
    Comments).
    """
    kinds = {kind for kind, _ in comment.attachments}
    return dialect == "A" and comment.kind != "post" and "video" in kinds


def _posts(world: "World", dialect: str, owners: Iterable[int]) -> set[Pair]:
    readable = (o for o in owners if privacy.allows(privacy.wall, world, dialect, o))
    found = {(post.owner_id, post.id) for owner in readable for post in world.wall(owner)}
    if dialect == "B" and world.account_id in owners:
        mine = (post for post in world.posts.values() if post.owner_id == world.account_id)
        found |= {(p.owner_id, p.id) for p in mine if p.archived and not p.deleted}
    return found


def _notes(world: "World", dialect: str, owners: Iterable[int]) -> set[Pair]:
    readable = (o for o in owners if privacy.allows(privacy.notes, world, dialect, o))
    return {(note.owner_id, note.id) for owner in readable for note in world.notes_of(owner)}


def _pictures(world: "World", dialect: str, owners: Iterable[int]) -> dict[str, Any]:
    albums: set[int] = set()
    photos: set[Pair] = set()
    inside: set[tuple[int, int, int]] = set()
    for owner in owners:
        if privacy.allows(privacy.all_photos, world, dialect, owner):
            photos |= {(photo.owner_id, photo.id) for photo in world.photos_of(owner)}
        if not privacy.allows(privacy.albums, world, dialect, owner):
            continue
        for album in world.albums_of(owner):
            albums.add(album.id)
            rows = (photo for photo in world.album_rows(album.id) if not photo.deleted)
            inside |= {(album.id, photo.owner_id, photo.id) for photo in rows}
    photos |= {(owner, photo) for _, owner, photo in inside}
    return {"albums": albums, "photos": photos, "album_photos": inside}


def _music(world: "World", dialect: str, owners: Iterable[int]) -> dict[str, Any]:
    collections: dict[int, list[int]] = {}
    playlists: dict[int, list[int]] = {}
    tracks: dict[int, Audio] = {}

    def live(rows: Iterable[Audio]) -> list[int]:
        kept = [track for track in rows if not track.deleted]
        tracks.update({track.id: track for track in kept})
        return [track.id for track in kept]

    for owner in owners:
        if privacy.allows(privacy.music, world, dialect, owner):
            collections[owner] = live(world.collection(owner))
        if privacy.allows(privacy.playlists, world, dialect, owner):
            shown = (
                one
                for one in world.playlists_of(owner)
                if privacy.allows(privacy.playlists, world, dialect, one.owner_id)
            )
            for playlist in shown:
                playlists[playlist.id] = live(world.playlist_rows(playlist.id, dialect))
    return {
        "audio_collection": collections,
        "playlists": set(playlists),
        "playlist_audio": playlists,
        "lyrics": {number for number, track in tracks.items() if track.lyrics is not None},
    }


def _comments(world: "World", dialect: str, facts: dict[str, Any]) -> set[int]:
    parents = (
        (kind, owner, number)
        for kind, section in (("post", "posts"), ("photo", "photos"), ("note", "notes"))
        for owner, number in facts[section]
    )
    topics = (("topic", -group, number) for group, number in facts["topics"])
    return {
        comment.id
        for parent in (*parents, *topics)
        for comment in world.thread(*parent)
        if not unreadable(comment, dialect)
    }
