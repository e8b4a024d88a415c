"""However many files records name, few of them are in memory, and each that is here is found."""

import hashlib
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest
from beginnings import begun
from syncing import ACCOUNT, query

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.journaling import sorting
from ovk_archive.archive.opening import Identity
from ovk_archive.media import catalogue
from ovk_archive.media.catalogue import survey

WHOSE = Identity("demo", ACCOUNT, "http://a")
#: Of a file: its address, its state, and how many bytes a record speaks of.
Named = tuple[str, str, int | None]


def blob(number: int) -> str:
    """The name of an upload."""
    return hashlib.sha512(str(number).encode()).hexdigest()


def surveyed(path: Path, files: Iterable[Named]) -> None:
    """Let an archive look at these files; those that are stored have ten bytes."""
    begun(path, WHOSE)
    with Archive.open(path, WHOSE) as archive:
        with archive.transaction() as db:
            db.executemany(
                "insert into media (url, kind, state, expected_bytes, tries, path, sha256, bytes, "
                "content_type) values (?, 'photos', ?, ?, 0, ?, 'hash', 10, 'image/jpeg')",
                [(url, state, size, state == "stored" and url) for url, state, size in files],
            )
        survey(archive)


@pytest.mark.parametrize("at_a_time", [1, 3, 1000])
def test_a_file_that_is_stored_under_another_address_is_found(
    at_a_time: int, archive_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few are looked at together; one that is to have another size is not taken for it."""
    monkeypatch.setattr(catalogue, "_LOOKED_AT", at_a_time)
    files: list[Named] = []
    for number in range(7):
        files.append((f"http://a/blob_aa/{blob(number)}.jpeg", "stored", None))
        files.append((f"https://b/blob_aa/{blob(number)}.jpeg", "pending", 10))
        files.append((f"http://c/blob_aa/{blob(number)}.jpeg", "pending", 11))
        files.append((f"http://a/blob_aa/{blob(100 + number)}.jpeg", "pending", 10))

    surveyed(archive_path, files)

    stored = dict(query(archive_path, "select url, path from media where state = 'stored'"))
    for number in range(7):
        here = f"http://a/blob_aa/{blob(number)}.jpeg"
        assert stored.pop(here) == here
        assert stored.pop(f"https://b/blob_aa/{blob(number)}.jpeg") == here
    assert stored == {}


def most_memory(path: Path, number: int) -> int:
    """Bytes that Python's objects take at most while so many pending files are looked at."""
    pending = [(f"http://a/blob_aa/{blob(n)}.jpeg", "pending", None) for n in range(number)]
    stored = [(f"http://b/blob_aa/{blob(-n)}.jpeg", "stored", None) for n in range(1, number)]
    surveyed(path, [*pending, *stored])
    with Archive.open(path, WHOSE) as archive:
        tracemalloc.start()
        try:
            survey(archive)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def test_memory_does_not_grow_with_the_number_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of eight times as many files no more are in memory at once."""
    monkeypatch.setattr(catalogue, "_LOOKED_AT", 500)

    few = most_memory(tmp_path / "few.db", 1000)
    many = most_memory(tmp_path / "many.db", 8000)

    assert many < 1.2 * few


def test_what_follows_has_its_memory_again(archive_path: Path) -> None:
    """Files are put in order in little memory; afterwards pages have as much as before."""
    begun(archive_path, WHOSE)
    with Archive.open(archive_path, WHOSE) as archive:
        before = archive.query("pragma cache_size")
        survey(archive)

        assert archive.query("pragma cache_size") == before
        with archive.transaction() as db, sorting(db):
            assert archive.query("pragma cache_size") != before
        with archive.transaction() as db, pytest.raises(ZeroDivisionError), sorting(db):
            raise ZeroDivisionError
        assert archive.query("pragma cache_size") == before
