"""Calls as a script, and its answer as theirs."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from ovk_archive.api.wire.answers import HttpAnswer
from ovk_archive.api.wire.api_errors import refusal
from ovk_archive.api.wire.script import Value, code_of, fits, outcomes
from ovk_archive.demo.server.script import parse
from ovk_archive.errors import AccessDeniedError, ApiError, AuthError, NoSuchMethodError

NAMES = st.from_regex(r"[a-z]{1,9}\.[A-Za-z]{1,12}", fullmatch=True)
FORMS = st.dictionaries(st.from_regex(r"[a-z_]{1,12}", fullmatch=True), st.text())
#: All that a call may answer but `false`, which may be an error.
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.just(True), st.integers(), st.text('я/a"'), st.just({"items": []})
)
ERRORS = st.sampled_from([1, 3, 5, 15, 18, 29, 100, 1289])
#: What a call answers: a value, or the code of an error.
ANSWERS = st.lists(st.tuples(NAMES, st.one_of(VALUES.map(Value), ERRORS)), min_size=1, max_size=25)


def answer(content: object, status: int = 200) -> HttpAnswer:
    """An answer with this content."""
    return HttpAnswer("ovk.example", status, json.dumps(content).encode())


def told(method: str, code: int) -> dict[str, Any]:
    """An entry of `execute_errors`."""
    return {"method": method, "error_code": code, "error_msg": f"words of {code}"}


def sent(answers: list[tuple[str, Value | int]]) -> dict[str, Any]:
    """What a real server sends for these answers."""
    values = [what.value if isinstance(what, Value) else False for _, what in answers]
    errors = [told(method, what) for method, what in answers if isinstance(what, int)]
    return {"response": values} | ({"execute_errors": errors} if errors else {})


def said(outcome: object) -> object:
    """An outcome as tests compare it."""
    return (type(outcome), str(outcome)) if isinstance(outcome, Exception) else outcome


@given(st.lists(st.tuples(NAMES, FORMS), min_size=1, max_size=25))
@settings(max_examples=examples(100), deadline=None)
def test_a_server_reads_what_was_written(calls: list[tuple[str, Mapping[str, str]]]) -> None:
    """Each call that may travel arrives with its own parameters, letter by letter; but no token."""
    some = [(method, form) for method, form in calls if fits(method, form)] or [("a.b", {})]
    code = code_of([(method, {**form, "access_token": "s3cret"}) for method, form in some])
    read, is_list = parse(code)

    assert is_list
    assert read == [(method, dict(form)) for method, form in some]
    assert "s3cret" not in code
    assert "access_token" not in code


@pytest.mark.parametrize("text", ['"', "\\", "a\nb", "\x00", "\u2028", "\x7f", "\ud800"])
def test_letters_that_a_script_might_not_keep_go_alone(text: str) -> None:
    """A quote, a backslash or a control character is never left to a server's scanner."""
    assert not fits("messages.getHistory", {"q": f"x{text}y"})
    assert fits("messages.getHistory", {"q": "Жж 😀 / ' %22 &amp;"})


def test_heavy_pages_go_alone() -> None:
    """Walls and feeds do, spelt in any way; what hangs on posts and small lists may travel."""
    assert not any(fits(one, {}) for one in ("wall.get", "Wall.GET", "newsfeed.get", "execute"))
    assert not any(fits(one, {}) for one in ("newsfeed.getGlobal", "newsfeed.getByTag"))
    assert all(fits(one, {}) for one in ("wall.getComments", "wall.getById", "newsfeed.getBanned"))


@given(ANSWERS)
def test_each_call_gets_its_own_answer(answers: list[tuple[str, Value | int]]) -> None:
    """Any mix of values and errors is told apart: an error is the one that comes alone."""
    found = outcomes(answer(sent(answers)), [method for method, _ in answers])
    expected = [
        what if isinstance(what, Value) else refusal("ovk.example", method, told(method, what))
        for method, what in answers
    ]

    assert [said(one) for one in found] == [said(one) for one in expected]


def spoil(content: dict[str, Any], methods: list[str], how: str, at: int) -> None:
    """Let something be lacking, or too much."""
    values, errors = content["response"], content.setdefault("execute_errors", [])
    if how == "short":
        values.pop()
    elif how == "long":
        values.append(7)
    elif how == "error":
        errors.append(told(methods[-1], 15))
    elif how == "lost":
        del errors[-1:]
    elif how == "other" and errors:
        errors[-1]["method"] += "x"
    else:
        values[at % len(values)] = False


@given(
    ANSWERS,
    st.sampled_from(["short", "long", "error", "lost", "false", "other"]),
    st.integers(0, 24),
)
def test_nothing_is_guessed(answers: list[tuple[str, Value | int]], how: str, at: int) -> None:
    """Where something is lacking or too much, no call gets what is not surely its own."""
    content, methods = sent(answers), [method for method, _ in answers]
    spoil(content, methods, how, at)
    found = outcomes(answer(content), methods)

    assert len(found) == len(methods)
    for outcome, (_, what) in zip(found, answers, strict=True):
        # A value stays one, and an error one: only what may be either is in doubt.
        assert outcome is None or isinstance(outcome, Value) == isinstance(what, Value)
        assert not isinstance(outcome, Value) or outcome == what
    errs = any(isinstance(what, int) for _, what in answers)
    if how in ("short", "long", "error") or (how == "other" and errs):
        assert found == [None] * len(methods)


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {"response": None},
        {"response": False},
        {"response": {"count": 0, "items": []}},
        {"response": {"0": 1, "1": 2}},
        {"response": [1, 2], "execute_errors": None},
        {"response": [False, 2], "execute_errors": [{"method": "a.b"}]},
        {"response": [False, 2], "execute_errors": ["a.b"]},
        {"response": [False, 2], "execute_errors": [{"method": "a.b", "error_code": True}]},
        {"response": [False, 2], "execute_errors": {"0": told("a.b", 15)}},
        {"error_code": 13, "error_msg": "Runtime error"},
    ],
)
def test_what_is_no_answer_answers_nothing(content: object) -> None:
    """Lies, errors without a code and errors of the whole leave every call in doubt."""
    found = outcomes(answer(content), ["a.b", "c.d"])

    assert not any(isinstance(one, ApiError) for one in found)
    assert found in ([None, None], [None, Value(2)])


def test_false_may_be_a_value() -> None:
    """Two of them and one error: nobody knows whose it is, and other values stand."""
    content = {"response": [False, 1, False], "execute_errors": [told("c.d", 15)]}

    assert outcomes(answer(content), ["a.b", "x.y", "c.d"]) == [None, Value(1), None]


def test_errors_have_their_classes() -> None:
    """A bad token, an unknown method and a closed list are what they are alone."""
    errors = [
        told("a.b", 5) | {"error_msg": "User authorization failed: no access_token passed."},
        told("c.d", 3),
        told("e.f", 15),
    ]
    found = outcomes(
        answer({"response": [False] * 3, "execute_errors": errors}), ["a.b", "c.d", "e.f"]
    )

    assert [type(one) for one in found] == [AuthError, NoSuchMethodError, AccessDeniedError]
