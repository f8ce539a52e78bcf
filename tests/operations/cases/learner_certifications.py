"""The documents about learners' certifications and what awaits approval."""

from portal_api.domain.certifications import LearnerCertificationStatus
from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.models import assignment_sources
from tests.factories import Record
from tests.operations.cases.shape import Case, Variables, on
from tests.operations.scene import Scene

S = LearnerCertificationStatus


def _somebody(scene: Scene) -> str:
    """A learner who is not in the certification yet."""
    return global_id("lrn", scene.records[S.LAPSED]["learner_id"])


def _source(scene: Scene, record: Record) -> str:
    """What brought a record about."""
    rows = scene.organisation.rows[assignment_sources]
    return next(global_id("asg", row["id"]) for row in rows if row["learner_certification_id"] == record.id)


def _step(scene: Scene, record: Record) -> str:
    """A training step of the version under which a record was laid out."""
    made = scene.organisation
    return made.steps_of(made.version_of(record))[0].gid


def _own(mutation: str, given: Variables, others: tuple[Role, ...] = ()) -> Case:
    """Something that a learner does for themselves; so can others who are linked to a learner record."""
    return Case(
        (f"{mutation}.results", f"{mutation}.counts.changed"),
        lambda scene: {"input": {"idempotencyKey": "from the app", **given(scene)}},
        others_who_may=others,
    )


CASES: dict[str, Case] = {
    "admin_console/learner_certification_ids": Case(
        ("learnerCertificationIds.ids", "learnerCertificationIds.totalCount")
    ),
    "learner_app/my_certifications": Case(
        ("viewer.learner.certifications.nodes", "viewer.learner.certifications.totalCount")
    ),
    "admin_console/certification_learners": Case(
        ("learnerCertifications.nodes", "learnerCertifications.totalCount"),
        lambda scene: {
            "filter": {"certificationId": {"eq": scene.certification.gid}},
            "orderBy": [{"field": "ASSIGNED_AT", "direction": "DESC"}],
        },
    ),
    "admin_console/approvals": Case(("approvals.nodes", "approvals.totalCount")),
    "manager_dashboard/approvals": Case(("approvals.nodes", "approvals.totalCount")),
    "manager_dashboard/team_certifications": Case(
        ("learnerCertifications.nodes", "learnerCertifications.totalCount"),
        lambda scene: {"filter": {"isAwaitingApproval": {"eq": True}}},
    ),
    "manager_dashboard/certification_matrix": Case(
        ("certifications.nodes", "learners.nodes", "learners.totalCount"),
        lambda scene: {"learners": {"reportsTo": {"manager": scene.organisation.own[Role.MANAGER].gid}}},
    ),
    "manager_dashboard/certification_insights": Case(
        (
            "certificationInsights.byStatus",
            "certificationInsights.byCertification",
            "certificationInsights.learnerCertifications.nodes",
            "approvalInsights.byKind",
            "approvalInsights.approvals.nodes",
        )
    ),
    "admin_console/certification_insights": Case(
        (
            "certificationInsights.byStatus",
            "certificationInsights.learnerCertifications.pageInfo.endCursor",
        ),
        lambda scene: {"filter": {"status": {"notIn": ["REVOKED"]}}},
    ),
    "admin_console/approval_insights": Case(
        ("approvalInsights.totalCount", "approvalInsights.byKind", "approvalInsights.oldest.nodes")
    ),
    "admin_console/certification_learners_tab": Case(
        (
            "certification.learnerCertifications.nodes",
            "certification.approvals.nodes",
            "certificationInsights.byStatus",
        ),
        lambda scene: {
            "id": scene.certification.gid,
            "filter": {"isAwaitingApproval": {"eq": True}},
            "insights": {"certificationId": {"eq": scene.certification.gid}},
        },
    ),
    "admin_console/override_payment": Case(
        ("overridePayment.results", "overridePayment.counts.changed"), on(lambda scene: scene.records[S.NOT_STARTED])
    ),
    "admin_console/override_training": Case(
        ("overrideTraining.results", "overrideTraining.counts.changed"), on(lambda scene: scene.records[S.IN_PROGRESS])
    ),
    "admin_console/override_exam": Case(
        ("overrideExam.results", "overrideExam.counts.changed"), on(lambda scene: scene.records[S.PENDING_APPROVAL])
    ),
    "admin_console/revoke_access": Case(
        ("revokeAccess.results", "revokeAccess.counts.changed"), on(lambda scene: scene.records[S.RECERTIFYING])
    ),
    "admin_console/force_recertification": Case(
        ("forceRecertification.results", "forceRecertification.counts.changed"),
        on(lambda scene: scene.records[S.CERTIFIED]),
    ),
    "admin_console/permanently_revoke": Case(
        ("permanentlyRevoke.results", "permanentlyRevoke.counts.changed"), on(lambda scene: scene.records[S.CERTIFIED])
    ),
    "admin_console/restore_access": Case(
        ("restoreAccess.results", "restoreAccess.counts.changed"), on(lambda scene: scene.records[S.DISALLOWED])
    ),
    "admin_console/assign_certification": Case(
        ("assignCertification.results", "assignCertification.counts.changed"),
        lambda scene: {"input": {"certificationId": scene.certification.gid, "learnerIds": [_somebody(scene)]}},
    ),
    "admin_console/remove_assignments": Case(
        ("removeAssignments.results", "removeAssignments.counts.changed"),
        lambda scene: {"input": {"ids": [_source(scene, scene.records[S.ASSIGNED])]}},
    ),
    "learner_app/my_certification": Case(
        (
            "learnerCertification.cycle.steps.nodes",
            "learnerCertification.attempts.nodes",
            "learnerCertification.sources.nodes",
            "learnerCertification.actions",
        ),
        lambda scene: {"id": scene.mine["at work"].gid},
    ),
    "learner_app/enrol_in_certification": _own(
        "enrolInCertification", lambda scene: {"certificationId": scene.mine["open"].gid}, (Role.MANAGER,)
    ),
    "learner_app/request_access": _own(
        "requestAccess",
        lambda scene: {"certificationId": scene.mine["on request"].gid, "text": "I need it for work."},
        (Role.MANAGER,),
    ),
    "learner_app/start_certification": _own("startCertification", lambda scene: {"id": scene.mine["to start"].gid}),
    "learner_app/submit_evidence": _own(
        "submitEvidence",
        lambda scene: {
            "id": scene.mine["at work"].gid,
            "stepId": _step(scene, scene.mine["at work"]),
            "text": "I have done it.",
            "links": ["https://files.example.org/report.pdf"],
        },
    ),
    "learner_app/start_exam": _own("startExam", lambda scene: {"id": scene.mine["ready for the exam"].gid}),
    "learner_app/start_recertification": _own("startRecertification", lambda scene: {"id": scene.mine["lapsed"].gid}),
    "learner_app/request_more_attempts": _own(
        "requestMoreAttempts", lambda scene: {"id": scene.mine["out of attempts"].gid}
    ),
}
