"""What tells who somebody is: put into worlds in every way people have, and sought in exports."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from archives import SMALL
from syncing import query, run
from toy import DemoInstance, generate
from worlds import ALICE, CLUB, ME

from ovk_archive.demo import World
from ovk_archive.resources import SECTIONS, TABLES

PHONES = ("+7 (912) 345-67-89", "89123456789", "8 912 345 67 89", "+420 608 123 228", "345-67-89")
MAILS = ("anna.arch@example.org", "a+b@почта.рф")
ADDRESSES = ("https://example.org/путь?a=1", "www.example.net", "example.com/x", "t.me/whoever")
#: Nobody may be found by these, whoever lives in a world.
TELLING = (*PHONES, *MAILS, *ADDRESSES, "://", "example.", "127.0.0.1", "localhost", "away.php")


#: How people speak of others; `{url}` is the instance's.
FORMS = (
    "[id{n}|{first}], привет", "видели [club{g}|{title}]?", "@id{n} ({first} {last})", "@{screen}",
    "*id{n} ({first})", "*{screen} (сама)", "{url}/id{n}", "{url}/{screen}?from=x", "{url}/club{g}",
    "см. {url}/wall{n}_2, и {url}/photo{n}_1", "wall-{g}_5", "id{n}", "id: {n}?", "{first}, ау!",
    "это {last} {first}", "{FIRST} {LAST}", "{first}_{last}.jpg", "«{title}» закрыли", "{screen}",
    "/away.php?xinf=a&to={quoted}%2Fid{n}", "пиши на {mail}", "звони {phone}!", "тут: {address}",
    "<b>{first}</b> & {last}", "{decomposed}",
)  # fmt: skip
PLACES = tuple(range(len(FORMS)))


def speak(
    world: World, url: str, forms: tuple[int, ...], number: int = ALICE, club: int = CLUB
) -> None:
    """Let people speak of somebody and a group, in each of some forms, wherever there is a text."""
    group, user = world.groups[club], world.users[number]
    user.screen_name, group.screen_name = user.screen_name or "alice_x", "club.five"
    for place in forms:
        first = user.first_name
        text = FORMS[place].format(
            n=number, g=club, first=first, last=user.last_name, FIRST=first.upper(),
            LAST=user.last_name.upper(), screen=user.screen_name, title=group.name, url=url,
            quoted=url.replace(":", "%3A").replace("/", "%2F"), mail=MAILS[place % len(MAILS)],
            phone=PHONES[place % len(PHONES)], address=ADDRESSES[place % len(ADDRESSES)],
            decomposed=" ".join("е\u0308".join(first.split("ё"))),
        )  # fmt: skip
        _say(world, text, number, club)


def talkative(dialect: str, path: Path) -> World:
    """A demo world in which people speak of each other, and an archive of all of it."""
    world, body = _talkative(dialect)
    path.write_bytes(body)
    path.chmod(0o600)
    return world


@cache
def _talkative(dialect: str) -> tuple[World, bytes]:
    world = generate(size=SMALL)
    with TemporaryDirectory() as folder, DemoInstance(world, dialect) as instance:
        path = Path(folder) / "archive.db"
        speak(world, instance.url, PLACES)
        assert run(instance, path, sections=SECTIONS).exit_code == 0
        return world, path.read_bytes()


def _say(world: World, text: str, number: int, club: int) -> None:
    post = world.add_post(ME, text=text)
    world.add_comment("post", ME, post.id, author=number, text=text)
    world.add_message(number, out=True, text=text)
    markup = text.replace("&", "&amp;").replace("<b>", "").replace("</b>", "")
    links = re.findall(r"https?://\S+", markup)
    source = f"<p>{markup}</p>" + "".join(f'<a href="{link}">тут</a>' for link in links)
    world.add_note(ME, title=text, source=source)
    poll = world.add_poll(ME, text, [(text, 1)])
    world.add_post(ME, attachments=[("poll", poll.id)], repost_of=(ME, post.id))
    world.add_document(ME, text)
    world.add_topic(club, text, author=number)
    world.add_gift(ME, number, 1, text)
    world.add_video(ME, title=text, description=text)
    world.add_audio(ME, artist=text, title=text, lyrics=text)
    world.add_album(ME, text)
    world.add_playlist(ME, text)


def given_away(world: World, text: str) -> set[str]:
    """What an export says of who lives in a world."""
    plain = text.casefold().replace("ё", "е")
    names = {name.casefold().replace("ё", "е") for name in _names(world)}
    ids = {f"id{number}" for number in world.users} | {
        f"{page}{number}" for page in ("club", "public", "event") for number in world.groups
    }
    owners = [*world.users, *(-number for number in world.groups)]
    places = {f"{kind}{owner}_" for kind in ("wall", "photo", "audio", "doc") for owner in owners}
    found = {word for word in names | ids | places if _is_word(word, plain)}
    return found | {word for word in TELLING if word in text}


def _names(world: World) -> Iterator[str]:
    for user in world.users.values():
        yield f"{user.first_name} {user.last_name}"
        yield from (
            word for word in (user.first_name, user.last_name, user.screen_name or "")
            if len(word) > 2 and any(map(str.isalpha, word))
        )  # fmt: skip
    for group in world.groups.values():
        yield group.name
        if group.screen_name:
            yield group.screen_name


def _is_word(word: str, text: str) -> bool:
    if word not in text:
        return False  # Faster by far.
    end = "" if word.endswith("_") else r"(?![^\W_])"
    return re.search(rf"(?<![^\W_]){re.escape(word)}{end}", text) is not None


def raw(path: Path) -> str:
    """All that an archive holds, with names and all."""
    return "\n".join(
        json.dumps(row, ensure_ascii=False)
        for table in TABLES
        for row in query(path, f'select * from "{table.name}"')
    )
