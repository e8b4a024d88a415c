"""The token: one file that only its owner can read, or the environment."""

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from ovk_archive.disk import set_mode
from ovk_archive.errors import AuthError, BadInputError, StorageError
from ovk_archive.instance import Instance, parse_instance

_FILE_NAME = "credentials.json"
_OWNER_ONLY = 0o600


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


def path(env: Mapping[str, str] = os.environ) -> Path:
    """Where the token is saved: in `$OVK_CONFIG_DIR`, or where the system keeps settings."""
    directory = env.get("OVK_CONFIG_DIR")
    base = Path(directory) if directory else platformdirs.user_config_path("ovk-archive")
    return base / _FILE_NAME


def load(env: Mapping[str, str] = os.environ) -> Credentials | None:
    """The credentials to use, or None if there are none; `OVK_…` wins over the file.

    Raises:
        BadInputError: `OVK_TOKEN` without `OVK_INSTANCE`, or not an instance.
        AuthError: `OVK_INSTANCE` alone, and the saved token is not for it.
        StorageError: the file cannot be read.
    """
    address, token = env.get("OVK_INSTANCE"), env.get("OVK_TOKEN")
    if token and not address:
        raise BadInputError(
            "OVK_TOKEN is set without OVK_INSTANCE: say whose token it is, "
            "for it is sent to no other instance."
        )
    if not address:
        return _read(path(env))
    instance = parse_instance(address)
    if token:
        return Credentials(instance.url, None, token)
    return _saved_for(instance, _read(path(env)))


def save(credentials: Credentials, env: Mapping[str, str] = os.environ) -> Path:
    """Saves the credentials, readable by the owner alone, and says where.

    The file is complete or absent at any moment, and never readable by others.

    Raises:
        StorageError: it cannot be written.
    """
    file = path(env)
    content = {
        "instance_url": credentials.instance_url,
        "user_id": credentials.user_id,
        "token": credentials.token,
    }
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(file, json.dumps(content, indent=2) + "\n")
    except OSError as error:
        raise StorageError(f"The token cannot be saved in {file}: {error.strerror}.") from error
    return file


def forget(env: Mapping[str, str] = os.environ) -> bool:
    """Removes the saved credentials; False if there were none.

    Raises:
        StorageError: they cannot be removed.
    """
    file = path(env)
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


def _read(file: Path) -> Credentials | None:
    try:
        if file.stat().st_mode & 0o077:
            set_mode(file, _OWNER_ONLY)
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError:
        content = None
    credentials = _parsed(content)
    if credentials is None:
        # Nothing of the file is repeated, because it may hold a token.
        raise StorageError(f"{file} is broken: run `ovk-archive login` to write it anew.")
    return credentials


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
