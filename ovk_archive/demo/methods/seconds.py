"""Rows of one second, as the database sorts them: by time alone, so among themselves anyhow."""

from collections.abc import Sequence
from zlib import crc32

from ovk_archive.demo.world.records import Comment


def as_sorted(thread: Sequence[Comment], limit: int) -> list[Comment]:
    """Sort as `order by created limit N` does: the order of a second's rows differs per limit."""
    return sorted(thread, key=lambda one: (one.date, crc32(f"{limit} {one.id}".encode())))
