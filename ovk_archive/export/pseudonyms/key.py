"""The secret key of pseudonyms: 32 random bytes in a file."""

import os
from contextlib import suppress
from pathlib import Path
from secrets import token_bytes

from ovk_archive.archive.file.disk import flush, set_mode
from ovk_archive.errors import BadInputError

KEY_BYTES = 32
_OWNER_ONLY = 0o600


def load_key(path: Path, outside: Path | None = None, *, new: bool = False) -> bytes:
    """The key in a file.

    Args:
        path: the file: 32 random bytes.
        outside: the folder of the export, in which the key may not be.
        new: there is none yet, so one is made, that only its owner can read.

    Raises:
        BadInputError: the file is no key, is in that folder, or cannot be read or written; it is
            not there, or is there though it is to be new.
    """
    if outside is not None and path.resolve().is_relative_to(outside.resolve()):
        raise BadInputError(
            f"The key {path} is inside the export {outside}: whoever is given the export must not "
            "get the key."
        )
    try:
        return _new_key(path) if new else _read_key(path)
    except FileExistsError as error:
        raise BadInputError(
            f"There is a file {path} already: leave out --new-key to use it as the key, or name "
            "another file."
        ) from error
    except FileNotFoundError as error:
        raise BadInputError(_nowhere(path)) from error
    except OSError as error:
        raise BadInputError(f"The key {path} cannot be used: {error.strerror}.") from error


def _nowhere(path: Path) -> str:
    """What to say of a key that is not there: with another one nothing could be joined."""
    if not path.parent.is_dir():
        return f"The key {path} cannot be used: there is no directory {path.parent}."
    return (
        f"There is no key {path}: name the file that you used before, for another key gives "
        "other pseudonyms; or add --new-key to have one made there."
    )


def _read_key(path: Path) -> bytes:
    # One byte more tells whether there is more.
    with path.open("rb") as file:
        key = file.read(KEY_BYTES + 1)
    if len(key) != KEY_BYTES:
        raise BadInputError(
            f"{path} is no key: a key is a file of {KEY_BYTES} random bytes. Name a file that does "
            "not exist, and add --new-key, to have one made."
        )
    with suppress(OSError):
        if path.stat().st_mode & 0o077:
            set_mode(path, _OWNER_ONLY)
    return key


def _new_key(path: Path) -> bytes:
    key = token_bytes(KEY_BYTES)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        flush(path.parent)
    except OSError:
        # Half a key would be refused for ever.
        with suppress(OSError):
            path.unlink()
        raise
    return key
