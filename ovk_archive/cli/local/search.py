"""`ovk-archive search`: finds what people wrote, in all kinds of records at once."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ovk_archive.cli.options import archive_argument, day
from ovk_archive.cli.words.sentences import did_you_mean
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.rows import Table

if TYPE_CHECKING:
    from ovk_archive.archive.archive import Archive
    from ovk_archive.archive.search.finding import Found
    from ovk_archive.archive.search.wishes import Wish

_SEARCHED = {table.name: table for table in TABLES if table.search}
_WHO = "ID|NAME|URL"
_DAY = 86_400
_WIDTH = 76
#: The most that can be shown.
_MOST = 100_000


def _tables(text: str) -> tuple[Table, ...]:
    """Tables with commas between them, each once."""
    names = [one for one in text.lower().replace(",", " ").split() if one]
    for name in names:
        if name not in _SEARCHED:
            guess = did_you_mean(name, _SEARCHED)
            raise click.BadParameter(f"{name!r} is none of {', '.join(_SEARCHED)}.{guess}")
    return tuple(_SEARCHED[name] for name in dict.fromkeys(names))


class _Typed(click.Command):
    """A command whose words may begin with a minus, as only short options do elsewhere."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Tell such words from options, by what no argument has."""
        return super().parse_args(ctx, [_marked(one) for one in args])


def _marked(text: str) -> str:
    is_word = text.startswith("-") and not text.startswith("--") and text not in ("-", "-h")
    return f"\0{text}" if is_word else text


def _unmarked(text: str) -> str:
    return text.replace("\0", "")


@click.command(cls=_Typed)
@archive_argument
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--in",
    "tables",
    type=_tables,
    default="",
    metavar="TABLE,…",
    help=f"Only in these tables: {', '.join(_SEARCHED)}.",
)
@click.option("--owner", "owners", multiple=True, metavar=_WHO, help="Only what is this person's "
              "or group's: 12, -5 (a group), alice, or the address of a page.")  # fmt: skip
@click.option("--peer", "peers", multiple=True, metavar=_WHO,
              help="Only in the conversation with this person.")  # fmt: skip
@click.option("--from", "authors", multiple=True, metavar=_WHO,
              help="Only what this person or group wrote.")  # fmt: skip
@click.option("--since", type=day, metavar="YYYY-MM-DD", help="Only from this day on (UTC).")
@click.option("--until", type=day, metavar="YYYY-MM-DD",
              help="Only up to the end of this day (UTC).")  # fmt: skip
@click.option("--gone", is_flag=True, help="Only what was deleted on the instance, and texts that "
              "were overwritten.")  # fmt: skip
@click.option("--sort", type=click.Choice(["best", "newest", "oldest"]), default="best",
              show_default=True, help="What comes first.")  # fmt: skip
@click.option("--limit", type=click.IntRange(1, _MOST), default=20, show_default=True, metavar="N",
              help="Show at most N.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True,
              help="Print a line of JSON on stdout for each that is found.")  # fmt: skip
def search(archive: Path, query: tuple[str, ...], *, as_json: bool, **options: Any) -> None:
    """Find words in ARCHIVE: in posts, messages, comments, names and all else that people wrote.

    All words must be there, in any form: кошками finds кошка and кошек. "a phrase" is found as it
    stands, -word must not be there, star* is the beginning of a word, and of two words with OR
    between them one is enough. Texts that were overwritten, and what was deleted, are found too.
    `ovk-archive help finding` says more.
    """
    from ovk_archive.archive.archive import Archive
    from ovk_archive.archive.search.finding import find
    from ovk_archive.archive.search.index import check_is_made
    from ovk_archive.archive.search.whom import names_of
    from ovk_archive.cli.words.output import say

    with Archive.read(archive) as held:
        wish = _wish(held, _unmarked(" ".join(query)), options)
        if wish.query.lack:
            say(wish.query.lack)
            return
        with held.reading() as db:
            check_is_made(db, archive)
            found, more = find(db, wish)
            called = names_of(db.execute, [one for f in found for one in (f.who, f.owner, f.peer)])
    _show(archive, wish, found, called, as_json=as_json)
    if not found:
        say("Nothing was found.")
    elif more:
        say(f"There is more: these are {len(found)} (--limit).")


