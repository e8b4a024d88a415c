"""Calls that travel together: each gets what it would have got alone."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from asking import QUICK, TOKEN
from scripted import Reply, Request, ScriptedServer, ok, refused
from toy import DemoInstance
from worlds import a_life, few_things

from ovk_archive.api.address import Instance, parse_instance
from ovk_archive.api.batches import FORGET, Batching
from ovk_archive.api.budget import Budget
from ovk_archive.api.client import Client
from ovk_archive.api.pace import ForgetfulMemory, Pace
from ovk_archive.api.request_size import BatchSize
from ovk_archive.api.retries import Retries
from ovk_archive.api.waiting_calls import expecting
from ovk_archive.demo.server.script import parse
from ovk_archive.errors import (
    ArchiveError,
    AuthError,
    NoSuchMethodError,
    RateLimitedError,
    ServerFaultError,
    StoppedError,
    TransportError,
)
from ovk_archive.resources import RESOURCES

Calls = Sequence[tuple[str, dict[str, Any]]]
ONCE = Retries(attempts=1)
#: Many harmless calls, each with its own answer.
MANY: Calls = [("wall.getComments", {"owner_id": 1, "post_id": n}) for n in range(1, 61)]


def ask_all(
    instance: Instance,
    calls: Calls,
    *,
    token: str = TOKEN,
    batching: Batching | None = None,
    retries: Retries = ONCE,
    **settings: Any,
) -> tuple[list[Any], Client]:
    """What comes of calls that are made side by side: values and errors; and who has asked."""

    async def run() -> tuple[list[Any], Client]:
        how = batching or Batching()
        async with Client(instance, token, retries=retries, batching=how, **settings) as client:
            asked = (client.call(method, params) for method, params in calls)
            return await asyncio.gather(*asked, return_exceptions=True), client

    settings.setdefault("pace", Pace(window=0.05))
    return asyncio.run(run())


def toy_of(instance: DemoInstance) -> dict[str, Any]:
    """How the toy is asked."""
    return {"instance": parse_instance(instance.url), "token": instance.token}


def told(outcomes: Sequence[Any]) -> list[Any]:
    """Values and errors, as they are compared."""
    return [
        (type(one).__name__, str(one), getattr(one, "code", None))
        if isinstance(one, Exception)
        else one
        for one in outcomes
    ]


def each(request: Request, by: Callable[[str, dict[str, str]], Any]) -> Reply:
    """What a server answers that has `execute`; `by` answers a call: a value, or a refusal."""
    if request.method != "execute":
        answer = by(request.method, request.form)
        return answer if isinstance(answer, Reply) else ok(answer)
    return ok([by(method, form) for method, form in parse(request.form["code"])[0]])


def post_of(method: str, form: dict[str, str]) -> Any:
    """An answer that says what was asked."""
    return f"{method} {form.get('post_id')}"


def sizes(server: ScriptedServer) -> list[int]:
    """How many calls each request made."""
    return [max(1, request.form.get("code", "").count("API.")) for request in server.requests]


def test_each_method_answers_as_it_does_alone() -> None:
    """All methods of the declared lists, with their parameters; refusals too."""
    calls = [
        (one.method, {**one.params, **partition, "count": 3})
        for one in RESOURCES
        for partition in (
            {"owner_id": 1, "user_id": 1, "group_id": 1},
            {"owner_id": 9, "peer_id": 3},
        )
    ]
    with DemoInstance(a_life(), "B") as toy:
        together, one = ask_all(calls=calls, **toy_of(toy))
        toy.has_execute = False
        expected, other = ask_all(calls=calls, **toy_of(toy))

    assert told(together) == told(expected)
    assert one.requests < len(calls) / 4
    assert one.calls == other.calls == len(calls)


def test_never_more_than_25_travel_together() -> None:
    """Sixty calls are three requests, of which no more are in flight than may be."""
    with ScriptedServer(by=lambda request: each(request, post_of)) as server:
        values, client = ask_all(server.instance, MANY, concurrency=2)

    assert values == [f"wall.getComments {n}" for n in range(1, 61)]
    assert sizes(server) == [25, 25, 10]
    assert client.requests == 3
    assert server.most_at_once <= 2


@pytest.mark.parametrize(("rows", "expected"), [(100, [10, 10, 10]), (3000, [1] * 4), (4, [25])])
def test_a_batch_asks_for_so_many_rows_at_most(rows: int, expected: list[int]) -> None:
    """Full pages of 25 conversations would keep a server busy, and memory full."""
    calls: Calls = [
        ("messages.getHistory", {"post_id": n, "count": rows}) for n in range(sum(expected))
    ]
    with ScriptedServer(by=lambda request: each(request, post_of)) as server:
        values, client = ask_all(server.instance, calls, concurrency=2)

    assert values == [f"messages.getHistory {n}" for n in range(sum(expected))]
    assert sizes(server) == expected
    # So that no more lists are open than have room.
    assert client.side_by_side(rows) == 2 * min(25, max(1, 1000 // rows))


def test_lists_that_are_known_to_be_short_travel_25_at_a_time() -> None:
    """What counts is how many rows will come, not for how many a page would have room."""

    async def run(instance: Instance) -> None:
        async with Client(instance, TOKEN, retries=ONCE, batching=Batching()) as client:

            async def ask(number: int) -> None:
                with expecting(3):
                    params = {"post_id": number, "count": 100}
                    assert await client.call("wall.getComments", params) == post_of(
                        "wall.getComments", {"post_id": str(number)}
                    )

            await asyncio.gather(*map(ask, range(50)))

    with ScriptedServer(by=lambda request: each(request, post_of)) as server:
        asyncio.run(run(server.instance))

    assert sizes(server) == [25, 25]


def test_whoever_is_too_large_lets_smaller_ones_pass() -> None:
    """A full page that has no room takes it from nobody who has; its turn is the next batch."""
    large = [("messages.getHistory", {"post_id": n, "count": 600}) for n in range(3)]
    small = [("wall.getComments", {"post_id": n, "count": 1}) for n in range(40)]
    with ScriptedServer(by=lambda request: each(request, post_of)) as server:
        values, _ = ask_all(server.instance, [*large, *small], concurrency=1)

    assert values == [f"{method} {params['post_id']}" for method, params in [*large, *small]]
    assert sizes(server) == [25, 17, 1]
    batches = [parse(request.form["code"])[0] for request in server.requests[:2]]
    assert [batch[0][1]["post_id"] for batch in batches] == ["0", "1"]
    assert {batch[0][0] for batch in batches} == {"messages.getHistory"}


@pytest.mark.parametrize(("rows", "at_once"), [(100, 2), (2000, 1), (10, 4)])
def test_no_more_rows_are_in_flight_than_can_be_saved(rows: int, at_once: int) -> None:
    """Two full batches are asked for at once, however many may be; smaller ones as many as may."""

    def slowly(request: Request) -> Reply:
        return replace(each(request, post_of), delay=0.05)

    async def run(instance: Instance) -> None:
        async with Client(
            instance, TOKEN, retries=ONCE, concurrency=4, batching=Batching()
        ) as client:

            async def ask(number: int) -> None:
                params = {"post_id": number, "count": rows}
                answer = await client.call("messages.getHistory", params)
                assert answer == f"messages.getHistory {number}"

            # Before it is known that batches are answered, one of them goes at a time.
            await asyncio.gather(*map(ask, range(2)))
            await asyncio.gather(*map(ask, range(8 if rows > 1000 else 100)))

    with ScriptedServer(by=slowly) as server:
        asyncio.run(run(server.instance))

    assert server.most_at_once == at_once


def test_one_call_goes_alone() -> None:
    """What nobody travels with is an ordinary request, and heavy pages and strange letters are."""
    calls: Calls = [
        ("wall.getComments", {"post_id": 1}),
        ("wall.get", {"owner_id": 1}),
        ("newsfeed.get", {}),
        ("messages.search", {"q": '"'}),
    ]
    with ScriptedServer(by=lambda request: each(request, post_of)) as server:
        ask_all(server.instance, calls)

    assert sorted(one.method for one in server.requests) == sorted(method for method, _ in calls)


def test_the_token_stays_in_its_field() -> None:
    """It is in the body of the request once, and neither in the script nor in an address."""
    with ScriptedServer(by=lambda request: each(request, post_of)) as server:
        ask_all(server.instance, MANY[:5])
        (request,) = server.requests

    assert request.path == "/method/execute"
    assert request.body.count(TOKEN) == 1
    assert set(request.form) == {"code", "access_token"}
    assert not any(TOKEN in value for value in request.headers.values())


def test_a_poisoned_record_costs_no_neighbour() -> None:
    """Who crashes the server fails as it does alone; the others get their answers."""
    world = few_things()
    posts = [world.add_post(1).id for _ in range(4)]
    calls = [("wall.getById", {"posts": f"1_{post}"}) for post in posts]
    with DemoInstance(world, "B") as toy:
        toy.faults.poison = {("posts", (1, posts[2]))}
        values, client = ask_all(calls=calls, **toy_of(toy))

    assert [type(one) is ServerFaultError for one in values] == [False, False, True, False]
    assert client.requests == 1 + 4
    assert client.failures == 1


def test_what_has_crashed_travels_no_more() -> None:
    """Its next try is its own: others that wait then do not lose their request."""

    def reply(request: Request) -> Reply:
        if '"post_id":"3"' in request.form.get("code", "") or request.form.get("post_id") == "3":
            return Reply(500)
        return each(request, post_of)

    async def run() -> list[Any]:
        async with Client(server.instance, TOKEN, retries=ONCE, batching=Batching()) as client:
            for some in (MANY[:4], MANY[2:6]):
                asked = (client.call(*one) for one in some)
                values = await asyncio.gather(*asked, return_exceptions=True)
            return values

    with ScriptedServer(by=reply) as server:
        crash, *others = asyncio.run(run())

    assert isinstance(crash, ServerFaultError)
    assert others == [f"wall.getComments {n}" for n in (4, 5, 6)]
    assert sorted(sizes(server)[5:]) == [1, 3]


@pytest.mark.parametrize("reply", [Reply(502), Reply(closed=True), Reply(body=b"<html>")])
def test_a_server_that_is_away_is_not_asked_for_each(reply: Reply) -> None:
    """One call says that it is: of 25 calls with three tries each, few requests are made."""
    with ScriptedServer(reply) as server:
        values, _ = ask_all(server.instance, MANY[:25], retries=QUICK)

    assert {type(one) for one in values} == {TransportError}
    assert len({id(one) for one in values}) == 25
    assert len(server.requests) <= 3 * 5


@pytest.mark.parametrize("first", ["wall.getComments", "likes.getList"])
def test_a_method_that_is_never_answered_is_no_reason_for_others(first: str) -> None:
    """Calls of another method are answered, whichever of both comes first; of the one that is never
    answered a few are tried, and all hear why.
    """  # noqa: D205
    other = ({"wall.getComments", "likes.getList"} - {first}).pop()
    calls = [(name, {"n": n}) for name in (first, other) for n in range(12)]

    def answered(request: Request) -> Reply:
        return ok(7) if request.method == "likes.getList" else Reply(502)

    with ScriptedServer(by=answered) as server:
        values, _ = ask_all(server.instance, calls)
        tried = [one for one in server.requests if one.method == "wall.getComments"]

    answers = [value for (name, _), value in zip(calls, values, strict=True) if name[0] == "l"]
    errors = [value for (name, _), value in zip(calls, values, strict=True) if name[0] == "w"]
    assert answers == [7] * 12
    assert {type(one) for one in errors} == {TransportError}
    assert len(tried) <= 6


def test_too_many_requests_are_said_to_all() -> None:
    """HTTP 429 is not answered by asking for each."""
    with ScriptedServer(Reply(429)) as server:
        values, _ = ask_all(server.instance, MANY[:9])

    assert {type(one) for one in values} == {RateLimitedError}
    assert len(server.requests) == 1


def test_a_limit_inside_is_of_its_call() -> None:
    """Error 29 of one call is that call's; the pace learns it, and the others have answers."""
    pace = Pace(window=0.05)
    content = (
        b'{"response":[false,"x"],"execute_errors":[{"method":"photos.getAlbums",'
        b'"error_code":29,"error_msg":"You have been rate limited."}]}'
    )
    calls: Calls = [("photos.getAlbums", {"owner_id": 1}), MANY[0]]
    with ScriptedServer(Reply(body=content)) as server:
        values, _ = ask_all(server.instance, calls, pace=pace)

    assert isinstance(values[0], RateLimitedError)
    assert values[0].code == 29
    assert values[1] == "x"
    assert pace.is_limited


