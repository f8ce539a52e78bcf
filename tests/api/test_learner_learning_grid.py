"""The learner's own grid over HTTP: six actions at ten statuses, for whoever is linked to the record, shown as decided."""

from collections.abc import Callable
from typing import Any

import pytest

from portal_api.domain.certifications import (
    ApprovalKind,
    CertificationJoining,
    CertificationVersionStatus,
    FeeDue,
    FeeStatus,
    LearnerCertificationStatus,
)
from portal_api.domain.roles import Role
from portal_api.models import certification_cycles, exam_attempts, learners
from tests.api.calls import answer, call
from tests.api.cases import outcomes, row_codes
from tests.api.cases.learner_certifications_learning import PEOPLE, S, own_record
from tests.api.certifying import ahead
from tests.client import Client, Json, codes
from tests.clock import START
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

GRID = """
                         ASSIGNED NOT_STARTED IN_PROGRESS PENDING_APPROVAL CERTIFIED EXPIRED LAPSED RECERTIFYING REVOKED DISALLOWED
  ENROL                  Y        -           -           -                -         -       -      -            -       -
  START                  -        Y           -           -                -         -       -      -            -       -
  SUBMIT_EVIDENCE        -        -           Y           Y                -         -       -      Y            -       -
  START_EXAM             -        -           Y           Y                -         -       -      Y            -       -
  START_RECERTIFICATION  -        -           -           -                Y         Y       Y      -            Y       -
  REQUEST_MORE_ATTEMPTS  -        -           Y           Y                -         -       -      Y            -       -
"""
HEAD, *ROWS = [line.split() for line in GRID.strip().splitlines()]
ALLOWED = {name: {S[status] for status, cell in zip(HEAD, cells, strict=True) if cell == "Y"} for name, *cells in ROWS}
MUTATION = {
    "ENROL": "enrolInCertification",
    "START": "startCertification",
    "SUBMIT_EVIDENCE": "submitEvidence",
    "START_EXAM": "startExam",
    "START_RECERTIFICATION": "startRecertification",
    "REQUEST_MORE_ATTEMPTS": "requestMoreAttempts",
}
WORKED_ON = (S.IN_PROGRESS, S.PENDING_APPROVAL, S.RECERTIFYING)
ACTIONS = "id status actions { action available reasons { code } }"
Statuses = dict[LearnerCertificationStatus, Record]


def _records(made: Organisation, learner: Record, action: str) -> Statuses:
    """A learner's record at each status, where no footnote stands against the action."""
    records: Statuses = {}
    for status in S:
        certification = made.certification(is_published=False)
        made.certification_version(certification, allows_exam_before_training=True)
        used = {"attempts_used": 3} if action == "REQUEST_MORE_ATTEMPTS" and status in WORKED_ON else None
        times = ahead() if status is S.CERTIFIED else {}
        records[status] = made.learner_certification(learner, certification, status, cycle=used, **times)
    return records


def _last_step(made: Organisation, record: Record) -> str:
    """The last training step: the first one may await approval."""
    return made.steps_of(made.version_of(record))[-1].gid


def _given(made: Organisation, action: str, record: Record) -> Json:
    if action == "ENROL":
        return {"certificationId": made.record(record["certification_id"]).gid}
    evidence = {"stepId": _last_step(made, record), "text": "Done."} if action == "SUBMIT_EVIDENCE" else {}
    return {"id": record.gid, **evidence}


async def _shown(client: Client, record: Record, action: str) -> list[str]:
    """The reasons against an action, as `actions` of the record shows them."""
    asked = f"query($id: ID!) {{ learnerCertification(id: $id) {{ {ACTIONS} certification {{ {ACTIONS} }} }} }}"
    node = (await client.query(asked, {"id": record.gid}))["learnerCertification"]
    of_record, of_certification = (
        next(each for each in shown["actions"] if each["action"] == action) if of_it else None
        for shown, of_it in ((node, True), (node["certification"], action == "ENROL"))
    )
    assert of_record is not None
    if of_certification is not None:
        assert of_certification["available"] is of_record["available"]
    told = of_certification or of_record
    assert told["available"] is not bool(told["reasons"])
    return [reason["code"] for reason in told["reasons"]]


