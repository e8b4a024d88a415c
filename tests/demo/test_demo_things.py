"""The toy's videos, gifts, polls, likes, discussions and documents, with their traps."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from toy import DemoInstance, World, WorldSize, generate
from truth import truth_of
from visiting import NO_TLS

from ovk_archive.demo.methods.php import ApiFault, Crash
from ovk_archive.demo.server import api

DIALECTS = pytest.mark.parametrize("dialect", ["A", "B"])
RECORDINGS = Path(__file__).parents[1] / "recordings"
FOLDERS = {"A": "2024-07", "B": "2026-08"}


class Toy:
    """One instance, asked without a socket in between."""

    def __init__(self, world: World, dialect: str) -> None:
        self.instance = DemoInstance(world, dialect)
        self.instance.url = "http://toy"
        self.world = world

    def __call__(self, method: str, **params: Any) -> Any:
        """Ask as the account, and expect success."""
        values = {name: str(value) for name, value in params.items()}
        return api.answer(self.instance, method, values, self.world.account_id)

    def items(self, method: str, **params: Any) -> list[Any]:
        """Ask for a list, whatever it is wrapped in."""
        answer = self(method, **params)
        rows: list[Any] = answer if isinstance(answer, list) else answer["items"]
        return [row["video"] if method == "video.get" and "video" in row else row for row in rows]

    def ids(self, method: str, **params: Any) -> list[Any]:
        """Ask for a list, and keep the ids."""
        return [row["id"] for row in self.items(method, **params)]

    def error(self, method: str, **params: Any) -> tuple[int, str]:
        """Ask, and expect a refusal."""
        with pytest.raises(ApiFault) as refusal:
            self(method, **params)
        return refusal.value.code, refusal.value.message

    def crashes(self, method: str, **params: Any) -> bool:
        """Ask, and say whether the server crashed."""
        try:
            self(method, **params)
        except Crash:
            return True
        return False


def small(people: int = 5) -> World:
    """A world with the account's owner, some others and two groups, of which one is theirs."""
    world = World.empty()
    for number in range(people - 1):
        world.add_user(f"Имя{number}", "Фамилия")
    world.add_group("Свой клуб", admins=[1])
    world.add_group("Чужой клуб")
    return world


def reference(dialect: str, name: str) -> Any:
    """What a recorded server answered."""
    path = RECORDINGS / FOLDERS[dialect] / f"{name}.json"
    return json.loads(path.read_text("utf-8"))["body"]


# Videos


@pytest.mark.parametrize(
    ("dialect", "offset", "count", "expected"),
    [
        ("A", 1, 2, [3, 2]),
        ("A", 2, 2, [1]),
        ("A", 3, 1, [2]),
        ("B", 1, 2, [4, 3]),
        ("B", 4, 2, [1]),
        ("B", 5, 2, []),
    ],
)
def test_video_offset(dialect: str, offset: int, count: int, expected: list[int]) -> None:
    """video.get counts pages in [A] and rows in [B], newest first; `count` is everything."""
    world = small()
    for _ in range(6):
        world.add_video(1)
    world.delete_video(1, 6)
    toy = Toy(world, dialect)

    assert toy("video.get", owner_id=1)["count"] == 5
    assert toy.ids("video.get", owner_id=1, offset=offset, count=count) == expected


@DIALECTS
def test_videos_by_name(dialect: str) -> None:
    """[A] shows only the last one named, deleted or not; [B] all that are live."""
    world = small()
    for _ in range(3):
        world.add_video(1)
    world.delete_video(1, 3)
    toy = Toy(world, dialect)

    assert toy.ids("video.get", owner_id=1, videos="1_1,1_2") == ([2] if dialect == "A" else [1, 2])
    assert toy.ids("video.get", owner_id=1, videos="1_3") == ([3] if dialect == "A" else [])
    many = ",".join(f"1_{number}" for number in range(101))
    if dialect == "B":
        assert toy.error("video.get", videos=many) == (15, "Too many ids given")


@DIALECTS
def test_videos_that_are_refused(dialect: str) -> None:
    """Groups' videos are not listable, nobody's are invalid, hidden ones are hidden."""
    world = small()
    world.users[2].hides = frozenset({"videos"})
    world.users[3].deleted = True
    world.users[4].closed = True
    toy = Toy(world, dialect)

    assert toy.error("video.get", owner_id=-1) == (1, "Not implemented")
    assert toy.error("video.get", owner_id=0) == (1, "Not implemented")
    for nobody in (3, 99):
        assert toy.error("video.get", owner_id=nobody) == (14, "Invalid user")
    for hidden in (2, 4):
        words = "This user chose to hide his videos."
        assert toy.error("video.get", owner_id=hidden) == (21, words)
    assert truth_of(world, dialect, (1, 2, 3, 4, 99, -1))["videos"] == set()


