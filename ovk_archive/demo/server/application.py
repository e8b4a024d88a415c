"""The ASGI application: what is asked for, and the answer to it."""

import asyncio
import re
from dataclasses import replace
from email.utils import formatdate

from ovk_archive.demo.methods.php import ApiFault, Crash, Params
from ovk_archive.demo.server import api, batch, downloads
from ovk_archive.demo.server.http import Receive, Reply, Request, Scope, Send, read_request
from ovk_archive.demo.server.state import State
from ovk_archive.demo.server.tokens import NeedsCode, complain, validation
from ovk_archive.demo.server.trouble import Visit, Wire

_METHOD = re.compile(r"/method/([A-Za-z0-9]+)\.([A-Za-z0-9]+)$")
_EXECUTE = "/method/execute"
_TOKEN = {"A": {"/token", "/token/"}, "B": {"/token", "/token/", "/oauth/token"}}


class App:
    """The instance as an ASGI application."""

    def __init__(self, instance: State) -> None:
        self.instance = instance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = await read_request(scope, receive)
        visit = self.instance.trouble.visit(self._name(request), request)
        if self.instance.latency:
            await asyncio.sleep(self.instance.latency)
        reply = self._answer(visit)
        date = formatdate(self.instance.clock(), usegmt=True)
        reply = replace(reply, headers={"date": date, **reply.headers})
        await visit.send(reply, Wire(scope, receive, send))

    def _name(self, request: Request) -> str:
        """Say what is asked for."""
        match = _METHOD.match(request.path)
        if match:
            return api.canonical(f"{match.group(1).lower()}.{match.group(2)}")
        if request.path == _EXECUTE:
            return "execute"
        return "token" if request.path in _TOKEN[self.instance.dialect] else "blob"

    def _answer(self, visit: Visit) -> Reply:
        try:
            with self.instance.world.lock:
                return visit.before() or self._decide(visit)
        except Exception as error:  # noqa: BLE001 - kept, and raised when the instance stops
            self.instance.bugs.append(error)
            return Reply.crash()

    def _decide(self, visit: Visit) -> Reply:
        if "." in visit.name:
            return self._method(visit)
        if visit.name == "token":
            return self._token(visit)
        # The route without a dot is not known to [A] (help/openvk-api.md, Calls in one request).
        if visit.name == "execute" and self.instance.dialect == "B":
            return self._execute(visit)
        return downloads.find(self.instance.world, visit.request, self.instance.storage)

    def _execute(self, visit: Visit) -> Reply:
        try:
            return batch.answer(self.instance, visit, self._method)
        except ApiFault as fault:
            visit.error_code = fault.code
            body = complain(fault.code, fault.message, visit.request.get, "execute.")
            return Reply.json(400, body, sized=False)

    def _method(self, visit: Visit) -> Reply:
        instance, request = self.instance, visit.request
        try:
            values = request.values
            viewer = instance.tokens.viewer(self._given_token(request))
            response = api.answer(instance, visit.name, values, viewer)
        except ApiFault as fault:
            visit.error_code = fault.code
            section, _, name = request.path.removeprefix("/method/").partition(".")
            called = f"{section.lower().capitalize()}.{name}"
            body = complain(fault.code, fault.message, request.get, called)
            return Reply.json(400, body, sized=False)
        except Crash:
            return Reply.crash()
        return Reply.json(200, {"response": response}, sized=instance.dialect == "A")

    def _given_token(self, request: Request) -> str | None:
        """Find the token: [B] also reads a header, if there is no parameter."""
        if "access_token" in request.values or self.instance.dialect == "A":
            return request.values.get("access_token")
        return request.headers.get("authorization", "").removeprefix("Bearer ") or None

    def _token(self, visit: Visit) -> Reply:
        instance, request = self.instance, visit.request
        try:
            return Reply.json(200, instance.tokens.acquire(Params(request.values)), sized=True)
        except NeedsCode:
            asked = validation(instance.account_id, instance.dialect, instance.url)
            return Reply.json(401, asked, sized=True)
        except ApiFault as fault:
            visit.error_code = fault.code
            body = complain(fault.code, fault.message, request.get)
            return Reply.json(400, body, sized=True)
