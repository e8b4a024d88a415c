"""A local server of files, as quick as it gets: `/N` is 100 kB, `/N?size` so many bytes.

It prints its port and serves until killed. Each file differs from all others in its first bytes.
"""

import asyncio
import os
import sys

SIZE = 100_000
CHUNK = 1 << 20
#: JPEG's signature: the files pass for images.
HEAD = b"\xff\xd8\xff\xe0"
BODY = os.urandom(CHUNK)


async def main() -> None:
    """Listen at any port of loopback."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection, one after another."""
    try:
        while request := await reader.readuntil(b"\r\n\r\n"):
            await send(request.split(b" ", 2)[1].decode(), writer)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def send(path: str, writer: asyncio.StreamWriter) -> None:
    """Send one file."""
    number, _, size = path.removeprefix("/").partition("?")
    left = int(size or SIZE)
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % left
    )
    begin = HEAD + int(number).to_bytes(8, "big")
    writer.write(begin + BODY[: min(left, CHUNK) - len(begin)])
    left -= min(left, CHUNK)
    while left:
        writer.write(BODY[: min(left, CHUNK)])
        left -= min(left, CHUNK)
        await writer.drain()
    await writer.drain()


if __name__ == "__main__":
    asyncio.run(main())
