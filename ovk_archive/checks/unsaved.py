"""What an archive has not, because nobody asked for it yet."""

from dataclasses import dataclass

from ovk_archive.archive.archive import Archive
from ovk_archive.resources import RESOURCES


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What another command would save.

    Attributes:
        files: files that records name, and that were not fetched yet or failed.
        sections: those that are read only where they are asked for, and never were.
    """

    files: int
    sections: tuple[str, ...]


def unsaved(archive: Archive) -> Unsaved:
    """Count it, with two short queries."""
    (files,) = archive.query("select count(*) from media where state in ('pending', 'failed')")[0]
    asked = {name for (name,) in archive.query("select distinct resource from _cursors")}
    never = [one.section for one in RESOURCES if one.schedule.opt_in and one.name not in asked]
    return Unsaved(files, tuple(dict.fromkeys(never)))