@DIALECTS
def test_unprocessed_video(dialect: str) -> None:
    """Until a video is converted, its address is a relative one, of a placeholder."""
    world = small()
    world.add_video(1, processed=False)
    toy = Toy(world, dialect)
    placeholder = "/assets/packages/static/openvk/video/rendering.mp4"

    [video] = toy.items("video.get", owner_id=1)
    assert video["player"] == placeholder
    assert video["files"]["mp4_480"].removesuffix("#vkuservideo") == placeholder
    assert video.get("is_processed") == (None if dialect == "A" else False)

    world.process_video(1, 1)
    [video] = toy.items("video.get", owner_id=1)
    assert video["player"].endswith(".mp4")
    assert "/blob_" in video["player"]
    assert video.get("is_processed") == (None if dialect == "A" else True)


# Gifts


@DIALECTS
@pytest.mark.parametrize(
    ("offset", "count", "expected"),
    [(0, 3, [7, 6, 5]), (2, 5, [5, 4, 3]), (5, 5, []), (3, 2, []), (5, 7, [2, 1]), (-2, 4, [5, 4])],
)
def test_gifts_are_cut_at_the_end(
    dialect: str, offset: int, count: int, expected: list[int]
) -> None:
    """gifts.get takes the first `count` rows and drops `offset` of them."""
    world = small()
    for number in range(7):
        world.add_gift(1, 2, number + 1)
    toy = Toy(world, dialect)

    page = toy.items("gifts.get", user_id=1, offset=offset, count=count)

    assert [gift["gift"]["id"] for gift in page] == expected


@DIALECTS
def test_gift_shapes(dialect: str) -> None:
    """[A] numbers gifts by their places and gives paths; [B] has ids, totals and addresses."""
    world = small()
    world.add_gift(2, 1, 1)
    world.add_gift(1, 2, 3, "Держи & <b>", date=200)
    world.add_gift(1, 3, 4, anonymous=True, date=300)
    toy = Toy(world, dialect)

    answer = toy("gifts.get")
    rows = toy.items("gifts.get", user_id=1, offset=1)

    assert isinstance(answer, list) == (dialect == "A")
    assert dialect == "A" or answer["count"] == 2
    assert [gift["from_id"] for gift in toy.items("gifts.get")] == [0, 2]
    assert [gift["privacy"] for gift in toy.items("gifts.get")] == [int(dialect == "B"), 0]
    assert [gift["id"] for gift in rows] == [1 if dialect == "A" else 2]
    assert rows[0]["message"] == "Держи & <b>"
    assert rows[0]["gift"]["thumb_48"].startswith("/" if dialect == "A" else toy.instance.url)
    assert truth_of(world, dialect)["gifts"] == {(1, 2, 200, 3, "Держи & <b>"), (1, 0, 300, 4, "")}


@DIALECTS
def test_gifts_that_are_refused(dialect: str) -> None:
    """Gifts of nobody and of closed profiles are refused."""
    world = small()
    world.users[2].closed = True
    world.users[3].deleted = True
    toy = Toy(world, dialect)

    nobody = (177, "Invalid user") if dialect == "A" else (15, "Access denied")
    assert toy.error("gifts.get", user_id=99) == nobody
    assert toy.error("gifts.get", user_id=3) == nobody
    assert toy.error("gifts.get", user_id=2) == (15, "Access denied")


@DIALECTS
@pytest.mark.parametrize("name", ["Gifts.getCategories", "Gifts.getGiftsInCategory"])
def test_without_commerce_there_is_no_catalogue(dialect: str, name: str) -> None:
    """Commerce off refuses the catalogue, but not the gifts."""
    world = small()
    world.commerce = False
    world.add_gift(1, 2, 1)
    toy = Toy(world, dialect)
    recorded = reference(dialect, f"commerce-off__{name}")

    refusal = toy.error(name[0].lower() + name[1:], id=1)

    assert refusal == (recorded["error_code"], recorded["error_msg"])
    assert len(toy.items("gifts.get")) == 1


def test_catalogue_is_the_recorded_one() -> None:
    """The catalogue's categories and offers are those of the recorded servers."""
    toy = Toy(small(), "A")

    for name, params in (("getCategories", {}), ("getGiftsInCategory", {"id": 1})):
        recorded = reference("A", f"base__u1__Gifts.{name}")
        assert toy(f"gifts.{name}", **params) == recorded["response"]


