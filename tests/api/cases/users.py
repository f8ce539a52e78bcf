"""The mutations of users and their roles."""

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.roles import Role
from portal_api.models import users
from tests.api.cases.shapes import OWNER, CallCase, MutationCase

PERSON = {"name": "Ana Mira", "email": "ana.mira@example.org", "role": "ADMIN"}
MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="createUsers",
        roles=OWNER,
        changes=lambda made: {"users": [PERSON]},
        refuses=lambda made: {"users": [{**PERSON, "role": "INTEGRATION"}]},
        refusal=("INPUT_INVALID",),
        action=HistoryAction.USER_CREATED,
        subject=SubjectKind.USER,
        moves=(None, "ADMIN"),
    ),
    CallCase(
        mutation="createIntegrations",
        roles=OWNER,
        changes=lambda made: {"integrations": [{"name": "Content player"}]},
        refuses=lambda made: {"integrations": [{"name": " "}]},
        refusal=("INPUT_INVALID",),
        action=HistoryAction.USER_CREATED,
        subject=SubjectKind.USER,
        moves=(None, "INTEGRATION"),
    ),
    CallCase(
        mutation="assignRole",
        table=users,
        roles=OWNER,
        changes=lambda made: {"id": made.user(Role.TRAINER).gid, "role": "MANAGER"},
        refuses=lambda made: {"id": made.user(Role.INTEGRATION).gid, "role": "MANAGER"},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.USER_ROLE_ASSIGNED,
        subject=SubjectKind.USER,
        moves=("TRAINER", "MANAGER"),
    ),
    CallCase(
        mutation="removeRole",
        table=users,
        roles=OWNER,
        changes=lambda made: {"id": made.user(Role.TRAINER).gid},
        refuses=lambda made: {"id": made.staff[Role.OWNER].gid},
        refusal=("LAST_OWNER",),
        action=HistoryAction.USER_ROLE_REMOVED,
        subject=SubjectKind.USER,
        moves=("TRAINER", "REMOVED"),
    ),
    CallCase(
        mutation="linkLearner",
        table=users,
        roles=OWNER,
        changes=lambda made: {"id": made.user(Role.TRAINER).gid, "learnerId": made.learner().gid},
        refuses=lambda made: {"id": made.user(Role.INTEGRATION).gid, "learnerId": made.learner().gid},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.USER_LEARNER_LINKED,
        subject=SubjectKind.USER,
        moves=("TRAINER", "TRAINER"),
        changed_fields=("learner",),
    ),
)
