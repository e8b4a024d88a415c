"""How many requests a routine sync of a large account makes when nothing has changed.

Run by hand: `python tests/benchmarks/routine.py [--dialect A|B] [--syncs N]`. The account has
10,000 posts, 300 dialogs with 100,000 messages, 2,000 photos, and some of everything else. Told
are requests, what reads older rows again among them, and within how many syncs each row is.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from ovk_archive.archive.archive import Archive
from ovk_archive.checks.ledger import ledger
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.backup.sync_run import Job, run_sync
from ovk_archive.demo import DemoInstance, World, generate
from ovk_archive.demo.server.http import Request
from ovk_archive.demo.server.trouble import Trouble, Visit

POSTS, DIALOGS, MESSAGES, PHOTOS = 10_000, 300, 100_000, 2_000
#: What a routine sync should make at most.
MOST = 60


class Counted(Trouble):
    """No trouble, but it counts the methods that are called."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def visit(self, name: str, request: Request) -> Visit:
        """Count a request."""
        self.calls[name] += 1
        return super().visit(name, request)


def world() -> World:
    """The demo's world, grown: a comment under each tenth post, a like on each fifth."""
    grown = generate()
    people = [grown.add_user(f"Имя{n}", f"Фамилия{n}").id for n in range(DIALOGS)]
    date = 1_600_000_000
    for number in range(POSTS):
        post = grown.add_post(1, text=f"Запись {number}", date=date + number * 60)
        if number % 10 == 0:
            grown.add_comment("post", 1, post.id, author=people[number % DIALOGS], date=date)
        if number % 5 == 0:
            grown.like("post", 1, post.id, people[number % DIALOGS])
    for number in range(MESSAGES):
        peer = people[number % DIALOGS]
        grown.add_message(peer, out=number % 2 == 0, date=date + number * 30)
    for number in range(PHOTOS):
        grown.add_photo(1, date=date + number)
    return grown


def say(figures: object) -> None:
    """Tell figures."""
    sys.stdout.write(f"{figures}\n")


def main() -> None:
    """Sync, and sync again; tell the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialect", choices=("A", "B"), default="B")
    parser.add_argument("--syncs", type=int, default=3)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        DemoInstance(world(), chosen.dialect) as instance,
    ):
        credentials = Credentials(instance.url, instance.account_id, instance.token)
        path = Path(folder) / "archive.db"
        for number in range(chosen.syncs + 1):
            instance.trouble = counted = Counted()
            began = time.monotonic()
            report = run_sync(Job(path=path, media=False), credentials)
            took = time.monotonic() - began
            say(f"sync {number}: {report.outcome}, {report.requests} requests, {took:.1f} s")
        say(counted.calls.most_common())
        with Archive.read(path) as archive:
            say(ledger(archive).again)
        say(f"{report.requests} requests (aim: at most {MOST})")


if __name__ == "__main__":
    main()
