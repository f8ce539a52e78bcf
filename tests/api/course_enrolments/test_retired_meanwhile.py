"""A reason or unit that somebody retires at the same moment is waited for, and then given to nobody."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import Table, update

from portal_api.database import Database
from portal_api.domain.library import LibraryStatus
from portal_api.domain.roles import Role
from portal_api.models import status_reasons, units
from tests.api.calls import call
from tests.api.cases import row_codes
from tests.client import Json
from tests.conftest import SignIn
from tests.factories import Organisation, Record

Asked = Callable[[Organisation, Record], Json]


def _enrolment(made: Organisation) -> str:
    return made.course_enrolment(made.learner()).gid


def _enrolling(made: Organisation, **given: object) -> Json:
    offer = made.course_offer(made.course())
    return {"courseOfferId": offer.gid, "learners": [{"learnerId": made.learner().gid}], **given}


CALLS: dict[str, tuple[str, Table, Asked]] = {
    "setting a status": (
        "setCourseEnrolmentStatus",
        status_reasons,
        lambda made, reason: {"ids": [_enrolment(made)], "status": "DEFERRED", "statusReasonId": reason.gid},
    ),
    "finalising": (
        "finaliseCourseEnrolments",
        status_reasons,
        lambda made, reason: {
            "status": "WITHDRAWN",
            "enrolments": [{"id": _enrolment(made), "on": str(made.today)}],
            "statusReasonId": reason.gid,
        },
    ),
    "enrolling for a reason": (
        "enrolInCourse",
        status_reasons,
        lambda made, reason: _enrolling(made, statusReasonId=reason.gid),
    ),
    "enrolling in a unit": (
        "enrolInCourse",
        units,
        lambda made, unit: _enrolling(made, units=[{"unitId": unit.gid}]),
    ),
    "adding a unit": (
        "addUnitEnrolments",
        units,
        lambda made, unit: {"courseEnrolmentId": _enrolment(made), "units": [{"unitId": unit.gid}]},
    ),
}


@pytest.mark.parametrize("named", CALLS)
async def test_what_is_retired_at_the_same_moment_is_given_to_nobody(
    organisation: Organisation, sign_in: SignIn, database: Database, engine: str, named: str
) -> None:
    if engine == "sqlite":
        return  # where one transaction at a time writes
    mutation, table, given = CALLS[named]
    record = organisation.unit() if table is units else organisation.status_reason()
    asked = given(organisation, record)
    client = sign_in(Role.ADMIN)
    await organisation.save()

    async with database.engine.begin() as connection:
        retired = update(table).where(table.c.organisation_id == organisation.id, table.c.id == record.id)
        await connection.execute(retired.values(status=LibraryStatus.RETIRED))
        calling = asyncio.create_task(call(client, mutation, **asked))
        await asyncio.sleep(0.3)

    assert row_codes(await calling) == [["STATUS_NOT_ALLOWED"]]