@pytest.mark.parametrize("is_active", [True, False], ids=["active", "inactive"])
@pytest.mark.parametrize("action", list(MUTATION))
async def test_what_is_shown_to_a_learner_is_what_is_allowed_is_what_the_grid_says(
    organisation: Organisation, sign_in: SignIn, action: str, is_active: bool
) -> None:
    laid_out: dict[Role, tuple[Client, Statuses]] = {}
    for role in Role:
        learner = organisation.learner(is_active=is_active)
        if role in PEOPLE:
            client = sign_in(organisation.user(role, learner))
            laid_out[role] = client, _records(organisation, learner, action)
    await organisation.save()

    allowed = ALLOWED[action] if is_active else set[LearnerCertificationStatus]()
    before = await organisation.everything()
    for status in sorted(S, key=lambda each: each in allowed):  # what is refused comes first, and leaves all as it was
        for role, (client, records) in laid_out.items():
            given = _given(organisation, action, records[status])
            if role is Role.LEARNER and not is_active:
                assert codes(await answer(client, MUTATION[action], **given)) == ["APP_ACCESS_OFF"]
                continue
            shown = await _shown(client, records[status], action)

            payload = await call(client, MUTATION[action], **given)

            assert outcomes(payload) == ["CHANGED" if status in allowed else "REFUSED"], (role, status)
            assert row_codes(payload) == [shown], (role, status)
            assert is_active or {"LEARNER_INACTIVE", "APP_ACCESS_OFF"} <= set(shown)
        if status not in allowed:
            assert await organisation.everything() == before, status


@pytest.mark.parametrize("action", list(MUTATION))
async def test_nobody_takes_a_step_on_somebody_elses_way(
    organisation: Organisation, sign_in: SignIn, action: str
) -> None:
    """The report's record: administrators and the Manager see it, and are not linked to it; the others don't."""
    learner = organisation.learner(reports_to=organisation.own[Role.MANAGER])
    records = _records(organisation, learner, action)
    record = records[min(ALLOWED[action], key=list(S).index)]
    given = _given(organisation, action, record)
    await organisation.save()
    before = await organisation.everything()
    seen = {Role.OWNER: "FORBIDDEN", Role.ADMIN: "FORBIDDEN", Role.MANAGER: "FORBIDDEN"}
    if action == "ENROL":  # for themselves: a certification that the Manager sees, and that nobody assigned to them
        seen[Role.MANAGER] = "NOT_OPEN_TO_JOIN"

    for role in PEOPLE:
        payload = await call(sign_in(role), MUTATION[action], **given)

        assert outcomes(payload) == ["REFUSED"]
        assert row_codes(payload)[0][0] == seen.get(role, "NOT_FOUND"), role
    assert codes(await answer(sign_in(Role.INTEGRATION), MUTATION[action], **given)) == ["FORBIDDEN"]
    assert await organisation.everything() == before


Way = Callable[[Organisation], Record]


def _at(status: LearnerCertificationStatus, cycle: dict[str, Any] | None = None, **terms: Any) -> Way:
    return lambda made: own_record(made, status, cycle, **terms)


def _open_attempt(made: Organisation) -> Record:
    record = own_record(made, S.IN_PROGRESS, {"attempts_used": 1, "has_attempt_open": True}, steps=0)
    made.rows[exam_attempts][-1] |= {"status": "started", "ended_at": None, "score": None}
    return record


