"""Every method of the API: what it does to the instance, who has it, what always goes with it.

The sources are the code of OpenVK and the recordings of both generations (help/openvk-api.md, The
two generations). What we do with a method follows from the declarations (`resources/uses.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from ovk_archive.api.paging.windows import EITHER, PAGES, Addressing


class Effect(Enum):
    """What a method does to the instance."""

    READ = "it changes nothing that anybody could notice"
    WRITE = "it changes something, or marks the account as online"
    STUB = "it says that it changes something and does nothing; a newer server may do it"


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the API.

    Attributes:
        name: as the documentation spells it.
        effect: what it does to the instance.
        generations: who has it: "AB", "A", "B", or "" where it is documented and no server has it.
        note: what else there is to say, without a full stop.
    """

    name: str
    effect: Effect
    generations: str
    note: str = ""

    @property
    def section(self) -> str:
        """The object that it belongs to."""
        return self.name.partition(".")[0]


_READ, _WRITE, _STUB = Effect.READ, Effect.WRITE, Effect.STUB

#: Section -> effect, generations, names.
_SECTIONS: Mapping[str, tuple[tuple[Effect, str, str], ...]] = {
    "account": (
        (_READ, "AB", "getAppPermissions getCounters getInfo getProfileInfo"),
        (_READ, "B", "getBalance getBanned getOvkSettings"),
        (_WRITE, "AB", "saveProfileInfo setOnline"),
        (_WRITE, "B", "ban saveInterestsInfo sendVotes unban"),
        (_STUB, "AB", "setOffline"),
    ),
    "audio": (
        (_READ, "AB", "get getAlbums getBroadcastList getById getCount getFeed getLyrics"),
        (_READ, "AB", "getPopular getRecommendations isLagtrain search searchAlbums"),
        (_READ, "B", "getPlaylistById getPlaylists"),
        (_WRITE, "AB", "add addAlbum beacon bookmarkAlbum copyToAlbum delete deleteAlbum edit"),
        (_WRITE, "AB", "editAlbum moveToAlbum removeFromAlbum restore setBroadcast"),
        (_WRITE, "AB", "unBookmarkAlbum"),
        (_STUB, "B", "subscribeToQueue"),
    ),
    "board": (
        (_READ, "AB", "getComments getTopics"),
        (_WRITE, "AB", "addTopic closeTopic createComment deleteComment deleteTopic editTopic"),
        (_WRITE, "AB", "fixTopic openTopic unfixTopic"),
        (_STUB, "AB", "editComment restoreComment"),
    ),
    "docs": (
        (_READ, "B", "get getById getTags getTypes search"),
        (_WRITE, "B", "add delete edit restore"),
        (_STUB, "B", "getUploadServer getWallUploadServer save"),
    ),
    "execute": (
        (_READ, "B", "getProfiles getUserInfo nuggets"),
        (_WRITE, "B", "getNewsfeedSmart getNewsfeedWithPromo"),
    ),
    "friends": (
        (_READ, "AB", "areFriends get getLists getRequests"),
        (_WRITE, "AB", "add delete"),
        (_STUB, "AB", "deleteList edit editList"),
    ),
    "gifts": (
        (_READ, "AB", "get getCategories getGiftsInCategory"),
        (_WRITE, "AB", "send"),
        (_STUB, "AB", "delete"),
    ),
    "groups": (
        (_READ, "AB", "get getById getMembers getSettings isMember search"),
        (_WRITE, "A", "create"),
        (_WRITE, "AB", "edit join leave"),
        (_STUB, "AB", "remove"),
    ),
    "likes": (
        (_READ, "AB", "getList isLiked"),
        (_WRITE, "AB", "add delete"),
    ),
    "messages": (
        (_READ, "AB", "getById getConversations getConversationsById getHistory"),
        (_READ, "AB", "getLongPollHistory getLongPollServer"),
        (_READ, "B", "getDialogs"),
        (_WRITE, "AB", "delete edit restore send"),
        (_WRITE, "B", "setActivity"),
    ),
    "newsfeed": (
        (_READ, "AB", "get getGlobal"),
        (_READ, "B", "getBanned getRecommended search"),
        (_WRITE, "B", "addBan deleteBan getByType"),
    ),
    "notes": (
        (_READ, "AB", "get getById getComments"),
        (_READ, "A", "getFriendsNotes"),
        (_WRITE, "AB", "add createComment delete edit"),
        (_WRITE, "", "deleteComment"),
        (_STUB, "A", "restoreComment"),
    ),
    "notifications": (
        (_READ, "AB", "get"),
        (_READ, "B", "fetch"),
        (_WRITE, "AB", "markAsViewed"),
    ),
    "ovk": (
        (_READ, "AB", "aboutInstance chickenWings test version"),
        (_READ, "B", "getMirrors nuggets"),
    ),
    "pay": ((_READ, "AB", "getIdByMarketingId verifyOrder"),),
    "photos": (
        (_READ, "AB", "get getAlbums getAlbumsCount getAll getById getComments"),
        (_READ, "A", "getAllComments"),
        (_WRITE, "AB", "createAlbum createComment delete deleteAlbum edit editAlbum"),
        (_WRITE, "AB", "getOwnerPhotoUploadServer getUploadServer getWallUploadServer"),
        (_WRITE, "AB", "save saveOwnerPhoto saveWallPhoto"),
    ),
    "polls": (
        (_READ, "AB", "getById getVoters"),
        (_WRITE, "AB", "addVote create deleteVote"),
        (_STUB, "AB", "edit"),
    ),
    "reports": ((_WRITE, "B", "add"),),
    "status": (
        (_READ, "AB", "get"),
        (_WRITE, "AB", "set"),
    ),
    "users": (
        (_READ, "AB", "get getFollowers search"),
        (_WRITE, "AB", "report"),
    ),
    "utils": ((_READ, "AB", "getServerTime resolveGuid resolveScreenName"),),
    "video": (
        (_READ, "AB", "get"),
        (_READ, "B", "search"),
    ),
    "wall": (
        (_READ, "AB", "get getById getComment getComments"),
        (_READ, "B", "checkCopyrightLink getNearby"),
        (_WRITE, "AB", "createComment delete deleteComment edit editComment post repost"),
        (_WRITE, "B", "pin unpin"),
    ),
}

