"""Learners' documents: files that are kept with a learner, perhaps for one enrolment (readings; S1 "download documents")."""

import binascii
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from portal_api.domain.inputs import LONGEST_NAME, invalid, text_reasons
from portal_api.domain.machine import Cell, Rule, StatusMeaning, Table
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.domain.roles import Role

MOST_BYTES = 2 * 1024 * 1024
"""How large a document is at the most: in base64 it still leaves a request room within its own limit."""


class DocumentStatus(StrEnum):
    """Whether a document is in use."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class DocumentAction(StrEnum):
    """What can be done to a document."""

    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What decides over a document."""

    status: DocumentStatus
    learner_is_active: bool = True


class MediaType(StrEnum):
    """What a document can be."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    DOCX = "docx"
    TEXT = "text"


NAMES = {
    MediaType.PDF: "application/pdf",
    MediaType.PNG: "image/png",
    MediaType.JPEG: "image/jpeg",
    MediaType.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    MediaType.TEXT: "text/plain; charset=utf-8",
}
"""As HTTP names them."""
_BEGINNINGS = {
    MediaType.PDF: b"%PDF-",
    MediaType.PNG: b"\x89PNG\r\n\x1a\n",
    MediaType.JPEG: b"\xff\xd8\xff",
    MediaType.DOCX: b"PK\x03\x04",
}
_NOT_IN_A_NAME = frozenset('/\\"')

DOCUMENTS = Table[DocumentStatus, DocumentAction, DocumentFacts](
    kind="document",
    statuses={
        DocumentStatus.ACTIVE: StatusMeaning("Active", "In use."),
        DocumentStatus.ARCHIVED: StatusMeaning(
            "Archived", "Out of use; it is kept, and can still be downloaded.", is_ended=True
        ),
    },
    rules=(
        Rule(
            DocumentAction.ARCHIVE,
            "Archiving a document",
            (Role.OWNER, Role.ADMIN),
            {DocumentStatus.ACTIVE: Cell("reading", to=DocumentStatus.ARCHIVED, is_reading=True)},
        ),
    ),
)


def file_name_reasons(name: object, *path: str) -> Iterator[Reason]:
    """What is wrong with the name of a file: it is one name, not a path, and can be seen as it is."""
    wrong = list(text_reasons(name, *path, longest=LONGEST_NAME, least=1))
    yield from wrong
    if isinstance(name, str) and not wrong and (not name.isprintable() or _NOT_IN_A_NAME & set(name)):
        yield invalid('A file name has no slash, no backslash, no " and no character that cannot be seen.', *path)


def read_content(text: str, media_type: MediaType, *path: str) -> bytes | Reason:
    """The bytes of a document, from base64; or what is wrong with them."""
    if len(text) > (MOST_BYTES + 2) // 3 * 4:
        return _too_large(*path)
    try:
        content = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return invalid("The content is not in base64.", *path)
    if len(content) > MOST_BYTES:
        return _too_large(*path)
    if not content or not _is(content, media_type):
        return invalid(f"The content is empty, or no file of the type {media_type.name}.", *path)
    return content


def _too_large(*path: str) -> Reason:
    message = f"A document has {MOST_BYTES} bytes at the most. Make it smaller."
    return PlainError(ErrorCode.FILE_TOO_LARGE, message, ("input", *path))


def _is(content: bytes, media_type: MediaType) -> bool:
    if media_type is MediaType.TEXT:
        try:
            return "\x00" not in content.decode()
        except UnicodeDecodeError:
            return False
    return content.startswith(_BEGINNINGS[media_type])
