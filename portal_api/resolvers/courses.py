"""Mutations on courses, and on the units that they are made of."""

from typing import Any

import strawberry

from portal_api.permissions.courses import (
    MayCreateCourses,
    MayCreateUnits,
    MayReinstateCourses,
    MayReinstateUnits,
    MayRetireCourses,
    MayRetireUnits,
    MayUpdateCourse,
    MayUpdateUnit,
)
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.queries.courses.units import UnitContent
from portal_api.resolvers.changes import Selected, change, given_or_none, text_given
from portal_api.resolvers.planned import PortalInfo
from portal_api.services.courses import library, units
from portal_api.services.courses.library import CourseInput
from portal_api.work import Answer, Work


async def create_courses(info: PortalInfo, given: Any) -> Completed:
    """Answers `createCourses`."""

    rows = [
        CourseInput(
            text_given(row.external_ref),
            row.title,
            row.program_identifier,
            [parse_id(each, "unt") for each in row.unit_ids],
        )
        for row in given.courses
    ]

    async def body(work: Work) -> Answer:
        return await library.create(work, rows)

    return await change(info, MayCreateCourses, given, Selected.of_rows(library.PLACE, rows), body)


async def update_course(info: PortalInfo, given: Any) -> Completed:
    """Answers `updateCourse`."""

    selected = Selected.of_one("crs", given)
    named = edited(given, "external_ref", "title", "program_identifier")
    if given.superseded_by_id is not strawberry.UNSET:
        named["superseded_by"] = given.superseded_by_id and parse_id(given.superseded_by_id, "crs")
    texts = given_or_none(given.unit_ids)
    unit_ids = None if texts is None else [parse_id(each, "unt") for each in texts]

    async def body(work: Work) -> Answer:
        return await library.update(work, selected.ids[0], named, unit_ids, expected=selected.expected)

    return await change(info, MayUpdateCourse, given, selected, body)


def edited(given: Any, *names: str) -> dict[str, Any]:
    """What an edit gives of fields that a record always has: null, and nothing at all, leave one as it is."""
    return {name: value for name in names if (value := given_or_none(getattr(given, name))) is not None}


async def retire_courses(info: PortalInfo, given: Any) -> Completed:
    """Answers `retireCourses`."""

    selected = Selected.of_ids("crs", given)

    async def body(work: Work) -> Answer:
        return await library.retire(work, selected.ids, expected=selected.expected)

    return await change(info, MayRetireCourses, given, selected, body)


async def reinstate_courses(info: PortalInfo, given: Any) -> Completed:
    """Answers `reinstateCourses`."""

    selected = Selected.of_ids("crs", given)

    async def body(work: Work) -> Answer:
        return await library.reinstate(work, selected.ids, expected=selected.expected)

    return await change(info, MayReinstateCourses, given, selected, body)


async def create_units(info: PortalInfo, given: Any) -> Completed:
    """Answers `createUnits`."""

    rows = [UnitContent(row.identifier, row.title, given_or_none(row.scheduled_hours)) for row in given.units]

    async def body(work: Work) -> Answer:
        return await units.create(work, rows)

    return await change(info, MayCreateUnits, given, Selected.of_rows(units.PLACE, rows), body)


async def update_unit(info: PortalInfo, given: Any) -> Completed:
    """Answers `updateUnit`."""

    selected = Selected.of_one("unt", given)
    named = edited(given, "identifier", "title")
    if given.scheduled_hours is not strawberry.UNSET:
        named["scheduled_hours"] = given.scheduled_hours

    async def body(work: Work) -> Answer:
        return await units.update(work, selected.ids[0], named, expected=selected.expected)

    return await change(info, MayUpdateUnit, given, selected, body)


async def retire_units(info: PortalInfo, given: Any) -> Completed:
    """Answers `retireUnits`."""

    selected = Selected.of_ids("unt", given)

    async def body(work: Work) -> Answer:
        return await units.retire(work, selected.ids, expected=selected.expected)

    return await change(info, MayRetireUnits, given, selected, body)


async def reinstate_units(info: PortalInfo, given: Any) -> Completed:
    """Answers `reinstateUnits`."""

    selected = Selected.of_ids("unt", given)

    async def body(work: Work) -> Answer:
        return await units.reinstate(work, selected.ids, expected=selected.expected)

    return await change(info, MayReinstateUnits, given, selected, body)
