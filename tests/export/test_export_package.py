"""What an export says of itself: package, crate, codebook and manifest, from the same facts."""

import json
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import frictionless
import jsonschema
import pytest
from archives import SMALL, everything
from conftest import Cli
from exporting import comment, keep, message, post, records, write
from syncing import execute, query

from ovk_archive.archive.archive import Archive
from ovk_archive.archive.tables.schema import STAMPS
from ovk_archive.checks.ledger import Line, ledger
from ovk_archive.errors import BadInputError
from ovk_archive.export.about.as_of import AsOf, as_of
from ovk_archive.export.about.citation import Author, Citation, License, citation
from ovk_archive.export.formats import registry
from ovk_archive.export.selection import Selection
from ovk_archive.export.writing import Wish, export
from ovk_archive.resources import TABLES
from ovk_archive.resources.vocabulary.columns import Kind

CITED = ("--title", "Letters", "--author", "Anna Ivanova <0000-0002-1825-0097>",
         "--author", "Institute <desk@example.org>", "--license", "cc-by-4.0")  # fmt: skip
OLD, MIDDLE, NEW = (f"2026-01-0{n}T10:00:00.000000Z" for n in (1, 2, 3))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of everything, which no test writes to."""
    path = tmp_path_factory.mktemp("whole") / "archive.db"
    path.write_bytes(everything(SMALL))
    path.chmod(0o600)
    return path


@pytest.fixture
def few(archive_path: Path) -> Path:
    """An archive made by hand."""
    keep(archive_path, [post(1, text="one"), post(2, owner=-5), comment(3, 1), message(4)])
    return archive_path


def said(folder: Path, name: str) -> Any:
    """One of the descriptions."""
    return json.loads((folder / name).read_text(encoding="utf-8"))


def entities(folder: Path) -> dict[str, Any]:
    """What a crate speaks of, by id."""
    return {one["@id"]: one for one in said(folder, "ro-crate-metadata.json")["@graph"]}


def lists(path: Path) -> dict[str, Line]:
    """The lines of an archive's ledger, by resource."""
    with Archive.read(path) as archive:
        return {line.name: line for line in ledger(archive).lists}


# The package


@pytest.mark.parametrize("kind", registry.NAMES)
def test_the_package_is_one_of_version_2(kind: str, few: Path, tmp_path: Path) -> None:
    """It is as the profile of Data Package 2.0 wants it, with no word of version 1."""
    profile = files("dplib") / "profiles" / "2.0" / "datapackage.json"
    write(few, tmp_path / "out", kind)
    package = said(tmp_path / "out", "datapackage.json")
    jsonschema.Draft7Validator(json.loads(profile.read_text())).validate(package)
    first = package["resources"][0]

    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert not {"profile", "licenses", "contributors"} & package.keys()
    assert not any("profile" in one for one in package["resources"])
    assert (first.get("type") == "table") is ("schema" in first) is (kind in registry.TABULAR)
    assert package["sources"] == [
        {"title": "OpenVK instance example.org, account 1", "path": "https://example.org/id1"}
    ]


def test_each_resource_is_known_by_its_bytes(few: Path, tmp_path: Path) -> None:
    """Bytes and hash are those of the manifest; frictionless finds a changed letter."""
    manifest = write(few, tmp_path / "out", "csv", tables=("posts", "comments"))
    told = {one["path"]: (one["bytes"], f"sha256:{one['sha256']}") for one in manifest["files"]}
    package = said(tmp_path / "out", "datapackage.json")
    posts = tmp_path / "out" / "posts.csv"

    for one in package["resources"]:
        assert (one["bytes"], one["hash"]) == told[one["path"]]
    assert frictionless.validate(str(tmp_path / "out" / "datapackage.json")).valid
    posts.write_bytes(posts.read_bytes().replace(b",one,", b",eno,"))
    report = frictionless.validate(str(tmp_path / "out" / "datapackage.json"))
    assert [error[0] for error in report.flatten(["type"])] == ["hash-count"]


