"""Which columns hold people's own words: what `--without-text` leaves out."""

#: Words that somebody wrote for others to read: texts, titles, captions, status lines, profiles.
FREE: frozenset[tuple[str, str]] = frozenset(
    (table, column)
    for table, columns in {
        "users": (
            "status", "about", "interests", "music", "movies", "tv", "books", "quotes",
            "ban_reason",
        ),
        "account": ("status",),
        "groups": ("description",),
        "statuses": ("text",),
        "group_settings": ("description", "obscene_words"),
        "posts": ("text", "copy_history", "geo_name", "copyright_name"),
        "albums": ("title", "description"),
        "photos": ("text",),
        "notes": ("title", "text"),
        "topics": ("title",),
        "comments": ("text",),
        "messages": ("text", "title"),
        "playlists": ("title", "description"),
        "lyrics": ("text",),
        "videos": ("title", "description"),
        "polls": ("question",),
        "poll_answers": ("text",),
        "documents": ("title", "tags"),
        "gifts": ("message",),
        "notifications": ("text",),
    }.items()
    for column in columns
)  # fmt: skip

#: Everything else that is stored as text: names, places, addresses, codes, keys, moments.
OTHER: frozenset[tuple[str, str]] = frozenset(
    (table, column)
    for table, columns in {
        "users": (
            "name", "first_name", "last_name", "nickname", "screen_name", "deactivated", "bdate",
            "city", "home_town", "email", "telegram", "photo_url",
        ),
        "account": (
            "name", "first_name", "last_name", "nickname", "screen_name", "home_town", "bdate",
            "phone",
        ),
        "groups": ("name", "screen_name", "type", "site", "deactivated", "contacts", "photo_url"),
        "statuses": ("audio",),
        "settings": ("name", "value"),
        "friend_requests": ("direction",),
        "group_settings": ("title", "address", "website"),
        "posts": ("attachments", "post_type", "platform", "source", "geo", "copyright"),
        "albums": ("thumb_url",),
        "photos": ("url",),
        "notes": ("view_url",),
        "comments": ("kind", "attachments"),
        "conversations": ("type",),
        "audio": ("artist", "title", "genre", "url", "album", "manifest", "keys"),
        "playlists": ("cover_url",),
        "attachments": ("resource", "record_key", "type"),
        "videos": ("platform", "player", "image_url"),
        "polls": ("answer_ids",),
        "documents": ("ext", "url", "access_key", "preview"),
        "gifts": ("key", "image_url"),
        "notifications": ("key", "type"),
        "likes": ("kind",),
        "instance": ("name", "source", "value"),
        "media": (
            "url", "found_at", "kind", "state", "sha256", "content_type", "path", "first_tried_at",
            "last_tried_at", "stored_at", "error",
        ),
    }.items()
    for column in columns
)  # fmt: skip
