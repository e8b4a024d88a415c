"""What an export says of itself to archives of research: `ro-crate-metadata.json`, RO-Crate 1.2."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from ovk_archive.export.about.citation import Author
from ovk_archive.export.about.facts import Facts
from ovk_archive.export.about.package import TYPES, Told

NAME = "ro-crate-metadata.json"
_CRATE = "https://w3id.org/ro/crate/1.2"
_PACKAGE = {
    "@id": "https://datapackage.org/profiles/2.0/datapackage.json",
    "@type": "CreativeWork",
    "name": "Data Package 2.0",
}
_FILES = "files/"
#: Beside the data: each with its name, what it says, and its media type.
_OTHERS = {
    "datapackage.json": ("Data package", "All columns, for programs", "application/json"),
    "CODEBOOK.md": ("Codebook", "All columns, for people", "text/markdown"),
    "MANIFEST.json": (
        "Manifest",
        "What was asked for, what is lacking, and the hash of each file",
        "application/json",
    ),
}
_NO_LICENSE = {
    "@id": "#no-licence",
    "@type": "CreativeWork",
    "name": "No licence",
    "description": "Nobody has said what others may do with this: ask before you use it.",
}

Entity = dict[str, Any]


def crate(facts: Facts, tables: Sequence[Told], format_: str) -> Any:
    """The same facts as in the package, as JSON-LD."""
    parts = [*_data(facts, tables, format_), *_beside(facts)]
    authors = [_person(one, number) for number, one in enumerate(facts.citation.authors, 1)]
    license_, source = _license(facts), _source(facts)
    root = {
        **_root(facts),
        "license": _reference(license_),
        **({"author": list(map(_reference, authors))} if authors else {}),
        "isBasedOn": _reference(source),
        "hasPart": list(map(_reference, parts)),
    }
    itself = {
        "@id": NAME,
        "@type": "CreativeWork",
        "name": "Description of the whole",
        "about": _reference(root),
        "conformsTo": {"@id": _CRATE},
    }
    # The hash is no word of every version of the context.
    context = [f"{_CRATE}/context", {"sha256": "http://schema.org/sha256"}]
    graph = [itself, root, *parts, license_, *authors, source, _PACKAGE]
    return {"@context": context, "@graph": graph}


def _root(facts: Facts) -> Entity:
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": facts.citation.title,
        "description": facts.as_of.sentence,
        "identifier": facts.id,
        "version": facts.version,
        "dateCreated": facts.created,
        "datePublished": facts.created[:10],
    }


def _reference(entity: Entity) -> Entity:
    return {"@id": entity["@id"]}


def _data(facts: Facts, tables: Sequence[Told], format_: str) -> Iterator[Entity]:
    """Each file of a table."""
    for told in tables:
        table = told.part.view.table
        for path in told.paths:
            yield _file(facts, path, (table.title, table.doc, TYPES[format_][1]))


def _beside(facts: Facts) -> Iterator[Entity]:
    for path, told in _OTHERS.items():
        is_package = path == "datapackage.json"
        more = {"conformsTo": _reference(_PACKAGE)} if is_package else {}
        yield {**_file(facts, path, told), **more}
    if any(path.startswith(_FILES) for path in facts.files):
        yield {
            "@id": _FILES,
            "@type": "Dataset",
            "name": "Stored files",
            "description": "Photos, recordings and documents; table media says which is which.",
        }


def _file(facts: Facts, path: str, told: tuple[str, str, str]) -> Entity:
    name, description, kind = told
    its = facts.files.get(path)
    # The manifest comes last: it has the hash of what is written here.
    known = {"contentSize": str(its["bytes"]), "sha256": its["sha256"]} if its else {}
    return {
        "@id": quote(path, safe="/="),
        "@type": "File",
        "name": name,
        "description": description,
        "encodingFormat": kind,
        **known,
    }


def _source(facts: Facts) -> Entity:
    """The account's page, or just that there is one."""
    its = {"@id": facts.source.get("path", "#account"), "@type": "CreativeWork"}
    return {**its, "name": facts.source["title"]}


def _license(facts: Facts) -> Entity:
    found = facts.citation.license
    if found is None:
        return dict(_NO_LICENSE)
    name = found.name or found.url
    return {
        "@id": found.url,
        "@type": "CreativeWork",
        "name": name,
        "description": f"What others may do is said by {name}.",
    }


def _person(author: Author, number: int) -> Entity:
    its = {"@id": author.url or f"#author-{number}", "@type": "Person", "name": author.name}
    return {**its, "email": author.email} if author.email else its