# Polls


def asked(**about: Any) -> World:
    """A world with a poll, hanging on a post: two chose the first answer, one the second."""
    world = small()
    poll = world.add_poll(1, "Кто?", [("я", 2), ("он", 1), ("никто", 0)], **about)
    world.add_post(1, attachments=[("poll", poll.id)])
    return world


def voters(toy: Toy, poll: int, answer: int, **params: Any) -> list[int]:
    """Who voted for an answer."""
    said = toy("polls.getVoters", poll_id=poll, answer_ids=answer, **params)
    shown = said["users"] if isinstance(said, dict) else said[0]["users"]["items"]
    assert (said if isinstance(said, dict) else said[0])["answer_id"] == answer
    return [user["id"] for user in shown]


@DIALECTS
def test_voters(dialect: str) -> None:
    """Voters are listed by answer, from any row on; votes are the voters' number."""
    world = asked()
    toy = Toy(world, dialect)

    assert [voters(toy, 1, answer) for answer in (1, 2, 3, 99)] == [[1, 2], [3], [], []]
    assert voters(toy, 1, 1, offset=1, count=1) == [2]
    poll = toy("polls.getById", poll_id=1)
    assert [answer["votes"] for answer in poll["answers"]] == [2, 1, 0]
    assert [answer["rate"] for answer in poll["answers"]] == [66, 33, 0]
    assert (poll["votes"], poll["answer_ids"], bool(poll["can_vote"])) == (3, [1], False)
    assert truth_of(world, dialect)["polls"] == {1}
    assert truth_of(world, dialect)["poll_votes"] == {(1, 1, 1), (1, 1, 2), (1, 2, 3)}


@DIALECTS
def test_only_six_voters_by_default(dialect: str) -> None:
    """polls.getVoters shows six unless told otherwise."""
    world = small(9)
    world.add_poll(1, "Сколько?", [("девять", 9)])

    assert len(voters(Toy(world, dialect), 1, 1)) == 6
    assert len(voters(Toy(world, dialect), 1, 1, count=100)) == 9


@DIALECTS
def test_voters_that_are_refused(dialect: str) -> None:
    """Anonymous polls and unknown ones refuse; their votes are counted all the same."""
    world = asked(anonymous=True)
    toy = Toy(world, dialect)

    older = [(251, "Access denied: poll is anonymous."), (251, "Invalid poll")]
    expected = older if dialect == "A" else [(15, "Access denied")] * 2
    assert [toy.error("polls.getVoters", poll_id=n, answer_ids=1) for n in (1, 9)] == expected
    assert toy("polls.getById", poll_id=1)["votes"] == 3
    assert truth_of(world, dialect)["poll_votes"] == set()


@DIALECTS
@pytest.mark.parametrize("revotable", [True, False])
def test_disable_unvote_is_inverted(dialect: str, revotable: bool) -> None:
    """`disable_unvote` is inverted in [A], in [B] only where a poll is attached."""
    toy = Toy(asked(revotable=revotable), dialect)

    [post] = toy.items("wall.get", owner_id=1)
    attached = post["attachments"][0]["poll"]

    assert attached["disable_unvote"] == revotable
    alone = toy("polls.getById", poll_id=1)["disable_unvote"]
    assert alone == (revotable if dialect == "A" else not revotable)
    assert attached["can_vote"] is False


def test_voting() -> None:
    """A vote moves where one answer may be chosen, and joins others where several may."""
    world = asked()
    world.add_poll(1, "Что?", [("а", 1), ("б", 1)], multiple=True)

    world.vote(1, 3, 1)
    world.vote(1, 3, 1)
    world.unvote(1, 2)
    world.vote(2, 4, 2)
    world.vote(2, 5, 2)

    assert [choice.voters for choice in world.polls[1].choices] == [[], [3], [1]]
    assert world.polls[1].voted(1) == [3]
    assert [choice.voters for choice in world.polls[2].choices] == [[1, 2], [1, 2]]
    assert world.polls[2].voted(2) == [4, 5]
    with pytest.raises(ValueError, match="people who may vote"):
        world.add_poll(1, "Кто?", [("все", 3), ("и ещё", 3)])


@DIALECTS
def test_closed_polls(dialect: str) -> None:
    """A poll is closed once its end has come."""
    world = asked(end_date=1)
    world.add_poll(1, "Потом?", [("да", 0)], end_date=2**40)
    toy = Toy(world, dialect)

    assert [toy("polls.getById", poll_id=n)["closed"] for n in (1, 2)] == [True, False]
    assert [bool(toy("polls.getById", poll_id=n)["can_vote"]) for n in (1, 2)] == [False, True]


