"""Pages in a real browser: wide and narrow, light and dark, in both languages, by keyboard."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from archives import SMALL
from axe_playwright_python.sync_playwright import Axe
from conftest import Cli
from effort import IS_THOROUGH, SEED
from fetching import fetch
from places import Browsed
from playwright.sync_api import Browser, Page, sync_playwright
from syncing import execute, query, run
from toy import DemoInstance, generate
from warm import WarmProcess

from ovk_archive.resources import SECTIONS

IN_CI = bool(os.environ.get("CI"))
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None
)
WIDTH = "document.documentElement.scrollWidth"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
SCREENS = {"phone": PHONE, "desktop": DESKTOP}
#: How visitors may come: on which screen, in which colours, with which language.
WAYS = {
    f"{screen}, {scheme}, {locale}": {
        "viewport": size, "color_scheme": scheme, "locale": locale,
    }
    for screen, size in SCREENS.items()
    for scheme in ("light", "dark")
    for locale in ("en-US", "ru-RU")
}  # fmt: skip
#: Each day two visitors that have nothing in common: within four days all have come.
TODAY = [way for place, way in enumerate(WAYS) if place in (SEED % 4, 7 - SEED % 4)]
VISITORS = {way: WAYS[way] for way in (WAYS if IS_THOROUGH else TODAY)}
#: Who looks at every page with axe; each has a turn, for it takes as long as all the rest.
THOROUGH_ONE = TODAY[SEED // 4 % 2]
PAGES = (
    *("", "wall/1", "dialogs", "dialog/2", "photos/1", "notes/1", "audio/1", "videos/1", "user/2"),
    *("group/1", "friends/1", "groups/1", "documents", "gifts/1", "polls", "notifications"),
    *("changes", "health", "search", "search?q=кот", "board/1", "nowhere"),
)
#: Pages of one record: the table and the columns of its key.
RECORDS = {
    "post": "select owner_id || '_' || id from posts where comments > 0 order by id limit 1",
    "photo": "select owner_id || '_' || id from photos where owner_id = 1 limit 1",
    "note": "select owner_id || '_' || id from notes where owner_id = 1 limit 1",
    "album": "select id from albums limit 1",
    "playlist": "select id from playlists limit 1",
    "track": "select id from audio limit 1",
    "topic": "select group_id || '_' || id from topics limit 1",
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a small life with all sections, and its files."""
    path = tmp_path_factory.mktemp("browser") / "anna.db"
    with DemoInstance(generate(size=SMALL), "B") as instance:
        assert run(instance, path, sections=SECTIONS).exit_code == 0
        fetch(instance.url, path)
    owner, number = oldest_photo(path).split("_")
    execute(path, [
        "insert into comments (id, kind, owner_id, photo_id, from_id, date, text) "
        f"values ({900_000 + more}, 'photo', {owner}, {number}, 2, 1600000000, 'слово {more}')"
        for more in range(120)
    ])  # fmt: skip
    return path


def oldest_photo(path: Path) -> str:
    """The key of the account's first photo."""
    sql = "select owner_id || '_' || min(id) from photos where owner_id = 1"
    return str(query(path, sql)[0][0])


@pytest.fixture(scope="module")
def served(archive: Path, warm: WarmProcess) -> Iterator[str]:
    """The address at which it is served."""
    environment = {**os.environ, "NO_PROXY": "*", "PYTHONWARNINGS": "error"}
    with Browsed(Cli(archive.parent, environment, warm=warm), archive) as browsed:
        yield browsed.address


@pytest.fixture(scope="module")
def browser(served: str) -> Iterator[Browser]:
    """Debian's chromium, without a window; while it runs no other event loop can begin."""
    assert served
    if CHROMIUM is None:
        if IN_CI:
            pytest.fail("There is no chromium: .ci/run installs it.")
        pytest.skip("There is no chromium here: apt-get install chromium-headless-shell.")
    with sync_playwright() as play:
        # Its sandbox needs rights that a container's root has not.
        started = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


