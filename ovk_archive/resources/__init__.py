"""Every kind of data there is, in the order in which the lists depend on each other."""

from ovk_archive.resource import Lookup, Resource
from ovk_archive.resources import (
    attachments,
    audio,
    comments,
    messages,
    notes,
    people,
    photos,
    wall,
)
from ovk_archive.rows import Table

#: Parents before their children.
RESOURCES: tuple[Resource, ...] = (
    people.PROFILE,
    wall.WALL,
    comments.POST_COMMENTS,
    messages.DIALOGS,
    messages.HISTORY,
    photos.ALBUM_LIST,
    photos.ALL_PHOTOS,
    photos.IN_ALBUMS,
    comments.PHOTO_COMMENTS,
    notes.NOTE_LIST,
    comments.NOTE_COMMENTS,
    audio.TRACKS,
    audio.PLAYLIST_LIST,
    audio.IN_PLAYLISTS,
    audio.WORDS,
)

#: Read last, by id, because something refers to them.
LOOKUPS: tuple[Lookup, ...] = (people.PEOPLE, people.CLUBS)

#: Every table for people to read, referred-to tables before those that refer to them.
TABLES: tuple[Table, ...] = (
    people.USERS,
    people.ACCOUNT,
    people.GROUPS,
    wall.POSTS,
    photos.ALBUMS,
    photos.PHOTOS,
    photos.ALBUM_PHOTOS,
    notes.NOTES,
    comments.COMMENTS,
    messages.CONVERSATIONS,
    messages.MESSAGES,
    audio.AUDIO,
    audio.COLLECTION,
    audio.PLAYLISTS,
    audio.PLAYLIST_AUDIO,
    audio.LYRICS,
    attachments.ATTACHMENTS,
    attachments.VIDEOS,
    attachments.POLLS,
    attachments.POLL_ANSWERS,
    attachments.DOCUMENTS,
)

#: The sections, in the order of their commands; each is a command of its own.
SECTIONS: tuple[str, ...] = tuple(dict.fromkeys(resource.section for resource in RESOURCES))