def test_a_bad_token_is_told_of_each() -> None:
    """It costs one request, and says how to log in."""
    with DemoInstance(few_things(), "B") as toy:
        toy.revoke()
        values, client = ask_all(
            parse_instance(toy.url), [("account.getProfileInfo", {"x": n}) for n in range(9)]
        )

    assert {type(one) for one in values} == {AuthError}
    assert "ovk-archive login" in str(values[0])
    assert client.requests == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"response":null}',
        b'{"response":[]}',
        b'{"response":[1,2,3]}',
        b'{"response":{"count":0,"items":[]}}',
        b'{"response":[false,false]}',
        b'{"response":["a","b"],"execute_errors":[{"method":"x.y","error_code":3}]}',
        b"nonsense",
    ],
)
def test_what_does_not_add_up_is_asked_alone(body: bytes) -> None:
    """Whatever comes instead of a list of so many answers, no call gets any of it."""

    def reply(request: Request) -> Reply:
        return Reply(body=body) if request.method == "execute" else each(request, post_of)

    with ScriptedServer(by=reply) as server:
        values, _ = ask_all(server.instance, MANY[:2])

    assert values == ["wall.getComments 1", "wall.getComments 2"]
    assert sizes(server) == [2, 1, 1]


def test_false_is_asked_alone() -> None:
    """It may be a value: what is known stands, and only what is in doubt is asked again."""

    def by(method: str, form: dict[str, str]) -> Any:
        return False if form["post_id"] == "2" else post_of(method, form)

    with ScriptedServer(by=lambda request: each(request, by)) as server:
        values, _ = ask_all(server.instance, MANY[:3])

    assert values == ["wall.getComments 1", False, "wall.getComments 3"]
    assert [one.form.get("post_id") for one in server.requests] == [None, "2"]


