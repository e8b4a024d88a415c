"""Who is told how far a run over files is."""

from typing import Protocol

from ovk_archive.api.wire.waits import Unheard, Waits
from ovk_archive.media.catalogue import Outcome


class FileProgress(Waits, Protocol):
    """Who is told how far a run is."""

    def begin(self, pending: int) -> None:
        """A run begins; this many files have never been asked for."""

    def file(self, outcome: Outcome) -> None:
        """A file was stored, or could not be fetched."""


class Silent(Unheard):
    """Nobody is told."""

    def begin(self, pending: int) -> None:
        """Nothing."""

    def file(self, outcome: Outcome) -> None:
        """Nothing."""
