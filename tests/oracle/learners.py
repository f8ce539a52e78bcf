"""Learners, in plain Python."""

from collections.abc import Callable
from typing import Any

from portal_api import models
from portal_api.domain.learners import LEARNERS, LearnerFacts, notices
from portal_api.domain.roles import Role
from tests.oracle import learner_details as kept
from tests.oracle.engine import Asking, Noun, joined, owned, reporting, searching
from tests.oracle.groups import in_group
from tests.oracle.rows import FAR_FUTURE, LONG_AGO, Row, folded, wire
from tests.oracle.stages import IN_STAGE


def _sees(asking: Asking, row: Row) -> bool:
    taken = (each for each in asking.rows["CourseEnrolment"] if each.learner_id == row.id)
    is_known = asking.viewer.role is Role.INTEGRATION or asking.knows(row.id)
    return is_known or any(asking.trains(each.course_offer_id) for each in taken)


def _actions(asking: Asking, row: Row) -> Any:
    is_owner_record = asking.is_administrator and any(
        each.role is Role.OWNER and each.learner_id == row.id for each in asking.rows["Role"]
    )
    is_own_record = row.id == asking.viewer.learner_id
    return LEARNERS.actions(
        asking.viewer.role, LearnerFacts(row.status, is_owner_record, row.has_app_access, is_own_record)
    )


def texts(asking: Asking, row: Row) -> list[str]:
    """Where a search looks for words: in no more than is shown."""
    return [row.given_name, row.family_name, *([row.email, row.external_ref] if asking.shows_whole(row.id) else [])]


def _where_whole(read: Callable[[Asking, Row], Any]) -> Callable[[Asking, Row], Any]:
    return lambda asking, row: read(asking, row) if asking.shows_whole(row.id) else None


def _reports(asking: Asking, parent: Row, row: Row) -> bool:
    return row.manager_id == parent.id and asking.shows_whole(parent.id)


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
        "manager": _where_whole(lambda asking, row: asking.record("Learner", row.manager_id)),
        "email": _where_whole(lambda _, row: row.email),
        "firstSignedInAt": _where_whole(lambda _, row: row.first_signed_in_at),
        "lastActivityAt": _where_whole(lambda _, row: row.last_activity_at),
        "studentIdentifier": kept.student_identifier,
        "deactivationReason": kept.to_administrators(lambda _, row: row.deactivation_reason),
        "deactivationNote": kept.to_administrators(lambda _, row: row.deactivation_note),
        "specialRequirements": _where_whole(kept.special_requirements),
        "attributes": kept.to_administrators(kept.attributes),
        "activityIntervals": kept.to_administrators(kept.intervals),
        "notices": lambda _, row: notices(row.status, row.deactivated_at),
        "actions": _actions,
    },
    lists={
        "reports": ("Learner", _reports),
        "seriesEnrolments": ("SeriesEnrolment", owned("learner_id")),
        "pathwayEnrolments": ("PathwayEnrolment", owned("learner_id")),
        "certifications": ("LearnerCertification", owned("learner_id")),
        "courseEnrolments": ("CourseEnrolment", owned("learner_id")),
        "credentials": ("Credential", owned("learner_id")),
        "documents": ("Document", owned("learner_id")),
        "tasks": ("Task", owned("learner_id")),
        "notifications": ("Notification", owned("learner_id")),
        "openRecords": ("OpenRecord", owned("learner_id")),
        "groups": ("Group", joined("GroupMember", "learner_id", "group_id")),
        "history": ("HistoryEntry", owned("subject_id")),
    },
    keys={"id": "lrn", "managerId": "lrn", "groupId": "grp"},
    compared={"hasSpecialRequirements": lambda _, row: row.special_requirements is not None},
    conditions={
        "attribute": kept.with_attribute,
        "studentIdentifier": kept.identified,
        "groupId": in_group(lambda row: row.id),
        "lifecycleStage": IN_STAGE,
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
    closed_to_trainers=frozenset({"lastActivityAt", "hasSpecialRequirements", "reportsTo", "managerId"}),
)