_CONSTANT = "the same for everybody"
_EVERYBODYS = "of the whole instance, not of the account"
_UPLOAD = "begins an upload"
_NOT_DONE = "answers that it is not implemented"

NOTES: Mapping[str, str] = {
    "account.getAppPermissions": _CONSTANT,
    "account.getCounters": "unread messages, notifications, requests",
    "account.getInfo": "whether a second factor is needed; else the same for everybody",
    "audio.beacon": "counts as listening",
    "audio.getBroadcastList": "who listens right now",
    "audio.getById": "the same tracks as the lists",
    "audio.getFeed": _EVERYBODYS,
    "audio.getPlaylistById": "less than the list of playlists says",
    "audio.getPlaylists": "the same as `audio.getAlbums`",
    "audio.getPopular": _EVERYBODYS,
    "audio.getRecommendations": "always empty",
    "audio.isLagtrain": "a joke",
    "audio.search": _EVERYBODYS,
    "audio.searchAlbums": _EVERYBODYS,
    "docs.getById": "wants a number that no listing tells",
    "docs.search": _EVERYBODYS,
    "execute.getNewsfeedSmart": "is `newsfeed.get`, and marks the account as online",
    "execute.getNewsfeedWithPromo": "is `newsfeed.get`, and marks the account as online",
    "execute.getProfiles": "the same as `users.get`",
    "execute.getUserInfo": "counted by the rate limit of writes",
    "execute.nuggets": "a joke",
    "friends.areFriends": "said by the lists of friends too",
    "friends.getLists": "always empty",
    "gifts.getCategories": "a catalogue, not the account's data",
    "gifts.getGiftsInCategory": "a catalogue, not the account's data",
    "groups.isMember": "said by the lists of groups too",
    "groups.search": _EVERYBODYS,
    "likes.isLiked": "said by each record",
    "messages.getById": "the same messages as the history",
    "messages.getConversationsById": "the same conversations as the list",
    "messages.getDialogs": "an older shape of `messages.getConversations`, refused unless asked "
    "for by an old version number",
    "messages.getLongPollHistory": "incoming messages only, and not all of them",
    "messages.getLongPollServer": "the address of a stream that loses events",
    "newsfeed.get": "marks the account as online unless it is asked not to, so it always is",
    "newsfeed.getByType": "crashes the server; some feeds would mark the account as online",
    "newsfeed.getGlobal": _EVERYBODYS,
    "newsfeed.getRecommended": _EVERYBODYS,
    "newsfeed.search": _EVERYBODYS,
    "notes.deleteComment": "documented, but unknown to the servers",
    "notes.getById": "the same notes as the list",
    "notes.getFriendsNotes": _NOT_DONE,
    "notifications.fetch": "the newest of the same notifications",
    "ovk.chickenWings": "a joke",
    "ovk.nuggets": "a joke",
    "ovk.test": "whether the token works",
    "ovk.version": "said by `whoami`",
    "pay.getIdByMarketingId": "for programs that sell something",
    "pay.verifyOrder": "for programs that sell something",
    "photos.getAlbumsCount": "said by the list of albums too",
    "photos.getAllComments": _NOT_DONE,
    "photos.getById": "the same photos as the lists",
    "photos.getOwnerPhotoUploadServer": _UPLOAD,
    "photos.getUploadServer": _UPLOAD,
    "photos.getWallUploadServer": "begins an upload, and makes an album for it",
    "users.search": _EVERYBODYS,
    "utils.resolveScreenName": "finds who is meant by `--owner`",
    "video.search": _EVERYBODYS,
    "wall.checkCopyrightLink": "for writing a post",
    "wall.getComment": "the same comments as the list",
    "wall.getNearby": "posts around a post",
}


