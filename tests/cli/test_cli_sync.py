"""`sync` and its siblings: what they say, how they stop, what they keep to themselves."""

import fcntl
import json
import os
import re
import signal
import sqlite3
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clocks import wait_for
from conftest import Cli
from toy import DemoInstance, generate
from truth import truth_of
from worlds import A_FEW

from ovk_archive.api.retries import Retries
from ovk_archive.archive.archive import Archive
from ovk_archive.checks.ledger import ledger
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.cli.backup.sync_run import Job, Settings, run_sync
from ovk_archive.errors import ApiError, TransportError
from ovk_archive.resources import LOOKUPS, RESOURCES, SECTIONS

#: What a sync reads that is not told to read `--all`.
USUAL = [one for one in RESOURCES if not one.schedule.opt_in]
#: Sections whose lists are opened by rows of others.
SOURCES = {
    "polls": ("wall",),
    "voters": ("wall", "polls"),
    "board": ("groups",),
    "members": ("groups",),
    "likes": ("wall", "photos", "video", "groups", "board"),
}
QUICK = Settings(retries=Retries(attempts=2, wait_initial=0.01, wait_max=0.01, jitter=0))


@pytest.fixture
def toy() -> Iterator[DemoInstance]:
    """A toy instance with a few of each kind of thing."""
    world = generate(1, A_FEW)
    world.add_comment("photo", 1, world.photos_of(1)[0].id, author=2)
    with DemoInstance(world, "B") as instance:
        yield instance


def rows(path: Path, sql: str) -> list[Any]:
    """The rows of a query on an archive."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def test_sync_reads_everything(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """One sync reads every list; plain lines say how far it is, stdout stays empty."""
    said = user.run("sync", archive_path)
    assert (said.returncode, said.stdout) == (0, "")
    assert all(f"{one.title}: " in said.stderr for one in USUAL)
    with Archive.read(archive_path) as archive:
        assert ledger(archive).complete
    assert len(rows(archive_path, "select * from posts")) == len(truth_of(toy.world, "B")["posts"])
    assert archive_path.stat().st_mode & 0o777 == 0o600


def test_second_sync_finds_nothing(cli: Cli, archive_path: Path) -> None:
    """A sync of an unchanged world makes at most 50 requests and keeps no new version.

    30 look for news, 20 read older rows again.
    """
    with DemoInstance(generate(), "B") as toy:
        cli.log_in(toy)
        cli.run("sync", archive_path, "--quiet")
        before = rows(archive_path, "select count(*) from _versions")
        toy.reset_counts()
        said = cli.run("sync", archive_path)
    assert said.returncode == 0
    assert len(toy.raw) <= 50
    assert rows(archive_path, "select count(*) from _versions") == before


def test_json_is_the_report(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """--json prints the run's report, with every request the instance has seen."""
    said = user.run("sync", archive_path, "--json", "--quiet")
    report = json.loads(said.stdout)
    assert said.stderr == ""
    assert (report["outcome"], report["exit_code"], report["message"]) == ("complete", 0, "")
    assert report["requests"] == len(toy.raw)
    names = {one.name for one in USUAL} | {one.name for one in LOOKUPS}
    assert set(report["lists"]) == names
    assert report["lists"]["posts"]["new"] >= len(truth_of(toy.world, "B")["posts"])


