"""Organisations, users and the viewer, in plain Python."""

from typing import Any

from portal_api import models
from tests.oracle.engine import Asking, Noun
from tests.oracle.rows import Row


def _sees_user(asking: Asking, row: Row) -> bool:
    return asking.is_administrator or row.id == asking.viewer.user_id


ORGANISATION = Noun("Organisation", "org", sees=lambda _, __: True, tables={"Organisation": models.organisations})
USER = Noun("User", "usr", sees=_sees_user, tables={"User": models.users, "Role": models.roles})


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
