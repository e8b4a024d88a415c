"""Videos, as they hang on posts."""

from typing import Any

from ovk_archive.demo.call import Call
from ovk_archive.demo.records import Video


def video_object(call: Call, video: Video) -> dict[str, Any]:
    """Show a video: a native file, or a link to YouTube."""
    native = call.blob(video.hash, ".mp4")
    shown: dict[str, Any] = {
        "can_comment": 1,
        "can_like": 1,
        "can_repost": 1,
        "can_subscribe": 1,
        "can_add_to_faves": 0,
        "can_add": 0,
        "comments": 0,
        "date": video.date,
        "description": video.description,
        "duration": _duration(call, video),
        "image": _images(call, video),
        "width": 320 if call.newer else 640,
        "height": 240 if call.newer else 480,
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
        "likes": {"count": video.likes, "user_likes": False},
    }
    if call.newer:
        shown["is_processed"] = True
    if video.youtube or not call.newer:
        shown["platform"] = "youtube" if video.youtube else None
    return shown


def _duration(call: Call, video: Video) -> int | None:
    if not call.newer:
        return 0
    return None if video.youtube else video.duration


def _files(call: Call, video: Video, native: str) -> Any:
    if video.youtube:
        return [] if call.newer else None
    # [B] marks its addresses with a fragment that is no part of the file's (section 7).
    return {"mp4_480": native + ("#vkuservideo" if call.newer else "")}


def _images(call: Call, video: Video) -> list[dict[str, Any]]:
    cover = (
        f"https://img.youtube.com/vi/{video.youtube}/mqdefault.jpg"
        if video.youtube
        else call.blob(video.hash, ".gif")
    )
    sizes = ((320, 240), (130, 100)) if call.newer else ((320, 240),)
    return [{"url": cover, "width": w, "height": h, "with_padding": 1} for w, h in sizes]
