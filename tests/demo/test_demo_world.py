"""The toy's world and its operations, the paging quirks, the refusals and the faults."""

import html
import json
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from toy import DemoInstance, Limiter, Seen, World, WorldSize, generate
from truth import files_of, texts_of, truth_of
from visiting import NO_TLS

from ovk_archive.demo.methods.php import ApiFault, Crash, Params, sliced, to_int, to_json, window

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])


class Asker:
    """A client of one toy instance."""

    def __init__(self, instance: DemoInstance) -> None:
        self.instance = instance
        self.http = httpx.Client(base_url=instance.url, verify=NO_TLS)

    def raw(self, method: str, **params: Any) -> httpx.Response:
        """Ask, and take whatever comes."""
        data = {"access_token": self.instance.token, **params}
        return self.http.post(f"/method/{method}", data=data)

    def __call__(self, method: str, **params: Any) -> Any:
        """Ask, and expect success."""
        answer = self.raw(method, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()["response"]

    def ids(self, method: str, **params: Any) -> list[Any]:
        """Ask for a list, and keep the ids."""
        answer = self(method, **params)
        rows = answer if isinstance(answer, list) else answer.get("items", answer.get("notes", []))
        return [row["id"] for row in rows]

    def error(self, method: str, **params: Any) -> tuple[int, str]:
        """Ask, and expect a refusal."""
        answer = self.raw(method, **params)
        assert answer.status_code == 400, answer.text
        return answer.json()["error_code"], answer.json()["error_msg"]


@pytest.fixture
def start() -> Iterator[Callable[..., Asker]]:
    """Starts instances, and stops them after the test."""
    askers: list[Asker] = []

    def start(world: World, dialect: str = "A") -> Asker:
        instance = DemoInstance(world, dialect)
        instance.start()
        askers.append(Asker(instance))
        return askers[-1]

    yield start
    for asker in askers:
        asker.http.close()
        asker.instance.stop()
        assert asker.instance.bugs == []


Start = Callable[..., Asker]


def wall(posts: int) -> World:
    """A world with some posts."""
    world = World.empty()
    for _ in range(posts):
        world.add_post(1)
    return world


# Worlds


def test_generation_is_deterministic() -> None:
    """The same seed gives the same world, another seed another one."""
    assert texts_of(generate(3), "A") == texts_of(generate(3), "A")
    assert texts_of(generate(3), "A") != texts_of(generate(4), "A")


@pytest.mark.parametrize("posts", [0, 1, 7, 29, 120])
def test_any_size_is_generated(posts: int) -> None:
    """A world of any size, even an empty one, can be generated."""
    size = WorldSize(posts, posts, posts % 9, posts, posts, posts % 6, posts, posts, 1, posts % 13)

    world = generate(1, size)

    assert sum(key[0] == 1 for key in world.posts) >= posts


def test_empty_world_has_only_its_owner() -> None:
    """An empty world has one person and nothing else."""
    truth = truth_of(World.empty(), "A")

    assert {"posts": set(), "messages": set(), "audio_collection": {1: []}}.items() <= truth.items()


@DIALECTS
def test_texts_come_back_as_written(start: Start, dialect: str) -> None:
    """Unescaping a served text once gives what a person wrote."""
    world = generate()
    ask = start(world, dialect)
    texts = texts_of(world, dialect)

    posts = ask("wall.get", owner_id=1, count=1000)["items"]
    messages = ask("messages.getHistory", peer_id=2, count=1000)["items"]
    notes = ask("notes.get", user_id=1, count=100)["notes" if dialect == "A" else "items"]

    assert len(posts) > 100
    assert all(texts["posts", (1, p["id"])] == html.unescape(p["text"]) for p in posts)
    assert all(texts["messages", m["id"]] == html.unescape(m["body"]) for m in messages)
    assert all(texts["notes", (1, n["id"])] == n["text"] for n in notes)


@DIALECTS
def test_truth_is_what_can_be_read(start: Start, dialect: str) -> None:
    """World.truth is what one big page of every list holds."""
    world = generate()
    ask = start(world, dialect)
    truth = truth_of(world, dialect)

    assert {(1, n) for n in ask.ids("wall.get", owner_id=1, count=1000)} == truth["posts"]
    peers = ask("messages.getConversations", count=100)["items"]
    assert {p["conversation"]["peer"]["id"] for p in peers} == truth["conversations"]
    messages = [ask.ids("messages.getHistory", peer_id=p, count=1000) for p in world.dialogs]
    assert {number for rows in messages for number in rows} == truth["messages"]
    photos = ask("photos.getAll", owner_id=1, count=1000)["items"]
    assert {(photo["owner_id"], photo["id"]) for photo in photos} == truth["photos"]
    assert {(1, n) for n in ask.ids("notes.get", user_id=1, count=1000)} == truth["notes"]
    tracks = ask("audio.get", owner_id=1, count=1000)["items"]
    owners = [(track["owner_id"], track["aid"]) for track in tracks]
    listed = [world.audio[number] for number in truth["audio_collection"][1]]
    assert owners == [(track.owner_id, track.virtual_id) for track in listed]
    assert set(ask.ids("audio.getAlbums", owner_id=1)) == truth["playlists"]


@DIALECTS
def test_owners_that_refuse_have_no_truth(start: Start, dialect: str) -> None:
    """Closed and hiding people are refused, and are not in the truth."""
    world = generate()
    ask = start(world, dialect)

    truth = truth_of(world, dialect, (4, 5, 8))

    assert truth["posts"] == set()
    assert truth["photos"] == set()
    assert ask.error("wall.get", owner_id=4)[0] == 15
    assert ask.error("wall.get", owner_id=8)[0] == 18
    assert ask.error("notes.get", user_id=5)[0] == 15
    assert ask.error("photos.getAll", owner_id=5)[0] == (21 if dialect == "A" else 15)


@DIALECTS
def test_emptied_dialog_is_counted(start: Start, dialect: str) -> None:
    """A dialog without messages is counted, and its last message is null."""
    world = World.empty()
    friend = world.add_user("Борис", "Петров")
    world.delete_message(world.add_message(friend.id).id)
    ask = start(world, dialect)

    answer = ask("messages.getConversations")

    assert answer["count"] == 1
    assert answer["items"][0]["last_message"] is None
    assert ask.raw("messages.getConversationsById", peer_ids=friend.id).status_code == 500


@DIALECTS
def test_operations_show_at_once(start: Start, dialect: str) -> None:
    """What is added, deleted, edited or pinned shows in the next answer."""
    world = wall(3)
    ask = start(world, dialect)
    assert ask.ids("wall.get", owner_id=1) == [3, 2, 1]

    world.add_post(1)
    world.delete_post(1, 2)
    world.pin_post(1, 1)
    world.edit_post(1, 3, "иначе & иначе")

    assert ask.ids("wall.get", owner_id=1) == [1, 4, 3]
    assert ask("wall.getById", posts="1_3")["items"][0]["text"] == "иначе &amp; иначе"
    world.undelete_post(1, 2)
    world.pin_post(1, None)
    assert ask.ids("wall.get", owner_id=1) == [4, 3, 2, 1]


@DIALECTS
def test_lists_shrink(start: Start, dialect: str) -> None:
    """What is deleted or taken out is gone from its list and from the truth."""
    world = World.empty()
    tracks = [world.add_audio(1).id for _ in range(3)]
    albums = [world.add_album(1).id for _ in range(2)]
    playlists = [world.add_playlist().id for _ in range(2)]
    notes = [world.add_note(1).id for _ in range(2)]
    comment = world.add_comment("note", 1, notes[1])
    ask = start(world, dialect)

    world.remove_audio(tracks[0])
    world.delete_album(albums[0])
    world.delete_playlist(playlists[0])
    world.delete_note(1, notes[0])
    world.edit_note(1, notes[1], "<p>иначе</p>")
    world.delete_comment(comment.id)

    truth = truth_of(world, dialect)
    assert truth["audio_collection"] == {1: [3, 2]}
    assert (truth["albums"], truth["playlists"]) == ({albums[1]}, {playlists[1]})
    assert (truth["notes"], truth["comments"]) == ({(1, notes[1])}, set())
    assert ask.ids("audio.get", owner_id=1) == [3, 2]
    assert len(ask.ids("photos.getAlbums", owner_id=1)) == 1
    assert ask.ids("audio.getAlbums", owner_id=1) == [playlists[1]]
    assert ask("notes.getById", owner_id=1, note_id=2)["text"] == "<p>иначе</p>"


@DIALECTS
def test_deleted_things_come_back(start: Start, dialect: str) -> None:
    """What was deleted and is brought back is in the truth and in its list, as if nothing was."""
    world = crowded()
    before = truth_of(world, dialect)
    ask = start(world, dialect)
    things: dict[str, tuple[int, ...]] = {
        "post": (1, 1), "comment": (1,), "message": (1,), "photo": (1, 1), "note": (1, 1),
        "video": (1, 1), "document": (1,), "topic": (1, 1), "audio": (1,), "album": (1,),
        "playlist": (1,),
    }  # fmt: skip

    for kind, key in things.items():
        getattr(world, f"delete_{kind}")(*key)
        gone = truth_of(world, dialect)
        assert gone != before or (kind, dialect) == ("document", "A")
        getattr(world, f"undelete_{kind}")(*key)
        assert truth_of(world, dialect) == before

    assert ask.ids("wall.get", owner_id=1) == [1]
    assert ask.ids("messages.getHistory", peer_id=2) == [1]
    assert ask.ids("photos.getAll", owner_id=1) == [1]
    assert ask.ids("notes.get", user_id=1) == [1]
    assert len(ask.ids("photos.getAlbums", owner_id=1)) == 1
    assert ask.ids("audio.getAlbums", owner_id=1) == [1]
    assert ask.ids("wall.getComments", owner_id=1, post_id=1) == [1]


@DIALECTS
def test_edits_show_at_once(start: Start, dialect: str) -> None:
    """What is written anew, or called by another name, is told so by its list."""
    world = crowded()
    ask = start(world, dialect)

    world.edit_comment(1, "иначе & иначе")
    world.edit_message(1, "не так")
    world.edit_audio(1, artist="Другой")
    world.edit_audio(1, title="Иная")
    world.edit_video(1, 1, "Кино")
    world.edit_document(1, "Бумага")
    world.edit_topic(1, 1, "О другом")
    world.rename_album(1, "Лето")
    world.rename_playlist(1, "Зима")

    def first(method: str, **params: Any) -> dict[str, Any]:
        row: dict[str, Any] = ask(method, **params)["items"][0]
        return row

    comment = first("wall.getComments", owner_id=1, post_id=1)
    album, track = first("photos.getAlbums", owner_id=1), first("audio.get", owner_id=1)
    video = first("video.get", owner_id=1)
    assert comment["text"] == "иначе &amp; иначе"
    assert texts_of(world, dialect)["comments", 1] == "иначе & иначе"
    assert first("messages.getHistory", peer_id=2)["body"] == "не так"
    assert texts_of(world, dialect)["messages", 1] == "не так"
    assert (track["artist"], track["title"]) == ("Другой", "Иная")
    assert (video if dialect == "B" else video["video"])["title"] == "Кино"
    assert first("board.getTopics", group_id=1)["title"] == "О другом"
    assert (album["title"], album["updated"]) == ("Лето", world.clock)
    assert first("audio.getAlbums", owner_id=1)["title"] == "Зима"
    assert dialect == "A" or first("docs.get")["title"] == "Бумага"


@DIALECTS
def test_new_names_leave_files_alone(dialect: str) -> None:
    """A track, a video and a document that are called otherwise keep the bytes of their files."""
    world = crowded()
    before = files_of(world, dialect, [])

    world.edit_audio(1, artist="Другой", title="Иная")
    world.edit_video(1, 1, "Кино")
    world.edit_document(1, "Бумага")

    assert files_of(world, dialect, []) == before


@DIALECTS
def test_deleted_messages_are_shown_by_id(start: Start, dialect: str) -> None:
    """A deleted message is in no history, and messages.getById goes on showing it, edits too."""
    world = crowded()
    ask = start(world, dialect)

    world.delete_message(1)
    world.edit_message(1, "не так")

    assert ask.ids("messages.getHistory", peer_id=2) == []
    assert ask("messages.getById", message_ids="1")["items"][0]["body"] == "не так"


@DIALECTS
def test_lists_within_lists_shrink(start: Start, dialect: str) -> None:
    """What is taken out of an album or a playlist stays where else it is; the album tells of it."""
    world = crowded()
    ask = start(world, dialect)
    world.moment(world.clock + 5)

    world.take_out_of_album(1, (1, 1))
    world.remove_from_playlist(1, 1)

    truth = truth_of(world, dialect)
    assert (truth["album_photos"], truth["playlist_audio"]) == (set(), {1: []})
    assert (truth["photos"], truth["audio_collection"]) == ({(1, 1)}, {1: [1]})
    album = ask("photos.getAlbums", owner_id=1)["items"][0]
    assert (album["size"], album["updated"]) == (0, world.clock)
    assert ask.ids("audio.get", owner_id=1, album_id=1) == []


@DIALECTS
def test_suggested_posts_wait(start: Start, dialect: str) -> None:
    """Nobody sees a suggested post; once accepted it has its old number and the newest date."""
    world = World.empty()
    world.join(1, world.add_group("Клуб").id)
    reader = world.add_user("Борис", "Петров").id
    world.add_post(-1)
    world.suggest_post(-1, author=reader, text="можно?")
    world.add_post(-1)
    ask = start(world, dialect)
    before = truth_of(world, dialect, (-1,))

    assert ask.ids("wall.get", owner_id=-1) == [3, 1]
    assert ask("wall.get", owner_id=-1)["count"] == 2
    assert ask.ids("wall.getById", posts="-1_1,-1_2,-1_3") == [1, 3]
    assert ask.ids("newsfeed.get") == [3, 1]
    assert ask.error("wall.getComments", owner_id=-1, post_id=2)[0] == 100
    assert ask.error("likes.getList", type="post", owner_id=-1, item_id=2)[0] == 665
    assert before["posts"] == {(-1, 1), (-1, 3)}

    world.accept_post(-1, 2)

    assert ask.ids("wall.get", owner_id=-1) == [2, 3, 1]
    accepted = ask("wall.getById", posts="-1_2")["items"][0]
    assert (accepted["date"], accepted["text"]) == (world.clock, "можно?")
    assert truth_of(world, dialect, (-1,))["posts"] == before["posts"] | {(-1, 2)}
    assert (-1, 2) in truth_of(world, dialect)["newsfeed"]
    with pytest.raises(ValueError, match="nobody suggested"):
        world.accept_post(-1, 2)


def crowded() -> World:
    """A world with one of everything, each with the number 1."""
    world = World.empty()
    world.add_message(world.add_user("Борис", "Петров").id)
    world.add_post(1)
    world.add_comment("post", 1, 1)
    world.add_photo(1, world.add_album(1).id)
    world.add_note(1)
    world.add_to_playlist(world.add_playlist(1).id, world.add_audio(1).id)
    world.add_video(1)
    world.add_document(1, "Файл")
    world.make_admin(1, world.add_group("Клуб").id)
    world.add_topic(1)
    return world


def test_unknown_dialects_are_refused() -> None:
    """There are two dialects."""
    with pytest.raises(ValueError, match="no such dialect"):
        DemoInstance(World.empty(), "C")


# Paging


@pytest.mark.parametrize(("dialect", "expected"), [("A", [3, 2]), ("B", [2, 1])])
def test_wall_offset_is_off_by_one(start: Start, dialect: str, expected: list[int]) -> None:
    """[A] takes one off every offset of a wall without a pinned post."""
    ask = start(wall(4), dialect)

    assert ask.ids("wall.get", owner_id=1, count=2) == [4, 3]
    assert ask.ids("wall.get", owner_id=1, count=2, offset=2) == expected


@DIALECTS
def test_pinned_wall_pages_exactly(start: Start, dialect: str) -> None:
    """With a pinned post, pages follow each other exactly, and count=0 crashes."""
    world = wall(5)
    world.pin_post(1, 2)
    ask = start(world, dialect)

    pages = [ask.ids("wall.get", owner_id=1, count=2, offset=offset) for offset in (0, 2, 4, 6)]

    assert pages == [[2, 5], [4, 3], [1], []]
    assert ask.raw("wall.get", owner_id=1, count=0).status_code == 500
    assert ask.raw("wall.get", owner_id=1, offset=-1).status_code == 500


@DIALECTS
def test_ties_go_by_ascending_id(start: Start, dialect: str) -> None:
    """Posts of one second go by ascending id, as on the recorded walls."""
    world = World.empty()
    for date in (100, 200, 200, 200, 300):
        world.add_post(1, date=date)
    ask = start(world, dialect)

    assert ask.ids("wall.get", owner_id=1) == [5, 2, 3, 4, 1]


@pytest.mark.parametrize(("dialect", "offset"), [("A", 1), ("B", 10)])
def test_comment_offset(start: Start, dialect: str, offset: int) -> None:
    """[A] counts pages where [B] counts comments."""
    world = wall(1)
    comments = [world.add_comment("post", 1, 1).id for _ in range(25)]
    ask = start(world, dialect)

    page = ask.ids("wall.getComments", owner_id=1, post_id=1, count=10, offset=offset)

    assert page == comments[10:20]


@DIALECTS
def test_album_pages_have_holes(start: Start, dialect: str) -> None:
    """Deleted photos shorten pages of photos.get, even to nothing, and count all the same."""
    world = World.empty()
    album = world.add_album(1)
    for _ in range(6):
        world.add_photo(1, album.id)
    for number in (2, 3, 4):
        world.delete_photo(1, number)
    ask = start(world, dialect)

    pages = [
        ask("photos.get", owner_id=1, album_id=album.id, count=2, offset=offset)
        for offset in (0, 2, 4, 6)
    ]

    counts = [2, 2, 2, 0] if dialect == "A" else [6, 6, 6, 6]
    assert [page["count"] for page in pages] == counts
    assert [len(page.get("items", [])) for page in pages] == [1, 0, 2, 0]
    assert ["items" in page for page in pages] == [True, False, True, False]
    assert ask.ids("photos.getAll", owner_id=1) == [6, 5, 1]
    assert ask("photos.getAlbums", owner_id=1)["items"][0]["size"] == 6


@DIALECTS
def test_collection_pages_have_holes(start: Start, dialect: str) -> None:
    """Deleted tracks shorten pages of audio.get; audio.getCount goes on counting them."""
    world = World.empty()
    tracks = [world.add_audio(1).id for _ in range(6)]
    world.delete_audio(tracks[2])
    world.delete_audio(tracks[3])
    world.move_audio_to_front(tracks[0])
    ask = start(world, dialect)

    pages = [ask.ids("audio.get", owner_id=1, count=2, offset=offset) for offset in (0, 2, 4, 6)]

    assert pages == [[1, 6], [5], [2], []]
    assert ask("audio.getCount", owner_id=1) == 6
    assert truth_of(world, dialect)["audio_collection"] == {1: [1, 6, 5, 2]}


@pytest.mark.parametrize(("dialect", "expected"), [("A", [1, 2, 3]), ("B", [3, 1, 2])])
def test_playlist_order(start: Start, dialect: str, expected: list[int]) -> None:
    """[A] lists a playlist by id, [B] in its own order."""
    world = World.empty()
    for _ in range(3):
        world.add_audio(1)
    playlist = world.add_playlist()
    for number in (3, 1, 2):
        world.add_to_playlist(playlist.id, number)
    ask = start(world, dialect)

    assert ask.ids("audio.get", owner_id=1, album_id=playlist.id) == expected
    assert truth_of(world, dialect)["playlist_audio"] == {playlist.id: expected}


@DIALECTS
def test_history_after_a_message(start: Start, dialect: str) -> None:
    """`start_message_id` with `rev=1` walks a dialog upwards; the count is the page's."""
    world = World.empty()
    friend = world.add_user("Борис", "Петров").id
    for number in range(10):
        world.add_message(friend, out=number % 2 == 0)
    ask = start(world, dialect)

    answer = ask("messages.getHistory", peer_id=friend, rev=1, start_message_id=4, count=3)

    assert [message["id"] for message in answer["items"]] == [5, 6, 7]
    assert answer["count"] == 3


@DIALECTS
def test_friends_offset_counts_pages(start: Start, dialect: str) -> None:
    """friends.get counts pages; past the end [A] shows a phantom."""
    world = World.empty()
    for number in range(5):
        world.befriend(1, world.add_user("Друг", str(number)).id)
    ask = start(world, dialect)

    assert ask.ids("friends.get", count=2, offset=1) == [4, 5]
    assert ask.ids("friends.get", count=2, offset=9) == ([0] if dialect == "A" else [])


def test_reposts_crash_extended_walls(start: Start) -> None:
    """[A] takes a repost's original for a person, and crashes where there is none."""
    world = wall(20)
    world.add_post(1, repost_of=(1, 20))

    older, newer = start(world, "A"), start(world, "B")

    assert older.raw("wall.get", owner_id=1, extended=1).status_code == 500
    assert older("wall.getById", posts="1_21", extended=1)["profiles"][1]["id"] == 20
    assert newer("wall.get", owner_id=1, extended=1)["groups"] == []


def test_video_under_a_photo_crashes(start: Start) -> None:
    """[A] cannot show a video in a photo's comments, so it is no part of the truth."""
    world = World.empty()
    photo, video = world.add_photo(1), world.add_video(1)
    comment = world.add_comment("photo", 1, photo.id, attachments=[("video", (1, video.id))])

    older, newer = start(world, "A"), start(world, "B")

    assert older.raw("photos.getComments", owner_id=1, photo_id=1).status_code == 500
    assert newer.ids("photos.getComments", owner_id=1, photo_id=1) == [comment.id]
    assert truth_of(world, "A")["comments"] == set()
    assert truth_of(world, "B")["comments"] == {comment.id}


# Transport, tokens, limits


@DIALECTS
def test_names_do_not_care_about_case(start: Start, dialect: str) -> None:
    """Methods are found in any case, and remembered as documented."""
    ask = start(wall(1), dialect)

    ask("WALL.GET", owner_id=1)
    ask("Photos.GetAll", owner_id=1)

    assert [seen.method for seen in ask.instance.seen] == ["wall.get", "photos.getAll"]
    assert ask.instance.count("Wall.Get") == 1


@DIALECTS
def test_errors_echo_only_the_query(start: Start, dialect: str) -> None:
    """An error repeats the query string, token included, and nothing of a form."""
    ask = start(wall(1), dialect)

    posted = ask.raw("wall.get", owner_id=9999).json()
    got = ask.http.get("/method/wall.get", params={"owner_id": 9999, "access_token": "x"}).json()

    assert posted["request_params"] == [
        {"key": "method", "value": "Wall.get"},
        {"key": "oauth", "value": 1},
    ]
    assert {"key": "owner_id", "value": "9999"} in ask.http.get(
        "/method/wall.get",
        params={"owner_id": 9999, "access_token": ask.instance.token},
    ).json()["request_params"]
    assert {"key": "access_token", "value": "x"} in got["request_params"]
    assert got["error_code"] == 5


@DIALECTS
def test_refusals_of_the_account(start: Start, dialect: str) -> None:
    """A revoked token is nobody's, a banned account is told so."""
    ask = start(wall(1), dialect)

    ask.instance.ban()
    banned = ask.error("wall.get", owner_id=1)
    ask.instance.revoke()
    revoked = ask.error("account.getProfileInfo")

    words = {"A": "User account is deactivated", "B": "User was deleted or banned"}
    assert banned == (18, words[dialect])
    assert revoked == (5, "User authorization failed: no access_token passed.")


@DIALECTS
def test_parameters_are_checked(start: Start, dialect: str) -> None:
    """Unknown methods, missing parameters and odd numbers are answered as PHP would."""
    ask = start(wall(1), dialect)

    assert ask.error("wall.nope") == (3, "Unknown method passed.")
    assert ask.error("wall.get") == (100, "Required parameter 'owner_id' missing.")
    assert ask.raw("wall.get", owner_id="abc").status_code == 500
    assert ask.ids("wall.get", owner_id="1.9") == [1]
    assert ask.http.get("/method/wall").status_code == 404
    assert ask.http.get("/").status_code == 200


def test_bearer_is_read_by_the_newer_only(start: Start) -> None:
    """Only [B] reads the Authorization header."""
    for dialect, status in (("A", 400), ("B", 200)):
        ask = start(wall(1), dialect)
        headers = {"Authorization": f"Bearer {ask.instance.token}"}
        answer = ask.http.post("/method/account.getInfo", headers=headers)
        assert status == answer.status_code


def login(ask: Asker, **more: str) -> httpx.Response:
    """Log in with the right password."""
    instance = ask.instance
    data = {"username": instance.login, "password": instance.password, "grant_type": "password"}
    return ask.http.post("/token", data=data | more)


@DIALECTS
def test_logging_in(start: Start, dialect: str) -> None:
    """The right password buys a token; a stale one is given again on request."""
    ask = start(wall(1), dialect)

    first = login(ask, client_name="ovk-archive").json()
    again = login(ask, client_name="ovk-archive", accepts_stale="1").json()

    assert first["access_token"] == again["access_token"]
    assert (first["is_stale"], again["is_stale"]) == (False, True)
    assert ask("wall.get", owner_id=1, access_token=first["access_token"])["count"] == 1
    assert login(ask, password="no").json()["error_code"] == 28
    assert login(ask, grant_type="code").json()["error_code"] == 7
    assert ask.http.post("/token", data={"grant_type": "password"}).json()["error_code"] == 100
    stale = login(ask, accepts_stale="1")
    assert (dialect, stale.status_code) in {("A", 400), ("B", 200)}


@DIALECTS
def test_second_factor(start: Start, dialect: str) -> None:
    """The account may demand a code."""
    ask = start(wall(1), dialect)
    ask.instance.two_factor = "123456"

    wanted = login(ask, **({"2fa_supported": "1"} if dialect == "A" else {}))

    assert wanted.status_code == 401
    assert wanted.json()["error"] == "need_validation"
    assert login(ask, code="000000").json()["error_code"] == 28
    assert login(ask, code="123456").status_code == 200


def test_limiter_counts_windows_and_violations() -> None:
    """Five calls pass, the sixth is refused, the fiftieth refusal is the last straw."""
    now = [0.0]
    limiter = Limiter(enabled=True, clock=lambda: now[0])

    for _ in range(5):
        limiter.check()
    for _ in range(49):
        with pytest.raises(ApiFault):
            limiter.check()
    with pytest.raises(Crash):
        limiter.check()

    assert (limiter.refusals, limiter.banned) == (50, True)
    now[0] = 21.0
    limiter.check()


def test_only_older_photos_are_limited(start: Start) -> None:
    """[A] limits photos, and nothing else; [B] limits no reads."""
    for dialect, refusals in (("A", 2), ("B", 0)):
        ask = start(wall(1), dialect)
        ask.instance.limiter.enabled = True
        for _ in range(7):
            ask.raw("photos.getAlbums", owner_id=1)
            ask("wall.get", owner_id=1)
        assert ask.instance.limiter.refusals == refusals


@DIALECTS
def test_writes_and_online_marks_are_counted(start: Start, dialect: str) -> None:
    """What an archiver must not do is counted, and changes nothing."""
    ask = start(wall(1), dialect)

    assert ask.error("wall.post", owner_id=1, message="x")[0] == 15
    ask("newsfeed.get")
    ask("newsfeed.get", forGodSakePleaseDoNotReportAboutMyOnlineActivity=1)
    ask("account.setOnline")

    assert (ask.instance.writes, ask.instance.online_marks) == (1, 2)
    assert len(ask.instance.world.posts) == 1


@DIALECTS
def test_length_is_told_by_the_older_only(start: Start, dialect: str) -> None:
    """[A] sends Content-Length, [B] does not."""
    ask = start(wall(1), dialect)

    answer = ask.raw("wall.get", owner_id=1)

    assert ("content-length" in answer.headers) == (dialect == "A")


# Faults


@pytest.mark.parametrize(
    ("kind", "status"),
    [("500", 500), ("502", 502), ("503", 503), ("302", 302), ("html", 200), ("400empty", 400)],
)
def test_broken_answers(start: Start, kind: str, status: int) -> None:
    """An ordered fault comes once, at its turn, and is remembered."""
    ask = start(wall(1))
    ask.instance.faults.order(kind, after=1, method="wall.get")

    answers = [ask.raw("wall.get", owner_id=1) for _ in range(3)]

    assert [200, status, 200] == [answer.status_code for answer in answers]
    assert [None, kind, None] == [seen.fault for seen in ask.instance.seen]
    with pytest.raises(ValueError, match="Expecting value"):
        answers[1].json()


def test_truncated_json(start: Start) -> None:
    """Truncated JSON is a whole answer of half a document."""
    ask = start(wall(1))
    ask.instance.faults.order("truncated")

    answer = ask.raw("wall.get", owner_id=1)

    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize("kind", ["cut", "cut_body"])
def test_cut_connections(start: Start, kind: str) -> None:
    """A cut connection is an error of the transport, and only of that request."""
    ask = start(wall(1))
    ask.instance.faults.order(kind)

    with pytest.raises(httpx.TransportError):
        ask.raw("wall.get", owner_id=1)

    assert ask.ids("wall.get", owner_id=1) == [1]


def test_slow_answers(start: Start) -> None:
    """A slow answer comes at last."""
    ask = start(wall(1))
    ask.instance.faults.slow_seconds = 0.05
    ask.instance.faults.order("slow")

    assert ask.raw("wall.get", owner_id=1).elapsed.total_seconds() > 0.05


def test_schedule_and_unknown_faults(start: Start) -> None:
    """A schedule decides about every request; an unknown fault cannot be ordered."""
    ask = start(wall(1))
    ask.instance.faults.schedule = lambda seen: "500" if "offset" in seen.params else None

    assert ask.raw("wall.get", owner_id=1, offset=0).status_code == 500
    assert ask.raw("wall.get", owner_id=1).status_code == 200
    with pytest.raises(ValueError, match="no such fault"):
        ask.instance.faults.order("fire")


POISON: list[tuple[tuple[str, Any], str, dict[str, Any]]] = [
    (("posts", (1, 2)), "wall.get", {"owner_id": 1}),
    (("comments", 1), "wall.getComments", {"owner_id": 1, "post_id": 1}),
    (("messages", 1), "messages.getHistory", {"peer_id": 2}),
    (("conversations", 2), "messages.getConversations", {}),
    (("photos", (1, 1)), "photos.getAll", {"owner_id": 1}),
    (("albums", 1), "photos.getAlbums", {"owner_id": 1}),
    (("notes", (1, 1)), "notes.get", {"user_id": 1}),
    (("audio", 1), "audio.get", {"owner_id": 1}),
    (("playlists", 1), "audio.getAlbums", {"owner_id": 1}),
    (("users", 2), "users.get", {"user_ids": "1,2"}),
]


@DIALECTS
@pytest.mark.parametrize(("key", "method", "params"), POISON)
def test_poison(
    start: Start, dialect: str, key: tuple[str, Any], method: str, params: dict[str, Any]
) -> None:
    """A poisoned record crashes every page that it is on."""
    world = wall(2)
    friend = world.add_user("Борис", "Петров").id
    world.add_comment("post", 1, 1)
    world.add_message(friend)
    world.add_photo(1, world.add_album(1).id)
    world.add_note(1)
    world.add_audio(1)
    world.add_playlist(1)
    ask = start(world, dialect)
    assert ask.raw(method, **params).status_code == 200

    ask.instance.faults.poison.add(key)

    assert ask.raw(method, **params).status_code == 500


def test_between_changes_the_world(start: Start) -> None:
    """A test may change the world right before an answer."""
    world = wall(1)
    ask = start(world)

    def grow(seen: Seen) -> None:
        assert (seen.method, seen.status) == ("wall.get", 0)
        world.add_post(1)

    ask.instance.between = grow

    assert ask.ids("wall.get", owner_id=1) == [2, 1]


def test_failures_of_the_toy_are_raised() -> None:
    """An error of the toy itself does not pass for a crash of the server."""

    def fail(_: Seen) -> None:
        raise LookupError

    instance = DemoInstance(wall(1))
    instance.between = fail

    def use() -> None:
        with instance:
            assert (
                httpx.post(f"{instance.url}/method/ovk.version", verify=NO_TLS).status_code == 500
            )

    with pytest.raises(RuntimeError, match="toy"):
        use()


def test_secrets_stay_out_of_the_record(start: Start) -> None:
    """Tokens and passwords are in the raw requests only."""
    ask = start(wall(1))

    ask("wall.get", owner_id=1)
    ask.http.get("/method/wall.get", params={"access_token": ask.instance.token})

    assert all("access_token" not in seen.params for seen in ask.instance.seen)
    verb, address, headers = ask.instance.raw[-1]
    assert verb == "GET"
    assert ask.instance.token in address
    assert "user-agent" in headers
    ask.instance.reset_counts()
    assert ask.instance.count() == 0


# Files


@DIALECTS
def test_files_are_served(start: Start, dialect: str) -> None:
    """Photos, tracks, videos and documents can be downloaded from their addresses."""
    world = World.empty()
    world.add_photo(1, world.add_album(1).id)
    world.add_audio(1, title="Ёж")
    attachments = [("video", (1, world.add_video(1).id)), ("doc", world.add_doc(1, "Файл").id)]
    world.add_post(1, attachments=attachments)
    ask = start(world, dialect)

    photo = ask("photos.getAll", owner_id=1, photo_sizes=1)["items"][0]
    track = ask("audio.get", owner_id=1)["items"][0]
    hung = ask("wall.get", owner_id=1)["items"][0]["attachments"]

    beginnings = {photo["url"]: b"\x89PNG", photo["photo_75"]: b"\x89PNG", track["url"]: b"ID3"}
    beginnings[hung[0]["video"]["files"]["mp4_480"]] = b"\x00\x00\x00"
    beginnings[hung[0]["video"]["image"][0]["url"]] = b"GIF8"
    if dialect == "B":
        beginnings[hung[1]["doc"]["url"]] = "Файл".encode()
    for address, beginning in beginnings.items():
        answer = ask.http.get(address, follow_redirects=True)
        assert answer.content.startswith(beginning)
        assert int(answer.headers["content-size"]) == len(answer.content)
        assert ask.http.get(address, headers={"If-None-Match": "x"}).status_code in {304, 308}


def test_missing_files(start: Start) -> None:
    """What is not there is a 404; placeholders are there."""
    ask = start(wall(1))

    assert ask.http.get(f"/blob_ab/{'ab' * 64}.png").status_code == 404
    assert ask.http.get("/photos/thumbnails/7_tiny.jpeg").status_code == 404
    placeholder = "/assets/packages/static/openvk/img/camera_200.png"
    assert ask.http.get(placeholder).headers["content-type"] == "image/png"


# The process


def test_stand_alone_process() -> None:
    """`python -m ovk_archive.demo` says where it listens, and serves."""
    command = [sys.executable, "-m", "ovk_archive.demo", "--dialect", "B", "--posts", "5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        where = json.loads(process.stdout.readline())
        data = {"access_token": where["token"], "owner_id": where["account_id"]}
        answer = httpx.post(f"{where['url']}/method/wall.get", data=data, verify=NO_TLS)
        process.kill()

    assert answer.json()["response"]["count"] == 5


def test_start_and_stop_are_clean() -> None:
    """Starting and stopping leaves no warning, even with a request under way."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            with DemoInstance(wall(1)) as instance:
                httpx.get(instance.url, verify=NO_TLS)

    assert caught == []


# PHP


@pytest.mark.parametrize(
    ("text", "number"),
    [("abc", 0), ("12abc", 12), ("1.9", 1), ("", 0), (" -3", -3), ("9" * 30, 2**63 - 1)],
)
def test_php_numbers(text: str, number: int) -> None:
    """Numbers are read as settype reads them."""
    assert to_int(text) == number


def test_php_truth_slices_and_json() -> None:
    """The word "false" is true; -5 takes the last five; slashes are escaped."""
    assert Params({"x": "false"}).flag("x")
    assert not Params({"x": "0"}).flag("x")
    assert list(sliced(range(20), -5, 10)) == [0, 1, 2, 3, 4]
    assert list(window(range(5), 1, 2)) == [1, 2]
    assert to_json({"é": "/"}) == b'{"\\u00e9":"\\/"}'
    with pytest.raises(Crash):
        window([], -1, 1)
    with pytest.raises(Crash):
        sliced([], -2, 1)
