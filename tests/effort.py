"""How much the tests try: a little and each day something else, or by hand as much as is sensible.

`HYPOTHESIS_PROFILE=thorough` tries much. `OVK_TEST_SEED` repeats what was tried on another day.
"""

import os
from datetime import UTC, datetime

IS_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
#: What all dice of a run begin with; other processes of the run find it in their environment.
SEED = int(os.environ.setdefault("OVK_TEST_SEED", f"{datetime.now(UTC):%Y%m%d}"))


def some(many: int, few: int) -> int:
    """So many in a thorough run, so few in every other."""
    return many if IS_THOROUGH else few


def examples(many: int) -> int:
    """So many in a thorough run, a third of them in every other."""
    return some(many, -(-many // 3))
