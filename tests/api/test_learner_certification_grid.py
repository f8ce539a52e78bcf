"""The administrator's grid over HTTP: eight actions at ten statuses, for every role, shown as they are decided."""

from typing import Any

import pytest

from portal_api.domain.certifications import FeeDue, LearnerCertificationAction, LearnerCertificationStatus
from portal_api.domain.roles import Role
from portal_api.models import assignment_sources
from portal_api.planner.names import camel
from tests.api.cases import outcomes, row_codes
from tests.client import codes
from tests.conftest import SignIn
from tests.domain.certification_grids import ADMINISTRATORS_GRID
from tests.factories import Organisation, Record

A, S = LearnerCertificationAction, LearnerCertificationStatus
ACTIONS = list(dict.fromkeys(action for action, _ in ADMINISTRATORS_GRID))
MUTATION = {action: camel(action.value) for action in ACTIONS} | {A.REMOVE_ASSIGNMENT: "removeAssignments"}
SEES_ALL = (Role.OWNER, Role.ADMIN, Role.INTEGRATION)


def records(made: Organisation, *, is_active: bool) -> dict[LearnerCertificationStatus, Record]:
    """A record at each status, of learners of whom the Manager is in charge, where no footnote stands against anything."""
    certification = made.certification(is_published=False)
    made.certification_version(
        certification, initial_fee=1_000, recertification_fee=500, fee_due=FeeDue.BEFORE_EXAM, exam_needs_approval=True
    )
    manager = made.own[Role.MANAGER]
    return {
        status: made.learner_certification(made.learner(reports_to=manager, is_active=is_active), certification, status)
        for status in S
    }


async def _asked(client: Any, action: LearnerCertificationAction, ids: list[str]) -> Any:
    name = MUTATION[action]
    document = f"""
        mutation Act($input: {name[0].upper()}{name[1:]}Input!) {{
          {name}(input: $input) {{ results {{ id outcome errors {{ code }} node {{ id status }} }} }}
        }}
    """
    return await client.execute(document, {"input": {"ids": ids}})


@pytest.mark.parametrize("is_active", [True, False], ids=["active", "inactive"])
@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
async def test_what_is_shown_is_what_is_allowed_is_what_the_grid_says(
    organisation: Organisation, sign_in: SignIn, action: LearnerCertificationAction, is_active: bool
) -> None:
    laid_out = records(organisation, is_active=is_active)
    expected = {status: is_active and ADMINISTRATORS_GRID[action, status] for status in S}
    ids = _ids(organisation, action, laid_out)
    await organisation.save()
    before = await organisation.everything()

    for role in (Role.MANAGER, Role.TRAINER, Role.LEARNER, Role.INTEGRATION):
        assert codes(await _asked(sign_in(role), action, ids)) == ["FORBIDDEN"]
    assert await organisation.everything() == before

    shown = await _shown(sign_in(Role.ADMIN), laid_out)
    payload = (await _asked(sign_in(Role.OWNER), action, ids))["data"][MUTATION[action]]
    decided = dict(zip(S, outcomes(payload), strict=True))
    assert {status: shown[status][action.name] == [] for status in S} == expected
    assert {status: outcome == "CHANGED" for status, outcome in decided.items()} == expected
    for status, told in zip(S, row_codes(payload), strict=True):
        assert list(told) == shown[status][action.name]
        if not expected[status]:
            assert _row(await organisation.everything(), laid_out[status]) == _row(before, laid_out[status])


async def _shown(client: Any, laid_out: dict[Any, Record]) -> dict[Any, dict[str, list[str]]]:
    """The reasons against each action, as `actions` shows them."""
    asked = "query($id: ID!) { learnerCertification(id: $id) { actions { action available reasons { code } } } }"
    found: dict[Any, dict[str, list[str]]] = {}
    for status, record in laid_out.items():
        data = await client.query(asked, {"id": record.gid})
        actions = data["learnerCertification"]["actions"]
        assert all(each["available"] is not bool(each["reasons"]) for each in actions)
        found[status] = {each["action"]: [why["code"] for why in each["reasons"]] for each in actions}
    return found


def _ids(made: Organisation, action: LearnerCertificationAction, laid_out: dict[Any, Record]) -> list[str]:
    """What the call names: the records, or the sources that keep them."""
    if action is not A.REMOVE_ASSIGNMENT:
        return [record.gid for record in laid_out.values()]
    sources = {row["learner_certification_id"]: row["id"] for row in made.rows[assignment_sources]}
    return [made.record(sources[record.id]).gid for record in laid_out.values()]


def _row(everything: dict[str, list[dict[str, Any]]], record: Record) -> dict[str, Any]:
    return next(row for row in everything["learner_certifications"] if row["id"] == record.id)
