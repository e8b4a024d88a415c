"""`status` and the last lines of a run: in a person's words, what matters first, 80 columns."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from conftest import Cli
from looking import book_of, lines_of
from spoiling import between
from syncing import execute, query, run, run_against
from terminal import at_terminal
from toy import DemoInstance, generate
from truth import truth_of
from worlds import A_FEW, few_things, three_of_each

from ovk_archive import errors
from ovk_archive.archive.file.location import folder_of
from ovk_archive.cli.words.sentences import WIDTH, wrapped
from ovk_archive.errors import OUTCOMES, ArchiveError
from ovk_archive.sync.report import Report

#: Names of classes of ours as people would see them, had nobody put them in words.
CLASSES = re.compile(r"\b(interruptedsync|[A-Za-z]+Error|[a-z]+(?:fault|denied|locked))\b")
#: More posts than people.
SIZE = replace(A_FEW, posts=20)


@pytest.fixture
def toy() -> Iterator[DemoInstance]:
    """A toy instance with a few of each kind of thing."""
    with DemoInstance(generate(1, SIZE), "B") as instance:
        yield instance


@pytest.fixture(params=["A", "B"])
def any_toy(request: pytest.FixtureRequest) -> Iterator[DemoInstance]:
    """The same of each dialect in turn."""
    with DemoInstance(generate(1, SIZE), request.param) as instance:
        yield instance


def on_one_line(text: str) -> str:
    """A text as if no line of it were broken."""
    return " ".join(text.split())


@pytest.mark.parametrize("more", [(), ("--all",), ("--owner", 4, "--owner", 1, "--owner", -1)])
def test_status_fits_a_terminal(
    cli: Cli, any_toy: DemoInstance, tmp_path: Path, more: tuple[object, ...]
) -> None:
    """With whatever was read, no line is longer than 80, and the verdict is the first and last."""
    cli.log_in(any_toy)
    cli.run("sync", "a.db", *more, "--no-media", cwd=tmp_path)
    said = cli.run("status", "a.db", cwd=tmp_path).stdout.splitlines()
    code, text = at_terminal(cli, "status", tmp_path / "a.db", size=(24, WIDTH))
    shown = text.splitlines()

    assert code == 0
    assert max(map(len, said)) <= WIDTH
    table = next(at for at, line in enumerate(said) if "counted" in line)
    assert said[2].startswith("Not complete." if "--owner" in more else "Complete as of 20")
    assert any("ovk-archive media" in line for line in said[3:table])
    assert shown[2] in shown[-24:], "where the table is longer than the screen, it is said again"


def test_large_numbers_leave_no_line_too_long(toy: DemoInstance, cli: Cli, tmp_path: Path) -> None:
    """Millions of rows, skipped and refused ones: what has no room is left to the verdict."""
    path = tmp_path / "a.db"
    run(toy, path)
    execute(
        path,
        [
            "update _cursors set counted = 123456789 where resource = 'comments'",
            "update _cursors set counted = 123456789 where resource = 'requests_in'",
            "update _cursors set refused = 'no', refused_code = 15 where resource = 'requests_in'",
            "insert into _skipped (resource, partition, place) values ('requests_in', '{}', '1')",
        ],
    )
    said = cli.run("status", "a.db", cwd=tmp_path).stdout

    assert max(map(len, said.splitlines())) <= WIDTH
    assert "(1 list refused, 1 record crashes the server)" in on_one_line(said)


def test_a_command_is_never_broken() -> None:
    """Lines are broken between words, and not within a command that one would copy."""
    text = f"{'word ' * 14}`ovk-archive sync a.db --accept-losses` and more {'x' * 90} end."
    lines = wrapped(text)

    assert any("`ovk-archive sync a.db --accept-losses`" in line for line in lines)
    assert on_one_line(" ".join(lines)) == on_one_line(text)
    assert [line for line in lines if len(line) > WIDTH] == ["x" * 90]


def test_every_ending_has_words() -> None:
    """Whatever error ends a run, its outcome is no name of a class."""
    kinds = [one for one in vars(errors).values() if isinstance(one, type)]
    for kind in (one for one in kinds if issubclass(one, ArchiveError)):
        report, make = Report(), cast("Callable[..., ArchiveError]", kind)
        told = ("It did.",) if kind.__init__ is ArchiveError.__init__ else ("It did.", 1)
        report.conclude(make(*told))
        assert report.outcome == OUTCOMES[kind.exit_code]
        assert not CLASSES.search(report.outcome)


def test_runs_of_older_programs_are_told_in_words(
    user: Cli, toy: DemoInstance, archive_path: Path
) -> None:
    """What an older program wrote as the name of a class is put in words by the exit code."""
    run(toy, archive_path, sections=("notes",))
    report = "json_set(report, '$.message', 'Interrupted.')"
    changed = f"outcome = 'interruptedsync', exit_code = 130, report = {report}"
    execute(archive_path, [f"update _runs set {changed}"])
    said = user.run("status", archive_path).stdout

    assert "Last run: interrupted, " in said
    assert not CLASSES.search(said)
    lines = said.splitlines()
    ended = next(at for at, line in enumerate(lines) if line.startswith("The last run ended early"))
    assert ended < next(at for at, line in enumerate(lines) if "counted" in line)


def test_no_name_of_a_class_reaches_a_person() -> None:
    """No message is made of the name of an exception's class."""
    root = Path(errors.__file__).parent
    telling = re.compile(r"type\(\w+\)\.__name__")
    found = [path.name for path in root.rglob("*.py") if telling.search(path.read_text("utf-8"))]

    assert found == []


