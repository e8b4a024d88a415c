"""How many examples a slow property tries: few in each run, many in a thorough one."""

import os

#: `HYPOTHESIS_PROFILE=explore` makes new examples, and more of them.
IS_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "explore"


def examples(many: int) -> int:
    """So many in a thorough run; a third of them in every other."""
    return many if IS_THOROUGH else -(-many // 3)
