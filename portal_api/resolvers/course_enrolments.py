"""Mutations on course enrolments."""

from typing import Any
from uuid import UUID

from strawberry import UNSET

from portal_api.domain.inputs import invalid
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.permissions.course_enrolments import (
    MayEnrolInCourse,
    MayFlagForReconnect,
    MaySetCourseEnrolmentStatus,
    MayTransitionCourseEnrolments,
    MayUpdateCourseEnrolment,
)
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.resolvers.changes import Selected, against_twice, change, given_or_none
from portal_api.resolvers.planned import PortalInfo
from portal_api.resolvers.unit_enrolments import unit_input
from portal_api.services.courses import enrolling, statuses, transition
from portal_api.services.courses.enrolling import EnrolmentInput
from portal_api.work import Answer, Work

MOST_UNITS = 100


async def enrol_in_course(info: PortalInfo, given: Any) -> Completed:
    """Answers `enrolInCourse`."""

    selected = Selected.of_named("lrn", given, "learners", "learner_id")
    offer_id = parse_id(given.course_offer_id, "off")
    enrolment = EnrolmentInput(
        status=given.status,
        reason_id=reason_given(given),
        starts_on=given_or_none(given.starts_on),
        ends_on=given_or_none(given.ends_on),
        commitments={
            id_: row.commitment_id
            for id_, row in zip(selected.ids, given.learners, strict=True)
            if isinstance(row.commitment_id, str)
        },
        units=None if given.units in (None, UNSET) else [unit_input(each) for each in given.units],
    )

    async def body(work: Work) -> Answer:
        return await enrolling.enrol(work, offer_id, selected.ids, enrolment, expected=selected.expected)

    return await change(
        info, MayEnrolInCourse, given, selected, body, refusals=against_many(given.units or (), "units")
    )


def reason_given(given: Any) -> UUID | None:
    """The reason for a status that an input gives.

    Raises:
        RequestError: `ID_INVALID`.
    """
    return parse_id(given.status_reason_id, "srn") if given.status_reason_id else None


def against_many(rows: Any, *path: str) -> list[Reason]:
    """What is wrong with a list inside an input: more than it may hold."""
    if len(rows) <= MOST_UNITS:
        return []
    message = f"`{path[-1]}` names {MOST_UNITS} units at the most; {len(rows)} were given."
    return [PlainError(ErrorCode.LIMIT_EXCEEDED, message, ("input", *path))]


async def update_course_enrolment(info: PortalInfo, given: Any) -> Completed:
    """Answers `updateCourseEnrolment`."""

    selected = Selected.of_one("cen", given)
    columns = {
        "commitment_ref": given.commitment_id,
        "starts_on": given.starts_on,
        "ends_on": given.ends_on,
        "external_ref": given.external_ref or UNSET if given.external_ref != "" else "",
    }
    named = {name: value for name, value in columns.items() if value is not UNSET}

    async def body(work: Work) -> Answer:
        return await statuses.update(work, selected.ids[0], named, expected=selected.expected)

    return await change(info, MayUpdateCourseEnrolment, given, selected, body)


async def set_course_enrolment_status(info: PortalInfo, given: Any) -> Completed:
    """Answers `setCourseEnrolmentStatus`."""

    selected = Selected.of_ids("cen", given)
    reason_id = reason_given(given)

    async def body(work: Work) -> Answer:
        return await statuses.set_status(
            work,
            selected.ids,
            status=given.status,
            reason_id=reason_id,
            note=given.note or None,
            expected=selected.expected,
        )

    return await change(info, MaySetCourseEnrolmentStatus, given, selected, body)


async def flag_for_reconnect(info: PortalInfo, given: Any) -> Completed:
    """Answers `flagForReconnect`."""

    selected = Selected.of_ids("cen", given)
    purpose, on = given.purpose or None, given.on or None
    wrong = (
        [invalid("`on` goes with `purpose`. Give both, or neither to take the flag away.", "on")]
        if on and not purpose
        else []
    )

    async def body(work: Work) -> Answer:
        return await statuses.flag_for_reconnect(work, selected.ids, purpose=purpose, on=on, expected=selected.expected)

    return await change(info, MayFlagForReconnect, given, selected, body, refusals=wrong)


async def transition_course_enrolments(info: PortalInfo, given: Any) -> Completed:
    """Answers `transitionCourseEnrolments`."""

    selected = Selected.of_named("cen", given, "enrolments", "id")
    commitments = {
        id_: row.commitment_id
        for id_, row in zip(selected.ids, given.enrolments, strict=True)
        if isinstance(row.commitment_id, str)
    }
    wrong = list(against_twice(selected.ids, "enrolments", name="id"))

    async def body(work: Work) -> Answer:
        return await transition.transition_enrolments(work, selected.ids, commitments, expected=selected.expected)

    return await change(info, MayTransitionCourseEnrolments, given, selected, body, refusals=wrong)
