"""Statuses set by hand, reasons, and the flag to come back to an enrolment (S2, S4 Reconnect)."""

import pytest

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.stages import ReconnectPurpose
from portal_api.domain.courses.statuses import ENDED
from portal_api.domain.courses.statuses import CourseEnrolmentStatus as S
from portal_api.domain.roles import Role
from portal_api.models import history_entries
from tests.api.calls import call, codes_and_paths
from tests.api.cases import outcomes, row_codes
from tests.conftest import SignIn
from tests.factories import Organisation

NODE = "status statusReason { title } finalisedOn finalisedAt deferredOn reconnectFor reconnectOn trainingOrganisationOutcome version"


@pytest.mark.parametrize("status", list(S))
async def test_any_status_can_be_set_and_touches_no_unit(
    organisation: Organisation, sign_in: SignIn, status: S
) -> None:
    enrolment = organisation.course_enrolment(organisation.learner(), status=S.PENDING)
    organisation.unit_enrolment(enrolment)
    reason = organisation.status_reason(title="Moved away")

    payload = await call(
        sign_in(Role.ADMIN),
        "setCourseEnrolmentStatus",
        f"{NODE} units(first: 2) {{ nodes {{ version }} }}",
        ids=[enrolment.gid],
        status=status.name,
        statusReasonId=reason.gid,
    )

    node = payload["results"][0]["node"]
    assert (node["status"], node["statusReason"]["title"], node["version"]) == (status.name, "Moved away", 2)
    assert (node["finalisedOn"], node["finalisedAt"], node["deferredOn"]) == (None, None, None)
    assert [each["version"] for each in node["units"]["nodes"]] == [1]
    [entry] = await organisation.stored(history_entries)
    assert (entry["from_status"], entry["to_status"], entry["reason"]) == ("PENDING", status.name, reason.gid)
    changed = {"statusReason"} if status is S.PENDING else {"status", "statusReason"}
    assert set(entry["changed_fields"]) == changed


@pytest.mark.parametrize("status", sorted(ENDED - {S.DECLINED}))
async def test_an_ended_status_is_left_with_a_note_and_the_finalisation_goes_with_it(
    organisation: Organisation, sign_in: SignIn, status: S
) -> None:
    enrolment = organisation.course_enrolment(
        organisation.learner(),
        status=status,
        finalised_on=organisation.day(-5),
        reconnect_for=ReconnectPurpose.RENEWAL,
        reconnect_on=organisation.day(50),
    )
    organisation.unit_enrolment(enrolment, ends=-9, outcome=Outcome.COMPETENT)
    admin = sign_in(Role.ADMIN)

    refused = await call(admin, "setCourseEnrolmentStatus", NODE, ids=[enrolment.gid], status="CURRENT")
    assert codes_and_paths(refused) == [[("NOTE_MISSING", "input.note")]]
    same = await call(admin, "setCourseEnrolmentStatus", NODE, ids=[enrolment.gid], status=status.name)
    assert outcomes(same) == ["UNCHANGED"]
    payload = await call(
        admin, "setCourseEnrolmentStatus", NODE, ids=[enrolment.gid], status="CURRENT", note="Came back"
    )
    node = payload["results"][0]["node"]
    assert (node["status"], node["finalisedAt"], node["reconnectFor"]) == ("CURRENT", None, None)
    assert node["trainingOrganisationOutcome"] is None
    [entry] = await organisation.stored(history_entries)
    assert entry["note"] == "Came back"


