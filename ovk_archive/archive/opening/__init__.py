"""Opening a file: whether it can be this archive, its lock, and how its errors are told."""

from ovk_archive.archive.opening.connecting import (
    connect,
    connect_for_reading,
    mode_of_reading,
)
from ovk_archive.archive.opening.explaining import translated
from ovk_archive.archive.opening.inspecting import (
    SNAPSHOT,
    Identity,
    check_is_filled,
    inspect,
    of_another,
)
from ovk_archive.archive.opening.locking import locked
from ovk_archive.archive.opening.making import connect_for_writing, connect_up_to_date

__all__ = [
    "SNAPSHOT",
    "Identity",
    "check_is_filled",
    "connect",
    "connect_for_reading",
    "connect_for_writing",
    "connect_up_to_date",
    "inspect",
    "locked",
    "mode_of_reading",
    "of_another",
    "translated",
]
