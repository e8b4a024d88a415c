"""Every kind of data there is, in the order in which the lists depend on each other."""

from ovk_archive.resources import (
    attachments,
    audio,
    board,
    comments,
    docs,
    friends,
    gifts,
    groups,
    instance,
    likes,
    media,
    messages,
    newsfeed,
    notes,
    notifications,
    people,
    photos,
    polls,
    standing,
    video,
    wall,
)
from ovk_archive.resources.vocabulary.resource import Lookup, Resource
from ovk_archive.resources.vocabulary.rows import Media, Table

#: Parents before their children.
RESOURCES: tuple[Resource, ...] = (
    people.PROFILE,
    standing.STATUS,
    standing.OVK_SETTINGS,
    standing.BLOCKED,
    standing.SOURCES,
    friends.FRIEND_LIST,
    friends.FOLLOWER_LIST,
    friends.INCOMING,
    friends.OUTGOING,
    groups.MEMBERSHIP_LIST,
    groups.MANAGED_LIST,
    groups.GROUP_SETTINGS,
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
    video.VIDEO_LIST,
    docs.DOCUMENT_LIST,
    gifts.GIFT_LIST,
    polls.POLL_LIST,
    board.TOPIC_LIST,
    comments.TOPIC_COMMENTS,
    notifications.NOTIFICATION_LIST,
    instance.VERSION,
    instance.ABOUT,
    instance.MIRRORS,
    polls.VOTER_LIST,
    groups.MEMBER_LIST,
    likes.POST_LIKES,
    likes.COMMENT_LIKES,
    likes.PHOTO_LIKES,
    likes.VIDEO_LIKES,
    newsfeed.FEED,
)

#: Read last, by id, because something refers to them.
LOOKUPS: tuple[Lookup, ...] = (people.PEOPLE, people.CLUBS)

#: Every table for people to read, referred-to tables before those that refer to them.
TABLES: tuple[Table, ...] = (
    people.USERS,
    people.ACCOUNT,
    people.GROUPS,
    standing.STATUSES,
    standing.SETTINGS,
    standing.BLACKLIST,
    standing.IGNORED,
    friends.FRIENDS,
    friends.FOLLOWERS,
    friends.REQUESTS,
    groups.MEMBERSHIPS,
    groups.MANAGED,
    groups.SETTINGS,
    groups.MEMBERS,
    wall.POSTS,
    photos.ALBUMS,
    photos.PHOTOS,
    photos.ALBUM_PHOTOS,
    notes.NOTES,
    board.TOPICS,
    comments.COMMENTS,
    messages.CONVERSATIONS,
    messages.MESSAGES,
    audio.AUDIO,
    audio.COLLECTION,
    audio.PLAYLISTS,
    audio.PLAYLIST_AUDIO,
    audio.LYRICS,
    attachments.ATTACHMENTS,
    video.VIDEOS,
    polls.POLLS,
    polls.POLL_ANSWERS,
    polls.VOTES,
    docs.DOCUMENTS,
    gifts.GIFTS,
    notifications.NOTIFICATIONS,
    likes.LIKES,
    newsfeed.NEWSFEED,
    instance.INSTANCE,
    media.MEDIA,
)

#: Every table whose rows follow from versions: `media` says what became of files.
DERIVED: tuple[Table, ...] = tuple(table for table in TABLES if table is not media.MEDIA)

#: Views for people: which record has which file.
VIEWS: tuple[media.View, ...] = media.views(TABLES)

#: Kind of file -> how it is declared.
FILES: dict[str, Media] = {one.kind: one for table in TABLES for one in table.media}

#: The sections, in the order of their commands; each is a command of its own.
SECTIONS: tuple[str, ...] = tuple(dict.fromkeys(resource.section for resource in RESOURCES))
#: What a sync reads that names no section: all but what is to be asked for.
DEFAULT_SECTIONS: tuple[str, ...] = tuple(
    dict.fromkeys(resource.section for resource in RESOURCES if not resource.schedule.opt_in)
)
