"""An owner is found by id, name or address, and must exist."""

import asyncio

import pytest
from scripted import RECORDINGS, Reply, Request, ScriptedServer, ok, recorded, refused

from ovk_archive.api.client import Client
from ovk_archive.errors import ApiError, BadInputError
from ovk_archive.sync.owners import find_owner

GENERATIONS = sorted(path.name for path in RECORDINGS.iterdir() if path.is_dir())


class Town:
    """A server with the recorded people and groups of one generation."""

    def __init__(self, generation: str) -> None:
        self._generation = generation

    def __call__(self, request: Request) -> Reply:
        """The answer to one request."""
        match request.method:
            case "users.get":
                return recorded(self._generation, "Users.get__many")
            case "groups.getById":
                return recorded(self._generation, "Groups.getById__group_ids1-999")
        known = {"alice", "archivists"}
        name = request.form["screen_name"]
        file = name if name in known else "nope_nobody"
        return recorded(self._generation, f"Utils.resolveScreenName__{file}")


def resolve(server: ScriptedServer, text: str) -> int:
    """The id behind the text."""

    async def run() -> int:
        async with Client(server.instance, None) as client:
            owner = await find_owner(client, text.replace("HOST", server.instance.key))
        if owner.lost:
            raise owner.lost
        assert owner.id is not None
        return owner.id

    return asyncio.run(run())


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize(
    ("text", "owner_id"),
    [
        ("2", 2),
        (" -1 ", -1),
        ("id2", 2),
        ("ID2", 2),
        ("club1", -1),
        ("public1", -1),
        ("event1", -1),
        ("alice", 2),
        ("@alice", 2),
        ("archivists", -1),
        ("http://HOST/archivists", -1),
        ("https://HOST/id2?from=search#wall", 2),
        ("HOST/club1/", -1),
    ],
)
def test_owner_is_found(generation: str, text: str, owner_id: int) -> None:
    """Every usual way to name an owner gives its signed id."""
    with ScriptedServer(by=Town(generation)) as server:
        assert resolve(server, text) == owner_id


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("text", ["9999", "8", "-999", "id9999", "club999", "nope_nobody", "77"])
def test_missing_owner_is_said(generation: str, text: str) -> None:
    """Unknown and deleted ones come as stubs or not at all, and are refused by name."""
    with (
        ScriptedServer(by=Town(generation)) as server,
        pytest.raises(ApiError, match=text.lstrip("-")) as caught,
    ):
        resolve(server, text)

    assert caught.value.exit_code == 10


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "-", "0", "id0", "club0", "--5", "a b", "алиса", "9" * 20, "x" * 65),
        *("https://elsewhere.example/alice", "alice/photos", "HOSTILE/alice", "HOST/", "a?b"),
        "HOST/alice/photos",
    ],
)
def test_malformed_owner_is_bad_input(text: str) -> None:
    """What cannot name an owner is refused before anything is asked."""
    with ScriptedServer(ok([])) as server:
        with pytest.raises(BadInputError):
            resolve(server, text)

        assert server.requests == []


def test_holes_in_the_answer_are_no_hindrance() -> None:
    """A list that comes as an object is searched the same way."""
    with ScriptedServer(recorded("2024-07", "Users.get__zero_in_list")) as server:
        assert resolve(server, "2") == 2


def test_other_refusals_of_a_name_are_passed_on() -> None:
    """Only error 104 means that nobody is called so."""
    with (
        ScriptedServer(refused(15, "Access denied")) as server,
        pytest.raises(ApiError, match="Access denied"),
    ):
        resolve(server, "alice")


@pytest.mark.parametrize("answer", [None, [], "no", {"object_id": 5, "type": "application"}])
def test_odd_answers_find_nobody(answer: object) -> None:
    """A name that is neither a person's nor a group's is nobody's."""
    with ScriptedServer(ok(answer)) as server, pytest.raises(ApiError, match="No person or group"):
        resolve(server, "alice")
