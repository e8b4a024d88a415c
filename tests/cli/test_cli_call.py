"""`ovk-archive call`: answers, whole lists, bare bodies, and what it takes to write."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from conftest import Cli
from scripted import Reply, Request, ScriptedServer, ok, refused
from toy import DemoInstance, WorldSize, generate
from visiting import NO_TLS

from ovk_archive.cli.account.all_pages import all_records

TOKEN = "1-12345678-secret-jill"
QUIET = "forGodSakePleaseDoNotReportAboutMyOnlineActivity"


def logged_in(cli: Cli, server: ScriptedServer) -> Cli:
    """The command line, logged in to a scripted server."""
    cli.environment |= {"OVK_INSTANCE": server.instance.url, "OVK_TOKEN": TOKEN}
    return cli


def listed(cli: Cli, *arguments: object) -> list[Any]:
    """The array that `call --paginate` prints."""
    said = cli.run("call", "--paginate", *arguments)
    assert (said.returncode, said.stderr) == (0, "")
    records = json.loads(said.stdout)
    assert isinstance(records, list)
    return records


def asked(method: str, toy: DemoInstance, params: dict[str, object]) -> httpx.Response:
    """What the toy answers to somebody who asks by hand."""
    form = {**{k: str(v) for k, v in params.items()}, "access_token": toy.token}
    return httpx.post(f"{toy.url}/method/{method}", data=form, verify=NO_TLS)


# One answer


def test_call_prints_the_answer(user: Cli) -> None:
    """`call` prints what the API says, in the letters it means."""
    said = user.run("call", "users.get", "user_ids=1,2")
    assert [one["id"] for one in json.loads(said.stdout)] == [1, 2]
    assert "Анна" in said.stdout
    assert said.stderr == ""


def test_call_prints_utf8_in_any_locale(user: Cli) -> None:
    """JSON is UTF-8 even where the terminal is not."""
    user.environment |= {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    assert "Анна" in user.run("call", "users.get", "user_ids=1").stdout


def test_call_does_not_care_about_case(user: Cli) -> None:
    """The server takes a method in any case, and so does the command."""
    assert json.loads(user.run("call", "USERS.Get", "user_ids=2").stdout)[0]["id"] == 2


@pytest.mark.parametrize("parameter", ["user_ids", "=1"])
def test_call_refuses_what_is_no_parameter(user: Cli, parameter: str) -> None:
    """A parameter is key=value."""
    assert user.run("call", "users.get", parameter).returncode == 2


def test_call_passes_the_refusal_on(user: Cli) -> None:
    """An API error is one sentence and its exit code."""
    said = user.run("call", "messages.getHistory", "peer_id=-5")
    assert said.returncode == 10
    assert said.stderr.startswith("Error: ")
    assert said.stderr.count("\n") == 1
    assert said.stdout == ""


# Whole lists


@pytest.mark.parametrize("size", [1, 5, 100])
def test_friends_are_read_page_by_page(cli: Cli, any_toy: DemoInstance, size: int) -> None:
    """friends.get, whose offset counts pages, is read whole, and no friend comes twice."""
    cli.log_in(any_toy)
    friends = [one["id"] for one in listed(cli, "friends.get", f"count={size}")]
    assert sorted(friends) == sorted(any_toy.world.users[1].friends)
    assert len(friends) > 5


@pytest.mark.parametrize("size", [1, 7, 40, 119, 500])
@pytest.mark.parametrize("pinned", [True, False])
def test_walls_are_read_to_their_end(
    cli: Cli, any_toy: DemoInstance, size: int, *, pinned: bool
) -> None:
    """Every post of a wall comes once, though [A] repeats a row where nothing is pinned."""
    world = any_toy.world
    if not pinned:
        world.pin_post(1, None)
    if size == 1:
        for post in world.wall(1)[6:]:
            world.delete_post(1, post.id)
    cli.log_in(any_toy)
    posts = [one["id"] for one in listed(cli, "wall.get", "owner_id=1", f"count={size}")]
    assert posts == list(dict.fromkeys(posts))
    assert set(posts) == {post.id for post in world.wall(1)}


def test_comments_are_read_whole(cli: Cli, any_toy: DemoInstance) -> None:
    """wall.getComments, whose offset differs between the generations, is read whole."""
    world = any_toy.world
    threads = {post.id: world.thread("post", 1, post.id) for post in world.wall(1)}
    post_id, thread = max(threads.items(), key=lambda pair: len(pair[1]))
    cli.log_in(any_toy)
    comments = listed(cli, "wall.getComments", "owner_id=1", f"post_id={post_id}", "count=3")
    assert [one["id"] for one in comments] == [comment.id for comment in thread]
    assert len(comments) > 3


def test_notes_are_found_under_their_own_name(cli: Cli, any_toy: DemoInstance) -> None:
    """[A] calls the rows of notes.get `notes`; they are the records all the same."""
    cli.log_in(any_toy)
    notes = listed(cli, "notes.get", "user_id=1", "count=10")
    assert {one["id"] for one in notes} == {note.id for note in any_toy.world.notes_of(1)}
    assert len(notes) > 20


def test_dead_rows_do_not_end_a_list(cli: Cli) -> None:
    """A page that deleted rows leave empty is not the end, where the server counts more."""
    with DemoInstance(generate(1, WorldSize(photos=40)), "B") as toy:
        cli.log_in(toy)
        album = max(toy.world.albums_of(1), key=lambda one: len(toy.world.album_rows(one.id)))
        rows = toy.world.album_rows(album.id)
        for photo in rows[4:12]:
            toy.world.delete_photo(photo.owner_id, photo.id)
        living = [photo.id for photo in rows if not photo.deleted]
        found = listed(cli, "photos.get", "owner_id=1", f"album_id={album.id}", "count=4")
    assert [one["id"] for one in found] == living
    assert len(living) > 4


def test_records_need_not_be_objects(cli: Cli) -> None:
    """likes.getList says mere numbers; these are the records."""

    def answer(request: Request) -> Reply:
        offset, count = int(request.form["offset"]), int(request.form["count"])
        likers = [2, 3, 4, 5, 6]
        return ok({"count": len(likers), "items": likers[offset : offset + count]})

    with ScriptedServer(by=answer) as server:
        found = listed(logged_in(cli, server), "likes.getList", "type=post", "count=2")
    assert found == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("size", [2, 100])
def test_gifts_are_read_whole(cli: Cli, any_toy: DemoInstance, size: int) -> None:
    """gifts.get, whose pages are cut off the first `count` rows, is read whole."""
    cli.log_in(any_toy)
    whole = asked("gifts.get", any_toy, {"user_id": 1, "count": 1000}).json()["response"]
    gifts = whole if any_toy.dialect == "A" else whole["items"]
    assert len(gifts) > 10
    assert listed(cli, "gifts.get", "user_id=1", f"count={size}") == gifts


@pytest.mark.parametrize("size", [3, 100])
def test_members_are_read_whole(cli: Cli, any_toy: DemoInstance, size: int) -> None:
    """groups.getMembers, cut in the same way, is read whole."""
    cli.log_in(any_toy)
    whole = asked("groups.getMembers", any_toy, {"group_id": 1, "count": 1000}).json()["response"]
    assert len(whole["items"]) > 3
    assert listed(cli, "groups.getMembers", "group_id=1", f"count={size}") == whole["items"]


def test_groups_are_read_whole(cli: Cli, any_toy: DemoInstance) -> None:
    """groups.get is read whole, though [A] crashes past its end."""
    cli.log_in(any_toy)
    whole = asked("groups.get", any_toy, {"count": 1000}).json()["response"]["items"]
    assert len(whole) > 1
    assert listed(cli, "groups.get", "count=1") == whole


def test_voters_are_read_whole(cli: Cli) -> None:
    """[B] polls.getVoters has its list inside a list, which is never empty."""
    rows = [{"id": number} for number in range(1, 6)]

    def answer(request: Request) -> Reply:
        offset, count = int(request.form["offset"]), int(request.form["count"])
        return ok([{"answer_id": 1, "users": {"items": rows[offset : offset + count]}}])

    with ScriptedServer(by=answer) as server:
        assert listed(logged_in(cli, server), "polls.getVoters", "poll_id=1", "count=2") == rows


@pytest.mark.parametrize("method", ["gifts.get", "groups.getMembers"])
def test_windows_that_begin_at_the_top_are_widened(cli: Cli, method: str) -> None:
    """Where the first `count` rows are taken and `offset` of them dropped, all rows are had."""
    rows = [{"id": number} for number in range(1, 251)]

    def answer(request: Request) -> Reply:
        offset, count = int(request.form["offset"]), int(request.form["count"])
        return ok({"count": min(count, 250), "items": rows[:count][offset:]})

    with ScriptedServer(by=answer) as server:
        assert listed(logged_in(cli, server), method, "group_id=1") == rows
    assert len(server.requests) == 4


def test_a_list_may_crash_past_its_end(cli: Cli) -> None:
    """[A] groups.get answers 500 instead of an empty page; the groups before it are all."""
    rows = [{"id": number} for number in (1, 2, 3)]

    def answer(request: Request) -> Reply:
        page = rows[int(request.form["offset"]) :]
        return ok({"count": 3, "items": page}) if page else Reply(500, b"<html>")

    with ScriptedServer(by=answer) as server:
        assert listed(logged_in(cli, server), "groups.get", "count=3") == rows


def test_a_page_that_crashes_is_an_error(user: Cli, toy: DemoInstance) -> None:
    """A list of which a record crashes the server is not printed in part."""
    poisoned = toy.world.wall(1)[60]
    toy.faults.poison.add(("posts", (1, poisoned.id)))
    said = user.run("call", "wall.get", "owner_id=1", "count=50", "--paginate")
    assert (said.returncode, said.stdout) == (20, "")
    assert "HTTP 500" in said.stderr


def test_a_method_that_ignores_offset_is_asked_thrice(cli: Cli) -> None:
    """What answers the same for ever, whatever the offset, is not asked for ever."""
    with ScriptedServer(ok([{"id": 1}, {"id": 2}])) as server:
        found = listed(logged_in(cli, server), "friends.areFriends", "user_ids=1,2")
    assert found == [{"id": 1}, {"id": 2}]
    assert len(server.requests) == 3


def test_pages_have_numbers_in_the_catalogue_of_gifts(cli: Cli) -> None:
    """gifts.getCategories has a `page` instead of an offset."""
    pages = {"1": [{"id": 1}], "2": [{"id": 2}]}
    with ScriptedServer(by=lambda request: ok(pages.get(request.form["page"], []))) as server:
        assert listed(logged_in(cli, server), "gifts.getCategories") == [{"id": 1}, {"id": 2}]
        assert cli.run("call", "gifts.getCategories", "page=2", "--paginate").returncode == 2


@pytest.mark.parametrize(
    ("response", "records"),
    [
        ([], []),
        ({}, []),
        ({"count": 0}, []),
        ({"count": 1, "items": []}, []),
        ({"0": {"id": 0, "first_name": "DELETED"}, "2": {"id": 7}}, [{"id": 7}]),
        ([{"id": 0, "gift": {}}], [{"id": 0, "gift": {}}]),
    ],
)
def test_odd_lists_are_lists(response: Any, records: list[Any]) -> None:
    """A list without rows, or with holes, has PHP's shapes; id 0 is [A]'s phantom."""
    answers = [response]

    async def ask(_: Any) -> Any:
        return answers.pop() if answers else []

    assert asyncio.run(all_records("audio.getFeed", ask)) == records


@pytest.mark.parametrize(
    "arguments",
    [
        ("account.getProfileInfo",),
        ("utils.getServerTime",),
        ("account.getCounters",),
        ("notes.getById", "owner_id=1", "note_id=1"),
    ],
)
def test_what_is_no_list_is_said_to_be_none(user: Cli, arguments: tuple[str, ...]) -> None:
    """A method that answers with one thing has no pages."""
    said = user.run("call", *arguments, "--paginate")
    assert (said.returncode, said.stdout) == (2, "")
    assert "does not answer with a list" in said.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("wall.get", "owner_id=1", "offset=5", "--paginate"),
        ("wall.get", "owner_id=1", "count=0", "--paginate"),
        ("wall.get", "owner_id=1", "count=many", "--paginate"),
        ("wall.get", "owner_id=1", "--paginate", "--raw"),
        ("wall.post", "owner_id=1", "--paginate", "--allow-write"),
        ("newsfeed.get", f"{QUIET}=0"),
    ],
)
def test_contradictions_are_usage_errors(
    user: Cli, toy: DemoInstance, arguments: tuple[str, ...]
) -> None:
    """What cannot be meant is refused before anything is sent."""
    assert user.run("call", *arguments).returncode == 2
    assert toy.raw == []


# Bare bodies


def test_raw_is_what_came(cli: Cli, any_toy: DemoInstance) -> None:
    """--raw prints the body byte for byte: escapes, order and spaces are the server's."""
    cli.log_in(any_toy)
    said = cli.run("call", "notes.get", "user_id=1", "--raw")
    expected = asked("notes.get", any_toy, {"user_id": 1})
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.encode() == expected.content
    assert r"\u0" in said.stdout


