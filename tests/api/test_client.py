"""The client asks politely, classes every answer, and lets no secret out."""

import asyncio
import gc
import inspect
import logging
import socket
import time
import traceback
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from asking import TOKEN, ask, ask_and_count, new_client
from scripted import RECORDINGS, Reply, Request, ScriptedServer, ok, recorded, refused

from ovk_archive import __version__
from ovk_archive.api.address import Instance
from ovk_archive.api.batches import Batching
from ovk_archive.api.budget import Budget
from ovk_archive.api.client import Client
from ovk_archive.api.login import SignedIn, sign_in
from ovk_archive.api.retries import Retries
from ovk_archive.api.waiting_calls import expecting, is_small
from ovk_archive.api.wire import connections
from ovk_archive.api.wire.api_errors import WrongAddressError
from ovk_archive.errors import (
    AccessDeniedError,
    ApiError,
    ArchiveError,
    AuthError,
    BadInputError,
    InterruptedSyncError,
    NoSuchMethodError,
    RateLimitedError,
    SecondFactorError,
    ServerFaultError,
    StoppedError,
    TransportError,
)

PASSWORD = "correct horse"
BOTH = sorted(path.name for path in RECORDINGS.iterdir() if path.is_dir())
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests talk to loopback, whatever the machine's proxies."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


# What is sent


def test_parameters_travel_in_the_body() -> None:
    """Flags become 1 and 0, None is left out, and neither token nor `v` is in the address."""
    with ScriptedServer(ok({"count": 0})) as server:
        value = ask(server.instance, owner_id=-5, extended=True, sort=False, q="ы&=", filter=None)

    (request,) = server.requests
    assert value == {"count": 0}
    assert (request.verb, request.path) == ("POST", "/method/wall.get")
    assert request.form == {
        "owner_id": "-5",
        "extended": "1",
        "sort": "0",
        "q": "ы&=",
        "access_token": TOKEN,
    }
    assert TOKEN not in str(request.headers)


def test_headers_name_the_program_and_ask_for_russian() -> None:
    """Names come in their own spelling only if Russian is asked for."""
    with ScriptedServer(ok(1)) as server:
        ask(server.instance)

    headers = server.requests[0].headers
    assert headers["accept-language"] == "ru"
    assert headers["user-agent"] == f"ovk-archive/{__version__} (personal archiver)"
    assert "cookie" not in headers


def test_no_token_is_no_field() -> None:
    """A client without a token sends none."""

    async def run(instance: Instance) -> Any:
        async with Client(instance, None) as one:
            return await one.call("ovk.version")

    with ScriptedServer(ok("x")) as server:
        assert asyncio.run(run(server.instance)) == "x"

    assert server.requests[0].body == ""


def test_instance_may_live_under_a_path() -> None:
    """The path of the instance comes before the API's."""
    with ScriptedServer(ok(1)) as server:
        ask(Instance(server.instance.url + "/vk"))

    assert server.requests[0].path == "/vk/method/wall.get"


def test_cookies_are_never_sent_back() -> None:
    """Every answer sets a session cookie; none is kept."""
    cookie = Reply(body=ok(1).body, headers={"Set-Cookie": "CHANDLERSESS=abc; path=/"})

    async def run(instance: Instance) -> None:
        async with new_client(instance) as one:
            for _ in range(3):
                await one.call("wall.get")

    with ScriptedServer(cookie) as server:
        asyncio.run(run(server.instance))

    assert all("cookie" not in request.headers for request in server.requests)


@pytest.mark.parametrize("method", ["", "wall", "wall.get?x=1", "../token", "wall.get/", "a.b.c"])
def test_method_is_two_words(method: str) -> None:
    """A method cannot smuggle an address; one word is for `execute` alone to try."""
    with ScriptedServer(Reply(404)) as server:
        with pytest.raises((BadInputError, NoSuchMethodError)):
            ask(server.instance, method)

        assert len(server.requests) == (method == "wall")


# What is answered


@pytest.mark.parametrize("value", [None, [], {}, 0, "", False, {"count": 1, "items": [None]}])
def test_value_of_response_comes_as_it_is(value: object) -> None:
    """Empty answers are answers."""
    with ScriptedServer(ok(value)) as server:
        assert ask_and_count(server) == (value, 1, 0)


