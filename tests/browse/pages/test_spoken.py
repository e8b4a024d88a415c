"""In which language a page is served: what a browser asks for, and what its visitor chose."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
from pasts import past

from ovk_archive.browse.pages.answers import COOKIE
from ovk_archive.browse.serving import application

Ask = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Asks for a page as a browser with these headers does."""
    datasette = application(past(tmp_path_factory.mktemp("spoken")).path)
    (name,) = [one for one in datasette.databases if one != "_internal"]

    def get(path: str, **headers: str) -> httpx.Response:
        told = {key.replace("_", "-"): value for key, value in headers.items()}
        got: httpx.Response = asyncio.run(datasette.client.get(f"/{name}/-/{path}", headers=told))
        return got

    return get


def is_in(answer: httpx.Response, language: str) -> bool:
    """The page says that it is in this language, and its heading is."""
    heading = {"ru": "Сообщения", "en": "Messages"}[language]
    said = f'<html lang="{language}">' in answer.text and f"<h1>{heading}</h1>" in answer.text
    return answer.status_code == 200 and said


def test_a_page_is_in_the_language_that_a_browser_asks_for(ask: Ask) -> None:
    """Russian for Russians, English for others; caches are told that it depends on this."""
    assert is_in(ask("dialogs", accept_language="ru"), "ru")
    assert is_in(ask("dialogs", accept_language="de"), "en")
    assert "accept-language" in ask("dialogs", accept_language="ru").headers["vary"]


def test_weights_are_obeyed(ask: Ask) -> None:
    """Not what is named first is taken, but what is liked best."""
    assert is_in(ask("dialogs", accept_language="en;q=0.3, ru;q=0.7"), "ru")
    assert is_in(ask("dialogs", accept_language="ru;q=0.3, en;q=0.7"), "en")


def test_a_choice_outlives_the_page(ask: Ask) -> None:
    """Who chose a language once is served in it later, whatever the browser asks for."""
    chosen = ask("dialogs?language=ru", accept_language="en")
    kept = chosen.cookies[COOKIE]
    assert is_in(chosen, "ru")
    assert is_in(ask("dialogs", accept_language="en", cookie=f"{COOKIE}={kept}"), "ru")
    assert is_in(ask("dialogs?language=en", cookie=f"{COOKIE}={kept}"), "en")


@pytest.mark.parametrize(
    "odd",
    ["", ",;,;q", "ru;q=evil", "-", "*;q=nan", "x" * 5000, "a-b-c-d"],
)
def test_odd_headers_break_nothing(odd: str, ask: Ask) -> None:
    """Whatever stands in the header or the cookie, there is a page, in our own language."""
    assert is_in(ask("dialogs", accept_language=odd), "en")
    assert is_in(ask("dialogs", cookie=f"{COOKIE}=../../etc"), "en")


def test_what_went_wrong_is_told_in_russian(ask: Ask) -> None:
    """A sentence about a wrong address is in the reader's language, with the name in its place."""
    told = ask("dialog/2?before=x", accept_language="ru")
    assert told.status_code == 400
    assert "before — здесь нужно число." in told.text
