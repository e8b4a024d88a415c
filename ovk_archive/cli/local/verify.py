"""`ovk-archive verify`: whether an archive is what it says."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ovk_archive.cli.options import archive_argument, json_option
from ovk_archive.errors import EXIT_REFUSED, ArchiveError, DamagedError

if TYPE_CHECKING:
    from ovk_archive.archive.archive import Archive
    from ovk_archive.checks.consistency import Consistency, Deviation
    from ovk_archive.checks.sampling import Comparison, Count, Sampled
    from ovk_archive.checks.verify import Damage, Findings, Part
    from ovk_archive.cli.account.credentials import Credentials
    from ovk_archive.media.vault import Vault

#: Records that are looked at with `--server`, unless one says otherwise.
_SAMPLE = 50
#: As many of one kind of trouble are told one by one; `--json` has all.
_MOST_TOLD = 10


def _part(text: str) -> tuple[int, int]:
    """One part of several, such as 3/30: which, and of how many."""
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
    number, of = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= number <= of:
        raise click.BadParameter(f"{text!r} is not a part such as 1/30.")
    return number, of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What a person wants to have verified."""

    path: Path
    media: bool
    subset: tuple[int, int]
    repair: bool
    orphans: bool
    server: bool
    sample: int
    seed: int | None
    as_json: bool
    quiet: bool

    def check(self) -> None:
        """Refuse what cannot be meant."""
        if not self.media and (self.repair or self.subset != (1, 1)):
            raise click.UsageError("--repair and --subset are about files: add --media.")
        if not self.server and self.sample != _SAMPLE:
            raise click.UsageError("--sample is about the server: add --server.")


@click.command()
@archive_argument
@click.option("--media", is_flag=True, help="Read every stored file again and compare its hash.")
@click.option(
    "--subset",
    type=_part,
    default="1/1",
    metavar="PART/OF",
    help="Only one part of the files: 1/30 today, 2/30 tomorrow, and all have had their turn in a "
    "month.",
)
@click.option("--repair", is_flag=True, help="Fetch missing and changed files again.")
@click.option("--orphans", is_flag=True, help="List files of the folder that no record names.")
@click.option(
    "--server",
    is_flag=True,
    help="Ask the instance too: what it counts, and how some records are there now.",
)
@click.option(
    "--sample",
    type=click.IntRange(0, 10_000),
    default=_SAMPLE,
    show_default=True,
    metavar="N",
    help="With --server: look at so many posts, messages and people, chosen at random.",
)
@click.option("--seed", type=int, hidden=True, help="Choose the same records each time.")
@json_option
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but what is wrong.")
def verify(archive: Path, **chosen: Any) -> int:
    """Check that ARCHIVE is whole.

    SQLite looks through the database, all tables are compared with the versions from which they
    follow, and the positions from which a sync goes on are looked at. With `--media` every file
    that was stored is hashed again. With `--server` the archive is compared with the instance;
    nothing is written, there or here. Exit code 3 means that something is damaged or missing, or
    that the instance has something else by now, and is listed. Files that are not in their folder
    are always told of, but they count as missing only with `--media`. If the archive is whole and
    the instance cannot be asked, the exit code says why, as for a sync.
    """
    from ovk_archive.archive.archive import Archive
    from ovk_archive.archive.file.location import folder_of
    from ovk_archive.checks.verify import Findings
    from ovk_archive.cli.words.output import complain, print_json
    from ovk_archive.media.vault import Vault

    wish = _Wish(path=archive, **chosen)
    wish.check()
    vault = Vault(folder_of(archive))
    compared = None
    try:
        with Archive.read(archive) as held:
            findings = _findings(held, vault, wish)
            # Before the instance is asked: what the archive is depends on no network.
            _tell(findings, wish)
            compared = _compared(held, wish) if wish.server else None
    except DamagedError as error:
        # Where nothing can be read at all, that is what was found.
        findings = Findings(database=[error.what])
        _tell(findings, wish)
    if wish.as_json:
        print_json({**findings.to_json(), **_as_json(compared)})
    if isinstance(compared, ArchiveError):
        complain(f"The instance could not be asked: {compared}", compared.exit_code)
    elif compared:
        _tell_server(compared, wish)
    if wish.repair and findings.damaged:
        findings.damaged = _repaired(archive, vault, findings.damaged, quiet=wish.quiet)
    if not findings.are_none:
        return EXIT_REFUSED
    return _verdict(compared)