def test_raw_shows_refusals(cli: Cli, any_toy: DemoInstance) -> None:
    """A refusal is printed as it came, and still ends with its exit code."""
    cli.log_in(any_toy)
    said = cli.run("call", "messages.getHistory", "peer_id=-5", "--raw")
    expected = asked("messages.getHistory", any_toy, {"peer_id": -5})
    assert said.stdout.encode() == expected.content
    assert json.loads(said.stdout)["error_code"]
    assert said.returncode == 10
    assert said.stderr.startswith("Error: ")


def test_raw_shows_the_refusal_and_not_the_question_after_it(cli: Cli) -> None:
    """Where the client makes sure that the account lives, its own question is not printed."""

    def answer(request: Request) -> Reply:
        return ok({"id": 1}) if "Profile" in request.method else refused(18, "User was deleted")

    with ScriptedServer(by=answer) as server:
        said = logged_in(cli, server).run("call", "wall.get", "owner_id=3", "--raw")
    assert len(server.requests) == 2
    assert json.loads(said.stdout)["error_code"] == 18
    assert said.returncode == 10


def test_raw_shows_nonsense(cli: Cli) -> None:
    """A body that is no JSON is printed too, once, however often it was tried."""
    with ScriptedServer(Reply(500, b"<html>\xff\r\n")) as server:
        logged_in(cli, server)
        said = cli.run("call", "wall.get", "owner_id=3", "--raw", errors="surrogateescape")
    assert said.stdout.startswith("<html>\udcff")
    assert said.stdout.count("<html>") == 1
    assert said.returncode == 20


