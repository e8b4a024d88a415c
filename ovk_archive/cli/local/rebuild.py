"""`ovk-archive rebuild`: makes all tables for people again, from the versions of their records."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ovk_archive.cli.options import archive_argument, json_option

if TYPE_CHECKING:
    from ovk_archive.archive.archive import Archive


@click.command()
@archive_argument
@json_option
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def rebuild(archive: Path, as_json: bool, quiet: bool) -> None:
    """Make the tables of ARCHIVE again from the versions of its records.

    Use it when a table is damaged or was changed by hand, and when a newer version of this program
    can read records that an older one could not. The instance is not asked. If the archive is
    whole, the new tables are equal to the old ones. Table `media`, which says where the files are,
    stays as it is.
    """
    from ovk_archive.archive.archive import Archive
    from ovk_archive.archive.rebuild import rebuild as derive
    from ovk_archive.archive.soundness import watched
    from ovk_archive.cli.words.output import print_json, say

    with Archive.read(archive) as held:
        identity = held.identity()
    with watched((lambda _: None) if quiet else say), Archive.open(archive, identity) as held:
        versions = int(held.query("select count(*) from _records")[0][0])
        before = digests(held)
        counts: dict[str, int] = {}
        derive(held, lambda table, count: counts.__setitem__(table.name, count))
        after = digests(held)
    changed = [name for name in counts if before[name] != after[name]]
    had = {name: count for name, (count, _) in before.items()}
    if as_json:
        print_json({"rows": counts, "before": had, "versions": versions, "changed": changed})
    elif not quiet:
        for line in _told(counts, had, changed, versions):
            say(line)


def _told(
    counts: Mapping[str, int], had: Mapping[str, int], changed: Sequence[str], versions: int
) -> Iterator[str]:
    for name in changed:
        yield _change(name, had[name], counts[name])
    what = f"{', '.join(changed)} had other rows" if changed else "all are as they were"
    rows = f"{sum(counts.values()):,} rows"
    yield f"Rebuilt {len(counts)} tables ({rows}) from {versions:,} versions; {what}."


def _change(name: str, before: int, now: int) -> str:
    """What has become of a table."""
    if before == now:
        return f"{name}: {now:,} rows as before, some of them different"
    return f"{name}: {before:,} rows before, {now:,} now"


def digests(archive: "Archive") -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a hash of them, whatever their order in the file."""
    import hashlib

    from ovk_archive.resources import DERIVED

    digests: dict[str, tuple[int, str]] = {}
    for table in DERIVED:
        count, digest = 0, hashlib.sha256()
        columns = ", ".join(f'"{name}"' for name in table.key)
        for row in archive.stream(f'select * from "{table.name}" order by {columns}'):
            count += 1
            digest.update(repr(row).encode("utf-8", "surrogatepass"))
        digests[table.name] = count, digest.hexdigest()
    return digests