def _wish(held: "Archive", query: str, options: dict[str, Any]) -> "Wish":
    from ovk_archive.archive.search.declared import SEARCHED
    from ovk_archive.archive.search.query import parse
    from ovk_archive.archive.search.whom import owner_id
    from ovk_archive.archive.search.wishes import Wish

    def who(name: str) -> tuple[int, ...]:
        return tuple(owner_id(held, _unmarked(text)) for text in options[name])

    return Wish(
        query=parse(query),
        tables=options["tables"] or SEARCHED,
        owners=who("owners"),
        peers=who("peers"),
        authors=who("authors"),
        since=options["since"],
        until=None if options["until"] is None else options["until"] + _DAY,
        gone=options["gone"],
        sort=options["sort"],
        limit=options["limit"],
    )


def _show(
    archive: Path, wish: "Wish", found: "list[Found]", names: dict[int, str], *, as_json: bool
) -> None:
    from ovk_archive.archive.search.context import lines, snippet
    from ovk_archive.archive.search.query import MOST
    from ovk_archive.cli.words.output import print_line_of_json, say, show_marked

    if wish.query.cut:
        say(f"Only the first {MOST} words were looked for.")
    for place, one in enumerate(found):
        part = snippet(one.table, one.texts, wish.query)
        if as_json:
            print_line_of_json(_as_json(archive, one, names, part.text, part.found))
            continue
        show_marked([] if place == 0 else [[]])
        show_marked([[(_head(one, names), False)]])
        show_marked([[("  ", False), *line] for line in lines(part, _WIDTH)])


def _head(one: "Found", names: dict[int, str]) -> str:
    """Who, where, when."""
    who = _name(one.who, names)
    parts = [who, _where(one, names), _moment(one.date, "%Y-%m-%d %H:%M UTC")]
    parts.append(f"{one.table.name} {_key(one)}")
    if one.former_until is not None:
        parts.append(f"overwritten after {one.former_until[:10]}")
    if one.gone_at:
        parts.append(f"gone since {one.gone_at[:10]}")
    return " · ".join(part for part in parts if part)


def _where(one: "Found", names: dict[int, str]) -> str | None:
    if one.peer is not None:
        return f"{one.table.title} with {_name(one.peer, names)}"
    if one.owner is not None and one.owner != one.who:
        return f"{one.table.title} of {_name(one.owner, names)}"
    return one.table.title


def _name(number: int | None, names: dict[int, str]) -> str | None:
    return None if number is None else names.get(number, str(number))


def _moment(date: int | None, form: str) -> str | None:
    try:
        return None if date is None else datetime.fromtimestamp(date, UTC).strftime(form)
    except (ValueError, OverflowError, OSError):
        return str(date)


def _key(one: "Found") -> str:
    return "_".join(map(str, one.key))


def _as_json(
    archive: Path,
    one: "Found",
    names: dict[int, str],
    text: str,
    found: tuple[tuple[int, int], ...],
) -> str:
    from ovk_archive.browse.paths import page_of

    facts = {
        "table": one.table.name,
        "key": _key(one),
        "date": _moment(one.date, "%Y-%m-%dT%H:%M:%SZ"),
        "who": one.who,
        "who_name": _name(one.who, names) if one.who in names else None,
        "where": _where(one, names),
        "owner": one.owner,
        "peer": one.peer,
        "gone_at": one.gone_at,
        "overwritten": one.former_until is not None,
        "snippet": text,
        "found": [list(span) for span in found],
        "page": page_of(archive.resolve().stem, one.table.name, one.key),
    }
    return json.dumps(facts, ensure_ascii=False)
