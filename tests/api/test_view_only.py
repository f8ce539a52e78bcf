"""Inactive means view-only, through every door: each mutation, called on what it would change were its learner active.

Each case of the registry lays out what its mutation changes; then all learners of the organisation are set inactive. Whatever
is not named here as another matter is refused, whole. So a mutation that nobody has thought of in this way fails.
"""

from typing import Any

import pytest
from sqlalchemy import update

from portal_api.domain.learners import DeactivationReason, LearnerStatus
from portal_api.domain.roles import Role
from portal_api.models import activity_intervals, learners, metadata
from portal_api.schema import executable_schema
from tests.api.cases import CALL_CASES, CASES, CallCase, MutationCase, outcomes, row_codes
from tests.client import Client, Json, codes
from tests.conftest import SignIn
from tests.factories import Organisation

Case = MutationCase | CallCase
EVERY = {case.mutation: case for case in (*CASES, *CALL_CASES)}
LEADS_BACK = {"reactivateLearners"}
"""What is open to inactive learners, and to them alone."""
OF_OTHERS = {
    # The organisation itself, who works there and with what.
    "updateOrganisation",
    "createUsers",
    "createIntegrations",
    "assignRole",
    "removeRole",
    "issueIntegrationToken",
    "revokeIntegrationTokens",
    # Who somebody signs in as: it says what a user sees, and changes nothing of the learner.
    "linkLearner",
    # Groups, and what they assign: of inactive learners nothing, until they are active again.
    "createGroup",
    "updateGroup",
    "retireGroups",
    "reinstateGroups",
    # Learners who are only just made.
    "createLearners",
    # The library.
    "createSeries",
    "updateSeries",
    "retireSeries",
    "reinstateSeries",
    "createPathway",
    "updatePathway",
    "retirePathways",
    "reinstatePathways",
    "createResources",
    "updateResource",
    "retireResources",
    "reinstateResources",
    "createCertification",
    "updateCertification",
    "retireCertifications",
    "reinstateCertifications",
    "draftCertificationVersion",
    "publishCertificationVersion",
    "retireCertificationVersion",
    "createCourses",
    "updateCourse",
    "retireCourses",
    "reinstateCourses",
    "createUnits",
    "updateUnit",
    "retireUnits",
    "reinstateUnits",
    "createCourseOffers",
    "updateCourseOffer",
    "setCourseOfferTrainers",
    "retireCourseOffers",
    "reinstateCourseOffers",
    "addStatusReasons",
    "retireStatusReasons",
    "reinstateStatusReasons",
    # What the portal does by itself, and whom it tells: with inactive learners it does nothing.
    "createLearncycle",
    "updateLearncycle",
    "switchLearncyclesOn",
    "switchLearncyclesOff",
    "retireLearncycles",
    "reinstateLearncycles",
    "createWebhookEndpoint",
    "updateWebhookEndpoint",
    "rotateWebhookSecret",
    "retireWebhookEndpoints",
    "reinstateWebhookEndpoints",
    "retryWebhookDeliveries",
    # Reading, by another way: inactive learners are in exports.
    "requestExport",
}
"""What concerns no learner in particular: it goes on, and leaves no trace with inactive ones."""
NOT_OF_THE_LEARNER = {"roles", "group_members", "reporting_lines"}
"""Where a learner is named by what belongs to somebody else, or follows from it."""


async def set_all_inactive(organisation: Organisation) -> None:
    """Sets every learner inactive, behind the portal's back, just as it would have done."""
    await organisation.save()
    at = organisation.clock()
    async with organisation.database.engine.begin() as connection:
        await connection.execute(
            update(activity_intervals)
            .where(activity_intervals.c.organisation_id == organisation.id, activity_intervals.c.active_until.is_(None))
            .values(active_until=at)
        )
        await connection.execute(
            update(learners)
            .where(learners.c.organisation_id == organisation.id, learners.c.status == LearnerStatus.ACTIVE)
            .values(
                status=LearnerStatus.INACTIVE,
                has_app_access=False,
                deactivated_at=at,
                deactivation_reason=DeactivationReason.OTHER,
            )
        )


async def laid_out(case: Case, organisation: Organisation) -> Json:
    """What a mutation is given; it would change it if the learners were active, which they are no more."""
    if isinstance(case, CallCase):
        given = case.changed(organisation)
    else:
        given = {"ids": [case.changes(organisation).gid], **case.input}
    await set_all_inactive(organisation)
    return given


def roles_of(case: Case) -> frozenset[Role]:
    """Who may call it on what is laid out; where a role needs a record of its own, who may on any."""
    if isinstance(case, MutationCase) and case.for_role:
        return frozenset({case.caller})
    return case.roles


async def called(case: Case, client: Client, given: Json) -> Json:
    """The payload of a call; asked for without versions, which machine clients do not read."""
    answered = await client.execute(case.document.replace(" version", ""), {"input": given})
    assert "errors" not in answered, answered["errors"]
    return answered["data"][case.mutation]


def test_every_mutation_is_refused_on_inactive_learners_or_said_to_be_another_matter() -> None:
    mutation = executable_schema().mutation_type
    assert mutation is not None
    assert set(mutation.fields) == set(EVERY)
    assert set(EVERY) >= OF_OTHERS | LEADS_BACK


@pytest.mark.parametrize("mutation", sorted(set(EVERY) - OF_OTHERS - LEADS_BACK))
async def test_what_concerns_a_learner_is_refused_while_they_are_inactive_and_leaves_no_trace(
    mutation: str, organisation: Organisation, sign_in: SignIn
) -> None:
    case = EVERY[mutation]
    given = await laid_out(case, organisation)
    before = await organisation.everything()

    for role in sorted(roles_of(case) - {Role.LEARNER}):
        payload = await called(case, sign_in(role), given)

        assert outcomes(payload) == ["REFUSED"]
        assert ["LEARNER_INACTIVE" in each for each in row_codes(payload)] == [True]
    if Role.LEARNER in roles_of(case):  # whose door is closed altogether
        assert codes(await sign_in(Role.LEARNER).execute(case.document, {"input": given})) == ["APP_ACCESS_OFF"]
    assert await organisation.everything() == before


@pytest.mark.parametrize("mutation", sorted(OF_OTHERS))
async def test_what_concerns_nobody_in_particular_leaves_no_trace_with_inactive_learners(
    mutation: str, organisation: Organisation, sign_in: SignIn
) -> None:
    case = EVERY[mutation]
    given = await laid_out(case, organisation)
    before = of_learners(await organisation.everything())

    payload = await called(case, sign_in(case.caller), given)

    assert outcomes(payload) == ["CHANGED"]
    after = of_learners(await organisation.everything())
    kept = {name: [row for row in rows if row in before[name]] for name, rows in after.items()}
    assert kept == before
    new = [row for name, rows in after.items() for row in rows if row not in before[name]]
    assert bool(new) is (mutation == "createLearners")


def of_learners(everything: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The rows that are learners' own, those of history among them."""
    named = {name: table for name, table in metadata.tables.items() if name not in NOT_OF_THE_LEARNER}
    own = {name: rows for name, rows in everything.items() if name in named and "learner_id" in named[name].c}
    of_somebody = {name: [row for row in rows if row["learner_id"]] for name, rows in own.items()}
    return {**of_somebody, learners.name: everything[learners.name]}


async def test_reactivation_is_the_one_way_back(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner()
    await set_all_inactive(organisation)
    [mutation] = LEADS_BACK

    payload = await called(EVERY[mutation], sign_in(Role.ADMIN), {"ids": [learner.gid]})

    assert outcomes(payload) == ["CHANGED"]
