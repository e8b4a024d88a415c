"""What a perfect archive would hold of files: the hashes of all that readable records name."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ovk_archive.demo.world import files
from ovk_archive.demo.world.owned import Photo
from ovk_archive.demo.world.records import Attachment, Comment, Post

if TYPE_CHECKING:
    from ovk_archive.demo.world.world import World

#: The file endings that tell the two files of a video apart.
_OF_VIDEO = (".mp4", ".gif")
#: What hangs on comments under posts and is shown: videos and polls are dropped.
_IN_THREADS = {"photo", "audio", "doc"}


def file_hashes(
    world: "World", dialect: str, facts: dict[str, Any], people: Iterable[int]
) -> dict[str, set[str]]:
    """Say which files can be had, by kind, as SHA-256 of their bytes.

    `facts` is the truth of the records; `people` are those whom the archive knows.
    """
    named = _named(world, dialect, facts) | {
        "avatars": [(photo, "_cropped") for photo in _avatars(world, people)]
    }
    hashes = {
        kind: {_hash(files.content(record, ending)[0]) for record, ending in rows}
        for kind, rows in named.items()
    }
    return {**hashes, "gifts": {_hash(files.gift(gift)) for *_, gift, _ in facts["gifts"]}}


def _named(world: "World", dialect: str, facts: dict[str, Any]) -> dict[str, list[tuple[Any, str]]]:
    """Find the records that name files, each with the ending of the file's name."""
    hung = set(_attached(world, dialect, facts))

    def of(kind: str) -> set[Any]:
        return {key for one, key in hung if one == kind}

    tracks = {number for rows in facts["audio_collection"].values() for number in rows}
    tracks |= {number for rows in facts["playlist_audio"].values() for number in rows}
    videos = [world.videos[key] for key in facts["videos"] | of("video")]
    documents = facts["documents"] | (of("doc") if dialect == "B" else set())
    return {
        "photos": [(world.photos[key], "") for key in facts["photos"] | of("photo")],
        "audio": [
            (world.audio[number], "")
            for number in tracks | of("audio")
            if world.audio[number].ready and not world.audio[number].withdrawn
        ],
        "videos": [(one, ending) for one in videos if one.has_file for ending in _OF_VIDEO],
        "documents": [(world.docs[number], "") for number in documents],
    }


def _attached(world: "World", dialect: str, facts: dict[str, Any]) -> Iterator[Attachment]:
    for key in facts["posts"]:
        yield from _on_post(world, world.posts[key])
    for number in facts["comments"]:
        yield from _on_comment(world.comments[number], dialect)


def _on_post(world: "World", post: Post) -> Iterator[Attachment]:
    """What hangs on a post; of what it repeats, the photos."""
    for kind, key in post.attachments:
        if kind != "photo" or not world.photos[key].deleted:
            yield kind, key
    original = world.posts.get(post.repost_of) if post.repost_of else None
    for kind, key in original.attachments if original else ():
        if kind == "photo" and not world.photos[key].deleted:
            yield kind, key


def _on_comment(comment: Comment, dialect: str) -> Iterator[Attachment]:
    """Under other things than posts, photos at the most; [B] shows them under photos only."""
    shown = {"post": _IN_THREADS, "photo": {"photo"}}
    if dialect == "A":
        shown |= {"note": {"photo"}, "topic": {"photo"}}
    kinds = shown.get(comment.kind, set())
    yield from (item for item in comment.attachments if item[0] in kinds)


def _avatars(world: "World", people: Iterable[int]) -> Iterator[Photo]:
    photos = {photo.global_id: photo for photo in world.photos.values()}
    for number in people:
        user = world.user(number)
        if user is not None and user.banned is None and user.avatar is not None:
            yield photos[user.avatar]


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
