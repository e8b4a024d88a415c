"""Answers: a page as HTML or as JSON, or a sentence about what went wrong."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from ovk_archive.archive.file.location import folder_of
from ovk_archive.browse.files import Stored
from ovk_archive.browse.files import answer as file_answer
from ovk_archive.browse.looks.addresses import Addresses
from ovk_archive.browse.looks.names import names
from ovk_archive.browse.looks.rendering import Frame, render
from ovk_archive.browse.looks.wording import languages, preferred, wording
from ovk_archive.browse.pages.places import (
    comment_place,
    of_like,
    of_result,
    place,
    section_addresses,
)
from ovk_archive.browse.pages.routes import found
from ovk_archive.browse.pages.visits import Visit, VisitError
from ovk_archive.browse.showing.overview import counts
from ovk_archive.browse.showing.parts.account import account
from ovk_archive.browse.showing.parts.people import called
from ovk_archive.browse.showing.parts.reading import Reading

#: Nothing from elsewhere, and nothing that stands in a page itself.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: Also where nothing guards the pages.
_HEADERS = {"x-content-type-options": "nosniff", "referrer-policy": "same-origin"}
#: In which a visitor has chosen a language, and what is asked with to choose one.
COOKIE, _CHOSEN = "ovk_language", "language"
_A_YEAR = 365 * 86_400
_JSON = ".json"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser asks for.

    Attributes:
        database: the name of the archive in Datasette.
        path: behind that name and `/-/`.
        query: what stands behind the question mark; of several values the first.
        accepts: the languages that the browser would like.
        cookie: the language that was chosen in it; empty if none was.
        scope: the whole request.
    """

    database: str
    path: str
    query: Mapping[str, str]
    accepts: str
    cookie: str
    scope: Any

    @property
    def language(self) -> str:
        """In which the page is to be."""
        for one in (self.query.get(_CHOSEN), self.cookie):
            if one in languages():
                return str(one)
        return preferred(self.accepts)


def answered(db: Reading, archive: Path, asked: Asked) -> Response:
    """What a browser is answered."""
    at = Addresses(asked.database)
    kind, _, rest = asked.path.partition("/")
    if kind == "media":
        return _file(db, archive, rest, asked)
    if kind == "called":
        known = called(db, rest)
        return RedirectResponse(
            at.page("search", q=f"@{rest}") if known is None else at.owner(known)
        )
    as_json = asked.path.endswith(_JSON)
    if kind == "comment" and (said_at := comment_place(db, at, rest)):
        return RedirectResponse(said_at)
    visit = Visit(db, archive, at, wording(asked.language), asked=asked.query)
    try:
        return _page(visit, asked.path.removesuffix(_JSON), asked, as_json=as_json)
    except VisitError as error:
        return _refused(visit, asked, error)


def _refused(visit: Visit, asked: Asked, error: VisitError) -> Response:
    sentence = error.told(visit.words)
    if error.form is not None and not asked.path.endswith(_JSON):
        return _html(visit, asked, "search", {**error.form, "trouble": sentence}, 400)
    heading = visit.words.translations.gettext("That cannot be shown")
    return _trouble(visit, asked, 400, heading, sentence)


def _page(visit: Visit, path: str, asked: Asked, *, as_json: bool) -> Response:
    for page, given in found(path):
        visit = replace(visit, given=given, waits=as_json)
        told = page.view(visit)
        if told is None:
            break
        if as_json:
            return _as_json(told)
        return _html(visit, asked, page.template, told)
    said = visit.words.translations
    heading = said.gettext("There is no such page")
    return _trouble(visit, asked, 404, heading, said.gettext("The archive has nothing here."))


def _html(
    visit: Visit, asked: Asked, template: str, told: Mapping[str, Any], status: int = 200
) -> Response:
    words, at, me = visit.words, visit.at, account(visit.db).person
    title = me.name or words.translations.gettext("Archive")
    frame = Frame(at, words.language, at.page() + asked.path, _menu(visit, me.id), title)
    more = {
        **names(words),
        "place": lambda table, key: place(at, table, key),
        "result_place": lambda one: of_result(at, one),
        "liked": lambda one: of_like(at, one),
        "language_link": lambda other: _in_language(at, asked, other),
    }
    answer = Response(
        # JSON may hold halves of letters, which no page can.
        render(template, frame, **more, **told).encode("utf-8", "replace"),
        status,
        headers={
            **_HEADERS,
            "content-security-policy": POLICY,
            "vary": "accept-language, cookie",
        },
        media_type="text/html",
    )
    if asked.query.get(_CHOSEN) in languages():
        answer.set_cookie(COOKIE, words.language, max_age=_A_YEAR, httponly=True, samesite="lax")
    return answer


def _trouble(visit: Visit, asked: Asked, status: int, heading: str, sentence: str) -> Response:
    if asked.path.endswith(_JSON):
        body = json.dumps({"error": sentence}, ensure_ascii=False)
        return Response(body, status, _HEADERS, media_type="application/json")
    told = {"heading": heading, "sentence": sentence}
    return _html(visit, asked, "trouble", told, status)


def _file(db: Reading, archive: Path, sha256: str, asked: Asked) -> Response:
    row = db.execute(
        "select path, content_type from media where sha256 = ? and state = 'stored' limit 1",
        (sha256,),
    ).fetchone()
    stored = Stored(*row) if row else Stored()
    is_small = bool(asked.query.get("small"))
    return file_answer(folder_of(archive, db.execute), stored, asked.scope, as_small=is_small)


def _as_json(told: Mapping[str, Any]) -> Response:
    body = json.dumps(_for_json(told), ensure_ascii=False, indent=1, allow_nan=False)
    return Response(body.encode("utf-8", "replace"), 200, _HEADERS, media_type="application/json")


def _for_json(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _for_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _for_json(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_for_json(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)


def _menu(visit: Visit, me: int) -> dict[str, str]:
    """Of what the archive has something."""
    return section_addresses(visit.at, me, counts(visit.db, me, 1))


def _in_language(at: Addresses, asked: Asked, language: str) -> str:
    query = {**asked.query, _CHOSEN: language}
    return f"{at.page()}{asked.path}?{urlencode(query)}"
