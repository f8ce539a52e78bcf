"""Credentials and certificates as PDFs: set by typst from one template, with a QR code that leads to their verification.

Nothing is fetched while a page is set: the fonts are those inside the library, and those of a folder if one is given. What
is printed reaches the template as data and never as markup, so that a name cannot be more than a name.
"""

import asyncio
import io
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, cast

import orjson
import segno

from portal_api.domain.verification import VERIFICATION_LABELS, VerificationKind, VerificationStatus
from portal_api.queries.papers import Paper

TEMPLATE = Path(__file__).parent / "paper.typ"
AT_ONCE = 2
"""How many pages one process sets at a time."""
TITLES = {VerificationKind.CREDENTIAL: "Credential", VerificationKind.CERTIFICATE: "Certificate"}


@cache
def _compiler(template: bytes, folder: Path | None) -> Callable[[str], bytes]:
    """What sets a page of what is said: with its fonts it is 15 MB that a process has only once it sets one."""
    import typst  # noqa: PLC0415  loaded with the first page, for the reason above

    fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder] if folder else [])

    def compiled(said: str) -> bytes:
        page = typst.Compiler(template, font_paths=fonts, sys_inputs={"paper": said})
        return cast("bytes", page.compile(format="pdf", pdf_standards="ua-1"))

    return compiled


class Typesetter:
    """Sets pages, away from the event loop."""

    def __init__(self, public_url: str, fonts: Path | None = None) -> None:
        """Takes the address under which the world finds the portal, and a folder of further fonts."""
        self._public_url = public_url.rstrip("/")
        self._template = TEMPLATE.read_bytes()
        self._fonts = fonts
        self._turns = asyncio.Semaphore(AT_ONCE)

    def address(self, register_number: str) -> str:
        """Where anybody verifies a number."""
        return f"{self._public_url}/verify/{register_number}"

    async def pdf(self, paper: Paper) -> bytes:
        """A page as a PDF."""
        async with self._turns:
            return await asyncio.to_thread(self._set, paper)

    def _set(self, paper: Paper) -> bytes:
        address = self.address(paper.register_number)
        code = io.BytesIO()
        segno.make(address, error="m", micro=False).save(code, kind="svg", xmldecl=False)
        said = orjson.dumps({**_said(paper), "address": address, "code": code.getvalue().decode()}).decode()
        return _compiler(self._template, self._fonts)(said)


def file_name(paper: Paper) -> str:
    """What the file is called."""
    return f"{paper.kind}-{paper.register_number}.pdf"


def _said(paper: Paper) -> dict[str, Any]:
    is_valid = paper.status is VerificationStatus.VALID
    return {
        "title": TITLES[paper.kind],
        "number": paper.register_number,
        "organisation": paper.organisation_name,
        "learner": paper.learner_name,
        "course": paper.title,
        "identifier": paper.program_identifier,
        "issued_on": _day(paper.issued_on),
        "expires_on": paper.expires_on and _day(paper.expires_on),
        "invalid": None if is_valid else VERIFICATION_LABELS[paper.status],
        "units": [
            {"identifier": each.identifier, "title": each.title, "outcome": each.outcome} for each in paper.units
        ],
    }


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
