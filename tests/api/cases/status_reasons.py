"""The mutations of the reasons for statuses."""

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.models import status_reasons
from tests.api.cases.shapes import OWNER, CallCase, MutationCase

MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="addStatusReasons",
        roles=OWNER,
        changes=lambda made: {"reasons": [{"title": "Moved away"}]},
        refuses=lambda made: {"reasons": [{"title": ""}]},
        refusal=("INPUT_INVALID",),
        action=HistoryAction.STATUS_REASON_CREATED,
        subject=SubjectKind.STATUS_REASON,
        moves=(None, "ACTIVE"),
    ),
    MutationCase(
        mutation="retireStatusReasons",
        table=status_reasons,
        roles=OWNER,
        changes=lambda made: made.status_reason(),
        refuses=lambda made: made.status_reason(is_active=False),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.STATUS_REASON_RETIRED,
        subject=SubjectKind.STATUS_REASON,
        moves=("ACTIVE", "RETIRED"),
    ),
    MutationCase(
        mutation="reinstateStatusReasons",
        table=status_reasons,
        roles=OWNER,
        changes=lambda made: made.status_reason(is_active=False),
        refuses=lambda made: made.status_reason(),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.STATUS_REASON_REINSTATED,
        subject=SubjectKind.STATUS_REASON,
        moves=("RETIRED", "ACTIVE"),
    ),
)
