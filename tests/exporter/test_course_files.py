"""Files of course enrolments, of their units, and of learners with inactive enrolments: what the lists themselves say."""

from typing import Any

import pytest

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.exports import ExportList, ExportStatus
from portal_api.domain.roles import Role
from portal_api.exporter import Exporter
from portal_api.exporter.lists import LISTS
from portal_api.models import exports
from portal_api.planner.names import camel
from tests.api.every_mutation.state import set_role
from tests.client import codes
from tests.conftest import SignIn
from tests.exporter.conftest import REQUEST, Ask, listed
from tests.factories import Organisation

_S = CourseEnrolmentStatus
OF_ROOTS = {camel(each): each for each in ExportList}
COURSES, UNITS, INACTIVE = "courseEnrolments", "unitEnrolments", "learnersWithInactiveEnrolments"


@pytest.fixture
def laid_out(organisation: Organisation) -> Organisation:
    """Enrolments at every status in the Manager's team and beside it, with units of every outcome, and two who have left."""
    offer = organisation.course_offer(organisation.course(title="=Course"))
    for learner in (organisation.own[Role.LEARNER], organisation.learner()):
        for status in _S:
            enrolment = organisation.course_enrolment(learner, offer, status)
            organisation.unit_enrolment(enrolment, outcome=Outcome.NOT_COMMENCED, hours=0)
    for outcome in Outcome:
        enrolment = organisation.course_enrolment(organisation.learner(), offer)
        organisation.unit_enrolment(enrolment, outcome=outcome)
    left = organisation.learner(family_name="Zeta")
    organisation.course_enrolment(left, offer, _S.WITHDRAWN)
    organisation.course_enrolment(left, offer, _S.CURRENT, ends_on=organisation.day(-9))
    organisation.course_enrolment(organisation.learner(family_name="Alpha"), offer, _S.DECLINED)
    return organisation


@pytest.mark.parametrize(
    ("root", "role", "arguments"),
    [
        (COURSES, Role.ADMIN, {}),
        (COURSES, Role.MANAGER, {}),
        (COURSES, Role.OWNER, {"filter": {"stage": {"eq": "COMPLETION"}}, "orderBy": [{"field": "LATEST_END_ON"}]}),
        (UNITS, Role.ADMIN, {}),
        (UNITS, Role.OWNER, {"filter": {"outcome": {"in": ["00", "40"]}}, "orderBy": [{"field": "ENDS_ON"}]}),
        (INACTIVE, Role.ADMIN, {}),
        (INACTIVE, Role.OWNER, {"filter": {"search": "zeta"}}),
        (INACTIVE, Role.OWNER, {"orderBy": [{"field": "FAMILY_NAME", "direction": "DESC"}]}),
    ],
)
async def test_a_file_says_what_the_pages_of_its_list_say(
    laid_out: Organisation,
    sign_in: SignIn,
    ask: Ask,
    exporter: Exporter,
    root: str,
    role: Role,
    arguments: Any,
) -> None:
    exported = LISTS[OF_ROOTS[root]]

    asked = await ask(role, root, **arguments)
    assert await exporter.run_once()
    rows = await asked.rows()

    by_pages = await listed(
        sign_in(role), root, exported.paths, arguments.get("filter"), arguments.get("orderBy"), page=3
    )
    assert rows[0] == list(exported.headings)
    assert rows[1:] == by_pages
    assert len(rows) > 1


async def test_a_unit_that_never_began_is_in_our_own_file_as_it_is(
    laid_out: Organisation, ask: Ask, exporter: Exporter
) -> None:
    """The code is ours: a file for the government would leave it out; this is no such file."""
    asked = await ask(Role.ADMIN, UNITS)
    assert await exporter.run_once()

    head, *rows = await asked.rows()
    told = [dict(zip(head, row, strict=True)) for row in rows]
    assert {row["Outcome"] for row in told} == {outcome.value for outcome in Outcome}
    of_status = {row["Enrolment status"]: row["Training organisation outcome"] for row in told}
    assert {status: of_status[status] for status in ("WITHDRAWN", "DEFERRED", "CURRENT")} == {
        "WITHDRAWN": "TNC",
        "DEFERRED": "D",
        "CURRENT": "",
    }


async def test_a_file_of_candidates_says_why_each_is_one(laid_out: Organisation, ask: Ask, exporter: Exporter) -> None:
    asked = await ask(Role.ADMIN, INACTIVE)
    assert await exporter.run_once()

    _, alpha, zeta = await asked.rows()
    assert alpha[-1].split()[1:] == ["STATUS", "DECLINED"]
    words = zeta[-1].split()
    assert {tuple(words[1:3]), tuple(words[4:])} == {
        ("STATUS", "WITHDRAWN"),
        ("PAST_END", laid_out.day(-9).isoformat()),
    }


async def test_only_administrators_export_candidates(laid_out: Organisation, sign_in: SignIn) -> None:
    await laid_out.save()
    before = await laid_out.everything()

    answered = await sign_in(Role.MANAGER).execute(REQUEST, {"input": {INACTIVE: {}}})

    assert codes(answered) == ["FORBIDDEN"]
    assert answered["errors"][0]["extensions"]["requiredRoles"] == ["OWNER", "ADMIN"]
    assert await laid_out.everything() == before


async def test_who_is_an_administrator_no_more_when_it_is_written_gets_no_file(
    laid_out: Organisation, ask: Ask, exporter: Exporter
) -> None:
    asked = await ask(Role.ADMIN, INACTIVE)
    await set_role(laid_out, Role.ADMIN, Role.MANAGER)
    assert await exporter.run_once()

    [row] = await laid_out.stored(exports)
    assert row["status"] is ExportStatus.FAILED
    assert asked.id.endswith(row["id"].hex)
