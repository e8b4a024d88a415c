"""The topics of the help: Markdown files that come with the program."""

from importlib.resources import files

_FOLDER = files("ovk_archive") / "help"


def topics() -> dict[str, str]:
    """Name -> what it is about, which is its first heading."""
    names = sorted(one.name for one in _FOLDER.iterdir() if one.name.endswith(".md"))
    return {name.removesuffix(".md"): _heading(name) for name in names}


def topic(name: str) -> str:
    """The Markdown of a topic."""
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8")


def listed() -> str:
    """All topics as Markdown, for the README."""
    lines = [
        f"* [`{name}`](ovk_archive/help/{name}.md): {about}" for name, about in topics().items()
    ]
    return "\n".join(lines) + "\n"


def _heading(file: str) -> str:
    first = (_FOLDER / file).read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("# ")
