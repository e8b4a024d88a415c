"""What a run did: per list, with files, and as a whole."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ovk_archive.archive.tables.store import Stored
from ovk_archive.errors import (
    EXIT_REFUSED,
    OUTCOMES,
    ArchiveError,
    FileGoneError,
    FileRefusedError,
    MediaError,
)


@dataclass(slots=True)
class ListReport:
    """What a run did with all lists of one resource.

    Attributes:
        lists: lists opened.
        pages: answers saved.
        new: records never seen before.
        kinds: these, by their tables.
        changed: records with a new content.
        again: known records read again, in rounds or an audit.
        refused: lists that could not be read, why, and whether that is new.
        skipped: records that could not be read.
        skipped_new: those of them that no earlier run has met.
        unreadable_new: those of these that came, and cannot be read.
        gone: rows marked as gone.
        withheld: rows that lists lack, too many at once to be believed; they are not marked.
        withholding: these lists, each with its number of such rows.
        misfits: values of new or changed records that did not fit their columns.
        absent: in which words the instance said that it has no such section.
        unfinished: lists that grew so fast that the rest of them is left to the next run.
    """

    lists: int = 0
    pages: int = 0
    new: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    changed: int = 0
    again: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    skipped: int = 0
    skipped_new: int = 0
    unreadable_new: int = 0
    gone: int = 0
    withheld: int = 0
    withholding: dict[str, int] = field(default_factory=dict)
    misfits: int = 0
    absent: str | None = None
    unfinished: list[dict[str, Any]] = field(default_factory=list)

    def add(self, stored: Stored) -> None:
        """Count what a page changed."""
        self.pages += 1
        self.new += stored.new
        for name in +stored.kinds:
            self.kinds[name] = self.kinds.get(name, 0) + stored.kinds[name]
        self.changed += stored.changed
        self.gone += stored.gone
        self.skipped += stored.skipped
        self.skipped_new += stored.skipped_new
        self.unreadable_new += stored.unreadable_new
        # A list is asked for in many parts, and each tells of the whole.
        self.withholding |= stored.withheld
        self.withheld = sum(self.withholding.values())
        self.misfits += stored.misfits


@dataclass(slots=True)
class FileReport:
    """What a run did with the files that records name.

    Attributes:
        found: addresses never seen before.
        lost: files that had been stored and were not in the folder; they are due again.
        stored: addresses whose files are here now.
        contents: different files among them that were not here before.
        bytes: how large these are together.
        troubles: files that could not be fetched, why, and whether that is new.
        states: how many files are in which state after the run, of the kinds it was about.
        unasked: files not asked for, because their server did not answer.
    """

    found: int = 0
    lost: int = 0
    stored: int = 0
    contents: int = 0
    bytes: int = 0
    troubles: list[dict[str, Any]] = field(default_factory=list)
    states: dict[str, int] = field(default_factory=dict)
    unasked: int = 0
    requests: int = 0
    outcome: str = "complete"
    exit_code: int = 0
    message: str = ""

    def conclude(self, error: ArchiveError | None) -> None:
        """Say how the run ended: by an error, with files that are newly lacking, or complete."""
        news = {one["state"] for one in self.troubles if one["new"]}
        if error is not None:
            self.exit_code = error.exit_code
            self.message = str(error)
        elif MediaError.state in news:
            self.exit_code = MediaError.exit_code
        elif news & {FileRefusedError.state, FileGoneError.state}:
            self.exit_code = EXIT_REFUSED
        self.outcome = OUTCOMES[self.exit_code]

    @property
    def has_tried(self) -> bool:
        """All that was due was asked for: no error ended the run."""
        return self.exit_code in (0, EXIT_REFUSED, MediaError.exit_code)

    def to_json(self) -> Mapping[str, Any]:
        """As `--json` prints it."""
        return asdict(self)


@dataclass(slots=True)
class Report:
    """What a run did.

    Attributes:
        media: what it did with files, if it was about files too.
        caught_up: all lists were read to their end, and files had their turn; what came after read
            known rows again.
        auditing: an audit was under way.
        audit: what was known has all been read again by now, in this run or several.
    """

    lists: dict[str, ListReport] = field(default_factory=dict)
    requests: int = 0
    failures: int = 0
    outcome: str = "complete"
    exit_code: int = 0
    message: str = ""
    media: FileReport | None = None
    caught_up: bool = False
    auditing: bool = False
    audit: bool = False

    def of(self, resource: str) -> ListReport:
        """The part that tells of one resource."""
        return self.lists.setdefault(resource, ListReport())

    @property
    def news(self) -> bool:
        """Something is unfinished, or was refused or skipped for the first time."""
        return any(
            one.unfinished or one.skipped_new or any(refusal["new"] for refusal in one.refused)
            for one in self.lists.values()
        )

    @property
    def found(self) -> int:
        """Records that are new or have changed."""
        return sum(one.new + one.changed for one in self.lists.values())

    def take(self, media: FileReport) -> None:
        """What came of the files, once the lists have been read."""
        self.media = media
        self.requests += media.requests
        if media.exit_code > self.exit_code:
            self.outcome, self.exit_code = media.outcome, media.exit_code
            self.message = media.message

    def conclude(self, error: ArchiveError | None) -> None:
        """Say how the run ended: by an error, or complete."""
        if error is not None:
            self.exit_code = error.exit_code
            self.message = str(error)
        elif self.news:
            self.exit_code = EXIT_REFUSED
        self.outcome = OUTCOMES[self.exit_code]

    def to_json(self) -> Mapping[str, Any]:
        """As `--json` prints it."""
        return asdict(self)

    def to_note(self) -> Mapping[str, Any]:
        """As `_runs` keeps it: table `media` has what became of each file."""
        noted = asdict(self)
        if noted["media"]:
            del noted["media"]["troubles"]
        return noted
