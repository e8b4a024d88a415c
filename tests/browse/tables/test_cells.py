"""Cells of Datasette's tables say what people can read; programs get what is stored."""

import csv
import json
from pathlib import Path

import pytest
from archives import SMALL
from datasette.app import Datasette
from datasetting import answer, beside, cells, html, other, raw, text_of
from fetching import fetch
from syncing import execute, query, run
from toy import DemoInstance, generate

from ovk_archive.resources import SECTIONS


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a small life with all sections, and its files."""
    path = tmp_path_factory.mktemp("tables") / "anna.db"
    with DemoInstance(generate(size=SMALL), "B") as instance:
        assert run(instance, path, sections=SECTIONS).exit_code == 0
        fetch(instance.url, path)
    return path


@pytest.mark.parametrize(("language", "said"), [("en", ["no", "yes"]), ("ru", ["да", "нет"])])
def test_yes_and_no(made: Path, language: str, said: list[str]) -> None:
    """What is stored as 1 and 0 is told in words, in rows, on the page of a row, and in facets."""
    page = html(made, "/messages?_size=max", language)
    assert sorted({text_of(cell) for cell in cells(page, "out")}) == said
    facets = page.partition('id="facet-out"')[2].partition("</ul>")[0]
    assert all(one in text_of(facets) for one in said)
    number, out = query(made, "select id, out from messages limit 1")[0]
    row = cells(html(made, f"/messages/{number}", language), "out")
    assert (
        text_of(row[0])
        == {0: {"en": "no", "ru": "нет"}, 1: {"en": "yes", "ru": "да"}}[out][language]
    )


def test_programs_get_numbers(made: Path) -> None:
    """JSON and CSV have what is stored."""
    rows = json.loads(raw(made, "/messages.json?_shape=array&_size=max"))
    assert {row["out"] for row in rows} == {0, 1}
    told = csv.DictReader(raw(made, "/messages.csv?_size=max").splitlines())
    assert {row["out"] for row in told} >= {"0", "1"}
    assert "yes" not in raw(made, "/messages.csv?_size=max").split(",")


def test_numbers_have_names(made: Path) -> None:
    """Whoever and whatever a number means is named beside it, also where no key says so."""
    albums = cells(html(made, "/albums"), "owner_id")
    assert all("Анна Архивова" in cell and 'href="/anna/users/1"' in cell for cell in albums)
    peers = html(made, "/conversations")
    for number, name in query(made, "select u.id, u.name from users u "
                              "join conversations c on c.peer_id = u.id"):  # fmt: skip
        cell = next(one for one in cells(peers, "peer_id") if f"/conversations/{number}" in one)
        assert name in text_of(cell)
        assert f'href="/anna/-/dialog/{number}"' in cell
    key, album = query(made, "select id, title from albums where title != '' limit 1")[0]
    named = cells(html(made, f"/album_photos?album_id={key}"), "album_id")
    assert all(text_of(cell).startswith(album) for cell in named)


def test_groups_have_names(tmp_path: Path, made: Path) -> None:
    """A negative number is a group, in rows, on the page of a row and in facets."""
    archive = tmp_path / "anna.db"
    archive.write_bytes(made.read_bytes())
    execute(archive, ["insert or replace into groups (id, name) values (77, 'Клуб <b>')",
                      "insert into albums (id, owner_id, title) values (9001, -77, 'Наше')",
                      ("update posts set owner_id = -77, owner_user_id = null, owner_group_id = 77 "
                      "where id = (select max(id) from posts)")])  # fmt: skip
    shown = 'href="/anna/groups/77">Клуб &lt;b&gt;</a>&nbsp;<em>-77</em>'
    assert any(shown in cell for cell in cells(html(archive, "/albums"), "owner_id"))
    assert shown in cells(html(archive, "/albums/9001"), "owner_id")[0]
    facet = html(archive, "/posts").partition('id="facet-owner_id"')[2].partition("</ul>")[0]
    assert "Клуб &lt;b&gt;</a> 1" in facet


def test_records_of_owners_have_names(made: Path) -> None:
    """What is liked, attached or commented on is told by how it begins."""
    page = html(made, "/comments?_size=max&post_id__notblank=1")
    owner, number, text = query(made, "select c.owner_id, c.post_id, p.text from comments c join "
                                "posts p on (p.owner_id, p.id) = (c.owner_id, c.post_id) "
                                "where p.text != '' limit 1")[0]  # fmt: skip
    cell = next(one for one in cells(page, "post_id") if f"/anna/posts/{owner},{number}" in one)
    assert text_of(cell).startswith(" ".join(text.split())[:30])
    attached = cells(html(made, "/attachments?type=photo"), "object_id")
    assert attached
    assert all('<a href="/anna/photos/' in cell for cell in attached)


def test_a_name_does_not_hide_the_page(made: Path) -> None:
    """The arrow behind a photo leads to its page, though its owner is shown by name."""
    owner, number = query(made, "select owner_id, id from photos limit 1")[0]
    page = html(made, f"/photos?id={number}&owner_id={owner}")
    assert f'href="/anna/-/photo/{owner}_{number}"' in page


def test_files_are_seen(made: Path, tmp_path: Path) -> None:
    """Stored pictures stand small beside their addresses, loaded when seen; others are reached."""
    cell = cells(html(made, "/media?kind=photos&state=stored"), "url")[0]
    sha256 = cell.partition("/anna/-/media/")[2].partition('"')[0]
    assert f'src="/anna/-/media/{sha256}?small=1"' in cell
    assert 'loading="lazy"' in cell
    assert "small=1" in cells(html(made, "/photos"), "url")[0]
    assert "small=1" in "".join(cells(html(made, "/users"), "photo_url"))
    assert "small=1" in cells(html(made, "/photos_media"), "url")[0]
    sound = cells(html(made, "/media?kind=audio&state=stored"), "url")[0]
    assert "/anna/-/media/" in sound
    assert "<img" not in sound
    lost = tmp_path / "anna.db"
    lost.write_bytes(made.read_bytes())
    execute(lost, ["update media set state = 'gone'"])
    assert "<img" not in html(lost, "/photos")


def test_other_databases_stay_as_they_are(made: Path, tmp_path: Path) -> None:
    """Beside an archive, a database with the same columns is shown as Datasette shows it."""
    path = other(tmp_path, "create table messages (id integer primary key, out int, owner_id int)",
                 "insert into messages values (1, 1, 1)")  # fmt: skip
    alone = Datasette([str(path)], settings={"suggest_facets": False})
    both = beside(made, path)
    for address in ("/other", "/other/messages", "/other/messages/1", "/other?sql=select+1"):
        shown, plain = (
            text_of(answer(one, address).text.partition("<footer")[0]) for one in (both, alone)
        )
        assert shown == plain, address
    assert text_of(cells(answer(both, "/other/messages").text, "out")[0]) == "1"


def test_odd_values_do_no_harm(made: Path, tmp_path: Path) -> None:
    """What is of another type than its column, or is named in an odd way, is shown all the same."""
    path = tmp_path / "anna.db"
    path.write_bytes(made.read_bytes())
    execute(path, [
        "update users set name = '<script>x</script>' || char(8238, 10) where id = 2",
        "update posts set text = x'ff00fe', is_pinned = 2",
        "update messages set out = 'yes', peer_id = 'abc', from_id = 1.5",
        "update albums set owner_id = 9223372036854775807, title = null",
        "update comments set post_id = 1.5, owner_id = null, from_id = x'01'",
        "update attachments set type = x'00', object_id = 'zz'",
        "update photos set url = x'68'",
    ])  # fmt: skip
    for table in ("users", "posts", "messages", "albums", "comments", "attachments", "photos"):
        page = html(path, f"/{table}?_size=max", "ru")
        assert "<script>x" not in page
        assert "</table>" in page