# Likes


LIKEABLE = ("post", "photo", "video", "comment")


def liked(people: int = 15) -> World:
    """A world in which everybody likes number 1 of everything."""
    world = small(people)
    world.add_post(1)
    world.add_photo(1)
    world.add_video(1)
    world.add_note(1)
    world.add_comment("post", 1, 1)
    for kind in (*LIKEABLE, "note"):
        for user in range(people, 0, -1):
            world.like(kind, 1, 1, user)
    return world


@DIALECTS
@pytest.mark.parametrize("kind", LIKEABLE)
def test_likes_are_paged(dialect: str, kind: str) -> None:
    """Likers go by when they liked, ten by default; `count` is all; skipping oneself shortens."""
    toy = Toy(liked(), dialect)
    about = {"type": kind, "owner_id": 1, "item_id": 1}

    assert toy("likes.getList", **about) == {"count": 15, "items": list(range(15, 5, -1))}
    last = toy("likes.getList", **about, offset=12, count=100)
    assert last == {"count": 15, "items": [3, 2, 1]}
    assert toy("likes.getList", **about, offset=12, skip_own=1) == {"count": 15, "items": [3, 2]}
    extended = toy("likes.getList", **about, offset=14, extended=1)["items"]
    assert [user["id"] for user in extended] == [1]
    assert ("photo_id" in extended[0]) == (dialect == "A")


@DIALECTS
def test_likes_are_counted_everywhere(dialect: str) -> None:
    """The counters of records are the numbers of likers, and know about one's own."""
    world = liked(3)
    world.unlike("post", 1, 1, 1)
    world.add_comment("photo", 1, 1)
    world.like("comment", 1, 2, 1)
    toy = Toy(world, dialect)

    [post] = toy.items("wall.get", owner_id=1)
    [comment] = toy.items("wall.getComments", owner_id=1, post_id=1)
    [video] = toy.items("video.get", owner_id=1)
    [photo] = toy.items("photos.getAll", owner_id=1, extended=1)
    [below] = toy.items("photos.getComments", owner_id=1, photo_id=1, need_likes=1)

    assert (post["likes"]["count"], post["likes"]["user_likes"]) == (2, 0)
    assert (comment["likes"]["count"], comment["likes"]["user_likes"]) == (3, 1)
    assert video["likes"] == {"count": 3, "user_likes": True}
    assert (photo["likes"] if dialect == "A" else photo["likes"]["likes"]) == 3
    assert (below["count"], below["user_likes"]) == (1, 1)
    expected = {("post", 1, 1, user) for user in (2, 3)} | {("comment", 1, 2, 1)}
    expected |= {(kind, 1, 1, n) for kind in ("photo", "video", "comment") for n in (1, 2, 3)}
    assert truth_of(world, dialect)["likes"] == expected


@DIALECTS
def test_likes_that_are_refused(dialect: str) -> None:
    """Other kinds have no list; what is gone or hidden refuses."""
    world = liked()
    world.add_post(2)
    world.users[2].closed = True
    world.delete_video(1, 1)
    toy = Toy(world, dialect)

    def refusal(kind: str, owner: int = 1, item: int = 1) -> tuple[int, str]:
        return toy.error("likes.getList", type=kind, owner_id=owner, item_id=item)

    assert {refusal(kind) for kind in ("note", "topic", "audio")} == {(58, "Invalid type")}
    assert refusal("post", 1, 99) == refusal("video") == (56, "Invalid postable")
    assert refusal("post", 2) == (665, "Access to postable denied")


@DIALECTS
def test_is_liked(dialect: str) -> None:
    """likes.isLiked knows notes as well, and says why it cannot tell."""
    world = liked(3)
    world.unlike("photo", 1, 1, 2)
    toy = Toy(world, dialect)

    def says(kind: str, **params: Any) -> dict[str, int]:
        about = {"user_id": 2, "type": kind, "owner_id": 1, "item_id": 1}
        answer: dict[str, int] = toy("likes.isLiked", **about | params)
        return answer

    assert says("note") == says("comment") == {"liked": 1, "copied": 0}
    assert says("photo") == {"liked": 0, "copied": 0}
    for params in ({"type": "topic"}, {"item_id": 9}, {"user_id": 9}):
        with pytest.raises(ApiFault, match="One of the parameters specified"):
            says("post", **params)


