"""Methods that change things: never wanted from an archiver, so counted and refused."""

_SECTIONS = {
    "account": ("saveProfileInfo "),
    "audio": ("add addAlbum beacon delete edit moveToAlbum removeFromAlbum restore setBroadcast "),
    "board": ("addTopic createComment deleteComment deleteTopic editTopic "),
    "friends": ("add delete "),
    "gifts": ("send "),
    "groups": ("create edit join leave "),
    "likes": ("add delete "),
    "messages": ("delete edit restore send "),
    "notes": ("add createComment delete edit "),
    "notifications": ("markAsViewed "),
    "photos": (
        "createAlbum createComment delete deleteAlbum deleteComment edit editAlbum save "
        "saveWallPhoto "
    ),
    "polls": ("addVote create deleteVote "),
    "status": ("set "),
    "users": ("report "),
    "video": ("upload "),
    "wall": ("createComment delete deleteComment edit editComment pin post repost unpin "),
}

WRITES = frozenset(
    f"{section}.{name}" for section, names in _SECTIONS.items() for name in names.split()
)
