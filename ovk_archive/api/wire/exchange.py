"""One request and its answer: whatever httpx, and what lies below it, raises is translated here."""

import zlib
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import httpx

from ovk_archive.api.wire.connections import FOREIGN_ERRORS, HTTPX_ERRORS, translated
from ovk_archive.errors import ServerFaultError, TransportError

#: The one way to compress an answer that is asked for.
CODING = "gzip"
#: How each is told to zlib; what else was never asked for is not worth a library.
_CODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
#: Bytes that are unpacked at once: a few packed ones may stand for a thousand times as many.
_PIECE = 1 << 20


async def send(
    http: httpx.AsyncClient, host: str, request: Callable[[], httpx.Request]
) -> httpx.Response:
    """The head of the answer to a request; the caller reads the rest, and closes it.

    Raises:
        TransportError: no answer, or the address is none.
    """
    try:
        return await http.send(request(), stream=True)
    except FOREIGN_ERRORS as error:
        failure = translated(error, host)
    # Outside of the handler: an error of httpx carries the request, and so the token.
    raise failure


async def pieces(response: httpx.Response, host: str) -> AsyncGenerator[bytes, None]:
    """The body, decompressed, in pieces of which none is large, whatever they were packed in.

    Raises:
        TransportError: it broke off, or is compressed in a way that was not asked for.
    """
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity" and coding not in _CODINGS:
        raise TransportError(
            f"{host} compressed its answer in a way that this program did not ask for."
        )
    unpacker = zlib.decompressobj(_CODINGS[coding]) if coding in _CODINGS else None
    packed = b""
    async for piece in raw_pieces(response, host):
        if unpacker is None:
            yield piece
            continue
        packed = rest = piece
        while rest and not unpacker.eof:
            yield _unpacked(unpacker, rest, host)
            rest = unpacker.unconsumed_tail
    if unpacker and packed and not unpacker.eof:
        raise TransportError(f"{host} broke off in the middle of an answer.")


async def body_of(response: httpx.Response, host: str, most: int) -> bytes:
    """The whole body, decompressed.

    Raises:
        ServerFaultError: it has more than `most` bytes; a part of what was asked for may fit.
        TransportError: it cannot be read.
    """
    body: list[bytes] = []
    size = 0
    async with aclosing(pieces(response, host)) as coming:
        async for piece in coming:
            body.append(piece)
            size += len(piece)
            if size > most:
                raise ServerFaultError(f"{host} sent an answer of more than {most >> 20} MB.")
    return b"".join(body)


async def raw_pieces(response: httpx.Response, host: str) -> AsyncGenerator[bytes, None]:
    """The body as it comes, packed or not.

    Raises:
        TransportError: it broke off.
    """
    failure: TransportError | None = None
    try:
        async for piece in response.aiter_raw():
            yield piece
    except HTTPX_ERRORS as error:
        failure = translated(error, host)
    if failure:
        raise failure


def _unpacked(unpacker: "zlib._Decompress", packed: bytes, host: str) -> bytes:
    try:
        return unpacker.decompress(packed, _PIECE)
    except zlib.error:
        raise TransportError(f"{host} sent a damaged answer.") from None
