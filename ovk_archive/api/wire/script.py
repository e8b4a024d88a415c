"""Several calls as one script for `execute`, and its answer as what each of them answers. Pure.

See help/openvk-api.md, Calls in one request.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ovk_archive.api.wire.answers import HttpAnswer
from ovk_archive.api.wire.api_errors import OK, refusal
from ovk_archive.errors import ApiError

#: So many calls a script may make; one more, and the server refuses them all.
MOST = 25
#: The parameter that never stands in a script.
TOKEN = "access_token"  # noqa: S105 - the name of a parameter

#: Pages of posts take so long that a few of them would reach the time-out of the web server.
_HEAVY = re.compile(r"wall\.get|newsfeed\.get(?!banned)[a-z]*")
_METHOD = re.compile(r"[A-Za-z0-9_]+\.[A-Za-z0-9_]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: What a string in a script holds as it is: no quote, no backslash, no control character.
_PLAIN = re.compile(r'[^"\\\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]*')


@dataclass(frozen=True, slots=True)
class Value:
    """What a call answers."""

    value: Any


#: None is a call of which nothing is known.
Outcome = Value | ApiError | None


def fits(method: str, form: Mapping[str, str]) -> bool:
    """A call that may go with others: light, and without a letter that a script might not keep."""
    return (
        _METHOD.fullmatch(method) is not None
        and _HEAVY.fullmatch(method.lower()) is None
        and all(_NAME.fullmatch(one) and _PLAIN.fullmatch(form[one]) for one in form)
    )


def code_of(calls: Sequence[tuple[str, Mapping[str, str]]]) -> str:
    """The script that makes these calls, and returns a list of what they answer."""
    return f"return [{','.join(_written(method, form) for method, form in calls)}];"


def _written(method: str, form: Mapping[str, str]) -> str:
    given = {name: text for name, text in form.items() if name != TOKEN}
    params = json.dumps(given, ensure_ascii=False, separators=(",", ":")) if given else ""
    return f"API.{method}({params})"


def outcomes(answer: HttpAnswer, methods: Sequence[str]) -> list[Outcome]:
    """What each call answers; nothing is guessed where the answer does not add up.

    Raises:
        ApiError: the instance refused the script as a whole.
    """
    content = answer.json() if answer.status == OK else None
    if not isinstance(content, dict):
        return [None] * len(methods)
    values, told = content.get("response"), content.get("execute_errors", [])
    if not isinstance(values, list) or len(values) != len(methods) or not _are_errors(told):
        return [None] * len(methods)
    failed = [at for at, value in enumerate(values) if value is False]
    if len(told) > len(failed):
        return [None] * len(methods)
    found: list[Outcome] = [None if value is False else Value(value) for value in values]
    if len(told) < len(failed):
        # `false` is a value, too: which of these it is, nobody says.
        return found
    for at, error in zip(failed, told, strict=True):
        if str(error.get("method")).lower() != methods[at].lower():
            return [None] * len(methods)
        why = refusal(answer.host, methods[at], error)
        found[at] = why if isinstance(why, ApiError) else None
    return found


def _are_errors(told: object) -> bool:
    """A list of errors, each of which has a code."""
    return isinstance(told, list) and all(
        isinstance(one, dict) and type(one.get("error_code")) is int for one in told
    )
