"""The ledger: per list, what the server counted, what is held, what was refused or is due."""

from ovk_archive.checks.ledger.adding_up import (
    AgainLine,
    Ledger,
    ledger,
)
from ovk_archive.checks.ledger.files import (
    FilesLine,
)
from ovk_archive.checks.ledger.lines import (
    Line,
)
from ovk_archive.checks.ledger.referred import (
    LookupLine,
)

__all__ = [
    "AgainLine",
    "FilesLine",
    "Ledger",
    "Line",
    "LookupLine",
    "ledger",
]
