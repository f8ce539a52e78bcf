"""What is fetched with a link or a number, and not asked in GraphQL: records' files, and the page that verifies a number."""

import base64
import hashlib
from collections.abc import AsyncGenerator, Iterator
from html import escape
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from portal_api.auth import DownloadLinks
from portal_api.clock import Clock
from portal_api.database import Reader
from portal_api.domain.register_numbers import read_register_number
from portal_api.domain.verification import VERIFICATION_LABELS, Verification, VerificationStatus
from portal_api.planner.dialects import Dialect
from portal_api.queries import documents as document_queries
from portal_api.queries.papers import paper
from portal_api.queries.verification import verification
from portal_api.typesetter import TITLES, Typesetter, file_name

SECURITY_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
FILE_HEADERS = SECURITY_HEADERS | {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
_STYLE = "body{font:1.1rem/1.5 system-ui,sans-serif;margin:4rem auto;max-width:32rem;padding:0 1rem}dt{color:#555}dd{margin:0 0 .8rem}"
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
PAGE_HEADERS = SECURITY_HEADERS | {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Robots-Tag": "noindex",
}
GONE = "There is no such file, or not any more.\n"


class Pages:
    """Answers whoever has a link to a file, or a register number: nobody needs a token here."""

    def __init__(
        self, reader: Reader, dialect: Dialect, links: DownloadLinks, typesetter: Typesetter, clock: Clock
    ) -> None:
        self._reader = reader
        self._dialect = dialect
        self._links = links
        self._typesetter = typesetter
        self._clock = clock

    async def file(self, request: Request) -> Response:
        """Gives the file of a record that a link leads to; whatever is wrong with a link, there is nothing."""
        found = self._links.read_file(request.path_params["token"], now=self._clock())
        if found is None:
            return _nothing()
        prefix, organisation_id, id_ = found
        return await (self._document if prefix == "doc" else self._paper)(prefix, organisation_id, id_)

    async def _paper(self, prefix: str, organisation_id: UUID, id_: UUID) -> Response:
        printed = await self._reader.run(paper(self._dialect, prefix, organisation_id, id_, self._clock()))
        if printed is None:
            return _nothing()
        content = await self._typesetter.pdf(printed)
        return Response(content, 200, _attached(file_name(printed)), "application/pdf")

    async def _document(self, _: str, organisation_id: UUID, id_: UUID) -> Response:
        file = await self._reader.run(document_queries.file(self._dialect, organisation_id, id_))
        if file is None:
            return _nothing()

        async def content() -> AsyncGenerator[bytes]:
            for position in range(file.number):
                yield await self._reader.run(document_queries.piece(self._dialect, organisation_id, id_, position))

        headers = {**_attached(file.name), "Content-Length": str(file.size), "Content-Type": file.media_type}
        return StreamingResponse(content(), 200, headers)

    async def verification(self, request: Request) -> Response:
        """Says how things stand with a register number, as plain HTML."""
        number: str = request.path_params["number"]
        found = await self._reader.run(verification(self._dialect, number, self._clock()))
        status = 404 if found.status is VerificationStatus.NOT_FOUND else 200
        return Response(_page(number, found), status, PAGE_HEADERS, "text/html")


def _nothing() -> Response:
    return Response(GONE, 404, FILE_HEADERS, "text/plain")


def _attached(name: str) -> dict[str, str]:
    """The headers of a file that is saved and not shown; its name for old readers and for those that know all letters."""
    plain = "".join(each if each.isascii() and each.isprintable() and each not in '"\\' else "_" for each in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": disposition, **FILE_HEADERS}


def _page(number: str, found: Verification) -> str:
    label = escape(VERIFICATION_LABELS[found.status])
    told = _facts(read_register_number(number), found)
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in told)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Verification: {label}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{label}</h1><dl>{facts}</dl></main></body></html>\n"
    )


def _facts(number: str | None, found: Verification) -> Iterator[tuple[str, str]]:
    """What the page tells: of what cannot be a register number, nothing, or anybody could write a page of ours."""
    if number:
        yield "Register number", number
    if found.kind:
        yield TITLES[found.kind], found.title or ""
    if found.issued_on:
        yield "Issued on", found.issued_on.isoformat()
    if found.expires_on:
        yield "Valid to", found.expires_on.isoformat()