def test_an_export_has_a_name_of_its_own(few: Path, tmp_path: Path) -> None:
    """The same rows have the same id, and others another one; each description says it."""
    one = write(few, tmp_path / "one", "csv")["id"]
    again = write(few, tmp_path / "again", "csv")["id"]
    keep(few, [post(1, text="edited")])
    other = write(few, tmp_path / "other", "csv")["id"]

    assert one == again != other
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", one)
    assert said(tmp_path / "one", "datapackage.json")["id"] == one
    assert entities(tmp_path / "one")["./"]["identifier"] == one
    assert one in (tmp_path / "one" / "CODEBOOK.md").read_text(encoding="utf-8")


# How it is cited


def test_who_made_it_and_what_others_may(few: Path, tmp_path: Path) -> None:
    """Title, authors and licence stand alike in package, crate and codebook."""
    out = tmp_path / "out"
    cited = citation(CITED[1], (CITED[3], CITED[5]), CITED[7])
    export(few, out, Wish(selection=Selection(), format="csv", citation=cited))
    package, crate = said(out, "datapackage.json"), entities(out)
    book = (out / "CODEBOOK.md").read_text(encoding="utf-8")

    assert package["title"] == crate["./"]["name"] == "Letters"
    assert package["licenses"] == [
        {"name": "CC-BY-4.0", "path": "https://spdx.org/licenses/CC-BY-4.0"}
    ]
    assert package["contributors"] == [
        {"title": "Anna Ivanova", "path": "https://orcid.org/0000-0002-1825-0097",
         "roles": ["author"]},
        {"title": "Institute", "email": "desk@example.org", "roles": ["author"]},
    ]  # fmt: skip
    assert crate["./"]["license"] == {"@id": package["licenses"][0]["path"]}
    assert crate[package["licenses"][0]["path"]]["name"] == "CC-BY-4.0"
    people = [crate[one["@id"]] for one in crate["./"]["author"]]
    assert [(one["@id"], one["name"], one.get("email")) for one in people] == [
        ("https://orcid.org/0000-0002-1825-0097", "Anna Ivanova", None),
        ("#author-2", "Institute", "desk@example.org"),
    ]
    assert "\n## Anna Ivanova, Institute. Letters\n" in book
    assert "\nLicence: CC-BY-4.0.\n" in book


def test_it_is_cited_as_it_was_said(cli: Cli, few: Path, tmp_path: Path) -> None:
    """What is given on the command line is in the package, and as an option in the manifest."""
    done = cli.run("export", few, tmp_path / "out", "--format", "ids", *CITED)
    package = said(tmp_path / "out", "datapackage.json")
    options = said(tmp_path / "out", "MANIFEST.json")["options"]

    assert done.returncode == 0, done.stderr
    assert (package["title"], package["licenses"][0]["name"]) == ("Letters", "CC-BY-4.0")
    assert [one["title"] for one in package["contributors"]] == ["Anna Ivanova", "Institute"]
    assert options["author"] == [CITED[3], CITED[5]]
    assert (options["title"], options["license"]) == ("Letters", "cc-by-4.0")


def test_without_a_word_there_is_no_licence(few: Path, tmp_path: Path) -> None:
    """Who says nothing of licences gives none, which the crate, that must have one, says."""
    write(few, tmp_path / "out", "csv")
    crate = entities(tmp_path / "out")
    package = said(tmp_path / "out", "datapackage.json")

    assert package["title"] == Citation().title
    assert crate["./"]["license"] == {"@id": "#no-licence"}
    assert crate["#no-licence"]["description"].startswith("Nobody has said")
    assert "author" not in crate["./"]
    assert "Licence" not in (tmp_path / "out" / "CODEBOOK.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Anna", Author("Anna")),
        (" Anna B. Ivanova ", Author("Anna B. Ivanova")),
        ("Anna <a@b.org>", Author("Anna", email="a@b.org")),
        ("Анна<https://x.org/~a>", Author("Анна", url="https://x.org/~a")),
        ("A <0000-0002-1694-233X>", Author("A", url="https://orcid.org/0000-0002-1694-233X")),
    ],
)
def test_who_an_author_is(text: str, meant: Author) -> None:
    """A name, and where there is more of them."""
    assert citation(None, (text,), None).authors == (meant,)