@pytest.mark.parametrize("answer", [Reply(404, b"<html>"), Reply(405), Reply(403), refused(3, "?")])
def test_who_has_no_execute_is_asked_once(answer: Reply) -> None:
    """That is remembered for a month; then it is tried again, and remembered if it works."""
    memory, days = ForgetfulMemory(), [0.0]
    has = [False]

    def reply(request: Request) -> Reply:
        if request.method == "execute" and not has[0]:
            return answer
        return each(request, post_of)

    def requests() -> list[int]:
        server.requests.clear()
        how = Batching(memory, wall=lambda: 1e9 + days[0] * 86400)
        values, client = ask_all(server.instance, [*MANY[:4]], batching=how)
        assert values == [f"wall.getComments {n}" for n in range(1, 5)]
        assert client.together == (25 if has[0] and days[0] else 1)
        return sizes(server)

    with ScriptedServer(by=reply) as server:
        assert requests() == [4, 1, 1, 1, 1]
        assert requests() == [1] * 4
        has[0] = True
        assert requests() == [1] * 4
        days[0] = FORGET / 86400 + 1
        assert requests() == [4]
        has[0] = False
        days[0] = 0.0
        assert memory.load() == {"has": True}
        assert requests() == [4, 1, 1, 1, 1]


def test_a_method_that_only_execute_lacks_is_no_absence() -> None:
    """If the calls fail alone as well, nothing is concluded about `execute`."""
    memory = ForgetfulMemory()
    with ScriptedServer(Reply(404)) as server:
        values, _ = ask_all(server.instance, MANY[:3], batching=Batching(memory))

    assert all(isinstance(one, TransportError) for one in values)
    assert memory.load() == {}


