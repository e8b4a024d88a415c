"""Lists and collections as pages show them: everything once, over as many pages as there are."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from looking import book_of
from pasts import ME, Past, past
from syncing import execute, query
from truth.records import truth
from visitor import Visitor

from ovk_archive.browse.looks.names import names
from ovk_archive.browse.looks.wording import wording
from ovk_archive.browse.showing import likes, lists, music, notes, photos, profiles
from ovk_archive.browse.showing.parts.texts import pieces

#: Entries of a small page.
SMALL = 3


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """An archive with a past."""
    return past(tmp_path_factory.mktemp("lists"))


@pytest.fixture(scope="module")
def visitor(life: Past) -> Visitor:
    """Who looks at it."""
    return Visitor(life.path)


@pytest.fixture
def changed(life: Past, tmp_path: Path) -> Past:
    """A copy, to be written to."""
    copy = tmp_path / "archive.db"
    copy.write_bytes(life.path.read_bytes())
    return replace(life, path=copy)


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are short, so that a list has many of them."""
    for module in (lists, music, notes, photos, profiles):
        monkeypatch.setattr(module, "PAGE", SMALL)


def met(visitor: Visitor, path: str, selector: str, page_of: str) -> list[str]:
    """The records that a list shows, by the last part of their addresses, page after page."""
    found = []
    for page in visitor.pages(path):
        of_page = []
        for node in page.one("main").all(selector):
            links = [node.attributes["href"]] if node.tag == "a" else node.links
            of_page += [one.rpartition("/")[2] for one in links if f"/-/{page_of}/" in one][:1]
        assert len(of_page) <= SMALL
        found += of_page
    return found


def held(life: Past, sql: str) -> list[str]:
    """What the archive has."""
    return [str(row[0]) for row in query(life.path, sql)]


def test_every_photo_once(life: Past, visitor: Visitor) -> None:
    """All photos of somebody, the newest first, each with its picture; what is gone is marked."""
    numbers = met(visitor, f"photos/{ME}", ".picture", "photo")
    truth = {f"{ME}_{photo.id}" for photo in life.world.photos_of(ME)}

    assert numbers == held(life, "select owner_id || '_' || id from photos where owner_id = 1 "
                                 "order by id desc")  # fmt: skip
    assert truth <= {*numbers}
    for page in visitor.pages(f"photos/{ME}"):
        for one in page.all(".picture"):
            is_gone = one.links[0].endswith(f"/{life.gone['photos']}")
            assert bool(one.all("span.gone")) == is_gone
            assert visitor.get(one.one("img").attributes["src"]).status_code == 200


def test_a_photo_in_full(life: Past, visitor: Visitor) -> None:
    """A photo leads to its neighbours, its albums, the posts that show it, and has its comments."""
    photo = life.world.photos_of(ME)
    for one in photo:
        page = visitor.page(f"photo/{ME}_{one.id}")
        posts = {
            f"{post.owner_id}_{post.id}"
            for post in life.world.posts.values()
            if ("photo", (ME, one.id)) in post.attachments and not post.deleted
            and post.owner_id == ME
        }  # fmt: skip
        shown = {link.rpartition("/")[2] for link in page.links if "/-/post/" in link}
        assert posts <= shown
        thread = life.world.thread("photo", ME, one.id)
        names = [node.attributes["id"] for node in page.all("article.comment")]
        assert names == [f"comment{comment.id}" for comment in thread]
        albums = {album.title for album in life.world.albums_of(ME) if (ME, one.id) in album.photos}
        assert albums <= {node.words for node in page.one("main").all("bdi")}


def test_every_photo_of_an_album_once(life: Past, changed: Past) -> None:
    """An album in its order, each photo once, also where two have one place, or none."""
    for one in (life, changed):
        if one is changed:
            put = "insert or replace into album_photos (album_id, owner_id, photo_id, position) "
            places = "select 1, owner_id, id, case when id % 2 then 1 end from photos"
            execute(one.path, [put + places])
        visitor = Visitor(one.path)
        for (album,) in query(one.path, "select id from albums"):
            numbers = met(visitor, f"album/{album}", ".picture", "photo")
            assert numbers == held(one, "select owner_id || '_' || photo_id from album_photos "
                                        f"where album_id = {album} "
                                        "order by position, owner_id, photo_id")  # fmt: skip
    for album in life.world.albums_of(ME):
        truth = {f"{o}_{n}" for o, n in album.photos if not life.world.photos[o, n].deleted}
        assert truth <= {*met(Visitor(life.path), f"album/{album.id}", ".picture", "photo")}