@pytest.mark.parametrize("text", ["", "<a@b.org>", "Anna <", "Anna <a b>", "Anna <nowhere>"])
def test_who_is_no_author(text: str) -> None:
    """What cannot be understood is not written into a package."""
    with pytest.raises(BadInputError, match="An author is a name"):
        citation(None, (text,), None)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("odbl-1.0", License("https://spdx.org/licenses/ODbL-1.0", "ODbL-1.0")),
        ("CC0-1.0", License("https://spdx.org/licenses/CC0-1.0", "CC0-1.0")),
        ("https://example.org/terms", License("https://example.org/terms")),
    ],
)
def test_what_a_licence_is(text: str, meant: License) -> None:
    """A name of SPDX, however it is spelt, or an address."""
    assert citation(None, (), text).license == meant


@pytest.mark.parametrize("text", ["CC-BY", "mine", "MIT OR CC0-1.0", "LicenseRef-x", "ftp://x"])
def test_what_is_no_licence(text: str) -> None:
    """Anything else is refused with the names of some."""
    with pytest.raises(BadInputError, match=rf"^'{text}' is no licence: .*CC-BY-4\.0, CC0-1\.0"):
        citation(None, (), text)


def test_a_title_is_more_than_blanks() -> None:
    """A title is what was said, without what stands around it; nothing is no title."""
    assert citation(" Letters ", (), None).title == "Letters"
    assert citation(" ", (), None) == citation(None, (), "") == Citation()


@pytest.mark.parametrize("wrong", [("--license", "mine"), ("--author", "<me>")])
def test_who_cannot_be_cited(wrong: tuple[str, str], cli: Cli, few: Path, tmp_path: Path) -> None:
    """What cannot be understood is refused on the command line, and nothing is written."""
    done = cli.run("export", few, tmp_path / "out", "--format", "csv", *wrong)
    piped = cli.run("export", few, "-", "--format", "csv", "--table", "posts", "--title", "T")

    assert (done.returncode, piped.returncode) == (2, 2)
    assert wrong[1] in done.stderr
    assert "not for stdout" in piped.stderr
    assert not (tmp_path / "out").exists()


# The crate


@pytest.mark.parametrize(("kind", "wishes"), [("csv", {"with_media": True}), ("json", {}),
                                              ("parquet", {"partition": "year"})])  # fmt: skip
