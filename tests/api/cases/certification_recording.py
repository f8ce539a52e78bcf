"""The mutations that record what learners did for their certifications."""

from typing import Any

from portal_api.domain.certifications import FeeDue, LearnerCertificationStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.models import certification_steps, certification_versions
from tests.api.cases.learner_certifications import record_at
from tests.api.cases.shapes import RECORDERS, CallCase, MutationCase
from tests.client import Json
from tests.factories import Organisation, Record

S = LearnerCertificationStatus
_FEE: dict[str, Any] = {"initial_fee": 5_000, "fee_due": FeeDue.BEFORE_EXAM}


def steps_of(made: Organisation, record: Record) -> list[Record]:
    """The training steps of the certification that a record is of, version by version."""
    versions = {
        row["id"] for row in made.rows[certification_versions] if row["certification_id"] == record["certification_id"]
    }
    return [
        made.record(row["id"]) for row in made.rows[certification_steps] if row["certification_version_id"] in versions
    ]


def _completion(made: Organisation, record: Record) -> Json:
    step, *_ = steps_of(made, record)
    return {"completions": [{"learnerCertificationId": record.gid, "stepId": step.gid, "path": "ONLINE"}]}


def _result(record: Record) -> Json:
    return {"results": [{"learnerCertificationId": record.gid, "passed": False, "score": 40}]}


def _payment(record: Record) -> Json:
    return {"payments": [{"learnerCertificationId": record.gid, "paymentRef": "INV-1"}]}


def _case(
    mutation: str, changes: Any, refuses: Any, refusal: str, action: HistoryAction, moves: tuple[str, str]
) -> CallCase:
    return CallCase(
        mutation=mutation,
        roles=RECORDERS,
        changes=changes,
        refuses=refuses,
        refusal=(refusal,),
        action=action,
        subject=SubjectKind.LEARNER_CERTIFICATION,
        moves=moves,
    )


MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    _case(
        "recordStepCompletions",
        lambda made: _completion(made, record_at(made, S.IN_PROGRESS)),
        lambda made: _completion(made, record_at(made, S.NOT_STARTED)),
        "STATUS_NOT_ALLOWED",
        HistoryAction.LEARNER_CERTIFICATION_STEP_COMPLETED,
        ("IN_PROGRESS", "IN_PROGRESS"),
    ),
    _case(
        "recordExamResults",
        lambda made: _result(record_at(made, S.RECERTIFYING)),
        lambda made: _result(record_at(made, S.CERTIFIED)),
        "STATUS_NOT_ALLOWED",
        HistoryAction.LEARNER_CERTIFICATION_EXAM_FAILED,
        ("RECERTIFYING", "RECERTIFYING"),
    ),
    _case(
        "recordPayments",
        lambda made: _payment(record_at(made, S.NOT_STARTED, **_FEE)),
        lambda made: _payment(record_at(made, S.NOT_STARTED)),
        "PAYMENT_NOT_REQUIRED",
        HistoryAction.LEARNER_CERTIFICATION_PAID,
        ("NOT_STARTED", "NOT_STARTED"),
    ),
)
