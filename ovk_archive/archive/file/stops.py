"""Signals that end a process: they end what may be left half done, and wait for the rest.

Else a signal leaves behind what is being made aside, or comes between two names.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

#: Windows has no SIGHUP.
_ENDINGS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


@dataclass(slots=True)
class _Stops:
    """What this process does about such signals.

    Attributes:
        before: who listened before; empty if nobody asked us to listen.
        may_end: a signal ends what goes on now.
        came: one came while it could not.
    """

    before: dict[int, Any] = field(default_factory=dict)
    may_end: bool = True
    came: bool = False

    def listen(self) -> None:
        """From now on, to all that is not ignored: whoever said `nohup` means it."""
        # One that came while an error ended things has done what it should.
        self.came = False
        for number in _ENDINGS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                self.before[number] = signal.signal(number, self.hear)

    def leave(self) -> None:
        """Let whoever listened before listen again."""
        while self.before:
            number, handler = self.before.popitem()
            signal.signal(number, handler)

    def hear(self, _number: int, _frame: FrameType | None) -> None:
        """End what goes on, or note it."""
        self.came = True
        self.look()

    def look(self) -> None:
        """End what goes on, if that was wanted and may be."""
        if self.came and self.may_end:
            self.came = False
            raise KeyboardInterrupt


_STOPS = _Stops()


@contextmanager
def waiting() -> Iterator[None]:
    """What is done in here is done to its end; what came meanwhile raises KeyboardInterrupt then.

    Only the main thread gets signals; elsewhere this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    outermost, before = not _STOPS.before, _STOPS.may_end
    _STOPS.may_end = False
    try:
        if outermost:
            _STOPS.listen()
        yield
    finally:
        if outermost:
            _STOPS.leave()
        _STOPS.may_end = before
    # Not above: an error says more than that it was interrupted.
    _STOPS.look()


@contextmanager
def ending() -> Iterator[None]:
    """Within `waiting`: what is done in here may be ended half-way, by KeyboardInterrupt."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _STOPS.may_end = True
    try:
        _STOPS.look()
        yield
    finally:
        _STOPS.may_end = False
