"""Learners, in plain Python."""

from collections.abc import Callable, Mapping
from typing import Any

from portal_api import models
from portal_api.domain.learners import LEARNERS, LearnerFacts, notices
from portal_api.domain.roles import Role
from tests.oracle.engine import Asking, Noun, joined, owned, reporting, searching
from tests.oracle.groups import in_group
from tests.oracle.rows import FAR_FUTURE, Row, folded, wire

LONG_AGO = "1900-01-01T00:00:00.000000Z"


def _sees(asking: Asking, row: Row) -> bool:
    return asking.viewer.role is Role.INTEGRATION or asking.knows(row.id)


def _actions(asking: Asking, row: Row) -> Any:
    is_owner_record = any(each.role is Role.OWNER and each.learner_id == row.id for each in asking.rows["Role"])
    is_own_record = row.id == asking.viewer.learner_id
    return LEARNERS.actions(
        asking.viewer.role, LearnerFacts(row.status, is_owner_record, row.has_app_access, is_own_record)
    )


def _special_requirements(asking: Asking, row: Row) -> dict[str, Any] | None:
    """That there is something to be heeded, everybody may know."""
    text, is_private = row.special_requirements, row.special_requirements_are_private
    is_told = asking.is_administrator or not is_private
    return None if text is None else {"text": text if is_told else None, "isPrivate": is_private}


def _attributes(asking: Asking, row: Row) -> list[dict[str, str]]:
    own = [each for each in asking.rows["LearnerAttribute"] if each.learner_id == row.id]
    return [{"name": each.name, "value": each.value} for each in sorted(own, key=lambda each: each.name)]


def _intervals(asking: Asking, row: Row) -> list[Row]:
    """In the order of time; of two that begin together, the one that has ended first."""
    own = [each for each in asking.rows["ActivityInterval"] if each.learner_id == row.id]
    return sorted(own, key=lambda each: (each.active_from, wire(each.active_until) or FAR_FUTURE))


def _with_attribute(asking: Asking, given: Mapping[str, str]) -> Callable[[Row], bool]:
    return lambda row: asking.is_administrator and dict(given) in _attributes(asking, row)


def _to_administrators(read: Callable[[Asking, Row], Any]) -> Callable[[Asking, Row], Any]:
    return lambda asking, row: read(asking, row) if asking.is_administrator else None


def texts(_: Asking, row: Row) -> list[str]:
    """Where a search looks for words."""
    return [row.given_name, row.family_name, row.email, row.external_ref]


LEARNER = Noun(
    "Learner",
    "lrn",
    sees=_sees,
    tables={
        "Learner": models.learners,
        "LearnerAttribute": models.learner_attributes,
        "ActivityInterval": models.activity_intervals,
    },
    root="learner",
    root_list="learners",
    fields={
        "manager": lambda asking, row: asking.record("Learner", row.manager_id),
        "deactivationReason": _to_administrators(lambda _, row: row.deactivation_reason),
        "deactivationNote": _to_administrators(lambda _, row: row.deactivation_note),
        "specialRequirements": _special_requirements,
        "attributes": _to_administrators(_attributes),
        "activityIntervals": _to_administrators(_intervals),
        "notices": lambda _, row: notices(row.status, row.deactivated_at),
        "actions": _actions,
    },
    lists={
        "reports": ("Learner", owned("manager_id")),
        "seriesEnrolments": ("SeriesEnrolment", owned("learner_id")),
        "pathwayEnrolments": ("PathwayEnrolment", owned("learner_id")),
        "openRecords": ("OpenRecord", owned("learner_id")),
        "groups": ("Group", joined("GroupMember", "learner_id", "group_id")),
        "history": ("HistoryEntry", owned("subject_id")),
    },
    keys={"id": "lrn", "managerId": "lrn"},
    compared={"hasSpecialRequirements": lambda _, row: row.special_requirements is not None},
    conditions={
        "attribute": _with_attribute,
        "groupId": in_group(lambda row: row.id),
        "reportsTo": reporting(lambda row: row.id),
        "search": searching(texts),
    },
    orders={
        "FAMILY_NAME": lambda row: folded(row.family_name),
        "GIVEN_NAME": lambda row: folded(row.given_name),
        "CREATED_AT": lambda row: wire(row.created_at),
        "LAST_ACTIVITY_AT": lambda row: wire(row.last_activity_at) or LONG_AGO,
        "DEACTIVATED_AT": lambda row: wire(row.deactivated_at) or FAR_FUTURE,
    },
    for_integration=frozenset({"id", "externalRef", "status"}),
)
