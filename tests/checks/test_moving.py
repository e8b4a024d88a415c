"""An instance gets another name: the archive goes on there, after it was seen to be the same."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from archives import SMALL
from conftest import Cli
from fetching import on_disk
from scripted import Reply, ScriptedServer, ok
from syncing import query
from toy import DemoInstance, World, generate
from warm import WarmProcess

from ovk_archive.api.address import Instance
from ovk_archive.api.wire.answers import HttpAnswer
from ovk_archive.api.wire.api_errors import nonsense
from ovk_archive.archive.archive import Archive
from ovk_archive.archive.file.location import folder_of
from ovk_archive.archive.names import former, move, names
from ovk_archive.cli.account import credentials
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.export.pseudonyms.pseudonymiser import Pseudonymiser
from ovk_archive.resources.vocabulary.addresses import address_of

DIALECTS = ("A", "B")


@pytest.fixture(scope="module")
def world() -> World:
    """The world that both names show."""
    return generate(size=SMALL)


@pytest.fixture(scope="module", params=DIALECTS)
def old(request: pytest.FixtureRequest, world: World) -> Iterator[DemoInstance]:
    """The instance under its old name."""
    with DemoInstance(world, request.param) as instance:
        yield instance


@pytest.fixture
def new(old: DemoInstance, world: World) -> Iterator[DemoInstance]:
    """The same under a new one: another port."""
    with DemoInstance(world, old.dialect) as instance:
        yield instance


@pytest.fixture(scope="module")
def saved(old: DemoInstance, tmp_path_factory: pytest.TempPathFactory, warm: WarmProcess) -> Path:
    """The folder of an archive of it, with files."""
    folder = tmp_path_factory.mktemp("saved")
    config = folder / "config"
    environment = {**os.environ, "OVK_CONFIG_DIR": str(config), "PYTHONWARNINGS": "error"}
    cli = Cli(config, environment, warm=warm)
    cli.log_in(old)
    done = cli.run("sync", folder / "archive.db", "--media", "--quiet")
    assert done.returncode == 0, done.stderr
    shutil.rmtree(config)
    return folder


@pytest.fixture
def archive(saved: Path, archive_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(saved, archive_path.parent, dirs_exist_ok=True)
    return archive_path


def key(instance: DemoInstance) -> str:
    """The name of an instance."""
    return instance.url.removeprefix("http://")


def facts(path: Path) -> dict[str, str]:
    """What an archive says of itself."""
    return dict(query(path, "select name, value from _archive where name <> 'checkpoints'"))


def test_it_goes_on_under_the_new_name(
    cli: Cli, archive: Path, old: DemoInstance, new: DemoInstance
) -> None:
    """After `move` a sync is no 33 any more, makes no version, and no file is fetched again."""
    cli.log_in(new)
    refused = cli.run("sync", archive, "--quiet")
    versions = query(archive, "select count(*) from _versions")
    files = on_disk(archive)
    moved = cli.run("move", archive, new.url)
    synced = cli.run("sync", archive, "--full", "--media", "--json")
    report = json.loads(synced.stdout)

    assert refused.returncode == 33
    assert f"`ovk-archive move {archive} {key(new)}`" in refused.stderr
    assert moved.returncode == 0, moved.stderr
    assert f"The archive remembers {key(old)} as the old name" in moved.stderr
    assert synced.returncode == 0, synced.stderr
    assert query(archive, "select count(*) from _versions") == versions
    assert sum(one["changed"] for one in report["lists"].values()) == 0
    again = (
        "select url from media where stored_at > (select min(started_at) from _runs where id = 2)"
    )
    assert report["media"]["stored"] == 0, query(archive, again)
    assert on_disk(archive) == files
    assert cli.run("verify", archive, "--media").returncode == 0


def test_names_are_kept(cli: Cli, archive: Path, old: DemoInstance, new: DemoInstance) -> None:
    """All names stay known, the first one first; a move back is a move, and a second one none."""
    cli.log_in(new)
    assert cli.run("move", archive, new.url).returncode == 0
    again = cli.run("move", archive, new.url)
    with Archive.read(archive) as held:
        there = held.identity().instance, [one.instance for one in names(held)], former(held)
    cli.log_in(old)
    assert cli.run("move", archive, old.url).returncode == 0
    with Archive.read(archive) as held:
        back = held.identity().instance, [one.instance for one in names(held)], former(held)

    assert "already" in again.stderr
    assert there == (key(new), [key(old), key(new)], (old.url,))
    assert back == (key(old), [key(old), key(new)], (new.url,))


def test_another_account_is_refused(cli: Cli, archive: Path) -> None:
    """The token of another account: 33, and nothing is written."""
    before = archive.read_bytes()
    with ScriptedServer(ok({"id": 2, "first_name": "Чужой", "last_name": "Человек"})) as server:
        credentials.save(Credentials(server.instance.url, None, "2"), cli.environment)
        done = cli.run("move", archive, server.instance.url)

    assert done.returncode == 33, done.stderr
    assert "nothing was changed" in done.stderr
    assert archive.read_bytes() == before


def test_another_world_is_refused(cli: Cli, archive: Path, old: DemoInstance) -> None:
    """The same number of account in other content: 33, and nothing is written."""
    before = archive.read_bytes()
    with DemoInstance(generate(99, SMALL), old.dialect) as other:
        cli.log_in(other)
        done = cli.run("move", archive, other.url)

    assert done.returncode == 33, done.stderr
    assert f"{key(other)} does not seem to be {key(old)} under another name" in done.stderr
    assert archive.read_bytes() == before


def test_the_token_goes_nowhere_else(cli: Cli, archive: Path, old: DemoInstance) -> None:
    """The token of the old name is not sent to the new one: a login there is needed (11)."""
    cli.log_in(old)
    with ScriptedServer(Reply()) as server:
        saved = cli.run("move", archive, server.instance.url)
        cli.environment |= {"OVK_INSTANCE": old.url, "OVK_TOKEN": old.token}
        given = cli.run("move", archive, server.instance.url)

    assert saved.returncode == 11
    assert "ovk-archive login" in saved.stderr
    assert given.returncode == 2
    assert server.requests == []


def test_an_instance_that_is_away(cli: Cli, archive: Path, old: DemoInstance) -> None:
    """Where nobody answers, nothing is changed."""
    before = archive.read_bytes()
    with ScriptedServer(Reply()) as server:
        nobody = server.instance.url
    credentials.save(Credentials(nobody, 1, old.token), cli.environment)
    done = cli.run("move", archive, nobody)

    assert done.returncode == 20, done.stderr
    assert archive.read_bytes() == before


def test_of_a_mirror_less_is_compared(
    cli: Cli, archive: Path, new: DemoInstance, old: DemoInstance
) -> None:
    """Of a name that the instance had told as its mirror a few records are enough."""
    if old.dialect == "A":
        pytest.skip("these servers tell no mirrors")
    cli.log_in(new)
    plain = archive.with_name("plain.db")
    shutil.copyfile(archive, plain)
    with Archive.read(archive) as held:
        identity = held.identity()
    with Archive.open(archive, identity) as held, held.transaction() as db:
        told = json.dumps([key(new)])
        db.execute("update instance set value = ? where name = 'mirrors'", (told,))
    many = json.loads(cli.run("move", plain, new.url, "--json").stdout)
    few = json.loads(cli.run("move", archive, new.url, "--json").stdout)

    assert (many["is_mirror"], few["is_mirror"]) == (False, True)
    assert 0 < few["compared"] < 10 < many["compared"]


@pytest.mark.parametrize("status", [301, 308])
def test_a_redirect_names_the_command(status: int, cli: Cli, archive_path: Path) -> None:
    """A redirect of the API for good says where it leads and names `move`; no token follows it."""
    with ScriptedServer(Reply()) as other:
        place = other.instance.url
        reply = Reply(status, headers={"location": f"{place}/method/account.getProfileInfo?x=1"})
        with ScriptedServer(reply) as server:
            credentials.save(Credentials(server.instance.url, 1, "secret"), cli.environment)
            done = cli.run("sync", archive_path)

    assert done.returncode == 20
    assert f"`ovk-archive move ARCHIVE {place}`" in done.stderr
    assert f"`ovk-archive login --instance {place}`" in done.stderr
    assert "secret" not in done.stderr
    assert other.requests == []
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "location", "said"),
    [
        (301, "https://new.example/method/wall.get", "moved to https://new.example ("),
        (308, "https://new.example/sub/method/wall.get", "moved to https://new.example/sub ("),
        (301, "https://new.example/", "moved to https://new.example ("),
        (301, "https://old.example/method/wall.get", "elsewhere"),
        (301, "/maintenances/", "elsewhere"),
        (302, "https://new.example/method/wall.get", "elsewhere"),
        (301, "https://a:b@new.example/method/wall.get", "elsewhere"),
        (301, "https://new.example\x1b[2J/method/x.y", "elsewhere"),
        (301, None, "elsewhere"),
    ],
)
def test_where_redirects_lead(status: int, location: str | None, said: str) -> None:
    """Only a redirect for good to another instance is taken for a move; nothing odd is repeated."""
    told = str(nonsense(HttpAnswer("old.example", status, b"", location)))

    assert said in told
    assert "\x1b" not in told
    assert "a:b" not in told


def test_files_of_former_names_are_asked_for_under_the_new_one() -> None:
    """An address under a former name is the instance's own; another host's is not."""
    instance = Instance("https://new.example", ("http://old.example", "https://older.example:8080"))

    assert address_of("http://old.example/x.png", instance) == "https://new.example/x.png"
    assert address_of("https://older.example:8080/x.png", instance) == "https://new.example/x.png"
    assert address_of("https://older.example/x.png", instance) == "https://older.example/x.png"
    assert address_of("http://else.example/x.png", instance) == "http://else.example/x.png"


def test_pending_files_come_from_the_new_name(
    cli: Cli, archive: Path, old: DemoInstance, new: DemoInstance
) -> None:
    """Files that were not fetched yet are asked for under the new name, and under no other."""
    files = on_disk(archive)
    shutil.rmtree(folder_of(archive))
    cli.log_in(new)
    cli.run("move", archive, new.url)
    old.reset_counts()
    done = cli.run("media", archive)

    assert done.returncode == 0, done.stderr
    assert old.fetched() == []
    assert on_disk(archive) == files
    assert len(files) > 30


def test_a_kill_changes_nothing(cli: Cli, archive: Path, new: DemoInstance) -> None:
    """A kill while records are compared leaves the archive as it was; `move` can be repeated."""
    cli.log_in(new)
    before = facts(archive)
    new.latency = 0.2
    process = cli.start("move", archive, new.url)
    while not new.count("messages.getHistory"):
        time.sleep(0.01)
    process.kill()
    process.communicate()
    after = facts(archive)
    new.latency = 0.0

    assert after == before
    assert cli.run("move", archive, new.url).returncode == 0
    assert cli.run("verify", archive, "--quiet").returncode == 0


def test_an_instance_that_was_set_back_is_refused(
    cli: Cli, archive: Path, old: DemoInstance
) -> None:
    """Where the newest records are not there, it is not taken for the same: numbers come again."""
    world = generate(size=SMALL)
    for post in sorted(world.posts.values(), key=lambda one: one.id)[-15:]:
        world.delete_post(post.owner_id, post.id)
    for message in sorted(world.messages)[-15:]:
        world.delete_message(message)
    with DemoInstance(world, old.dialect) as other:
        cli.log_in(other)
        done = cli.run("move", archive, other.url)

    assert done.returncode == 33, done.stderr
    assert "under another name" in done.stderr


def test_pseudonyms_stay(archive: Path, new: DemoInstance) -> None:
    """Who has a pseudonym keeps it when the instance gets another name."""
    before = pseudonym(archive)
    with Archive.read(archive) as held:
        identity = held.identity()
    with Archive.open(archive, identity) as held:
        move(held, replace(identity, instance=key(new), url=new.url))

    assert pseudonym(archive) == before


def pseudonym(path: Path) -> str:
    """What the account is called where people are hidden."""
    with Archive.read(path) as held:
        return Pseudonymiser(held, b"k" * 32).hashes.owner(1)
