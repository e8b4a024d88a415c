"""An archive with a past: its world was edited, and lost some records, while it was kept."""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from archives import SMALL
from fetching import fetch
from syncing import run
from toy import DemoInstance, World, generate

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.location import folder_of
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.tables.gone import mark_gone
from ovk_archive.resources.comments import COMMENTS
from ovk_archive.resources.messages import MESSAGES
from ovk_archive.resources.notes import NOTES
from ovk_archive.resources.photos import PHOTOS
from ovk_archive.resources.wall import POSTS

ME = 1
#: Sections in which something is edited, and those that pages show besides.
_EDITED = ("wall", "messages", "notes")
_SHOWN = (*_EDITED, "photos", "audio", "video", "friends", "groups", "gifts", "polls", "board",
          "docs", "notifications", "profile", "people")  # fmt: skip
#: The moment at which it was noticed that something was deleted.
NOTICED = "2026-02-03T04:05:06Z"


@dataclass(frozen=True)
class Past:
    """An archive, and what is true of it.

    Attributes:
        world: the world as it became.
        talk: with whom there are many messages of one second.
        much: the post with more comments than fit on a page.
        pinned: the post at the top of the wall.
        former: table and key -> the text that was there first.
        gone: table -> the key of what is marked as deleted.
    """

    path: Path
    world: World
    talk: int
    much: int
    pinned: int
    former: dict[str, str]
    gone: dict[str, str]


def past(folder: Path) -> Past:
    """The archive, copied into a folder, with its files."""
    made, contents = _made()
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return replace(made, path=folder / made.path.name)


@cache
def _made() -> tuple[Past, dict[str, bytes]]:
    with TemporaryDirectory() as name, DemoInstance(_world(), "B") as toy:
        path = Path(name) / "archive.db"
        assert run(toy, path, sections=_SHOWN).exit_code == 0
        found = _changed(path, toy.world)
        assert run(toy, path, sections=_EDITED, full=True).exit_code == 0
        assert fetch(toy.url, path).stored > 0
        with Archive.open(path, Identity("demo", ME, toy.url)) as held, held.transaction() as db:
            for table in (POSTS, MESSAGES, NOTES, PHOTOS, COMMENTS):
                mark_gone(db, table, [found.gone[table.name]], NOTICED)
        files = [path, *(one for one in folder_of(path).rglob("*") if one.is_file())]
        return found, {str(one.relative_to(name)): one.read_bytes() for one in files}


def _world() -> World:
    """A small life, and what fills pages: comments under one post, messages of one second."""
    world = generate(size=SMALL)
    much = world.wall(ME)[7].id
    peer = next(one for one in world.correspondents() if one != ME)
    for number in range(105):
        world.add_comment("post", ME, much, author=2, text=f"Голос {number}")
    for number in range(40):
        world.add_message(peer, out=number % 3 == 0, text=f"Сразу {number}", date=world.clock)
    world.pin_post(ME, world.wall(ME)[45].id)
    return world


def _changed(path: Path, world: World) -> Past:
    """What happens after the first sync; a comment of the deleted post stays with it."""
    wall, talks, notes = world.wall(ME), world.correspondents(), world.notes_of(ME)
    with_things = next(post for post in wall[10:] if len(post.attachments) > 1)
    post, message, note = wall[3], world.history(talks[1])[2], notes[2]
    found = Past(
        path=path,
        world=world,
        talk=talks[0],
        much=wall[7].id,
        pinned=world.pins[ME],
        former={
            f"posts {ME}_{post.id}": post.text,
            f"messages {message.id}": message.text,
            f"notes {ME}_{note.id}": "",
        },
        gone={
            "posts": f"{ME}_{with_things.id}",
            "messages": str(world.history(talks[1])[4].id),
            "notes": f"{ME}_{notes[0].id}",
            "photos": f"{ME}_{world.photos_of(ME)[2].id}",
            "comments": str(world.thread("post", ME, wall[7].id)[3].id),
        },
    )
    world.edit_post(ME, post.id, "Теперь здесь другие слова")
    world.edit_message(message.id, "Исправлено потом")
    world.edit_note(ME, note.id, "<p>Заметка стала другой</p>")
    return found
