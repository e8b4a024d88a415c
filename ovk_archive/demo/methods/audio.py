"""How a track and a playlist look."""

from base64 import b64encode
from typing import Any

from ovk_archive.demo.methods.call import Call
from ovk_archive.demo.methods.people import avatar
from ovk_archive.demo.world.owned import Audio, Playlist
from ovk_archive.demo.world.records import blob_hash

GENRES = {1: "Rock", 2: "Pop", 16: "Classical", 18: "Other", 22: "Disco", 1001: "Jazz"}


def unique_id(audio_id: int) -> str:
    """Write a global id as the API hides it: base64 of its digits."""
    return b64encode(str(audio_id).encode()).decode()


def audio_object(
    call: Call, audio: Audio, *, keys: bool = False, with_user: bool = False
) -> dict[str, Any]:
    """Show a track; `keys` shows the encrypted stream, which [A] hides in audio.*."""
    call.guard("audio", audio.id)
    playable = audio.ready and not audio.withdrawn
    shown: dict[str, Any] = {
        "unique_id": unique_id(audio.id),
        "aid": audio.virtual_id,
        "id": audio.virtual_id,
        "artist": audio.artist,
        "title": audio.title,
        "duration": audio.duration,
        **({} if call.newer else {"album": None, "album_id": None}),
        **_streams(call, audio, playable=playable, keys=keys),
        "genre": audio.genre,
        "genre_id": audio.genre,
        "genre_str": GENRES.get(audio.genre, "Other"),
        "owner_id": audio.owner_id,
        **_lyrics(call, audio),
        "added": audio.id in call.world.collections.get(call.viewer or 0, []),
        "editable": audio.owner_id == call.viewer,
        "searchable": True,
        "explicit": audio.explicit,
        "withdrawn": audio.withdrawn,
        "ready": playable,
    }
    if call.newer and audio.owner_id == call.viewer:
        shown["listens"] = 0
    return shown | ({"user": _user(call, audio.owner_id)} if with_user else {})


def playlist_object(call: Call, playlist: Playlist) -> dict[str, Any]:
    """Show a playlist; its size counts deleted tracks."""
    call.guard("playlists", playlist.id)
    mine = playlist.owner_id == call.viewer
    shown: dict[str, Any] = {
        "id": playlist.id,
        "owner_id": playlist.owner_id,
        "title": playlist.title,
        "description": playlist.description,
        "size": len(playlist.audio),
        "length": sum(call.world.audio[number].duration for number in playlist.audio),
        "created": playlist.created,
        "modified": playlist.modified,
        "accessible": True,
        "editable": mine,
        "bookmarked": mine or playlist.id in call.world.bookmarks.get(call.viewer or 0, ()),
        "listens": 0,
        "cover_url": "/assets/packages/static/openvk/img/song.jpg",
    }
    return shown | ({"searchable": True} if call.newer else {})


def _streams(call: Call, audio: Audio, *, playable: bool, keys: bool) -> dict[str, Any]:
    streaming = playable and (keys or call.newer)
    return {
        "url": _original(call, audio) if playable else False,
        "manifest": call.blob(audio.hash, ".mpd") if streaming else False,
        "keys": {audio.hash[:32]: audio.hash[32:64]} if streaming else False,
    }


def _original(call: Call, audio: Audio) -> str:
    token = blob_hash("token", audio.id)[:56]
    return call.blob(audio.hash, f"_fragments/original_{token}.mp3")


def _lyrics(call: Call, audio: Audio) -> dict[str, Any]:
    if not call.newer:
        return {"lyrics": None if audio.lyrics is None else audio.id}
    return {} if audio.lyrics is None else {"lyrics_id": audio.id}


def _user(call: Call, user_id: int) -> dict[str, Any]:
    user = call.world.users[user_id]
    name = f"{user.first_name} {user.last_name}"
    photo = avatar(call, user, "miniscule")
    return {"id": user.id, "photo": photo, "name": name, "name_gen": name}
