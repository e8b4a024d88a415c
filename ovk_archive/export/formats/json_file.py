"""Format json: records as the API would nest them, one array a file, streamed."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from ovk_archive.archive.tables.schema import key_as_sql
from ovk_archive.export.formats.json_nesting import THINGS, Inner, Thing, inner_of, wholes
from ovk_archive.export.formats.ndjson import encode
from ovk_archive.export.rows import Part, Source
from ovk_archive.export.view import Values, View, Written
from ovk_archive.resources.vocabulary.rows import record_key


@dataclass(slots=True)
class _Node:
    """Records of one kind, and what they tell.

    Attributes:
        sql: asks for the rows that belong to a whole.
        bound: the columns of the whole that are bound in it; None for its key.
        counted: the records have a counter of the same name.
    """

    part: Part
    inner: Inner | None = None
    sql: str = ""
    bound: tuple[str | None, ...] = ()
    counted: bool = False
    nodes: "list[_Node]" = field(default_factory=list)
    things: "dict[str, _Link]" = field(default_factory=dict)
    places: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.places = {one.name: place for place, one in enumerate(self.part.asked.fields)}

    def key(self, row: Values) -> str:
        """What names a row, as other tables write it."""
        return record_key(tuple(row[self.places[name]] for name in self.part.asked.table.key))


@dataclass(frozen=True, slots=True)
class _Link:
    """What rows lead to: how it is asked for."""

    thing: Thing
    part: Part
    sql: str


class Nested:
    """Writes all tables of an export, those that are told inside others inside them.

    Attributes:
        told: table -> how many of its rows were told in their place.
    """

    def __init__(self, source: Source) -> None:
        self.told: Counter[str] = Counter()
        self._source = source
        self._parts = {part.asked.name: part for part in source.parts}

    def write(self, folder: Path) -> Iterator[tuple[Part, Written]]:
        """Write the files; rows that no exported record tells have one of their own."""
        for part in self._source.parts:
            node = self._node(part)
            over = [pair for pair in wholes(part.asked.name) if pair[0] in self._parts]
            rows = self._left_over(part, over)
            first = next(rows, None)
            if over and first is None:
                continue
            path = f"{part.view.name}.json"
            before = self.told[part.asked.name]
            with (folder / path).open("w", encoding="utf-8", newline="\n") as file:
                every = rows if first is None else chain([first], rows)
                file.writelines(self._array(node, self._source.told(every), "\n"))
                file.write("\n")
            yield part, Written(path, self.told[part.asked.name] - before)

    def _node(self, part: Part, inner: Inner | None = None, whole: Part | None = None) -> _Node:
        node = _Node(part, inner)
        if inner is not None and whole is not None:
            node.sql, node.bound = _question(part, inner)
            columns = {one.name: one.type for one in whole.asked.fields}
            node.counted = columns.get(inner.name) == "integer"
            leads = THINGS.values() if inner.things else filter(None, [inner.thing])
            node.things = {one.name: self._link(one) for one in leads if one.table in self._parts}
        deeper = inner.inner if inner is not None else inner_of(part.asked.name)
        for one in deeper:
            if one.table in self._parts:
                node.nodes.append(self._node(self._parts[one.table], one, part))
        return node

    def _link(self, thing: Thing) -> _Link:
        part = self._parts[thing.table]
        where = " and ".join([f"({part.asked.where})", *(f'"{name}" = ?' for name, _ in thing.on)])
        return _Link(thing, part, f'select {_columns(part)} from "{thing.table}" where {where}')

    def _left_over(self, part: Part, over: list[tuple[str, Inner]]) -> Iterator[Values]:
        """The rows of a table that no exported record of another tells."""
        asked, values = part.asked, list(part.asked.values)
        where = [f"({asked.where})"]
        for whole, inner in over:
            theirs = self._parts[whole].asked
            where.append(f"not {_belongs(asked.name, inner, theirs)}")
            values += [*(value for _, value in inner.only), *theirs.values]
        order = asked.order(asked.ordering or asked.table.key)
        return self._source.snapshot.stream(
            f'select {_columns(part)} from "{asked.name}" where {" and ".join(where)} '
            f"order by {order}",
            tuple(values),
        )

    def _array(self, node: _Node, rows: Iterable[Values], space: str = "") -> Iterator[str]:
        yield "["
        between = space
        for row in rows:
            yield between
            yield from self._record(node, row)
            between = f",{space or ' '}"
        yield f"{space}]"

    def _record(self, node: _Node, row: Values) -> Iterator[str]:
        self.told[node.part.asked.name] += 1
        names = {one.inner.name for one in node.nodes if one.inner}
        record = _plain(node.part, row)
        head = {name: value for name, value in record.items() if name not in names}
        yield encode(head)[:-1]
        for one in node.nodes:
            yield from self._inside(node, one, row, record)
        link = node.things.get(_leads_to(node, row))
        if link:
            yield from self._thing(node, link, row)
        yield "}"

    def _inside(
        self, node: _Node, one: _Node, row: Values, record: dict[str, Any]
    ) -> Iterator[str]:
        assert one.inner is not None  # noqa: S101 - made with one
        bound = [node.key(row) if name is None else row[node.places[name]] for name in one.bound]
        fixed = [value for _, value in one.inner.only]
        values = (*one.part.asked.inside_values, *fixed, *bound)
        yield f", {json.dumps(one.inner.name)}: "
        if one.inner.single:
            found = self._source.snapshot.first(one.sql, values)
            yield "null" if found is None else encode(_plain(one.part, found))
            return
        rows = self._source.told(self._source.snapshot.stream(one.sql, values))
        if one.counted:
            yield f'{{"count": {encode(record.get(one.inner.name))}, "items": '
            yield from self._array(one, rows)
            yield "}"
        else:
            yield from self._array(one, rows)

    def _thing(self, node: _Node, link: _Link, row: Values) -> Iterator[str]:
        """What a row leads to, as it is told in its own file, without what that tells in turn."""
        key = tuple(row[node.places[name]] for _, name in link.thing.on)
        found = self._source.snapshot.first(link.sql, (*link.part.asked.values, *key))
        if found is not None:
            yield f", {json.dumps(link.thing.name)}: {encode(_plain(link.part, found))}"


def _question(part: Part, inner: Inner) -> tuple[str, tuple[str | None, ...]]:
    where = [f"({part.asked.inside})", *(f'"{name}" = ?' for name, _ in inner.only)]
    where += [f'"{name}" = ?' for name, _ in inner.on]
    bound: tuple[str | None, ...] = tuple(name for _, name in inner.on)
    if inner.key:
        where.append(f'"{inner.key}" = ?')
        bound = (*bound, None)
    order = part.asked.order(inner.order)
    asked = f'select {_columns(part)} from "{inner.table}" where {" and ".join(where)}'
    return f"{asked} order by {order}", bound


def _belongs(table: str, inner: Inner, whole: View) -> str:
    """The condition that a row belongs to a record that is exported."""
    only = "".join(f'"{table}"."{name}" = ? and ' for name, _ in inner.only)
    if inner.key:
        keys = f'select {key_as_sql(whole.table)} from "{whole.name}" where {whole.where}'
        return f'({only}"{inner.key}" in ({keys}))'
    on = " and ".join(f'whole."{name}" = "{table}"."{column}"' for column, name in inner.on)
    rows = f'select 1 from "{whole.name}" as whole where ({whole.where}) and {on}'
    return f"({only}exists ({rows}))"


def _leads_to(node: _Node, row: Values) -> str:
    if node.inner is None or not node.things:
        return ""
    if node.inner.thing:
        return node.inner.thing.name
    return str(row[node.places["type"]])


def _columns(part: Part) -> str:
    return ", ".join(f'"{one.name}"' for one in part.asked.fields)


def _plain(part: Part, row: Values) -> dict[str, Any]:
    """A row as a record, as transforms would have it."""
    values = next(iter(part.changed([row])))
    return dict(zip((one.name for one in part.view.fields), values, strict=True))
