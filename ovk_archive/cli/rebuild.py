"""`ovk-archive rebuild`: all tables for people anew, from the versions of their records."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ovk_archive.cli.options import archive_argument, json_option

if TYPE_CHECKING:
    from ovk_archive.archive import Archive


@click.command()
@archive_argument
@json_option
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def rebuild(archive: Path, as_json: bool, quiet: bool) -> None:
    """Derive the tables of ARCHIVE anew from the versions of its records.

    Nobody is asked, and nothing else of the archive is touched. It is for a table that was damaged
    or changed by hand; of a whole archive it makes the same tables again. The table `media`, which
    says what became of files, stays as it is.
    """
    from ovk_archive.archive import Archive
    from ovk_archive.cli.output import print_json, say
    from ovk_archive.rebuild import rebuild as derive

    with Archive.read(archive) as held:
        identity = held.identity()
    with Archive.open(archive, identity) as held:
        before = _digests(held)
        counts: dict[str, int] = {}
        derive(held, lambda table, count: counts.__setitem__(table.name, count))
        after = _digests(held)
    changed = [name for name in counts if before[name] != after[name]]
    if as_json:
        print_json({"rows": counts, "changed": changed})
    elif not quiet:
        what = f"{', '.join(changed)} had other rows" if changed else "all are as they were"
        say(f"Rebuilt {len(counts)} tables with {sum(counts.values()):,} rows; {what}.")


def _digests(archive: "Archive") -> dict[str, str]:
    """A hash of the rows of each table, whatever their order in the file."""
    import hashlib

    from ovk_archive.rebuild import DERIVED

    digests = {}
    for table in DERIVED:
        digest = hashlib.sha256()
        columns = ", ".join(f'"{name}"' for name in table.key)
        for row in archive.stream(f'select * from "{table.name}" order by {columns}'):
            digest.update(repr(row).encode("utf-8", "surrogatepass"))
        digests[table.name] = digest.hexdigest()
    return digests
