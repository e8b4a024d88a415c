"""Format ids: a text file a table with nothing but keys, the way the ids of tweets are shared."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from ovk_archive.export.view import Values, View, Written
from ovk_archive.resources.vocabulary.rows import Table, record_key


class Ids:
    """Writes the keys of tables, one a line; parts of a key are joined as `owner_number`."""

    encoding = "utf-8"

    def holds(self, table: Table) -> bool:
        """Things with numbers: what only relates things, or has a text for a key, has no ids."""
        return not table.relation and all(table.by_name[name].type is int for name in table.key)

    def write(self, folder: Path, view: View, rows: Iterable[Values]) -> Iterator[Written]:
        """Write one file."""
        names = [field.name for field in view.fields]
        places = [names.index(name) for name in view.table.key]
        path, count = f"{view.name}.txt", 0
        with (folder / path).open("w", encoding=self.encoding, newline="\n") as file:
            for row in rows:
                file.write(f"{record_key(tuple(row[place] for place in places))}\n")
                count += 1
        yield Written(path, count)
