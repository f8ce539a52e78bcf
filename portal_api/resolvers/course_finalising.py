"""Finalising course enrolments: the input read, and what the payload tells beside its rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from portal_api.domain.courses.enrolments import FINALISED_BY
from portal_api.domain.courses.finalising import ClosingCredential
from portal_api.domain.courses.needs import ChecklistStep
from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import COMPLETIONS, CourseEnrolmentStatus
from portal_api.domain.courses.unit_enrolments import MOST_HOURS
from portal_api.domain.courses.units import UnitCorrection
from portal_api.domain.inputs import LONGEST_NOTE, invalid, text_reasons
from portal_api.domain.outcomes import Counts
from portal_api.domain.refusals import Reason, in_words
from portal_api.ids import global_id
from portal_api.permissions.course_enrolments import MayFinaliseCourseEnrolments
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.resolvers.changes import Payload, Result, Selected, against_twice, change, given_or_none
from portal_api.resolvers.course_enrolments import against_many, reason_given
from portal_api.resolvers.learners import BillingChangeValue, billing
from portal_api.resolvers.planned import PortalInfo
from portal_api.services.courses.closing import Closing, CredentialAsked, Deactivation, Flag
from portal_api.services.courses.finalising import Order, finalise_enrolments
from portal_api.work import Answer, Work


@dataclass(frozen=True, slots=True)
class WarningValue:
    """What a caller should know of an enrolment that was finalised."""

    course_enrolment_id: str
    step: ChecklistStep
    message: str
    unit_enrolment_id: str | None = None


@dataclass(frozen=True, slots=True)
class FinalisingPayload(Payload):
    """The payload of a finalisation: also what it warns of, and what the bills lose."""

    warnings: Sequence[WarningValue] = ()
    billing: Sequence[BillingChangeValue] = ()

    @classmethod
    def of(
        cls,
        results: Sequence[Result],
        counts: Counts,
        errors: Sequence[Reason],
        told: Mapping[str, Any],
        **common: Any,
    ) -> Self:
        warnings = [WarningValue(each[0], ChecklistStep(each[1]), *each[2:]) for each in told.get("warnings", ())]
        return cls(results, counts, errors, **common, warnings=warnings, billing=billing(told))


async def finalise_course_enrolments(info: PortalInfo, given: Any) -> Completed:
    """Answers `finaliseCourseEnrolments`."""

    selected = Selected.of_named("cen", given, "enrolments", "id")
    status, reason_id = CourseEnrolmentStatus(given.status), reason_given(given)
    orders = {id_: _order(row) for id_, row in zip(selected.ids, given.enrolments, strict=True)}
    closing = _closing(given.closing)
    wrong = [*against_twice(selected.ids, "enrolments", name="id"), *_against(given, status)]

    async def body(work: Work) -> Answer:
        return await finalise_enrolments(
            work,
            selected.ids,
            orders,
            to=status,
            reason_id=reason_id,
            note=given.note or None,
            closing=closing,
            expected=selected.expected,
        )

    return await change(
        info, MayFinaliseCourseEnrolments, given, selected, body, refusals=wrong, payload=FinalisingPayload
    )


def _order(row: Any) -> Order:
    """What an input says of one enrolment.

    Raises:
        RequestError: `ID_INVALID`.
    """
    corrections = {_unit_id(each): _correction(each) for each in row.units or ()}
    return Order(given_or_none(row.on), given_or_none(row.returns_on), corrections)


def _unit_id(row: Any) -> str:
    return global_id("uen", parse_id(row.unit_enrolment_id, "uen"))


def _correction(row: Any) -> UnitCorrection:
    outcome = given_or_none(row.outcome)
    return UnitCorrection(
        given_or_none(row.hours_attended),
        given_or_none(row.starts_on),
        given_or_none(row.ends_on),
        Outcome(outcome) if outcome else None,
    )


def _closing(given: Any) -> Closing:
    if not given:
        return Closing()
    flag, deactivation = given.reconnect or None, given.deactivation or None
    return Closing(
        credential=CredentialAsked(given.credential is ClosingCredential.ISSUE) if given.credential else None,
        takes_app_access=given.app_access_off,
        flag=flag and Flag(flag.purpose, flag.on),
        deactivation=deactivation and Deactivation(deactivation.reason, deactivation.note or None),
    )


def _against(given: Any, status: CourseEnrolmentStatus) -> Iterator[Reason]:
    """What is wrong with the call as a whole: what does not go with the status, or names more than it may."""
    if status not in FINALISED_BY:
        yield invalid(f"An enrolment is finalised as {in_words(list(FINALISED_BY))}.", "status")
    is_deferral = status is CourseEnrolmentStatus.DEFERRED
    for place, row in enumerate(given.enrolments):
        path = ("enrolments", str(place))
        units = row.units or ()
        yield from against_many(units, *path, "units")
        yield from against_twice([_unit_id(each) for each in units], *path, "units", name="unitEnrolmentId")
        if given_or_none(row.on) and status in COMPLETIONS:
            yield invalid("A completion has no day of its own. Leave `on` out.", *path, "on")
        if given_or_none(row.returns_on) and not is_deferral:
            yield invalid("Only who defers returns. Leave `returnsOn` out.", *path, "returnsOn")
        for number, unit in enumerate(units):
            yield from _against_correction(unit, status, *path, "units", str(number))
    if given.closing and given.closing.deactivation:
        note = given.closing.deactivation.note
        yield from text_reasons(note, "closing", "deactivation", "note", longest=LONGEST_NOTE)


def _against_correction(row: Any, status: CourseEnrolmentStatus, *path: str) -> Iterator[Reason]:
    hours = given_or_none(row.hours_attended)
    if hours is not None and not 0 <= hours <= MOST_HOURS:
        yield invalid(f"`hoursAttended` is 0 to {MOST_HOURS:,}.", *path, "hoursAttended")
    if given_or_none(row.outcome) and status not in COMPLETIONS:
        yield invalid("The status says the outcome. Leave `outcome` out.", *path, "outcome")
    has_days = given_or_none(row.starts_on) or given_or_none(row.ends_on)
    if has_days and status not in COMPLETIONS | {CourseEnrolmentStatus.DEFERRED}:
        yield invalid("The day of leaving says the dates. Leave `startsOn` and `endsOn` out.", *path)
