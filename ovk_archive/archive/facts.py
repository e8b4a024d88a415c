"""Facts that an archive remembers of itself: table `_archive`."""

from ovk_archive.archive.archive import Archive


def fact(archive: Archive, name: str) -> str | None:
    """Something that the archive remembers of itarchive."""
    found = archive.query("select value from _archive where name = ?", (name,))
    return str(found[0][0]) if found else None


def note_fact(archive: Archive, name: str, value: str | None) -> None:
    """Remember something of the archive itself; None forgets it."""
    with archive.transaction() as db:
        db.execute("delete from _archive where name = ?", (name,))
        if value is not None:
            db.execute("insert into _archive (name, value) values (?, ?)", (name, value))
