"""Organisations, users and the viewer, in plain Python."""

from typing import Any

from portal_api import models
from portal_api.domain.machine import RecordFacts
from portal_api.domain.organisations import ORGANISATIONS, USERS, OrganisationStatus, UserFacts, UserStatus
from portal_api.domain.roles import Role
from tests.oracle.engine import Asking, Noun, joined, owned, searching
from tests.oracle.rows import Row, folded, wire


def _sees_user(asking: Asking, row: Row) -> bool:
    return asking.is_administrator or row.id == asking.viewer.user_id


def _held(asking: Asking, row: Row) -> Row:
    """What a user is in the organisation."""
    return next(each for each in asking.rows["Role"] if each.user_id == row.id)


def _user_actions(asking: Asking, row: Row) -> Any:
    role = _held(asking, row).role
    owners = {each.user_id for each in asking.rows["Role"] if each.role is Role.OWNER}
    status = UserStatus(role) if role else UserStatus.REMOVED
    return USERS.actions(asking.viewer.role, UserFacts(status, is_last_owner=owners == {row.id}))


ORGANISATION = Noun(
    "Organisation",
    "org",
    sees=lambda _, __: True,
    tables={"Organisation": models.organisations},
    fields={
        "actions": lambda asking, _: ORGANISATIONS.actions(asking.viewer.role, RecordFacts(OrganisationStatus.OPEN))
    },
    lists={
        "users": ("User", joined("Role", "organisation_id", "user_id")),
        "groups": ("Group", owned("organisation_id")),
        "history": ("HistoryEntry", owned("subject_id")),
    },
)
USER = Noun(
    "User",
    "usr",
    sees=_sees_user,
    tables={"User": models.users, "Role": models.roles},
    root="user",
    root_list="users",
    fields={
        "role": lambda asking, row: _held(asking, row).role,
        "learner": lambda asking, row: asking.record("Learner", _held(asking, row).learner_id),
        "version": lambda asking, row: _held(asking, row).version,
        "actions": _user_actions,
    },
    lists={
        "tokens": ("IntegrationToken", owned("user_id")),
        "history": ("HistoryEntry", owned("subject_id")),
    },
    keys={"id": "usr", "learnerId": "lrn"},
    compared={
        "hasRole": lambda asking, row: _held(asking, row).role is not None,
        "learnerId": lambda asking, row: _held(asking, row).learner_id,
    },
    conditions={"search": searching(lambda _, row: [row.name, row.email, row.external_ref])},
    orders={"NAME": lambda row: folded(row.name), "CREATED_AT": lambda row: wire(row.created_at)},
)


def viewer(_: Any, info: Any) -> dict[str, Any]:
    """Answers `viewer`."""
    asking: Asking = info.context
    own = asking.viewer
    return {
        "role": own.role,
        "organisation": asking.record("Organisation", own.organisation_id),
        "user": asking.record("User", own.user_id),
        "learner": asking.record("Learner", own.learner_id),
        "limits": {"recordsPerChange": 1_000, "pageSize": 1_000, "nestedPageSize": 100},
    }