async def test_a_reason_is_one_in_use_of_the_organisation(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.course_enrolment(organisation.learner())
    retired = organisation.status_reason(is_active=False)
    twin = organisation.twin()
    foreign = twin.status_reason()
    await twin.save()

    for reason, code in ((retired.gid, "STATUS_NOT_ALLOWED"), (foreign.gid, "NOT_FOUND")):
        payload = await call(
            sign_in(Role.ADMIN),
            "setCourseEnrolmentStatus",
            NODE,
            ids=[enrolment.gid],
            status="WITHDRAWN",
            statusReasonId=reason,
        )
        assert codes_and_paths(payload) == [[(code, "input.statusReasonId")]]


async def test_commitment_and_days_are_changed_and_taken_away(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.course_enrolment(organisation.learner(), commitment_ref="C-1")
    other = organisation.course_enrolment(organisation.learner())
    admin, node = sign_in(Role.ADMIN), "externalRef commitmentId startsOn endsOn latestEndOn version"

    payload = await call(
        admin,
        "updateCourseEnrolment",
        node,
        id=enrolment.gid,
        commitmentId=None,
        endsOn="2026-09-30",
        externalRef="X-1",
    )
    assert payload["results"][0]["node"] == {
        "externalRef": "X-1",
        "commitmentId": None,
        "startsOn": None,
        "endsOn": "2026-09-30",
        "latestEndOn": "2026-09-30",
        "version": 2,
    }
    assert outcomes(await call(admin, "updateCourseEnrolment", node, id=enrolment.gid, endsOn="2026-09-30")) == [
        "UNCHANGED"
    ]
    for given, refusal in (
        ({"startsOn": "2026-10-01"}, ("INVALID_DATES", "input.endsOn")),
        ({"externalRef": other["external_ref"]}, ("EXTERNAL_REF_TAKEN", "input.externalRef")),
        ({"externalRef": ""}, ("INPUT_INVALID", "input.externalRef")),
        ({"commitmentId": "x" * 101}, ("INPUT_INVALID", "input.commitmentId")),
    ):
        assert codes_and_paths(await call(admin, "updateCourseEnrolment", node, id=enrolment.gid, **given)) == [
            [refusal]
        ]


async def test_a_finalised_enrolment_is_flagged_unless_the_stage_is_off(
    organisation: Organisation, sign_in: SignIn
) -> None:
    done = organisation.course_enrolment(organisation.learner(), status=S.COMPLETED, finalised_on=organisation.day(-5))
    set_only = organisation.course_enrolment(organisation.learner(), status=S.COMPLETED)
    running = organisation.course_enrolment(organisation.learner())
    owner, ids = sign_in(Role.OWNER), [done.gid, set_only.gid, running.gid]

    payload = await call(owner, "flagForReconnect", f"{NODE} stage", ids=ids, purpose="OTHER_QUALIFICATION")

    assert outcomes(payload) == ["CHANGED", "REFUSED", "REFUSED"]
    assert row_codes(payload) == [[], ["NOT_FINALISED"], ["STATUS_NOT_ALLOWED", "NOT_FINALISED"]]
    node = payload["results"][0]["node"]
    assert (node["reconnectFor"], node["reconnectOn"], node["stage"]) == (
        "OTHER_QUALIFICATION",
        str(organisation.today),
        "RECONNECT",
    )
    switched = await call(owner, "updateOrganisation", "id", id=organisation.itself.gid, hasReconnectStage=False)
    assert outcomes(switched) == ["CHANGED"]
    payload = await call(owner, "flagForReconnect", f"{NODE} stage", ids=[done.gid])
    assert row_codes(payload) == [["RECONNECT_OFF"]]
    stage = await owner.query("query($id: ID!) { courseEnrolment(id: $id) { stage reconnectFor } }", {"id": done.gid})
    assert stage["courseEnrolment"] == {"stage": "COMPLETION", "reconnectFor": "OTHER_QUALIFICATION"}


async def test_the_flag_is_taken_away_without_a_purpose(organisation: Organisation, sign_in: SignIn) -> None:
    done = organisation.course_enrolment(
        organisation.learner(),
        status=S.WITHDRAWN,
        finalised_on=organisation.day(-5),
        reconnect_for=ReconnectPurpose.MARKETING,
        reconnect_on=organisation.day(5),
    )
    admin = sign_in(Role.ADMIN)

    wrong = await call(admin, "flagForReconnect", NODE, ids=[done.gid], on="2026-12-01")
    assert [(each["code"], each["path"]) for each in wrong["errors"]] == [("INPUT_INVALID", ["input", "on"])]
    payload = await call(admin, "flagForReconnect", NODE, ids=[done.gid])
    assert payload["results"][0]["node"]["reconnectFor"] is None
    assert outcomes(await call(admin, "flagForReconnect", NODE, ids=[done.gid])) == ["UNCHANGED"]
