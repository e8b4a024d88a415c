"""The tokens: one file that only its owner can read, or the environment.

The file has the account of the last login in its outermost object, as ever, and others within it.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from ovk_archive.api.address import Instance, parse_instance
from ovk_archive.archive.file.disk import set_mode
from ovk_archive.cli.account.pasted_token import token_in
from ovk_archive.errors import AuthError, BadInputError, StorageError

_FILE_NAME = "credentials.json"
_OWNER_ONLY = 0o600

#: Whose something is: an instance's key, and the number of an account.
Owned = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token and where it is good.

    Attributes:
        instance_url: canonical, see `Instance`.
        user_id: whose token it is; None if it came from the environment.
        token: a secret, left out of the representation.
    """

    instance_url: str
    user_id: int | None
    token: str = field(repr=False)

    @property
    def instance(self) -> Instance:
        """Where the token is good."""
        return Instance(self.instance_url)

    @property
    def owned(self) -> Owned:
        """What an archive of this account says of whose it is."""
        return self.instance.key, self.user_id

    @property
    def named(self) -> str:
        """The account, as `--account` takes it."""
        return f"{self.user_id}@{self.instance.key}"


def path(env: Mapping[str, str] = os.environ) -> Path:
    """Where the token is saved: in `$OVK_CONFIG_DIR`, or where the system keeps settings."""
    directory = env.get("OVK_CONFIG_DIR")
    base = Path(directory) if directory else _usual()
    return base / _FILE_NAME


def _usual() -> Path:
    """Where the system keeps settings.

    Raises:
        StorageError: it knows of no home directory.
    """
    with suppress(RuntimeError):
        base = platformdirs.user_config_path("ovk-archive")
        # Older versions of platformdirs do not notice.
        if base.parts[:1] != ("~",):
            return base
    raise StorageError(
        "There is no home directory to keep the token in: set HOME, or OVK_CONFIG_DIR."
    )


def load(
    env: Mapping[str, str] = os.environ, *, account: str | None = None, owner: Owned | None = None
) -> Credentials | None:
    """The credentials to use, or None if there are none; `OVK_…` wins over the file.

    Args:
        env: the environment.
        account: which of several accounts, as a person says it: id, instance, or id@instance.
        owner: whose archive it is; that account is taken if no other is asked for.

    Raises:
        BadInputError: `OVK_TOKEN` without `OVK_INSTANCE`, or not an instance; or none of the
            saved accounts is meant, or several are.
        AuthError: `OVK_INSTANCE` alone, and the saved token is not for it.
        StorageError: the file cannot be read.
    """
    instance, token = _of_environment(env)
    if instance and token:
        return Credentials(instance.url, None, token_in(token))
    found = every(env)
    if account:
        found = _meant(account, found)
    theirs = [one for one in found if owner and one.owned == owner]
    if instance:
        here = [one for one in (*theirs, *found) if one.instance.key == instance.key]
        return _saved_for(instance, here[0] if here else None)
    return next(iter((*theirs, *found)), None)


def _of_environment(env: Mapping[str, str]) -> tuple[Instance | None, str | None]:
    address, token = env.get("OVK_INSTANCE"), env.get("OVK_TOKEN")
    if token and not address:
        raise BadInputError(
            "OVK_TOKEN is set without OVK_INSTANCE: set both, for a token is sent only to its own "
            "instance."
        )
    return parse_instance(address) if address else None, token


def is_given(env: Mapping[str, str] = os.environ) -> bool:
    """The environment has a token, so that the file is not looked at."""
    return bool(env.get("OVK_TOKEN"))


def every(env: Mapping[str, str] = os.environ) -> list[Credentials]:
    """All saved accounts, that of the last login first.

    Raises:
        StorageError: the file cannot be read.
    """
    return _read(path(env))


def _meant(account: str, saved: list[Credentials]) -> list[Credentials]:
    """The saved account that a person means.

    Raises:
        BadInputError: none, or several.
    """
    found = [one for one in saved if _is_meant(account.strip(), one)]
    if len(found) == 1:
        return found
    those = ", ".join(one.named for one in found or saved) or "none"
    why = "Several saved accounts are" if found else "No saved account is"
    raise BadInputError(f"{why} {account!r}; there are: {those}.")


def _is_meant(account: str, one: Credentials) -> bool:
    number, at, address = account.rpartition("@")
    if not at and account.isdecimal():
        number, address = account, ""
    try:
        is_there = not address or parse_instance(address).key == one.instance.key
    except BadInputError:
        return False
    return is_there and number in ("", str(one.user_id))


def save(credentials: Credentials, env: Mapping[str, str] = os.environ) -> Path:
    """Saves the credentials, readable by the owner alone, and says where.

    The file is complete or absent at any moment, and never readable by others.

    Raises:
        StorageError: it cannot be written.
    """
    others = []
    with suppress(StorageError):
        # A broken file is written anew.
        others = [one for one in _read(path(env)) if one.owned != credentials.owned]
    return _write([credentials, *others], env)


def _write(saved: list[Credentials], env: Mapping[str, str]) -> Path:
    file = path(env)
    first, *others = [
        {"instance_url": one.instance_url, "user_id": one.user_id, "token": one.token}
        for one in saved
    ]
    content = {**first, "others": others} if others else first
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(file, json.dumps(content, indent=2) + "\n")
    except OSError as error:
        raise StorageError(f"The token cannot be saved in {file}: {error.strerror}.") from error
    return file


def forget(env: Mapping[str, str] = os.environ, *, account: str | None = None) -> bool:
    """Removes the saved credentials, or those of one account; False if there were none.

    Raises:
        BadInputError: no saved account is meant, or several are.
        StorageError: they cannot be removed.
    """
    file = path(env)
    if account:
        found = every(env)
        rest = [one for one in found if one not in _meant(account, found)]
        if rest:
            _write(rest, env)
            return True
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StorageError(f"{file} cannot be removed: {error.strerror}.") from error
    return True


def _saved_for(instance: Instance, saved: Credentials | None) -> Credentials:
    is_same = saved is not None and saved.instance.key == instance.key
    # A token that was given over https is not sent over http.
    if saved is None or not is_same or (_is_https(saved.instance) and not _is_https(instance)):
        raise AuthError(f"There is no token for {instance}: run `ovk-archive login`.")
    return Credentials(instance.url, saved.user_id, saved.token)


def _is_https(instance: Instance) -> bool:
    return instance.url.startswith("https://")


def _replace(file: Path, text: str) -> None:
    # mkstemp creates with mode 0600, so that there is no moment for others to look.
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{_FILE_NAME}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as temporary:
            temporary.write(text)
            temporary.flush()
            os.fsync(temporary.fileno())
        Path(name).replace(file)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _read(file: Path) -> list[Credentials]:
    try:
        if file.stat().st_mode & 0o077:
            set_mode(file, _OWNER_ONLY)
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError(f"{file} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError):
        content = None
    others = content.get("others") if isinstance(content, dict) else None
    found = [_parsed(one) for one in (content, *(others if isinstance(others, list) else ()))]
    if None in found:
        # Nothing of the file is repeated, because it may hold a token.
        raise StorageError(f"{file} is broken: run `ovk-archive login` to write it again.")
    return [one for one in found if one]


def _parsed(content: Any) -> Credentials | None:
    match content:
        case {
            "instance_url": str(address),
            "user_id": int() | None as user_id,
            "token": str(token),
        }:
            if not token:
                return None
            try:
                return Credentials(parse_instance(address).url, user_id, token)
            except BadInputError:
                return None
    return None
