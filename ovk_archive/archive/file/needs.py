"""The SQLite that this program needs: Python brings one, or takes the system's."""

import sqlite3

from ovk_archive.errors import StorageError

#: Tried with the whole of our tests; what is older lacks something that we say in SQL.
OLDEST = (3, 31)


def check_sqlite() -> None:
    """Refuse an SQLite that is too old, before anything is written.

    Raises:
        StorageError: this Python has such a one.
    """
    if sqlite3.sqlite_version_info < OLDEST:
        raise StorageError(
            f"This program needs SQLite {'.'.join(map(str, OLDEST))} or newer, and this Python "
            f"({sqlite3.sqlite_version}) has an older one: install this program with a newer "
            "Python, for example from https://www.python.org or `uv python install`."
        )
    try:
        with_json = sqlite3.connect(":memory:")
        try:
            with_json.execute("select json_array()")
        finally:
            with_json.close()
    except sqlite3.OperationalError:
        raise StorageError(
            f"The SQLite of this Python ({sqlite3.sqlite_version}) was built without JSON: install "
            "this program with another Python."
        ) from None