REFUSALS = [
    ("base__badtoken__Wall.get", AuthError, 5),
    ("err__unknown_method", NoSuchMethodError, 3),
    ("Gifts.get__closed_as_u2", AccessDeniedError, 15),
    ("Board.getComments__none", AccessDeniedError, 5),
    ("Audio.getById__none", AccessDeniedError, 260),
    ("Wall.getComments__nopost", AccessDeniedError, 100),
    ("Friends.get__nobody", AccessDeniedError, 100),
    ("Wall.get__domain_only", ApiError, 100),
    ("Notifications.get__count101", ApiError, 125),
]


@pytest.mark.parametrize("generation", BOTH)
@pytest.mark.parametrize(("name", "kind", "code"), REFUSALS)
def test_refusals_are_classed_and_never_repeated(
    generation: str, name: str, kind: type[ApiError], code: int
) -> None:
    """Each recorded refusal has its class and code, and is asked for once."""
    with ScriptedServer(recorded(generation, name)) as server:
        error, requests, failures = ask_and_count(server)

    assert type(error) is kind
    assert error.code == code
    assert (requests, failures, len(server.requests)) == (1, 0, 1)
    assert "request_params" not in str(error)


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (7, "Access denied", AuthError),
        (28, "Invalid username or password", AuthError),
        (18, "User account is deactivated", AuthError),
        (18, "User account has been suspended due to repeated violation", AuthError),
        (4, "Invalid photo", AccessDeniedError),
        (4, "Invalid count", ApiError),
        (125, "Invalid group id", AccessDeniedError),
        (-151, "Chats are not implemented", AccessDeniedError),
        (42, "Postponed posts are not implemented.", ApiError),
        (31337, "Never seen", ApiError),
    ],
)
def test_refusals_by_code_and_text(code: int, text: str, kind: type[ApiError]) -> None:
    """Codes that mean several things are told apart by their text."""
    with ScriptedServer(refused(code, text)) as server:
        error, requests, _ = ask_and_count(server)

    assert (type(error), error.code, requests) == (kind, code, 1)
    assert text in str(error)


def test_long_message_is_cut_to_one_line() -> None:
    """What a server says fits one line of a terminal, more or less."""
    with ScriptedServer(refused(15, "a\nb\t" + "x" * 5000)) as server:
        error, _, _ = ask_and_count(server)

    assert "a b xxx" in str(error)
    assert len(str(error)) < 300


@pytest.mark.parametrize("generation", BOTH)
def test_dead_wall_is_closed_and_the_account_lives(generation: str) -> None:
    """What is said of a dead wall's owner is no fault of the token's."""

    def answer(request: Request) -> Reply:
        name = {"wall.get": "Wall.get__owner-deleted_as_u1"}
        return recorded(generation, name.get(request.method, "base__u1__Account.getProfileInfo"))

    with ScriptedServer(by=answer) as server:
        error, requests, _ = ask_and_count(server)

    assert (type(error), error.code, requests) == (AccessDeniedError, 18, 2)


@pytest.mark.parametrize("generation", BOTH)
@pytest.mark.parametrize("method", ["wall.get", "account.getProfileInfo"])
def test_banned_account_is_the_tokens_fault(generation: str, method: str) -> None:
    """The same words about the account itself end the run, whichever call meets them."""

    def answer(request: Request) -> Reply:
        section = "Wall.get" if request.method == "wall.get" else "Account.getProfileInfo"
        return recorded(generation, f"base__banned-u7__{section}")

    with ScriptedServer(by=answer) as server:
        error, _, _ = ask_and_count(server, method)

    assert (type(error), error.code) == (AuthError, 18)


PASSING = [
    "maintenance__Wall.get",
    "maintenance__page",
    "down__mariadb",
    "down__php-fpm",
    "http__dotfile",
    "http__invalid_utf8_param_in_error",
    "http__root",
]