# The archive itself


def _findings(archive: "Archive", vault: "Vault", wish: _Wish) -> "Findings":
    from ovk_archive.checks.verify import Findings, check_database

    findings = Findings(database=check_database(archive))
    try:
        _look_closer(findings, archive, vault, wish)
    except DamagedError as error:
        findings.database.append(error.what)
    return findings


def _look_closer(findings: "Findings", archive: "Archive", vault: "Vault", wish: _Wish) -> None:
    """Look at rows, if the database allows it, and at files."""
    from ovk_archive.checks import clocks
    from ovk_archive.checks.verify import Part
    from ovk_archive.checks.verify import orphans as find_orphans
    from ovk_archive.media.presence import look

    if not findings.database:
        findings.inner = _consistency(archive, quiet=wish.quiet)
        findings.clock_ahead = clocks.ahead(archive)
    findings.presence = look(archive)
    if wish.media:
        part = Part(*wish.subset)
        findings.files, findings.damaged = _hashed(archive, vault, part, quiet=wish.quiet)
    if wish.orphans:
        findings.orphans = list(find_orphans(archive, vault))


def _consistency(archive: "Archive", *, quiet: bool) -> "Consistency":
    from tqdm import tqdm

    from ovk_archive.checks.consistency import check_consistency
    from ovk_archive.resources import DERIVED

    # Where stderr is no terminal, tqdm shows nothing by itself (`disable=None`).
    hidden = True if quiet else None
    with tqdm(desc="tables", total=len(DERIVED), leave=False, disable=hidden) as bar:
        return check_consistency(archive, bar.update)


def _hashed(
    archive: "Archive", vault: "Vault", part: "Part", *, quiet: bool
) -> tuple[int, "list[Damage]"]:
    from tqdm import tqdm

    from ovk_archive.checks.verify import check_files, count_files

    # Where stderr is no terminal, tqdm shows nothing by itself (`disable=None`).
    hidden = True if quiet else None
    with tqdm(desc="files", total=count_files(archive, part), leave=False, disable=hidden) as bar:
        return check_files(archive, vault, part, bar.update)


def _tell(findings: "Findings", wish: _Wish) -> None:
    from ovk_archive.cli.words.output import say, show

    here = findings.presence
    if here and here.missing:
        say(here.told(f"`ovk-archive media {wish.path}` fetches them again."))
    for complaint in findings.database:
        say(f"The database is damaged: {complaint}")
    for line in _inner(findings.inner, wish) if findings.inner else ():
        say(line)
    for one in findings.damaged:
        # Where the whole folder is missing, that has been said.
        if one.why != "missing" or not here or here.missing < here.stored:
            say(f"{one.path} is {one.why}; it came from {', '.join(one.urls)}")
    show([] if wish.as_json else findings.orphans)
    if not wish.quiet:
        _sum_up(findings, wish)


def _inner(inner: "Consistency", wish: _Wish) -> Iterator[str]:
    """What contradicts itself in the archive, and what to do."""
    for one in inner.positions[:_MOST_TOLD]:
        yield f"Where {one.resource} {one.partition} was read to cannot be: {one.why}."
    if len(inner.positions) > _MOST_TOLD:
        yield f"The same is true of {len(inner.positions) - _MOST_TOLD} more lists."
    if inner.positions:
        yield (
            f"`ovk-archive sync {wish.path} --full` reads them anew; if it cannot, go back to a "
            "copy of the archive."
        )
    yield from map(_deviation, inner.rows)
    if any(not one.unreadable for one in inner.rows):
        yield f"`ovk-archive rebuild {wish.path}` derives the tables anew from their versions."


