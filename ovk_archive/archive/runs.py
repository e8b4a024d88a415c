"""What an archive notes of itself: its runs, how they ended, and the pace its instance taught."""

import json
from collections.abc import Mapping
from typing import Any

from ovk_archive import __version__
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.versions import checkpoints
from ovk_archive.archive.versions.checkpoints import timestamp
from ovk_archive.errors import EXIT_REFUSED

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

    def begin_run(self, arguments: Mapping[str, Any]) -> tuple[int, int]:
        """Note that a run begins; its number, and the checkpoint with which it begins."""
        with self._archive.transaction() as db:
            now = checkpoints.now(db)
            run = int(
                db.execute(
                    "insert into _runs (started_at, began_in, version, arguments) "
                    "values (?, ?, ?, ?)",
                    (now.at, now.number, __version__, _packed(arguments)),
                ).lastrowid
                or 0
            )
        return run, now.number

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
                    _packed(report),
                    run,
                ),
            )

    def last_saved(self) -> dict[str, int]:
        """The checkpoint in which something was last saved of each resource's lists."""
        return dict(
            self._archive.query(
                "select resource, ifnull(max(updated_in), 0) from _cursors group by resource"
            )
        )

    def chain_began(self) -> int | None:
        """The checkpoint with which the first of those runs began that were stopped.

        Those since one came to its end; None if there is none.
        """
        began = self._archive.query(
            "select min(began_in) from _runs where id > "
            f"(select ifnull(max(id), 0) from _runs where {_CAUGHT_UP})"
        )
        return int(began[0][0]) if began[0][0] else None

    def was_stopped(self) -> bool:
        """The last run did not come to its end."""
        last = self._archive.query(f"select {_CAUGHT_UP} from _runs order by id desc limit 1")
        return bool(last and not last[0][0])


def _packed(facts: Mapping[str, Any]) -> str:
    return json.dumps(dict(facts), ensure_ascii=False)