def test_batches_that_are_always_lost_are_given_up() -> None:
    """After three in a row this run makes each call alone; nothing is remembered of it."""
    memory = ForgetfulMemory()

    def reply(request: Request) -> Reply:
        return Reply(302) if request.method == "execute" else each(request, post_of)

    async def run() -> list[int]:
        async with Client(
            server.instance, TOKEN, retries=ONCE, batching=Batching(memory)
        ) as client:
            for _ in range(5):
                await asyncio.gather(*(client.call(*one) for one in MANY[:3]))
        return sizes(server)

    with ScriptedServer(by=reply) as server:
        assert asyncio.run(run()) == [3, 1, 1, 1] * 3 + [1] * 6
    assert memory.load() == {}


def test_a_used_up_budget_ends_what_is_in_doubt() -> None:
    """The one request that is left brings what it brings; no further one is made."""

    def by(method: str, form: dict[str, str]) -> Any:
        return False if form["post_id"] == "2" else post_of(method, form)

    with ScriptedServer(by=lambda request: each(request, by)) as server:
        values, client = ask_all(server.instance, MANY[:3], budget=Budget(max_requests=1))

    assert values[0] == "wall.getComments 1"
    assert isinstance(values[1], StoppedError)
    assert client.requests == len(server.requests) == 1


