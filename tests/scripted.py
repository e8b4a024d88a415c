"""A real HTTP server on loopback that answers what a test has written down for it."""

import json
import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from ovk_archive.api.address import Instance, parse_instance
from ovk_archive.demo.server.script import joined, parse

#: An answer that has a value, as it is written.
_VALUE = re.compile(rb'\{"response":\s*(.*)\}', re.DOTALL)
RECORDINGS = Path(__file__).parent / "recordings"


@dataclass(frozen=True)
class Request:
    """What the server was sent."""

    verb: str
    path: str
    headers: dict[str, str]
    body: str
    at: float

    @property
    def form(self) -> dict[str, str]:
        """The fields of the body."""
        return {name: values[0] for name, values in parse_qs(self.body, True).items()}

    @property
    def method(self) -> str:
        """The API method that was asked."""
        return urlsplit(self.path).path.rpartition("/")[2]


@dataclass(frozen=True)
class Reply:
    """What the server answers; `cut` sends half a body, `closed` nothing at all.

    `raw` writes the whole answer itself, status line and all, and closes the connection.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: bool = False
    closed: bool = False
    raw: Callable[[Callable[[bytes], object]], object] | None = None


def ok(value: Any) -> Reply:
    """The API's answer with this value."""
    return Reply(body=json.dumps({"response": value}).encode())


def refused(code: int, text: str) -> Reply:
    """The API's refusal, parameters echoed as the server does it."""
    content = {"error_code": code, "error_msg": text, "request_params": [{"key": "method"}]}
    return Reply(400, json.dumps(content).encode())


def recorded(generation: str, name: str) -> Reply:
    """A real server's answer."""
    record = json.loads((RECORDINGS / generation / f"{name}.json").read_text(encoding="utf-8"))
    body = record["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    location = {k: v for k, v in record["headers"].items() if k in ("location", "content-type")}
    return Reply(record["status"], text.encode(), location)


def one_by_one(request: Request, ask: Callable[[Request], Reply]) -> Reply:
    """The answer to `execute`, out of what a server says to each call of the script."""
    values: list[bytes] = []
    errors: list[dict[str, Any]] = []
    for method, form in parse(request.form["code"])[0]:
        body = urlencode({**form, "access_token": request.form["access_token"]})
        reply = ask(replace(request, path=f"/method/{method}", body=body))
        value = _VALUE.fullmatch(reply.body)
        if reply.status == 400 and b'"error_code"' in reply.body:
            errors.append({**json.loads(reply.body), "method": method})
        elif reply.status != 200 or value is None:
            return reply
        values.append(value[1] if value else b"false")
    return Reply(body=joined(values, errors, is_list=True))


class ScriptedServer:
    """Answers with `replies` in their order, the last one for ever, or asks a function."""

    def __init__(self, *replies: Reply, by: Callable[[Request], Reply] | None = None) -> None:
        self.requests: list[Request] = []
        self.most_at_once = 0
        self._at_once = 0
        self._replies = list(replies)
        self._by = by or (lambda _: self._next())
        self._lock = threading.Lock()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))

    @property
    def instance(self) -> Instance:
        """The address of this server."""
        return parse_instance(f"http://127.0.0.1:{self.http.server_address[1]}")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.http.shutdown()
        self.http.server_close()
        self._thread.join()

    def _next(self) -> Reply:
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    def _answer(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            reply = self._by(request)
        time.sleep(reply.delay)
        with self._lock:
            self._at_once -= 1
        return reply

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Nothing waits for a client that keeps its connection open and says no more.
            timeout = 5

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, headers, body, time.monotonic())
                with suppress(ConnectionError):
                    self._send(answer(request))

            def do_GET(self) -> None:
                self.do_POST()

            def _send(self, reply: Reply) -> None:
                self.close_connection = reply.closed or reply.cut or reply.raw is not None
                if reply.raw:
                    reply.raw(self.wfile.write)
                    return
                if reply.closed:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)

            def log_message(self, *_: object) -> None:
                """Says nothing: the test knows what it asked."""

        return Handler
