"""Exports of those who have consented: `--only-people`, and how it is asked for."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli
from exporting import comment, keep, key_in, message, post, records
from hiding import KEY, exported, pseudonyms

from ovk_archive.archive.archive import Archive
from ovk_archive.export.pseudonyms.domains import DOMAINS, Hiding
from ovk_archive.export.pseudonyms.pseudonymiser import Pseudonymiser

#: Of three people one has not consented.
CONSENTED, OTHER = frozenset({1, 2}), 3


@pytest.fixture
def three(archive_path: Path) -> Path:
    """An archive in which three people and a group do everything there is to do."""
    told = [{"id": 9, "from_id": 3, "date": 0, "text": "Тайна", "attachments": "photo3_1"}]
    keep(archive_path, [
        *(("users", {"id": n, "first_name": name, "screen_name": f"person{n}x"})
          for n, name in ((1, "Зинаида"), (2, "Эдуард"), (3, "Матильда"))),
        *(row for n in (1, 2, 3) for row in _deeds(n)),
        post(50, owner=-5, from_id=-5, signer_id=3),
        post(51, text="Матильда и Эдуард, id3, wall3_7, [id3|она]", from_id=1,
             attachments="photo3_1,photo1_1", copy_history=json.dumps(told)),
        ("topics", {"group_id": 5, "id": 1, "created_by": 1, "updated_by": 3}),
        ("audio", {"id": 70, "owner_id": 3, "title": "Песня"}),
        ("attachments", {"resource": "posts", "record_key": "1_51", "position": 0,
                         "type": "photo", "owner_id": 3, "object_id": 1}),
        ("attachments", {"resource": "posts", "record_key": "1_3", "position": 0,
                         "type": "photo", "owner_id": 1, "object_id": 1}),
        ("poll_answers", {"id": 41, "poll_id": 1}), ("poll_answers", {"id": 43, "poll_id": 3}),
    ])  # fmt: skip
    return archive_path


def _deeds(n: int) -> list[tuple[str, dict[str, Any]]]:
    return [
        post(n, from_id=n, from_user_id=n), comment(n, 51, from_id=n), message(n, peer=n),
        ("conversations", {"peer_id": n}), ("friends", {"user_id": 1, "friend_id": n}),
        ("gifts", {"key": str(n), "user_id": 1, "from_id": n}),
        ("photos", {"owner_id": n, "id": 1}),
        ("likes", {"kind": "post", "owner_id": 1, "item_id": 51, "user_id": n}),
        ("polls", {"id": n, "owner_id": n}),
    ]  # fmt: skip


def test_rows_of_others_are_left_out(three: Path) -> None:
    """Who has not consented has no row: none of his own, none that he wrote, none about him."""
    everybody, some = exported(three), exported(three, hiding=Hiding(people=CONSENTED))
    tables = ("users", "comments", "messages", "conversations", "friends", "gifts", "photos",
              "likes", "polls", "poll_answers", "attachments")  # fmt: skip

    assert {name: len(everybody[name]) - len(some[name]) for name in tables} == dict.fromkeys(
        tables, 1
    )
    assert len(everybody["posts"]) - len(some["posts"]) == 1
    assert len(some["posts"]) == 4


def test_nothing_tells_of_others(three: Path) -> None:
    """No pseudonym of his is anywhere, and where somebody else mentions him he is [other]."""
    tables = exported(three, hiding=Hiding(people=CONSENTED))
    with Archive.read(three) as archive:
        made = Pseudonymiser(archive, KEY)
        his = {made.changes(domain.name).hashes.owner(OTHER) for domain in DOMAINS}
        edward = made.hashes.owner(2)
    (said,) = [row for row in tables["posts"] if row["text"]]

    assert his & pseudonyms(exported(three), tables)
    assert not his & pseudonyms(tables, tables)
    assert said["text"] == f"[other] и {edward}, [other], wall[other], [other]"
    assert json.loads(said["copy_history"]) == [{"from_id": "[other]"}]
    assert said["attachments"].startswith("photo[other],photou_")
    # Groups are no people.
    assert {row["owner_id"][:2] for row in tables["posts"]} == {"u_", "g_"}
    assert {row["signer_id"] for row in tables["posts"]} == {None, "[other]"}
    assert [row["updated_by"] for row in tables["topics"]] == ["[other]"]
    assert [row["owner_id"] for row in tables["audio"]] == ["[other]"]
    (hung,) = tables["attachments"]
    assert (hung["owner_id"], hung["object_id"]) == ("[other]", None)


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_a_list_of_people_is_a_file(kind: str, three: Path, cli: Cli, tmp_path: Path) -> None:
    """Ids, short names and addresses count, comments do not; the manifest tells how many."""
    file = tmp_path / "people.txt"
    file.write_text("\ufeff# Who has said yes\n1\n\n@person2x  # Edward\nid1\n", encoding="utf-8")
    folder = tmp_path / "out"
    done = cli.run(
        "export", three, folder, "--format", kind, "--pseudonymise", "--key", key_in(tmp_path),
        "--only-people", file, "--quiet",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    manifest = json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8"))

    assert manifest["options"]["only_people"] == 2
    assert manifest["tables"]["users"] == {"rows": 2, "narrowed_by": ["only-people"]}
    assert "only-people" in manifest["tables"]["attachments"]["narrowed_by"]
    assert len(records(folder / f"users.{kind}")) == 2
    assert any("[other]" in sentence for sentence in manifest["limits"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is to name people"),
        ("# nobody\n", "is to name people"),
        ("1\nclub5\n", "is to name people"),
        ("nobody_at_all\n", "Nobody whom the archive knows"),
        (None, "cannot be read"),
        ("\udcff", "cannot be read"),
    ],
)
def test_a_list_that_names_no_people_is_refused(
    content: str | None, said: str, three: Path, cli: Cli, tmp_path: Path
) -> None:
    """A list that is empty, is not there, or names others than people ends in one sentence."""
    file = tmp_path / "people.txt"
    if content is not None:
        file.write_bytes(content.encode("utf-8", "surrogateescape"))
    done = cli.run(
        "export", three, tmp_path / "out", "--format", "csv", "--pseudonymise",
        "--key", key_in(tmp_path), "--only-people", file,
    )  # fmt: skip

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
