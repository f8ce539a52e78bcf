"""What others may record over HTTP: three actions at ten statuses, for every role, shown as they are decided."""

from typing import Any

import pytest

from portal_api.domain.certifications import FeeDue, LearnerCertificationAction, LearnerCertificationStatus
from portal_api.domain.roles import Role
from tests.api.calls import answer
from tests.api.cases import outcomes, row_codes
from tests.api.cases.certification_recording import steps_of
from tests.api.deciding import about
from tests.client import Client, Json, codes
from tests.conftest import SignIn
from tests.domain.certification_grids import RECORDERS_GRID
from tests.factories import Organisation, Record

A, S = LearnerCertificationAction, LearnerCertificationStatus
ACTIONS = (A.RECORD_STEP_COMPLETION, A.RECORD_EXAM_RESULT, A.RECORD_PAYMENT)
RECORDERS = (Role.OWNER, Role.ADMIN, Role.INTEGRATION)
SHOWN = "query($id: ID!) { learnerCertification(id: $id) { actions { action available reasons { code } } } }"


def _records(made: Organisation, *people: Record) -> dict[LearnerCertificationStatus, Record]:
    """A record at each status, where no footnote stands against anything: one person's each, or all of one's."""
    found: dict[LearnerCertificationStatus, Record] = {}
    for place, status in enumerate(S):
        certification = made.certification(is_published=False)
        made.certification_version(
            certification,
            initial_fee=1_000,
            recertification_fee=500,
            fee_due=FeeDue.BEFORE_EXAM,
            exam_needs_approval=True,
        )
        found[status] = made.learner_certification(people[place % len(people)], certification, status)
    return found


def _call(made: Organisation, action: LearnerCertificationAction, laid_out: dict[Any, Record]) -> tuple[str, Json]:
    """The mutation, and an input with a row for each record."""
    named = [(record, {"learnerCertificationId": record.gid}) for record in laid_out.values()]
    if action is A.RECORD_PAYMENT:
        return "recordPayments", {"payments": [row for _, row in named]}
    if action is A.RECORD_EXAM_RESULT:
        return "recordExamResults", {"results": [{**row, "passed": True, "score": 80} for _, row in named]}
    completions = [{**row, "stepId": steps_of(made, record)[1].gid, "path": "ONLINE"} for record, row in named]
    return "recordStepCompletions", {"completions": completions}


async def _shown(client: Client, laid_out: dict[Any, Record], action: LearnerCertificationAction) -> list[list[str]]:
    """The reasons against the action, as `actions` shows them of each record."""
    found: list[list[str]] = []
    for record in laid_out.values():
        actions = (await client.query(SHOWN, {"id": record.gid}))["learnerCertification"]["actions"]
        [state] = [each for each in actions if each["action"] == action.name]
        assert state["available"] is not bool(state["reasons"])
        found.append([why["code"] for why in state["reasons"]])
    return found


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.name)
@pytest.mark.parametrize("is_active", [True, False], ids=["active", "inactive"])
@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
async def test_what_is_shown_is_what_is_allowed_is_what_the_grid_says(
    organisation: Organisation, sign_in: SignIn, action: LearnerCertificationAction, is_active: bool, role: Role
) -> None:
    people = [organisation.learner(reports_to=organisation.own[Role.MANAGER], is_active=is_active) for _ in S]
    laid_out = _records(organisation, *people)
    mutation, given = _call(organisation, action, laid_out)
    await organisation.save()
    before = await organisation.everything()
    client, admin = sign_in(role), sign_in(Role.ADMIN)
    shown = await _shown(admin, laid_out, action)
    if role is Role.MANAGER:
        assert all("FORBIDDEN" in reasons for reasons in await _shown(client, laid_out, action))

    answered = await answer(client, mutation, "id status", **given)

    if role not in RECORDERS:
        assert codes(answered) == ["FORBIDDEN"]
        assert await organisation.everything() == before
        return
    payload = answered["data"][mutation]
    expected = [is_active and RECORDERS_GRID[action, status] for status in S]
    assert [outcome == "CHANGED" for outcome in outcomes(payload)] == expected
    assert [reasons == [] for reasons in shown] == expected
    assert row_codes(payload) == shown
    after = await organisation.everything()
    for allowed, record in zip(expected, laid_out.values(), strict=True):
        assert (about(after, record.id) == about(before, record.id)) is not allowed


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
async def test_nobody_records_on_their_own_record(
    organisation: Organisation, sign_in: SignIn, action: LearnerCertificationAction
) -> None:
    own = organisation.learner()
    laid_out = _records(organisation, own)
    client = sign_in(organisation.user(Role.ADMIN, own))
    mutation, given = _call(organisation, action, laid_out)
    await organisation.save()
    before = await organisation.everything()

    shown = await _shown(client, laid_out, action)
    payload = (await answer(client, mutation, "id status", **given))["data"][mutation]

    assert row_codes(payload) == shown
    assert all("OWN_RECORD" in reasons for reasons in shown)
    assert await organisation.everything() == before
