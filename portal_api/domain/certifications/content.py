"""What a version of a certification asks of learners, and what can be meant by it (readings throughout)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal_api.domain.certifications.cycles import FeeDue, StepPath
from portal_api.domain.certifications.library import MOST_STEPS
from portal_api.domain.inputs import LONGEST_NAME, invalid, text_reasons
from portal_api.domain.refusals import ErrorCode, PlainError, Reason

MOST_ATTEMPTS = 20
LARGEST_FEE = 100_000_000
MOST_MONTHS = 120
MOST_DAYS = 3_650
_CURRENCY = re.compile("[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class StepContent:
    """A training step: its title, and the ways to complete it in the order in which they are always told."""

    title: str
    paths: tuple[StepPath, ...]

    @classmethod
    def of(cls, title: str, paths: Sequence[StepPath]) -> "StepContent":
        """A step whose paths are given in any order, and perhaps twice."""
        return cls(title, tuple(path for path in StepPath if path in paths))


@dataclass(frozen=True, slots=True)
class VersionContent:
    """All that a version says."""

    exam_title: str
    attempt_limit: int | None
    allows_exam_before_training: bool
    exam_needs_approval: bool
    evidence_needs_approval: bool
    initial_fee: int | None
    recertification_fee: int | None
    currency: str | None
    fee_due: FeeDue
    validity_months: int | None
    grace_days: int
    window_days: int
    steps: tuple[StepContent, ...]


def content_reasons(given: VersionContent) -> Iterator[Reason]:
    """Everything that is wrong with a version as it is given, each thing with its place in the input."""
    yield from text_reasons(given.exam_title, "examTitle", longest=LONGEST_NAME, least=1)
    yield from _number_reasons(given.attempt_limit, "attemptLimit", 1, MOST_ATTEMPTS)
    yield from _fee_reasons(given)
    yield from _number_reasons(given.validity_months, "validityMonths", 1, MOST_MONTHS)
    yield from _number_reasons(given.grace_days, "graceDays", 0, MOST_DAYS)
    yield from _number_reasons(given.window_days, "windowDays", 0, MOST_DAYS)
    if len(given.steps) > MOST_STEPS:
        message = f"A version has {MOST_STEPS} training steps at the most; {len(given.steps)} were given."
        yield PlainError(ErrorCode.LIMIT_EXCEEDED, message, ("input", "steps"))
    for index, step in enumerate(given.steps[:MOST_STEPS]):
        place = ("steps", str(index))
        yield from text_reasons(step.title, *place, "title", longest=LONGEST_NAME, least=1)
        if not step.paths:
            message = "`paths` is empty; name one way at least to complete the step."
            yield PlainError(ErrorCode.LIST_EMPTY, message, ("input", *place, "paths"))


def _number_reasons(value: int | None, field: str, least: int, most: int) -> Iterator[Reason]:
    if value is not None and not least <= value <= most:
        yield invalid(f"`{field}` is {least:,} to {most:,}.", field)


def _fee_reasons(given: VersionContent) -> Iterator[Reason]:
    yield from _number_reasons(given.initial_fee, "initialFee", 1, LARGEST_FEE)
    yield from _number_reasons(given.recertification_fee, "recertificationFee", 1, LARGEST_FEE)
    has_fee = given.initial_fee is not None or given.recertification_fee is not None
    if given.currency is None:
        if has_fee:
            yield invalid("A fee needs its `currency`: three capital letters, such as NZD.", "currency")
    elif not _CURRENCY.fullmatch(given.currency):
        yield invalid("`currency` is three capital letters, such as NZD.", "currency")
    elif not has_fee:
        yield invalid("A `currency` goes with a fee. Give one, or leave the currency out.", "currency")
