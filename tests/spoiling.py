"""What the toy instance answers is changed on its way, by itself or by a server in between."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from scripted import Reply, Request, ScriptedServer, one_by_one
from toy import DemoInstance
from visiting import NO_TLS

from ovk_archive.demo.server.script import parse

#: Method and its `response` -> another one.
Spoil = Callable[[str, Any], Any]


@contextmanager
def spoiling(instance: DemoInstance, spoil: Spoil) -> Iterator[None]:
    """The instance itself sends other values than it would, by method."""

    def other(method: str, body: bytes) -> bytes:
        return _sent(spoil(method, json.loads(body)["response"]))

    instance.spoil = other
    yield
    instance.spoil = None


@contextmanager
def between(instance: DemoInstance, spoil: Spoil) -> Iterator[ScriptedServer]:
    """A server that passes on what the instance answers, each value spoilt by method."""

    def ask(request: Request) -> Reply:
        if request.method == "execute" and instance.dialect == "B":
            return one_by_one(request, ask)
        answer = client.post(instance.url + request.path, data=request.form)
        if answer.status_code != 200:
            return Reply(answer.status_code, answer.content)
        said = json.loads(answer.text)
        if request.method.lower() == "execute":
            return Reply(body=_spoilt_together(request, said, spoil))
        return Reply(body=_sent(spoil(request.method.lower(), said["response"])))

    with httpx.Client(timeout=30, verify=NO_TLS) as client, ScriptedServer(by=ask) as server:
        yield server


def _spoilt_together(request: Request, said: dict[str, Any], spoil: Spoil) -> bytes:
    """The same of calls that travel together; one that is no JSON any more is all there is."""
    called, _ = parse(request.form["code"])
    values = [
        value if value is False else spoil(name.lower(), value)
        for (name, _), value in zip(called, said["response"], strict=True)
    ]
    raw = [value for value in values if isinstance(value, bytes)]
    return raw[0] if raw else _written({**said, "response": values})


def _sent(value: Any) -> bytes:
    """The body of an answer; bytes are one already."""
    return value if isinstance(value, bytes) else _written({"response": value})


class Raw(str):
    """JSON that stands for itself."""

    __slots__ = ()


def _written(value: Any) -> bytes:
    marks: dict[str, str] = {}

    def mark(one: Any) -> Any:
        if isinstance(one, Raw):
            marks[f'"\\u0000{len(marks)}"'] = str(one)
            return f"\0{len(marks) - 1}"
        if isinstance(one, dict):
            return {name: mark(inner) for name, inner in one.items()}
        return [mark(inner) for inner in one] if isinstance(one, list) else one

    text = json.dumps(mark(value))
    for name, raw in marks.items():
        text = text.replace(name, raw)
    return text.encode()


def listed(value: Any) -> list[Any]:
    """The records of an answer."""
    if isinstance(value, dict):
        for name in ("items", "notes", "comments"):
            if isinstance(value.get(name), list):
                return list(value[name])
    return value if isinstance(value, list) else []