def test_all_albums(life: Past, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """All albums are to be found, however many there are."""
    monkeypatch.setattr(photos, "ALBUMS", 1)
    found, link = [], f"photos/{ME}"
    while link:
        page = visitor.page(link)
        found += [one.links[0].rpartition("/")[2] for one in page.one("ul.albums").all("li")]
        link = next((one for one in page.links if "?albums=" in one), "")
        assert len(found) < 50

    assert found == held(life, f"select id from albums where owner_id = {ME} order by id desc")
    assert len(found) > 1


def test_every_note_once(life: Past, visitor: Visitor) -> None:
    """All notes, and each in full: its title, its words, what it said before, its comments."""
    lines = [one for page in visitor.pages(f"notes/{ME}") for one in page.one("ul.lines").all("li")]
    numbers = [one.links[0].rpartition("/")[2] for one in lines]
    assert numbers == held(life, "select owner_id || '_' || id from notes where owner_id = 1 "
                                 "order by id desc")  # fmt: skip
    for line, name in zip(lines, numbers, strict=True):
        owner, number = map(int, name.split("_"))
        note = life.world.notes[owner, number]
        assert line.one("bdi").words == " ".join(note.title.split())
        page = visitor.page(f"note/{name}")
        words = re.sub(r"<[^>]*>", " ", note.source)
        kept = [word for word in words.split() if word.isalpha() and word.isascii() is False]
        assert all(word in page.one(".note").words for word in kept), name
        assert bool(page.all("span.gone")) == (name == life.gone["notes"])
        assert bool(page.all(".former")) == (f"notes {name}" in life.former)
        thread = life.world.thread("note", owner, number)
        assert len(page.all("article.comment")) == len(thread)


def test_every_track_once(life: Past, changed: Past) -> None:
    """The collection from its end, playlists in their order; each track once in each."""
    for one in (life, changed):
        if one is changed:
            execute(one.path, ["update audio_collection set place = 2 where place > 2",
                               "update audio_collection set place = null where audio_id % 3 = 0",
                               "update playlist_audio set position = 0"])  # fmt: skip
        visitor = Visitor(one.path)
        assert met(visitor, f"audio/{ME}", ".track", "track") == held(
            one, f"select audio_id from audio_collection where owner_id = {ME} "
                 "order by place desc, audio_id desc")  # fmt: skip
        for (playlist,) in query(one.path, "select id from playlists"):
            assert met(visitor, f"playlist/{playlist}", ".track", "track") == held(
                one, f"select audio_id from playlist_audio where playlist_id = {playlist} "
                     "order by position, audio_id")  # fmt: skip
    mine = {str(track.id) for track in life.world.collection(ME) if not track.deleted}
    assert mine <= {*met(Visitor(life.path), f"audio/{ME}", ".track", "track")}


def test_a_track_has_its_words(life: Past, visitor: Visitor) -> None:
    """A track is shown with its artist, its title, its sound, and the words that are sung."""
    sung = 0
    for track in life.world.collection(ME):
        if track.deleted or track.withdrawn:
            continue
        page = visitor.page(f"track/{track.id}")
        assert page.one("h1").words == f"{track.artist} — {track.title}"
        if track.lyrics is not None:
            assert page.one(".card").words == " ".join(track.lyrics.split())
            sung += 1
    assert sung


def test_all_playlists(life: Past, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """All playlists are to be found, however many there are."""
    monkeypatch.setattr(music, "PLAYLISTS", 1)
    found, link = [], f"audio/{ME}"
    while link:
        page = visitor.page(link)
        found += [one.links[0].rpartition("/")[2] for one in page.one("ul.albums").all("li")]
        link = next((one for one in page.links if "?playlists=" in one), "")
        assert len(found) < 50

    assert found == held(
        life, "select id from playlists where 1 in (owner_id, listed_by) order by 1"
    )
    assert len(found) > 1


@pytest.mark.parametrize(
    ("path", "shown", "sql"),
    [
        (f"videos/{ME}", "figcaption bdi",
         f"select title from videos where owner_id = {ME} order by id desc"),
        ("documents", ".document bdi", "select title from documents order by id desc"),
        ("polls", ".poll strong", "select question from polls order by id desc"),
        ("board/1", "li bdi", "select title from topics where group_id = 1 order by id desc"),
    ],
)  # fmt: skip
def test_every_entry_once(path: str, shown: str, sql: str, life: Past, visitor: Visitor) -> None:
    """Videos, documents, polls and topics: all of them, each once, the newest first."""
    selector, title = shown.split()
    pages = list(visitor.pages(path))
    nodes = [one for page in pages for one in page.one("main").all(selector)]
    titles = [" ".join(text.split()) for text in held(life, sql)]

    assert [one.one(title).words for one in nodes] == titles
    assert nodes


def test_what_the_world_has_is_listed(life: Past, visitor: Visitor) -> None:
    """Videos, documents, polls and topics of the world are among what is listed."""
    world = life.world
    listed = {path: " ".join(page.one("main").words for page in visitor.pages(path))
              for path in (f"videos/{ME}", "documents", "polls", "board/1")}  # fmt: skip

    assert all(one.title in listed[f"videos/{ME}"] for one in world.videos_of(ME))
    assert all(one.title in listed["documents"] for one in world.documents_of(ME))
    assert all(one.title in listed["board/1"] for one in world.topics_of(1))
    for poll in world.polls.values():
        assert (poll.question in listed["polls"]) == (
            held(life, f"select count(*) from polls where id = {poll.id}") == ["1"]
        )


#: Some without a date, some of before 1970, several of one moment.
DATES = (
    "update {} set date = "
    "case rowid % 4 when 0 then null when 1 then -5 when 2 then 0 else date end"
)
MORE_GIFTS = (
    "insert into gifts (key, user_id, from_id, date, message) "
    "select key || '-' || {0}, user_id, from_id, date - {0} % 2, message from gifts"
)
MORE_NOTICES = (
    "insert into notifications (key, type, date, from_id, text) "
    "select key || '-' || {0}, type, date - {0} % 2, from_id, text from notifications"
)


def test_every_gift_once(life: Past, changed: Past) -> None:
    """Gifts with their words and givers, the newest first, also those without a date."""
    more = [MORE_GIFTS.format(0), MORE_GIFTS.format(1), DATES.format("gifts")]
    execute(changed.path, more)
    for one in (life, changed):
        nodes = [
            node
            for page in Visitor(one.path).pages(f"gifts/{ME}")
            for node in page.all("article.gift")
        ]
        order = f"from gifts where user_id = {ME} order by date desc, key desc"
        told = held(one, f"select message {order}")
        texts = ["".join(part.text for part in pieces(text)) for text in told]
        assert [node.one(".text").words for node in nodes] == [" ".join(t.split()) for t in texts]
        givers = [giver for (giver,) in query(one.path, f"select from_id {order}")]
        shown = [[link for link in node.links if "/user/" in link][:1] for node in nodes]
        assert shown == [[f"/archive/-/user/{n}"] if n and n > 0 else [] for n in givers]
    messages = held(life, "select message from gifts")
    assert {gift.message for gift in life.world.gifts_of(ME)} <= {*messages}


def test_every_notification_once(life: Past, changed: Past) -> None:
    """Notifications with who did what, the newest first, also those without a date."""
    execute(changed.path, [MORE_NOTICES.format(1), DATES.format("notifications")])
    for one in (life, changed):
        visitor = Visitor(one.path)
        pages = [visitor.json("notifications")]
        while pages[-1]["older"]:
            pages.append(visitor.json(pages[-1]["older"].replace(visitor.at, "")))
        keys = [notice["key"] for page in pages for notice in page["notices"]]
        assert keys == held(one, "select key from notifications order by date desc, key desc")
        shown = [page.one("ul.lines").all("li") for page in visitor.pages("notifications")]
        assert sum(map(len, shown)) == len(keys)
    assert len(life.world.told("B")) == len(held(life, "select 1 from notifications"))


def test_friends_and_groups(life: Past, visitor: Visitor) -> None:
    """All friends and groups of somebody, each once, by name."""
    me = life.world.users[ME]
    for path, table, people in (("friends", "users", me.friends), ("groups", "groups", me.groups)):
        shown = [page.one("ul.people").all("li") for page in visitor.pages(f"{path}/{ME}")]
        lines = [one for some in shown for one in some]
        numbers = [int(one.links[0].rpartition("/")[2]) for one in lines]
        assert numbers == sorted(people)
        names = dict(query(life.path, f"select id, name from {table}"))
        assert [one.one("bdi").words for one in lines] == [
            " ".join(names[number].split())[:60] for number in numbers
        ]


def test_a_topic_has_all_that_was_said(life: Past, visitor: Visitor) -> None:
    """The page of a topic has every comment, in its order."""
    for topic in life.world.topics_of(1):
        pages = visitor.pages(f"topic/1_{topic.virtual_id}")
        names = [one.attributes["id"] for page in pages for one in page.all("article.comment")]
        held_ = held(life, f"select id from comments where group_id = 1 and topic_id = "
                           f"{topic.virtual_id} order by id")  # fmt: skip
        assert names == [f"comment{number}" for number in held_]


def test_what_the_overview_counts(life: Past, visitor: Visitor) -> None:
    """The numbers of the first page are those of the world, and lead where these things are."""
    tiles = {one.words.split()[1]: one for one in visitor.page("").one("ul.tiles").all("a")}
    world = life.world
    counts = {
        "posts": len(truth(world, "B", (ME,))["posts"]),
        "messages": sum(not one.deleted for one in world.messages.values()),
        "photos": len(world.photos_of(ME)),
        "notes": len(world.notes_of(ME)),
        "tracks": sum(not one.deleted for one in world.collection(ME)),
        "videos": len(world.videos_of(ME)),
        "friends": len(world.users[ME].friends),
        "groups": len(world.users[ME].groups),
        "gifts": len(world.gifts_of(ME)),
        "notifications": len(world.told("B")),
    }
    for name, number in counts.items():
        assert tiles[name].words == f"{number} {name}"
        visitor.page(tiles[name].attributes["href"])


def test_the_years_of_the_overview(life: Past, visitor: Visitor) -> None:
    """Each year says how many posts and messages it has."""
    found = dict(
        one.attributes["title"].split(": ") for one in visitor.page("").one("ul.years").all("a")
    )
    sql = "select strftime('%Y', date, 'unixepoch') as year, count(*) from {} group by 1"
    posts, messages = (
        dict(query(life.path, sql.format(t))) for t in (f"posts where owner_id = {ME}", "messages")
    )

    for year, said in found.items():
        numbers = [int(number) for number in re.findall(r"\d+", said)]
        assert numbers == [posts.get(year, 0), messages.get(year, 0)]
    assert {*posts, *messages} <= {*found}


def test_health_says_what_status_says(life: Past, visitor: Visitor) -> None:
    """Whether all is here, which lists are lacking, and each list with its numbers."""
    book, page = book_of(life.path), visitor.page("health")
    rows = [
        [cell.words for cell in row if cell.tag in ("td", "th")]
        for row in page.one("tbody").all("tr")
    ]

    assert page.one("p.verdict").words == book.sentence.partition(" Missing")[0]
    lacking = [line.title for line in book.lists if not line.complete]
    assert [one.words.split(":")[0] for one in page.one("ul.lines").all("li")] == lacking
    counts = [(line.title, line.counted, line.held, line.gone) for line in book.lists]
    assert rows == [[title, *map(counted, numbers)] for title, *numbers in counts]


def counted(number: int | None) -> str:
    """A number, as English has it."""
    return "" if number is None else f"{number:,}"


def test_changes(life: Past, visitor: Visitor) -> None:
    """What was edited is told with both texts."""
    edits = visitor.page("changes").all("section")[1].all("li")
    told = {one.links[0].rpartition("/")[2].split("?")[0]: one for one in edits}
    for name, text in life.former.items():
        if text:
            node = next(one for key, one in told.items() if key.startswith(name.split()[1]))
            assert node.one("del").words == " ".join(text.split())


def test_a_person(life: Past, visitor: Visitor) -> None:
    """A profile has the name, what is told of the person, and ways to what there is of them."""
    me = life.world.users[ME]
    page = visitor.page(f"user/{ME}")

    assert page.one("h1").words == f"{me.first_name} {me.last_name}"
    for told in (me.about, me.interests, me.city, me.status):
        if told:
            assert " ".join(told.split()) in page.one("dl.about").words
    for link in page.one("ul.ways").links:
        visitor.page(link)


def test_who_likes_a_post(changed: Past) -> None:
    """The first who like it are named; if there are more, that is said."""
    post = changed.world.wall(ME)[5].id
    put = "insert or replace into likes (kind, owner_id, item_id, user_id)"
    execute(changed.path, [f"delete from likes where kind = 'post' and item_id = {post}"])
    for most, more in ((likes.MOST_PEOPLE, False), (likes.MOST_PEOPLE + 1, True)):
        rows = ", ".join(f"('post', {ME}, {post}, {number})" for number in range(1, most + 1))
        execute(changed.path, [f"{put} values {rows}"])
        visitor = Visitor(changed.path)
        told = visitor.json(f"post/{ME}_{post}")["likers"]
        assert [one["id"] for one in told] == [*range(1, likes.MOST_PEOPLE + 1)]
        assert (" and others" in visitor.page(f"post/{ME}_{post}").one("main").words) == more


def test_what_a_poll_is(changed: Past) -> None:
    """Whether a poll is anonymous and closed is said, both or one; so is that it was deleted."""
    shown = {
        (0, 0): "",
        (1, 0): "anonymous",
        (0, 1): "no more votes",
        (1, 1): "anonymous · no more votes",
    }
    for (anonymous, closed), said in shown.items():
        execute(changed.path, [f"update polls set anonymous = {anonymous}, closed = {closed}"])
        for one in Visitor(changed.path).page("polls").all("div.poll"):
            assert one.one("p").one("span.quiet").words == said
            assert not one.all("span.gone")
    execute(changed.path, ["update polls set gone_at = '2026-02-03T04:05:06Z'"])
    gone = [one.words for one in Visitor(changed.path).page("polls").all("span.gone")]
    assert gone
    assert set(gone) == {"deleted, noticed February 3, 2026"}


def test_likes_are_read_aloud(visitor: Visitor) -> None:
    """A heart and an arrow are for the eye; who listens is told what the number counts."""
    counts = [
        one for page in visitor.pages(f"wall/{ME}") for one in page.all("p.counts") if one.words
    ]
    signs = [sign for one in counts for sign in one.all("span") if sign.words in ("♥", "↻")]
    assert len(signs) > 3
    assert all(one.attributes.get("aria-hidden") == "true" for one in signs)
    assert all("Likes: " in one.words or "Reposts: " in one.words for one in counts)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_notification_is_a_sentence(language: str, changed: Past) -> None:
    """What happened is said in one piece, which leads to the post; no colon waits for a word."""
    visitor = Visitor(changed.path, language)
    lines = [
        one for page in visitor.pages("notifications") for one in page.one("ul.lines").all("li")
    ]
    led = [one for one in lines if any("/-/post/" in link for link in one.links)]
    whole = {"en": r"(liked|reposted|commented on) a post",
             "ru": r"(понравилась запись|репост записи|комментарий к записи)"}  # fmt: skip

    for line in led:
        link = next(one for one in line.all("a") if "/-/post/" in one.attributes["href"])
        assert re.fullmatch(whole[language], link.words)
        assert (f"— {link.words}" in line.words) == (language == "ru")
    assert len({link for line in led for link in line.links if "/-/post/" in link}) > 1
    phrases = names(wording(language))["notice"]
    kinds = [kind for (kind,) in query(changed.path, "select distinct type from notifications")]
    assert [kind for kind in kinds if phrases(kind) == kind or phrases(kind).endswith(":")] == []
