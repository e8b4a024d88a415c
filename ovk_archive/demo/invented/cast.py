"""Who lives on the generated instance: one of every kind of person and group."""

from random import Random

from ovk_archive.demo.world.world import World

FRIENDS = (
    ("Зоя", "Левина", 1),
    ("Илья", "Двухфакторов", 2),
    ("Кира", "Найтова", 1),
    ("Лев", "Толстиков", 2),
    ("Мария", "Шрайбер", 1),
    ("Никита", "Ёлкин", 2),
    ("Ольга", "Щукина", 1),
    ("Пётр", "Цой-Беляев", 2),
)

#: The ids that `people` gives, by what they are good for.
ALICE, BORIS, CLOSED, HIDING, DINA, BANNED, DELETED, CLOSED_FRIEND = range(2, 10)
CLUB, QUIET_CLUB, BANNED_CLUB = 1, 2, 3


def people(world: World, random: Random, friends: int) -> None:
    """Fill the world with people; the account's owner is already there."""
    anna = world.users[1]
    anna.status = "Не баг, а фича 🐛"
    anna.city = "Воскресенск"
    anna.birthday = "15.06.1990"
    anna.about = "Люблю <i>HTML</i> & порядок"
    anna.verified = True
    _regulars(world)
    _odd_ones(world)
    for number in range(max(friends - 4, 0)):
        first, last, sex = FRIENDS[number % len(FRIENDS)]
        user = world.add_user(first, last, sex=sex, online=random.random() < 0.5)
        world.befriend(1, user.id)
    for user_id in (ALICE, BORIS, BANNED, CLOSED_FRIEND)[:friends]:
        world.befriend(1, user_id)
    for user in world.users.values():
        user.last_seen = world.clock + user.id * 3600


def _regulars(world: World) -> None:
    status = "«Кавычки» & <b>теги</b> \"и\" 'апострофы'"
    world.add_user("Алиса", "Иванова", sex=1, screen_name="alice", status=status, online=True)
    world.add_user("Борис", "Петров", screen_name="boris", city="Тверь", music="Nautilus")
    world.add_user("Вера", "Смирнова", sex=1, closed=True, about="Никому не скажу")
    hidden = frozenset({"notes", "audio", "photos", "videos", "friends", "groups"})
    world.add_user("Григорий", "Орлов", hides=hidden)
    world.add_user("Дина", "Кузнецова", sex=1, screen_name="dina", interests="поезда, вокзалы")


def _odd_ones(world: World) -> None:
    world.add_user("Егор", "Баннов", banned="Спам и флуд")
    world.add_user("Удалённая", "Страница", sex=1, deleted=True)
    world.add_user("Жанна", "Затворница", sex=1, closed=True, screen_name="zhanna")


def communities(world: World) -> None:
    """Found a public club, one whose wall is closed, and one that was banned."""
    world.add_group(
        "Клуб любителей архивов",
        screen_name="archivists",
        description="Описание клуба: <b>html</b> & коробки 📦",
        site="https://example.org",
        admins=[1],
    )
    world.add_group("Тихий клуб", wall_open=False)
    world.add_group("Забаненный клуб", banned=True)
    for group_id in (CLUB, QUIET_CLUB, BANNED_CLUB):
        world.join(1, group_id)
    world.join(ALICE, CLUB)
    world.join(DINA, CLUB)
