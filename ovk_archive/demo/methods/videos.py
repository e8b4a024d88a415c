"""video.get, and how a video looks wherever it is shown."""

from typing import Any

from ovk_archive.demo.methods import privacy
from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.faces import face
from ovk_archive.demo.methods.php import ApiFault, to_int, window
from ovk_archive.demo.world.owned import Video

#: What a video is until it has been converted: a relative address (help/openvk-api.md, Videos).
RENDERING = "/assets/packages/static/openvk/video/rendering"
MOST_IDS = 100
#: What one may do with a video.
_ALLOWED = {
    "can_comment": 1,
    "can_like": 1,
    "can_repost": 1,
    "can_subscribe": 1,
    "can_add_to_faves": 0,
    "can_add": 0,
}


def get(call: Call) -> dict[str, Any]:
    """List a person's videos, newest first; in [A] the offset counts pages."""
    if call.params.text("videos"):
        rows = _chosen(call)
        return _answer(call, len(rows), rows)
    if not call.newer and "owner_id" not in call.params:
        raise ApiFault(100, "Required parameter 'owner_id' missing.")
    owner = call.params.number("owner_id")
    privacy.videos(call.world, call.dialect, owner)
    rows = call.world.videos_of(owner)
    offset, count = call.params.number("offset"), call.params.number("count", 30)
    page = window(rows, offset if call.newer else offset * count, count)
    return _answer(call, len(rows), list(page))


def video_object(call: Call, video: Video) -> dict[str, Any]:
    """Show a video: a native file, or a link to YouTube."""
    call.guard("videos", (video.owner_id, video.id))
    native = call.blob(video.hash, ".mp4") if video.processed else f"{RENDERING}.mp4"
    width, height = (320, 180 if video.youtube else 240) if call.newer else (640, 480)
    return {
        **_ALLOWED,
        "comments": 0,
        "date": video.date,
        "description": video.description,
        "duration": _duration(call, video),
        "image": _images(call, video),
        "width": width,
        "height": height,
        "id": video.id,
        "owner_id": video.owner_id,
        "user_id": video.owner_id,
        "title": video.title,
        "is_favorite": False,
        "player": f"https://youtu.be/{video.youtube}" if video.youtube else native,
        "files": _files(call, video, native),
        "added": 0,
        "repeat": 0,
        "type": "video",
        "views": 0,
        "reposts": {"count": 0, "user_reposted": 0},
        "likes": {"count": video.likes, "user_likes": call.viewer in video.likers},
        **_origin(call, video),
    }


def _chosen(call: Call) -> list[Video]:
    """Find videos by name: [A] keeps only the last, and shows it deleted or not (Video.php:25)."""
    names = call.params.names("videos")
    if call.newer and len(names) > MOST_IDS:
        raise ApiFault(15, "Too many ids given")
    found = [_find(call, name) for name in (names if call.newer else names[-1:])]
    return [video for video in found if video and not (call.newer and video.deleted)]


def _find(call: Call, name: str) -> Video | None:
    owner, _, number = name.partition("_")
    return call.world.videos.get((to_int(owner), to_int(number)))


def _answer(call: Call, count: int, rows: list[Video]) -> dict[str, Any]:
    shown = [video_object(call, video) for video in rows]
    if not call.newer:
        return {"count": count, "items": [{"type": "video", "video": item} for item in shown]}
    answer: dict[str, Any] = {"count": count, "items": shown}
    if call.params.number("extended") != 1:
        return answer
    owners = dict.fromkeys(video.owner_id for video in rows)
    profiles = [face(call, owner) | {"can_access_closed": 1} for owner in owners]
    return answer | {"profiles": profiles, "groups": []}


def _origin(call: Call, video: Video) -> dict[str, Any]:
    told: dict[str, Any] = {"is_processed": video.processed} if call.newer else {}
    if video.youtube or not call.newer:
        told["platform"] = "youtube" if video.youtube else None
    return told


def _duration(call: Call, video: Video) -> int | None:
    if not call.newer:
        return 0
    return None if video.youtube else video.duration


def _files(call: Call, video: Video, native: str) -> Any:
    if video.youtube:
        return [] if call.newer else None
    # [B] writes a fragment behind the address of the file (help/openvk-api.md, Videos).
    return {"mp4_480": native + ("#vkuservideo" if call.newer else "")}


def _images(call: Call, video: Video) -> list[dict[str, Any]]:
    cover = call.blob(video.hash, ".gif")
    if video.youtube:
        cover = f"https://img.youtube.com/vi/{video.youtube}/mqdefault.jpg"
    elif not video.processed:
        cover = f"{RENDERING}.apng"
    sizes = ((320, 240), (130, 100)) if call.newer else ((320, 240),)
    return [{"url": cover, "width": w, "height": h, "with_padding": 1} for w, h in sizes]


METHODS = {"video.get": Method(get)}
