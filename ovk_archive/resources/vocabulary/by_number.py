"""How things are asked for by their keys alone, whatever list they are in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ovk_archive.resources.vocabulary.rows import RowFunction, Table, record_key
from ovk_archive.resources.vocabulary.shapes import Shape, answer

#: The values of a table's key.
Key = tuple[int, ...]
#: Keys -> the parameters that ask for them.
Form = Callable[[Sequence[Key]], Mapping[str, Any]]
#: A key, and the answer or the error that brought nothing -> what else to ask; None for nothing.
Otherwise = Callable[[Key, Any], Mapping[str, Any] | None]


def _nothing_else(key: Key, outcome: Any) -> None:
    """There is no other way to ask."""
    del key, outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ByNumber:
    """How rows of one table are asked for by their keys.

    Attributes:
        rows: a record -> rows. Of a thing that is asked for alone the context says what asked for
            it, and the last number of its key.
        batch: things per call, the method's cap.
        answer: the shapes that the method's answers have.
        own: what it tells is what the thing's own list tells; else it is kept like an attachment,
            and does not say that the list has it.
        proof: a column that nothing but this and the thing's own list fills.
        tells_dead: it shows what was deleted, too, and does not say so.
        dead: column -> the value by which it says that there is no such thing any more.
        otherwise: how a single thing is asked for that was not had.
    """

    table: Table
    method: str
    form: Form
    rows: RowFunction
    batch: int = 1
    answer: Shape = answer
    own: bool = True
    proof: str | None = None
    tells_dead: bool = False
    dead: Mapping[str, str] = field(default_factory=dict)
    otherwise: Otherwise = _nothing_else


def together(param: str, params: Mapping[str, Any] | None = None) -> Form:
    """Many keys in one parameter, with commas between them."""

    def form(keys: Sequence[Key]) -> Mapping[str, Any]:
        return {**(params or {}), param: ",".join(map(record_key, keys))}

    return form


def alone(*params: str) -> Form:
    """One thing, with a parameter for each part of its key."""

    def form(keys: Sequence[Key]) -> Mapping[str, Any]:
        (key,) = keys
        return dict(zip(params, key, strict=True))

    return form
