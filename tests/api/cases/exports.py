"""The mutations of exports."""

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.roles import Role
from tests.api.cases.shapes import ADMINISTRATORS, CallCase, MutationCase, beside

MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="requestExport",
        roles=ADMINISTRATORS | {Role.MANAGER},
        changes=lambda made: {"learners": {"filter": {"status": {"eq": "ACTIVE"}}}},
        refuses=lambda made: beside([made.export(made.staff[Role.ADMIN]) for _ in range(5)], {"learners": {}}),
        refusal=("LIMIT_EXCEEDED",),
        action=HistoryAction.EXPORT_REQUESTED,
        subject=SubjectKind.EXPORT,
        moves=(None, "QUEUED"),
        other={"learners": {}},
    ),
)