def test_the_crate_holds_together(
    kind: str, wishes: dict[str, Any], whole: Path, tmp_path: Path
) -> None:
    """It is what RO-Crate 1.2 demands: one flat graph whose references lead somewhere.

    Its validator fetches the context from the network: so it is run by hand.
    """
    manifest = write(whole, tmp_path / "out", kind, **wishes)
    crate, graph = said(tmp_path / "out", "ro-crate-metadata.json"), entities(tmp_path / "out")
    root, parts = graph["./"], [one["@id"] for one in graph["./"]["hasPart"]]

    assert crate["@context"][0] == "https://w3id.org/ro/crate/1.2/context"
    assert len(graph) == len(crate["@graph"])
    assert graph["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    assert graph["ro-crate-metadata.json"]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    assert root["@type"] == "Dataset"
    assert all(root[name] for name in ("name", "description", "license"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", root["datePublished"])
    for one in graph.values():
        for value in one.values():
            for link in value if isinstance(value, list) else [value]:
                if isinstance(link, dict) and one["@id"] != "ro-crate-metadata.json":
                    assert link["@id"] in graph
    told = {one["path"]: one for one in manifest["files"]}
    for part in parts:
        assert all(graph[part][name] for name in ("@type", "name", "description"))
        if part in told:
            assert graph[part]["contentSize"] == str(told[part]["bytes"])
            assert graph[part]["sha256"] == told[part]["sha256"]
    assert {path for path in told if "/" not in path} - {"ro-crate-metadata.json"} <= set(parts)
    assert set(parts) - told.keys() == {"MANIFEST.json"}


# As of when


def test_as_of_when_the_data_hold(whole: Path, tmp_path: Path) -> None:
    """Manifest, package, crate and codebook name the list read longest ago, and the newest one."""
    path = tmp_path / "archive.db"
    path.write_bytes(whole.read_bytes())
    at = "update _cursors set finished_at ="
    execute(path, [f"{at} '{MIDDLE}'", f"{at} '{OLD}' where resource = 'notes'"])
    manifest = write(path, tmp_path / "out", "csv", tables=("notes", "friends"))
    alone = write(path, tmp_path / "alone", "csv", tables=("friends",))
    package = said(tmp_path / "out", "datapackage.json")
    sentence = (
        "The data hold as of 2026-01-01 10:00 UTC; of what is newer, up to 2026-01-02 10:00 UTC, "
        "only a part is here."
    )

    assert manifest["as_of"] == package["as_of"] == {"oldest": OLD, "newest": MIDDLE}
    assert alone["as_of"] == {"oldest": MIDDLE, "newest": MIDDLE}
    assert (package["created"], package["version"]) == (MIDDLE, "2026.1.2")
    assert package["description"] == entities(tmp_path / "out")["./"]["description"] == sentence
    assert sentence in (tmp_path / "out" / "CODEBOOK.md").read_text(encoding="utf-8")
    assert entities(tmp_path / "out")["./"]["datePublished"] == "2026-01-02"


def test_which_lists_say_as_of_when(whole: Path) -> None:
    """Complete ones say how far back, any how far forward; not absent ones, nor daily ones."""
    line = lists(whole)["notes"]

    def moments(*those: Line) -> tuple[str | None, str | None]:
        found = as_of(those, {"notes", "albums", "users"}, to_the_day=False)
        return found.oldest, found.newest

    old = replace(line, last_sync=OLD)
    new = replace(line, name="albums", last_sync=NEW)
    other = replace(line, name="photos", last_sync=MIDDLE)
    daily = replace(line, name="instance", last_sync=OLD)
    assert moments(old, new) == (OLD, NEW)
    by_day = as_of((old, new), {"notes", "albums"}, to_the_day=True)
    assert (by_day.oldest, by_day.newest) == (OLD[:10], NEW[:10])
    assert moments(replace(old, complete=False), new) == (NEW, NEW)
    assert moments(old, replace(new, complete=False)) == (OLD, NEW)
    assert moments(replace(old, complete=False)) == (None, OLD)
    assert moments(replace(old, absent=True), new) == (NEW, NEW)
    assert moments(old, other) == (OLD, OLD)
    assert moments(other, daily) == (MIDDLE, MIDDLE)
    assert moments(daily) == (OLD, OLD)
    assert moments() == moments(replace(old, last_sync=None)) == (None, None)


def test_as_of_in_words() -> None:
    """One sentence, whatever is known."""
    assert AsOf(OLD, OLD).sentence == "The data hold as of 2026-01-01 10:00 UTC."
    assert AsOf(OLD[:10], OLD[:10]).sentence == "The data hold as of 2026-01-01."
    assert "No list is complete; the last one was read on 2026-01-03" in AsOf(None, NEW).sentence
    assert "not known" in AsOf(None, None).sentence


def test_where_nothing_was_read_the_archive_says_when(few: Path, tmp_path: Path) -> None:
    """An archive without a list is described as well, as of when it was made."""
    [(made,)] = query(few, "select value from _archive where name = 'made_at'")
    manifest = write(few, tmp_path / "out", "csv")

    assert manifest["as_of"] == {"oldest": None, "newest": None}
    assert said(tmp_path / "out", "datapackage.json")["created"] == made


# What is lacking


def test_complete_says_what_the_lists_say(whole: Path, made: Path, tmp_path: Path) -> None:
    """An archive is complete exactly if nothing is named as lacking; both happen."""
    path = tmp_path / "archive.db"
    path.write_bytes(whole.read_bytes())
    full = write(path, tmp_path / "full", "csv", tables=("notes",))
    execute(path, ["update _cursors set done = 0 where resource = 'notes'"])
    broken = write(path, tmp_path / "broken", "csv", tables=("notes",))
    partial = write(made, tmp_path / "partial", "csv", tables=("notes",))
    path.write_bytes(whole.read_bytes())
    execute(path, ["delete from users where id in (select from_id from messages)"])
    unknown = write(path, tmp_path / "unknown", "csv", tables=("notes",))

    assert (full["complete"], full["incomplete"]) == (True, [])
    assert broken["complete"] is False
    (lack,) = broken["incomplete"]
    assert lack.pop("last_sync").startswith("20")
    held = lists(path)["notes"].held
    assert lack == {
        "list": "notes", "why": "not whole", "counted": held, "held": held, "unfinished": 1,
    }  # fmt: skip
    (lack,) = unknown["incomplete"]
    assert lack.pop("missing") > 0
    assert (unknown["complete"], lack) == (
        False, {"list": "people", "why": "mentioned, but not read yet"},
    )  # fmt: skip
    never = {one["list"] for one in partial["incomplete"] if one["why"] == "never read"}
    assert partial["complete"] is False
    assert "friends" in never
    assert "notes" not in never


def test_what_nobody_asked_for_is_not_lacking(made: Path, whole: Path, tmp_path: Path) -> None:
    """Lists that are only read on demand stand by themselves, and so does what is not there."""
    path = tmp_path / "archive.db"
    path.write_bytes(whole.read_bytes())
    absent_gifts = "refused = 'no', refused_code = 3, done = 0, finished_at = null"
    execute(path, [f"update _cursors set {absent_gifts} where resource = 'gifts'"])
    manifest = write(made, tmp_path / "made", "csv", tables=("notes",))
    absent = write(path, tmp_path / "absent", "csv", tables=("notes",))
    lacking = {one["list"] for one in manifest["incomplete"]}

    assert "votes in polls" in manifest["not_asked_for"]
    assert not lacking & set(manifest["not_asked_for"])
    assert (absent["complete"], absent["not_on_instance"]) == (True, ["gifts"])


def test_what_was_missed_once_is_not_lacking(whole: Path, tmp_path: Path) -> None:
    """Rows that one reading has not met are told of, and make no archive incomplete."""
    path = tmp_path / "archive.db"
    path.write_bytes(whole.read_bytes())
    missed = "select 'notes', owner_id || '_' || id, '2026' from notes limit 1"
    execute(path, [f"insert into _absences (resource, record_key, missed_at) {missed}"])
    manifest = write(path, tmp_path / "out", "csv", tables=("notes",))

    assert manifest["unconfirmed"] == [{"list": "notes", "rows": 1}]
    assert manifest["complete"] is True


def test_files_are_lacking_where_they_are_wanted(whole: Path, tmp_path: Path) -> None:
    """Files that the archive never fetched make an export with files incomplete, and no other."""
    path = tmp_path / "archive.db"
    path.write_bytes(whole.read_bytes())
    values = "'http://x', 'photos', 'failed', '2026', '2026'"
    execute(
        path,
        [f"insert into media (url, kind, state, first_seen_at, last_seen_at) values ({values})"],
    )
    without = write(path, tmp_path / "without", "csv", tables=("notes", "media"))
    options = {"with_media": True}
    wish = Wish(
        selection=Selection(tables=("notes",), with_media=True), format="csv", options=options
    )
    with_them = export(path, tmp_path / "with", wish)

    assert without["complete"] is True
    assert with_them["complete"] is False
    assert with_them["incomplete"] == [
        {"list": "files", "why": "some are not in the archive", "failed": 1}
    ]


# What pseudonyms hide, and what is private


def test_pseudonyms_tell_days_and_no_account(made: Path, cli: Cli, tmp_path: Path) -> None:
    """No description of a pseudonymised export has a time of day, the instance or the account."""
    path, out = tmp_path / "archive.db", tmp_path / "out"
    path.write_bytes(made.read_bytes())
    letter = "insert into messages (id, peer_id, date, first_seen_at, last_seen_at)"
    execute(path, ["update _cursors set done = 0", f"{letter} values (1, 2, 3, '2026', '2026')"])
    key = ("--table", "messages", "--pseudonymise", "--key", tmp_path / "key", "--new-key")
    done = cli.run("export", path, out, "--format", "csv", "--table", "notes", *key)
    names = ("MANIFEST.json", "datapackage.json", "ro-crate-metadata.json", "CODEBOOK.md")
    text = "".join((out / name).read_text(encoding="utf-8") for name in names)
    times = re.findall(r"T\d\d:\d\d:\d\d\S*|\d\d:\d\d UTC", text)
    (last,) = (one for one in said(out, "MANIFEST.json")["incomplete"] if one["list"] == "notes")

    assert done.returncode == 0, done.stderr
    assert {time.strip('",') for time in times} <= {"T00:00:00Z", "00:00 UTC"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", last["last_sync"])
    assert "127.0.0.1" not in text
    assert not {"instance", "account_id"} & said(out, "MANIFEST.json").keys()
    assert said(out, "datapackage.json")["sources"] == [
        {"title": "An account of an OpenVK instance"}
    ]
    assert "private" not in said(out, "MANIFEST.json")


def test_what_is_private_is_said(cli: Cli, archive_path: Path, tmp_path: Path) -> None:
    """One sentence counts messages and keys, of the rows that are exported and no others."""
    documents = [("documents", {"id": n, "owner_id": 1, "access_key": key})
                 for n, key in enumerate(("a", "b", None))]  # fmt: skip
    keep(archive_path, [message(1), post(1), *documents, ("audio", {"id": 1, "keys": "{}"})])
    execute(archive_path, ["update documents set gone_at = '2026' where id = 1"])
    done = cli.run("export", archive_path, tmp_path / "out", "--format", "csv")
    manifest = said(tmp_path / "out", "MANIFEST.json")
    sentence = (
        "This export holds 1 private message, 1 key of an audio track and 1 access key of a "
        "document: give it to nobody who may not have these."
    )

    assert done.stderr.splitlines()[-1] == sentence
    assert manifest["private"] == manifest["limits"][0] == sentence
    assert sentence in (tmp_path / "out" / "CODEBOOK.md").read_text(encoding="utf-8")
    quiet = cli.run("export", archive_path, tmp_path / "quiet", "--format", "csv", "--quiet")
    assert quiet.stderr == ""


@pytest.mark.parametrize(
    ("kind", "wishes", "holds"),
    [
        ("csv", {"tables": ("posts",)}, None),
        ("ids", {}, None),
        ("json", {}, "2 private messages"),
        ("csv", {"peers": (3,)}, "1 private message:"),
        ("csv", {"peers": (9,), "tables": ("messages",)}, None),
    ],
)
def test_what_is_not_there_is_not_private(
    kind: str, wishes: dict[str, Any], holds: str | None, archive_path: Path, tmp_path: Path
) -> None:
    """Where no messages and keys are, nothing is said; ids of messages open nothing."""
    keep(archive_path, [message(1), message(2, peer=3), post(1)])
    manifest = write(archive_path, tmp_path / "out", kind, **wishes)

    assert ("private" in manifest) is (holds is not None)
    assert holds is None or holds in manifest["private"]


# Columns


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_columns_are_told_as_they_are_declared(kind: str, few: Path, tmp_path: Path) -> None:
    """Each unit, class, reference and meaning stands in its own place, in package and codebook."""
    write(few, tmp_path / "out", kind)
    classes = {
        Kind.PLAIN: "content", Kind.ADDRESS: "content", Kind.VOLATILE: "counter or status",
        Kind.VIEWER: "depends on who asks",
    }  # fmt: skip
    package = said(tmp_path / "out", "datapackage.json")
    schemas = {one["name"]: one["schema"]["fields"] for one in package["resources"]}
    book = (tmp_path / "out" / "CODEBOOK.md").read_text(encoding="utf-8").replace("\\|", "¦")
    lines = {name: _table(book, name) for name in schemas}
    units = set()
    for table in TABLES:
        if table.name not in schemas:
            continue
        fields = {one["name"]: one for one in schemas[table.name]}
        for column in table.columns:
            if column.name not in fields:
                continue
            field, line = fields[column.name], lines[table.name][column.name]
            is_time = field["type"] == "datetime"
            assert field["description"] == column.doc
            assert field["change"] == column.kind.value
            assert field.get("unit") == (None if is_time else column.unit)
            assert line == [
                field["type"], field.get("unit", ""), classes[column.kind],
                column.references or "", column.doc.replace("|", "¦"),
            ]  # fmt: skip
            units.add(column.unit)
        for name in STAMPS:
            assert "change" not in fields[name]
            assert lines[table.name][name][2] == "noted by the archive"
    assert len(units) > 3


def _table(book: str, name: str) -> dict[str, list[str]]:
    """Column -> what a codebook says of it."""
    part = book.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("| ")]
    return {first.strip(): [cell.strip() for cell in rest] for first, *rest in rows[2:]}


@pytest.mark.parametrize(
    ("kind", "wishes", "leads"),
    [
        ("csv", {}, {"posts"}),
        ("parquet", {}, {"posts"}),
        ("parquet", {"partition": "year"}, set()),
        ("ndjson", {"owners": (1,)}, {"posts"}),
        ("ndjson", {"owners": (7,)}, set()),
    ],
)
def test_references_lead_to_whole_tables(
    kind: str, wishes: dict[str, Any], leads: set[str], archive_path: Path, tmp_path: Path
) -> None:
    """Comments refer to posts where these are one file that is described, and to no part of it."""
    keep(archive_path, [post(1), post(2, date=40_000_000), comment(3, 1), comment(4, 2)])
    write(archive_path, tmp_path / "out", kind, tables=("posts", "comments"), **wishes)
    package = said(tmp_path / "out", "datapackage.json")
    schemas = [one["schema"] for one in package["resources"] if one["name"].startswith("comments")]
    keys = [key for schema in schemas for key in schema.get("foreignKeys", [])]
    profile = "https://datapackage.org/profiles/2.0/tableschema.json"

    assert {key["reference"]["resource"] for key in keys} == leads
    assert {schema["$schema"] for schema in schemas} <= {profile}
    assert bool(schemas) is (wishes != {"owners": (7,)})


def test_tracks_of_a_playlist_are_in_its_order(archive_path: Path, tmp_path: Path) -> None:
    """Nested JSON has the tracks of a playlist, and photos of an album, as they are placed."""
    tracks = {30: 0, 10: 1, 20: 2}
    keep(
        archive_path,
        [
            ("playlists", {"id": 1, "owner_id": 1}),
            ("albums", {"id": 1, "owner_id": 1}),
            *(("audio", {"id": number, "title": str(number)}) for number in tracks),
            *(("playlist_audio", {"playlist_id": 1, "audio_id": number, "position": place})
              for number, place in tracks.items()),
            *(("photos", {"owner_id": 1, "id": number}) for number in tracks),
            *(("album_photos", {"album_id": 1, "owner_id": 1, "photo_id": number,
                                "position": place}) for number, place in tracks.items()),
        ],
    )  # fmt: skip
    write(archive_path, tmp_path / "out", "json")
    (playlist,) = records(tmp_path / "out" / "playlists.json")
    (album,) = records(tmp_path / "out" / "albums.json")

    assert [one["audio"]["title"] for one in playlist["tracks"]] == ["30", "10", "20"]
    assert [one["photo"]["id"] for one in album["photos"]] == [30, 10, 20]
