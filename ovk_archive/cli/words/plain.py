"""Markdown as plain text for a terminal: no marks, lines of 80 columns, tables in columns."""

import re
from collections.abc import Iterator

from ovk_archive.cli.words.sentences import WIDTH, wrapped

_BLOCK = re.compile(
    r"""
      ^```[^\n]*\n (?P<code> .*?) ^```$
    | ^\#+[ ] (?P<heading> [^\n]*) $
    | (?P<table> (?: ^\| [^\n]* \n? )+ )
    | ^(?P<lead> [ ]* (?: \* | \d+\. ) [ ] )
      (?P<item> [^\n]* \n? (?: ^[ ]+ (?! \*[ ] ) \S [^\n]* \n? )* )
    | (?P<blank> ^\n )
    | (?P<text> (?: ^ (?! ``` | \#+[ ] | \| | [ ]*(?:\*|\d+\.)[ ] ) [^\n]+ \n? )+ )
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
#: What only a web page needs: comments, which may be longer than a line, and folded parts.
_UNSEEN = re.compile(r"<!--.*?-->\n?|^</?(?:details|summary)>.*\n?", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_RULE = re.compile(r"[ |:-]+")
#: Blanks between two columns, and how narrow the last one may be.
_GAP, _NARROW = 2, 36


def plain(markdown: str) -> list[str]:
    """The lines of a text."""
    lines: list[str] = []
    for found in _BLOCK.finditer(_UNSEEN.sub("", markdown)):
        for line in _shown(found):
            # One empty line is enough, wherever something was left out.
            if line or lines[-1:] != [""]:
                lines.append(line)
    return lines


def _shown(found: re.Match[str]) -> Iterator[str]:
    kind = str(found.lastgroup)
    text = found[kind]
    if kind == "code":
        yield from (f"    {line}".rstrip() for line in text.splitlines())
    elif kind == "heading":
        yield from (_worded(text), "-" * len(_worded(text)))
    elif kind == "table":
        yield from _table(text)
    elif kind == "item":
        yield from wrapped(_worded(text), found["lead"])
    elif kind == "text":
        yield from wrapped(_worded(text))
    else:
        yield ""


def _worded(text: str) -> str:
    """Text without what marks it; of a link the address, if it leads out of this program."""
    text = _LINK.sub(lambda one: f"{one[1]} ({one[2]})" if "://" in one[2] else one[1], text)
    return " ".join(text.replace("**", "").split())


def _table(text: str) -> Iterator[str]:
    rows = [_cells(line) for line in text.splitlines() if not _RULE.fullmatch(line)]
    widths = [max(map(len, column)) + _GAP for column in list(zip(*rows, strict=True))[:-1]]
    apart = sum(widths) + _NARROW > WIDTH
    for row in rows:
        cells = zip(row, widths, strict=False)
        lead = "".join(f"{cell:{width}}" for cell, width in cells)
        if apart:
            yield from wrapped("  ".join(filter(None, row[:-1])))
            yield from wrapped(row[-1], "    ")
        else:
            yield from wrapped(row[-1], lead) or [lead.rstrip()]


def _cells(line: str) -> list[str]:
    cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
    return [_worded(cell.replace(r"\|", "|")) for cell in cells]