def _deviation(one: "Deviation") -> str:
    if one.unreadable:
        return one.unreadable
    said = [f"{row.key} ({', '.join(row.columns) or row.why})" for row in one.examples]
    more = ", …" if one.rows > len(said) else ""
    return f"{one.rows} rows of {one.table} are not as their versions say: {', '.join(said)}{more}."


def _sum_up(findings: "Findings", wish: _Wish) -> None:
    from ovk_archive.checks import clocks
    from ovk_archive.cli.words.output import say

    references = sum(one.rows for one in findings.inner.references) if findings.inner else 0
    if references:
        say(
            f"{references} rows refer to something that is not here; mostly the server lacks or "
            "hides it (--json has them by table)."
        )
    whole = not findings.database and findings.inner is not None and findings.inner.is_given
    files = f" {findings.files} files looked at, {len(findings.damaged)} damaged."
    say(f"The database is {'whole' if whole else 'damaged'}.{files if wish.media else ''}")
    if findings.clock_ahead:
        say(clocks.told(findings.clock_ahead))
    if findings.damaged:
        say("`ovk-archive verify ARCHIVE --media --repair` fetches them again.")


def _repaired(
    path: Path, vault: "Vault", damaged: "list[Damage]", *, quiet: bool
) -> "list[Damage]":
    """Fetch damaged files again, each from one address after another; those still damaged."""
    from ovk_archive.archive.archive import Archive
    from ovk_archive.checks.verify import restored, to_fetch
    from ovk_archive.cli.backup.media_run import FileJob
    from ovk_archive.cli.backup.run_display import Manner, read_files

    for turn in range(max(len(one.urls) for one in damaged)):
        with Archive.read(path) as held:
            wanted = to_fetch(held, damaged, turn)
        read_files(FileJob(path=path), Manner(quiet=quiet), wanted)
        with Archive.read(path) as held, Archive.open(path, held.identity()) as archive:
            damaged = restored(archive, vault, damaged)
    return damaged


# The server


def _compared(archive: "Archive", wish: _Wish) -> "Comparison | ArchiveError":
    """What the instance has, or why it cannot be asked."""
    import asyncio

    from ovk_archive.cli.account.current_account import saved

    try:
        return asyncio.run(_ask(archive, saved(archive=wish.path), wish))
    except ArchiveError as error:
        return error


def _as_json(compared: "Comparison | ArchiveError | None") -> dict[str, Any]:
    if isinstance(compared, ArchiveError):
        return {"server": {"error": str(compared)}}
    return {"server": compared.to_json()} if compared else {}


def _verdict(compared: "Comparison | ArchiveError | None") -> int:
    """The exit code where the archive itself is whole."""
    if isinstance(compared, ArchiveError):
        return compared.exit_code
    return EXIT_REFUSED if compared and not compared.agrees else 0


async def _ask(archive: "Archive", credentials: "Credentials", wish: _Wish) -> "Comparison":
    import random

    from ovk_archive.api.client import Client
    from ovk_archive.api.pace import Pace
    from ovk_archive.api.wire.waits import Unheard
    from ovk_archive.checks.sampling import compare
    from ovk_archive.cli.account.current_account import whose
    from ovk_archive.cli.words.waiting import WaitWords

    pace = Pace(memory=_Recall(archive))
    # Which records a sample has is no secret.
    rng = random.Random(wish.seed)  # noqa: S311
    async with Client(credentials.instance, credentials.token, pace=pace) as client:
        client.waits = Unheard() if wish.quiet else WaitWords()
        account = await whose(client)
        _refuse_others(archive, credentials.instance.key, account.id)
        return await compare(archive, client, account.id, wish.sample, rng)


