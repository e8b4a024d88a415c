"""An export from beginning to end: one moment of an archive becomes a folder, or one stream."""

import importlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from ovk_archive.errors import BadInputError
from ovk_archive.export.about.citation import Citation
from ovk_archive.export.about.codebook import codebook
from ovk_archive.export.about.crate import NAME as CRATE
from ovk_archive.export.about.crate import crate
from ovk_archive.export.about.facts import Facts, facts_of
from ovk_archive.export.about.manifest import described, manifest
from ovk_archive.export.about.package import Told, datapackage
from ovk_archive.export.about.private import private
from ovk_archive.export.about.uniqueness import uniqueness
from ovk_archive.export.formats import registry
from ovk_archive.export.formats.json_file import Nested
from ovk_archive.export.formats.parquet_paths import ABOUT
from ovk_archive.export.lake.origin import Origin
from ovk_archive.export.lake.placing import placed_in
from ovk_archive.export.media_files import Files
from ovk_archive.export.pseudonyms.domains import Hiding
from ovk_archive.export.pseudonyms.key import load_key
from ovk_archive.export.pseudonyms.promises import promises
from ovk_archive.export.rows import Progress, Silent, Source, parts_of
from ovk_archive.export.selection import VERSIONS, Selection
from ovk_archive.export.snapshot import Snapshot, snapshot
from ovk_archive.export.target_folder import MANIFEST, placed
from ovk_archive.export.view import SHUFFLED, Transform, View, Writer, Written

