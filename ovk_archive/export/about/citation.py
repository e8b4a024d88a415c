"""How an export wants to be cited: its title, its authors, its licence, as a user gave them."""

import re
from dataclasses import dataclass
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from ovk_archive.errors import BadInputError

_TITLE = "Export of an archive of an OpenVK account"
_AUTHOR = re.compile(r"(?P<name>[^<>]*[^<>\s])(?:\s*<(?P<where>[^<>\s]+)>)?")
_ORCID = re.compile(r"(\d{4}-){3}\d{3}[\dX]")
_URL = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Author:
    """A person or an institution.

    Attributes:
        url: of a page about them, an ORCID for example.
    """

    name: str
    email: str | None = None
    url: str | None = None

    def to_json(self) -> dict[str, Any]:
        """A contributor, as Data Package 2.0 has them."""
        told = {"title": self.name, "path": self.url, "email": self.email}
        return {**{key: value for key, value in told.items() if value}, "roles": ["author"]}


@dataclass(frozen=True, slots=True)
class License:
    """What others may do.

    Attributes:
        name: its identifier in the list of SPDX; None if only its address is known.
    """

    url: str
    name: str | None = None

    def to_json(self) -> dict[str, str]:
        """As Data Package 2.0 has them."""
        return {"name": self.name, "path": self.url} if self.name else {"path": self.url}


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """What a user says of an export; without a word the title is ours, and there is no licence."""

    title: str = _TITLE
    authors: tuple[Author, ...] = ()
    license: License | None = None


def citation(title: str | None, authors: tuple[str, ...], license_: str | None) -> Citation:
    """What a user said, in texts.

    Raises:
        BadInputError: something is not written as it has to be.
    """
    return Citation(
        title=(title or "").strip() or _TITLE,
        authors=tuple(map(_author, authors)),
        license=_license(license_) if license_ else None,
    )


def _author(text: str) -> Author:
    found = _AUTHOR.fullmatch(text.strip())
    where = found["where"] or "" if found else ""
    if found and not where:
        return Author(found["name"])
    if found and _ORCID.fullmatch(where):
        return Author(found["name"], url=f"https://orcid.org/{where}")
    if found and _URL.fullmatch(where):
        return Author(found["name"], url=where)
    if found and re.fullmatch(r"[^@]+@[^@]+", where):
        return Author(found["name"], email=where)
    raise BadInputError(
        f"An author is a name, and an ORCID, an address of the web or of e-mail, if you like: "
        f'"Anna Ivanova <0000-0002-1825-0097>". {text!r} is not.'
    )


def _license(text: str) -> License:
    if _URL.fullmatch(text):
        return License(text)
    try:
        name = str(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        name = ""
    # An expression is several licences, and whoever writes a LicenseRef knows where it is.
    if not name or " " in name or name.startswith("LicenseRef-"):
        raise BadInputError(
            f"{text!r} is no licence: name one of https://spdx.org/licenses, such as CC-BY-4.0, "
            "CC0-1.0 or ODbL-1.0, or give its web address."
        )
    return License(f"https://spdx.org/licenses/{name}", name)
