"""The names of the instance that an archive is of: those it had, has, and tells of itself."""

import json

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.facts import fact
from ovk_archive.archive.opening import Identity
from ovk_archive.archive.soundness import damaged

#: The fact that lists all names of the instance, where it has had several.
_NAMES = "instances"


def names(archive: Archive) -> tuple[Identity, ...]:
    """All names that its instance has had, the first one first."""
    identity = archive.identity()
    try:
        known = json.loads(fact(archive, _NAMES) or "[]")
        names = [Identity(one["instance"], identity.account_id, one["url"]) for one in known]
    except (KeyError, TypeError, ValueError):
        raise damaged(archive.path, "the instance's former names cannot be read") from None
    is_among = any(one.instance == identity.instance for one in names)
    return tuple(names) if is_among else (*names, identity)


def former(archive: Archive) -> tuple[str, ...]:
    """The addresses that its instance had under other names."""
    now = archive.identity().instance
    return tuple(one.url for one in names(archive) if one.instance != now)


def mirrors(archive: Archive) -> tuple[str, ...]:
    """Other names of its instance, as the instance itself told them under one of its names."""
    found = archive.query("select value from instance where name = 'mirrors'")
    try:
        told = json.loads(found[0][0]) if found and found[0][0] else []
    except ValueError:
        return ()
    return tuple(one for one in told if isinstance(one, str)) if isinstance(told, list) else ()


def move(archive: Archive, to: Identity) -> None:
    """Note that its instance has another name; the names it had stay known."""
    had = list(names(archive))
    if all(one.instance != to.instance for one in had):
        had.append(to)
    told = json.dumps([{"instance": one.instance, "url": one.url} for one in had])
    with archive.transaction() as db:
        db.executemany(
            "insert into _archive (name, value) values (?, ?) "
            "on conflict (name) do update set value = excluded.value",
            [(_NAMES, told), ("instance", to.instance), ("url", to.url)],
        )
