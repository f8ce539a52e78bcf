"""What can be kept as a document: bytes of the type that they are said to be, within the limit, under a plain name."""

from base64 import b64encode

import pytest

from portal_api.domain.documents import MOST_BYTES, NAMES, MediaType, file_name_reasons, read_content
from portal_api.domain.refusals import ErrorCode, Reason

GOOD = {
    MediaType.PDF: b"%PDF-1.7 and so on",
    MediaType.PNG: b"\x89PNG\r\n\x1a\n and so on",
    MediaType.JPEG: b"\xff\xd8\xff\xe0 and so on",
    MediaType.DOCX: b"PK\x03\x04 and so on",
    MediaType.TEXT: "Tāne".encode(),
}


def _code(content: bytes | Reason) -> ErrorCode | None:
    return content.code if isinstance(content, Reason) else None


def _read(content: bytes, media_type: MediaType = MediaType.PDF) -> bytes | Reason:
    return read_content(b64encode(content).decode(), media_type, "content")


@pytest.mark.parametrize("media_type", MediaType)
def test_what_is_of_its_type_is_taken_and_nothing_else_is(media_type: MediaType) -> None:
    assert _read(GOOD[media_type], media_type) == GOOD[media_type]
    others = [content for each, content in GOOD.items() if each is not media_type]
    refused = [_code(_read(content, media_type)) for content in others]
    # What begins like a PDF or a DOCX here can be read as text; all the rest is told apart.
    allowed = 2 if media_type is MediaType.TEXT else 0
    assert refused.count(ErrorCode.INPUT_INVALID) == len(others) - allowed
    assert media_type in NAMES


def test_a_text_has_no_null_character_and_is_never_empty() -> None:
    assert _code(_read(b"a\x00b", MediaType.TEXT)) is ErrorCode.INPUT_INVALID
    assert _code(_read(b"", MediaType.TEXT)) is ErrorCode.INPUT_INVALID


@pytest.mark.parametrize("text", ["%PDF-", "JVBERi0*", "JVBERi0", "JVBE Ri0x", "JVBERi0é"])
def test_what_is_not_in_base64_is_refused_at_its_place(text: str) -> None:
    refusal = read_content(text, MediaType.PDF, "documents", "3", "content")
    assert isinstance(refusal, Reason)
    assert (refusal.code, refusal.path) == (ErrorCode.INPUT_INVALID, ("input", "documents", "3", "content"))


def test_a_document_has_a_limit() -> None:
    whole = b"%PDF-".ljust(MOST_BYTES, b" ")
    assert _read(whole) == whole
    assert _code(_read(whole + b" ")) is ErrorCode.FILE_TOO_LARGE
    assert _code(_read(whole + b" " * 1_000)) is ErrorCode.FILE_TOO_LARGE


@pytest.mark.parametrize(
    ("name", "is_taken"),
    [
        ("passport.pdf", True),
        ("Lebenslauf – März.pdf", True),
        ("", False),
        (" ", False),
        ("../passport.pdf", False),
        ("a\\b.pdf", False),
        ('a"b.pdf', False),
        ("a\r\nb.pdf", False),
        ("a\u202eb.pdf", False),
        ("x" * 200, True),
        ("x" * 201, False),
    ],
)
def test_the_name_of_a_file_is_one_name_and_plain(name: str, is_taken: bool) -> None:
    assert (list(file_name_reasons(name, "fileName")) == []) is is_taken