def _waiting_pass(made: Organisation) -> Record:
    record = own_record(made, S.PENDING_APPROVAL, {"attempts_used": 1, "is_exam_waiting": True})
    attempt = made.rows[exam_attempts][-1]
    attempt |= {"status": "awaiting_approval"}
    own = {"certification_cycle_id": attempt["certification_cycle_id"], "exam_attempt_id": attempt["id"]}
    made.approval(record, ApprovalKind.EXAM, **own)
    return record


def _asked(made: Organisation) -> Record:
    record = own_record(made, S.IN_PROGRESS, {"attempts_used": 3})
    cycle = made.rows[certification_cycles][-1]
    made.approval(record, ApprovalKind.MORE_ATTEMPTS, certification_cycle_id=cycle["id"])
    return record


def _asked_before(made: Organisation) -> Record:
    """A request of a cycle that has ended says nothing of the one that is open."""
    record = own_record(made, S.RECERTIFYING, {"attempts_used": 3})
    past = made.rows[certification_cycles][-2]
    made.approval(record, ApprovalKind.MORE_ATTEMPTS, certification_cycle_id=past["id"])
    return record


def _in(status: LearnerCertificationStatus, *, is_active: bool = True, has_version: bool = True) -> Way:
    def made_in(made: Organisation) -> Record:
        certification = made.certification(is_active=is_active, is_published=False)
        published, retired = CertificationVersionStatus.PUBLISHED, CertificationVersionStatus.RETIRED
        made.certification_version(certification, published if has_version else retired)
        return made.learner_certification(made.own[Role.LEARNER], certification, status)

    return made_in


def _window(days: int) -> Way:
    """A window that opens in so many days."""

    def made_so(made: Organisation) -> Record:
        certification = made.certification()
        times = {**ahead(90), "window_opens_at": START + days * DAY}
        return made.learner_certification(made.own[Role.LEARNER], certification, S.CERTIFIED, **times)

    return made_so


def _archived(status: LearnerCertificationStatus) -> Way:
    return lambda made: made.learner_certification(
        made.own[Role.LEARNER], made.certification(), status, archived_at=START - DAY
    )


def _fee(due: FeeDue, status: FeeStatus = FeeStatus.UNPAID, **terms: Any) -> dict[str, Any]:
    return {"cycle": {"fee_status": status}, "initial_fee": 900, "recertification_fee": 500, "fee_due": due, **terms}


