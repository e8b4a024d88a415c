"""What a perfect archive of the toy instance would hold: records, texts, files."""

from collections.abc import Iterable
from typing import Any

from ovk_archive.demo.world.world import World
from truth.files import file_hashes
from truth.records import texts, truth

__all__ = ["files_of", "texts_of", "truth_of"]


def truth_of(world: World, dialect: str, owners: tuple[int, ...] = (1,)) -> dict[str, Any]:
    """Say what the account can read of these owners in this dialect."""
    with world.lock:
        return truth(world, dialect, owners)


def texts_of(world: World, dialect: str) -> dict[tuple[str, Any], str]:
    """Say what people wrote, by ("posts" | "comments" | "messages" | "notes", key)."""
    with world.lock:
        return texts(world, dialect)


def files_of(world: World, dialect: str, people: Iterable[int]) -> dict[str, set[str]]:
    """Say which files the account's records name, by kind, as SHA-256 of their bytes.

    `people` are those whose avatars count: everybody whom the archive knows.
    """
    with world.lock:
        facts = truth(world, dialect, (world.account_id,))
        return file_hashes(world, dialect, facts, people)
