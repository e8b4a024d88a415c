"""Makes the tables for people again from `_versions`, without asking the instance.

`media` stays as it is: it says what became of files, which no record tells.
"""

from collections.abc import Callable

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.lists.strange import try_again
from ovk_archive.archive.search import index
from ovk_archive.archive.search.declared import SEARCHED
from ovk_archive.archive.tables.replay import replay
from ovk_archive.resources import DERIVED
from ovk_archive.resources.vocabulary.rows import Table


def rebuild(archive: Archive, tell: Callable[[Table, int], object]) -> None:
    """Empty every table but `media`, and fill it from its versions: all of it, or nothing.

    Records of which an older version could make no row are tried again.

    `tell` is called with each table and its number of rows.

    Raises:
        StorageError: a version cannot be read by this program; nothing was changed.
    """
    with archive.transaction() as db:
        try_again(db)
        # Made anew from the rows: faster than row by row, and right whatever it was before.
        for table in SEARCHED:
            index.set_aside(db, table)
        for table in DERIVED:
            db.execute(f'delete from "{table.name}"')
            replay(db, table)
            count = db.execute(f'select count(*) from "{table.name}"').fetchone()[0]
            tell(table, int(count))
        index.remake(db, SEARCHED)
