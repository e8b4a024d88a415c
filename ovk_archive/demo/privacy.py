"""Who may read what: each function raises what the server answers when reading is refused.

The codes and words are those of the recordings; the two dialects refuse differently.
"""

from collections.abc import Callable

from ovk_archive.demo.php import ApiFault, Crash
from ovk_archive.demo.records import User
from ovk_archive.demo.store import Store

Refusal = Callable[[Store, str, int], None]


def sees_profile(world: Store, user: User) -> bool:
    """Say whether the account may look into a profile."""
    me = world.account_id
    return not user.closed or user.id == me or me in user.friends


def shows(world: Store, user: User, section: str) -> bool:
    """Say whether a person shows a section to the account."""
    return sees_profile(world, user) and (section not in user.hides or user.id == world.account_id)


def wall(world: Store, dialect: str, owner_id: int) -> None:
    """Refuse a wall."""
    if owner_id <= 0:
        group = world.groups.get(-owner_id)
        if group is None:
            raise Crash
        if group.banned:
            raise ApiFault(15, "Access denied")
        return
    user = world.user(owner_id)
    if user is None:
        raise ApiFault(18, "User was deleted or banned")
    if not shows(world, user, "wall") or (dialect == "B" and user.banned):
        raise ApiFault(15, "Access denied")


def albums(world: Store, dialect: str, owner_id: int) -> None:
    """Refuse a list of albums."""
    if dialect == "B":
        _strict(world, owner_id, "photos")
    elif owner_id < 0:
        if -owner_id not in world.groups:
            raise Crash
    else:
        user = world.users.get(owner_id)
        if user is None:
            raise Crash
        if user.deleted:
            raise ApiFault(2, "Invalid user")
        if not shows(world, user, "photos"):
            raise ApiFault(21, "This user chose to hide his albums.")


def all_photos(world: Store, dialect: str, owner_id: int) -> None:
    """Refuse all photos of an owner; groups have none by this road."""
    if owner_id < 0:
        raise (
            ApiFault(-413, "Clubs are not supported")
            if dialect == "B"
            else ApiFault(4, "This method doesn't works with clubs")
        )
    if dialect == "B":
        return _strict(world, owner_id, "photos")
    user = world.users.get(owner_id)
    if user is None:
        raise ApiFault(4, "Invalid user")
    if not shows(world, user, "photos"):
        raise ApiFault(21, "This user chose to hide his albums.")
    return None


def pictures(world: Store, dialect: str, owner_id: int) -> None:
    """Refuse the photos of an album."""
    if dialect == "B":
        _strict(world, owner_id, "photos")
    elif owner_id > 0:
        user = world.users.get(owner_id)
        if user is None or not shows(world, user, "photos"):
            raise ApiFault(15, "Access denied")


def notes(world: Store, dialect: str, owner_id: int) -> None:
    """Refuse the notes of a person."""
    if dialect == "B":
        if owner_id <= 0:
            raise ApiFault(15, "Access denied")
        return _strict(world, owner_id, "notes")
    user = world.user(owner_id)
    if user is None:
        raise ApiFault(15, "Invalid user")
    if not shows(world, user, "notes"):
        raise ApiFault(15, "Access denied: this user chose to hide his notes")
    return None


def music(world: Store, dialect: str, owner_id: int) -> None:
    """Refuse a collection of tracks."""
    if owner_id < 0:
        if -owner_id not in world.groups:
            raise ApiFault(50, "Invalid user")
        return
    user = world.users.get(owner_id)
    if user is None:
        raise ApiFault(50, "Invalid user")
    if not shows(world, user, "audio") or _gone(dialect, user):
        raise ApiFault(15, "Access denied: this user chose to hide his audios")


def music_count(world: Store, dialect: str, owner_id: int) -> None:
    """Refuse the number of tracks."""
    try:
        music(world, dialect, owner_id)
    except ApiFault as fault:
        if fault.code == 15:
            raise ApiFault(15, "Access denied") from fault
        kind = "Group" if owner_id < 0 else "User"
        raise ApiFault(260, f"{kind} not found") from fault


def playlists(world: Store, dialect: str, owner_id: int) -> None:
    """Refuse the playlists of an owner; a group that does not exist just has none."""
    if owner_id < 0:
        return
    user = world.users.get(owner_id)
    if user is None:
        raise Crash
    if not shows(world, user, "audio") or _gone(dialect, user):
        raise ApiFault(50, "Access to playlists denied")


def allows(refuse: Refusal, world: Store, dialect: str, owner_id: int) -> bool:
    """Say whether a refusal would not be raised."""
    try:
        refuse(world, dialect, owner_id)
    except (ApiFault, Crash):
        return False
    return True


def _strict(world: Store, owner_id: int, section: str) -> None:
    """Refuse as [B] does: one code for everything."""
    denied = ApiFault(15, "Access denied")
    if owner_id <= 0:
        group = world.groups.get(-owner_id)
        if group is None or group.banned:
            raise denied
        return
    user = world.users.get(owner_id)
    if user is None or _gone("B", user) or not shows(world, user, section):
        raise denied


def _gone(dialect: str, user: User) -> bool:
    """Say whether [B] would treat a person as gone; [A] goes on showing their lists."""
    return dialect == "B" and (user.deleted or user.banned is not None)
