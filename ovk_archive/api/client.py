"""Asks the instance's API, politely, and says what came of it.

The token travels in the body of a POST, to the archive's own instance, and nowhere else: never in
an address, a header, a log line or an error. No cookies are kept, no redirects followed.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from functools import partial
from math import inf
from typing import Any

from ovk_archive.api.address import Instance
from ovk_archive.api.batches import Batches, Batching
from ovk_archive.api.budget import Budget
from ovk_archive.api.methods import form_of
from ovk_archive.api.pace import Pace
from ovk_archive.api.request_size import ROWS, PageSizes
from ovk_archive.api.retries import (
    DEFAULT_RETRIES,
    Retries,
    allowed,
    is_hurried,
    listening,
    stubbornly,
)
from ovk_archive.api.stopping import Stopping
from ovk_archive.api.wire.answers import HttpAnswer
from ovk_archive.api.wire.api_errors import DEAD_ACCOUNT, closed_account, value_of
from ovk_archive.api.wire.clock import ServerClock
from ovk_archive.api.wire.connections import Connected
from ovk_archive.api.wire.exchange import CODING, body_of, send
from ovk_archive.api.wire.masking import Mask
from ovk_archive.api.wire.retry_after import RetryAfter, seconds_of
from ovk_archive.api.wire.waits import LONGEST, Current, Room, Unheard, Wait, Waits, endless_room
from ovk_archive.errors import (
    AccessDeniedError,
    BadInputError,
    RateLimitedError,
    StoppedError,
    TransportError,
)

_log = logging.getLogger("ovk_archive")

#: Seconds that a request may take in all, from its first byte to the last of its answer.
TOTAL = 120.0
#: Bytes of an answer, decompressed: far more than any page has.
MOST_BYTES = 64 << 20

#: So often a call that is told to slow down waits for a window to pass, and asks again.
_PATIENCE = 2
#: A harmless method that every living account may call.
_PROBE = "account.getProfileInfo"

_METHOD = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)?")


class Client(Connected):
    """Asks one instance on behalf of one account; an asynchronous context manager.

    Args:
        instance: who is asked.
        token: the account's token, or None for a stranger.
        pace: how fast each method may be asked.
        concurrency: how many requests may be in flight at once.
        budget: when to stop.
        retries: how stubbornly to try again.
        most_bytes: no answer may be larger, decompressed.
        batching: how calls made side by side travel together; else each travels alone.

    Attributes:
        requests: HTTP requests made so far, tries included.
        calls: calls made so far, tries included; several may travel in one request.
        heard: told each method that was called and the body that came back, without the token.
        page_sizes: how many rows of a list are worth asking for at once.
        room: what to wait for before more is asked for, if there is anything.
        waits: told when and why nothing is asked for a while.

    Raises:
        BadInputError: the proxies in the environment cannot be used.
    """

    def __init__(
        self,
        instance: Instance,
        token: str | None,
        *,
        pace: Pace | None = None,
        concurrency: int = 4,
        budget: Budget | None = None,
        retries: Retries = DEFAULT_RETRIES,
        most_bytes: int = MOST_BYTES,
        batching: Batching | None = None,
    ) -> None:
        super().__init__(concurrency)
        self.instance = instance
        self.requests = self.calls = self._failures = 0
        self.heard: Callable[[str, bytes], None] | None = None
        self.room: Room = endless_room
        self.waits: Waits = Unheard()
        self._token = token
        self._mask = Mask(token)
        self._clock, self._retry_after = ServerClock(), RetryAfter()
        self._pace = pace or Pace()
        self.page_sizes = PageSizes(shared=self._shared)
        self._budget = budget or Budget()
        self._stopping = Stopping(self._budget)
        self._retries = retries
        self._most_bytes = most_bytes
        self._slots = asyncio.Semaphore(concurrency)
        self._batches = self._gathered(batching) if batching else None
        self.http.headers["accept-encoding"] = CODING

    async def call(
        self, method: str, params: Mapping[str, object] | None = None, *, isolating: bool = False
    ) -> Any:
        """The value of `response` in the answer to `method`.

        Args:
            method: `object.method`.
            params: numbers, texts, flags (sent as 1 and 0); None is left out.
            isolating: the caller looks for the record that crashes: a crash is not tried again.

        Raises:
            ApiError: the instance refused; AccessDeniedError, NoSuchMethodError, AuthError
                and RateLimitedError say why.
            ServerFaultError: the server crashed on this very request, twice.
            TransportError: no answer, or not the API's, as often as was tried.
            StoppedError: the budget is used up, or `stop` was called.
            BadInputError: it is no method, or the proxy that is named for it cannot be used.
        """
        if not _METHOD.fullmatch(method):
            raise BadInputError("A method is two words with a dot between, such as wall.get.")
        form = form_of(method, params or {})
        if self._token is not None:
            form["access_token"] = self._token
        try:
            return await self._in_time(method, form, isolating=isolating)
        except AccessDeniedError as refusal:
            if refusal.code == DEAD_ACCOUNT:
                await self._make_sure_account_lives(method, refusal)
            raise

    async def probe(self) -> None:
        """Ask what every living account may ask.

        Raises:
            TransportError: the instance is away.
        """
        answer = await self.call(_PROBE)
        if not (isinstance(answer, dict) and isinstance(answer.get("id"), int)):
            raise TransportError(f"{self.instance.key} does not say whose token this is.")

    @property
    def together(self) -> int:
        """How many calls may travel in one request."""
        return self._batches.size if self._batches else 1

    def side_by_side(self, rows: int = 1) -> int:
        """How many calls are worth making at once that ask for so many rows each."""
        return self.concurrency * max(1, min(self.together, ROWS // rows))

    def _shared(self) -> float:
        return ROWS * self.concurrency if self.together > 1 else inf

    @property
    def failures(self) -> int:
        """How many calls, or requests for several, failed and were tried again."""
        return self._failures + (self._batches.lost if self._batches else 0)

    def server_time(self) -> float:
        """Unix time by the instance's clock, as its last answer said; by ours before any did."""
        return self._clock.now()

    def saved(self) -> None:
        """What was read is safe: a run whose time is short may end from now on."""
        self._budget.saved()

    def stop(self, error: StoppedError) -> None:
        """Ends the requests in flight, and makes every further call raise `error`."""
        self._stopping.stop(error)

    async def aclose(self) -> None:
        """Close what was opened; nothing is asked any longer."""
        if self._batches:
            await self._batches.aclose()
        await super().aclose()

    def _gathered(self, how: Batching) -> Batches:
        return Batches(how, self._ready, self._exchange, self._slots, self._retries.jitter)

    async def _make_sure_account_lives(self, method: str, refusal: AccessDeniedError) -> None:
        # Newer servers say the same words of a wall's owner and of the one who asks.
        if method.lower() == _PROBE.lower():
            raise closed_account(str(refusal)) from None
        await self.call(_PROBE)

    async def _in_time(self, method: str, form: dict[str, str], *, isolating: bool) -> Any:
        """Asked again after a whole window, if the instance says that it was too early."""
        for _ in range(_PATIENCE if self._retries.attempts > 1 else 0):
            try:
                return await self._patiently(method, form, isolating=isolating)
            except RateLimitedError as error:
                if (error.after or 0.0) > LONGEST:
                    raise
                self._failures += 1
                # What the instance has said itself, all calls wait for (`RetryAfter`).
                pause = self._pace.window if error.after is None else 0.0
                _log.info("%s: too many requests, waiting %g s", method, error.after or pause)
            await self._wait(self._pace.told(method, self.instance.key, pause))
        return await self._patiently(method, form, isolating=isolating)

    async def _patiently(self, method: str, form: dict[str, str], *, isolating: bool) -> Any:
        is_again = False
        # What failed before would cost those that travel with it their request.
        alone = isolating or is_hurried()

        async def ask() -> Any:
            nonlocal is_again
            self._failures += is_again
            is_again = True
            return await self._once(method, form, alone=alone)

        # A stopped client does not sleep through its back-off.
        wait = self._stopping.unless
        with Current(self.waits) as now, listening(now.of_tries(allowed(self._retries))):
            return await stubbornly(self._retries, ask, isolating=isolating, wait=wait)

    async def _once(self, method: str, form: dict[str, str], *, alone: bool) -> Any:
        self.calls += 1
        # The pace comes first: whoever waits for it must not keep a slot from the others. A slot
        # may be long in coming: the pace counts a call when it ends.
        async with self._pace.turn(method, partial(self._keep_pace, method)):
            if self._batches and not alone and self._batches.takes(method, form):
                return await self._batches.call(method, form)
            while True:
                if full := self.room():
                    await self._stopping.unless(full)
                async with self._slots:
                    # Else others have come meanwhile: calls of small answers need no room.
                    if self.room() is None:
                        await self._ready()
                        return value_of(await self._exchange(method, form), method)

    async def _ready(self) -> None:
        """Wait until there is room for more, and for as long as the instance has asked for."""
        if full := self.room():
            await self._stopping.unless(full)
        while wait := self._retry_after.wait(self.instance.key):
            await self._wait(wait)
        self._stopping.check()

    async def _exchange(self, method: str, form: Mapping[str, str]) -> HttpAnswer:
        with self.page_sizes.timed(method, form):
            answer = (await self.post(f"/method/{method}", form)).masked(self._mask)
        if self.heard:
            self.heard(method, answer.body)
        return answer

    async def _keep_pace(self, method: str, seconds: float) -> None:
        await self._wait(self._pace.told(method, self.instance.key, seconds))

    async def post(self, path: str, form: Mapping[str, str]) -> HttpAnswer:
        """The answer, if all of it comes in time.

        Raises:
            TransportError: it does not, or there is none.
            StoppedError: the client was stopped, or the budget's time is up meanwhile.
        """
        self._budget.spend()
        self.requests += 1
        answer = await self._stopping.in_time(self._ask(path, form), TOTAL)
        if answer is None:
            raise TransportError(f"{self.instance.key} did not answer within {TOTAL:g} s.")
        return answer

    async def _ask(self, path: str, form: Mapping[str, str]) -> HttpAnswer:
        host, address = self.instance.key, self.instance.url + path
        response = await send(
            self.http, host, lambda: self.http.build_request("POST", address, data=form)
        )
        try:
            self._clock.hear(response.headers.get("date"))
            after = seconds_of(response.headers.get("retry-after"), self._clock.now())
            self._retry_after.hear(host, response.status_code, after)
            body = await body_of(response, host, self._most_bytes)
            place = response.headers.get("location")
            return HttpAnswer(host, response.status_code, body, location=place, after=after)
        finally:
            await response.aclose()

    async def _wait(self, wait: Wait) -> None:
        with Current(self.waits) as now:
            now.tell(wait)
            await self._stopping.unless(asyncio.sleep(wait.seconds))