START_FEE, EXAM_FEE = _fee(FeeDue.BEFORE_START), _fee(FeeDue.BEFORE_EXAM)
PAID, WAIVED = _fee(FeeDue.BEFORE_START, FeeStatus.PAID), _fee(FeeDue.BEFORE_EXAM, FeeStatus.WAIVED)
NO_STEPS = {"steps": 0}
FOOTNOTES: list[tuple[str, Way, str | None]] = [
    # the fee of the initial cycle: due before the start, due before the exam
    ("START", _at(S.NOT_STARTED, **START_FEE), "PAYMENT_REQUIRED"),
    ("START", _at(S.NOT_STARTED, **PAID), None),
    ("START", _at(S.NOT_STARTED, **EXAM_FEE), None),
    ("SUBMIT_EVIDENCE", _at(S.IN_PROGRESS, **START_FEE), None),
    ("START_EXAM", _at(S.IN_PROGRESS, **START_FEE, **NO_STEPS), None),
    ("START_EXAM", _at(S.IN_PROGRESS, **EXAM_FEE, **NO_STEPS), "PAYMENT_REQUIRED"),
    ("START_EXAM", _at(S.IN_PROGRESS, **WAIVED, **NO_STEPS), None),
    # that of a recertification
    ("SUBMIT_EVIDENCE", _at(S.RECERTIFYING, **START_FEE), "PAYMENT_REQUIRED"),
    ("SUBMIT_EVIDENCE", _at(S.RECERTIFYING, **PAID), None),
    ("SUBMIT_EVIDENCE", _at(S.RECERTIFYING, **EXAM_FEE), None),
    ("START_EXAM", _at(S.RECERTIFYING, **START_FEE, **NO_STEPS), "PAYMENT_REQUIRED"),
    ("START_EXAM", _at(S.RECERTIFYING, **EXAM_FEE, **NO_STEPS), "PAYMENT_REQUIRED"),
    ("START_EXAM", _at(S.RECERTIFYING, **PAID, **NO_STEPS), None),
    ("START_RECERTIFICATION", _at(S.LAPSED, initial_fee=900, recertification_fee=500), None),
    # the exam
    ("START_EXAM", _at(S.IN_PROGRESS, {"attempts_used": 3}, **NO_STEPS), "NO_ATTEMPTS_LEFT"),
    ("START_EXAM", _at(S.IN_PROGRESS, {"attempts_used": 3, "attempts_granted": 1}, **NO_STEPS), None),
    ("START_EXAM", _at(S.IN_PROGRESS, {"attempts_used": 3}, attempt_limit=None, **NO_STEPS), None),
    ("START_EXAM", _at(S.IN_PROGRESS), "TRAINING_OPEN"),
    ("START_EXAM", _at(S.IN_PROGRESS, allows_exam_before_training=True), None),
    ("START_EXAM", _at(S.IN_PROGRESS, {"exam_passed_at": START, "is_exam_overridden": True}), "EXAM_PASSED"),
    ("START_EXAM", _open_attempt, "EXAM_STARTED"),
    ("START_EXAM", _waiting_pass, "EXAM_AWAITING_APPROVAL"),
    ("REQUEST_MORE_ATTEMPTS", _at(S.IN_PROGRESS, {"attempts_used": 2}), "ATTEMPTS_LEFT"),
    ("REQUEST_MORE_ATTEMPTS", _at(S.IN_PROGRESS, {"attempts_used": 3}, attempt_limit=None), "ATTEMPTS_LEFT"),
    ("REQUEST_MORE_ATTEMPTS", _asked, "ALREADY_REQUESTED"),
    ("REQUEST_MORE_ATTEMPTS", _asked_before, None),
    # time, and the certification
    ("START_RECERTIFICATION", _window(1), "RECERTIFICATION_NOT_OPEN"),
    ("START_RECERTIFICATION", _window(0), None),
    ("START_RECERTIFICATION", _in(S.LAPSED), None),
    ("START_RECERTIFICATION", _in(S.LAPSED, is_active=False), "CERTIFICATION_INACTIVE"),
    ("START_RECERTIFICATION", _in(S.REVOKED, has_version=False), "NO_PUBLISHED_VERSION"),
    ("START", _in(S.NOT_STARTED, is_active=False, has_version=False), None),
    ("ENROL", _in(S.ASSIGNED), None),
    ("ENROL", _in(S.ASSIGNED, is_active=False), "CERTIFICATION_INACTIVE"),
    ("ENROL", _in(S.ASSIGNED, has_version=False), "NO_PUBLISHED_VERSION"),
    ("START_RECERTIFICATION", _archived(S.LAPSED), "RECORD_ARCHIVED"),
]


@pytest.mark.parametrize(("action", "way", "code"), FOOTNOTES)
async def test_a_footnote_stands_against_an_action_as_it_is_shown(
    organisation: Organisation, sign_in: SignIn, action: str, way: Way, code: str | None
) -> None:
    organisation.everybody_learns()
    record = way(organisation)
    admin = sign_in(Role.ADMIN)
    await organisation.save()
    before = await organisation.everything()
    shown = await _shown(admin, record, action)

    payload = await call(admin, MUTATION[action], **_given(organisation, action, record))

    assert row_codes(payload) == [shown] == [[code] if code else []]
    assert outcomes(payload) == ["REFUSED" if code else "CHANGED"]
    assert (await organisation.everything() == before) is bool(code)