class Looked:
    """A page as a visitor sees it, and what went wrong meanwhile."""

    def __init__(self, page: Page, served: str) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("requestfailed", lambda asked: self.faults.append(f"failed: {asked.url}"))
        page.on("request", lambda asked: self._asked(asked.url, served))

    def _console(self, message: Any) -> None:
        # That a page is not there is no error of the page.
        if message.type == "error" and "404 (Not Found)" not in message.text:
            self.faults.append(message.text)

    def _asked(self, url: str, served: str) -> None:
        if not url.startswith(f"{served}/"):
            self.faults.append(f"asked elsewhere: {url}")


def addresses(archive: Path) -> list[str]:
    """All kinds of pages."""
    records = [f"{kind}/{query(archive, sql)[0][0]}" for kind, sql in RECORDS.items()]
    return [f"/anna/-/{page}" for page in (*PAGES, *records)]


def serious(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What axe calls serious: the rule, and where it is broken."""
    return [
        (one["id"], one["nodes"][0]["html"][:200])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_kind_of_page(browser: Browser, served: str, archive: Path, visitor: str) -> None:
    """No page has an error, asks anybody else, is wider than the screen, or shuts anybody out."""
    how: Any = VISITORS[visitor]
    axe = Axe()
    with browser.new_context(**how) as context:
        for address in addresses(archive):
            looked = Looked(context.new_page(), served)
            looked.page.goto(f"{served}{address}")
            lang = looked.page.locator("html").get_attribute("lang")
            assert lang == how["locale"][:2], address
            width = looked.page.evaluate(WIDTH)
            assert width <= how["viewport"]["width"], (address, width)
            if visitor == THOROUGH_ONE or IS_THOROUGH:
                assert not serious(axe.run(looked.page).response["violations"]), address
            assert not looked.faults, (address, looked.faults)
            looked.page.close()


@pytest.mark.parametrize("visitor", VISITORS)
def test_tables(browser: Browser, served: str, visitor: str) -> None:
    """Tables fit the narrowest phone as well: no cell is wider than the screen."""
    how: Any = dict(VISITORS[visitor])
    is_phone = how["viewport"] is PHONE
    if is_phone:
        how["viewport"] = {"width": 320, "height": 600}
    with browser.new_context(**how) as context:
        for table in ("posts", "users", "groups", "attachments", "_versions"):
            looked = Looked(context.new_page(), served)
            looked.page.goto(f"{served}/anna/{table}")
            cells = looked.page.evaluate(
                "[...document.querySelectorAll('.rows-and-columns td')].map("
                "one => [one.className, one.getBoundingClientRect().width])"
            )
            assert len(cells) > 5, table
            if is_phone:
                wide = [name for name, width in cells if width > 320]
                assert not wide, (table, wide[:5])
                assert looked.page.evaluate(WIDTH) <= 320, table
            assert not looked.faults, (table, looked.faults)
            looked.page.close()


def test_what_is_led_to_is_in_sight(browser: Browser, served: str) -> None:
    """A message that an address names does not begin below the day that stays at the top."""
    with browser.new_context(
        viewport={"width": 390, "height": 500}, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        page.goto(f"{served}/anna/-/dialog/2")
        names = page.evaluate("[...document.querySelectorAll('.bubble')].map(one => one.id)")
        for name in names[1 : len(names) : 3]:
            page.goto(f"{served}/anna/-/dialog/2#{name}")
            page.wait_for_timeout(50)
            covered = page.evaluate(
                "name => { const top = document.getElementById(name).getBoundingClientRect().top;"
                "return [...document.querySelectorAll('.day h2')].some(one => { "
                "const day = one.getBoundingClientRect(); "
                "return day.top < top + 20 && day.bottom > top + 1; }); }",
                name,
            )
            assert not covered, name


#: Of the element in focus: what surrounds it, and whether some of its outline is cut off.
OUTLINE = """() => {
  const one = document.activeElement, look = getComputedStyle(one);
  const grown = parseFloat(look.outlineOffset) + parseFloat(look.outlineWidth);
  if (look.outlineStyle === "none" || parseFloat(look.outlineWidth) < 2) return "none";
  const box = one.getBoundingClientRect();
  for (let up = one.parentElement; up && up !== document.body; up = up.parentElement) {
    if (getComputedStyle(up).overflowX === "visible") continue;
    const around = up.getBoundingClientRect();
    if (box.top - grown < around.top - 0.6 || box.bottom + grown > around.bottom + 0.6
        || box.left - grown < around.left - 0.6) return `cut off by ${up.className || up.tagName}`;
  }
  return "seen";
}"""


@pytest.mark.parametrize("visitor", VISITORS)
def test_focus_is_seen(browser: Browser, served: str, visitor: str) -> None:
    """Whatever the keyboard comes to has an outline, and nothing cuts it off."""
    how: Any = VISITORS[visitor]
    with browser.new_context(**how) as context:
        page = context.new_page()
        for path in ("photos/1", "wall/1", "dialog/2", "search?q=кот", "health", ""):
            page.goto(f"{served}/anna/-/{path}")
            for _ in range(40):
                page.keyboard.press("Tab")
                what = page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
                if what.startswith("<body"):
                    break
                assert page.evaluate(OUTLINE) == "seen", (path, what)


def test_a_reason_is_seen_whole(browser: Browser, served: str, archive: Path) -> None:
    """Of a picture that is not here the reason and the way to the original are not cut off."""
    execute(archive, ["update media set state = 'gone' where kind = 'photos'"])
    try:
        with browser.new_context(viewport={"width": 320, "height": 600}, locale="ru") as context:
            page = context.new_page()
            page.goto(f"{served}/anna/-/photos/1")
            cut = page.evaluate(
                "[...document.querySelectorAll('.picture')].filter(one => "
                "one.querySelector('.lacking').getBoundingClientRect().bottom > "
                "one.getBoundingClientRect().bottom + 0.6).length"
            )
            assert page.locator(".picture .lacking").count() > 3
            assert cut == 0
    finally:
        execute(archive, ["update media set state = 'stored' where kind = 'photos'"])


def test_by_keyboard(browser: Browser, served: str, archive: Path) -> None:
    """The first key leads past the menu, and the arrows lead from photo to photo."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{served}/anna/-/photos/1")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")

        page.goto(page.evaluate("document.querySelector('.grid .picture a').href"))
        first = page.url
        page.keyboard.press("ArrowRight")
        page.wait_for_url(lambda url: url != first)
        page.keyboard.press("ArrowLeft")
        page.wait_for_url(first)

        # The oldest has more comments than one page.
        page.goto(f"{served}/anna/-/photo/{oldest_photo(archive)}")
        oldest = page.url
        assert page.get_by_role("link", name="More comments").count() == 1
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(300)
        assert page.url == oldest
        page.keyboard.press("Escape")
        page.wait_for_url("**/photos/1")


def test_without_script(browser: Browser, served: str) -> None:
    """Who lets no script run reads, searches and pages all the same."""
    with browser.new_context(java_script_enabled=False, locale="ru") as context:
        page = context.new_page()
        page.goto(served)
        page.get_by_placeholder("Поиск").fill("кот")
        page.get_by_placeholder("Поиск").press("Enter")
        assert page.locator("mark").count() > 0
        page.get_by_role("link", name="Стена").click()
        page.get_by_role("link", name="Раньше").click()
        # A click does not wait for the page that it opens.
        page.locator("article.card").first.wait_for()
        assert page.url.partition("?")[2].startswith("before=")
        assert page.locator("article.card").count() > 0


def test_sound_can_be_sought(browser: Browser, served: str) -> None:
    """A track is played from the archive, from any place in it."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{served}/anna/-/audio/1")
        source = page.locator("audio").first.get_attribute("src")
        got = context.request.get(f"{served}{source}", headers={"range": "bytes=10-19"})
        assert (got.status, len(got.body())) == (206, 10)
