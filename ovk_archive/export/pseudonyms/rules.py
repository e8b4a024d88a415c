"""What becomes of each column in an export with pseudonyms, and what a codebook says of it.

What is not declared is left out.

* Ids of people and groups become keyed hashes, `u_…` and `g_…`: the same in all tables and in all
  exports of one instance that were made with one key. Who is nobody (0) stays 0.
* Numbers under which anybody can look up a thing, and with it whose it is, and keys that are hashes
  of what may be known (gifts, notifications) become keyed hashes too. Those that count among their
  owner's things (posts, photos, videos, notes, topics) are hashed with their owner: whoever knows
  one of them learns none of another owner's.
* Places in a list that nobody can look up, or that tells itself what is in it, are counted anew,
  from 1 on and without gaps.
* Times are told as exactly as is asked for, counts and sizes in steps (`coarse`).
* Names, profiles, contacts, places, addresses and files' names, and what one can look people up
  by (when last seen, how many members), are left out.
* Texts are kept without whom they name (`scrub`).
* The account's own profile, status lines, settings, whom it blocks and does not want to read, facts
  of the instance, the list of files, and former contents, which are records as the API sent them,
  are left out whole.
"""

#: What becomes of a column: table -> what -> columns.
#:
#: keep, drop; text, html, history (of reposts), named (attachments in VK's way), answers (a list);
#: person, group (positive ids), owner (negative for a group);
#: comment, track, playlist, poll, answer, album, document, gift, notification: numbers or keys of
#: such a thing;
#: post, photo, video, note, topic: numbers among the things of whoever owns the row;
#: record, object, item, parent: numbers whose meaning another column of the row tells;
#: turn, place: places in a list (`PLACES`);
#: time: a unix time; steps: a count.
_DECLARED: dict[str, dict[str, str]] = {
    "users": {
        "person": "id",
        "keep": "deactivated sex has_photo verified is_closed can_access_closed",
        "drop": "name first_name last_name nickname screen_name ban_reason bdate status city "
        "home_town about interests music movies tv books quotes email telegram photo_url rating "
        "online last_seen",
    },
    "account": {
        "drop": "id name first_name last_name nickname screen_name status home_town bdate "
        "bdate_visibility phone sex relation",
    },
    "groups": {
        "group": "id",
        "keep": "type deactivated verified is_closed can_access_closed is_member is_admin",
        "drop": "name screen_name description site contacts photo_url start_date members_count",
    },
    "statuses": {"drop": "user_id text audio"},
    "settings": {"drop": "name value"},
    "blacklist": {"drop": "user_id"},
    "newsfeed_banned": {"drop": "source_id user_id group_id"},
    "friends": {"person": "user_id friend_id"},
    "followers": {"person": "user_id follower_id"},
    "friend_requests": {"person": "user_id", "keep": "direction"},
    "memberships": {"person": "user_id", "group": "group_id"},
    "managed_groups": {"person": "user_id", "group": "group_id"},
    "group_settings": {
        "group": "group_id",
        "keep": "wall photos video audio docs topics access subject",
        "drop": "title description address website obscene_words",
    },
    "group_members": {"person": "user_id", "group": "group_id"},
    "posts": {
        "owner": "owner_id from_id",
        "person": "owner_user_id from_user_id signer_id",
        "group": "owner_group_id from_group_id",
        # Whoever writes a program chooses what it is called.
        "text": "text platform",
        "named": "attachments",
        "history": "copy_history",
        "post": "id",
        "time": "date",
        "steps": "comments likes reposts",
        "keep": "post_type is_pinned is_explicit source is_archived user_likes can_edit "
        "can_delete can_pin",
        "drop": "geo geo_name copyright copyright_name",
    },
    "albums": {
        "owner": "owner_id",
        "text": "title description",
        "album": "id",
        "time": "created updated",
        "steps": "size",
        "keep": "can_upload",
        "drop": "thumb_url",
    },
    "photos": {
        "person": "owner_id",
        "text": "text",
        "photo": "id",
        "album": "album_id",
        "time": "date",
        "steps": "width height likes comments",
        "keep": "has_tags",
        "drop": "url",
    },
    "album_photos": {
        "person": "owner_id",
        "album": "album_id",
        "photo": "photo_id",
        # Whoever opens the album sees which photo is the third.
        "drop": "position",
    },
    "notes": {
        "person": "owner_id",
        "text": "title",
        "html": "text",
        "note": "id",
        "time": "date",
        "steps": "comments",
        "keep": "can_comment privacy_view",
        "drop": "view_url",
    },
    "topics": {
        "group": "group_id created_by_group_id",
        "person": "created_by_user_id",
        "owner": "created_by updated_by",
        "text": "title",
        "topic": "id",
        "time": "created updated",
        "steps": "comments",
        "keep": "is_closed is_fixed",
        "drop": "global_id",
    },
    "comments": {
        "comment": "id reply_to_comment",
        "owner": "owner_id from_id",
        "person": "from_user_id",
        "group": "group_id from_group_id",
        "text": "text",
        "named": "attachments",
        "post": "post_id",
        "photo": "photo_id",
        "note": "note_id",
        "topic": "topic_id",
        "time": "date",
        "steps": "likes",
        "keep": "kind user_likes is_from_post_author",
    },
    "conversations": {
        "person": "peer_id",
        "steps": "unread_count",
        "keep": "type can_write",
        # Numbers of messages count all of the instance's: each tells when it was sent.
        "drop": "last_message_id in_read out_read",
    },
    "messages": {
        "turn": "id",
        "person": "peer_id from_id",
        "text": "text title",
        "time": "date",
        "keep": "out important read_state",
    },
    "audio": {
        "track": "id lyrics_id",
        "person": "owner_id",
        "text": "artist title",
        "steps": "duration listens",
        "keep": "genre_id genre explicit withdrawn ready searchable added editable",
        "drop": "aid url album manifest keys",
    },
    "audio_collection": {"owner": "owner_id", "track": "audio_id", "place": "place"},
    "playlists": {
        "playlist": "id",
        "owner": "owner_id listed_by",
        "text": "title description",
        "time": "created modified",
        "steps": "size length listens",
        "keep": "searchable accessible editable bookmarked",
        "drop": "cover_url",
    },
    "playlist_audio": {"playlist": "playlist_id", "track": "audio_id", "place": "position"},
    "lyrics": {"track": "lyrics_id", "text": "text"},
    "attachments": {
        "record": "record_key",
        "owner": "owner_id",
        "object": "object_id",
        "keep": "resource position type reposted",
    },
    "videos": {
        "person": "owner_id",
        "text": "title description",
        "video": "id",
        "time": "date",
        "steps": "duration width height comments views likes",
        "keep": "platform is_processed added",
        "drop": "player image_url",
    },
    "polls": {
        "poll": "id",
        "person": "owner_id",
        "text": "question",
        "time": "end_date",
        "steps": "votes",
        "keep": "anonymous multiple disable_unvote closed",
        "answers": "answer_ids",
    },
    "poll_answers": {
        "answer": "id",
        "poll": "poll_id",
        "text": "text",
        "steps": "votes rate",
        "keep": "public",
    },
    "poll_votes": {"poll": "poll_id", "person": "user_id", "answer": "answer_id"},
    "documents": {
        "owner": "owner_id listed_by",
        "document": "id",
        "time": "date",
        "steps": "size",
        "keep": "ext type folder_id is_hidden is_licensed is_unsafe",
        "drop": "title url access_key tags preview",
    },
    "gifts": {
        "gift": "key",
        "person": "user_id from_id",
        "text": "message",
        "time": "date",
        "keep": "gift_id privacy",
        "drop": "id image_url",
    },
    "notifications": {
        "notification": "key",
        "owner": "from_id parent_owner_id",
        "person": "from_user_id",
        "group": "from_group_id",
        "parent": "parent_id",
        "text": "text",
        "time": "date",
        "keep": "type archived",
    },
    "likes": {"owner": "owner_id", "person": "user_id", "item": "item_id", "keep": "kind"},
    "newsfeed": {"owner": "owner_id", "post": "post_id"},
    "instance": {"drop": "name source value count"},
    "media": {
        "drop": "url found_at kind state sha256 bytes content_type path date expected_bytes tries "
        "first_tried_at last_tried_at stored_at error",
    },
}

