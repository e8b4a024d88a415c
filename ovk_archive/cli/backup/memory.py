"""How a run treats memory: large pieces go back to the system, circles are seldom looked for."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

#: Objects that are made until Python looks for circles among them: a few pages of records.
_OBJECTS = 50_000
#: `M_MMAP_THRESHOLD` of `mallopt`: https://man7.org/linux/man-pages/man3/mallopt.3.html
_THRESHOLD = -3
#: Bytes from which a piece is large: what glibc begins with.
_LARGE = 128 * 1024


@contextmanager
def sparing_memory() -> Iterator[None]:
    """Within this a run makes many records, and needs none of them for long."""
    return_large_pieces()
    before = gc.get_threshold()
    # Records are trees: what nobody needs goes by itself, and looking for circles costs 7 %.
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def return_large_pieces() -> None:
    """From now on, whatever is large goes back to the system as soon as it is free.

    Else glibc takes for large what is larger than all that was freed before, and keeps the rest:
    a tenth of a long run's memory. Other C libraries have no such setting, and are left alone.
    """
    with suppress(OSError, TypeError, AttributeError):
        ctypes.CDLL(None).mallopt(_THRESHOLD, _LARGE)
