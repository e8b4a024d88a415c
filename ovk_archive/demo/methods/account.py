"""account.*: the account itself."""

from typing import Any

from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.people import avatar
from ovk_archive.demo.methods.php import window
from ovk_archive.demo.methods.structs import user_item

INFO = {
    "2fa_required": 0,
    "country": "CZ",
    "eu_user": False,
    "https_required": 1,
    "intro": 0,
    "community_comments": False,
    "is_live_streaming_enabled": False,
    "is_new_live_streaming_enabled": False,
    "lang": 1,
    "no_wall_replies": 0,
    "own_posts_default": 0,
}
SETTINGS = {
    "avatar_style": 0,
    "style": "ovk",
    "show_rating": True,
    "nsfw_tolerance": 0,
    "post_view": "old",
    "main_page": "my_page",
}


def get_profile_info(call: Call) -> dict[str, Any]:
    """Show the account's owner."""
    user = call.world.users[call.world.account_id]
    shown: dict[str, Any] = {
        "first_name": user.first_name,
        "id": user.id,
        "last_name": user.last_name,
        "home_town": user.city,
        "status": user.status,
        "bdate": user.birthday or "01.01.1970",
        "bdate_visibility": 0,
        "phone": "+420 ** *** 228",
        "relation": 0,
        "sex": user.sex,
    }
    if not call.newer:
        return shown | {"audio_status": None}
    return shown | {
        "photo_200": avatar(call, user, "normal"),
        "nickname": None,
        "is_service_account": False,
        "is_verified": user.verified,
        "verification_status": "verified" if user.verified else "unverified",
        "screen_name": user.screen_name,
    }


def get_info(call: Call) -> dict[str, Any]:
    """Answer constants."""
    return INFO | ({"music_available": True} if call.newer else {})


def get_counters(call: Call) -> dict[str, int]:
    """Count what is new."""
    world = call.world
    return {
        "friends": len(world.users[world.account_id].followers),
        "notifications": 0 if world.events_off else len(world.unread(call.dialect)),
        "messages": sum(not message.read for message in world.messages.values()),
    }


def get_app_permissions(_: Call) -> int:
    """Answer a constant."""
    return 9355263


def get_banned(call: Call) -> dict[str, Any]:
    """List whom the account has blocked."""
    blocked = call.world.blacklist
    page = window(blocked, call.params.number("offset"), call.params.number("count", 100))
    return {"count": len(blocked), "items": [user_item(call, number) for number in page]}


def get_ovk_settings(_: Call) -> dict[str, Any]:
    """Show how the account has set up its pages."""
    return dict(SETTINGS)


def get_balance(_: Call) -> dict[str, int]:
    """Count the account's votes."""
    return {"votes": 1000}


METHODS = {
    "account.getProfileInfo": Method(get_profile_info),
    "account.getInfo": Method(get_info),
    "account.getCounters": Method(get_counters),
    "account.getAppPermissions": Method(get_app_permissions, anonymous="AB"),
    "account.getBanned": Method(get_banned, dialects="B"),
    "account.getOvkSettings": Method(get_ovk_settings, dialects="B"),
    "account.getBalance": Method(get_balance, dialects="B"),
}
