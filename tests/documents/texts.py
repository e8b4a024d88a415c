"""What users may read, README and the topics of the help, and what these show."""

import re
from pathlib import Path

from ovk_archive.cli.words.topics import topic, topics

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RUSSIAN = (ROOT / ".github" / "README.ru.md").read_text(encoding="utf-8")
TOPICS = {name: topic(name) for name in topics()}
ALL = "\n".join([README, RUSSIAN, *TOPICS.values()])


def marked(marker: str, text: str = README) -> str:
    """The code block behind a marker."""
    found = re.findall(
        rf"^<!-- {marker} -->\n```[a-z]+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
    )
    assert len(found) == 1, marker
    return str(found[0])


def shown(command: str) -> list[list[str]]:
    """What README and the topics show of a command's outputs, in order."""
    return [
        block.strip().splitlines()
        for block in re.findall(
            rf"^\$ {re.escape(command)}\n(.*?)(?=^\$ |^```$)", ALL, re.MULTILINE | re.DOTALL
        )
    ]


def timeless(text: str) -> list[str]:
    """Lines without ports and times."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:[\d.]+Z)?", "TIME", text)
    return text.strip().splitlines()


def comparable(text: str) -> list[str]:
    """The same without days, in an order of their own: lists are read side by side."""
    return sorted(re.sub(r"\d{4}-\d\d-\d\d", "TIME", line) for line in timeless(text))
