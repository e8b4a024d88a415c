"""The column that says of each row of a lake which instance it is from."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ovk_archive.export.view import Field, Values, View

#: Beside it there is `archive`, which folders' names say: pandas reads no file that says it, too.
_FIELD = Field(name="instance", type="string", doc="The instance that the row is from")


@dataclass(frozen=True, slots=True)
class Origin:
    """Adds the column (`Transform`).

    Attributes:
        instance: None if it may not be told.
    """

    instance: str | None

    def __call__(self, view: View) -> tuple[View, Callable[[Values], Values]]:
        """The view with one more column, and the rows with one more value."""
        more = (self.instance,)
        return replace(view, fields=(*view.fields, _FIELD)), lambda row: row + more
