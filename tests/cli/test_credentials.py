"""The token is kept for its owner's eyes, and goes to no instance but its own."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from ovk_archive.cli.account import credentials
from ovk_archive.cli.account.credentials import Credentials
from ovk_archive.errors import AuthError, BadInputError, StorageError

TOKEN = "7-5ec2e75e-ca7-jill"
SAVED = Credentials("https://openvk.example", 7, TOKEN)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An environment with a settings directory that does not exist yet."""
    return {"OVK_CONFIG_DIR": str(tmp_path / "settings")}


def mode(path: Path) -> int:
    """Who may do what with it."""
    return stat.S_IMODE(path.stat().st_mode)


def test_nothing_saved_is_none(env: dict[str, str]) -> None:
    """No file and no environment: there are no credentials."""
    assert credentials.load(env) is None


def test_what_is_saved_is_loaded(env: dict[str, str]) -> None:
    """A saved token comes back with its instance and its owner."""
    credentials.save(SAVED, env)

    assert credentials.load(env) == SAVED


def test_only_the_owner_may_read(env: dict[str, str]) -> None:
    """File 0600 and directory 0700, whatever the umask."""
    before = os.umask(0)
    try:
        file = credentials.save(SAVED, env)
    finally:
        os.umask(before)

    assert mode(file) == 0o600
    assert mode(file.parent) == 0o700


def test_saving_leaves_nothing_else_behind(env: dict[str, str]) -> None:
    """No temporary file with a token stays."""
    credentials.save(SAVED, env)
    file = credentials.save(Credentials("https://other.example", 8, "8-b"), env)

    assert list(file.parent.iterdir()) == [file]


def test_failed_saving_leaves_nothing_behind(env: dict[str, str]) -> None:
    """Where the file cannot take its place, the token is not left beside it."""
    place = credentials.path(env)
    (place / "in the way").mkdir(parents=True)

    with pytest.raises(StorageError, match="cannot be saved"):
        credentials.save(SAVED, env)

    assert list(place.parent.iterdir()) == [place]


def test_settings_directory_that_is_a_file(env: dict[str, str]) -> None:
    """A place where no file can be is said, not crashed upon."""
    Path(env["OVK_CONFIG_DIR"]).write_text("")

    with pytest.raises(StorageError, match="cannot be saved"):
        credentials.save(SAVED, env)
    with pytest.raises(StorageError, match="cannot be read"):
        credentials.load(env)
    with pytest.raises(StorageError, match="cannot be removed"):
        credentials.forget(env)


def test_file_that_others_could_read_is_tightened(env: dict[str, str]) -> None:
    """Reading a file with open permissions closes them."""
    file = credentials.save(SAVED, env)
    file.chmod(0o644)

    credentials.load(env)

    assert mode(file) == 0o600


def test_forget_removes_the_file(env: dict[str, str]) -> None:
    """Forgotten once, there is nothing to forget."""
    file = credentials.save(SAVED, env)

    assert credentials.forget(env) is True
    assert not file.exists()
    assert credentials.forget(env) is False


def test_default_place_is_the_systems(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without OVK_CONFIG_DIR the file lies where the system keeps settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    expected = platformdirs.user_config_path("ovk-archive") / "credentials.json"
    assert credentials.path({}) == expected


def test_environment_wins_over_the_file(env: dict[str, str]) -> None:
    """OVK_INSTANCE and OVK_TOKEN together are used, the file is not looked at."""
    credentials.save(SAVED, env)
    env |= {"OVK_INSTANCE": "other.example/", "OVK_TOKEN": "8-b"}

    assert credentials.load(env) == Credentials("https://other.example", None, "8-b")


def test_token_without_instance_is_refused(env: dict[str, str]) -> None:
    """A token is not sent to a guessed instance."""
    credentials.save(SAVED, env)

    with pytest.raises(BadInputError, match="OVK_INSTANCE") as caught:
        credentials.load(env | {"OVK_TOKEN": TOKEN})

    assert TOKEN not in str(caught.value)


def test_instance_of_the_file_uses_its_token(env: dict[str, str]) -> None:
    """OVK_INSTANCE alone finds the saved token, if it is the same instance."""
    credentials.save(SAVED, env)

    assert credentials.load(env | {"OVK_INSTANCE": "OpenVK.example:443"}) == SAVED


@pytest.mark.parametrize(
    "address",
    ["other.example", "openvk.example:8080", "openvk.example/vk", "http://openvk.example"],
)
def test_token_goes_to_no_other_instance(env: dict[str, str], address: str) -> None:
    """Another host, port or path has no token, nor has plain http after https."""
    credentials.save(SAVED, env)

    with pytest.raises(AuthError, match="ovk-archive login"):
        credentials.load(env | {"OVK_INSTANCE": address})


def test_instance_alone_without_a_file(env: dict[str, str]) -> None:
    """OVK_INSTANCE with nothing saved says how to log in."""
    with pytest.raises(AuthError, match=r"no token for https://openvk\.example: run"):
        credentials.load(env | {"OVK_INSTANCE": "openvk.example"})


def test_empty_variables_are_no_variables(env: dict[str, str]) -> None:
    """An empty OVK_TOKEN is the same as none."""
    credentials.save(SAVED, env)

    assert credentials.load(env | {"OVK_INSTANCE": "", "OVK_TOKEN": ""}) == SAVED


@pytest.mark.parametrize(
    "content",
    [
        f'{{"token": "{TOKEN}"',
        "[]",
        "{}",
        json.dumps({"instance_url": "https://a b", "user_id": 7, "token": TOKEN}),
        json.dumps({"instance_url": "https://a.example", "user_id": 7, "token": ""}),
        json.dumps({"instance_url": "https://a.example", "user_id": "7", "token": TOKEN}),
        "\xff",
    ],
)
def test_broken_file_is_one_sentence(env: dict[str, str], content: str) -> None:
    """A broken file is reported without repeating what it holds, in the chain neither."""
    file = credentials.save(SAVED, env)
    file.write_bytes(content.encode("latin-1"))

    with pytest.raises(StorageError, match=r"is broken: run `ovk-archive login`") as caught:
        credentials.load(env)

    assert TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_representation_has_no_token() -> None:
    """Credentials can be printed without telling the secret."""
    assert TOKEN not in f"{SAVED!r} {SAVED}"
    assert SAVED.instance.key == "openvk.example"


def test_import_is_light() -> None:
    """Commands that stay offline do not pay for HTTP."""
    code = "import sys, ovk_archive.cli.account.credentials; sys.exit('httpx' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