def test_all_reads_what_is_left_out(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """`--all` reads every list; naming sections as well is a mistake; status says what was not."""
    user.run("sync", archive_path, "--quiet")
    before = user.run("status", archive_path).stdout
    assert "Never asked for (see `ovk-archive sync --all`): votes in polls, " in before
    said = user.run("sync", archive_path, "--all")
    assert said.returncode == 0
    likes = truth_of(toy.world, "B")["likes"]
    assert rows(archive_path, "select count(*) from likes") == [(len(likes),)]
    assert "Never asked for" not in user.run("status", archive_path).stdout
    assert user.run("sync", archive_path, "--all", "wall").returncode == 2


def test_what_an_instance_lacks_is_said_and_no_failure(cli: Cli, archive_path: Path) -> None:
    """Of a section that an older server does not have the run and the status say so, with 0."""
    with DemoInstance(generate(1, A_FEW), "A") as older:
        cli.log_in(older)
        said = cli.run("sync", archive_path, "--json")
        status = cli.run("status", archive_path)

    assert said.returncode == 0
    absent = json.loads(said.stdout)["lists"]["documents"]["absent"]
    assert "Unknown method passed. (error 3)" in absent
    words = re.search(r"^This instance has no (.+)\.$", said.stderr, re.MULTILINE)
    assert words
    assert "documents" in words[1]
    assert re.search(r"This instance has no [^.]*documents", status.stdout)
    assert re.search(r"^documents .* not there$", status.stdout, re.MULTILINE)
    assert "Complete as of" in status.stdout


def test_losses_that_are_hard_to_believe_are_told(
    user: Cli, toy: DemoInstance, archive_path: Path
) -> None:
    """Where most of a long list is missing at once, the run says so and marks nothing."""
    for number in range(30):
        toy.world.befriend(1, toy.world.add_user(f"Друг{number}", "Новый").id)
    user.run("friends", archive_path, "--quiet")
    count = len(toy.world.users[1].friends)
    toy.world.users[1].friends.clear()
    said = user.run("friends", archive_path)
    assert said.returncode == 0
    assert f"friends: {count} rows are missing at once. That may be a mistake" in said.stderr
    assert rows(archive_path, "select count(gone_at) from friends") == [(0,)]


def test_quiet_says_nothing(user: Cli, archive_path: Path) -> None:
    """--quiet is silent where all goes well."""
    said = user.run("sync", archive_path, "--quiet")
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


@pytest.mark.parametrize("section", SECTIONS)
def test_section_reads_only_its_lists(user: Cli, archive_path: Path, section: str) -> None:
    """A section's command reads that section, those whose rows open its lists, and no other."""
    said = user.run(section, archive_path)
    assert said.returncode == 0
    read = {row[0] for row in rows(archive_path, "select distinct resource from _cursors")}
    sections = {section, *SOURCES.get(section, ())}
    assert read == {one.name for one in RESOURCES if one.section in sections}


def test_sections_may_be_named(user: Cli, archive_path: Path) -> None:
    """`sync ARCHIVE notes wall` reads these two, each once."""
    assert user.run("sync", archive_path, "notes", "wall", "notes").returncode == 0
    arguments = json.loads(rows(archive_path, "select arguments from _runs")[0][0])
    assert arguments["sections"] == ["notes", "wall"]


def test_owner_is_read_too(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """--owner reads the public lists of others, named in any way people do, beside one's own."""
    said = user.run("wall", archive_path, "--owner", "id2", "--owner", f"{toy.url}/id2")
    assert said.returncode == 0
    assert {row[0] for row in rows(archive_path, "select owner_id from posts")} == {1, 2}
    arguments = json.loads(rows(archive_path, "select arguments from _runs")[0][0])
    assert (arguments["owners"], arguments["own"]) == ([2], True)


def test_owner_is_read_instead(user: Cli, archive_path: Path) -> None:
    """With --no-own only the lists of an --owner are read; without an owner nobody is left."""
    said = user.run("wall", archive_path, "--owner", "id2", "--no-own")
    assert said.returncode == 0
    assert {row[0] for row in rows(archive_path, "select owner_id from posts")} == {2}
    nobody = user.run("wall", archive_path, "--no-own")
    assert nobody.returncode == 2
    assert "add an --owner" in nobody.stderr


def test_a_friend_in_the_crontab(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """A nightly sync that names a friend goes on to bring the account's new letters."""
    user.run("sync", archive_path, "--quiet")
    letter = toy.world.add_message(2, text="новое письмо")
    assert user.run("sync", archive_path, "--owner", 2).returncode == 0
    assert rows(archive_path, f"select 1 from messages where id = {letter.id}")
    assert {1, 2} <= {row[0] for row in rows(archive_path, "select owner_id from posts")}


@pytest.mark.parametrize("owner", [3, -1])
def test_what_somebody_cannot_have_is_not_told(user: Cli, archive_path: Path, owner: int) -> None:
    """A sync of another's lists has no line for those that only the account can have."""
    said = user.run("sync", archive_path, "--owner", owner, "--no-own", "--no-media")
    assert "posts: " in said.stderr
    assert "messages" not in said.stderr
    assert "settings" not in said.stderr
    assert said.stderr.count("nothing to read") <= 3


def test_refused_list_is_named(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """A list that the instance will not show is named, and the exit code is 3."""
    closed = next(p.id for p in toy.world.users.values() if p.closed and p.id != 1)
    said = user.run("wall", archive_path, "--owner", closed, "--no-own")
    assert said.returncode == 3
    assert f"posts (owner_id {closed}): " in said.stderr
    assert "Traceback" not in said.stderr
    with Archive.read(archive_path) as archive:
        line = next(line for line in ledger(archive).lists if line.name == "posts")
    assert (line.refused, line.complete) == (1, False)


def test_what_is_known_is_no_mail(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """What was told once is one line the next time, none with --quiet, and in JSON and status."""
    closed = next(p.id for p in toy.world.users.values() if p.closed and p.id != 1)
    wall = ("wall", archive_path, "--owner", closed, "--no-own")
    first = user.run(*wall, "--quiet")
    known = user.run(*wall)
    quiet = user.run(*wall, "--quiet", "--json")
    report = json.loads(quiet.stdout)

    assert (first.returncode, known.returncode, quiet.returncode) == (3, 0, 0)
    assert "Some things could not be read" in first.stderr
    assert "As before, 1 list could not be read, see `ovk-archive status`." in known.stderr
    assert "Some things" not in known.stderr
    assert quiet.stderr == ""
    assert [one["new"] for one in report["lists"]["posts"]["refused"]] == [False]


@pytest.mark.parametrize("name", ["id2", "alice"])
def test_an_owner_who_is_gone_stops_nothing(
    user: Cli, toy: DemoInstance, archive_path: Path, name: str
) -> None:
    """It is told once, the person is marked, others are read; what was held stays."""
    toy.world.users[2].screen_name = "alice"
    walls = ("wall", archive_path, "--owner", name, "--owner", 3, "--no-own")
    assert user.run(*walls).returncode == 0
    held = rows(archive_path, "select count(*) from posts where owner_id = 2")
    toy.world.users[2].deleted = True
    post = toy.world.add_post(3, text="новость")
    told, known = user.run(*walls), user.run(*walls, "--quiet")
    status = user.run("status", archive_path).stdout

    assert (told.returncode, known.returncode) == (3, 0)
    assert f"--owner (owner {name}): " in told.stderr
    assert known.stderr == ""
    assert f"Named with --owner, but no longer readable: {name}." in status
    assert rows(archive_path, "select deactivated from users where id = 2") == [("deleted",)]
    assert rows(archive_path, f"select 1 from posts where owner_id = 3 and id = {post.id}")
    assert rows(archive_path, "select count(*) from posts where owner_id = 2") == held
    toy.world.users[2].deleted = False
    assert user.run(*walls).returncode == 0
    assert "no longer readable" not in user.run("status", archive_path).stdout


def test_without_owners_the_account_is_not_read_instead(
    user: Cli, toy: DemoInstance, archive_path: Path
) -> None:
    """If all that were named are gone, with --no-own nothing is read but what marks them."""
    only = ("--owner", 2, "--no-own", "--no-media")
    user.run("wall", archive_path, *only)
    toy.world.users[2].deleted = True
    toy.reset_counts()
    codes = [user.run("sync", archive_path, *only).returncode for _ in range(2)]

    assert codes == [3, 0]
    assert {one.method for one in toy.seen} == {"account.getProfileInfo", "users.get"}
    assert rows(archive_path, "select count(*) from posts where owner_id = 1") == [(0,)]
    assert rows(archive_path, "select deactivated from users where id = 2") == [("deleted",)]


def test_a_banned_owner_is_marked(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """Who is banned is read as far as the instance shows it, and marked by the same run."""
    user.run("wall", archive_path, "--owner", 2)
    toy.world.users[2].banned = "spam"
    codes = [user.run("wall", archive_path, "--owner", 2).returncode for _ in range(2)]

    assert codes == [3, 0]
    assert rows(archive_path, "select deactivated from users where id = 2") == [("banned",)]


@pytest.mark.parametrize("budget", [(20, "--no-execute"), (6,)])
def test_budget_stops_and_the_next_continues(
    user: Cli, archive_path: Path, budget: tuple[object, ...]
) -> None:
    """--max-requests ends with 75 and says how to go on; then it does, to the end."""
    codes = []
    for _ in range(30):
        said = user.run("sync", archive_path, "--no-media", "--max-requests", *budget)
        codes.append(said.returncode)
        if said.returncode != 75:
            break
        assert "run the same command again to continue" in said.stderr
    assert codes[-1] == 0
    assert len(codes) > 2
    with Archive.read(archive_path) as archive:
        assert ledger(archive).complete


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_stops_at_a_checkpoint(
    user: Cli, toy: DemoInstance, archive_path: Path, number: signal.Signals
) -> None:
    """Ctrl-C and SIGTERM end a run with 130 and a readable archive; the next completes it."""
    toy.latency = 0.1
    child = user.start("sync", archive_path)
    wait_for(lambda: toy.count("messages.getHistory") > 0)
    child.send_signal(number)
    out, err = child.communicate(timeout=30)
    assert (child.returncode, out) == (130, "")
    assert "run the same command again" in err.lower()
    assert "Traceback" not in err
    assert rows(archive_path, "select outcome, exit_code from _runs") == [("interrupted", 130)]
    toy.latency = 0
    assert user.run("sync", archive_path).returncode == 0


def test_second_interrupt_stops_at_once(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """A second Ctrl-C does not wait for an answer that does not come."""
    toy.latency = 20
    child = user.start("sync", archive_path)
    wait_for(lambda: bool(toy.raw))
    child.send_signal(signal.SIGINT)
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, err = child.communicate(timeout=30)
    assert time.monotonic() - began < 5
    assert child.returncode == 130
    assert "Traceback" not in err


def test_two_syncs_exclude_each_other(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """While one sync runs, another of the same archive ends with 32 and harms nothing."""
    toy.latency = 0.2
    child = user.start("sync", archive_path)
    wait_for(archive_path.exists)
    wait_for(lambda: toy.count("messages.getConversations") > 0)
    said = user.run("sync", archive_path)
    assert said.returncode == 32
    assert said.stderr.startswith("Error: Another sync of")
    toy.latency = 0
    child.communicate(timeout=60)
    assert child.returncode == 0


def test_token_stays_a_secret(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """The token is in no process list, no output, no address and no byte of the archive."""
    toy.latency = 0.05
    # Not forked: the arguments of what it would be forked from say nothing.
    child = replace(user, warm=None).start("sync", archive_path, "--verbose", "--json")
    wait_for(lambda: toy.count() > 10)
    # What `ps` shows, and to the same user `ps e`.
    for shown in ("cmdline", "environ"):
        assert toy.token.encode() not in Path(f"/proc/{child.pid}/{shown}").read_bytes()
    files = list(archive_path.parent.glob("*archive.db*"))
    assert archive_path.with_name("archive.db-wal") in files
    assert not [file for file in files if toy.token.encode() in file.read_bytes()]
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0
    assert toy.token not in out + err
    assert toy.token.encode() not in archive_path.read_bytes()
    assert not [address for _, address, _ in toy.raw if toy.token in address]


def test_verbose_tells_of_failures(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """--verbose shows our own log, and not httpx's line per request."""
    toy.faults.order("502", method="wall.get")
    said = user.run("sync", archive_path, "--verbose")
    assert said.returncode == 0
    assert "Trying again" in said.stderr
    assert "HTTP Request" not in said.stderr


def test_terminal_gets_bars(cli: Cli, archive_path: Path) -> None:
    """On a terminal each list has a bar while it is read, and a line afterwards."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    cli.environment |= {"COLUMNS": "100", "TERM": "xterm"}
    shown = b""
    with DemoInstance(generate(), "B") as toy:
        toy.latency = 0.02
        cli.log_in(toy)
        child = cli.start(
            "sync", archive_path, "--no-media", stdout=subprocess.DEVNULL, stderr=slave
        )
        os.close(slave)
        # Reading from a terminal that nobody holds any more is an error on Linux.
        with suppress(OSError):
            while part := os.read(master, 4096):
                shown += part
        os.close(master)
        assert child.wait(timeout=30) == 0
    assert re.search(r"posts: +\d+%\|", shown.decode())
    assert all(f"{one.title}: " in shown.decode() for one in USUAL)
    assert "messages: 273 read" in shown.decode()


def test_failure_before_the_archive_leaves_nothing(toy: DemoInstance, archive_path: Path) -> None:
    """An owner that does not exist, or an instance that is dead, leaves no file behind."""
    mine = Credentials(toy.url, 1, toy.token)
    job = Job(path=archive_path, owners=("nobody_at_all",))
    with pytest.raises(ApiError):
        run_sync(job, mine, settings=QUICK)
    toy.stop()
    with pytest.raises(TransportError):
        run_sync(Job(path=archive_path), mine, settings=QUICK)
    assert list(archive_path.parent.iterdir()) == []