@DIALECTS
def test_notes_show_no_likes_of_comments(dialect: str) -> None:
    """Comments under notes have no counter, so their likes are no part of the truth."""
    world = small()
    world.add_note(1)
    world.add_comment("note", 1, 1)
    world.like("comment", 1, 1, 2)

    answer = Toy(world, dialect)("notes.getComments", owner_id=1, note_id=1, need_likes=1)
    [comment] = answer["comments" if dialect == "A" else "items"]

    assert not {"likes", "count"} & set(comment)
    assert truth_of(world, dialect)["likes"] == set()


# Discussions


def discussed() -> World:
    """A world where the topics of group 1 have other global ids; topic 2 of it is deleted."""
    world = small()
    world.add_topic(2, "Чужая")
    for number in range(4):
        world.add_topic(1, f"Тема {number}", author=-1 if number == 3 else 2)
    world.delete_topic(1, 2)
    world.pin_topic(1, 4)
    return world


@DIALECTS
def test_topics(dialect: str) -> None:
    """[A] shows global ids and [B] virtual ones; pinned topics go first, deleted ones do not."""
    world = discussed()
    toy = Toy(world, dialect)

    answer = toy("board.getTopics", group_id=1)

    assert (answer["count"], answer["can_add_topics"]) == (3, True)
    assert ("default_order" in answer) == (dialect == "A")
    expected = [5, 2, 4] if dialect == "A" else [4, 1, 3]
    assert [topic["id"] for topic in answer["items"]] == expected
    assert [topic["created_by"] for topic in answer["items"]] == [-1, 2, 2]
    assert toy.ids("board.getTopics", group_id=1, offset=1, count=1) == [expected[1]]
    assert toy("board.getTopics", group_id=2)["can_add_topics"] is False
    assert truth_of(world, dialect)["topics"] == {(1, 1), (1, 3), (1, 4)}
    assert truth_of(world, dialect, (1, -2))["topics"] == {(1, 1), (1, 3), (1, 4), (2, 1)}


def test_topics_by_name() -> None:
    """[A] wants "group_virtual", [B] the number alone; who is missing is silently left out."""
    world = discussed()
    older, newer = Toy(world, "A"), Toy(world, "B")

    def chosen(toy: Toy, names: str) -> list[int]:
        answer = toy("board.getTopics", group_id=1, topic_ids=names)
        assert answer["count"] == 3
        return [topic["id"] for topic in answer["items"]]

    assert chosen(older, "1_3,1_2,1_99,1_1") == [4, 2]
    assert chosen(older, "3,1") == []
    assert chosen(older, "2_1") == [1]
    assert chosen(newer, "3,2,99,1") == [3, 1]
    assert chosen(newer, "1_3,1_2") == [1, 1]


@DIALECTS
def test_topic_comments(dialect: str) -> None:
    """Comments are asked for by the virtual id; only [B] counts them, and groups lose the minus."""
    world = discussed()
    world.add_comment("topic", -1, 3, author=2, text="a < b", date=100)
    world.add_comment("topic", -1, 3, author=-1, date=200)
    world.like("comment", -1, 1, 1)
    world.delete_comment(world.add_comment("topic", -1, 3).id)
    toy = Toy(world, dialect)

    answer = toy("board.getComments", group_id=1, topic_id=3, need_likes=1, sort="desc")
    bare = toy.items("board.getComments", group_id=1, topic_id=3, offset=1)

    assert ("count" in answer) == (dialect == "B")
    assert [(c["id"], c["from_id"]) for c in answer["items"]] == [(1, 2), (2, 1)]
    assert answer["items"][0]["text"] == "a &lt; b"
    first = answer["items"][0]
    likes = first["likes"] if dialect == "A" else {k: first[k] for k in ("count", "user_likes")}
    assert (likes["count"], likes["user_likes"]) == (1, 1)
    assert [c["id"] for c in bare] == [2]
    assert bare[0].get("likes") == ([] if dialect == "A" else None)
    assert truth_of(world, dialect)["comments"] == {1, 2}
    assert truth_of(world, dialect)["likes"] == {("comment", -1, 1, 1)}
    gone = (5, "Invalid topic" if dialect == "A" else "Not found")
    for number in (2, 99):
        assert toy.error("board.getComments", group_id=1, topic_id=number) == gone


@DIALECTS
def test_topics_tell_of_their_comments(dialect: str) -> None:
    """A topic was updated when its last comment was written; a preview shows its ends."""
    world = discussed()
    world.add_comment("topic", -1, 1, author=2, text="первый & " + "о" * 200, date=10**9 * 2)
    world.add_comment("topic", -1, 1, author=-1, text="последний", date=10**9 * 2 + 5)
    toy = Toy(world, dialect)

    empty, told, _ = toy.items("board.getTopics", group_id=1, preview=1)
    short = toy.items("board.getTopics", group_id=1, preview=1, preview_length=5)[1]

    assert (told["comments"], told["updated"], told["updated_by"]) == (2, 2 * 10**9 + 5, -1)
    assert told["last_comment"] == "последний"
    assert told["first_comment"].endswith("…")
    assert short["first_comment"] == "первы…"
    assert (empty["first_comment"], empty["updated"]) == (None, empty["created"])
    assert "updated_by" not in empty


