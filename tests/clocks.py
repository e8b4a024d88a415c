"""The computer's clock, set wrong or to another day."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from ovk_archive.archive.tables import checkpoints


@contextmanager
def clock(shift: timedelta) -> Iterator[None]:
    """The clock by which the archive writes times is ahead by so much."""
    right = checkpoints.today
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "today", lambda: right() + shift)
        yield
