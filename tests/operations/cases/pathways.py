"""The documents about pathways and enrolments in them."""

from tests.operations.cases.shape import Case, on

CASES: dict[str, Case] = {
    "admin_console/pathways": Case(
        ("pathways.nodes", "pathways.totalCount"), lambda scene: {"filter": {"search": "pathway"}}
    ),
    "admin_console/pathway": Case(
        ("pathway.steps.nodes", "pathway.actions"), lambda scene: {"externalRef": scene.pathway["external_ref"]}
    ),
    "admin_console/create_pathway": Case(
        ("createPathway.results", "createPathway.counts.changed"),
        lambda scene: {"input": {"title": "Induction", "kind": "LINEAR", "seriesIds": [scene.other.gid]}},
    ),
    "admin_console/update_pathway": Case(
        ("updatePathway.results", "updatePathway.counts.changed"),
        lambda scene: {"input": {"id": scene.fresh.gid, "kind": "INTERLEAVED"}},
    ),
    "admin_console/retire_pathways": Case(
        ("retirePathways.results", "retirePathways.counts.changed"), on(lambda scene: scene.pathway)
    ),
    "admin_console/reinstate_pathways": Case(
        ("reinstatePathways.results", "reinstatePathways.counts.changed"), on(lambda scene: scene.retired_pathway)
    ),
    "admin_console/enrolments_of_pathway": Case(
        ("pathwayEnrolments.nodes", "pathwayEnrolments.pageInfo.endCursor"),
        lambda scene: {"pathway": scene.pathway.gid, "statuses": ["IN_PROGRESS"]},
    ),
    "admin_console/pathway_enrolment": Case(
        ("pathwayEnrolment.seriesEnrolments.nodes", "pathwayEnrolment.actions"), lambda scene: {"id": scene.walk.gid}
    ),
    "admin_console/pathway_enrolment_ids": Case(
        ("pathwayEnrolmentIds.ids", "pathwayEnrolmentIds.totalCount"),
        lambda scene: {"filter": {"pathwayId": {"eq": scene.pathway.gid}}},
    ),
    "admin_console/enrol_in_pathway": Case(
        ("enrolInPathway.results", "enrolInPathway.counts.changed"),
        lambda scene: {"input": {"pathwayId": scene.fresh.gid, "learnerIds": [scene.learner.gid]}},
    ),
    "admin_console/withdraw_pathway_enrolments": Case(
        ("withdrawPathwayEnrolments.results", "withdrawPathwayEnrolments.counts.changed"),
        on(lambda scene: scene.walk, reason="NO_LONGER_REQUIRED"),
    ),
    "learner_app/my_pathways": Case(
        ("viewer.learner.pathwayEnrolments.nodes", "viewer.learner.pathwayEnrolments.totalCount")
    ),
    "manager_dashboard/team_pathways": Case(
        ("pathwayEnrolments.nodes", "pathwayEnrolments.totalCount"), lambda scene: {"statuses": ["IN_PROGRESS"]}
    ),
}
