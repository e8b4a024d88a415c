"""Archives without rows: made once for each process, and copied, which is a tenth of the work."""

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.opening import Identity


def begun(path: Path, identity: Identity) -> None:
    """Let there be an archive without rows, if there is none: its tables are made only once."""
    if path.exists():
        return
    path.write_bytes(_empty())
    path.chmod(0o600)
    facts = {"instance": identity.instance, "url": identity.url, "account_id": identity.account_id}
    with closing(sqlite3.connect(path)) as db, db:
        for name, value in facts.items():
            db.execute("update _archive set value = ? where name = ?", (str(value), name))


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        Archive.open(path, Identity("demo", 1, "http://demo")).close()
        return path.read_bytes()
