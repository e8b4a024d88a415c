"""The generated walls, notes and comments."""

from random import Random

from ovk_archive.demo.invented import words
from ovk_archive.demo.invented.cast import (
    ALICE,
    BANNED,
    BORIS,
    CLOSED,
    CLOSED_FRIEND,
    CLUB,
    DELETED,
    DINA,
    QUIET_CLUB,
)
from ovk_archive.demo.world.records import Attachment, Post
from ovk_archive.demo.world.store import EPOCH
from ovk_archive.demo.world.world import World

#: Everything was written within five years, however much of it there is.
SPAN = 5 * 365 * 24 * 3600
AUTHORS = (ALICE, BORIS, CLOSED, BANNED, DELETED, CLOSED_FRIEND, -CLUB)
COMMENTERS = (1, ALICE, BORIS, CLOSED, BANNED, DELETED, DINA, -CLUB)


def notes(world: World, random: Random, count: int) -> None:
    """Write notes: markup, links, entities."""
    for number in range(count):
        link = f"https://example.org/?a=1&amp;b={number}"
        body = words.story(random, 1 + number % 4).replace("&", "&amp;")
        source = (
            f"<p>{body} <b>Жирный</b> и <i>курсив</i>, "
            f'ссылка <a href="{link}">тут</a>; 2 &lt; 3 &amp;&amp; 4 &gt; 1.</p>'
        )
        title = f"Заметка №{number} «{random.choice(('зима', 'кот', 'ёж & <уж>'))}»"
        world.add_note(1, title=title, source=source, date=EPOCH + SPAN * number // count)
    world.add_note(ALICE, title="Заметка Алисы")
    world.add_note(CLOSED, title="Закрытая заметка")
    if count > 10:
        world.delete_note(1, 7)


def walls(world: World, random: Random, count: int) -> None:
    """Write the account's wall and some others."""
    for owner, posts in ((ALICE, 8), (DINA, 15), (CLOSED, 3), (CLOSED_FRIEND, 3)):
        for number in range(posts):
            text = words.text(random, number + 3)
            world.add_post(owner, text=text, date=EPOCH + number * 86_400)
    _clubs(world, random)
    hangings = _hangings(world)
    for number in range(count):
        # Every seventeenth post shares its second with the two before it.
        moment = number - number % 17 % 3 if number % 17 < 3 else number
        post = world.add_post(
            1,
            author=AUTHORS[number // 6 % len(AUTHORS)] if number % 6 == 5 else 1,
            date=EPOCH + SPAN * moment // count,
            text=words.text(random, number),
            attachments=hangings[number % 25] if number % 25 < len(hangings) else [],
        )
        _decorate(post, random, number)
    if count >= 30:
        _reposts(world)
        world.pin_post(1, count // 3 + 1)
        for number in range(11, count, 29):
            world.delete_post(1, number)


def comments(world: World, random: Random, count: int) -> None:
    """Comment on posts, photos and notes: half of all under one post."""
    posts = world.wall(1)
    if not posts:
        return
    places = [("post", 1, post.id) for post in posts[3::7]]
    places += [("photo", 1, photo.id) for photo in world.photos_of(1)[2::12]]
    places += [("note", 1, note.id) for note in world.notes_of(1)[::8]]
    places += [("post", -CLUB, post.id) for post in world.wall(-CLUB)[:2]]
    popular = ("post", 1, posts[len(posts) // 2].id)
    for number in range(count):
        place = popular if number % 2 else places[number // 2 % len(places)]
        _comment(world, random, number, place)
    for number in range(13, count, 41):
        world.delete_comment(number)


def _comment(world: World, random: Random, number: int, place: tuple[str, int, int]) -> None:
    photos = world.photos_of(1)
    comment = world.add_comment(
        *place,
        author=COMMENTERS[number % len(COMMENTERS)],
        text=words.TRICKY[number] if number < len(words.TRICKY) else words.reply(random),
        attachments=[("photo", (1, photos[0].id))] if number % 23 == 5 and photos else [],
    )
    comment.likers = fans(number, number % 4)
    if number > 20 and number % 9 == 1:
        comment.reply_to = number - 1


def fans(number: int, count: int) -> list[int]:
    """Choose who likes something: up to nine people, who are in every generated world."""
    return [(number + place) % 9 + 1 for place in range(count)]


def _clubs(world: World, random: Random) -> None:
    for number in range(20):
        author = 1 if number % 3 == 2 else -CLUB
        signer = 1 if number % 5 == 0 else None
        text = words.sentence(random)
        date = EPOCH + number * 172_800
        world.add_post(-CLUB, author=author, text=text, date=date, signer_id=signer)
    for number in range(4):
        world.add_post(-QUIET_CLUB, text=words.sentence(random), date=EPOCH + number * 172_800)


def _decorate(post: Post, random: Random, number: int) -> None:
    post.likers = fans(number, random.randint(0, 9) if number % 3 else 0)
    post.platform = ("api", None, "android")[number % 3]
    post.explicit = number % 50 == 49
    if number % 40 == 12:
        post.geo = ("55.3170,38.6526", "Воскресенск, Советская")
    if number % 40 == 22:
        post.copyright = "https://example.org/source?a=1"


def _hangings(world: World) -> list[list[Attachment]]:
    """Make attachments of every kind, some of them together; what is missing is left out."""
    photos: list[Attachment] = [("photo", (1, photo.id)) for photo in world.photos_of(1)]
    tracks: list[Attachment] = [("audio", number) for number in world.collections.get(1, [])]
    jotted: list[Attachment] = [("note", (1, note.id)) for note in world.notes_of(1)]
    videos: list[Attachment] = [("video", key) for key in world.videos]
    poll = world.add_poll(1, "Лучший формат архива?", [("SQLite", 2), ("XML", 0), ("Бумага", 1)])
    doc: list[Attachment] = [("doc", world.add_doc(1, "Отчёт за 2020 год.txt").id)]
    asked: list[Attachment] = [("poll", poll.id)]
    everything = photos[:1] + videos[:1] + tracks[:1] + asked + jotted[:1] + doc
    kinds = [photos[:1], videos[:1], videos[1:2], tracks[:1], asked, jotted[:1], doc]
    return [[], *kinds, photos[1:9], everything]


def _reposts(world: World) -> None:
    """Repost a friend's post, a club's, and one that was deleted afterwards."""
    for original, text in (
        ((ALICE, 2), "Репост с текстом"),
        ((-CLUB, 3), ""),
        ((DINA, 5), "репост записи, которую потом удалили"),
    ):
        world.add_post(1, text=text, repost_of=original, date=EPOCH + SPAN)
    world.delete_post(DINA, 5)