@DIALECTS
def test_video_in_a_topic_crashes(dialect: str) -> None:
    """A video in a comment of a topic crashes that page of [A], and [B] does not show it."""
    world = discussed()
    world.add_video(1)
    world.add_comment("topic", -1, 1)
    world.add_comment("topic", -1, 1, attachments=[("video", (1, 1))])
    toy = Toy(world, dialect)

    about = {"group_id": 1, "topic_id": 1}
    assert toy.crashes("board.getComments", **about) == (dialect == "A")
    assert toy.ids("board.getComments", **about, count=1) == [1]
    assert truth_of(world, dialect)["comments"] == ({1} if dialect == "A" else {1, 2})


@DIALECTS
def test_board_limits(dialect: str) -> None:
    """[A] shows forty rows by default and any number; [B] ten, and a hundred at most."""
    world = small()
    for _ in range(120):
        world.add_topic(1)
        world.add_comment("topic", -1, 1)
    toy = Toy(world, dialect)

    for method, about in (("getTopics", {}), ("getComments", {"topic_id": 1})):
        name, params = f"board.{method}", {"group_id": 1, **about}
        assert len(toy.items(name, **params)) == (40 if dialect == "A" else 10)
        assert len(toy.items(name, **params, count=100, offset=100)) == 20
        for count in (0, 101):
            if dialect == "A":
                assert len(toy.items(name, **params, count=count)) == count
            else:
                assert toy.error(name, **params, count=count) == (4, "Invalid count")


@DIALECTS
def test_groups_without_topics(dialect: str) -> None:
    """An unknown group crashes [A]; [B] refuses it, and a banned one."""
    world = discussed()
    world.groups[2].banned = True
    toy = Toy(world, dialect)

    if dialect == "A":
        assert toy.crashes("board.getTopics", group_id=9)
        assert toy.crashes("board.getTopics", group_id=-1)
        assert toy("board.getTopics", group_id=2)["count"] == 1
    else:
        for group in (9, -1, 2):
            assert toy.error("board.getTopics", group_id=group) == (15, "Access denied")
    shown = {(2, 1)} if dialect == "A" else set()
    assert truth_of(world, dialect, (-2, -9))["topics"] - {(1, 1), (1, 3), (1, 4)} == shown


def test_only_the_older_limits_discussions() -> None:
    """board.* counts towards [A]'s rate limit; likes, gifts and videos do not."""
    for dialect, refusals in (("A", 5), ("B", 0)):
        toy = Toy(discussed(), dialect)
        toy.instance.limiter.enabled = True
        refused = 0
        for _ in range(5):
            for method, params in (
                ("board.getTopics", {"group_id": 1}),
                ("board.getComments", {"group_id": 1, "topic_id": 1}),
                ("video.get", {"owner_id": 1}),
                ("gifts.get", {}),
            ):
                try:
                    toy(method, **params)
                except ApiFault as fault:
                    refused += fault.code == 29
        assert refused == refusals


# Documents


def shelved() -> World:
    """A world with documents of several types, sizes and tags."""
    world = small()
    world.add_document(1, "Б", tags=["б", "а"])
    world.add_document(1, "Я", "zip", tags=["а", "в"])
    world.add_document(1, "А, и длиннее прочих", "png")
    world.add_document(1, "удалён")
    world.delete_document(4)
    world.add_document(1, "чужой", hidden=True)
    world.add_document(-1, "Устав", "pdf", tags=["клуб"])
    world.add_document(2, "Алисин", hidden=True)
    return world


