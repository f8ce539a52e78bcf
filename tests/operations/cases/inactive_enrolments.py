"""The documents about learners with inactive enrolments, and about the lifecycle."""

from tests.operations.cases.shape import Case, on

CASES: dict[str, Case] = {
    "admin_console/learners_with_inactive_enrolments": Case(
        ("learnersWithInactiveEnrolments.nodes", "learnersWithInactiveEnrolments.totalCount")
    ),
    "admin_console/deactivate_learners_with_inactive_enrolments": Case(
        (
            "deactivateLearnersWithInactiveEnrolments.results",
            "deactivateLearnersWithInactiveEnrolments.counts.changed",
        ),
        on(lambda scene: scene.left),
    ),
    "admin_console/lifecycle_board": Case(("lifecycleBoard.stages",)),
}