@pytest.mark.parametrize("generation", BOTH)
@pytest.mark.parametrize("name", PASSING)
def test_nonsense_is_tried_again_and_then_reported(generation: str, name: str) -> None:
    """Answers that are not the API's get as many tries as allowed, then one sentence."""
    with ScriptedServer(recorded(generation, name)) as server:
        error, requests, failures = ask_and_count(server)

    assert type(error) is TransportError
    assert (requests, failures, len(server.requests)) == (3, 2, 3)
    assert server.instance.key in str(error)
    assert "<" not in str(error)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(429),
        Reply(504, b"<html>"),
        Reply(200, b""),
        Reply(200, b'{"response": {"items": ['),
        Reply(200, b"[]"),
        Reply(200, b"null"),
        Reply(200, b'{"count": 1}'),
        Reply(200, b"\xff\xfe\xfa"),
        Reply(200, b"[" * 200_000),
        Reply(400, b'{"response": 1}'),
        Reply(400, b'{"error_code": "x", "error_msg": null}'),
        Reply(200, b"x" * 100, headers={"Content-Encoding": "gzip"}),
        Reply(cut=True, body=ok("whole").body),
        Reply(closed=True),
    ],
)
def test_passing_troubles_pass(reply: Reply) -> None:
    """Whatever is not an answer is asked for again, and the second answer counts."""
    with ScriptedServer(reply, ok("whole")) as server:
        assert ask_and_count(server) == ("whole", 2, 1)


def test_redirects_are_not_followed() -> None:
    """Maintenance redirects to a page: nobody asks for that page, nor sends it the token."""
    reply = Reply(307, headers={"Location": "/elsewhere"})
    with ScriptedServer(reply) as server:
        error, _, _ = ask_and_count(server)

    assert {request.path for request in server.requests} == {"/method/wall.get"}
    assert "maintenance" in str(error)


@pytest.mark.parametrize("generation", BOTH)
def test_site_without_the_api_is_not_asked_again(generation: str) -> None:
    """HTTP 404 means that this is no OpenVK instance."""
    with ScriptedServer(recorded(generation, "http__method_without_dot")) as server:
        error, requests, _ = ask_and_count(server)

    assert (type(error), error.exit_code, requests) == (WrongAddressError, 20, 1)
    assert "is it an OpenVK instance?" in str(error)


def test_older_servers_have_no_execute() -> None:
    """There it is a page that does not exist, which means an unknown method."""
    with ScriptedServer(recorded("2024-07", "err__execute")) as server:
        error, requests, _ = ask_and_count(server, "execute")

    assert (type(error), requests) == (NoSuchMethodError, 1)


@pytest.mark.parametrize("generation", BOTH)
def test_crash_is_tried_once_more(generation: str) -> None:
    """HTTP 500 twice is the server's fault with this very request."""
    with ScriptedServer(recorded(generation, "err__negative_count_msgs")) as server:
        error, requests, failures = ask_and_count(server)

    assert (type(error), requests, failures) == (ServerFaultError, 2, 1)


def test_crash_is_not_tried_again_while_isolating() -> None:
    """Who is halving a page does not want each half twice."""
    with ScriptedServer(Reply(500)) as server:
        with pytest.raises(ServerFaultError):
            ask(server.instance, isolating=True)

        assert len(server.requests) == 1


def test_crash_that_passes_is_forgotten() -> None:
    """The second answer counts, among other troubles too."""
    with ScriptedServer(Reply(503), Reply(500), ok(1)) as server:
        assert ask_and_count(server) == (1, 3, 2)


def test_rate_limit_is_waited_out_once() -> None:
    """A refusal for haste is counted as a failure, and the next answer counts."""
    fast = recorded("2024-07", "ratelimit__Photos.getAlbums_call6")
    calm = recorded("2024-07", "ratelimit__Photos.getAlbums_call5")
    with ScriptedServer(fast, calm) as server:
        value, requests, failures = ask_and_count(server, "photos.getAlbums")

    assert value["count"] == 3
    assert (requests, failures) == (2, 1)


def test_rate_limit_three_times_is_an_error() -> None:
    """Refused for haste after two waits: the run ends."""
    with ScriptedServer(recorded("2024-07", "ratelimit__Photos.getAlbums_call6")) as server:
        error, requests, _ = ask_and_count(server, "photos.getAlbums")

    assert (type(error), error.exit_code, requests) == (RateLimitedError, 13, 3)


