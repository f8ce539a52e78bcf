"""The mutations of the organisation itself."""

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.models import organisations
from tests.api.cases.shapes import OWNER, CallCase, MutationCase

MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="updateOrganisation",
        table=organisations,
        roles=OWNER,
        changes=lambda made: {"id": made.itself.gid, "name": "Te Kura"},
        refuses=lambda made: {"id": made.itself.gid, "name": "Te Kura", "expectedVersion": 7},
        refusal=("CHANGED_MEANWHILE",),
        action=HistoryAction.ORGANISATION_UPDATED,
        subject=SubjectKind.ORGANISATION,
        moves=("OPEN", "OPEN"),
        changed_fields=("name",),
    ),
)
