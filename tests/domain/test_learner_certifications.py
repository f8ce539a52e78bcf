"""Learners' certifications: the administrator's grid and the learner's own, cell by cell, and every footnote both ways."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

from portal_api.domain.certifications import (
    LEARNER_CERTIFICATIONS,
    Cycle,
    FeeDue,
    FeeStatus,
    LearnerCertificationAction,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
)
from portal_api.domain.machine import FAR_FUTURE, Granted, Refused
from portal_api.domain.refusals import ErrorCode
from portal_api.domain.roles import Role
from tests.domain.certification_grids import ADMINISTRATORS_GRID, GRID, LEARNERS_GRID, RECORDERS_GRID, A, S
from tests.domain.grids import leads

E = ErrorCode
ADMINISTRATORS = {Role.OWNER, Role.ADMIN}
RECORDERS = {Role.OWNER, Role.ADMIN, Role.INTEGRATION}
PEOPLE = set(Role) - {Role.INTEGRATION}
LED = {
    "REVOKE_ACCESS": S.REVOKED,
    "FORCE_RECERTIFICATION": S.RECERTIFYING,
    "PERMANENTLY_REVOKE": S.DISALLOWED,
    "ENROL": S.NOT_STARTED,
    "START": S.IN_PROGRESS,
}


READY = Cycle(fee=FeeStatus.UNPAID, fee_due=FeeDue.BEFORE_EXAM, steps_open=2, is_started=True)
"""A cycle of which nothing is done, so that all of it can be overridden."""


def facts_for(action: LearnerCertificationAction, status: LearnerCertificationStatus) -> LearnerCertificationFacts:
    """Facts under which no footnote stands against an action."""
    cycle = replace(READY, is_recertification=status is S.RECERTIFYING)
    if action in (A.START, A.SUBMIT_EVIDENCE, A.START_EXAM):
        cycle = replace(cycle, fee=FeeStatus.PAID, steps_open=0)
    if action is A.REQUEST_MORE_ATTEMPTS:
        cycle = replace(cycle, attempts_allowed=1, attempts_used=1)
    is_own = (action, status) in LEARNERS_GRID
    return LearnerCertificationFacts(status, is_own_record=is_own, cycle=cycle)


def codes(action: LearnerCertificationAction, role: Role, facts: LearnerCertificationFacts) -> list[ErrorCode]:
    decision = LEARNER_CERTIFICATIONS[action].decide(role, facts)
    match decision:
        case Granted():
            return []
        case Refused(reasons):
            assert all(reason.message.strip() for reason in reasons)
            return [reason.code for reason in reasons]


def expected(action: LearnerCertificationAction, status: LearnerCertificationStatus, role: Role, active: bool) -> Any:
    """What the grids say, in the order in which reasons are told; footnotes left out."""
    if (action, status) in ADMINISTRATORS_GRID:
        may = role in ADMINISTRATORS
    elif (action, status) in RECORDERS_GRID:
        may = role in RECORDERS
    else:
        may = role in PEOPLE
    refused = {E.FORBIDDEN: not may, E.LEARNER_INACTIVE: not active, E.STATUS_NOT_ALLOWED: not GRID[action, status]}
    return [code for code, is_refused in refused.items() if is_refused]


@pytest.mark.parametrize("active", [True, False], ids=["active", "inactive"])
@pytest.mark.parametrize("action", list(A), ids=lambda action: action.name)
def test_every_cell_of_the_grids_decides_for_every_role(action: LearnerCertificationAction, active: bool) -> None:
    for status, role in product(S, Role):
        facts = replace(facts_for(action, status), learner_is_active=active)
        told = codes(action, role, facts)
        assert told == expected(action, status, role, active), (status, role)


def test_the_grids_and_the_table_know_the_same_statuses_and_actions() -> None:
    assert [rule.action for rule in LEARNER_CERTIFICATIONS.rules] == list(A)
    assert list(LEARNER_CERTIFICATIONS.statuses) == list(S)
    assert set(GRID) == set(product(A, S))
    assert leads(LEARNER_CERTIFICATIONS) == {
        action.name: {
            status.name: LED[action.name].name if action.name in LED else None for status in S if GRID[action, status]
        }
        for action in A
    }


ROLE = {action: Role.ADMIN if (action, S.ASSIGNED) not in LEARNERS_GRID else Role.LEARNER for action in A}


def cycle(**given: Any) -> dict[str, Any]:
    return {"cycle": given}


FOOTNOTES: list[tuple[LearnerCertificationAction, list[LearnerCertificationStatus], dict[str, Any], ErrorCode]] = [
    # 1 and 4: a fee is owed
    (A.OVERRIDE_PAYMENT, [S.NOT_STARTED, S.RECERTIFYING], cycle(fee=FeeStatus.PAID), E.ALREADY_PAID),
    (
        A.OVERRIDE_PAYMENT,
        [S.NOT_STARTED, S.IN_PROGRESS, S.RECERTIFYING],
        cycle(fee=FeeStatus.WAIVED),
        E.ALREADY_WAIVED,
    ),
    (
        A.OVERRIDE_PAYMENT,
        [S.NOT_STARTED, S.IN_PROGRESS, S.RECERTIFYING],
        cycle(fee=FeeStatus.NOT_REQUIRED),
        E.PAYMENT_NOT_REQUIRED,
    ),
    # 3: the exam is neither started nor paid for
    (A.OVERRIDE_PAYMENT, [S.IN_PROGRESS], cycle(attempts_used=1), E.EXAM_STARTED),
    (A.REMOVE_ASSIGNMENT, [S.NOT_STARTED], cycle(attempts_used=1), E.EXAM_STARTED),
    (A.REMOVE_ASSIGNMENT, [S.NOT_STARTED], cycle(fee=FeeStatus.PAID), E.ALREADY_PAID),
    # 2: by hand
    (A.REMOVE_ASSIGNMENT, [S.ASSIGNED, S.NOT_STARTED], {"has_manual_source": False}, E.NOT_MANUAL_SOURCE),
    # readings
    *[
        (action, [S.IN_PROGRESS], {"is_own_record": True}, E.OWN_RECORD)
        for action in (
            A.OVERRIDE_PAYMENT,
            A.OVERRIDE_TRAINING,
            A.OVERRIDE_EXAM,
            A.RECORD_STEP_COMPLETION,
            A.RECORD_EXAM_RESULT,
            A.RECORD_PAYMENT,
        )
    ],
    (A.OVERRIDE_TRAINING, [S.IN_PROGRESS, S.RECERTIFYING], cycle(steps_open=0), E.NOTHING_TO_OVERRIDE),
    (A.OVERRIDE_EXAM, [S.IN_PROGRESS, S.RECERTIFYING], cycle(is_exam_passed=True), E.NOTHING_TO_OVERRIDE),
    (A.FORCE_RECERTIFICATION, [S.CERTIFIED], {"is_certification_active": False}, E.CERTIFICATION_INACTIVE),
    (A.FORCE_RECERTIFICATION, [S.LAPSED], {"has_published_version": False}, E.NO_PUBLISHED_VERSION),
    (A.RESTORE_ACCESS, [S.DISALLOWED, S.REVOKED], {"is_certification_active": False}, E.CERTIFICATION_INACTIVE),
    (A.RESTORE_ACCESS, [S.DISALLOWED, S.REVOKED], {"has_published_version": False}, E.NO_PUBLISHED_VERSION),
    (A.RECORD_EXAM_RESULT, [S.IN_PROGRESS], cycle(is_exam_passed=True), E.EXAM_PASSED),
    (A.RECORD_EXAM_RESULT, [S.PENDING_APPROVAL], cycle(is_exam_waiting=True), E.EXAM_AWAITING_APPROVAL),
    (A.RECORD_EXAM_RESULT, [S.IN_PROGRESS], cycle(attempts_allowed=1, attempts_used=1), E.NO_ATTEMPTS_LEFT),
    (A.RECORD_PAYMENT, [S.IN_PROGRESS], cycle(fee=FeeStatus.WAIVED), E.ALREADY_WAIVED),
    (A.RECORD_PAYMENT, [S.RECERTIFYING], cycle(fee=FeeStatus.PAID), E.ALREADY_PAID),
    (A.RECORD_PAYMENT, [S.NOT_STARTED], cycle(fee=FeeStatus.NOT_REQUIRED), E.PAYMENT_NOT_REQUIRED),
    (A.ENROL, [S.ASSIGNED], {"is_certification_active": False}, E.CERTIFICATION_INACTIVE),
    (A.ENROL, [S.ASSIGNED], {"has_published_version": False}, E.NO_PUBLISHED_VERSION),
    (A.START, [S.NOT_STARTED], cycle(fee=FeeStatus.UNPAID, fee_due=FeeDue.BEFORE_START), E.PAYMENT_REQUIRED),
    (A.SUBMIT_EVIDENCE, [S.RECERTIFYING], cycle(fee=FeeStatus.UNPAID, fee_due=FeeDue.BEFORE_START), E.PAYMENT_REQUIRED),
    (A.START_EXAM, [S.RECERTIFYING], cycle(fee=FeeStatus.UNPAID, fee_due=FeeDue.BEFORE_START), E.PAYMENT_REQUIRED),
    (A.START_EXAM, [S.IN_PROGRESS, S.RECERTIFYING], cycle(fee=FeeStatus.UNPAID), E.PAYMENT_REQUIRED),
    (
        A.REQUEST_MORE_ATTEMPTS,
        [S.IN_PROGRESS, S.PENDING_APPROVAL, S.RECERTIFYING],
        {"has_attempts_request": True},
        E.ALREADY_REQUESTED,
    ),
    (A.START_EXAM, [S.IN_PROGRESS], cycle(is_exam_passed=True), E.EXAM_PASSED),
    (A.START_EXAM, [S.PENDING_APPROVAL], cycle(is_exam_waiting=True), E.EXAM_AWAITING_APPROVAL),
    (A.START_EXAM, [S.IN_PROGRESS], cycle(has_attempt_open=True), E.EXAM_STARTED),
    (A.START_EXAM, [S.IN_PROGRESS], cycle(attempts_allowed=2, attempts_used=2), E.NO_ATTEMPTS_LEFT),
    (A.START_EXAM, [S.IN_PROGRESS], cycle(steps_open=1), E.TRAINING_OPEN),
    (A.START_RECERTIFICATION, [S.CERTIFIED], {"is_window_open": False}, E.RECERTIFICATION_NOT_OPEN),
    (A.START_RECERTIFICATION, [S.REVOKED, S.LAPSED], {"is_certification_active": False}, E.CERTIFICATION_INACTIVE),
    (A.START_RECERTIFICATION, [S.EXPIRED], {"has_published_version": False}, E.NO_PUBLISHED_VERSION),
    (A.REQUEST_MORE_ATTEMPTS, [S.IN_PROGRESS], cycle(attempts_allowed=2, attempts_used=1), E.ATTEMPTS_LEFT),
    *[
        (action, [status for status in S if GRID[action, status]][:1], {"is_archived": True}, E.RECORD_ARCHIVED)
        for action in A
    ],
    *[
        (action, [status for status in S if LEARNERS_GRID[action, status]], {"has_app_access": False}, E.APP_ACCESS_OFF)
        for action in A
        if (action, S.ASSIGNED) in LEARNERS_GRID
    ],
]


@pytest.mark.parametrize(("action", "statuses", "given", "code"), FOOTNOTES)
def test_a_footnote_stands_against_an_action_and_nothing_else_does(
    action: LearnerCertificationAction,
    statuses: list[LearnerCertificationStatus],
    given: dict[str, Any],
    code: ErrorCode,
) -> None:
    for status in statuses:
        ready = facts_for(action, status)
        changes = {**given, "cycle": replace(ready.cycle, **given.get("cycle", {}))}

        assert codes(action, ROLE[action], ready) == []
        assert codes(action, ROLE[action], replace(ready, **changes)) == [code]


@pytest.mark.parametrize(
    ("action", "status", "given"),
    [
        # footnote 3 is of the cells that bear it alone
        (A.OVERRIDE_PAYMENT, S.NOT_STARTED, {"attempts_used": 1}),
        (A.OVERRIDE_PAYMENT, S.RECERTIFYING, {"attempts_used": 1}),
        (A.REMOVE_ASSIGNMENT, S.ASSIGNED, {"fee": FeeStatus.PAID}),
        # a fee holds up the learner's own steps alone, and each as it is due
        (A.SUBMIT_EVIDENCE, S.IN_PROGRESS, {"fee": FeeStatus.UNPAID, "fee_due": FeeDue.BEFORE_START}),
        (A.SUBMIT_EVIDENCE, S.RECERTIFYING, {"fee": FeeStatus.UNPAID}),
        (A.START, S.NOT_STARTED, {"fee": FeeStatus.UNPAID}),
        (A.START_EXAM, S.IN_PROGRESS, {"fee": FeeStatus.WAIVED, "fee_due": FeeDue.BEFORE_EXAM}),
        (A.RECORD_EXAM_RESULT, S.IN_PROGRESS, {"fee": FeeStatus.UNPAID}),
        (A.RECORD_EXAM_RESULT, S.IN_PROGRESS, {"has_attempt_open": True, "attempts_allowed": 1, "attempts_used": 1}),
        (A.START_EXAM, S.IN_PROGRESS, {"steps_open": 3, "allows_exam_before_training": True}),
    ],
)
def test_a_footnote_stands_against_nothing_that_it_does_not_mean(
    action: LearnerCertificationAction, status: LearnerCertificationStatus, given: dict[str, Any]
) -> None:
    ready = facts_for(action, status)

    assert codes(action, ROLE[action], replace(ready, cycle=replace(ready.cycle, **given))) == []


def test_nobody_learns_for_somebody_else_whatever_their_role() -> None:
    for role in Role:
        told = LEARNER_CERTIFICATIONS[A.START].decide(
            role, replace(facts_for(A.START, S.NOT_STARTED), is_own_record=False)
        )
        assert isinstance(told, Refused)
        [reason] = told.reasons
        assert (reason.code, list(reason.required_roles)) == (E.FORBIDDEN, [])
        assert "to the learner alone" in reason.message


NOW = datetime.fromisoformat("2026-03-02T09:30:15.250001+00:00")
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("expires_in", "lapses_in", "then"),
    [
        (DAY, 3 * DAY, S.CERTIFIED),
        (timedelta(0), DAY, S.EXPIRED),
        (-DAY, timedelta(0), S.LAPSED),
        (timedelta(0), timedelta(0), S.LAPSED),
    ],
)
def test_time_leads_from_certified_to_expired_to_lapsed(expires_in: timedelta, lapses_in: timedelta, then: Any) -> None:
    row = {"expires_at": NOW + expires_in, "lapses_at": NOW + lapses_in}

    assert LEARNER_CERTIFICATIONS.status_at(NOW, S.CERTIFIED, row) is then
    assert LEARNER_CERTIFICATIONS.due_at(S.CERTIFIED, row) == row["expires_at"]
    assert LEARNER_CERTIFICATIONS.due_at(S.EXPIRED, row) == row["lapses_at"]


def test_time_leaves_alone_what_never_expires_and_what_is_worked_on() -> None:
    never = {"expires_at": None, "lapses_at": None}
    over = {"expires_at": NOW - DAY, "lapses_at": NOW - DAY}

    assert LEARNER_CERTIFICATIONS.status_at(NOW, S.CERTIFIED, never) is S.CERTIFIED
    assert LEARNER_CERTIFICATIONS.due_at(S.CERTIFIED, never) == FAR_FUTURE
    for status in set(S) - {S.CERTIFIED, S.EXPIRED}:
        assert LEARNER_CERTIFICATIONS.status_at(NOW, status, over) is status
        assert LEARNER_CERTIFICATIONS.due_at(status, over) == FAR_FUTURE


@pytest.mark.parametrize(
    ("given", "standing"),
    [
        ({}, S.NOT_STARTED),
        ({"is_started": True, "steps_open": 1}, S.IN_PROGRESS),
        ({"is_started": True, "steps_open": 0}, S.IN_PROGRESS),
        ({"is_started": True, "steps_open": 1, "is_exam_passed": True}, S.IN_PROGRESS),
        ({"is_started": True, "steps_open": 1, "steps_waiting": 1}, S.PENDING_APPROVAL),
        ({"is_started": True, "is_exam_waiting": True}, S.PENDING_APPROVAL),
        ({"is_started": True, "steps_open": 1, "steps_waiting": 1, "is_exam_passed": True}, S.PENDING_APPROVAL),
        ({"is_started": True, "is_exam_passed": True}, S.CERTIFIED),
        ({"is_recertification": True, "steps_open": 1}, S.RECERTIFYING),
        ({"is_recertification": True, "is_exam_passed": True}, S.CERTIFIED),
        ({"is_recertification": True, "is_exam_waiting": True}, S.PENDING_APPROVAL),
    ],
)
def test_a_cycle_adds_up_to_a_status(given: dict[str, Any], standing: LearnerCertificationStatus) -> None:
    assert Cycle(**given).standing is standing
