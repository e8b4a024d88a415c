"""The house is in order: small modules in small rooms, and private names that stay at home."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "ovk_archive"
#: Rooms with a module for each kind of data, and for each group of methods.
ENUMERATIONS = {PACKAGE / "resources", PACKAGE / "demo" / "methods"}


@cache
def modules() -> dict[Path, ast.Module]:
    """Every module of the package."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")}


def is_private(name: str) -> bool:
    """A name is for its own module only."""
    return name.startswith("_") and not name.startswith("__")


def said(path: Path, line: int, what: str) -> str:
    """How a finding is shown."""
    return f"{path.relative_to(PACKAGE)}:{line}: {what}"


def defined(tree: ast.Module) -> set[str]:
    """All names that a module defines: as functions, variables, fields and attributes."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.id if isinstance(node, ast.Name) else node.attr)
    return names


@cache
def ours() -> set[str]:
    """Private names of one of our modules; of Python's and of other programs' we know nothing."""
    names = {name for tree in modules().values() for name in defined(tree) if is_private(name)}
    # Every named tuple has it, and it is no secret.
    return names - {"_replace"}


def borrowed(path: Path, tree: ast.Module) -> Iterator[str]:
    """The private names of others that a module imports or asks for."""
    foreign = ours() - defined(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name in ours():
                    yield said(path, node.lineno, f"import {alias.name}")
        elif isinstance(node, ast.Attribute) and node.attr in foreign:
            yield said(path, node.lineno, ast.unparse(node))


def test_private_names_stay_at_home() -> None:
    """No module imports a private name of another, or asks another's object for one."""
    assert [one for path, tree in modules().items() for one in borrowed(path, tree)] == []


def test_modules_are_short() -> None:
    """No module has more than 300 lines."""
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in modules()}

    assert [said(path, lines, "lines") for path, lines in lengths.items() if lines > 300] == []


def test_functions_are_short() -> None:
    """No function has more than 30 lines, its docstring among them."""
    long = [
        said(path, node.lineno, node.name)
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > 30
    ]

    assert long == []


def test_rooms_are_small() -> None:
    """No room has more than a dozen modules, but those with one module for each kind of thing."""
    rooms = {path.parent for path in modules()} - ENUMERATIONS
    sizes = {room: sum(one.name != "__init__.py" for one in room.glob("*.py")) for room in rooms}

    assert {room.name: size for room, size in sizes.items() if size > 12} == {}


def test_the_package_shows_few_things() -> None:
    """Who lists the package sees at most 14 entries."""
    entries = [one.name for one in PACKAGE.iterdir() if one.name != "__pycache__"]

    assert len(entries) <= 14, sorted(entries)


def test_every_room_says_its_job() -> None:
    """Each room has an `__init__` whose first line says what is in it."""
    rooms = {path.parent for path in modules()}
    silent = [
        room.name
        for room in rooms
        if (init := modules().get(room / "__init__.py")) is None or not ast.get_docstring(init)
    ]

    assert silent == []
