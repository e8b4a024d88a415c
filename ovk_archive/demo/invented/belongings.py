"""The generated videos, gifts, polls, likes, topics and documents."""

from ovk_archive.demo.invented import words
from ovk_archive.demo.invented.cast import (
    ALICE,
    BANNED_CLUB,
    BORIS,
    CLOSED,
    CLUB,
    DELETED,
    DINA,
    QUIET_CLUB,
)
from ovk_archive.demo.invented.journal import fans
from ovk_archive.demo.world.store import EPOCH
from ovk_archive.demo.world.world import World

HOUR = 3600
DAY = 24 * HOUR
TALKERS = (1, ALICE, BORIS, -CLUB, DINA, CLOSED)
#: Titles, endings and tags of documents.
DOCUMENTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Архив", "zip", ()),
    ("Гифка 🎞", "gif", ("gif", "смешное")),
    ("Скан", "png", ("скан",)),
    ("Книга", "pdf", ("книга",)),
    ("Лекция", "docx", ("учёба",)),
    ("Ролик", "mp4", ()),
    ("Звук", "mp3", ()),
    ("Приложение", "apk", ()),
    ("Fiction «кавычки» & <b>", "fb2", ()),
    ("Markdown", "md", ("md", "отчёт")),
)


def videos(world: World, count: int) -> None:
    """Film until the account has so many live videos, not all of them converted."""
    missing = max(count - len(world.videos_of(1)), 0)
    for number in range(missing):
        world.add_video(
            1,
            f"Видео №{number} «дача»" if number else "Ещё не готово",
            description=None if number % 2 else "Кадры & <звук>",
            youtube=f"archive{number:04}" if number == 2 else None,
            processed=number != 0,
            date=EPOCH + 30 * DAY + number * 7 * HOUR,
        )
    if missing:
        lost = world.add_video(1, "Видео, которое удалили", date=EPOCH + 29 * DAY)
        world.delete_video(1, lost.id)
        world.add_video(ALICE, "Видео Алисы", date=EPOCH + 28 * DAY)


def gifts(world: World, count: int) -> None:
    """Give the account presents; one of those who gave is gone, some did not say who they are."""
    givers = (ALICE, BORIS, CLOSED, DINA)
    for number in range(count):
        world.add_gift(
            1,
            DELETED if number == 4 else givers[number % len(givers)],
            number % 4 + 1,
            ("С днём рождения! 🎂", "", "Держи & <b>храни</b>")[number % 3],
            anonymous=number % 6 == 2,
            date=EPOCH + 40 * DAY + number * DAY,
        )
    if count:
        world.add_gift(ALICE, 1, 2, "Коту от кота", date=EPOCH + 41 * DAY)


def polls(world: World) -> None:
    """Hang a poll of every kind on posts that have nothing else."""
    bare = [post for post in reversed(world.wall(1)) if not post.attachments]
    bare = [post for post in bare if post.repost_of is None][::5]
    if len(bare) < 4:
        return
    many = world.add_poll(
        1, "Что храните?", [("фото", 9), ("письма", 4), ("всё", 0)], multiple=True
    )
    secret = world.add_poll(1, "Тайна & <b>голосования</b>", [("да", 3), ("нет", 1)])
    secret.anonymous = True
    ended = world.add_poll(
        1, "Закончился", [("a", 0), ("б", 1)], end_date=EPOCH + DAY, revotable=False
    )
    empty = world.add_poll(1, "Никто не голосовал", [("раз", 0), ("два", 0)])
    for post, poll in zip(bare, (many, secret, ended, empty), strict=False):
        post.attachments.append(("poll", poll.id))
    clubs = world.add_poll(1, "Опрос клуба", [("за", 7), ("против", 1)])
    world.wall(-CLUB)[4].attachments.append(("poll", clubs.id))


def likes(world: World) -> None:
    """Like photos, videos, posts of the club and, all together, one post."""
    things = [*world.photos_of(1)[::3], *world.videos_of(1)[::2], *world.wall(-CLUB)[::4]]
    for number, thing in enumerate(things):
        thing.likers = fans(number, number % 5 + 1)
    walls = world.wall(1)
    if walls:
        walls[len(walls) // 3].likers = list(reversed(world.users))


def topics(world: World, count: int) -> None:
    """Discuss: one topic at length, one closed, one pinned, one without a word, one deleted.

    Other communities have topics too, so that global ids and a community's own differ.
    """
    if not count:
        return
    start = EPOCH + 50 * DAY
    world.add_topic(QUIET_CLUB, "Тихая тема", author=ALICE, date=start)
    for number in range(count + 1):
        author = TALKERS[(number + 3) % len(TALKERS)]
        world.add_topic(CLUB, f"Тема {number} «обсуждение»", author=author, date=start + number)
        if number == 1:
            world.add_topic(BANNED_CLUB, "Тема забаненных", author=ALICE, date=start)
    world.delete_topic(CLUB, 2)
    for virtual_id in range(1, count + 2):
        said = {1: 27, 2: 2, 5: 0}.get(virtual_id, 1 + virtual_id % 3)
        _discuss(world, virtual_id, said, start + virtual_id * DAY)
    world.add_comment("topic", -QUIET_CLUB, 1, author=ALICE, date=start, text="Тише!")
    if count > 3:
        world.close_topic(CLUB, 3)
        world.pin_topic(CLUB, 4)


def documents(world: World, count: int) -> None:
    """Keep documents until the account has so many; the club has one as well."""
    missing = max(count - len(world.documents_of(1)), 0)
    for number in range(missing):
        title, ext, tags = DOCUMENTS[number % len(DOCUMENTS)]
        date = EPOCH + 60 * DAY + number * HOUR
        world.add_document(1, title, ext, tags=list(tags), folder=number % 4, date=date)
    if missing:
        date = EPOCH + 59 * DAY
        world.add_document(-CLUB, "Устав клуба", "pdf", tags=["устав"], folder=3, date=date)
        world.add_document(1, "2", hidden=True, date=date)
        lost = world.add_document(1, "Документ, который удалили", date=date)
        world.delete_document(lost.id)


def _discuss(world: World, virtual_id: int, count: int, start: int) -> None:
    photos = [("photo", (1, photo.id)) for photo in world.photos_of(1)[:1]]
    for number in range(count):
        comment = world.add_comment(
            "topic",
            -CLUB,
            virtual_id,
            author=TALKERS[(number + virtual_id) % len(TALKERS)],
            date=start + number * HOUR,
            text=words.TRICKY[(number + virtual_id) % len(words.TRICKY)],
            attachments=photos if number == 1 and virtual_id == 4 else None,
        )
        comment.likers = fans(number, number % 3)