@pytest.mark.parametrize("dialect", ["A", "B"])
def test_one_record_in_three_forms_is_one(dialect: str, tmp_path: Path) -> None:
    """A post that cannot be read comes by list and by number, with other counters: it is one."""
    path, shown = tmp_path / "archive.db", iter(range(10_000))

    def spoil(method: str, answer: Any) -> Any:
        if method in ("wall.get", "wall.getbyid"):
            for post in answer["items"] if isinstance(answer, dict) else answer:
                if post.get("id") == 2:
                    post |= {"owner_id": None, "likes": {"count": next(shown)}}
        return answer

    with DemoInstance(few_things(), dialect) as instance, between(instance, spoil) as server:
        first = run_against(server.instance.url, instance.token, path)
        forms = query(path, "select count(*) from _skipped where resolved_at is null")
        second = run_against(server.instance.url, instance.token, path)
    line = lines_of(path)["posts"]

    assert forms[0][0] > 1, "each form is kept as it came"
    told = [(one.lists["posts"].skipped, one.lists["posts"].skipped_new) for one in (first, second)]
    assert told == [(1, 1), (1, 0)]
    assert (first.exit_code, second.exit_code) == (3, 0)
    assert (line.skipped, line.unreadable) == (1, 1)
    assert query(path, "select skipped from _coverage where resource = 'posts'") == [(1,)]


def test_crashes_and_unknown_shapes_are_told_apart(tmp_path: Path, cli: Cli) -> None:
    """What the server crashes on and what cannot be read here are two things, in both tellings."""
    path = tmp_path / "archive.db"

    def spoil(method: str, answer: Any) -> Any:
        for post in answer["items"] if method == "wall.get" else ():
            if post.get("id") == 2:
                post["owner_id"] = None
        return answer

    with DemoInstance(three_of_each(), "B") as instance:
        instance.faults.poison.add(("notes", (1, 2)))
        with between(instance, spoil) as server:
            cli.environment |= {"OVK_INSTANCE": server.instance.url, "OVK_TOKEN": instance.token}
            told = cli.run("sync", path, "--no-media")
    status = on_one_line(cli.run("status", path).stdout)

    assert "notes: 1 record crashes the server" in told.stderr
    assert "posts: 1 record has a shape unknown to this version" in told.stderr
    assert "posts (1 record of an unknown shape)" in status
    assert "notes (1 record crashes the server)" in status