def test_documents() -> None:
    """docs.get lists the newest first, or by title, or by size; `count` is all of a type."""
    toy = Toy(shelved(), "B")

    answer = toy("docs.get", count=2, offset=1)
    sizes = {row["id"]: row["size"] for row in toy.items("docs.get")}

    assert (answer["count"], [row["id"] for row in answer["items"]]) == (4, [3, 2])
    assert toy.ids("docs.get", order=1) == [2, 5, 1, 3]
    by_size = [sizes[number] for number in toy.ids("docs.get", order=2)]
    assert by_size == sorted(sizes.values(), reverse=True)
    assert toy("docs.get", type=4)["count"] == 1
    assert toy.ids("docs.get", type=9) == [5, 3, 2, 1]
    assert toy.ids("docs.get", owner_id="abc") == [5, 3, 2, 1]
    assert [row["is_hidden"] for row in toy.items("docs.get")] == [1, 0, 0, 0]
    assert [row["owner_id"] for row in toy.items("docs.get")] == [1, 1, 1, 1]
    assert ["preview" in row for row in toy.items("docs.get")] == [False, True, False, False]
    assert all("tags" not in row for row in toy.items("docs.get"))
    assert toy.items("docs.get", return_tags=1)[-1]["tags"] == ["б", "а"]
    assert toy.crashes("docs.get", offset=-1)


def test_documents_of_others() -> None:
    """A group's documents are everybody's, a person's only their own."""
    world = shelved()
    toy = Toy(world, "B")

    assert toy.ids("docs.get", owner_id=-1) == [6]
    assert toy("docs.get", owner_id=-99) == {"count": 0, "items": []}
    for method in ("docs.get", "docs.getTypes", "docs.getTags"):
        assert toy.error(method, owner_id=2) == (15, "Access denied")
    world.add_post(1, attachments=[("doc", 7)])
    [post] = toy.items("wall.get", owner_id=1)
    assert post["attachments"][0]["doc"]["owner_id"] == 0
    assert truth_of(world, "B")["documents"] == {1, 2, 3, 5}
    assert truth_of(world, "B", (1, 2, -1))["documents"] == {1, 2, 3, 5, 6}
    assert truth_of(world, "A", (1, 2, -1))["documents"] == set()


def test_types_and_tags_of_documents() -> None:
    """Types are counted and named, tags told once each, in the order of the documents."""
    toy = Toy(shelved(), "B")

    types = toy("docs.getTypes")
    assert [(row["type"], row["count"]) for row in types["items"]] == [(1, 2), (2, 1), (4, 1)]
    assert types["items"][1]["name"] == "Архивы"
    assert toy("docs.getTags") == ["б", "а", "в"]
    assert toy("docs.getTags", type=2) == ["а", "в"]
    assert toy("docs.getTags", type=4) == []


def test_older_instances_have_no_documents() -> None:
    """[A] does not know docs.* at all."""
    recorded = reference("A", "err__docs_get")
    toy = Toy(shelved(), "A")

    for method in ("docs.get", "docs.getTypes", "docs.getTags"):
        assert toy.error(method) == (recorded["error_code"], recorded["error_msg"])


# Everything


POISON: list[tuple[tuple[str, Any], str, dict[str, Any]]] = [
    (("videos", (1, 1)), "video.get", {"owner_id": 1}),
    (("gifts", 1), "gifts.get", {}),
    (("poll_votes", (1, 1, 2)), "polls.getVoters", {"poll_id": 1, "answer_ids": 1}),
    (("likes", ("post", 1, 1, 2)), "likes.getList", {"type": "post", "owner_id": 1, "item_id": 1}),
    (("topics", (1, 1)), "board.getTopics", {"group_id": 1}),
    (("comments", 1), "board.getComments", {"group_id": 1, "topic_id": 1}),
    (("documents", 1), "docs.get", {}),
]


@pytest.mark.parametrize(
    ("dialect", "key", "method", "params"),
    [(d, *one) for d in "AB" for one in POISON if (d, one[1]) != ("A", "docs.get")],
)
def test_poison(dialect: str, key: tuple[str, Any], method: str, params: dict[str, Any]) -> None:
    """A poisoned record crashes every page that it is on."""
    world = asked()
    world.add_video(1)
    world.add_gift(1, 2, 1)
    world.like("post", 1, 1, 2)
    world.add_topic(1)
    world.add_comment("topic", -1, 1)
    world.add_document(1, "Файл")
    toy = Toy(world, dialect)
    assert not toy.crashes(method, **params)

    toy.instance.faults.poison.add(key)

    assert toy.crashes(method, **params)


