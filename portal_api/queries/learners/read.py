"""Learners: what each field reads, and what can be asked of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    and_,
    case,
    exists,
    false,
    null,
    or_,
    select,
    true,
)

from portal_api.domain.learner_details import Attribute
from portal_api.domain.learners import (
    LEARNERS,
    LearnerAction,
    LearnerFacts,
    LearnerStatus,
    notices,
)
from portal_api.domain.machine import ActionState
from portal_api.domain.metering import Interval
from portal_api.domain.roles import ADMINISTRATORS, Role
from portal_api.models import (
    activity_intervals,
    course_enrolments,
    credentials,
    documents,
    group_members,
    history_entries,
    learner_attributes,
    learner_certifications,
    learners,
    notifications,
    pathway_enrolments,
    reporting_lines,
    roles,
    series_enrolments,
    tasks,
)
from portal_api.models.base import Id
from portal_api.planner.declare import Column, Connection, Crowd, Derived, Key, Source, Through, ToOne
from portal_api.planner.filters import Binder, Comparison, Search, Shape, Target, parse_id
from portal_api.queries import scope
from portal_api.queries.courses.stages import Enrolled, Stages
from portal_api.queries.folding import fold
from portal_api.queries.groups import InGroup
from portal_api.queries.open_records import OPEN_RECORDS
from portal_api.queries.ordering import AsSorted, or_first_instant, or_last_instant
from portal_api.queries.rows import PairsAsJson, pairs_of
from portal_api.queries.usage import ActiveIn, QuietSince

_owner_link = roles.alias("owner_link")
IS_OWNER_RECORD = exists().where(
    _owner_link.c.organisation_id == learners.c.organisation_id,
    _owner_link.c.learner_id == learners.c.id,
    _owner_link.c.role == Role.OWNER,
)
SHOWN_WHOLE = or_(~scope.SEES_TAUGHT, learners.c.id == scope.VIEWER_LEARNER)
"""A Trainer sees name and state of the learners whom they train, and no more but of their own record."""
IS_OWN_RECORD = case((learners.c.id == scope.VIEWER_LEARNER, true()), else_=false())
"""False for a caller who is linked to nobody, to whom nothing is their own."""


@dataclass(frozen=True, slots=True)
class ReportsTo:
    """Learners below a manager whom the viewer sees: directly, or down to a depth."""

    learner_id: ColumnElement[Any]

    def parse(self, value: Any) -> tuple[Shape, dict[str, Any]]:
        depth = value.get("depth")
        bound = {"manager": parse_id(value["manager"], "lrn")}
        return (depth is not None,), bound if depth is None else {**bound, "depth": depth}

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        [has_depth] = shape
        line, manager = reporting_lines.alias("line"), learners.alias("line_manager")
        seen = and_(
            manager.c.organisation_id == scope.ORGANISATION,
            manager.c.id == line.c.manager_id,
            scope.of_learner(manager.c.id, scope.SEES_RECORDS),
        )
        below = select(line.c.learner_id).where(
            line.c.organisation_id == scope.ORGANISATION,
            line.c.manager_id == bind("manager", Id()),
            exists().where(seen),
            *([line.c.depth <= bind("depth", Integer())] if has_depth else []),
        )
        return self.learner_id.in_(below)


@dataclass(frozen=True, slots=True)
class HasAttribute:
    """Learners with a value of an attribute; only who may read attributes finds anybody by them."""

    learner_id: ColumnElement[Any]

    def parse(self, value: Any) -> tuple[Shape, dict[str, Any]]:
        return (), dict(value)

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        held = learner_attributes.alias("held_attribute")
        return and_(
            scope.SEES_ORGANISATION,
            self.learner_id.in_(
                select(held.c.learner_id).where(
                    held.c.organisation_id == scope.ORGANISATION,
                    held.c.name == bind("name", Text()),
                    held.c.value == bind("value", Text()),
                )
            ),
        )


@dataclass(frozen=True, slots=True)
class ForAdministrators:
    """A comparison with what administrators alone read of everybody: others find nobody by it."""

    comparison: Comparison

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        return self.comparison.parse(value)

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        return and_(scope.SEES_ORGANISATION, self.comparison.where(shape, bind))


_seen_manager = learners.alias("seen_manager")
SEEN_MANAGER = Target(
    _seen_manager.c.id,
    and_(
        _seen_manager.c.organisation_id == scope.ORGANISATION,
        scope.of_learner(_seen_manager.c.id, scope.SEES_RECORDS),
    ),
)
ATTRIBUTES = (
    select(PairsAsJson(learner_attributes.c.name, learner_attributes.c.value))
    .where(
        learner_attributes.c.organisation_id == learners.c.organisation_id,
        learner_attributes.c.learner_id == learners.c.id,
    )
    .correlate(learners)
    .scalar_subquery()
)
_INTERVALS = (
    select(PairsAsJson(activity_intervals.c.active_from, activity_intervals.c.active_until))
    .where(
        activity_intervals.c.organisation_id == learners.c.organisation_id,
        activity_intervals.c.learner_id == learners.c.id,
    )
    .correlate(learners)
    .scalar_subquery()
)
_HAS_SPECIAL_REQUIREMENTS = learners.c.special_requirements.is_not(None)
_SPECIAL_REQUIREMENTS_SEEN = case(
    (or_(scope.SEES_ORGANISATION, ~learners.c.special_requirements_are_private), learners.c.special_requirements),
    else_=null(),
)
_LAST_ACTIVITY = or_first_instant(learners.c.last_activity_at)
"""A learner who has never been active in the portal stands before all others in an order by activity."""
_DEACTIVATED = or_last_instant(learners.c.deactivated_at)


@dataclass(frozen=True, slots=True)
class SpecialRequirementsSeen:
    """A note as its reader sees it."""

    text: str | None
    is_private: bool


def _special_requirements(
    _role: str, has_any: bool, is_private: bool, text: str | None
) -> SpecialRequirementsSeen | None:
    return SpecialRequirementsSeen(text, is_private) if has_any else None


def _attributes(role: str, gathered: str | None) -> list[Attribute] | None:
    if Role(role) not in ADMINISTRATORS:
        return None
    return [Attribute(*each) for each in pairs_of(gathered)]


def _intervals(role: str, gathered: str | None) -> list[Interval] | None:
    if Role(role) not in ADMINISTRATORS:
        return None
    instants = [[each and datetime.fromisoformat(each) for each in pair] for pair in pairs_of(gathered)]
    return [Interval(*each) for each in instants]


def _notices(_role: str, status: LearnerStatus, deactivated_at: datetime | None) -> Any:
    return notices(status, deactivated_at)


def _for_administrators(column: ColumnElement[Any]) -> Column:
    return Column(case((scope.SEES_ORGANISATION, column), else_=null()), is_nullable=True)


def _where_whole(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((SHOWN_WHOLE, column), else_=null())


def has_word(pattern: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a learner has a word; where no more than the name is shown, the name alone is searched."""
    names = or_(
        learners.c.given_name_key.like(pattern, escape="\\"), learners.c.family_name_key.like(pattern, escape="\\")
    )
    return or_(and_(SHOWN_WHOLE, learners.c.search_key.like(pattern, escape="\\")), and_(scope.SEES_TAUGHT, names))


