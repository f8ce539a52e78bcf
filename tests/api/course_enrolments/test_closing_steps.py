"""The closing steps of a finalisation, over HTTP: in their order, each once, and all or none (S2 Finalise Course Enrolment)."""

from typing import Any

import pytest

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.roles import Role
from portal_api.models import history_entries
from tests.api.cases import outcomes
from tests.api.course_enrolments.finalising import finalise, refusals, row
from tests.conftest import SignIn
from tests.factories import Organisation


async def test_the_closing_steps_follow_in_order_and_the_learner_is_inactive_last(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner()
    one, two = (organisation.course_enrolment(learner) for _ in range(2))
    reason = organisation.status_reason()
    on = organisation.today

    payload = await finalise(
        sign_in(Role.OWNER),
        "WITHDRAWN",
        row(one, on),
        row(two, on),
        statusReasonId=reason.gid,
        closing={
            "appAccessOff": True,
            "reconnect": {"purpose": "RENEWAL", "on": "2027-01-01"},
            "deactivation": {"note": "Gone"},
        },
    )

    assert outcomes(payload) == ["CHANGED", "CHANGED"]
    node = payload["results"][1]["node"]
    assert node["learner"] == {"status": "INACTIVE", "hasAppAccess": False}
    assert (node["reconnectFor"], node["reconnectOn"], node["statusReason"]) == (
        "RENEWAL",
        "2027-01-01",
        {"id": reason.gid},
    )
    assert [each["change"] for each in payload["billing"]] == [0, -1]
    told = [
        each["action"].value for each in sorted(await organisation.stored(history_entries), key=lambda each: each["id"])
    ]
    assert sorted(told) == sorted(
        ["course_enrolment_finalised"] * 2
        + ["learner_app_access_taken"]
        + ["course_enrolment_flagged"] * 2
        + ["learner_deactivated"]
    )


async def test_a_credential_is_requested_or_issued_where_a_unit_earns_one(
    organisation: Organisation, sign_in: SignIn
) -> None:
    earning, bare, asked = (organisation.course_enrolment(organisation.learner()) for _ in range(3))
    units = [organisation.unit_enrolment(each, ends=-1) for each in (earning, asked)]
    organisation.unit_enrolment(bare, ends=-1, outcome=Outcome.NOT_COMPETENT)
    given: dict[str, Any] = {each.gid: {"outcome": "20"} for each in units}
    rows = [row(earning, units={units[0].gid: given[units[0].gid]}), row(bare)]
    admin = sign_in(Role.ADMIN)

    payload = await finalise(admin, "COMPLETED", *rows, closing={"credential": "ISSUE"})
    assert outcomes(payload) == ["CHANGED", "REFUSED"]
    assert refusals(payload)[1] == [("NO_CREDENTIALLED_OUTCOME", "input.closing.credential")]
    assert "CREDENTIAL" not in {each["step"] for each in payload["warnings"]}
    requested = await finalise(
        admin,
        "COMPLETION_PENDING",
        row(asked, units={units[1].gid: given[units[1].gid]}),
        closing={"credential": "REQUEST"},
    )
    assert "CREDENTIAL" in {each["step"] for each in requested["warnings"]}
    again = await finalise(admin, "COMPLETED", row(asked), closing={"credential": "ISSUE"})
    assert refusals(again) == [[("CREDENTIAL_STANDS", "input.closing.credential")]]
    seen = await admin.query("{ credentials { nodes { status courseEnrolment { id } } } }")
    told = {each["courseEnrolment"]["id"]: each["status"] for each in seen["credentials"]["nodes"]}
    assert told == {earning.gid: "ISSUED", asked.gid: "REQUESTED"}


@pytest.mark.parametrize(("asked", "then"), [("REQUEST", "REQUEST"), ("ISSUE", "ISSUE"), ("ISSUE", "REQUEST")])
async def test_a_credential_that_is_there_is_a_step_that_was_taken(
    organisation: Organisation, sign_in: SignIn, asked: str, then: str
) -> None:
    enrolment = organisation.course_enrolment(organisation.learner())
    organisation.unit_enrolment(enrolment, ends=-1, outcome=Outcome.COMPETENT)
    admin = sign_in(Role.ADMIN)

    first = await finalise(admin, "COMPLETED", row(enrolment), closing={"credential": asked})
    before = await organisation.everything()
    again = await finalise(admin, "COMPLETED", row(enrolment), closing={"credential": then})

    assert [outcomes(first), outcomes(again)] == [["CHANGED"], ["UNCHANGED"]]
    assert await organisation.everything() == before


async def test_a_closing_step_that_is_refused_refuses_its_row(organisation: Organisation, sign_in: SignIn) -> None:
    own = organisation.learner()
    organisation.user(Role.OWNER, own)
    of_owner = organisation.course_enrolment(own)
    free = organisation.course_enrolment(organisation.learner())
    on = organisation.today

    payload = await finalise(
        sign_in(Role.ADMIN), "WITHDRAWN", row(of_owner, on), row(free, on), closing={"deactivation": {}}
    )

    assert outcomes(payload) == ["REFUSED", "CHANGED"]
    assert refusals(payload)[0] == [("FORBIDDEN", "input.closing.deactivation")]
