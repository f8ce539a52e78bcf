"""The mutations of learning resources."""

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.models import resources
from tests.api.cases.shapes import ADMINISTRATORS, CallCase, MutationCase

MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="createResources",
        roles=ADMINISTRATORS,
        changes=lambda made: {"resources": [{"title": "Plan", "url": "https://files.example.org/plan"}]},
        refuses=lambda made: {"resources": [{"title": "Plan", "url": "http://files.example.org/plan"}]},
        refusal=("INPUT_INVALID",),
        action=HistoryAction.RESOURCE_CREATED,
        subject=SubjectKind.RESOURCE,
        moves=(None, "ACTIVE"),
    ),
    CallCase(
        mutation="updateResource",
        table=resources,
        roles=ADMINISTRATORS,
        changes=lambda made: {"id": made.resource().gid, "title": "Called otherwise"},
        refuses=lambda made: {"id": made.resource(is_active=False).gid, "title": "Called otherwise"},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.RESOURCE_UPDATED,
        subject=SubjectKind.RESOURCE,
        moves=("ACTIVE", "ACTIVE"),
        changed_fields=("title",),
    ),
    MutationCase(
        mutation="retireResources",
        table=resources,
        roles=ADMINISTRATORS,
        changes=lambda made: made.resource(),
        refuses=lambda made: made.resource(is_active=False),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.RESOURCE_RETIRED,
        subject=SubjectKind.RESOURCE,
        moves=("ACTIVE", "RETIRED"),
    ),
    MutationCase(
        mutation="reinstateResources",
        table=resources,
        roles=ADMINISTRATORS,
        changes=lambda made: made.resource(is_active=False),
        refuses=lambda made: made.resource(),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.RESOURCE_REINSTATED,
        subject=SubjectKind.RESOURCE,
        moves=("RETIRED", "ACTIVE"),
    ),
)
