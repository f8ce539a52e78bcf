"""Mutations on units of course enrolments."""

from typing import Any

from strawberry import UNSET

from portal_api.domain.courses.outcomes import Outcome
from portal_api.permissions.course_enrolments import (
    MayAddUnitEnrolments,
    MayReportUnitEnrolments,
    MayUpdateUnitEnrolments,
)
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.resolvers.changes import Selected, against_twice, change, given_or_none, text_given
from portal_api.resolvers.planned import PortalInfo
from portal_api.services.courses import unit_enrolments as unit_services
from portal_api.services.courses.unit_enrolments import UnitInput
from portal_api.work import Answer, Work

_WRITTEN = ("starts_on", "ends_on", "scheduled_hours", "actual_hours")


async def update_unit_enrolments(info: PortalInfo, given: Any) -> Completed:
    """Answers `updateUnitEnrolments`."""

    selected = Selected.of_named("uen", given, "units", "id")
    named = {id_: _columns(row) for id_, row in zip(selected.ids, given.units, strict=True)}
    wrong = list(against_twice(selected.ids, "units", name="id"))

    async def body(work: Work) -> Answer:
        return await unit_services.update_units(work, selected.ids, named, expected=selected.expected)

    return await change(info, MayUpdateUnitEnrolments, given, selected, body, refusals=wrong)


def _columns(row: Any) -> dict[str, Any]:
    columns = {name: getattr(row, name) for name in _WRITTEN if getattr(row, name) is not UNSET}
    if row.outcome is not UNSET:
        columns["outcome"] = None if row.outcome is None else Outcome(row.outcome)
    if isinstance(row.program_identifier, str):
        columns["program_identifier"] = row.program_identifier
    return columns


async def report_unit_enrolments(info: PortalInfo, given: Any) -> Completed:
    """Answers `reportUnitEnrolments`."""

    selected = Selected.of_ids("uen", given)

    async def body(work: Work) -> Answer:
        return await unit_services.report_units(work, selected.ids, expected=selected.expected)

    return await change(info, MayReportUnitEnrolments, given, selected, body)


async def add_unit_enrolments(info: PortalInfo, given: Any) -> Completed:
    """Answers `addUnitEnrolments`."""

    enrolment_id = parse_id(given.course_enrolment_id, "cen")
    rows = [unit_input(each) for each in given.units]
    expected = {enrolment_id: given.expected_version} if given.expected_version else {}

    async def body(work: Work) -> Answer:
        return await unit_services.add_units(work, enrolment_id, rows, expected=expected)

    return await change(info, MayAddUnitEnrolments, given, Selected.of_rows("units", rows), body)


def unit_input(row: Any) -> UnitInput:
    """A unit that an enrolment is to have, as a client gives it.

    Raises:
        RequestError: `ID_INVALID`.
    """
    return UnitInput(
        parse_id(row.unit_id, "unt"),
        text_given(row.program_identifier),
        given_or_none(row.starts_on),
        given_or_none(row.ends_on),
        given_or_none(row.scheduled_hours),
    )
