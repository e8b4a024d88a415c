"""A server between the toy instance and a sync: it changes what is answered, as real ones may."""

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from scripted import Reply, Request, ScriptedServer
from toy import DemoInstance

#: Method and its `response` -> another one.
Spoil = Callable[[str, Any], Any]
#: To make one takes longer than a request; there is no TLS here.
_PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@contextmanager
def between(instance: DemoInstance, spoil: Spoil) -> Iterator[ScriptedServer]:
    """A server that passes on what the instance answers, each value spoilt by method."""

    def ask(request: Request) -> Reply:
        answer = httpx.post(
            instance.url + request.path, data=request.form, timeout=30, verify=_PLAIN
        )
        if answer.status_code != 200:
            return Reply(answer.status_code, answer.content)
        value = spoil(request.method.lower(), json.loads(answer.text)["response"])
        return Reply(body=value if isinstance(value, bytes) else _written({"response": value}))

    with ScriptedServer(by=ask) as server:
        yield server


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
