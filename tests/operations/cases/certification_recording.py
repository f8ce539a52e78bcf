"""The documents that record what learners did for their certifications, and decide what they wait for."""

from portal_api.domain.certifications import LearnerCertificationStatus
from portal_api.domain.roles import Role
from portal_api.models import approvals
from tests.api.cases.certification_recording import steps_of
from tests.factories import Record
from tests.operations.cases.shape import Case
from tests.operations.scene import Scene

S = LearnerCertificationStatus


def _named(record: Record, **given: object) -> dict[str, object]:
    return {"learnerCertificationId": record.gid, **given}


def _step(scene: Scene) -> str:
    return steps_of(scene.organisation, scene.records[S.IN_PROGRESS])[0].gid


def _evidence(scene: Scene) -> str:
    """What the Learner waits for."""
    made = scene.organisation
    return next(made.record(row["id"]).gid for row in made.rows[approvals] if row["learner_id"] == scene.learner.id)


CASES: dict[str, Case] = {
    "integration/steps_to_record": Case(
        ("certification.versions.nodes", "learnerCertification.status"),
        lambda scene: {
            "certification": scene.certification["external_ref"],
            "record": scene.records[S.IN_PROGRESS]["external_ref"],
        },
    ),
    "integration/record_step_completions": Case(
        ("recordStepCompletions.results", "recordStepCompletions.counts.changed"),
        lambda scene: {
            "input": {
                "completions": [_named(scene.records[S.IN_PROGRESS], stepId=_step(scene), path="TEST_OUT", passed=True)]
            }
        },
    ),
    "integration/record_exam_results": Case(
        ("recordExamResults.results", "recordExamResults.counts.changed"),
        lambda scene: {"input": {"results": [_named(scene.records[S.RECERTIFYING], passed=True, score=85)]}},
    ),
    "integration/record_payments": Case(
        ("recordPayments.results", "recordPayments.counts.changed"),
        lambda scene: {"input": {"payments": [_named(scene.records[S.NOT_STARTED], paymentRef="INV-2031")]}},
    ),
    "admin_console/decide_approvals": Case(
        ("decideApprovals.results", "decideApprovals.counts.changed"),
        lambda scene: {"input": {"ids": [_evidence(scene)], "decision": "APPROVE", "attempts": 2}},
        others_who_may=(Role.MANAGER,),
    ),
    "manager_dashboard/decide_approvals": Case(
        ("decideApprovals.results", "decideApprovals.counts.changed"),
        lambda scene: {"input": {"ids": [_evidence(scene)], "decision": "DENY", "comment": "No photographs."}},
    ),
}
