"""Who may read what: each function raises what the server answers when reading is refused.

The codes and words are those of the recordings; the two dialects refuse differently.
"""

from collections.abc import Callable, Mapping

from ovk_archive.demo.methods.php import ApiFault, Crash
from ovk_archive.demo.world.owned import Photo, Video
from ovk_archive.demo.world.records import Comment, Liked, Note, Pair, Post, User
from ovk_archive.demo.world.store import Store

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


def feed(world: Store, dialect: str, owner_id: int) -> None:
    """Refuse what is on a wall, in the feed.

    [A] looks with the eyes of a visitor, at the account's own wall too (help/openvk-api.md,
    People and privacy).
    """
    wall(world, dialect, owner_id)
    owner = world.user(owner_id)
    if dialect == "A" and owner is not None and (owner.closed or "wall" in owner.hides):
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


def friends(world: Store, dialect: str, user_id: int) -> None:
    """Refuse a list of friends."""
    user = world.user(user_id)
    if user is None:
        raise ApiFault(100, "Invalid user")
    if _gone(dialect, user) or not shows(world, user, "friends"):
        raise ApiFault(15, "Access denied: this user chose to hide his friends.")


def followers(world: Store, dialect: str, user_id: int) -> None:
    """Refuse a list of followers, which hiding one's friends does not hide."""
    user = world.user(user_id)
    if user is None:
        raise ApiFault(14, "Invalid user")
    if _gone(dialect, user) or not sees_profile(world, user):
        raise ApiFault(15, "Access denied")


def groups(world: Store, dialect: str, user_id: int) -> None:
    """Refuse a list of groups."""
    user = world.user(user_id)
    if user is None:
        raise ApiFault(15, "Access denied")
    if _gone(dialect, user) or not shows(world, user, "groups"):
        words = "Access to the groups list is denied due to the user's privacy settings"
        raise (
            ApiFault(260, words)
            if dialect == "B"
            else ApiFault(15, "Access denied: this user chose to hide his groups.")
        )


def status(world: Store, dialect: str, user_id: int) -> None:
    """Refuse a status line."""
    user = world.user(user_id)
    if user is None or _gone(dialect, user) or not sees_profile(world, user):
        raise ApiFault(15, "Invalid user")


def members(world: Store, dialect: str, group_id: int) -> None:
    """Refuse the members of a group; [A] shows those of a banned one."""
    group = world.groups.get(group_id)
    if dialect == "A" and group is None:
        raise ApiFault(125, "Invalid group id")
    if dialect == "B" and (group is None or group.banned):
        raise ApiFault(15, "Access denied")


def videos(world: Store, dialect: str, owner_id: int) -> None:
    """Refuse the videos of a person; groups have none by this road."""
    if owner_id <= 0:
        raise ApiFault(1, "Not implemented")
    user = world.user(owner_id)
    if user is None:
        raise ApiFault(14, "Invalid user")
    if _gone(dialect, user) or not shows(world, user, "videos"):
        raise ApiFault(21, "This user chose to hide his videos.")


def gifts(world: Store, dialect: str, owner_id: int) -> None:
    """Refuse the gifts of a person."""
    user = world.user(owner_id)
    if user is None and dialect == "A":
        raise ApiFault(177, "Invalid user")
    if user is None or _gone(dialect, user) or not sees_profile(world, user):
        raise ApiFault(15, "Access denied")


def board(world: Store, dialect: str, group_id: int) -> None:
    """Refuse the discussions of a community; a banned one of [A] still lists them."""
    group = world.groups.get(group_id)
    if dialect == "B" and (group is None or group.banned):
        raise ApiFault(15, "Access denied")
    if group is None:
        raise Crash


def documents(world: Store, dialect: str, owner_id: int) -> None:  # noqa: ARG001 - a Refusal
    """Refuse other people's documents; those of groups are everybody's, known or not."""
    if owner_id > 0 and owner_id != world.account_id:
        raise ApiFault(15, "Access denied")


def viewable(world: Store, dialect: str, thing: Liked) -> bool:
    """Say whether the account may know who likes something."""
    match thing:
        case Post():
            return not thing.suggested and allows(wall, world, dialect, thing.owner_id)
        case Photo():
            return allows(all_photos, world, dialect, thing.owner_id)
        case Video():
            return allows(videos, world, dialect, thing.owner_id)
        case Note():
            return allows(notes, world, dialect, thing.owner_id)
        case Comment():
            return _commented(world, dialect, thing)
        case _:
            raise TypeError(f"nobody likes {thing!r}")


def _commented(world: Store, dialect: str, comment: Comment) -> bool:
    """Say whether the account may read what a comment is about."""
    key = (comment.owner_id, comment.object_id)
    if comment.kind == "topic":
        group_id, number = -key[0], key[1]
        readable = allows(board, world, dialect, group_id)
        return readable and not world.topics[group_id, number].deleted
    tables: dict[str, Mapping[Pair, Liked]] = {
        "post": world.posts,
        "photo": world.photos,
        "note": world.notes,
    }
    parent = tables[comment.kind][key]
    return not parent.deleted and viewable(world, dialect, parent)


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
