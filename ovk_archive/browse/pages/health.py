"""The page that says whether everything is here: out of the ledger, in the reader's language."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.versions import checkpoints
from ovk_archive.browse.looks.names import repeated
from ovk_archive.browse.looks.wording import Wording
from ovk_archive.browse.pages.aside import counted
from ovk_archive.browse.pages.visits import Visit
from ovk_archive.checks.ledger import FilesLine, Ledger, Line, ledger
from ovk_archive.checks.ledger.files import files
from ovk_archive.checks.ledger.sentences import as_of
from ovk_archive.errors import OUTCOMES

#: Runs that are told of.
_RUNS = 10


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the program."""

    began: str
    ended: str | None
    requests: int | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class ToDo:
    """What waits for a person.

    Attributes:
        detail: more of it, in English: what a server or a system said.
    """

    sentence: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """Whether everything is here, in sentences and numbers.

    Attributes:
        lacking: what is missing, a list in each.
    """

    whole: bool
    sentence: str
    lacking: tuple[str, ...]
    to_do: tuple[ToDo, ...]
    lines: tuple[Line, ...]
    stored: int
    bytes: int
    missing: int


def health(visit: Visit) -> dict[str, Any]:
    """Whether everything is here, as `ovk-archive status` says it; nothing while it is counted."""
    # Some of what it says depends on the day.
    question = f"ledger {checkpoints.today():%Y-%m-%d}"
    book = counted(visit, question, lambda db: ledger(_archive(visit, db)))
    rows = visit.db.execute(
        "select started_at, finished_at, requests, outcome, exit_code from _runs "
        "order by id desc limit ?",
        (_RUNS,),
    ).fetchall()
    return {
        "book": None if book is None else _told(visit, book),
        "runs": tuple(_run(*row) for row in rows),
    }


def _archive(visit: Visit, db: Any) -> Archive:
    return Archive(visit.archive, db, None)


def _told(visit: Visit, book: Ledger) -> Book:
    words = visit.words
    # A folder of files comes and goes without a word in the archive.
    book = replace(book, files=files(_archive(visit, visit.db)))
    return Book(
        whole=book.complete,
        sentence=_verdict(words, book),
        lacking=() if book.complete else tuple(_lacking(words, book)),
        to_do=tuple(_to_do(words, book)),
        lines=book.lists,
        stored=book.files.stored,
        bytes=book.files.bytes,
        missing=book.files.missing,
    )


def _run(began: str, ended: str | None, requests: int | None, said: str | None, code: Any) -> Run:
    # Older programs wrote names of classes.
    return Run(began, ended, requests, OUTCOMES.get(code, said))


def _verdict(words: Wording, book: Ledger) -> str:
    _ = words.translations.gettext
    if not book.complete:
        return _("Not complete.")
    return _("Complete as of %(moment)s.") % {"moment": words.instant(as_of(book.lists))}


def _lacking(words: Wording, book: Ledger) -> Iterator[str]:
    """Each list that is not complete, and why."""
    few = words.translations.ngettext
    for line in book.lists:
        if not line.complete:
            yield f"{repeated(words, line.title)}: {_why(words, line)}"
    for one in book.lookups:
        if one.missing:
            said = few("%(num)s not read yet", "%(num)s not read yet", one.missing)
            yield f"{repeated(words, one.title)}: {said % {'num': words.number(one.missing)}}"


def _why(words: Wording, line: Line) -> str:
    _, few = words.translations.gettext, words.translations.ngettext
    refused, crashing = line.refused - line.unanswered, line.skipped - line.unreadable
    loose, odd, open_ = line.unanswered, line.unreadable, line.unfinished
    facts = (
        (refused, few("%(num)s list refused", "%(num)s lists refused", refused)),
        (loose, few("%(num)s list without an answer", "%(num)s lists without an answer", loose)),
        (crashing, few("%(num)s record crashes the server",
                       "%(num)s records crash the server", crashing)),
        (odd, few("%(num)s record of an unknown shape",
                  "%(num)s records of an unknown shape", odd)),
        (open_, few("%(num)s list not read to its end",
                    "%(num)s lists not read to their end", open_)),
        (line.unexplained, few("%(num)s row does not add up",
                               "%(num)s rows do not add up", line.unexplained)),
    )  # fmt: skip
    said = ", ".join(told % {"num": words.number(number)} for number, told in facts if number)
    return said or (_("not read before another list is read") if line.lists else _("never read"))


def _to_do(words: Wording, book: Ledger) -> Iterator[ToDo]:
    """What a person can do, a sentence each."""
    _, few = words.translations.gettext, words.translations.ngettext
    if not book.complete:
        yield ToDo(_("%(command)s reads what is missing.") % _command("sync", book))
    if not book.complete and any(line.unexplained for line in book.lists):
        said = _("%(command)s looks for the rows that do not add up.")
        yield ToDo(said % _command("audit", book))
    run = book.last_run
    if run and run["message"]:
        told = {
            "moment": words.instant(run["finished_at"]),
            "outcome": repeated(words, run["outcome"]),
        }
        said = _("The last run ended early (%(moment)s): %(outcome)s.")
        yield ToDo(said % told, run["message"])
    for line in book.lists:
        if line.withheld:
            said = few(
                "%(list)s: %(num)s row is missing at once. That may be a mistake of the server, so "
                "it is not marked as deleted. If it was really deleted: %(command)s.",
                "%(list)s: %(num)s rows are missing at once. That may be a mistake of the server, "
                "so none is marked as deleted. If they were really deleted: %(command)s.",
                line.withheld,
            )
            told = {"list": repeated(words, line.title), "num": words.number(line.withheld)}
            yield ToDo(said % (told | _command("sync", book, " --accept-losses")))
    yield from _of_files(words, book, book.files)


def _of_files(words: Wording, book: Ledger, files: FilesLine) -> Iterator[ToDo]:
    _, few = words.translations.gettext, words.translations.ngettext
    command = _command("media", book)
    if files.missing:
        said = few(
            "%(num)s file is not where the archive looks for it: put the folder of files beside "
            "the archive, or %(command)s fetches it again.",
            "%(num)s files are not where the archive looks for them: put the folder of files "
            "beside the archive, or %(command)s fetches them again.",
            files.missing,
        )
        yield ToDo(said % ({"num": words.number(files.missing)} | command), files.trouble or "")
    elif files.trouble:
        yield ToDo(_("The folder of files cannot be read."), files.trouble)
    if files.wanting:
        said = few(
            "%(num)s file is not here: %(command)s fetches it.",
            "%(num)s files are not here: %(command)s fetches them.",
            files.wanting,
        )
        yield ToDo(said % ({"num": words.number(files.wanting)} | command))


def _command(name: str, book: Ledger, more: str = "") -> dict[str, str]:
    return {"command": f"`ovk-archive {name} {book.archive}{more}`"}
