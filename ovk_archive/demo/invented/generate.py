"""generate: a whole Russian-speaking world out of a seed."""

from dataclasses import dataclass
from random import Random

from ovk_archive.demo.invented import belongings, cast, circle, gallery, journal, jukebox, letters
from ovk_archive.demo.world.world import World


@dataclass(frozen=True)
class WorldSize:
    """How much there is of everything the account has."""

    posts: int = 120
    comments: int = 260
    dialogs: int = 8
    messages_per_dialog: int = 40
    photos: int = 60
    albums: int = 5
    notes: int = 25
    tracks: int = 30
    playlists: int = 3
    friends: int = 12
    videos: int = 7
    gifts: int = 13
    topics: int = 8
    documents: int = 12
    notifications: int = 25


def generate(seed: int = 1, size: WorldSize | None = None) -> World:
    """Invent a world; the same seed and size always give the same one."""
    size = size or WorldSize()
    random = Random(seed)
    world = World.empty()
    cast.people(world, random, size.friends)
    cast.communities(world)
    gallery.fill(world, photos=size.photos, albums=size.albums)
    jukebox.fill(world, tracks=size.tracks, playlists=size.playlists)
    journal.notes(world, random, size.notes)
    journal.walls(world, random, size.posts)
    journal.comments(world, random, size.comments)
    letters.fill(world, random, dialogs=size.dialogs, each=size.messages_per_dialog)
    gallery.spoil(world)
    jukebox.spoil(world)
    belongings.videos(world, size.videos)
    belongings.gifts(world, size.gifts)
    belongings.polls(world)
    belongings.likes(world)
    belongings.topics(world, size.topics)
    belongings.documents(world, size.documents)
    circle.relate(world)
    circle.tell(world, size.notifications)
    return world
