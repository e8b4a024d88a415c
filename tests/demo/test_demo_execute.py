"""The toy's `execute`, as real servers answer it (help/openvk-api.md, Calls in one request)."""

import json
from typing import Any

import httpx
import pytest
from toy import DemoInstance
from visiting import NO_TLS
from worlds import few_things

BAD = "User authorization failed: no access_token passed."


def run(instance: DemoInstance, code: str, token: str | None = None) -> tuple[int, Any]:
    """Run a script: the status, and the body."""
    form = {"code": code, "access_token": token or instance.token}
    with httpx.Client(base_url=instance.url, verify=NO_TLS) as http:
        answer = http.post("/method/execute", data=form)
    try:
        return answer.status_code, answer.json()
    except ValueError:
        return answer.status_code, answer.text


def test_values_and_errors_stand_in_order() -> None:
    """A failing call is `false`, and an entry without an index; a token inside is ignored."""
    code = (
        'return [API.users.get({"user_ids":"1"}),API.nope.nope(),API.wall.get({}),'
        'API.account.getProfileInfo({"access_token":"zzz"})];'
    )
    with DemoInstance(few_things(), "B") as instance:
        status, body = run(instance, code)
        asked = [seen.method for seen in instance.seen]

    assert status == 200
    assert body["response"][0][0]["id"] == body["response"][3]["id"] == 1
    assert body["response"][1:3] == [False, False]
    assert [(one["method"], one["error_code"]) for one in body["execute_errors"]] == [
        ("nope.nope", 3),
        ("wall.get", 100),
    ]
    assert asked == ["users.get", "nope.nope", "wall.get", "account.getProfileInfo"]
    assert len(instance.raw) == 1


def test_one_call_without_a_list() -> None:
    """A script may return one value, and none that is nested; a bad token fails each call."""
    with DemoInstance(few_things(), "B") as instance:
        status, body = run(instance, "return API.account.getProfileInfo();", "nobody's")
        nested = run(instance, 'return API.execute({"code":"return 1;"});')[1]

    error = {"method": "account.getProfileInfo", "error_code": 5, "error_msg": BAD}
    assert (status, body) == (200, {"response": False, "execute_errors": [error]})
    assert nested["execute_errors"][0]["error_code"] == 3


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("return [" + ",".join(["API.users.get()"] * 26) + "];", 400, 13),
        ("return API.wall.get({;", 400, 12),
        ("var a = 1;", 400, 12),
        ("return [API.users.get()", 400, 12),
        ("return [API.users.get()]; more", 400, 12),
    ],
)
def test_what_it_refuses_is_refused_whole(code: str, status: int, error: int) -> None:
    """The 26th call, and what is not the language that is asked of it; no call is made."""
    with DemoInstance(few_things(), "B") as instance:
        got, body = run(instance, code)
        asked = instance.count()

    assert (got, body["error_code"], asked) == (status, error, 0)


def test_a_crash_takes_all_along() -> None:
    """One poisoned record is the page of an error for the whole request."""
    world = few_things()
    post = world.wall(1)[0].id
    code = f'return [API.users.get(),API.wall.getById({{"posts":"1_{post}"}}),API.users.get()];'
    with DemoInstance(world, "B") as instance:
        instance.faults.poison = {("posts", (1, post))}
        status, body = run(instance, code)

    assert status == 500
    assert "Tracy" in body


@pytest.mark.parametrize(
    ("dialect", "status", "says"), [("A", 404, "No routes for"), ("B", 400, 3)]
)
def test_who_has_none(dialect: str, status: int, says: object) -> None:
    """The older generation has no such route; one in between does not know the method."""
    with DemoInstance(few_things(), dialect) as instance:
        instance.has_execute = False
        got, body = run(instance, "return API.users.get();")

    assert got == status
    assert says in body if dialect == "A" else body["error_code"] == says


def test_a_broken_answer_inside_is_the_whole() -> None:
    """What is no answer of the API, or no whole one, is what comes of all; a lie is a value."""
    code = 'return [API.users.get(),API.status.get({"user_id":1})];'
    with DemoInstance(few_things(), "B") as instance:
        for kind in ("502", "html", "400empty", "truncated"):
            instance.faults.order(kind, method="status.get")
            assert run(instance, code)[0] != 200 or kind in ("html", "truncated")
        instance.faults.order("bare", method="status.get")
        lie = run(instance, code)[1]
        instance.faults.order("cut", method="status.get")
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            run(instance, code)

    assert lie["response"][1] == []
    assert json.dumps(lie["response"][0])