def test_a_stop_ends_what_waits_and_what_is_asked() -> None:
    """A batch in flight is broken off, and calls that still wait do not leave."""

    async def run() -> list[Any]:
        async with Client(
            server.instance, TOKEN, retries=ONCE, concurrency=1, batching=Batching()
        ) as client:
            calls = [asyncio.ensure_future(client.call(*one)) for one in MANY]
            # Whatever else this computer does: the batch has to be there.
            while not server.requests:  # noqa: ASYNC110 - the server has a thread of its own
                await asyncio.sleep(0.01)
            client.stop(StoppedError("enough"))
            return await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 3)

    with ScriptedServer(Reply(delay=5)) as server:
        values = asyncio.run(run())
        assert len(server.requests) == 1

    assert {str(one) for one in values} == {"enough"}


def test_who_is_cancelled_is_not_asked_for() -> None:
    """A call that nobody waits for any longer is left out, and harms no other."""

    async def run() -> Any:
        async with Client(server.instance, TOKEN, retries=ONCE, batching=Batching()) as client:
            gone, *others = [asyncio.ensure_future(client.call(*one)) for one in MANY[:3]]
            await asyncio.sleep(0.001)
            gone.cancel()
            return await asyncio.gather(*others)

    with ScriptedServer(by=lambda request: each(request, post_of)) as server:
        values = asyncio.run(run())

    assert values == ["wall.getComments 2", "wall.getComments 3"]
    assert sizes(server) == [2]


def test_nothing_is_concluded_when_nobody_waits() -> None:
    """If all are gone before the answer, no call says whether there is no `execute`."""
    memory = ForgetfulMemory()

    async def run() -> None:
        how = Batching(memory)
        async with Client(server.instance, TOKEN, retries=ONCE, batching=how) as client:
            gone = [asyncio.ensure_future(client.call(*one)) for one in MANY[:3]]
            await asyncio.sleep(0.1)
            for one in gone:
                one.cancel()
            await asyncio.sleep(0.4)

    with ScriptedServer(Reply(404, delay=0.2)) as server:
        asyncio.run(run())
        assert sizes(server) == [3]

    assert memory.load() == {}


def test_isolated_calls_travel_alone() -> None:
    """Who looks for the record that crashes the server takes nobody along."""

    async def run() -> None:
        async with Client(server.instance, TOKEN, retries=ONCE, batching=Batching()) as client:
            asked = (client.call(*one, isolating=True) for one in MANY[:3])
            await asyncio.gather(*asked)

    with ScriptedServer(by=lambda request: each(request, post_of)) as server:
        asyncio.run(run())
        assert sizes(server) == [1, 1, 1]


def test_slow_servers_get_smaller_batches() -> None:
    """Halved when slow, down to alone; doubled when fast; what fails soon teaches nothing."""
    now = [0.0]
    size = BatchSize(lambda: now[0])

    def took(seconds: float, calls: int, error: ArchiveError | None = None) -> int:
        try:
            with size.timed(calls):
                now[0] += seconds
                if error:
                    raise error
        except ArchiveError:
            pass
        return size.now

    assert [took(11, 25), took(60, 12, TransportError()), took(5, 6), took(11, 6)] == [12, 6, 6, 3]
    assert [took(11, 3), took(0.1, 1, TransportError()), took(11, 1)] == [1, 1, 1]
    assert [took(0.1, size.now) for _ in range(6)] == [2, 4, 8, 16, 25, 25]
    # Of a batch that was not full, what it had is halved.
    assert took(30, 4) == 2


def test_the_demo_of_the_older_generation_is_asked_once() -> None:
    """It answers with the page of an unknown route, and each call gets its answer all the same."""
    memory = ForgetfulMemory()
    calls = [("users.get", {"user_ids": n}) for n in (1, 2, 3)]
    with DemoInstance(few_things(), "A") as toy:
        first, one = ask_all(calls=calls, **toy_of(toy), batching=Batching(memory))
        second, two = ask_all(calls=calls, **toy_of(toy), batching=Batching(memory))

    assert told(first) == told(second)
    assert (one.requests, two.requests) == (4, 3)
    assert not any(isinstance(value, NoSuchMethodError) for value in first)
    assert re.fullmatch(r"[0-9.]+", str(memory.load()["absent_at"]))
