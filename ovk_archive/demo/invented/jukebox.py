"""The generated tracks, collections and playlists."""

from ovk_archive.demo.invented.cast import ALICE, CLUB, DINA
from ovk_archive.demo.world.world import World

TRACKS = (
    ("Кино", "Группа крови", "Тёплое место,\nно улицы ждут\nотпечатков наших ног"),
    ("Nautilus & Co", "<b>Крылья</b> «live»", None),
    ("Ёжики", "В тумане", "a < b && c > d\n&amp;lt;\n\nпропуск"),
    ("Алиса", "Трек Алисы", None),
    ("Моцарт", "Соната №16", None),
    ("Jazz Band", "Take 5", None),
    ("Мумий Тролль", "Утекай 🌊", "Утекай,\nв подворотне нас ждёт маниак"),
)


def fill(world: World, *, tracks: int, playlists: int) -> None:
    """Upload music: mostly one's own, some of friends, some of a club."""
    for number in range(tracks):
        uploader = (1, 1, 1, ALICE, DINA)[number % 5]
        _upload(world, uploader, number)
    for number in range(3):
        _upload(world, ALICE, number, mine=False)
    for number in range(4):
        track = _upload(world, 1, number, mine=False)
        world.collect(-CLUB, track)
    _playlists(world, playlists)
    other = world.add_playlist(ALICE, "Плейлист Алисы")
    for track in world.collections.get(ALICE, []):
        world.add_to_playlist(other.id, track)
    world.bookmark_playlist(other.id)


def spoil(world: World) -> None:
    """Withdraw a track, leave one unfinished, delete two."""
    mine = [audio for audio in world.collection(1) if audio.owner_id == 1]
    if len(mine) < 8:
        return
    mine[1].withdrawn = True
    mine[2].ready = False
    mine[3].explicit = True
    world.delete_audio(mine[4].id)
    world.delete_audio(mine[7].id)


def _upload(world: World, uploader: int, number: int, *, mine: bool = True) -> int:
    artist, title, lyrics = TRACKS[number % len(TRACKS)]
    if number >= len(TRACKS):
        title = f"{title} {number}"
    audio = world.add_audio(
        uploader,
        artist=artist,
        title=title,
        lyrics=lyrics,
        duration=120 + number,
        to_collection=uploader != 1 and not mine,
    )
    audio.genre = (1, 2, 16, 18, 1001)[number % 5]
    if mine:
        world.collect(1, audio.id)
    return audio.id


def _playlists(world: World, count: int) -> None:
    titles = ("Лучшее", "В дорогу 🚂", "Пустой плейлист", "Для уборки")
    for number in range(count):
        playlist = world.add_playlist(1, titles[number % len(titles)], description="описание 🎶")
        if number % 4 == 2:
            continue
        # Not the order of ids: the newer dialect keeps a playlist's own.
        for track in reversed(world.collections.get(1, [])[number::2]):
            world.add_to_playlist(playlist.id, track)
