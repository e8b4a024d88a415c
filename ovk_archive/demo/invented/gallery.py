"""The generated photos and albums."""

from ovk_archive.demo.invented.cast import ALICE, CLOSED, CLUB, DINA, HIDING
from ovk_archive.demo.world.store import EPOCH
from ovk_archive.demo.world.world import World

HOUR = 3600
AVATARS, WALL = "Фотографии со страницы", "Фотографии со стены"


def fill(world: World, *, photos: int, albums: int) -> None:
    """Take photos: two portraits, an album that is nearly everything, others, and loose ones."""
    mine = _albums(world, 1, max(albums - 2, 0))
    for number in range(photos):
        date = EPOCH + number * 37 * HOUR
        world.add_photo(1, _home(mine, number), date=date)
    portrait = world.photos_of(1)
    world.users[1].avatar = portrait[-1].global_id if portrait else None
    for owner in (ALICE, DINA, CLOSED, HIDING):
        _other(world, owner)
    _club(world)
    if photos:
        world.add_video(1, "Видео с дачи", description="Жуки & бабочки <3")
        world.add_video(1, "Ютуб", description="внешнее", youtube="dQw4w9WgXcQ")


def spoil(world: World) -> None:
    """Delete some photos; albums keep their places."""
    mine = sorted(world.photos_of(1), key=lambda photo: photo.id)
    for photo in mine[6::15]:
        world.delete_photo(1, photo.id)


def _albums(world: World, owner: int, count: int) -> list[int]:
    """Make the two system albums and `count` others, of which the last stays empty."""
    titles = ["Большой альбом", "Лето 2019 ☀️", "Пустой альбом", "Ёлки & палки", "Дача"]
    avatars = world.add_album(owner, AVATARS, description=None, date=EPOCH, system="avatar")
    world.add_album(owner, WALL, description=None, date=EPOCH, system="wall")
    made = [
        world.add_album(owner, titles[n % len(titles)], description="120 штук & «кавычки»").id
        for n in range(count)
    ]
    return [avatars.id, *made]


def _home(albums: list[int], number: int) -> int | None:
    """Choose an album: portraits first, then the big album, others now and then, or none."""
    if number < 2:
        return albums[0]
    filled = albums[1:-1] or albums[1:]
    if not filled or number % 5 == 4:
        return None
    return filled[1 % len(filled)] if number % 5 == 3 else filled[0]


def _other(world: World, owner: int) -> None:
    albums = _albums(world, owner, 2)
    for number in range(8):
        world.add_photo(owner, _home(albums, number), date=EPOCH + number * 91 * HOUR)
    world.users[owner].avatar = world.photos_of(owner)[-1].global_id


def _club(world: World) -> None:
    album = world.add_album(-CLUB, "Альбом клуба", date=EPOCH)
    for number in range(6):
        world.add_photo(1 if number % 2 else ALICE, album.id, date=EPOCH + number * 111 * HOUR)
