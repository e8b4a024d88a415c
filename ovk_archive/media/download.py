"""Fetches files: without token, cookie or referrer, from public addresses and the instance's own.

What servers of files do: help/openvk-api.md, Files and thumbnails.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from ovk_archive.api.address import Instance
from ovk_archive.api.budget import Budget
from ovk_archive.api.retries import Retries, stubbornly
from ovk_archive.api.wire.api_errors import NOT_FOUND, OK, SERVER_FAULT, TOO_MANY, WrongAddressError
from ovk_archive.api.wire.clock import ServerClock
from ovk_archive.api.wire.connections import Connected
from ovk_archive.api.wire.exchange import pieces, raw_pieces, send
from ovk_archive.api.wire.masking import Mask
from ovk_archive.api.wire.retry_after import RetryAfter, seconds_of
from ovk_archive.api.wire.waits import Current, Unheard, Wait, Waits
from ovk_archive.errors import (
    FileGoneError,
    FileRefusedError,
    FileTooLargeError,
    IncompleteFileError,
    MediaError,
    ServerFaultError,
    StoppedError,
    TooOftenError,
    TransportError,
)
from ovk_archive.media.file_headers import is_other_part, says_its_end, total, validator
from ovk_archive.media.private_networks import Guard
from ovk_archive.resources.vocabulary.addresses import address_of

#: Fewer tries than for the API: there is a next run, and there are many other files.
DEFAULT_RETRIES = Retries(attempts=3)

_MOST_REDIRECTS = 5
_PARTIAL, _UNSATISFIABLE = 206, 416
#: Not found; gone; a thumbnail that OpenVK cannot make (help/openvk-api.md, Files and thumbnails).
_GONE = (NOT_FOUND, 410, 588)
_CLOSED = (401, 403, 451)
_MAINTENANCE = "/maintenances"
#: A file that comes more slowly than this is given up: seconds of grace, then bytes a second; and
#: seconds after which a file without end is left to the next run, which goes on with it.
PATIENCE, SLOWEST, _LONGEST = 120.0, 1000, 6 * 3600.0


class Sink(Protocol):
    """Where the bytes of one file go, and what of it is there already (`vault.Partial`)."""

    size: int
    validator: str | None
    is_sure: bool

    def begin(self, validator: str | None) -> None:
        """Start from nothing."""

    def go_on(self) -> None:
        """Continue what is there."""

    def write(self, chunk: bytes) -> None:
        """Add bytes."""

    def discard(self) -> None:
        """Remove what is there."""

    @property
    def is_cut(self) -> bool:
        """What is there is a picture that has no end; it is not empty."""


class Downloader(Connected):
    """Fetches the files of one instance; an asynchronous context manager.

    Args:
        instance: whose files; its own host may be on a private network, others may not.
        concurrency: how many files may come at once.
        budget: when to stop.
        max_file_bytes: no larger file is taken.
        token: the account's, if it is known: it is sent nowhere, and put out of sight should the
            instance repeat it.
        retries: how stubbornly to try again.

    Attributes:
        requests: HTTP requests made so far.
        waits: told when and why nothing is asked for a while.
    """

    def __init__(
        self,
        instance: Instance,
        *,
        concurrency: int = 4,
        budget: Budget | None = None,
        max_file_bytes: int,
        token: str | None = None,
        retries: Retries = DEFAULT_RETRIES,
    ) -> None:
        super().__init__(concurrency)
        self.instance = instance
        self.requests = 0
        self.max_file_bytes = max_file_bytes
        self.budget = budget or Budget()
        self._retries = retries
        self._mask = Mask(token)
        self._retry_after = RetryAfter()
        self.waits: Waits = Unheard()
        del self.http.headers["accept-language"]
        # Compressed bodies have other lengths than the files that they hold.
        self.http.headers["accept-encoding"] = "identity"

    async def fetch(self, url: str, sink: Sink, expected: int | None = None) -> str:
        """Fetch a file; it is whole when this returns the address at which it was found.

        Args:
            url: as the record says it.
            sink: where it goes.
            expected: bytes by the record's word, which counts where the server tells no length.

        Raises:
            MediaError: it cannot be fetched; the subclass says why.
            TransportError: no answer, or half of one, as often as was tried.
            StoppedError: the budget is used up.
            StorageError: it cannot be written.
            BadInputError: the proxy that is named for it cannot be used.
        """
        return await stubbornly(self._retries, lambda: self._follow(url, sink, expected))

    async def _follow(self, url: str, sink: Sink, expected: int | None) -> str:
        address: str | None = None
        for _ in range(_MOST_REDIRECTS + 1):
            address = address_of(url, self.instance, address)
            location = await self._ask(address, sink, expected)
            if location is None:
                return address
            url = self._mask.text(location)
        raise MediaError("The address redirects in a circle.")

    async def _ask(self, address: str, sink: Sink, expected: int | None) -> str | None:
        """Ask once; where the answer leads to, or None if the file is here."""
        host = _host(address)
        while wait := self._retry_after.wait(host):
            await self._rest(wait)
        if spent := self.budget.used_up():
            raise StoppedError(spent)
        self.budget.spend()
        self.requests += 1
        response: httpx.Response | None = None
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE) as limit:
                response = await self._send(address, _resuming(sink))
                self.budget.heard()
                try:
                    if response.has_redirect_location:
                        return _location(response)
                    await self._receive(response, sink, expected, limit)
                finally:
                    await response.aclose()
                return None
        if response is None:
            raise TransportError(f"{host} did not answer within {PATIENCE:g} s.")
        raise IncompleteFileError(f"{host} sends the file too slowly.")

    async def _rest(self, wait: Wait) -> None:
        with Current(self.waits) as now:
            now.tell(wait)
            await asyncio.sleep(wait.seconds)

    async def _send(self, address: str, headers: Mapping[str, str]) -> httpx.Response:
        def request() -> httpx.Request:
            asked = self.http.build_request("GET", address, headers=headers)
            asked.extensions["trace"] = Guard(httpx.URL(self.instance.url), asked.url)
            return asked

        try:
            return await send(self.http, _host(address), request)
        except WrongAddressError:
            raise FileRefusedError(
                "The address redirects to something that is no web address."
            ) from None

    async def _receive(
        self, response: httpx.Response, sink: Sink, expected: int | None, limit: asyncio.Timeout
    ) -> None:
        host = _host(response.url)
        announced = total(response.headers, host) or expected
        if response.status_code == _UNSATISFIABLE and sink.size and announced == sink.size:
            sink.go_on()
            return  # All of it had come, and was not noted.
        if response.status_code == _UNSATISFIABLE or (
            response.status_code == _PARTIAL and is_other_part(response.headers, sink.size)
        ):
            sink.discard()
            raise IncompleteFileError(f"{host} does not have the rest of the file.")
        after = seconds_of(response.headers.get("retry-after"), _now(response))
        self._retry_after.hear(host, response.status_code, after)
        _check_status(response.status_code, host, after)
        sink.is_sure = announced is not None or says_its_end(response.headers)
        self._check_size(announced or 0)
        if response.status_code == _PARTIAL and sink.size:
            sink.go_on()
        else:
            sink.begin(validator(response.headers, self._mask))
        self._check_room((announced or 0) - sink.size)
        await self._copy(_content(response, expected), sink, limit)
        _check_whole(sink, announced, host)

    async def _copy(
        self, content: AsyncGenerator[bytes, None], sink: Sink, limit: asyncio.Timeout
    ) -> None:
        """Write what comes; each byte gives the next a little more time."""
        begun, had = limit.when() or 0.0, sink.size
        async with aclosing(content) as coming:
            async for piece in coming:
                sink.write(piece)
                self.budget.spend_bytes(len(piece))
                # What cannot be resumed has to come in one run.
                (self.budget.saved if sink.validator else self.budget.heard)()
                self._check_size(sink.size)
                self._check_room(0)
                limit.reschedule(begun + min((sink.size - had) / SLOWEST, _LONGEST))

    def _check_size(self, size: int) -> None:
        most, total = self.max_file_bytes, self.budget.max_bytes
        option = "--max-file-bytes" if total is None or most <= total else "--max-bytes"
        allowed = most if total is None else min(most, total)
        if size > allowed:
            raise FileTooLargeError(f"The file is larger than {option} ({allowed}) allows.", size)

    def _check_room(self, size: int) -> None:
        """There is room in the budget for this many more bytes."""
        if lacking := self.budget.lacks(size):
            raise StoppedError(lacking)


def _resuming(sink: Sink) -> dict[str, str]:
    """Ask for the rest, without If-None-Match (help/openvk-api.md, Files and thumbnails)."""
    if not sink.size or not sink.validator:
        return {}
    return {"range": f"bytes={sink.size}-", "if-range": sink.validator}


def _check_status(status: int, host: str, after: float | None) -> None:
    if status in (OK, _PARTIAL):
        return
    if status in _GONE:
        raise FileGoneError(f"{host} no longer has this file (HTTP {status}).")
    if status in _CLOSED:
        raise FileRefusedError(f"{host} refuses this file (HTTP {status}).")
    if status == SERVER_FAULT:
        raise ServerFaultError(f"{host} crashed on this file (HTTP 500).")
    if status == TOO_MANY:
        raise TooOftenError(f"{host} got too many requests (HTTP 429).", after)
    raise TransportError(f"{host} cannot send the file now (HTTP {status}).", after)


def _check_whole(sink: Sink, announced: int | None, host: str) -> None:
    size = sink.size
    if announced is not None and size != announced:
        if size > announced:
            sink.discard()
        raise IncompleteFileError(f"{host} sent only {size} of the file's {announced} bytes.")
    if not size:
        raise MediaError(f"{host} sent an empty file.")
    if announced is None and sink.is_cut:
        raise IncompleteFileError(f"{host} sent a file whose end is missing.")


def _content(response: httpx.Response, expected: int | None) -> AsyncGenerator[bytes, None]:
    """The bytes of the file, unpacked if they were packed for the way only."""
    is_packed_itself = response.headers.get("content-length") == str(expected)
    return (raw_pieces if is_packed_itself else pieces)(response, _host(response.url))


def _location(response: httpx.Response) -> str:
    location = response.headers["location"]
    if location.partition("?")[0].rstrip("/").endswith(_MAINTENANCE):
        raise TransportError(f"{_host(response.url)} is under maintenance.")
    return str(location)


def _host(address: object) -> str:
    return urlsplit(str(address)).netloc


def _now(response: httpx.Response) -> float:
    """What time it is by the server that answers."""
    clock = ServerClock()
    clock.hear(response.headers.get("date"))
    return clock.now()
