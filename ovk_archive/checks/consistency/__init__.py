"""Whether an archive agrees with itself: rows with their versions, cursors with what they say.

Nothing is asked of anybody, and nothing is changed.
"""

from ovk_archive.checks.consistency.checking import (
    check_consistency,
)
from ovk_archive.checks.consistency.findings import (
    Consistency,
    Deviation,
    Reference,
    Strange,
    Unlike,
)

__all__ = [
    "Consistency",
    "Deviation",
    "Reference",
    "Strange",
    "Unlike",
    "check_consistency",
]
