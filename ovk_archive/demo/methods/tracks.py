"""audio.*: collections, playlists and lyrics."""

import re
from base64 import b64decode
from collections.abc import Iterable
from typing import Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.methods.audio import audio_object, playlist_object
from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.php import ApiFault, escape, to_int, window
from ovk_archive.demo.world.owned import Audio, Playlist

_PAIR = re.compile(r"(-?\d+)_(\d+)$")


def get(call: Call) -> dict[str, Any]:
    """List a collection, newest added first, or a playlist.

    Deleted tracks are dropped after the page is cut: pages may be short, and even empty.
    """
    album = call.params.number("album_id")
    if call.params.text("audio_ids"):
        return _answer(call, _chosen(call, call.params.names("audio_ids")))
    rows = _playlist(call, album) if album else _collection(call)
    page = window(rows, call.params.number("offset"), call.params.number("count", 100))
    return _answer(call, page)


def get_count(call: Call) -> int:
    """Count a collection, deleted tracks included."""
    owner = call.params.number("owner_id")
    privacy.music_count(call.world, call.dialect, owner)
    if call.params.flag("uploaded_only"):
        return len(_uploads(call, owner))
    return len(call.world.collection(owner))


def get_by_id(call: Call) -> dict[str, Any]:
    """Show chosen tracks; one missing id spoils the whole call."""
    found = _chosen(call, call.params.names("audios"))
    with_user = len(found) == 1 and call.params.flag("need_user")
    items = [audio_object(call, audio, with_user=with_user) for audio in found]
    return {"count": len(items), "items": items}


def get_lyrics(call: Call) -> dict[str, Any]:
    """Show the words of a track, by its global id."""
    audio = call.world.audio.get(call.params.number("lyrics_id"))
    if audio is None or audio.deleted or audio.lyrics is None:
        raise ApiFault(260, "Not found")
    return {"lyrics_id": audio.id, "text": escape(audio.lyrics)}


def get_albums(call: Call) -> dict[str, Any]:
    """List playlists; the count is the page's."""
    owner = call.params.number("owner_id") or call.viewer or 0
    privacy.playlists(call.world, call.dialect, owner)
    rows = call.world.playlists_of(owner)
    page = window(rows, call.params.number("offset"), call.params.number("count", 50))
    shown = [playlist_object(call, one) if _is_open(call, one) else None for one in page]
    if call.params.flag("drop_private", default=True):
        shown = [item for item in shown if item is not None]
    return {"count": len(shown), "items": shown}


def _is_open(call: Call, playlist: Playlist) -> bool:
    """A playlist of somebody else is shown as far as its owner shows playlists."""
    return privacy.allows(privacy.playlists, call.world, call.dialect, playlist.owner_id)


def _collection(call: Call) -> list[Audio]:
    owner = call.params.number("owner_id")
    if owner == 0:
        if not call.newer:
            return []
        owner = call.viewer or 0
    if call.params.flag("uploaded_only"):
        if owner < 0 and not call.newer:
            raise ApiFault(8, "uploaded_only can only be used with owner_id > 0")
        # [B] listens to this only for oneself (help/openvk-api.md, Audio).
        if not call.newer or owner == call.viewer:
            privacy.music(call.world, call.dialect, owner)
            return _uploads(call, owner)
    privacy.music(call.world, call.dialect, owner)
    return call.world.collection(owner)


def _uploads(call: Call, owner: int) -> list[Audio]:
    rows = call.world.audio.values()
    return [audio for audio in rows if audio.owner_id == owner and not audio.deleted]


def _playlist(call: Call, playlist_id: int) -> list[Audio]:
    playlist = call.world.playlists.get(playlist_id)
    if playlist is None or playlist.deleted:
        raise ApiFault(260, "album_id invalid")
    if not _is_open(call, playlist):
        raise ApiFault(600, "Can't open this album for reading")
    return call.world.playlist_rows(playlist_id, call.dialect)


def _answer(call: Call, rows: Iterable[Audio]) -> dict[str, Any]:
    with_user = call.params.flag("need_user", default=True)
    live = [audio for audio in rows if not audio.deleted]
    items = [audio_object(call, audio, with_user=with_user) for audio in live]
    return {"count": len(items), "items": items}


def _chosen(call: Call, names: list[str]) -> list[Audio]:
    found = [_find(call, name) for name in names]
    for name, audio in zip(names, found, strict=True):
        if audio.deleted:
            shown = audio.id if call.newer else name
            raise ApiFault(201, f"Access denied to audio({shown})")
    return found


def _find(call: Call, name: str) -> Audio:
    """Find a track by "owner_virtual", global id or unique id."""
    match = _PAIR.match(name)
    if match:
        pair = (int(match.group(1)), int(match.group(2)))
        rows = call.world.audio.values()
        audio = next((a for a in rows if (a.owner_id, a.virtual_id) == pair), None)
    elif name.isdigit():
        audio = call.world.audio.get(int(name))
    else:
        audio = call.world.audio.get(_unhidden(name))
    if audio is None:
        raise ApiFault(260, "Audio not found")
    return audio


def _unhidden(name: str) -> int:
    try:
        return to_int(b64decode(name, validate=True).decode())
    except ValueError as error:
        raise ApiFault(8, f"Invalid audio {name}") from error


METHODS = {
    "audio.get": Method(get),
    "audio.getCount": Method(get_count, needs=("owner_id",)),
    "audio.getById": Method(get_by_id, needs=("audios",)),
    "audio.getLyrics": Method(get_lyrics, needs=("lyrics_id",)),
    "audio.getAlbums": Method(get_albums),
    "audio.getPlaylists": Method(get_albums, dialects="B"),
}
