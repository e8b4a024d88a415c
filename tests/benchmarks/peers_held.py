"""What an archive lacks of what there is in the world, in a process of its own.

The truth is a file of the server. Which archive it is comes as JSON on stdin, what it lacks goes as
JSON to stdout: by kind how many records there are, how many it lacks, and of how many it has a text
that is no more the text.
"""

import html
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from zlib import crc32

#: Each record's key and text, by kind.
RECORDS = {
    "posts": "select owner_id || '_' || id, text from posts",
    "comments": "select id, text from comments",
    "likes": "select owner_id || '_' || item_id || '_' || user_id, null from likes",
    "messages": "select id, text from messages",
    "photos": "select owner_id || '_' || id, null from photos",
}
#: Where somebody's table is another one.
THEIRS = {
    "ovk-archive": {
        "likes": "select owner_id || '_' || item_id || '_' || user_id, null from likes "
        "where kind = 'post'",
    },
    "dlt": {"likes": "select _liked_owner_id || '_' || _liked_id || '_' || id, null from likes"},
}
Held = dict[str, int | None]


def lacking(task: dict[str, Any]) -> dict[str, dict[str, int]]:
    """By kind: how many there are, how many are missing, how many are outdated."""
    truth = json.loads(Path(task["truth"]).read_text(encoding="utf-8"))
    # Others keep texts as the API escaped them.
    plain = str if task["maker"] == "ovk-archive" else html.unescape
    queries = RECORDS | THEIRS.get(task["maker"], {})
    with closing(sqlite3.connect(task["file"])) as archive:
        return {
            kind: _compared(there, dict(_rows(archive, queries[kind], plain)))
            for kind, there in truth.items()
        }


def _rows(
    archive: sqlite3.Connection, query: str, plain: Callable[[str], str]
) -> Iterator[tuple[str, int | None]]:
    for key, text in archive.execute(query):
        yield str(key), None if text is None else crc32(plain(text).encode())


def _compared(there: Held, held: Held) -> dict[str, int]:
    # An empty text may be kept as none.
    outdated = sum((held[key] or 0) != (one or 0) for key, one in there.items() if key in held)
    return {
        "exist": len(there),
        "missing": sum(key not in held for key in there),
        "outdated": outdated,
    }


def main() -> None:
    """Do it."""
    json.dump(lacking(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
