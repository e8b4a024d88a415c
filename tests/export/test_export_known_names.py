"""Whose names are found in texts: of people and groups in rows, versions, facts and settings."""

import json
from pathlib import Path
from typing import Any

import pytest
from exporting import keep, post
from hiding import KEY, exported

from ovk_archive.archive.archive import Archive
from ovk_archive.export.pseudonyms.pseudonymiser import Pseudonymiser

ADMINISTRATORS = [{"id": 77, "first_name": "Зинаида", "last_name": "Смотрящая"}, "Матильда"]


@pytest.mark.parametrize(
    ("known", "text", "expected"),
    [
        # Administrators, whom only the instance's own page names.
        (
            ("instance", {"name": "administrators", "value": json.dumps(ADMINISTRATORS)}),
            "Зинаиде Смотрящей",
            "u77",
        ),
        # Names of groups that only their settings tell.
        (
            ("group_settings", {"group_id": 5, "title": "Кружок вязания", "address": "vyazanie"}),
            "Кружок вязания и vyazanie",
            "g5 и g5",
        ),
        # The last name first, though neither is a name by itself.
        (("users", {"id": 9, "first_name": "Без", "last_name": "Над"}), "Над Без, без", "u9, без"),
        (("users", {"id": 9, "first_name": "Без", "last_name": "Над"}), "Без Над, над", "u9, над"),
        # What somebody is called elsewhere.
        (("users", {"id": 9, "telegram": "@zinaida_tg"}), "пиши zinaida_tg", "пиши u9"),
        (("users", {"id": 9, "telegram": "zinaidatg"}), "пиши в zinaidatg!", "пиши в u9!"),
    ],
)
def test_names_are_known_from_everywhere(
    known: tuple[str, dict[str, Any]], text: str, expected: str, archive_path: Path
) -> None:
    """Whoever is named anywhere in the archive is found in texts."""
    keep(archive_path, [known, post(1, text=text)])
    with Archive.read(archive_path) as archive:
        hashes = Pseudonymiser(archive, KEY).hashes
    for written, number in (("u77", 77), ("g5", -5), ("u9", 9)):
        expected = expected.replace(written, hashes.owner(number))

    assert exported(archive_path)["posts"][0]["text"] == expected


def test_attachments_without_a_number_say_their_kind(archive_path: Path) -> None:
    """Of what is attached without number or owner nothing is told but what it is."""
    hung = "poll,unknown,docNone_5,photo1_2,audio1_77,doc1_88,poll1_99,note1_3,graffiti1_66"
    keep(archive_path, [
        post(1, attachments=hung),
        *(("attachments", {"resource": "posts", "record_key": "1_1", "position": place,
                           "type": kind, "owner_id": owner, "object_id": number})
          for place, (kind, owner, number) in enumerate([
              ("poll", None, None), ("doc", None, 55), ("doc", 1, 88), ("poll", 1, 99),
              ("graffiti", 1, 66), ("photo", None, 44),
          ])),
        ("documents", {"id": 88, "owner_id": 1}), ("polls", {"id": 99, "owner_id": 1}),
    ])  # fmt: skip
    tables = exported(archive_path)
    named = tables["posts"][0]["attachments"].split(",")
    me = tables["posts"][0]["owner_id"]
    (document,), (poll,) = tables["documents"], tables["polls"]

    assert named[:3] == ["poll", "unknown", "doc"]
    assert named[5:7] == [f"doc{me}_{document['id']}", f"poll{me}_{poll['id']}"]
    assert [one.split("_")[-2] for one in (named[3], named[4], named[7])] == ["h", "a", "o"]
    assert named[8] == f"graffiti{me}"
    rows = {row["position"]: row["object_id"] for row in tables["attachments"]}
    assert (rows[0], rows[2], rows[3], rows[4], rows[5]) == (
        None, document["id"], poll["id"], None, None,
    )  # fmt: skip
    assert rows[1].startswith("d_")


def test_what_no_rule_knows_says_nothing(archive_path: Path) -> None:
    """A number of which the row does not say what it is of becomes nothing."""
    keep(archive_path, [post(1)])
    with Archive.read(archive_path) as archive:
        changes = Pseudonymiser(archive, KEY).changes("public")
    for rule in ("record", "object", "item", "parent", "post", "topic"):
        change = changes.by(rule, {})
        assert change is not None
        assert change(5, ()) is None, rule
    assert changes.by("keep", {}) is None


@pytest.mark.parametrize("text", ["Кружок вязания", "пишите в vyazanie"])
def test_former_names_of_a_managed_group_are_known(text: str, archive_path: Path) -> None:
    """What a group was called is told by former versions of its settings alone."""
    for title, address in (("Кружок вязания", "vyazanie"), ("Общество лыжников", "lyzhi")):
        keep(archive_path, [
            ("group_settings", {"group_id": 5, "title": title, "address": address}),
            post(1, text=text),
        ])  # fmt: skip
    with Archive.read(archive_path) as archive:
        group = Pseudonymiser(archive, KEY).hashes.owner(-5)

    said = exported(archive_path)["posts"][0]["text"]
    assert said in (group, f"пишите в {group}")
