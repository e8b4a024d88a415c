"""Looks up the names of hosts in threads that nobody waits for: it cannot be broken off.

Without this, a run that has been stopped would end only when the system's resolver gives up.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Unwaited(ThreadPoolExecutor):
    """What asyncio asks names with (its default executor); neither it nor Python's end waits."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Run a function in a thread of its own; there are as few as connections are made."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - whoever asked gets it
                future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for nothing."""
        del wait
        super().shutdown(wait=False, cancel_futures=cancel_futures)
