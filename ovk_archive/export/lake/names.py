"""What an archive can be called in a lake, so that every engine reads a name as that text."""

import re
from pathlib import Path

from ovk_archive.errors import BadInputError

#: Spark leaves folders with other letters out where the locale is C, and says nothing. What begins
#: with a digit may be a number or a day.
_NAME = re.compile("[a-zA-Z][a-zA-Z0-9_-]{0,99}")
#: What DuckDB, Polars or Spark take for a day, a number or a yes where it stands alone.
_OTHERS = frozenset({"epoch", "false", "inf", "infinity", "nan", "none", "null", "true"})


def checked(name: str) -> str:
    """The name, if it is one.

    Raises:
        BadInputError: it is none.
    """
    if not _NAME.fullmatch(name):
        raise BadInputError(
            f"{name!r} cannot be the name of an archive in a lake: take Latin letters, digits, - "
            "and _, a letter first."
        )
    if name.casefold() in _OTHERS:
        raise BadInputError(
            f"{name!r} cannot be the name of an archive in a lake, for some programs would read it "
            "as a number, a day or a yes: take another name."
        )
    return name


def check_taken(folder: Path, name: str) -> None:
    """Refuse a name that differs from another one's only by capitals: not all disks tell them.

    Args:
        folder: where the names of the lake are.
        name: the new one.

    Raises:
        BadInputError: there is such a name.
    """
    for other in folder.iterdir():
        known = other.name.removeprefix(".")
        if known != name and known.casefold() == name.casefold():
            raise BadInputError(
                f"An archive is called {known} in this lake, which is {name} on some disks: take "
                "another name."
            )
