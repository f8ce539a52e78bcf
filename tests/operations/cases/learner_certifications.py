"""The documents about learners' certifications and what awaits approval."""

from tests.operations.cases.shape import Case

CASES: dict[str, Case] = {
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
}
