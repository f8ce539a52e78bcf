"""The mutations of pathways."""

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.models import pathways
from tests.api.cases.shapes import ADMINISTRATORS, CallCase, MutationCase

MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="createPathway",
        roles=ADMINISTRATORS,
        changes=lambda made: {
            "title": "From the start",
            "kind": "LINEAR",
            "seriesIds": [made.series().gid, made.series().gid],
        },
        refuses=lambda made: {"title": "Again", "kind": "INTERLEAVED", "seriesIds": [made.series(is_active=False).gid]},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.PATHWAY_CREATED,
        subject=SubjectKind.PATHWAY,
        moves=(None, "ACTIVE"),
        other={"title": "Another"},
    ),
    CallCase(
        mutation="updatePathway",
        table=pathways,
        roles=ADMINISTRATORS,
        changes=lambda made: {"id": made.pathway(made.series()).gid, "title": "Called otherwise"},
        refuses=lambda made: {"id": made.pathway(made.series(), is_active=False).gid, "title": "Called otherwise"},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.PATHWAY_UPDATED,
        subject=SubjectKind.PATHWAY,
        moves=("ACTIVE", "ACTIVE"),
        changed_fields=("title",),
    ),
    MutationCase(
        mutation="retirePathways",
        table=pathways,
        roles=ADMINISTRATORS,
        changes=lambda made: made.pathway(made.series()),
        refuses=lambda made: made.pathway(made.series(), is_active=False),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.PATHWAY_RETIRED,
        subject=SubjectKind.PATHWAY,
        moves=("ACTIVE", "RETIRED"),
    ),
    MutationCase(
        mutation="reinstatePathways",
        table=pathways,
        roles=ADMINISTRATORS,
        changes=lambda made: made.pathway(made.series(), is_active=False),
        refuses=lambda made: made.pathway(made.series()),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.PATHWAY_REINSTATED,
        subject=SubjectKind.PATHWAY,
        moves=("RETIRED", "ACTIVE"),
    ),
)
