"""Scripts for `execute`: those that only call methods and return what these answer."""

import json
import re
from collections.abc import Sequence
from typing import Any

from ovk_archive.demo.methods.php import ApiFault, to_json

#: So many calls a script may make.
MOST = 25

_RETURN = re.compile(r"\s*return\s+")
_CALL = re.compile(r"\s*API\.([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)?)\(\s*")
_AFTER = re.compile(r"\s*([,\])}])\s*")
_END = re.compile(r"\s*;?\s*$")

Called = tuple[str, dict[str, str]]


def parse(code: str) -> tuple[list[Called], bool]:
    """The calls of a script with their parameters, and whether it returns a list of them.

    Real servers understand more of the language; nothing else of it is asked of the toy.
    """
    begun = _RETURN.match(code)
    if begun is None:
        raise _nonsense("no return")
    at, is_list = begun.end(), code.startswith("[", begun.end())
    calls: list[Called] = []
    at += is_list
    while True:
        call, at = _call(code, at)
        calls.append(call)
        if not is_list:
            break
        mark, at = _mark(code, at, ",]")
        if mark == "]":
            break
    if not _END.match(code, at):
        raise _nonsense("something behind the end")
    if len(calls) > MOST:
        raise ApiFault(13, f"Runtime error: too many API calls in execute (max {MOST})")
    return calls, is_list


def _call(code: str, at: int) -> tuple[Called, int]:
    begun = _CALL.match(code, at)
    if begun is None:
        raise _nonsense("no call")
    at = begun.end()
    values: dict[str, str] = {}
    if code.startswith("{", at):
        values, at = _object(code, at)
    _, at = _mark(code, at, ")")
    return (begun[1], values), at


def _object(code: str, at: int) -> tuple[dict[str, str], int]:
    try:
        found, end = json.JSONDecoder().raw_decode(code, at)
    except ValueError:
        raise _nonsense("invalid object key") from None
    return {name: _text(value) for name, value in found.items()}, end


def _mark(code: str, at: int, marks: str) -> tuple[str, int]:
    found = _AFTER.match(code, at)
    if found is None or found[1] not in marks:
        raise _nonsense(f"none of {marks}")
    return found[1], found.end()


def _text(value: Any) -> str:
    """A value as PHP makes a parameter of it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)


def _nonsense(why: str) -> ApiFault:
    return ApiFault(12, f"Syntax error: {why}")


def joined(values: Sequence[bytes], faults: Sequence[dict[str, Any]], *, is_list: bool) -> bytes:
    """The answer to a script: what each call answered, as it was written, and who failed."""
    response = b"[" + b",".join(values) + b"]" if is_list else values[0]
    errors = b',"execute_errors":' + to_json(list(faults)) if faults else b""
    return b'{"response":' + response + errors + b"}"
