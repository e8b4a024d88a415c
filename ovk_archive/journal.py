"""What an archive notes of itself: its runs, how they ended, and the pace its instance taught."""

import json
from collections.abc import Mapping
from typing import Any

from ovk_archive import __version__
from ovk_archive.archive import Archive
from ovk_archive.errors import EXIT_REFUSED
from ovk_archive.opening import timestamp

#: The condition that a run has read all lists to their end, whatever ended it after that.
_CAUGHT_UP = (
    f"(ifnull(exit_code, -1) in (0, {EXIT_REFUSED}) "
    "or ifnull(json_extract(report, '$.caught_up'), 0))"
)


class Journal:
    """The notes of an archive; a `PaceMemory` too."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def load(self) -> dict[str, Any]:
        """The pace learnt of this instance (`PaceMemory`)."""
        rows = self._archive.query("select state from _pace where name = 'photos+board'")
        return dict(json.loads(rows[0][0])) if rows else {}

    def save(self, state: dict[str, Any]) -> None:
        """Keep the pace, at once (`PaceMemory`)."""
        with self._archive.transaction() as db:
            db.execute(
                "insert into _pace (name, state) values ('photos+board', ?) "
                "on conflict (name) do update set state = excluded.state",
                (json.dumps(state),),
            )

    def begin_run(self, arguments: Mapping[str, Any]) -> int:
        """Note that a run begins; its number."""
        with self._archive.transaction() as db:
            return int(
                db.execute(
                    "insert into _runs (started_at, version, arguments) values (?, ?, ?)",
                    (timestamp(), __version__, json.dumps(dict(arguments), ensure_ascii=False)),
                ).lastrowid
                or 0
            )

    def end_run(self, run: int, report: Mapping[str, Any]) -> None:
        """Note how a run ended."""
        with self._archive.transaction() as db:
            db.execute(
                "update _runs set finished_at = ?, outcome = ?, exit_code = ?, requests = ?, "
                "failures = ?, report = ? where id = ?",
                (
                    timestamp(),
                    report["outcome"],
                    report["exit_code"],
                    report["requests"],
                    report["failures"],
                    json.dumps(dict(report), ensure_ascii=False),
                    run,
                ),
            )

    def last_saved(self) -> dict[str, str]:
        """When something was last saved of each resource's lists."""
        return dict(
            self._archive.query("select resource, max(updated_at) from _cursors group by resource")
        )

    def chain_began(self) -> str | None:
        """When the first of those runs began that were stopped since one came to its end."""
        began = self._archive.query(
            "select min(started_at) from _runs where id > "
            f"(select ifnull(max(id), 0) from _runs where {_CAUGHT_UP})"
        )
        return str(began[0][0]) if began[0][0] else None

    def was_stopped(self) -> bool:
        """The last run did not come to its end."""
        last = self._archive.query(f"select {_CAUGHT_UP} from _runs order by id desc limit 1")
        return bool(last and not last[0][0])
