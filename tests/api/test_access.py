"""Rights that hang on the record as well as on the role: an Owner's own record, and whose app access is off."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.models import learners, roles
from tests.api.cases import case_of, outcomes, row_codes
from tests.client import codes
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation

ACTIONS = "query($id: ID!) { learner(id: $id) { actions { action available reasons { code requiredRoles } } } }"


@pytest.mark.parametrize(
    ("mutation", "is_active"),
    [("deactivateLearners", True), ("reactivateLearners", False)],
)
async def test_an_owners_learner_record_is_changed_by_owners_alone(
    mutation: str, is_active: bool, organisation: Organisation, sign_in: SignIn
) -> None:
    owners = organisation.learner(is_active=is_active)
    organisation.user(Role.OWNER, owners)
    somebody = organisation.learner(is_active=is_active)
    await organisation.save()
    before = await organisation.stored(learners)
    case = case_of(mutation)

    refused = await case.payload(sign_in(Role.ADMIN), owners.gid, preview=True)

    assert row_codes(refused) == [["FORBIDDEN"]]
    [error] = refused["results"][0]["errors"]
    assert error["__typename"] == "RoleRequired"
    assert error["requiredRoles"] == ["OWNER"]
    assert await organisation.stored(learners) == before

    mixed = await case.payload(sign_in(Role.ADMIN), owners.gid, somebody.gid)
    assert outcomes(mixed) == ["REFUSED", "CHANGED"]
    assert outcomes(await case.payload(sign_in(Role.OWNER), owners.gid)) == ["CHANGED"]


async def test_an_owners_learner_record_shows_an_admin_that_its_actions_are_an_owners(
    organisation: Organisation, sign_in: SignIn
) -> None:
    owners = organisation.learner()
    organisation.user(Role.OWNER, owners)

    as_admin = await sign_in(Role.ADMIN).query(ACTIONS, {"id": owners.gid})
    as_owner = await sign_in(Role.OWNER).query(ACTIONS, {"id": owners.gid})

    for action in ("UPDATE", "SET_APP_ACCESS", "DEACTIVATE"):
        assert {
            "action": action,
            "available": False,
            "reasons": [{"code": "FORBIDDEN", "requiredRoles": ["OWNER"]}],
        } in as_admin["learner"]["actions"]
        assert {"action": action, "available": True, "reasons": []} in as_owner["learner"]["actions"]


async def test_who_is_an_owner_does_not_show_to_others(organisation: Organisation, sign_in: SignIn) -> None:
    manager = organisation.own[Role.MANAGER]
    owners, somebody = (organisation.learner(reports_to=manager) for _ in range(2))
    organisation.user(Role.OWNER, owners)

    seen = [await sign_in(Role.MANAGER).query(ACTIONS, {"id": each.gid}) for each in (owners, somebody)]

    assert seen[0] == seen[1]


async def test_a_record_is_an_owners_only_while_an_owner_of_this_organisation_is_linked_to_it(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner()
    user = organisation.user(Role.OWNER, learner)
    await organisation.save()
    deactivate = case_of("deactivateLearners")
    assert row_codes(await deactivate.payload(sign_in(Role.ADMIN), learner.gid, preview=True)) == [["FORBIDDEN"]]

    async with organisation.database.engine.begin() as connection:
        linked = (roles.c.organisation_id == organisation.id) & (roles.c.user_id == user.id)
        await connection.execute(update(roles).where(linked).values(role=Role.TRAINER))

    assert outcomes(await deactivate.payload(sign_in(Role.ADMIN), learner.gid)) == ["CHANGED"]


async def test_deactivating_changes_no_role(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner()
    organisation.user(Role.ADMIN, learner)
    await organisation.save()
    before = await organisation.stored(roles)

    payload = await case_of("deactivateLearners").payload(sign_in(Role.OWNER), learner.gid)

    assert outcomes(payload) == ["CHANGED"]
    assert await organisation.stored(roles) == before


async def test_the_reasons_come_in_the_order_role_learner_status(organisation: Organisation, sign_in: SignIn) -> None:
    owners = organisation.learner(is_active=False)
    organisation.user(Role.OWNER, owners)

    payload = await case_of("deactivateLearners").payload(sign_in(Role.ADMIN), owners.gid)

    assert row_codes(payload) == [["FORBIDDEN", "LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"]]


async def test_an_inactive_learner_is_the_first_reason_against_withdrawing_what_has_ended(
    organisation: Organisation, sign_in: SignIn
) -> None:
    inactive = organisation.learner(is_active=False)
    running = organisation.enrolment(inactive, organisation.series(), SeriesEnrolmentStatus.IN_PROGRESS)
    ended = organisation.enrolment(inactive, organisation.series(), SeriesEnrolmentStatus.WITHDRAWN)

    payload = await case_of("withdrawSeriesEnrolments").payload(sign_in(Role.OWNER), running.gid, ended.gid)

    assert row_codes(payload) == [["LEARNER_INACTIVE"], ["LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"]]


async def test_a_learner_deactivated_in_the_first_field_of_a_document_is_inactive_in_the_second(
    organisation: Organisation, sign_in: SignIn
) -> None:
    """Each field of a mutation is a transaction of its own, and they run one after the other."""
    learner = organisation.learner()
    enrolment = organisation.enrolment(learner, organisation.series())
    document = """
        mutation($learners: [ID!]!, $enrolments: [ID!]!) {
          first: deactivateLearners(input: {ids: $learners, reason: OTHER}) { counts { changed } }
          second: withdrawSeriesEnrolments(input: {ids: $enrolments, reason: USER_DEACTIVATED}) {
            results { outcome errors { code } }
          }
          third: reactivateLearners(input: {ids: $learners}) { counts { changed } }
          fourth: withdrawSeriesEnrolments(input: {ids: $enrolments, reason: USER_DEACTIVATED}) { counts { changed } }
        }
    """

    data = await sign_in(Role.ADMIN).query(document, {"learners": [learner.gid], "enrolments": [enrolment.gid]})

    assert data["first"] == data["third"] == data["fourth"] == {"counts": {"changed": 1}}
    assert data["second"]["results"] == [{"outcome": "REFUSED", "errors": [{"code": "LEARNER_INACTIVE"}]}]


@pytest.mark.parametrize(
    ("columns", "is_let_in"),
    [
        ({}, True),
        ({"has_app_access": False}, False),
        ({"is_active": False}, False),
    ],
    ids=["active with access", "access is off", "inactive"],
)
async def test_a_learner_is_let_in_only_while_active_with_app_access(
    columns: dict[str, Any], is_let_in: bool, organisation: Organisation, sign_in: SignIn
) -> None:
    user = organisation.user(Role.LEARNER, organisation.learner(**columns))

    answer = await sign_in(user).execute("{ viewer { role learner { id } } }")

    if is_let_in:
        assert answer["data"]["viewer"]["role"] == "LEARNER"
    else:
        assert codes(answer) == ["APP_ACCESS_OFF"]
        assert "data" not in answer


async def test_a_learner_without_a_record_has_no_access_to_switch_on(
    organisation: Organisation, sign_in: SignIn
) -> None:
    user = organisation.user(Role.LEARNER)

    assert codes(await sign_in(user).execute("{ viewer { role } }")) == ["APP_ACCESS_OFF"]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LEARNER}))
async def test_other_roles_read_on_although_their_own_record_is_inactive(
    role: Role, organisation: Organisation, sign_in: SignIn
) -> None:
    user = organisation.user(role, organisation.learner(is_active=False))

    assert await sign_in(user).query("{ viewer { role } }") == {"viewer": {"role": role.name}}


async def test_a_learner_who_is_deactivated_is_out_within_five_seconds(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner = sign_in(Role.LEARNER)
    await learner.query("{ viewer { role } }")
    await case_of("deactivateLearners").payload(sign_in(Role.ADMIN), organisation.own[Role.LEARNER].gid)

    clock.advance(timedelta(seconds=5))

    assert codes(await learner.execute("{ viewer { role } }")) == ["APP_ACCESS_OFF"]


async def test_reactivating_leaves_app_access_off(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner()
    admin = sign_in(Role.ADMIN)
    await case_of("deactivateLearners").payload(admin, learner.gid)
    await case_of("reactivateLearners").payload(admin, learner.gid)

    data = await admin.query("query($id: ID!) { learner(id: $id) { status hasAppAccess } }", {"id": learner.gid})

    assert data["learner"] == {"status": "ACTIVE", "hasAppAccess": False}


async def test_somebody_whose_role_is_gone_is_signed_in_no_more(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    trainer = sign_in(Role.TRAINER)
    await trainer.query("{ viewer { role } }")
    async with organisation.database.engine.begin() as connection:
        gone = (roles.c.organisation_id == organisation.id) & (roles.c.user_id == trainer.user.id)
        await connection.execute(roles.delete().where(gone))

    clock.advance(timedelta(seconds=5))

    assert codes(await trainer.execute("{ viewer { role } }")) == ["UNAUTHENTICATED"]


async def test_notes_and_reasons_of_deactivation_are_for_administrators(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    report = organisation.learner(reports_to=organisation.own[Role.MANAGER])
    enrolment = organisation.enrolment(report, organisation.series())
    admin = sign_in(Role.ADMIN)
    await case_of("withdrawSeriesEnrolments").payload(admin, enrolment.gid, note="a note on the withdrawal")
    await case_of("deactivateLearners").payload(admin, report.gid, reason="DISMISSED", note="a note on the person")
    document = """
        query($learner: ID!, $enrolment: ID!) {
          learner(id: $learner) { deactivationReason deactivationNote history { nodes { reason note } } }
          seriesEnrolment(id: $enrolment) { withdrawalReason withdrawalNote history { nodes { reason note } } }
        }
    """
    ids = {"learner": report.gid, "enrolment": enrolment.gid}

    assert await sign_in(Role.OWNER).query(document, ids) == {
        "learner": {
            "deactivationReason": "DISMISSED",
            "deactivationNote": "a note on the person",
            "history": {"nodes": [{"reason": "DISMISSED", "note": "a note on the person"}]},
        },
        "seriesEnrolment": {
            "withdrawalReason": "ENROLMENT_ERROR",
            "withdrawalNote": "a note on the withdrawal",
            "history": {"nodes": [{"reason": "ENROLMENT_ERROR", "note": "a note on the withdrawal"}]},
        },
    }
    assert await sign_in(Role.MANAGER).query(document, ids) == {
        "learner": {
            "deactivationReason": None,
            "deactivationNote": None,
            "history": {"nodes": [{"reason": None, "note": None}]},
        },
        "seriesEnrolment": {
            "withdrawalReason": "ENROLMENT_ERROR",
            "withdrawalNote": None,
            "history": {"nodes": [{"reason": "ENROLMENT_ERROR", "note": None}]},
        },
    }
