"""The demo's server without trouble, and the one place where trouble can come in."""

import httpx
import pytest
from visiting import NO_TLS

from ovk_archive.demo import DemoInstance, World
from ovk_archive.demo.methods.php import ApiFault
from ovk_archive.demo.server.http import Reply, Request
from ovk_archive.demo.server.trouble import Trouble, Visit, Wire

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])


class Turned(Visit):
    """A request for the time is sent away; of all others it is said how they ended."""

    def before(self) -> Reply | None:
        """Nobody tells the time."""
        return Reply(503, b"away", "text/plain") if self.name == "utils.getServerTime" else None

    async def send(self, reply: Reply, wire: Wire) -> None:
        """Say the error in a header."""
        reply.headers["x-ended"] = f"{self.name} {self.error_code}"
        await super().send(reply, wire)


class Strict(Trouble):
    """Who is limited is refused, and the first post crashes."""

    poison = frozenset({("posts", (1, 1))})

    def visit(self, name: str, request: Request) -> Visit:
        """Follow a request in this way."""
        return Turned(name, request)

    def limit(self) -> None:
        """Refuse the call."""
        raise ApiFault(29, "Too much.")


def ask(instance: DemoInstance, method: str, **params: str | int) -> httpx.Response:
    """The answer to one call, as the account."""
    query = {name: str(one) for name, one in params.items()}
    query["access_token"] = instance.token
    return httpx.get(
        f"{instance.url}/method/{method}", params=query, trust_env=False, verify=NO_TLS
    )


@DIALECTS
def test_nothing_goes_wrong_unasked(dialect: str) -> None:
    """The demo answers a limited method as often as it is called, and alike each time."""
    with DemoInstance(World.empty(), dialect) as instance:
        answers = [ask(instance, "photos.getAll", owner_id=1) for _ in range(30)]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


@DIALECTS
def test_a_reply_takes_the_place_of_the_answer(dialect: str) -> None:
    """What trouble replies before the answer is all that is sent; other calls are answered."""
    with DemoInstance(World.empty(), dialect) as instance:
        instance.trouble = Strict()
        away = ask(instance, "utils.getServerTime")
        answered = ask(instance, "users.get", user_ids=1)

    assert (away.status_code, away.content) == (503, b"away")
    assert away.headers["x-ended"] == "utils.getServerTime None"
    assert answered.json()["response"][0]["id"] == 1
    assert answered.headers["x-ended"] == "users.get None"


@DIALECTS
def test_trouble_limits_older_instances(dialect: str) -> None:
    """Only [A] counts calls of limited methods; how a call ended is told to what sends it."""
    with DemoInstance(World.empty(), dialect) as instance:
        instance.trouble = Strict()
        limited = ask(instance, "photos.getAll", owner_id=1)
        free = ask(instance, "users.get", user_ids=1)

    code = 29 if dialect == "A" else None
    assert limited.json().get("error_code") == code
    assert limited.headers["x-ended"] == f"photos.getAll {code}"
    assert free.status_code == 200


@DIALECTS
def test_poison_crashes_its_page(dialect: str) -> None:
    """A poisoned record crashes the page that it is on, and no other."""
    world = World.empty()
    world.add_post(1)
    world.add_post(1)
    with DemoInstance(world, dialect) as instance:
        instance.trouble = Strict()
        fine, crashed = (ask(instance, "wall.getById", posts=name) for name in ("1_2", "1_1"))

    assert (fine.status_code, crashed.status_code) == (200, 500)
