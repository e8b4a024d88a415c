"""Whether an archive agrees with its server: what that counts, and some records as they are now.

Nothing is written, neither there nor here.
"""

from ovk_archive.checks.sampling.choosing import (
    Chosen,
    choose,
    newest,
)
from ovk_archive.checks.sampling.comparing import (
    Comparison,
    compare,
)
from ovk_archive.checks.sampling.counts import (
    Count,
)
from ovk_archive.checks.sampling.looking import (
    Sampled,
    look_at,
)

__all__ = [
    "Chosen",
    "Comparison",
    "Count",
    "Sampled",
    "choose",
    "compare",
    "look_at",
    "newest",
]
