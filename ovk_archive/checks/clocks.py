"""Whether this computer's clock was once ahead: the archive has a stamp that is yet to come."""

from datetime import timedelta

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.versions.checkpoints import as_written, today

#: Clocks are set by some seconds every day; nobody is told of that.
_LEEWAY = timedelta(hours=1)


def ahead(archive: Archive) -> str | None:
    """The latest stamp of what runs have noted, if it lies in the future."""
    found = archive.query(
        "select max(at) from (select started_at as at from _runs union all "
        "select finished_at from _runs union all select last_seen_at from _versions "
        "where id = (select max(id) from _records))"
    )
    latest = found[0][0]
    return latest if latest and latest > as_written(today() + _LEEWAY) else None


def told(latest: str) -> str:
    """A sentence about such a stamp: what happened, and what it means."""
    return (
        f"This computer's clock was wrong: it once said {latest[:16].replace('T', ' ')} UTC, "
        "which is in the future. Nothing is lost: numbers, not times, tell what came first."
    )
