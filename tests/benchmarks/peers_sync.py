"""A sync by the package that this Python has, newer or older, in a process of its own.

What to do comes as JSON on stdin, what it took goes as JSON to stdout.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from figures import measured

from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.backup.sync_run import Job, run_sync
from ovk_archive.resources import DEFAULT_SECTIONS

#: Who likes what is read where it is asked for only.
SECTIONS = (*DEFAULT_SECTIONS, "likes")


def job(task: Mapping[str, Any]) -> Job:
    """What is asked of the sync, as far as this version knows the words."""
    wanted = {
        "path": Path(task["file"]),
        "sections": SECTIONS,
        "concurrency": task["concurrency"],
        "media": False,
        "audit": task["audit"],
    }
    known = {one.name for one in fields(Job)}
    return Job(**{name: one for name, one in wanted.items() if name in known})


def main() -> None:
    """Do it."""
    task = json.load(sys.stdin)
    credentials = Credentials(task["url"], task["account_id"], task["token"])
    wanted = job(task)

    def work() -> None:
        report = run_sync(wanted, credentials)
        if report.exit_code or report.failures:
            raise RuntimeError(f"the sync did not go well: {report.to_json()}")

    json.dump(measured(work), sys.stdout)


if __name__ == "__main__":
    main()
