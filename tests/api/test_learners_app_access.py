"""App access: switched on and off, and what that does to a learner at the door."""

from typing import Any

import pytest

from portal_api.domain.roles import Role
from portal_api.models import history_entries, learners
from tests.api.cases import case_of, outcomes, row_codes
from tests.client import codes
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation

SET = """
mutation Set($input: SetLearnerAppAccessInput!) {
  setLearnerAppAccess(input: $input) {
    counts { changed unchanged refused }
    results { id outcome errors { code } node { hasAppAccess version } }
  }
}
"""


def given(*ids: str, on: bool) -> dict[str, Any]:
    """The variables of a call."""
    return {"input": {"ids": list(ids), "hasAppAccess": on}}


@pytest.mark.parametrize("on", [True, False])
async def test_access_is_switched_for_those_who_have_it_otherwise_and_history_says_which_way(
    on: bool, organisation: Organisation, sign_in: SignIn
) -> None:
    other, same = organisation.learner(has_app_access=not on), organisation.learner(has_app_access=on)
    inactive = organisation.learner(is_active=False)

    data = await sign_in(Role.ADMIN).query(SET, given(other.gid, same.gid, inactive.gid, on=on))

    payload = data["setLearnerAppAccess"]
    assert outcomes(payload) == ["CHANGED", "UNCHANGED", "REFUSED"]
    assert row_codes(payload) == [[], [], ["LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"]]
    assert [each["node"] for each in payload["results"][:2]] == [
        {"hasAppAccess": on, "version": 2},
        {"hasAppAccess": on, "version": 1},
    ]
    [entry] = await organisation.stored(history_entries)
    assert entry["subject_id"] == other.id
    assert entry["action"] == ("learner_app_access_given" if on else "learner_app_access_taken")
    assert (entry["from_status"], entry["to_status"]) == ("ACTIVE", "ACTIVE")


async def test_nothing_to_switch_writes_nothing(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner()
    await organisation.save()
    before = await organisation.everything()

    data = await sign_in(Role.ADMIN).query(SET, given(learner.gid, learner.gid, on=True))

    assert outcomes(data["setLearnerAppAccess"]) == ["UNCHANGED"]
    assert await organisation.everything() == before


async def test_an_owners_record_is_switched_by_an_owner_only(organisation: Organisation, sign_in: SignIn) -> None:
    owners = organisation.learner()
    organisation.user(Role.OWNER, owners)

    refused = await sign_in(Role.ADMIN).query(SET, given(owners.gid, on=False))
    done = await sign_in(Role.OWNER).query(SET, given(owners.gid, on=False))

    assert row_codes(refused["setLearnerAppAccess"]) == [["FORBIDDEN"]]
    assert outcomes(done["setLearnerAppAccess"]) == ["CHANGED"]


async def test_a_learner_without_access_stays_outside_until_it_is_given_again(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    admin, learner = sign_in(Role.ADMIN), sign_in(Role.LEARNER)
    own = organisation.own[Role.LEARNER].gid
    mine = "{ viewer { learner { id hasAppAccess } } }"

    async def at_the_door() -> list[str]:
        clock.advance(DAY)
        return codes(await learner.execute(mine))

    assert await at_the_door() == []
    await admin.query(SET, given(own, on=False))
    assert await at_the_door() == ["APP_ACCESS_OFF"]
    await admin.query(SET, given(own, on=True))
    assert await at_the_door() == []
    await case_of("deactivateLearners").payload(admin, own)
    assert await at_the_door() == ["APP_ACCESS_OFF"]
    await case_of("reactivateLearners").payload(admin, own)
    assert await at_the_door() == ["APP_ACCESS_OFF"], "reactivation restores nothing by itself"
    await admin.query(SET, given(own, on=True))
    assert await at_the_door() == []


@pytest.mark.parametrize(
    ("role", "has_access", "reasons"),
    [
        (Role.ADMIN, True, []),
        (Role.ADMIN, False, ["APP_ACCESS_OFF"]),
        (Role.LEARNER, True, ["FORBIDDEN", "OWN_RECORD"]),
    ],
)
async def test_a_learner_says_why_no_sign_in_can_be_recorded(
    role: Role, has_access: bool, reasons: list[str], organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.own[role] if role is Role.LEARNER else organisation.learner(has_app_access=has_access)
    asked = f'{{ learner(id: "{learner.gid}") {{ actions {{ action available reasons {{ code }} }} }} }}'

    actions = (await sign_in(role).query(asked))["learner"]["actions"]

    [own] = [each for each in actions if each["action"] == "RECORD_SIGN_IN"]
    assert own["available"] is (not reasons)
    assert [each["code"] for each in own["reasons"]] == reasons


async def test_a_manager_without_access_still_manages(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    own = organisation.own[Role.MANAGER]
    await sign_in(Role.ADMIN).query(SET, given(own.gid, on=False))
    clock.advance(DAY)

    data = await sign_in(Role.MANAGER).query("{ learners { totalCount } }")

    assert data["learners"]["totalCount"] == len(await organisation.stored(learners)) == 2
