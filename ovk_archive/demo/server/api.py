"""The methods of the API: finding one, checking the call, answering it."""

from typing import Any

from ovk_archive.demo.methods import (
    account,
    board,
    docs,
    friends,
    galleries,
    gifts,
    groups,
    instancefacts,
    likes,
    messages,
    newsfeed,
    notes,
    notifications,
    polls,
    tracks,
    users,
    videos,
    wall,
)
from ovk_archive.demo.methods.call import Call, Method
from ovk_archive.demo.methods.php import ApiFault, Crash, Params
from ovk_archive.demo.methods.writes import WRITES
from ovk_archive.demo.server.state import State

METHODS: dict[str, Method] = {
    **account.METHODS,
    **instancefacts.METHODS,
    **users.METHODS,
    **friends.METHODS,
    **groups.METHODS,
    **wall.METHODS,
    **messages.METHODS,
    **galleries.METHODS,
    **notes.METHODS,
    **tracks.METHODS,
    **polls.METHODS,
    **videos.METHODS,
    **gifts.METHODS,
    **likes.METHODS,
    **board.METHODS,
    **docs.METHODS,
    **newsfeed.METHODS,
    **notifications.METHODS,
}

#: Methods that mark the account as online; reading the feed does unless told not to.
_MARKING = {"newsfeed.get", "account.setOnline"}
_OFFLINE = "forGodSakePleaseDoNotReportAboutMyOnlineActivity"
_NAMES = {name.lower(): name for name in (*METHODS, *WRITES, "account.setOnline")}


def canonical(name: str) -> str:
    """Spell a method as the documentation does; PHP does not care about case."""
    return _NAMES.get(name.lower(), name)


def answer(instance: State, name: str, values: dict[str, str], viewer: int | None) -> Any:
    """Answer a call, or raise what the server would."""
    _check_account(instance, values, viewer)
    if name in WRITES or name in _MARKING:
        _touch(instance, name, Params(values), viewer)
    if name == "account.setOnline":
        return 1
    method = METHODS.get(name)
    if method is None or instance.dialect not in method.dialects:
        raise ApiFault(3, "Unknown method passed.")
    for needed in method.needs:
        if needed not in values:
            raise ApiFault(100, f"Required parameter '{needed}' missing.")
    if instance.dialect not in method.anonymous:
        _require_user(viewer)
    if method.limited and instance.dialect == "A":
        instance.trouble.limit()
    call = Call(
        instance.world,
        instance.dialect,
        Params(values),
        viewer,
        instance.url,
        instance.trouble.poison,
        instance.storage,
    )
    return method.answer(call)


def _check_account(instance: State, values: dict[str, str], viewer: int | None) -> None:
    if viewer is not None and instance.banned:
        words = "User account is deactivated"
        raise ApiFault(18, words if instance.dialect == "A" else "User was deleted or banned")
    # Array parameters crash [A] (help/openvk-api.md, Requests and answers).
    if instance.dialect == "A" and any(name.endswith("[]") for name in values):
        raise Crash


def _touch(instance: State, name: str, params: Params, viewer: int | None) -> None:
    """Count what an archiver must not do: writing, and marking the account online."""
    _require_user(viewer)
    if name in _MARKING:
        instance.online_marks += name == "account.setOnline" or not params.flag(_OFFLINE)
        return
    instance.writes += 1
    raise ApiFault(15, "Access denied")


def _require_user(viewer: int | None) -> None:
    if viewer is None:
        raise ApiFault(5, "User authorization failed: no access_token passed.")
