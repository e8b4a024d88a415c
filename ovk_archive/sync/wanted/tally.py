"""What became of the things that a person named: per table, and as a whole."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ovk_archive.archive.tables.store import Stored
from ovk_archive.errors import EXIT_REFUSED, OUTCOMES, ArchiveError


@dataclass(slots=True)
class Tally:
    """What became of the things of one table; each is counted once.

    Attributes:
        named: how many there are.
        here: were here already, and were not asked for.
        read: asked for, and here now.
        new: records never seen before, what is attached to things not counted.
        changed: records with a new content.
        lacking: those that are not to be had, by their keys, and why.
        can_be_asked: there is a method that shows one of them by its number.
        refused: why nothing more of the table was asked for.
    """

    named: int = 0
    here: int = 0
    read: int = 0
    new: int = 0
    changed: int = 0
    lacking: dict[str, str] = field(default_factory=dict)
    can_be_asked: bool = True
    refused: str | None = None

    @property
    def left(self) -> int:
        """How many have not had their turn."""
        return self.named - self.here - self.read - len(self.lacking)

    def add(self, stored: Stored) -> None:
        """Count what an answer changed."""
        self.new += stored.new
        self.changed += stored.changed


@dataclass(slots=True)
class WantedReport:
    """What a run did.

    Attributes:
        tables: table -> what became of its things.
    """

    tables: dict[str, Tally] = field(default_factory=dict)
    requests: int = 0
    failures: int = 0
    outcome: str = "complete"
    exit_code: int = 0
    message: str = ""

    def conclude(self, error: ArchiveError | None) -> None:
        """Say how the run ended: by an error, with things that are not here, or with all."""
        if error is not None:
            self.exit_code, self.message = error.exit_code, str(error)
        elif any(one.lacking or one.left for one in self.tables.values()):
            self.exit_code = EXIT_REFUSED
        self.outcome = OUTCOMES[self.exit_code]

    def to_json(self) -> Mapping[str, Any]:
        """As `--json` prints it."""
        return asdict(self)
