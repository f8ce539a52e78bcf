"""What a learner hands in: evidence for a training step, or the reason for a request (readings throughout)."""

from collections.abc import Iterator, Sequence

from portal_api.domain.inputs import invalid, text_reasons, url_reasons
from portal_api.domain.refusals import ErrorCode, PlainError, Reason

LONGEST_EVIDENCE = 2_000
MOST_LINKS = 5


def words_reasons(text: str | None) -> Iterator[Reason]:
    """What is wrong with what a learner says; nothing where they say nothing."""
    yield from text_reasons(text, "text", longest=LONGEST_EVIDENCE, least=1)


def evidence_reasons(text: str | None, links: Sequence[str]) -> Iterator[Reason]:
    """What is wrong with evidence: a text, some links, or both."""
    if text is None and not links:
        yield invalid("Give a `text`, `links`, or both.", "text")
    yield from words_reasons(text)
    if len(links) > MOST_LINKS:
        message = f"Evidence has {MOST_LINKS} links at the most; {len(links)} were given."
        yield PlainError(ErrorCode.LIMIT_EXCEEDED, message, ("input", "links"))
    for index, link in enumerate(links[:MOST_LINKS]):
        yield from url_reasons(link, "links", str(index))
