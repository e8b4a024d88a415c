"""Cells of Datasette's tables say what people can read; programs get what is stored."""

import csv
import json
from pathlib import Path

import pytest
from archives import SMALL
from datasetting import cells, html, raw, text_of
from fetching import fetch
from syncing import query, run
from toy import DemoInstance, generate

from ovk_archive.resources import SECTIONS


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a small life with all sections, and its files."""
    path = tmp_path_factory.mktemp("tables") / "anna.db"
    with DemoInstance(generate(size=SMALL), "B") as instance:
        assert run(instance, path, sections=SECTIONS).exit_code == 0
        fetch(instance.url, path)
    return path


@pytest.mark.parametrize(("language", "said"), [("en", ["no", "yes"]), ("ru", ["да", "нет"])])
def test_yes_and_no(made: Path, language: str, said: list[str]) -> None:
    """What is stored as 1 and 0 is told in words, in rows, on the page of a row, and in facets."""
    page = html(made, "/messages?_size=max", language)
    assert sorted({text_of(cell) for cell in cells(page, "out")}) == said
    facets = page.partition('id="facet-out"')[2].partition("</ul>")[0]
    assert all(one in text_of(facets) for one in said)
    number, out = query(made, "select id, out from messages limit 1")[0]
    row = cells(html(made, f"/messages/{number}", language), "out")
    assert (
        text_of(row[0])
        == {0: {"en": "no", "ru": "нет"}, 1: {"en": "yes", "ru": "да"}}[out][language]
    )


def test_programs_get_numbers(made: Path) -> None:
    """JSON and CSV have what is stored."""
    rows = json.loads(raw(made, "/messages.json?_shape=array&_size=max"))
    assert {row["out"] for row in rows} == {0, 1}
    told = csv.DictReader(raw(made, "/messages.csv?_size=max").splitlines())
    assert {row["out"] for row in told} >= {"0", "1"}
    assert "yes" not in raw(made, "/messages.csv?_size=max").split(",")
