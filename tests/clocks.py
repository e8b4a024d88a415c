"""The computer's clock, set to another day; and waiting until something is so."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from ovk_archive.archive.versions import checkpoints


@contextmanager
def clock(shift: timedelta) -> Iterator[None]:
    """The clock by which the archive writes times is ahead by so much."""
    right = checkpoints.today
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "today", lambda: right() + shift)
        yield


def wait_for(condition: Any, seconds: float = 20) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.005)