_NOTHING = "These options leave nothing of the named tables: name other tables."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be exported, and how.

    Attributes:
        links: files as hard links rather than copies.
        key_file: the key of pseudonyms, if there are to be any.
        new_key: it is to be made.
        citation: how the export wants to be cited.
        delimiter: what is between two cells of CSV, if it is no comma.
        archive: what the archive is called in a lake, if that is where it goes.
        hiding: how much these hide.
        options: the same as the user gave it, for the manifest.
    """

    selection: Selection
    format: str
    excel: bool = False
    partition: str | None = None
    links: bool = False
    key_file: Path | None = None
    new_key: bool = False
    citation: Citation = field(default_factory=Citation)
    delimiter: str | None = None
    archive: str | None = None
    hiding: Hiding = field(default_factory=Hiding)
    options: dict[str, Any] = field(default_factory=dict)

    def views(self) -> list[View]:
        """The tables of which the format has something to say.

        Raises:
            BadInputError: a table that was named is not among them.
        """
        views = self.selection.views()
        kept = [view for view in views if registry.holds(self.format, view.table)]
        named = [*self.selection.tables, *([VERSIONS.name] if self.selection.with_versions else [])]
        for view in views:
            if view not in kept and view.name in named:
                raise BadInputError(
                    f"Format {self.format} cannot write {view.name}, whose rows have no numbers of "
                    "their own: leave it out, or choose another --format."
                )
        return [self._said(view) for view in kept]

    def place(self, target: Path, *, force: bool) -> AbstractContextManager[Path]:
        """A folder to write in, which is put in its place, or places, at the end."""
        if self.archive is None:
            return placed(target, force=force)
        return placed_in(target, self.archive)

    def about(self, folder: Path) -> Path:
        """Where an export tells of itself."""
        return folder if self.archive is None else folder / ABOUT / self.archive

    def _said(self, view: View) -> View:
        """Of ids nothing but the key is told."""
        if self.format != "ids":
            return view
        return replace(view, fields=tuple(f for f in view.fields if f.name in view.table.key))


def export(
    path: Path, target: Path, wish: Wish, *, force: bool = False, progress: Progress | None = None
) -> dict[str, Any]:
    """Export an archive into a folder, or into a lake: the manifest of what was written.

    Raises:
        BadInputError: the folder is not to be replaced, or what is asked for cannot be.
        StorageError: the archive cannot be read, or the folder cannot be written.
    """
    views = wish.views()
    with snapshot(path) as moment, wish.place(target, force=force) as folder:
        transforms = transforms_of(moment, wish, target)
        if wish.archive is not None:
            # Pseudonyms are not to tell whose archive it is.
            known = None if wish.key_file else moment.archive.identity().instance
            transforms.append(Origin(known))
        wish.about(folder).mkdir(parents=True, exist_ok=True)
        return _Export(moment, folder, wish, progress or Silent()).run(views, transforms)


def stream(path: Path, file: TextIO, wish: Wish) -> int:
    """Write one table to a stream, without a package around it; how many rows it had."""
    views = wish.views()
    with snapshot(path) as moment:
        parts = parts_of(views, transforms_of(moment, wish))
        if not parts:
            raise BadInputError(_NOTHING)
        writer = registry.stream_writer(wish.format, excel=wish.excel, delimiter=wish.delimiter)
        return writer.stream(file, parts[0].view, Source(moment, parts).rows(parts[0]))


def transforms_of(moment: Snapshot, wish: Wish, outside: Path | None = None) -> list[Transform]:
    """What changes views and their rows before they are written.

    Args:
        moment: whom the archive knows.
        wish: whether people are to be hidden.
        outside: where the key may not be.
    """
    if wish.key_file is None:
        return []
    # It is much, and seldom asked for.
    pseudonyms = importlib.import_module("ovk_archive.export.pseudonyms.pseudonymiser")
    key = load_key(wish.key_file, outside, new=wish.new_key)
    hiding = pseudonyms.Pseudonymiser(moment.archive, key, wish.hiding)
    moment.add_function(SHUFFLED, hiding.hashes.shuffled)
    return [hiding]


@dataclass(slots=True)
class _Export:
    """One export under way.

    Attributes:
        limits: what has to be said of it.
        files: the stored files, if they are wanted too.
    """

    moment: Snapshot
    folder: Path
    wish: Wish
    progress: Progress
    limits: list[str] = field(default_factory=list)
    files: Files = field(init=False)

    def __post_init__(self) -> None:
        self.files = Files(self.moment.archive, self.wish.links)

    def run(self, views: list[View], transforms: list[Transform]) -> dict[str, Any]:
        """Write everything; the manifest last."""
        wish = self.wish
        source = Source(self.moment, parts_of(views, [*transforms, self.files]), self.progress)
        if not source.parts:
            raise BadInputError(_NOTHING)
        self.progress.begin(source.count)
        if wish.selection.with_media:
            self.files.bring(source, self.folder)
        self.limits = registry.limits(wish.format)
        written: list[Written] = []
        write = self._nested if wish.format == "json" else self._tables
        tables = write(source, written)
        for transform in transforms:
            self.limits += _lost(transform, "are not of their column's type")
        self._say_limits()
        # A workbook has many tables.
        rows = Counter[str]()
        for one in written:
            rows[one.path] += one.rows
        files = described(self.folder, rows)
        names = [one.view.name for one in source.parts]
        facts = facts_of(
            self.moment.archive, wish.citation, names, files, hidden=wish.key_file is not None
        )
        its_private = None if facts.hidden else private(source, tables)
        self.limits[:0] = [its_private] if its_private else []
        self._describe(source, tables, facts)
        more = {"private": its_private} if its_private else {}
        return self._sign(tables, facts, more | self._alike(source, transforms))

    def _alike(self, source: Source, transforms: list[Transform]) -> dict[str, Any]:
        """How many rows are unlike others, if that was asked for."""
        k = self.wish.hiding.k
        return {} if k is None else {"uniqueness": uniqueness(source, transforms[0], k)}

    def _tables(self, source: Source, written: list[Written]) -> list[Told]:
        wish = self.wish
        writer = registry.writer(
            wish.format,
            excel=wish.excel,
            partition=wish.partition,
            delimiter=wish.delimiter,
            archive=wish.archive,
        )
        tables = []
        for part in source.parts:
            its = list(writer.write(self.folder, part.view, source.rows(part)))
            written += its
            rows = sum(one.rows for one in its)
            tables.append(Told(part, tuple(one.path for one in its), rows))
        self.limits += registry.finish(writer)
        self.limits += _lost(writer, "do not fit into this format")
        return tables

    def _nested(self, source: Source, written: list[Written]) -> list[Told]:
        paths: dict[str, list[str]] = defaultdict(list)
        nested = Nested(source)
        for part, one in nested.write(self.folder):
            written.append(one)
            paths[part.asked.name].append(one.path)
        return [
            Told(part, tuple(paths[part.asked.name]), nested.told[part.asked.name])
            for part in source.parts
        ]

    def _say_limits(self) -> None:
        if self.files.missing:
            self.limits.append(
                f"{len(self.files.missing)} stored files are missing in the archive's folder: "
                "`ovk-archive media` fetches them again."
            )
        if self.files.damaged:
            self.limits.append(
                f"{len(self.files.damaged)} stored files are damaged in the archive's folder, and "
                "left out: `ovk-archive verify --media --repair` fetches them again."
            )
        if self.wish.selection.without_text:
            self.limits.append(
                "The texts that people wrote are left out. But the keys of gifts and notifications "
                "are hashes of their texts, so a guess of such a text can be checked."
            )
        if self.wish.key_file is not None:
            self.limits += promises(self.wish.hiding)

    def _describe(self, source: Source, tables: list[Told], facts: Facts) -> None:
        encoding = "utf-8-sig" if self.wish.excel else "utf-8"
        kind = "excel" if self.wish.excel else self.wish.format
        how = (encoding, self.wish.delimiter or ",")
        package = datapackage(source, tables, facts, kind, how)
        about = self.wish.about(self.folder)
        _put(about / "datapackage.json", package)
        text = codebook(tables, facts, self.limits, kind)
        (about / "CODEBOOK.md").write_text(text, encoding="utf-8", newline="\n")
        # The crate tells of these two as well; a part of a lake is none.
        if self.wish.archive is None:
            facts = replace(facts, files={one["path"]: one for one in self._files(facts)})
            _put(self.folder / CRATE, crate(facts, tables, kind))

    def _files(self, facts: Facts) -> list[dict[str, Any]]:
        """All files that there are by now."""
        return described(self.folder, {}, known=tuple(facts.files.values()))

    def _sign(self, tables: list[Told], facts: Facts, more: dict[str, Any]) -> dict[str, Any]:
        files = self._files(facts)
        said = manifest(facts, self.wish.options, tables, files, self.limits) | more
        if self.wish.selection.with_media:
            said["missing_files"] = sorted(self.files.missing)
            said["damaged_files"] = sorted(self.files.damaged)
        if self.wish.key_file is not None:
            said["pseudonyms"] = self.wish.hiding.told(said["tables"])
        _put(self.wish.about(self.folder) / MANIFEST, said)
        return said


def _lost(one: Writer | Transform, why: str) -> Iterator[str]:
    """What a format or a transform had to leave out, if it is one that counts this."""
    for (table, column), count in sorted(getattr(one, "lost", {}).items()):
        yield f"{count} values of {table}.{column} {why} and are null."


def _put(path: Path, data: Any) -> None:
    text = json.dumps(data, ensure_ascii=False, indent=2)
    path.write_text(f"{text}\n", encoding="utf-8", newline="\n")