#: The same, by table and column.
RULES: dict[str, dict[str, str]] = {
    table: {column: rule for rule, names in rules.items() for column in names.split()}
    for table, rules in _DECLARED.items()
}
#: Things with a number of the whole instance, and what their pseudonyms begin with.
PREFIXES = {
    "comment": "c",
    "track": "a",
    "playlist": "p",
    "poll": "q",
    "answer": "w",
    "album": "l",
    "document": "d",
    "gift": "k",
    "notification": "n",
}
#: The same of things that are counted among their owner's.
COUNTED = {"post": "s", "photo": "h", "video": "v", "note": "o", "topic": "b"}
#: What is a place in a list: (table, column) -> the column that says in which. A message keeps it
#: as its number: it says nothing of other conversations.
PLACES = {
    ("messages", "id"): "peer_id",
    ("audio_collection", "place"): "owner_id",
    ("playlist_audio", "position"): "playlist_id",
}
#: In which order rows come, if not in that of their keys.
ORDERS = {"messages": ("peer_id", "id")}
#: Whom a row only mentions: it may be told of them without their consent, but not who they are. Of
#: all other columns with people, each decides whether the row may be told.
MENTIONED = frozenset(
    {
        ("posts", "signer_id"),
        ("topics", "updated_by"),
        ("audio", "owner_id"),
        ("attachments", "owner_id"),
    }
)
#: What these replace would be told by the order of rows.
HASHED = {*PREFIXES, *COUNTED, "person", "group", "owner", "record", "object", "item", "parent"}
#: What these make is text, whatever it was before.
MAKE_TEXT = HASHED | {"turn"}
#: Attachments whose numbers are hashed in the table of their kind.
HASHED_THINGS = {"audio": "track", "poll": "poll", "doc": "document"}
