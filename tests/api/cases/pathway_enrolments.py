"""The mutations of enrolments in pathways."""

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.pathways import PathwayEnrolmentStatus
from portal_api.models import pathway_enrolments
from tests.api.cases.shapes import ADMINISTRATORS, CallCase, MutationCase

MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="enrolInPathway",
        roles=ADMINISTRATORS,
        changes=lambda made: {
            "pathwayId": made.pathway(made.series(), made.series()).gid,
            "learnerIds": [made.learner().gid],
        },
        refuses=lambda made: {
            "pathwayId": made.pathway(made.series()).gid,
            "learnerIds": [made.learner(is_active=False).gid],
        },
        refusal=("LEARNER_INACTIVE",),
        action=HistoryAction.PATHWAY_ENROLMENT_CREATED,
        subject=SubjectKind.PATHWAY_ENROLMENT,
        moves=(None, "IN_PROGRESS"),
    ),
    MutationCase(
        mutation="withdrawPathwayEnrolments",
        table=pathway_enrolments,
        roles=ADMINISTRATORS,
        changes=lambda made: made.pathway_enrolment(made.learner(), made.pathway(made.series(), made.series())),
        refuses=lambda made: made.pathway_enrolment(
            made.learner(), made.pathway(made.series()), PathwayEnrolmentStatus.COMPLETED
        ),
        refusal=("STATUS_NOT_ALLOWED",),
        input={"reason": "ENROLMENT_ERROR", "note": "Wrong pathway"},
        other_inputs=({"reason": "USER_DEACTIVATED"}, {"note": "wrong pathway"}, {"note": None}),
        action=HistoryAction.PATHWAY_ENROLMENT_WITHDRAWN,
        subject=SubjectKind.PATHWAY_ENROLMENT,
        moves=("IN_PROGRESS", "WITHDRAWN"),
    ),
)