def listed(toy: Toy, kind: str) -> Callable[[], set[Any]]:
    """Read one kind of thing of the account in big pages."""
    older = toy.instance.dialect == "A"
    big = {"count": 100}

    def topics() -> set[Any]:
        found = set()
        for number in range(1, 30):
            name = f"1_{number}" if older else str(number)
            if toy.items("board.getTopics", group_id=1, topic_ids=name):
                found.add((1, number))
        return found

    def votes() -> set[Any]:
        return {
            (number, answer["id"], user)
            for number in truth_of(toy.world, toy.instance.dialect)["polls"]
            if not toy("polls.getById", poll_id=number)["anonymous"]
            for answer in toy("polls.getById", poll_id=number)["answers"]
            for user in voters(toy, number, answer["id"], count=100)
        }

    def gifts() -> set[Any]:
        rows = toy.items("gifts.get", **big)
        return {(1, g["from_id"], g["date"], g["gift"]["id"], g["message"]) for g in rows}

    readers: dict[str, Callable[[], set[Any]]] = {
        "videos": lambda: {(1, n) for n in toy.ids("video.get", owner_id=1, **big)},
        "gifts": gifts,
        "topics": topics,
        "poll_votes": votes,
        "documents": lambda: set() if older else set(toy.ids("docs.get", **big)),
    }
    return readers[kind]


@DIALECTS
@pytest.mark.parametrize("kind", ["videos", "gifts", "topics", "poll_votes", "documents"])
def test_truth_is_what_can_be_read(dialect: str, kind: str) -> None:
    """Of the generated world, World.truth is what one big page of every list holds."""
    toy = Toy(generate(), dialect)
    truth = truth_of(toy.world, dialect)[kind]

    assert listed(toy, kind)() == truth
    assert len(truth) > 6 or (kind, dialect) == ("documents", "A")


@DIALECTS
def test_true_likes_can_be_read(dialect: str) -> None:
    """Everything that somebody likes in truth says so in likes.getList, and nothing else does."""
    toy = Toy(generate(), dialect)
    owners = (1, 2, 3, 4, 5, 6, 7, 9, -1, -2)
    likes = truth_of(toy.world, dialect, owners)["likes"]

    things = {like[:3] for like in likes}
    read = {
        (kind, owner, number, user)
        for kind, owner, number in things
        for user in toy("likes.getList", type=kind, owner_id=owner, item_id=number, count=100)[
            "items"
        ]
    }

    assert read == likes
    assert {kind for kind, *_ in things} == set(LIKEABLE)
    assert any(owner == -1 for kind, owner, _ in things if kind == "comment")


def test_generated_world_has_some_of_everything() -> None:
    """The generated world has every trap that these lists have."""
    world = generate()
    mine = world.videos_of(1)
    kinds = {(p.multiple, p.anonymous, p.end_date > 0) for p in world.polls.values()}
    topics = world.topics_of(1)

    assert len(mine) == 7
    assert {video.youtube is None for video in mine} == {True, False}
    assert [video.processed for video in mine].count(False) == 1
    assert any(video.deleted for video in world.videos.values())
    assert len(world.gifts_of(1)) == 13
    assert any(gift.anonymous for gift in world.gifts_of(1))
    assert {(True, False, False), (False, True, False), (False, False, True)} < kinds
    assert (topics[0].pinned, len(topics)) == (True, 8)
    assert any(topic.closed for topic in topics)
    assert all(topic.id != topic.virtual_id for topic in topics)
    assert len(world.thread("topic", -1, 1)) > 25
    assert len(world.documents_of(1)) == 13
    assert len(world.documents_of(-1)) == 1
    assert max(len(post.likers) for post in world.wall(1)) > 10


def test_small_worlds_may_have_none() -> None:
    """A world without these things can be generated."""
    bare = generate(1, WorldSize(posts=0, comments=0, photos=0, videos=0, gifts=0, topics=0))

    truth = truth_of(bare, "B")

    assert truth["videos"] == truth["gifts"] == truth["topics"] == truth["polls"] == set()


@DIALECTS
def test_pictures_of_things_are_served(dialect: str) -> None:
    """Gifts, previews of documents and the placeholder of videos can be downloaded."""
    world = shelved()
    world.add_gift(1, 2, 1)
    world.add_video(1, processed=False)
    with (
        DemoInstance(world, dialect) as instance,
        httpx.Client(base_url=instance.url, verify=NO_TLS) as client,
    ):
        toy = Toy(world, dialect)
        toy.instance.url = instance.url
        gift = toy.items("gifts.get")[0]["gift"]["thumb_256"]
        video = toy.items("video.get", owner_id=1)[0]["player"]
        beginnings = {gift: b"\x89PNG", video: b"\x00\x00\x00"}
        if dialect == "B":
            drawn = next(row for row in toy.items("docs.get") if "preview" in row)
            beginnings[drawn["url"]] = b"\x89PNG"
            beginnings[drawn["preview"]["photo"]["sizes"][-1]["url"]] = b"\x89PNG"
            assert len(client.get(drawn["url"]).content) == drawn["size"]
        for address, beginning in beginnings.items():
            assert client.get(address).content.startswith(beginning)
        world.commerce = False
        assert client.get(gift).status_code == 302
