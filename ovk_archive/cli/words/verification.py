"""What was found in an archive, and on its server, in words."""

from collections.abc import Iterator
from pathlib import Path

from ovk_archive.archive.balance import LACKING, SURPLUS
from ovk_archive.checks import clocks
from ovk_archive.checks.consistency import Consistency, Deviation
from ovk_archive.checks.sampling import Comparison, Count, Sampled
from ovk_archive.checks.verify import Findings
from ovk_archive.cli.words.output import say, show
from ovk_archive.resources.people import PEOPLE

#: As many of one kind of trouble are told one by one; `--json` has all.
_MOST_TOLD = 10


def tell(findings: Findings, path: Path, *, media: bool, quiet: bool, as_json: bool) -> None:
    """Say what was found in the archive; its orphans go to stdout."""
    here = findings.presence
    if here and here.missing:
        say(here.told(f"`ovk-archive media {path}` fetches them again."))
    for complaint in findings.database:
        say(f"The database is damaged: {complaint}")
    for line in _inner(findings.inner, path) if findings.inner else ():
        say(line)
    for one in findings.damaged:
        # Where the whole folder is missing, that has been said.
        if one.why != "missing" or not here or here.missing < here.stored:
            say(f"{one.path} is {one.why}; it came from {', '.join(one.urls)}")
    show([] if as_json else findings.orphans)
    if not quiet:
        _sum_up(findings, media=media)


def _inner(inner: Consistency, path: Path) -> Iterator[str]:
    """What contradicts itself in the archive, and what to do."""
    for one in inner.positions[:_MOST_TOLD]:
        yield f"The saved position of {one.resource} {one.partition} cannot be right: {one.why}."
    if len(inner.positions) > _MOST_TOLD:
        yield f"The same is true of {len(inner.positions) - _MOST_TOLD} more lists."
    if inner.positions:
        yield (
            f"`ovk-archive sync {path} --full` reads these lists again; if that fails, go "
            "back to a copy of the archive."
        )
    yield from map(_deviation, inner.rows)
    if any(not one.unreadable for one in inner.rows):
        yield f"`ovk-archive rebuild {path}` makes the tables again from their versions."


def _deviation(one: Deviation) -> str:
    if one.unreadable:
        return one.unreadable
    said = [f"{row.key} ({', '.join(row.columns) or row.why})" for row in one.examples]
    more = ", …" if one.rows > len(said) else ""
    return (
        f"{one.rows} rows of {one.table} do not agree with their versions: {', '.join(said)}{more}."
    )


def _sum_up(findings: Findings, *, media: bool) -> None:
    references = sum(one.rows for one in findings.inner.references) if findings.inner else 0
    if references:
        say(
            f"{references} rows refer to something that is not in the archive; mostly the server "
            "does not have it, or hides it (--json counts them for each table)."
        )
    whole = not findings.database and findings.inner is not None and findings.inner.is_given
    files = f" {findings.files} files looked at, {len(findings.damaged)} damaged."
    say(f"The database is {'whole' if whole else 'damaged'}.{files if media else ''}")
    if findings.clock_ahead:
        say(clocks.told(findings.clock_ahead))
    if findings.damaged:
        say("`ovk-archive verify ARCHIVE --media --repair` fetches them again.")


def tell_server(compared: Comparison, path: Path, *, quiet: bool) -> None:
    """Say what the server has otherwise."""
    for count in compared.counts:
        if count.why and not quiet:
            say(f"The server would not count {count.title}: {count.why}")
        if not count.agrees or (count.explained and not quiet):
            say(_difference(count))
    for sampled in compared.samples:
        for line in _changes(sampled):
            say(line)
    if not compared.agrees:
        say(
            f"The server has changed since then: `ovk-archive sync {path}` reads what is "
            f"new, `ovk-archive audit {path}` also finds edits and deletions"
            f"{_of_people(compared)}."
        )
    elif not quiet:
        looked = sum(one.looked_at for one in compared.samples)
        unsure = sum(len(one.unsure) for one in compared.samples)
        say(
            f"The server agrees: {len(compared.counts)} counts and {looked - unsure} records "
            f"compared{f', {unsure} could not be read' if unsure else ''}."
        )


def _of_people(compared: Comparison) -> str:
    """When people are asked for again, if some of them have changed: not by every sync."""
    changed = any(one.differ for one in compared.samples if one.table == PEOPLE.table.name)
    days = PEOPLE.refresh_after // 86_400
    return f"; people are asked for again {days} days after they were last read" if changed else ""


def _difference(count: Count) -> str:
    """By how much the server's count is not what was to be expected."""
    dead = "; this count includes deleted ones" if count.counts_dead else ""
    by = (count.counted or 0) - count.held
    if count.counts_dead and count.counted is not None and by > 0:
        return (
            f"The server counts {count.counted} {count.title}, and counted {count.before} when "
            f"they were last read{dead}."
        )
    how = f"{abs(by)} {'more' if by > 0 else 'fewer'}" if by else "as many"
    than = f"{how} {count.title} {'than' if by else 'as'} are here"
    return f"The server counts {than}{dead}{_explanation(count)}."


def _explanation(count: Count) -> str:
    """What is said of the difference beside its size, if it is more than that."""
    by = abs((count.counted or 0) - count.held)
    if count.explained in {(LACKING.format(by),), (SURPLUS.format(by),)}:
        return ""
    return f": {'; '.join(count.explained)}" if count.explained else ""


def _changes(sampled: Sampled) -> Iterator[str]:
    """What has become of the records that were looked at."""
    for keys, what in (
        (sampled.differ, "have been edited since"),
        (sampled.missing, "are no longer on the server"),
    ):
        if keys:
            more = ", …" if len(keys) > _MOST_TOLD else ""
            said = f"{', '.join(keys[:_MOST_TOLD])}{more}"
            yield f"Of {sampled.looked_at} {sampled.table} compared, {len(keys)} {what}: {said}."
