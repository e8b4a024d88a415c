"""The files that records name: how many are here, and what became of the others."""

from dataclasses import dataclass, replace

from ovk_archive.archive.archive import Archive
from ovk_archive.errors import StorageError
from ovk_archive.media import presence


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesLine:
    """The files that records name.

    Attributes:
        stored: different files that are here.
        bytes: their size.
        addresses: under how many addresses records name them.
        missing: those that were stored, and are not in the folder of files.
        trouble: what is to be said of these, or of a folder that cannot be read.
        others: how many addresses are in each other state of table `media`.
    """

    stored: int
    bytes: int
    addresses: int
    others: dict[str, int]
    missing: int = 0
    trouble: str | None = None

    @property
    def wanting(self) -> int:
        """How many files a later run may still fetch."""
        return self.others.get("pending", 0) + self.others.get("failed", 0)


def files(archive: Archive) -> FilesLine:
    """Add up table `media`, which an archive of an older version has not."""
    if not archive.query("select 1 from sqlite_master where name = 'media'"):
        return FilesLine(stored=0, bytes=0, addresses=0, others={})
    states = dict(archive.query("select state, count(*) from media group by state order by state"))
    addresses = states.pop("stored", 0)
    # One content may have several addresses.
    stored, size = archive.query(
        "select count(*), ifnull(sum(bytes), 0) from "
        "(select distinct sha256, bytes from media where state = 'stored')"
    )[0]
    line = FilesLine(stored=stored, bytes=size, addresses=addresses, others=states)
    try:
        here = presence.look(archive)
    except StorageError as error:
        return replace(line, trouble=str(error))
    if not here.missing:
        return line
    return replace(
        line,
        stored=here.stored - here.missing,
        bytes=size - here.bytes,
        missing=here.missing,
        trouble=here.told(f"`ovk-archive media {archive.path}` fetches them again."),
    )