def test_raw_never_shows_the_token(cli: Cli) -> None:
    """Even where an instance repeats the token, it is not printed."""

    def answer(request: Request) -> Reply:
        return Reply(400, b'{"error_code":15,"error_msg":"no","p":"%s"}' % request.body.encode())

    with ScriptedServer(by=answer) as server:
        said = logged_in(cli, server).run("call", "wall.get", "owner_id=3", "--raw")
    assert "owner_id=3" in said.stdout
    assert TOKEN not in said.stdout + said.stderr


# Writing


@pytest.mark.parametrize("method", ["wall.post", "account.setOnline", "polls.edit", "no.such"])
@pytest.mark.parametrize("more", [(), ("--raw",), ("--paginate",)])
def test_what_may_write_is_refused(
    user: Cli, toy: DemoInstance, method: str, more: tuple[str, ...]
) -> None:
    """Without --allow-write, such a method is refused before anything is sent."""
    said = user.run("call", method, *more)
    assert (said.returncode, said.stdout) == (2, "")
    assert method in said.stderr
    assert "--allow-write" in said.stderr
    assert toy.raw == []


@pytest.mark.parametrize("fault", [None, "500", "502", "cut", "truncated", "302"])
@pytest.mark.parametrize("more", [(), ("--raw",)])
def test_a_write_is_sent_once(
    user: Cli, toy: DemoInstance, fault: str | None, more: tuple[str, ...]
) -> None:
    """--allow-write sends it, and never again, whatever is answered."""
    if fault:
        toy.faults.order(fault, times=9)
    said = user.run("call", "wall.post", "owner_id=1", "message=a", "--allow-write", *more)
    assert said.returncode == (20 if fault else 10)
    assert toy.count("wall.post") == 1
    assert len(toy.raw) == 1
    assert toy.writes == (0 if fault in {"500", "502", "302"} else 1)


def test_a_write_that_came_too_fast_is_not_sent_again(cli: Cli) -> None:
    """Error 29 ends it at once: there is no second try after the wait."""
    with ScriptedServer(refused(29, "You have been rate limited.")) as server:
        said = logged_in(cli, server).run("call", "likes.add", "--allow-write")
    assert said.returncode == 13
    assert len(server.requests) == 1


def test_reading_does_not_show_the_account_online(user: Cli, toy: DemoInstance) -> None:
    """newsfeed.get is sent the parameter that keeps it from doing so."""
    assert user.run("call", "newsfeed.get").returncode == 0
    assert user.run("call", "Newsfeed.GET", f"{QUIET}=1", "--raw").returncode == 0
    listed(user, "newsfeed.get")
    assert toy.count("newsfeed.get") >= 3
    assert toy.online_marks == 0


def test_it_is_shown_online_on_request(user: Cli, toy: DemoInstance) -> None:
    """With --allow-write the user may say otherwise."""
    assert user.run("call", "newsfeed.get", f"{QUIET}=0", "--allow-write").returncode == 0
    assert toy.online_marks == 1
