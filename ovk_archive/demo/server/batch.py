"""`execute`: several calls in one request, each of them answered as if it had come alone."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ovk_archive.demo.methods.php import ApiFault
from ovk_archive.demo.server import api
from ovk_archive.demo.server.http import Reply
from ovk_archive.demo.server.script import Called, joined, parse
from ovk_archive.demo.server.state import State
from ovk_archive.demo.server.trouble import Visit

#: How an answer begins that has a value in it, as `to_json` writes it.
_VALUE = b'{"response":'
_TOKEN = "access_token"  # noqa: S105 - the name of a parameter

Answer = Callable[[Visit], Reply]


def answer(instance: State, visit: Visit, alone: Answer) -> Reply:
    """Run a script; `alone` answers one call. A call that crashes takes all the others with it."""
    if not instance.has_execute:
        raise ApiFault(3, "Unknown method passed.")
    if "code" not in visit.request.values:
        raise ApiFault(100, "Required parameter 'code' missing.")
    calls, is_list = parse(visit.request.values["code"])
    values: list[bytes] = []
    faults: list[dict[str, Any]] = []
    for call in calls:
        inner = _inner(instance, visit, call)
        reply = inner.inside(inner.before() or alone(inner))
        value, fault = _taken(reply)
        if value is None and fault is None:
            return reply
        values.append(value or b"false")
        faults += [{"method": call[0], **fault}] if fault else []
    return Reply(200, joined(values, faults, is_list=is_list), "application/json")


def _inner(instance: State, visit: Visit, call: Called) -> Visit:
    """A call of the script as a request of its own; a token in it is nobody's."""
    name, given = call
    values = {key: value for key, value in given.items() if key != _TOKEN}
    if _TOKEN in visit.request.values:
        values[_TOKEN] = visit.request.values[_TOKEN]
    path = f"/method/{name}"
    request = replace(visit.request, path=path, address=path, get={}, values=values)
    section, _, rest = name.partition(".")
    return instance.trouble.inner(visit, api.canonical(f"{section.lower()}.{rest}"), request)


def _taken(reply: Reply) -> tuple[bytes | None, dict[str, Any] | None]:
    """The value of an answer, as it is written, or its error; neither if it is not the API's."""
    try:
        content = json.loads(reply.body)
    except ValueError:
        return None, None
    if reply.status == 400 and isinstance(content, dict) and "error_code" in content:
        return None, {name: content[name] for name in ("error_code", "error_msg")}
    if reply.status == 200 and reply.body.startswith(_VALUE):
        return reply.body.removeprefix(_VALUE).removesuffix(b"}"), None
    return None, None
