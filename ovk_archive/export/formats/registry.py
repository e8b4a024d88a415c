"""The formats of an export, by name; what writes one is imported when it is needed."""

import importlib
from typing import Any, Protocol, TextIO, cast

from ovk_archive.errors import BadInputError
from ovk_archive.export.view import View, Writer
from ovk_archive.resources.vocabulary.rows import Table

#: Format -> module and class of its writer; json, where tables are told inside others, has none.
_WRITERS = {
    "ndjson": ("ndjson", "Ndjson"),
    "csv": ("csv_file", "Csv"),
    "parquet": ("parquet", "ParquetWriter"),
    "xlsx": ("xlsx", "Xlsx"),
    "ids": ("ids", "Ids"),
}
NAMES = ("json", *_WRITERS)
#: Formats in which one table can go to stdout.
STREAMED = ("ndjson", "csv")
#: Formats whose files have columns that a schema can describe; excel is csv with `--excel`.
TABULAR = ("ndjson", "csv", "excel", "parquet", "xlsx")


class StreamWriter(Protocol):
    """Writes one table to a stream as well."""

    encoding: str

    def stream(self, file: TextIO, view: View, rows: Any) -> int:
        """Write the rows; how many these are."""


def writer(name: str, **wishes: Any) -> Writer:
    """What writes tables in a format; wishes that are not the format's are None or False.

    Raises:
        BadInputError: what the format needs is not installed.
    """
    module, kind = _WRITERS[name]
    try:
        found = getattr(importlib.import_module(f"ovk_archive.export.formats.{module}"), kind)
    except ImportError as error:
        raise BadInputError(
            f"Format {name} needs a missing package: pip install 'ovk-archive[{name}]'."
        ) from error
    return cast("Writer", found(**{key: value for key, value in wishes.items() if value}))


def stream_writer(name: str, **wishes: Any) -> StreamWriter:
    """The same, for stdout."""
    return cast("StreamWriter", writer(name, **wishes))


def finish(written_by: Writer) -> list[str]:
    """Let a writer write what it has kept until the end; what it has to say of the whole."""
    end = getattr(written_by, "finish", None)
    return list(end()) if end else []


def holds(name: str, table: Table) -> bool:
    """Whether a format can write a table."""
    from_ids = importlib.import_module("ovk_archive.export.formats.ids")
    return name != "ids" or bool(from_ids.Ids().holds(table))


def limits(name: str) -> list[str]:
    """What a format cannot hold, in sentences."""
    return list(_LIMITS.get(name, ()))


_NUMBERS = (
    "Integers beyond 2^53 are exact in the file, but rounded by programs that read numbers as "
    "JavaScript does."
)
_LIMITS = {
    "json": (
        "A thing that several records refer to is written in each of them, and in its own file.",
        _NUMBERS,
    ),
    "ndjson": (
        _NUMBERS,
        (
            "Polars guesses types from 100 rows, which may all be null: "
            "`polars.read_ndjson(path, infer_schema_length=None)` looks at all of them."
        ),
        (
            "pandas makes numbers of texts such as 00123: "
            "`pandas.read_json(path, lines=True, dtype=False)` does not."
        ),
    ),
    "csv": (
        "An empty cell is a null or an empty text: CSV does not tell them apart.",
        "CSV has no types: datapackage.json says which columns are numbers.",
        (
            "pandas takes texts such as NULL and NA for missing, and rounds numbers: "
            '`pandas.read_csv(path, keep_default_na=False, na_values=[""], '
            'dtype_backend="numpy_nullable")` does not.'
        ),
    ),
    "xlsx": (
        "An empty cell is a null or an empty text.",
        "Integers of more than 15 digits are texts, because spreadsheets round them.",
        "Lines of a text end in LF, whatever they ended in.",
    ),
    "ids": (
        "Only keys are here: the contents must be read from the instance again.",
        "Tables of relations, and those whose keys are texts, are left out.",
    ),
}
