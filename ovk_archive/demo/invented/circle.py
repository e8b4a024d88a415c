"""The generated circle around the account: who follows whom, and what the account is told."""

from itertools import pairwise

from ovk_archive.demo.invented.cast import (
    ALICE,
    BORIS,
    CLOSED,
    CLUB,
    DELETED,
    DINA,
    HIDING,
    QUIET_CLUB,
)
from ovk_archive.demo.world.records import Comment, Post
from ovk_archive.demo.world.store import EPOCH
from ovk_archive.demo.world.world import World

FOLLOWERS = (
    ("Фёдор", "Подписчиков", 2),
    ("Хава", "Ожидаева", 1),
    ("Цветана", "Просьбина", 1),
    ("Чеслав", "Заявкин", 2),
)
SPAMMER = ("Шамиль", "Спамов")
#: When the first notification came, and how many of them the account has viewed.
FIRST = EPOCH + 4 * 365 * 24 * 3600
VIEWED = 9


def relate(world: World) -> None:
    """Let people follow, befriend and ignore each other, and join communities."""
    for first, last, sex in FOLLOWERS:
        world.follow(world.add_user(first, last, sex=sex, last_seen=world.clock).id, 1)
    for user_id in (DINA, DELETED):
        world.follow(user_id, 1)
    for user_id in (CLOSED, HIDING):
        world.follow(1, user_id)
    world.befriend(ALICE, BORIS)
    world.befriend(ALICE, DINA)
    world.follow(DINA, BORIS)
    world.ignore_source(-QUIET_CLUB)
    world.ignore_source(HIDING)
    world.join(BORIS, QUIET_CLUB)
    for user_id in world.users:
        if user_id > DINA and user_id not in world.groups[CLUB].members:
            world.join(user_id, CLUB)
    world.block(world.add_user(*SPAMMER, last_seen=world.clock).id)
    world.users[BORIS].playing = next(iter(world.collections.get(1, [])), None)


def tell(world: World, count: int) -> None:
    """Tell the account of likes, comments, reposts, replies and posts on its wall."""
    posts = world.wall(1)
    alien = [post for post in posts if post.author_id not in (1, -CLUB)]
    if not alien:
        return
    for number in range(count):
        _tell(world, number, posts[number % len(posts)], alien[number % len(alien)])
    exchange = _exchange(world)
    if exchange is not None:
        said, reply = exchange
        parent, feedback = ("comment", said.id), ("comment", reply.id)
        date = FIRST + count * 60
        world.notify("like_post", date, actor=ALICE, parent=parent)
        actor = reply.author_id
        world.notify("reply_comment", date, actor=actor, parent=parent, feedback=feedback)


def _tell(world: World, number: int, post: Post, alien: Post) -> None:
    """Make one notification; three come in the same second."""
    date, viewed = FIRST + number // 3 * 60, number + 1 == VIEWED
    actor = (ALICE, BORIS, DINA)[number % 3]
    if number % 5 == 4:
        feedback = ("post", (1, alien.id))
        world.notify("wall", date, actor=alien.author_id, feedback=feedback, archived=viewed)
        return
    kind = ("like_post", "comment_post", "like_post", "copy_post")[number % 5]
    world.notify(kind, date, actor=actor, parent=("post", (1, post.id)), archived=viewed)


def _exchange(world: World) -> tuple[Comment, Comment] | None:
    """Find something that the account said, and what somebody said after it."""
    for post in world.wall(1):
        thread = world.thread("post", 1, post.id)
        for said, reply in pairwise(thread):
            if said.author_id == 1 and reply.author_id > 1:
                return said, reply
    return None
