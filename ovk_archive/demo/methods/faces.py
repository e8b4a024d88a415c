"""How people look among likes, votes and comments: shorter than in users.get."""

from typing import Any

from ovk_archive.demo.methods.call import Call
from ovk_archive.demo.methods.people import avatar
from ovk_archive.demo.methods.structs import name_of

#: The pictures that [A] always shows, and [B] where the method wants them.
PICTURES = {"photo_50": "miniscule", "photo_100": "tiny", "photo_200": "normal"}


def face(call: Call, user_id: int, pictures: tuple[str, ...] = ()) -> dict[str, Any]:
    """Show a person; [B] adds only the pictures that are named here."""
    call.guard("users", user_id)
    user = call.world.users[user_id]
    # Neither the deleted nor the banned are `deactivated` here (recordings).
    shown = {"id": user.id, **name_of(user), "deactivated": False, "is_closed": user.closed}
    wanted = pictures if call.newer else tuple(PICTURES)
    shown |= {name: avatar(call, user, PICTURES[name]) for name in wanted}
    if not call.newer:
        shown["photo_id"] = None if user.avatar is None else f"{user.id}_1"
    return shown
