"""When an archive was last read again as a whole, and whether that is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.facts import fact, note_fact
from ovk_archive.archive.versions import checkpoints
from ovk_archive.archive.versions.checkpoints import timestamp

#: The fact that says when the last audit ended.
AUDITED = "audited_at"
_BEGAN = "audit_began_at"
#: The checkpoint with which the one under way began.
_BEGAN_IN = "audit_began_in"


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit of an archive, which may take several runs.

    Attributes:
        every: days after which one is due; 0 for never.
    """

    archive: Archive
    every: int = 0

    def due(self, *, asked: bool) -> bool:
        """An audit is due: a person asked for it, the last one is too old, or one is under way."""
        if asked or not self.every:
            return asked
        # A time in the future was written by a clock that was wrong: then it is due.
        age = abs(checkpoints.today() - datetime.fromisoformat(self.last))
        return self.began is not None or age >= timedelta(days=self.every)

    @property
    def last(self) -> str:
        """When the last audit ended; else when the archive was made, which read everything."""
        return fact(self.archive, AUDITED) or fact(self.archive, "made_at") or timestamp()

    @property
    def began(self) -> str | None:
        """When the audit that is under way began."""
        return fact(self.archive, _BEGAN)

    def begin(self, run: int) -> int:
        """Begin an audit with this run, or go on with one; the checkpoint with which it began.

        `run` is the checkpoint with which this run began.
        """
        began = fact(self.archive, _BEGAN_IN)
        if began is not None:
            return int(began)
        note_fact(self.archive, _BEGAN, timestamp())
        note_fact(self.archive, _BEGAN_IN, str(run))
        return run

    def end(self) -> None:
        """Note that the audit is finished."""
        note_fact(self.archive, AUDITED, timestamp())
        note_fact(self.archive, _BEGAN, None)
        note_fact(self.archive, _BEGAN_IN, None)
