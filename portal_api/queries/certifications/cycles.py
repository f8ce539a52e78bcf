"""The cycles of learners' certifications, how far their steps are, and the attempts at the exam: what each field reads."""

from sqlalchemy import ColumnElement, case, null, select

from portal_api.models import (
    certification_cycles,
    certification_steps,
    certification_versions,
    exam_attempts,
    step_progress,
)
from portal_api.planner.declare import Column, Connection, Key, Source, ToOne
from portal_api.queries import scope

_own = certification_cycles.c
_version = certification_versions.alias("version_of_cycle")
_is_version = (
    _version.c.organisation_id == _own.organisation_id,
    _version.c.id == _own.certification_version_id,
)
ATTEMPTS_ALLOWED = (
    select(_version.c.attempt_limit + _own.attempts_granted)
    .where(*_is_version)
    .correlate(certification_cycles)
    .scalar_subquery()
)
_CURRENCY: ColumnElement[str | None] = case(
    (
        _own.fee.is_not(None),
        select(_version.c.currency).where(*_is_version).correlate(certification_cycles).scalar_subquery(),
    ),
    else_=null(),
)

CERTIFICATION_CYCLE = Source(
    type="CertificationCycle",
    prefix="ccy",
    table=certification_cycles,
    scope=scope.CERTIFICATION_CYCLES,
    fields={
        "id": Key(),
        "number": Column(_own.number),
        "isRecertification": Column(_own.is_recertification),
        "openedAt": Column(_own.opened_at),
        "startedAt": Column(_own.started_at),
        "closedAt": Column(_own.closed_at),
        "outcome": Column(_own.outcome),
        "certificationVersion": ToOne("CertificationVersion", _own.certification_version_id),
        "feeStatus": Column(_own.fee_status),
        "fee": Column(_own.fee),
        "currency": Column(_CURRENCY, is_nullable=True),
        "feeSettledAt": Column(_own.fee_settled_at),
        "feeSettledBy": ToOne("User", _own.fee_settled_by),
        "stepsOpen": Column(_own.steps_open),
        "attemptsUsed": Column(_own.attempts_used),
        "attemptsAllowed": Column(ATTEMPTS_ALLOWED, is_nullable=True),
        "examPassedAt": Column(_own.exam_passed_at),
        "isExamOverridden": Column(_own.is_exam_overridden),
        "steps": Connection("StepProgress", step_progress.c.certification_cycle_id),
    },
    orders={"NUMBER": _own.number},
    default_order=(("NUMBER", False),),
)

_step = certification_steps.alias("step_of_progress")
_POSITION = (
    select(_step.c.position)
    .where(
        _step.c.organisation_id == step_progress.c.organisation_id,
        _step.c.id == step_progress.c.certification_step_id,
    )
    .correlate(step_progress)
    .scalar_subquery()
)

STEP_PROGRESS = Source(
    type="StepProgress",
    prefix="stp",
    table=step_progress,
    scope=scope.STEP_PROGRESS,
    fields={
        "id": Key(),
        "step": ToOne("CertificationStep", step_progress.c.certification_step_id),
        "status": Column(step_progress.c.status),
        "path": Column(step_progress.c.path),
        "isOverridden": Column(step_progress.c.is_overridden),
        "doneAt": Column(step_progress.c.done_at),
        "testOut": Column(step_progress.c.test_out),
        "testedOutAt": Column(step_progress.c.tested_out_at),
    },
    orders={"POSITION": _POSITION},
    default_order=(("POSITION", False),),
)

EXAM_ATTEMPT = Source(
    type="ExamAttempt",
    prefix="att",
    table=exam_attempts,
    scope=scope.EXAM_ATTEMPTS,
    fields={
        "id": Key(),
        "number": Column(exam_attempts.c.number),
        "status": Column(exam_attempts.c.status),
        "startedAt": Column(exam_attempts.c.started_at),
        "endedAt": Column(exam_attempts.c.ended_at),
        "score": Column(exam_attempts.c.score),
        "cycle": ToOne("CertificationCycle", exam_attempts.c.certification_cycle_id),
    },
)