def _actions(
    role: str, status: LearnerStatus, is_owner_record: bool, has_app_access: bool, is_own_record: bool
) -> tuple[ActionState[LearnerAction], ...]:
    return LEARNERS.actions(Role(role), LearnerFacts(status, is_owner_record, has_app_access, is_own_record))


LEARNER = Source(
    type="Learner",
    prefix="lrn",
    table=learners,
    scope=scope.LEARNERS,
    ways=scope.LEARNER_WAYS,
    crowd=Crowd(2, scope.REPORTS, orders=((), ("FAMILY_NAME", "GIVEN_NAME"), ("GIVEN_NAME",), ("CREATED_AT",))),
    fields={
        "id": Key(),
        "externalRef": Column(learners.c.external_ref),
        "givenName": Column(learners.c.given_name),
        "familyName": Column(learners.c.family_name),
        "email": Column(_where_whole(learners.c.email), is_nullable=True),
        "status": Column(learners.c.status),
        "hasAppAccess": Column(learners.c.has_app_access),
        "manager": ToOne("Learner", _where_whole(learners.c.manager_id)),
        "reports": Connection(
            "Learner",
            learners.c.manager_id,
            only=or_(~scope.SEES_TAUGHT, learners.c.manager_id == scope.VIEWER_LEARNER),
        ),
        "firstSignedInAt": Column(_where_whole(learners.c.first_signed_in_at), is_nullable=True),
        "lastActivityAt": Column(_where_whole(learners.c.last_activity_at), is_nullable=True),
        "specialRequirements": Derived(
            (
                and_(SHOWN_WHOLE, _HAS_SPECIAL_REQUIREMENTS),
                learners.c.special_requirements_are_private,
                _SPECIAL_REQUIREMENTS_SEEN,
            ),
            _special_requirements,
            is_kept=False,
        ),
        "studentIdentifier": Column(
            case(
                (or_(scope.SEES_ORGANISATION, learners.c.id == scope.VIEWER_LEARNER), learners.c.student_identifier),
                else_=null(),
            ),
            is_nullable=True,
        ),
        "attributes": Derived((ATTRIBUTES,), _attributes, is_kept=False),
        "deactivatedAt": Column(learners.c.deactivated_at),
        "deactivationReason": _for_administrators(learners.c.deactivation_reason),
        "deactivationNote": _for_administrators(learners.c.deactivation_note),
        "createdAt": Column(learners.c.created_at),
        "version": Column(learners.c.version),
        "seriesEnrolments": Connection("SeriesEnrolment", series_enrolments.c.learner_id),
        "groups": Connection("Group", group_members.c.learner_id, Through(group_members, group_members.c.group_id)),
        "pathwayEnrolments": Connection("PathwayEnrolment", pathway_enrolments.c.learner_id),
        "certifications": Connection("LearnerCertification", learner_certifications.c.learner_id),
        "credentials": Connection("Credential", credentials.c.learner_id),
        "documents": Connection("Document", documents.c.learner_id),
        "courseEnrolments": Connection("CourseEnrolment", course_enrolments.c.learner_id),
        "openRecords": Connection("OpenRecord", OPEN_RECORDS.c.learner_id),
        "activityIntervals": Derived((_INTERVALS,), _intervals, is_kept=False),
        "tasks": Connection("Task", tasks.c.learner_id),
        "notifications": Connection("Notification", notifications.c.learner_id),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "notices": Derived((learners.c.status, learners.c.deactivated_at), _notices, is_kept=False),
        "actions": Derived(
            (
                learners.c.status,
                and_(scope.SEES_ORGANISATION, IS_OWNER_RECORD),  # who is an Owner is for those who see roles
                learners.c.has_app_access,
                IS_OWN_RECORD,
            ),
            _actions,
        ),
    },
    filters={
        "id": Comparison(learners.c.id, "lrn"),
        "externalRef": Comparison(learners.c.external_ref),
        "status": Comparison(learners.c.status),
        "hasAppAccess": Comparison(learners.c.has_app_access),
        "managerId": Comparison(learners.c.manager_id, "lrn", SEEN_MANAGER),
        "lastActivityAt": AsSorted(learners.c.last_activity_at, _LAST_ACTIVITY),
        "createdAt": Comparison(learners.c.created_at),
        "deactivatedAt": AsSorted(learners.c.deactivated_at, _DEACTIVATED),
        "hasSpecialRequirements": Comparison(_HAS_SPECIAL_REQUIREMENTS),
        "studentIdentifier": ForAdministrators(Comparison(learners.c.student_identifier)),
        "attribute": HasAttribute(learners.c.id),
        "reportsTo": ReportsTo(learners.c.id),
        "groupId": InGroup(learners.c.id),
        "lifecycleStage": Enrolled(Stages()),
        "search": Search(has_word, fold),
    },
    conditions={"activeIn": ActiveIn(learners.c.id), "quietSince": QuietSince(_LAST_ACTIVITY)},
    orders={
        "FAMILY_NAME": learners.c.family_name_key,
        "GIVEN_NAME": learners.c.given_name_key,
        "CREATED_AT": learners.c.created_at,
        "LAST_ACTIVITY_AT": _LAST_ACTIVITY,
        "DEACTIVATED_AT": _DEACTIVATED,
    },
    narrowed={Role.INTEGRATION: frozenset({"id", "externalRef", "status"})},
    withheld={Role.TRAINER: frozenset({"lastActivityAt", "hasSpecialRequirements", "reportsTo", "managerId"})},
)