@pytest.mark.parametrize("action", list(MUTATION))
async def test_without_app_access_nobody_learns_whatever_their_role(
    organisation: Organisation, sign_in: SignIn, action: str
) -> None:
    organisation.everybody_learns()
    learner = organisation.learner(has_app_access=False)
    manager = sign_in(organisation.user(Role.MANAGER, learner))
    record = _records(organisation, learner, action)[min(ALLOWED[action], key=list(S).index)]
    await organisation.save()

    payload = await call(manager, MUTATION[action], **_given(organisation, action, record))

    assert row_codes(payload) == [["APP_ACCESS_OFF"]] == [await _shown(manager, record, action)]
    assert [row["has_app_access"] for row in organisation.rows[learners] if row["id"] == learner.id] == [False]


JOINING = [
    ("enrolInCertification", CertificationJoining.OPEN, None),
    ("enrolInCertification", CertificationJoining.ON_REQUEST, "NOT_OPEN_TO_JOIN"),
    ("enrolInCertification", CertificationJoining.ASSIGNED_ONLY, "NOT_OPEN_TO_JOIN"),
    ("requestAccess", CertificationJoining.OPEN, "NOT_OPEN_TO_JOIN"),
    ("requestAccess", CertificationJoining.ON_REQUEST, None),
    ("requestAccess", CertificationJoining.ASSIGNED_ONLY, "NOT_OPEN_TO_JOIN"),
]


@pytest.mark.parametrize(("mutation", "joining", "code"), JOINING)
async def test_whoever_is_linked_to_a_learner_record_joins_as_it_is_shown(
    organisation: Organisation, sign_in: SignIn, mutation: str, joining: CertificationJoining, code: str | None
) -> None:
    certification = organisation.certification(joining=joining)
    action = "ENROL" if mutation == "enrolInCertification" else "REQUEST_ACCESS"
    asked = f"query($id: ID!) {{ certification(id: $id) {{ {ACTIONS} }} }}"
    hidden = {Role.LEARNER, Role.TRAINER} if joining is CertificationJoining.ASSIGNED_ONLY else set[Role]()

    for role in PEOPLE:
        client = sign_in(organisation.user(role, organisation.learner()))
        node = (await client.query(asked, {"id": certification.gid}))["certification"]
        payload = await call(client, mutation, certificationId=certification.gid)
        again = await call(client, mutation, certificationId=certification.gid)

        assert (node is None) is (role in hidden)
        shown = [each for each in node["actions"] if each["action"] == action] if node else []
        expected = ["NOT_FOUND"] if role in hidden else [code] if code else []
        assert row_codes(payload) == [expected]
        assert all([reason["code"] for reason in each["reasons"]] == expected for each in shown)
        repeated = "ALREADY_ENROLLED" if action == "ENROL" else "ALREADY_REQUESTED"
        assert row_codes(again) == [expected or [repeated]]


@pytest.mark.parametrize("mutation", ["enrolInCertification", "requestAccess"])
async def test_whoever_is_linked_to_no_learner_record_joins_nothing(
    organisation: Organisation, sign_in: SignIn, mutation: str
) -> None:
    is_open = mutation == "enrolInCertification"
    joining = CertificationJoining.OPEN if is_open else CertificationJoining.ON_REQUEST
    certification, gone = (organisation.certification(joining=joining, is_active=each) for each in (True, False))
    await organisation.save()
    before = await organisation.everything()

    for role, told in {Role.OWNER: "FORBIDDEN", Role.ADMIN: "FORBIDDEN", Role.TRAINER: "NOT_FOUND"}.items():
        assert row_codes(await call(sign_in(role), mutation, certificationId=certification.gid)) == [[told]]
    assert row_codes(await call(sign_in(Role.LEARNER), mutation, certificationId=gone.gid)) == [["NOT_FOUND"]]
    integration = await answer(sign_in(Role.INTEGRATION), mutation, certificationId=certification.gid)
    assert codes(integration) == ["FORBIDDEN"]
    assert await organisation.everything() == before
