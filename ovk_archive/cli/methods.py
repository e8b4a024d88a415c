"""The API methods that only read: all that `ovk-archive call` may ask."""

_SECTIONS = {
    "account": "getAppPermissions getBalance getBanned getCounters getInfo getOvkSettings "
    "getProfileInfo",
    "audio": "get getAlbums getBroadcastList getById getCount getFeed getLyrics getPlaylistById "
    "getPlaylists getPopular getRecommendations isLagtrain search searchAlbums",
    "board": "getComments getTopics",
    "docs": "get getById getTags getTypes search",
    "friends": "areFriends get getLists getRequests",
    "gifts": "get getCategories getGiftsInCategory",
    "groups": "get getById getMembers getSettings isMember search",
    "likes": "getList isLiked",
    "messages": "getById getConversations getConversationsById getDialogs getHistory "
    "getLongPollHistory getLongPollServer",
    # Not newsfeed.get: it marks the account as online.
    "newsfeed": "getBanned getByType getGlobal getRecommended search",
    "notes": "get getById getComments",
    "notifications": "fetch get",
    "ovk": "aboutInstance chickenWings getMirrors nuggets test version",
    "photos": "get getAlbums getAlbumsCount getAll getAllComments getById getComments",
    "polls": "getById getVoters",
    "status": "get",
    "users": "get getFollowers search",
    "utils": "getServerTime resolveGuid resolveScreenName",
    "video": "get search",
    "wall": "checkCopyrightLink get getById getComment getComments getNearby",
}

#: `section.method` in lower case: PHP does not care, so neither do we.
READ_METHODS = frozenset(
    f"{section}.{name}".lower() for section, names in _SECTIONS.items() for name in names.split()
)


def only_reads(method: str) -> bool:
    """Whether a method is known to change nothing; one that is not known counts as writing."""
    return method.lower() in READ_METHODS
