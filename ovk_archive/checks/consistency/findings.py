"""What may be found where an archive does not agree with itself."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows of a table that refer to something that is not here; the server often lacks it too."""

    table: str
    refers_to: str
    rows: int


@dataclass(frozen=True, slots=True)
class Strange:
    """A list whose saved position cannot be right.

    Attributes:
        list: a saved position of which table: `_cursors` or `_rounds`.
    """

    list: str
    resource: str
    partition: str
    why: str


@dataclass(frozen=True, slots=True)
class Unlike:
    """A row that is not what its versions say.

    Attributes:
        why: `changed`; `unknown`, if no version tells of it; `missing`, if it is not here.
        columns: what differs.
    """

    key: str
    why: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deviation:
    """A table that does not follow from its versions.

    Attributes:
        rows: how many rows are not as the versions say.
        examples: some of them.
        unreadable: why the versions cannot be read, if so.
    """

    table: str
    rows: int
    examples: tuple[Unlike, ...] = ()
    unreadable: str | None = None


@dataclass(slots=True)
class Consistency:
    """How far an archive agrees with itself.

    Attributes:
        references: what is referred to and not here; no damage.
        positions: saved positions that cannot be.
        rows: tables that do not follow from their versions.
    """

    references: list[Reference] = field(default_factory=list)
    positions: list[Strange] = field(default_factory=list)
    rows: list[Deviation] = field(default_factory=list)

    @property
    def is_given(self) -> bool:
        """The archive does not contradict itself."""
        return not (self.positions or self.rows)

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return asdict(self)
