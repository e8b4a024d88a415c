"""What becomes of each column in an export with pseudonyms, and what a codebook says of it.

What is not declared is left out.

* Ids of people and groups become keyed hashes, `u_…` and `g_…`: the same in all tables and in all
  exports of one instance that were made with one key. Who is nobody (0) stays 0.
* Numbers under which anybody can look up a thing, and with it whose it is (comments, tracks,
  playlists, polls), and keys that are hashes of what may be known (gifts, notifications) become
  keyed hashes too. Numbers that count among their owner's things (posts, photos, videos, notes,
  topics), and those that open nothing to strangers (messages, albums, documents), stay.
* Names, profiles, contacts, places, addresses and files' names, and what one can look people up
  by (when last seen, how many members), are left out.
* Texts are kept without whom they name (`scrub`).
* The account's own profile, status lines, settings, facts of the instance, the list of files, and
  former contents, which are records as the API sent them, are left out whole.
"""

#: What becomes of a column: table -> what -> columns.
#:
#: keep, drop; text, html, history (of reposts), named (attachments in VK's way), answers (a list);
#: person, group (positive ids), owner (negative for a group);
#: comment, track, playlist, poll, answer, gift, notification: numbers or keys of such a thing;
#: record, object, item, parent: numbers whose meaning another column of the row tells.
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
    "blacklist": {"person": "user_id"},
    "newsfeed_banned": {"owner": "source_id", "person": "user_id", "group": "group_id"},
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
        "keep": "id date post_type is_pinned is_explicit source is_archived comments "
        "likes reposts user_likes can_edit can_delete can_pin",
        "drop": "geo geo_name copyright copyright_name",
    },
    "albums": {
        "owner": "owner_id",
        "text": "title description",
        "keep": "id created updated size can_upload",
        "drop": "thumb_url",
    },
    "photos": {
        "person": "owner_id",
        "text": "text",
        "keep": "id date width height album_id has_tags likes comments",
        "drop": "url",
    },
    "album_photos": {"person": "owner_id", "keep": "album_id photo_id position"},
    "notes": {
        "person": "owner_id",
        "text": "title",
        "html": "text",
        "keep": "id date comments can_comment privacy_view",
        "drop": "view_url",
    },
    "topics": {
        "group": "group_id created_by_group_id",
        "person": "created_by_user_id",
        "owner": "created_by updated_by",
        "text": "title",
        "keep": "id created updated is_closed is_fixed comments",
        "drop": "global_id",
    },
    "comments": {
        "comment": "id reply_to_comment",
        "owner": "owner_id from_id",
        "person": "from_user_id",
        "group": "group_id from_group_id",
        "text": "text",
        "named": "attachments",
        "keep": "kind post_id photo_id note_id topic_id date likes user_likes is_from_post_author",
    },
    "conversations": {
        "person": "peer_id",
        "keep": "type last_message_id in_read out_read unread_count can_write",
    },
    "messages": {
        "person": "peer_id from_id",
        "text": "text title",
        "keep": "id date out important read_state",
    },
    "audio": {
        "track": "id lyrics_id",
        "person": "owner_id",
        "text": "artist title",
        "keep": "duration genre_id genre explicit withdrawn ready searchable listens added "
        "editable",
        "drop": "aid url album manifest keys",
    },
    "audio_collection": {"owner": "owner_id", "track": "audio_id", "keep": "place"},
    "playlists": {
        "playlist": "id",
        "owner": "owner_id listed_by",
        "text": "title description",
        "keep": "created modified size length searchable listens accessible editable bookmarked",
        "drop": "cover_url",
    },
    "playlist_audio": {"playlist": "playlist_id", "track": "audio_id", "keep": "position"},
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
        "keep": "id date duration width height platform is_processed comments views likes added",
        "drop": "player image_url",
    },
    "polls": {
        "poll": "id",
        "person": "owner_id",
        "text": "question",
        "keep": "end_date anonymous multiple disable_unvote closed votes",
        "answers": "answer_ids",
    },
    "poll_answers": {
        "answer": "id",
        "poll": "poll_id",
        "text": "text",
        "keep": "votes rate public",
    },
    "poll_votes": {"poll": "poll_id", "person": "user_id", "answer": "answer_id"},
    "documents": {
        "owner": "owner_id listed_by",
        "text": "title",
        "keep": "id ext size type date folder_id is_hidden is_licensed is_unsafe",
        "drop": "url access_key tags preview",
    },
    "gifts": {
        "gift": "key",
        "person": "user_id from_id",
        "text": "message",
        "keep": "date gift_id privacy",
        "drop": "id image_url",
    },
    "notifications": {
        "notification": "key",
        "owner": "from_id parent_owner_id",
        "person": "from_user_id",
        "group": "from_group_id",
        "parent": "parent_id",
        "text": "text",
        "keep": "type date archived",
    },
    "likes": {"owner": "owner_id", "person": "user_id", "item": "item_id", "keep": "kind"},
    "newsfeed": {"owner": "owner_id", "keep": "post_id"},
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
#: Things whose numbers lead to whose they are, and what their pseudonyms begin with.
PREFIXES = {
    "comment": "c",
    "track": "a",
    "playlist": "p",
    "poll": "q",
    "answer": "w",
    "gift": "k",
    "notification": "n",
}
#: What a rule gives, for the description of its columns; None where it does not change their kind.
DOCS = {
    "person": "keyed hash of the person",
    "group": "keyed hash of the group",
    "owner": "keyed hash of the person (u_) or the group (g_)",
    "comment": "keyed hash of the comment's number",
    "track": "keyed hash of the track's number",
    "playlist": "keyed hash of the playlist's number",
    "poll": "keyed hash of the poll's number",
    "answer": "keyed hash of the answer's number",
    "answers": "keyed hashes of the answers' numbers",
    "gift": "keyed hash",
    "notification": "keyed hash",
    "record": "its parts as in that table",
    "object": "as in the table of its type",
    "item": "as in the table of its kind",
    "parent": "only of posts, photos and videos",
    "text": "without names, links and contacts",
    "html": "without names, links and contacts",
    "history": "with pseudonyms, its texts without names, links and contacts",
    "named": "with pseudonyms in place of owners",
    "day": "to the day",
}
#: What these make is text, whatever it was before.
MAKE_TEXT = frozenset(PREFIXES) | {"person", "group", "owner", "record", "object", "item"}
#: What these replace would be told by the order of rows.
HASHED = MAKE_TEXT | {"parent"}
#: Attachments whose numbers are hashed in the table of their kind.
HASHED_THINGS = {"audio": "track", "poll": "poll"}