class _Recall:
    """The pace that the instance has taught an archive open for reading (`PaceMemory`)."""

    def __init__(self, archive: "Archive") -> None:
        self._archive = archive

    def load(self) -> dict[str, Any]:
        """What syncs have learnt."""
        from ovk_archive.archive.runs import Journal

        return Journal(self._archive).load()

    def save(self, state: dict[str, Any]) -> None:
        """Keep it for the next sync, unless one is running or the archive cannot be written."""
        from ovk_archive.archive.archive import Archive
        from ovk_archive.archive.runs import Journal

        path, identity = self._archive.path, self._archive.identity()
        with suppress(ArchiveError), Archive.open(path, identity) as writable:
            Journal(writable).save(state)


def _refuse_others(archive: "Archive", instance: str, account_id: int) -> None:
    """Refuse the archive of another account, as a sync does; it may be read-only here."""
    from ovk_archive.archive.opening import Identity, of_another

    identity = archive.identity()
    if (identity.instance, identity.account_id) != (instance, account_id):
        theirs = (identity.instance, str(identity.account_id))
        raise of_another(archive.path, theirs, Identity(instance, account_id, ""))


def _tell_server(compared: "Comparison", wish: _Wish) -> None:
    from ovk_archive.cli.words.output import say

    for count in compared.counts:
        if count.why and not wish.quiet:
            say(f"The server would not count {count.title}: {count.why}")
        if not count.agrees or (count.explained and not wish.quiet):
            say(_difference(count))
    for sampled in compared.samples:
        for line in _changes(sampled):
            say(line)
    if not compared.agrees:
        say(
            f"The server has something else by now: `ovk-archive sync {wish.path}` brings what is "
            f"new, `ovk-archive audit {wish.path}` also finds edits and deletions"
            f"{_of_people(compared)}."
        )
    elif not wish.quiet:
        looked = sum(one.looked_at for one in compared.samples)
        unsure = sum(len(one.unsure) for one in compared.samples)
        say(
            f"The server agrees: {len(compared.counts)} counts and {looked - unsure} records "
            f"compared{f', {unsure} could not be had' if unsure else ''}."
        )


def _of_people(compared: "Comparison") -> str:
    """When people are asked for again, if some of them have changed: not by every sync."""
    from ovk_archive.resources.people import PEOPLE

    changed = any(one.differ for one in compared.samples if one.table == PEOPLE.table.name)
    days = PEOPLE.refresh_after // 86_400
    return f"; people are asked for again {days} days after they were last read" if changed else ""


def _difference(count: "Count") -> str:
    """By how much the server's count is not what was to be expected."""
    dead = "; it counts deleted ones too" if count.counts_dead else ""
    by = (count.counted or 0) - count.held
    if count.counts_dead and count.counted is not None and by > 0:
        return (
            f"The server counts {count.counted} {count.title}, and counted {count.before} when "
            f"they were last read{dead}."
        )
    how = f"{abs(by)} {'more' if by > 0 else 'fewer'}" if by else "as many"
    than = f"{how} {count.title} {'than' if by else 'as'} are here"
    return f"The server counts {than}{dead}{_explanation(count)}."


def _explanation(count: "Count") -> str:
    """What is said of the difference beside its size, if it is more than that."""
    from ovk_archive.archive.balance import LACKING, SURPLUS

    by = abs((count.counted or 0) - count.held)
    if count.explained in {(LACKING.format(by),), (SURPLUS.format(by),)}:
        return ""
    return f": {'; '.join(count.explained)}" if count.explained else ""


def _changes(sampled: "Sampled") -> Iterator[str]:
    """What has become of the records that were looked at."""
    for keys, what in (
        (sampled.differ, "have been edited since"),
        (sampled.missing, "are not on the server any more"),
    ):
        if keys:
            more = ", …" if len(keys) > _MOST_TOLD else ""
            said = f"{', '.join(keys[:_MOST_TOLD])}{more}"
            yield f"Of {sampled.looked_at} {sampled.table} looked at {len(keys)} {what}: {said}."