def test_nobody_listens() -> None:
    """A refused connection is tried again, and says which host."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        instance = Instance(f"http://127.0.0.1:{taken.getsockname()[1]}")
    with pytest.raises(TransportError, match=f"{instance.key} cannot be reached"):
        ask(instance)


def test_slow_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that takes longer than the time-out is asked for again."""
    monkeypatch.setattr(connections, "TIMEOUT", httpx.Timeout(0.2))
    with ScriptedServer(Reply(delay=0.5), ok(1)) as server:
        assert ask_and_count(server) == (1, 2, 1)


HTTPX_EXCEPTIONS = [
    kind
    for _, kind in inspect.getmembers(httpx, inspect.isclass)
    if issubclass(kind, Exception) and not issubclass(kind, Warning)
]


@pytest.mark.parametrize("kind", HTTPX_EXCEPTIONS)
def test_every_exception_of_httpx_is_caught_and_translated(kind: type[Exception]) -> None:
    """Nothing above the client ever sees httpx: a new class of theirs fails this test."""
    error = kind.__new__(kind)

    assert len(HTTPX_EXCEPTIONS) > 20
    assert issubclass(kind, connections.HTTPX_ERRORS)
    assert isinstance(connections.translated(error, "host.example"), TransportError)


# Secrets


FAILURES: list[Callable[[], Reply]] = [
    lambda: Reply(500),
    lambda: Reply(404),
    lambda: Reply(302),
    lambda: Reply(200, b"<html>"),
    lambda: Reply(closed=True),
    lambda: Reply(cut=True, body=ok(1).body),
    lambda: Reply(200, b"x", headers={"Content-Encoding": "gzip"}),
    lambda: recorded("2024-07", "base__badtoken__Wall.get"),
    lambda: recorded("2024-07", "Gifts.get__closed_as_u2"),
    lambda: recorded("2024-07", "ratelimit__Photos.getAlbums_call6"),
]


