"""Whether a list is due: something may have changed, or nobody has asked for long."""

from datetime import datetime

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.absences import misses
from ovk_archive.archive.lists.cursors import NEW, Cursor
from ovk_archive.archive.lists.skips import is_due as skips_are_due
from ovk_archive.archive.versions import checkpoints
from ovk_archive.errors import is_absent
from ovk_archive.resources.vocabulary.resource import Resource
from ovk_archive.sync.plan import Opening, Options

#: Seconds until what hardly ever changes is asked for again, and what an instance did not have:
#: less than a day, so that a daily sync asks every time.
DAY = 20 * 3600


def is_due(archive: Archive, opening: Opening, cursor: Cursor, *, full: bool) -> bool:
    """A list that a row opens may have something new, or owes something; `full` asks for all."""
    if cursor is NEW:
        return opening.expected != 0
    if opening.resource.parent and opening.resource.parent.always:
        return True
    if full or not cursor.done or cursor.refused or cursor.stamp != opening.stamp:
        return True
    owed = skips_are_due(archive, opening.key)
    return owed or misses(archive, opening.resource, opening.partition)


def is_spared(options: Options, chain: int | None, resource: Resource, cursor: Cursor) -> bool:
    """It was asked for not long ago, so that a request can be saved.

    Runs with a budget make one sync together, which began with the checkpoint `chain`: what one of
    them has read, the next leaves.
    """
    if options.full or cursor.updated_at is None:
        return False
    ended = cursor.refused or (cursor.done and cursor.finished_at)
    if chain and ended and cursor.updated_in >= chain:
        # Where only time is short, each day looks for news.
        return options.sparing or _age(cursor.updated_at) < DAY
    return _is_fresh(resource, cursor)


def _is_fresh(resource: Resource, cursor: Cursor) -> bool:
    """Today it was read, and hardly ever changes; or the instance said that it has none."""
    read = resource.schedule.daily and cursor.done and not cursor.refused
    if cursor.updated_at is None or not (read or is_absent(cursor.refused_code)):
        return False
    return 0 <= _age(cursor.updated_at) < DAY


def _age(updated_at: str) -> float:
    """Seconds; less than none of what was written by a clock that was wrong."""
    return (checkpoints.today() - datetime.fromisoformat(updated_at)).total_seconds()