def _declared() -> Iterator[Method]:
    yield Method("execute", _WRITE, "B", "runs any other methods, those that write among them")
    for section, groups in _SECTIONS.items():
        for effect, generations, names in groups:
            for name in names.split():
                full = f"{section}.{name}"
                yield Method(full, effect, generations, NOTES.get(full, ""))


#: All of them, by section and name.
METHODS: tuple[Method, ...] = tuple(
    sorted(_declared(), key=lambda method: (method.section, method.name.lower()))
)

_BY_NAME = {method.name.lower(): method for method in METHODS}

#: Pages of a size that the server sets, so that none can be halved: nothing is archived by it.
_PAGE = Addressing(
    params=lambda w: {"page": w.start // w.size + 1}, split=lambda w: (w,), fit=lambda w: w
)

#: What `offset` and `count` mean where no declaration says it (help/openvk-api.md, Paging).
ADDRESSING: Mapping[str, Addressing] = {
    "gifts.getcategories": _PAGE,
    "gifts.getgiftsincategory": _PAGE,
    "groups.search": EITHER,
    "users.get": PAGES,
    "users.search": EITHER,
}


def known(name: str) -> Method | None:
    """The method of a name; PHP does not care about case, so neither do we."""
    return _BY_NAME.get(name.lower())


def only_reads(name: str) -> bool:
    """Whether a method is known to do no more than read; an unknown one counts as writing."""
    method = known(name)
    return method is not None and method.effect is Effect.READ


#: Method, in lower case -> the parameters without which it does more than read.
ALWAYS: Mapping[str, Mapping[str, int]] = {
    # It marks the account as online unless it is asked not to, in just these words
    # (help/openvk-api.md, Newsfeed).
    "newsfeed.get": {"forGodSakePleaseDoNotReportAboutMyOnlineActivity": 1},
}


def always(method: str) -> Mapping[str, int]:
    """The parameters that go with a method; PHP does not care about its case, so neither do we."""
    return ALWAYS.get(method.lower(), {})


def form_of(method: str, params: Mapping[str, object]) -> dict[str, str]:
    """What a call sends: flags as 1 and 0, without what is None."""
    # Nobody who calls can forget what keeps a read a read.
    return {
        name: str(int(value) if isinstance(value, bool) else value)
        for name, value in {**always(method), **params}.items()
        if value is not None
    }