def test_files_are_counted_once_and_alike(user: Cli, archive_path: Path) -> None:
    """The run, `status` and the folder agree on how many files there are."""
    ran = user.run("sync", archive_path, "--media")
    said = user.run("status", archive_path).stdout
    folder = folder_of(archive_path)
    files = [path for path in folder.rglob("*") if path.is_file()]
    files_line = re.compile(r"^Files: (\d+) stored \((\S+)\), to which (\d+) addr", re.MULTILINE)
    told = [files_line.search(text) for text in (ran.stderr, said)]

    assert all(told)
    assert {one.groups() for one in told if one} == {told[0].groups() if told[0] else ()}
    assert told[0]
    assert int(told[0][1]) == len(files)


def test_done_counts_what_people_count(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """Likes, votes, members, answers of polls are no records; new ones are told by their kinds."""
    ran = user.run("sync", archive_path, "--all", "--no-media", "--json")
    lists = json.loads(ran.stdout)["lists"]
    (done,) = re.findall(r"(?m)^Done: (\d+) new", ran.stderr)
    kinds = dict[str, int]()
    for one in lists.values():
        for kind, count in one["kinds"].items():
            kinds[kind] = kinds.get(kind, 0) + count

    truth = truth_of(toy.world, "B")
    assert sum(kinds.values()) == int(done)
    assert (kinds["posts"], kinds["messages"]) == (len(truth["posts"]), len(truth["messages"]))
    assert not set(kinds) & {"likes", "poll_votes", "group_members", "poll_answers", "attachments"}
    most = sorted(kinds, key=lambda kind: -kinds[kind])[:2]
    assert f"New: {', '.join(f'{kinds[kind]} {kind}' for kind in most)}" in ran.stderr


def test_refused_lists_are_not_called_empty(cli: Cli, archive_path: Path) -> None:
    """A list that is refused, or that an instance has not, is said so at once."""
    world = generate(1, SIZE)
    closed = next(user.id for user in world.users.values() if user.closed)
    with DemoInstance(world, "A") as older:
        cli.log_in(older)
        said = cli.run("sync", archive_path, "--no-media", "--no-own", "--owner", closed)

    assert "friends: could not be read" in said.stderr
    assert "friends: nothing" not in said.stderr
    with DemoInstance(world, "A") as older:
        cli.log_in(older)
        said = cli.run("docs", archive_path.with_name("other.db"), "--no-media")
    assert "documents: not on this instance" in said.stderr


def test_an_audit_says_what_it_read(user: Cli, toy: DemoInstance, archive_path: Path) -> None:
    """A run that read all again says of what, and how much; another does not."""
    first = user.run("sync", archive_path, "--no-media")
    audit = user.run("audit", archive_path, "--no-media")
    truth = truth_of(toy.world, "B")
    said = on_one_line(audit.stderr).partition("Read again: ")[2]

    assert "Read again" not in first.stderr
    assert f"{len(truth['posts'])} posts" in said
    assert f"{len(truth['messages'])} messages" in said


def test_placeholders_lack_nothing(user: Cli, archive_path: Path, tmp_path: Path) -> None:
    """An export of a whole archive says of no list that not all is here; else it names them."""
    user.run("sync", archive_path, "--media", "--quiet")
    export = ("export", archive_path, "--format", "csv", "--with-media")
    whole = user.run(*export, tmp_path / "whole")
    one = "select url from media where state = 'stored' limit 1"
    execute(archive_path, [f"update media set state = 'gone' where url in ({one})"])
    part = user.run(*export, tmp_path / "part")
    without = user.run("export", archive_path, tmp_path / "rows", "--format", "csv")

    assert book_of(archive_path).files.others["unavailable"] == 3
    assert "does not have all" not in whole.stderr
    assert "The archive does not have all rows of files: see" in part.stderr
    # Where nobody asks for files, none is lacking.
    assert "does not have all" not in without.stderr
    assert "lacks some of what" not in whole.stderr + part.stderr
