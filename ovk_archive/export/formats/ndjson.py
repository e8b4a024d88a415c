"""Format ndjson: a row a line, a JSON object with the fields in the table's order."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from ovk_archive.export.view import Values, View, Written

_CHUNK = 1000
#: Made once: `json.dumps` makes an encoder for every call.
encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


class Ndjson:
    """Writes tables as NDJSON."""

    encoding = "utf-8"

    def write(self, folder: Path, view: View, rows: Iterable[Values]) -> Iterator[Written]:
        """Write one file."""
        path = f"{view.name}.ndjson"
        with (folder / path).open("w", encoding=self.encoding, newline="\n") as file:
            count = self.stream(file, view, rows)
        yield Written(path, count)

    def stream(self, file: TextIO, view: View, rows: Iterable[Values]) -> int:
        """Write the rows; how many these are."""
        names = [field.name for field in view.fields]
        count, left = 0, iter(rows)
        while chunk := [encode(dict(zip(names, row, strict=True))) for row in islice(left, _CHUNK)]:
            file.write("\n".join(chunk))
            file.write("\n")
            count += len(chunk)
        return count
