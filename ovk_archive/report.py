"""What a run did: per list, and as a whole."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ovk_archive.errors import EXIT_REFUSED, ArchiveError


@dataclass(slots=True)
class ListReport:
    """What a run did with all lists of one resource.

    Attributes:
        lists: lists opened.
        pages: answers saved.
        new: records never seen before.
        changed: records with a new content.
        refused: lists the instance would not show, and why.
        skipped: records that could not be had.
        gone: rows marked as gone.
        withheld: rows that a list lacks, too many at once to be believed; they are not marked.
        absent: in which words the instance said that it has no such section.
    """

    lists: int = 0
    pages: int = 0
    new: int = 0
    changed: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    skipped: int = 0
    gone: int = 0
    withheld: int = 0
    absent: str | None = None


@dataclass(slots=True)
class Report:
    """What a run did."""

    lists: dict[str, ListReport] = field(default_factory=dict)
    requests: int = 0
    failures: int = 0
    outcome: str = "complete"
    exit_code: int = 0
    message: str = ""

    def of(self, resource: str) -> ListReport:
        """The part that tells of one resource."""
        return self.lists.setdefault(resource, ListReport())

    @property
    def incomplete(self) -> bool:
        """Something was refused or skipped."""
        return any(one.refused or one.skipped for one in self.lists.values())

    def conclude(self, error: ArchiveError | None) -> None:
        """Say how the run ended: by an error, or complete."""
        if error is not None:
            self.outcome = type(error).__name__.removesuffix("Error").lower()
            self.exit_code = error.exit_code
            self.message = str(error)
        elif self.incomplete:
            self.outcome, self.exit_code = "refused", EXIT_REFUSED

    def to_json(self) -> Mapping[str, Any]:
        """As `--json` prints it and `_runs` keeps it."""
        return asdict(self)