@pytest.mark.parametrize("failure", FAILURES)
def test_token_is_in_no_error_and_no_log(
    failure: Callable[[], Reply], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the error, nor its chain, nor the most talkative log holds the token."""
    caplog.set_level(logging.DEBUG)
    with ScriptedServer(failure()) as server:
        error, _, _ = ask_and_count(server, "photos.get")

    told = "".join(traceback.format_exception(error)) + repr(error) + caplog.text
    assert isinstance(error, ArchiveError)
    assert TOKEN in server.requests[0].body
    assert TOKEN not in told
    assert not any(isinstance(link, connections.HTTPX_ERRORS) for link in chain(error))


def chain(error: BaseException | None) -> list[BaseException]:
    """The error and all that it came from."""
    if error is None:
        return []
    return [error, *chain(error.__cause__), *chain(error.__context__)]


def test_retries_are_told_without_parameters(caplog: pytest.LogCaptureFixture) -> None:
    """Who looks at the log sees what went wrong and when it is tried again."""
    caplog.set_level(logging.INFO, "ovk_archive")
    with ScriptedServer(Reply(503), ok(1)) as server:
        ask(server.instance, q="private")

    (record,) = [record for record in caplog.records if record.name == "ovk_archive"]
    assert "HTTP 503" in record.getMessage()
    assert "Trying again in" in record.getMessage()
    assert "private" not in caplog.text


# How much at once, and until when


def test_what_succeeds_at_once_leaves_nothing_behind() -> None:
    """No try makes rings of objects, which stay until Python looks for such."""

    async def run(instance: Instance) -> int:
        async with Client(instance, TOKEN, retries=Retries()) as client:
            await client.call("wall.get")
            gc.collect()
            before = len(gc.get_objects())
            for _ in range(20):
                await client.call("wall.get")
            return len(gc.get_objects()) - before

    with ScriptedServer(by=lambda _: ok([])) as server:
        gc.disable()
        try:
            more = asyncio.run(run(server.instance))
        finally:
            gc.enable()

    # Each of stamina's tries would leave 30.
    assert more < 100


def test_no_more_than_allowed_at_once() -> None:
    """Twelve calls never have more than three requests in flight."""

    async def run(instance: Instance) -> None:
        async with new_client(instance, concurrency=3) as one, asyncio.TaskGroup() as tasks:
            for _ in range(12):
                tasks.create_task(one.call("wall.get"))

    with ScriptedServer(Reply(body=ok(1).body, delay=0.05)) as server:
        asyncio.run(run(server.instance))

    assert server.most_at_once == 3
    assert len(server.requests) == 12


def test_budget_of_requests_counts_tries() -> None:
    """Five requests are five, tries included; the sixth is not sent."""

    async def run(instance: Instance) -> None:
        async with new_client(instance, budget=Budget(max_requests=5)) as one:
            for _ in range(9):
                await one.call("wall.get")

    with ScriptedServer(Reply(503), Reply(503), ok(1)) as server:
        with pytest.raises(
            StoppedError, match=r"--max-requests \(5\).*again to continue"
        ) as caught:
            asyncio.run(run(server.instance))

        assert len(server.requests) == 5
    assert caught.value.exit_code == 75


def test_budget_that_suffices_is_no_obstacle() -> None:
    """As many requests as allowed are not too many."""

    async def run(instance: Instance) -> None:
        async with new_client(instance, budget=Budget(max_requests=2)) as one:
            await one.call("wall.get")
            await one.call("wall.get")

    with ScriptedServer(ok(1)) as server:
        asyncio.run(run(server.instance))

        assert len(server.requests) == 2


def test_budget_of_time() -> None:
    """When the time is up nothing more is sent."""
    now = [0.0]

    async def run(instance: Instance) -> None:
        budget = Budget(max_duration=60, clock=lambda: now[0])
        async with new_client(instance, budget=budget) as one:
            await one.call("wall.get")
            now[0] = 60.0
            await one.call("wall.get")

    with ScriptedServer(ok(1)) as server:
        with pytest.raises(StoppedError, match=r"--max-duration \(60 s\)"):
            asyncio.run(run(server.instance))

        assert len(server.requests) == 1


def test_time_ends_a_back_off() -> None:
    """Nobody sleeps past --max-duration to try once more."""

    async def run(instance: Instance) -> None:
        slow = Retries(wait_initial=60.0, wait_max=60.0)
        budget = Budget(max_duration=0.2)
        async with new_client(instance, retries=slow, budget=budget) as one:
            await asyncio.wait_for(one.call("wall.get"), 10)

    with ScriptedServer(Reply(503)) as server, pytest.raises(StoppedError, match="--max-duration"):
        asyncio.run(run(server.instance))


def test_stop_ends_calls_in_flight() -> None:
    """After a stop nobody waits for what is under way, and nothing else is sent."""

    async def run(instance: Instance) -> tuple[Any, ...]:
        async with new_client(instance, concurrency=2) as one:
            calls = [asyncio.create_task(one.call("wall.get")) for _ in range(5)]
            await asyncio.sleep(0.15)
            one.stop(InterruptedSyncError("Interrupted."))
            one.stop(StoppedError("Too late: the first reason counts."))
            late = asyncio.create_task(one.call("wall.get"))
            return tuple(await asyncio.gather(*calls, late, return_exceptions=True))

    with ScriptedServer(Reply(body=ok("done").body, delay=0.3)) as server:
        outcomes = asyncio.run(run(server.instance))

        assert len(server.requests) == 2
    assert {type(outcome) for outcome in outcomes} == {InterruptedSyncError}
    assert {str(outcome) for outcome in outcomes} == {"Interrupted."}
    assert len({id(outcome) for outcome in outcomes}) == 6


def test_stop_ends_a_back_off() -> None:
    """A stopped client does not sleep until its next try."""

    async def run(instance: Instance) -> None:
        slow = Retries(wait_initial=60.0, wait_max=60.0)
        async with new_client(instance, retries=slow) as one:
            call = asyncio.create_task(one.call("wall.get"))
            await asyncio.sleep(0.2)
            one.stop(StoppedError("Enough."))
            await asyncio.wait_for(call, 10)

    with ScriptedServer(Reply(503)) as server, pytest.raises(StoppedError, match="Enough"):
        asyncio.run(run(server.instance))


@pytest.mark.parametrize("batching", [None, Batching()], ids=["alone", "together"])
def test_nothing_is_asked_while_there_is_no_room(batching: Batching | None) -> None:
    """While too much waits to be saved nothing is sent; a stop ends that wait like any other."""

    async def run(instance: Instance, seen: list[Any]) -> tuple[Any, ...]:
        room: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        async with new_client(instance, batching=batching) as one:
            one.room = lambda: None if room.done() else asyncio.shield(room)
            first = asyncio.create_task(one.call("wall.get"))
            await asyncio.sleep(0.1)
            assert seen == []
            room.set_result(None)
            answer = await first
            one.room = asyncio.get_running_loop().create_future
            second = asyncio.create_task(one.call("wall.get"))
            await asyncio.sleep(0.1)
            one.stop(StoppedError("Enough."))
            return answer, await asyncio.gather(second, return_exceptions=True)

    with ScriptedServer(ok(1)) as server:
        answer, (refused,) = asyncio.run(run(server.instance, server.requests))

        assert len(server.requests) == 1
    assert answer == 1
    assert isinstance(refused, StoppedError)


def test_a_small_call_makes_no_room_for_those_that_travel_with_it() -> None:
    """What one call expects says nothing of the batch that leaves because of it."""

    async def run(instance: Instance) -> None:
        async with new_client(instance, batching=Batching()) as one:
            endless = asyncio.get_running_loop().create_future()
            one.room = lambda: None if is_small() else endless
            with expecting(1):
                calls = [
                    asyncio.create_task(one.call("wall.getComments", {"post_id": post}))
                    for post in range(2)
                ]
            await asyncio.sleep(0.2)
            one.stop(StoppedError("Enough."))
            await asyncio.gather(*calls, return_exceptions=True)

    with ScriptedServer(ok(1)) as server:
        asyncio.run(run(server.instance))

        assert server.requests == []


def test_who_waits_for_room_keeps_nobody_back_who_needs_none() -> None:
    """Large answers wait until what came is saved; small ones are asked for meanwhile."""

    async def run(instance: Instance) -> list[Any]:
        room: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        async with new_client(instance, concurrency=1) as one:
            one.room = lambda: None if is_small() or room.done() else asyncio.shield(room)
            large = [asyncio.create_task(one.call("wall.get")) for _ in range(3)]
            await asyncio.sleep(0.1)
            with expecting(1):
                answers = [await asyncio.wait_for(one.call("wall.getComments"), 5)]
            assert not any(task.done() for task in large)
            room.set_result(None)
            return answers + await asyncio.wait_for(asyncio.gather(*large), 5)

    with ScriptedServer(*(ok(number) for number in range(4))) as server:
        assert sorted(asyncio.run(run(server.instance))) == [0, 1, 2, 3]


def test_cancelled_call_is_cancelled() -> None:
    """Cancelling a call is neither retried nor swallowed."""

    async def run(instance: Instance) -> None:
        async with new_client(instance) as one:
            await asyncio.wait_for(one.call("wall.get"), 0.1)

    with ScriptedServer(Reply(body=ok(1).body, delay=0.3)) as server:
        with pytest.raises(TimeoutError):
            asyncio.run(run(server.instance))

        assert len(server.requests) == 1


# Signing in


def log_in(server: ScriptedServer, code: str | None = None) -> SignedIn:
    """The outcome of a login."""
    return asyncio.run(sign_in(server.instance, "a@b.example", PASSWORD, code=code))


@pytest.mark.parametrize("generation", BOTH)
@pytest.mark.parametrize(("name", "is_stale"), [("ok_POST", False), ("stale", True)])
def test_login_gives_a_token(generation: str, name: str, *, is_stale: bool) -> None:
    """Token and owner come back, everything sent is in the body."""
    with ScriptedServer(recorded(generation, f"token__{name}")) as server:
        signed_in = log_in(server)

    (request,) = server.requests
    assert (signed_in.user_id, signed_in.is_stale) == (1, is_stale)
    assert signed_in.token.startswith("<token:")
    assert signed_in.token not in repr(signed_in)
    assert (request.verb, request.path) == ("POST", "/token")
    assert request.form == {
        "grant_type": "password",
        "username": "a@b.example",
        "password": PASSWORD,
        "client_name": "ovk-archive",
        "accepts_stale": "1",
        "2fa_supported": "1",
    }


@pytest.mark.parametrize("generation", BOTH)
def test_login_with_a_code(generation: str) -> None:
    """The code of the second factor goes along."""
    with ScriptedServer(recorded(generation, "token__2fa_good_code")) as server:
        assert log_in(server, "123456").user_id == 10

    assert server.requests[0].form["code"] == "123456"


@pytest.mark.parametrize("generation", BOTH)
@pytest.mark.parametrize("name", ["2fa_no_code", "2fa_supported"])
def test_login_without_a_needed_code(generation: str, name: str) -> None:
    """Each generation's way to want a code is understood, and its address is kept quiet."""
    with (
        ScriptedServer(recorded(generation, f"token__{name}")) as server,
        pytest.raises(SecondFactorError) as caught,
    ):
        log_in(server)

    told = "".join(traceback.format_exception(caught.value))
    assert "eyJ" not in told
    assert "redirect" not in told


@pytest.mark.parametrize(
    ("generation", "name"),
    [
        ("2024-07", "2fa_bad_code"),
        ("2026-08", "2fa_bad_code"),
        # With 2fa_supported=1 older servers want a code again instead of refusing the wrong one.
        ("2024-07", "2fa_supported"),
    ],
)
def test_login_with_a_wrong_code(generation: str, name: str) -> None:
    """A wrong code is called a wrong code, not a missing one."""
    with (
        ScriptedServer(recorded(generation, f"token__{name}")) as server,
        pytest.raises(AuthError, match="does not accept this 2FA code") as caught,
    ):
        log_in(server, "000000")

    assert type(caught.value) is AuthError


@pytest.mark.parametrize("generation", BOTH)
@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("token__bad_password", AuthError, "this login and password"),
        ("token__bad_grant", AuthError, "Invalid grant type"),
        ("token__no_password", ApiError, "not passed"),
        ("maintenance__token", TransportError, "maintenance"),
        ("maintenance__page", TransportError, "web page"),
        ("down__mariadb_token", TransportError, "503"),
        ("err__negative_count_msgs", ServerFaultError, "500"),
        ("http__method_without_dot", WrongAddressError, "OpenVK instance"),
    ],
)
def test_failed_login(
    generation: str,
    name: str,
    kind: type[ArchiveError],
    words: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each failure has its class, is not repeated, and tells no password."""
    caplog.set_level(logging.DEBUG)
    with ScriptedServer(recorded(generation, name)) as server:
        with pytest.raises(kind, match=words) as caught:
            log_in(server)

        assert len(server.requests) == 1
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert type(caught.value) is kind
    assert PASSWORD not in told
    assert PASSWORD.replace(" ", "+") not in told


@pytest.mark.parametrize(
    "content", [b"{}", b"[]", b'{"access_token": "x"}', b'{"access_token": 5, "user_id": 1}']
)
def test_login_answered_with_nonsense(content: bytes) -> None:
    """A login answer without a token is not the API's."""
    with ScriptedServer(Reply(200, content)) as server, pytest.raises(TransportError):
        log_in(server)


def test_broken_off_login_tells_nothing() -> None:
    """The error of a lost connection holds no request, and so no password."""
    with ScriptedServer(Reply(closed=True)) as server, pytest.raises(TransportError) as caught:
        log_in(server)

    assert chain(caught.value) == [caught.value]


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("Tue, 15 Nov 1994 12:45:26 GMT", 784903526),
        ("Wed, 26 Nov 2049 00:00:00 GMT", 2521497600),
        ("yesterday", None),
        ("Tue, 99 Nov 99999 12:45:26 GMT", None),
        (None, None),
    ],
)
def test_the_servers_clock_is_told_by_its_answers(date: str | None, said: int | None) -> None:
    """The time is the instance's `Date`, whatever this computer says; without one, it is ours."""
    body = ok(1).body
    line = f"Date: {date}\r\n" if date else ""
    head = f"HTTP/1.1 200 OK\r\n{line}Content-Length: {len(body)}\r\n\r\n".encode()

    async def run(server: ScriptedServer) -> float:
        async with Client(server.instance, None) as client:
            assert client.server_time() == pytest.approx(time.time(), abs=5)
            await client.call("users.get")
            return client.server_time()

    with ScriptedServer(Reply(raw=lambda write: write(head + body))) as server:
        told = asyncio.run(run(server))

    assert told == pytest.approx(time.time() if said is None else said, abs=5)
