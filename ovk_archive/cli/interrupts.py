"""Ctrl-C and SIGTERM: the first ends a run between two pages, the second at once."""

import asyncio
import os
import signal
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from ovk_archive.cli.words.output import say
from ovk_archive.errors import InterruptedSyncError, StoppedError

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stoppable(Protocol):
    """What can be told to come to an end."""

    def stop(self, error: StoppedError) -> None:
        """End, with this error."""


S = TypeVar("S", bound=Stoppable)


class Interrupts:
    """Listens to signals while a run goes on; a context manager inside the event loop."""

    def __init__(self) -> None:
        self._watched: list[Stoppable] = []
        self._error: InterruptedSyncError | None = None
        #: Who listened before, where the loop cannot listen itself.
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            try:
                loop.add_signal_handler(number, self._interrupt)
            except NotImplementedError:
                # Windows: the loop wakes up by itself.
                self._before[number] = signal.signal(
                    number, lambda *_: loop.call_soon_threadsafe(self._interrupt)
                )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            if number in self._before:
                signal.signal(number, self._before[number])
            else:
                loop.remove_signal_handler(number)
            if self._error is not None:
                # Who presses it again while the last words are said must not see a traceback.
                signal.signal(number, _leave)

    def watch(self, stoppable: S) -> S:
        """What to stop, from now on."""
        self._watched.append(stoppable)
        if self._error is not None:
            stoppable.stop(self._error)
        return stoppable

    def _interrupt(self) -> None:
        if self._error is not None:
            _leave()
        self._error = InterruptedSyncError(
            "Interrupted; what was read is saved. Run the same command again to continue."
        )
        say("Stopping (press Ctrl-C again to stop at once).")
        for one in self._watched:
            one.stop(self._error)


def _leave(*_: object) -> None:
    # At once: an archive stands any death, and waiting threads would hold an exception up.
    os._exit(InterruptedSyncError.exit_code)
