"""The mutations of groups."""

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.models import groups
from tests.api.cases.shapes import OWNER, CallCase, MutationCase, beside

TESTS = [{"attribute": "region", "values": ["North", "South"]}]
MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="createGroup",
        roles=OWNER,
        changes=lambda made: {"name": "Up and down", "conditions": TESTS},
        refuses=lambda made: beside([made.group() for _ in range(500)], {"name": "One more", "conditions": TESTS}),
        refusal=("LIMIT_EXCEEDED",),
        action=HistoryAction.GROUP_CREATED,
        subject=SubjectKind.GROUP,
        moves=(None, "ACTIVE"),
        other={"name": "Another"},
    ),
    CallCase(
        mutation="updateGroup",
        table=groups,
        roles=OWNER,
        changes=lambda made: {"id": made.group().gid, "conditions": TESTS},
        refuses=lambda made: {"id": made.group(is_active=False).gid, "conditions": TESTS},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.GROUP_UPDATED,
        subject=SubjectKind.GROUP,
        moves=("ACTIVE", "ACTIVE"),
        changed_fields=("conditions",),
    ),
    MutationCase(
        mutation="retireGroups",
        table=groups,
        roles=OWNER,
        changes=lambda made: made.group(),
        refuses=lambda made: made.group(is_active=False),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.GROUP_RETIRED,
        subject=SubjectKind.GROUP,
        moves=("ACTIVE", "RETIRED"),
    ),
    MutationCase(
        mutation="reinstateGroups",
        table=groups,
        roles=OWNER,
        changes=lambda made: made.group(is_active=False),
        refuses=lambda made: made.group(),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.GROUP_REINSTATED,
        subject=SubjectKind.GROUP,
        moves=("RETIRED", "ACTIVE"),
    ),
)
