"""What a learncycle is made of: trigger, offers, conditions, actions; and which of them fit together."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from portal_api.domain.automations.triggers import (
    CHANGES,
    DATES,
    MOST_DAYS,
    ON_COURSES,
    SUBJECTS,
    VALUES,
    Change,
    Trigger,
    TriggerKind,
)
from portal_api.domain.certifications import LearnerCertificationStatus
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.history import SubjectKind
from portal_api.domain.inputs import LONGEST_NAME, LONGEST_NOTE, invalid, text_reasons
from portal_api.domain.learners import DeactivationReason
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.domain.series import SeriesEnrolmentStatus

MOST_ACTIONS = 10
MOST_CONDITIONS = 100


class ConditionKind(StrEnum):
    """What a condition asks of the record that a rule is about, or of its learner."""

    STATUS = "status"
    COURSE = "course"
    SERIES = "series"
    CERTIFICATION = "certification"
    GROUP = "group"


class LearncycleActionKind(StrEnum):
    """What a learncycle does."""

    DEACTIVATE_LEARNER = "deactivate_learner"
    SET_APP_ACCESS = "set_app_access"
    SET_COURSE_STATUS = "set_course_status"
    CREATE_TASK = "create_task"
    NOTIFY = "notify"
    CALL_WEBHOOK = "call_webhook"


MESSAGES = frozenset({LearncycleActionKind.CREATE_TASK, LearncycleActionKind.NOTIFY, LearncycleActionKind.CALL_WEBHOOK})
"""Those that are written into the outbox, and delivered once their cause is committed."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a rule does, with what its kind asks for and nothing else."""

    kind: LearncycleActionKind
    deactivation_reason: DeactivationReason | None = None
    has_app_access: bool | None = None
    course_status: CourseEnrolmentStatus | None = None
    status_reason_id: UUID | None = None
    title: str | None = None
    body: str | None = None
    due_in_days: int | None = None
    assignee_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the record that a rule is about stands: what its conditions are held against."""

    learner_id: UUID
    status: str | None = None
    """That of the record; of a unit or a certificate, that of the enrolment or certification above it."""
    offer_id: UUID | None = None
    course_id: UUID | None = None
    series_id: UUID | None = None
    certification_id: UUID | None = None
    course_enrolment_id: UUID | None = None
    groups: frozenset[UUID] = frozenset()

    def in_groups(self, groups: frozenset[UUID] | None) -> "Standing":
        """The same with the groups of the learner."""
        return replace(self, groups=groups or frozenset())

    def values(self, kind: ConditionKind) -> Collection[str]:
        """What a kind of condition looks at."""
        one: Mapping[ConditionKind, str | UUID | None] = {
            ConditionKind.STATUS: self.status,
            ConditionKind.COURSE: self.course_id,
            ConditionKind.SERIES: self.series_id,
            ConditionKind.CERTIFICATION: self.certification_id,
        }
        if kind is ConditionKind.GROUP:
            return {each.hex for each in self.groups}
        value = one[kind]
        return () if value is None else (value.hex if isinstance(value, UUID) else value,)


@dataclass(frozen=True, slots=True)
class Learncycle:
    """A rule, as what decides knows it."""

    id: UUID
    trigger: Trigger
    actions: tuple[Action, ...]
    offers: frozenset[UUID] = frozenset()
    """The offers that it is for; none named is all."""
    conditions: Mapping[ConditionKind, frozenset[str]] = field(default_factory=dict[ConditionKind, frozenset[str]])
    """What must be so: of each kind that is named, one of the values named; ids as hexadecimal text."""
    switched_on_at: datetime | None = None

    def waits_for(self, change: Change, at: datetime) -> bool:
        """Whether a change at an instant triggers it: switching on never looks back."""
        is_on = self.switched_on_at is not None and self.switched_on_at <= at
        return is_on and self.trigger.is_met_by(change)

    def concerns(self, standing: Standing) -> bool:
        """Whether it is for this record at all: its offer, course, series and certification never change."""
        return (not self.offers or standing.offer_id in self.offers) and all(
            self._holds(kind, standing)
            for kind in self.conditions
            if kind not in (ConditionKind.STATUS, ConditionKind.GROUP)
        )

    def has_conditions_met(self, standing: Standing) -> bool:
        """Whether it concerns the record, as the record and its learner stand now."""
        return self.concerns(standing) and all(self._holds(kind, standing) for kind in self.conditions)

    def _holds(self, kind: ConditionKind, standing: Standing) -> bool:
        return not self.conditions[kind].isdisjoint(standing.values(kind))


CONDITION_NOT_MET = PlainError(
    ErrorCode.CONDITION_NOT_MET,
    "On the day, the record or its learner did not stand as the conditions of the learncycle ask.",
)
_STATUSES = {
    SubjectKind.COURSE_ENROLMENT: frozenset(each.name for each in CourseEnrolmentStatus),
    SubjectKind.UNIT_ENROLMENT: frozenset(each.name for each in CourseEnrolmentStatus),
    SubjectKind.SERIES_ENROLMENT: frozenset(each.name for each in SeriesEnrolmentStatus),
    SubjectKind.LEARNER_CERTIFICATION: frozenset(each.name for each in LearnerCertificationStatus),
    SubjectKind.CERTIFICATE: frozenset(each.name for each in LearnerCertificationStatus),
}
_ASKED_OF = {
    ConditionKind.COURSE: frozenset({SubjectKind.COURSE_ENROLMENT, SubjectKind.UNIT_ENROLMENT}),
    ConditionKind.SERIES: frozenset({SubjectKind.SERIES_ENROLMENT}),
    ConditionKind.CERTIFICATION: frozenset({SubjectKind.LEARNER_CERTIFICATION, SubjectKind.CERTIFICATE}),
}
"""What conditions beyond status and group can be asked of."""


def reasons_against(rule: Learncycle) -> Iterator[Reason]:
    """What of a rule does not fit together, each with its place in the input."""
    yield from _against_trigger(rule.trigger)
    if rule.offers and rule.trigger.kind not in ON_COURSES:
        yield invalid("Only a learncycle on course enrolments or their units is for offers. Name none.", "offerIds")
    if sum(map(len, rule.conditions.values())) > MOST_CONDITIONS:
        yield invalid(f"A learncycle has {MOST_CONDITIONS} conditions at the most.", "conditions")
    subject = SUBJECTS[rule.trigger.kind]
    for kind, values in rule.conditions.items():
        if subject not in _ASKED_OF.get(kind, _STATUSES):
            yield invalid(f"A condition on {kind.name} cannot be asked of this trigger's record.", "conditions")
        elif kind is ConditionKind.STATUS and not values <= _STATUSES[subject]:
            known = ", ".join(sorted(_STATUSES[subject]))
            yield invalid(f"A status that the record can have is one of {known}.", "conditions")
    if not 1 <= len(rule.actions) <= MOST_ACTIONS:
        yield invalid(f"A learncycle has 1 to {MOST_ACTIONS} actions.", "then")
    for place, action in enumerate(rule.actions):
        yield from _against_action(action, rule.trigger.kind, ("then", str(place)))


def _against_trigger(trigger: Trigger) -> Iterator[Reason]:
    kind = trigger.kind
    if kind in CHANGES:
        if trigger.offset_days is not None:
            yield invalid("Only a learncycle on a day of a record has `offsetDays`.", "trigger", "offsetDays")
        if kind in VALUES and trigger.value not in VALUES[kind]:
            known = ", ".join(sorted(VALUES[kind]))
            yield invalid(f"Say what it changes to: one of {known}.", "trigger", "to")
        if kind is TriggerKind.COURSE_ENROLMENT_REASON and trigger.value is None:
            yield invalid("Say which of the organisation's reasons it changes to.", "trigger", "reasonId")
    if kind in DATES:
        if trigger.value is not None:
            yield invalid("A learncycle on a day of a record waits for no value. Leave it out.", "trigger", "to")
        if trigger.offset_days is None or abs(trigger.offset_days) > MOST_DAYS:
            yield invalid(
                f"Say how many days after the day, {MOST_DAYS} at the most; before it with a minus.",
                "trigger",
                "offsetDays",
            )


_ASKS = {
    LearncycleActionKind.DEACTIVATE_LEARNER: {"deactivation_reason"},
    LearncycleActionKind.SET_APP_ACCESS: {"has_app_access"},
    LearncycleActionKind.SET_COURSE_STATUS: {"course_status", "status_reason_id"},
    LearncycleActionKind.CREATE_TASK: {"title", "body", "due_in_days", "assignee_id"},
    LearncycleActionKind.NOTIFY: {"title", "body"},
    LearncycleActionKind.CALL_WEBHOOK: set[str](),
}
_MUST = {
    LearncycleActionKind.DEACTIVATE_LEARNER: {"deactivation_reason": "reason"},
    LearncycleActionKind.SET_APP_ACCESS: {"has_app_access": "hasAppAccess"},
    LearncycleActionKind.SET_COURSE_STATUS: {"course_status": "status"},
    LearncycleActionKind.CREATE_TASK: {"title": "title"},
    LearncycleActionKind.NOTIFY: {"title": "title", "body": "body"},
    LearncycleActionKind.CALL_WEBHOOK: dict[str, str](),
}


def _against_action(action: Action, trigger: TriggerKind, place: tuple[str, str]) -> Iterator[Reason]:
    given = {name for name in Action.__slots__ if name != "kind" and getattr(action, name) is not None}
    for name, shown in _MUST[action.kind].items():
        if name not in given:
            yield invalid(f"{action.kind.name} asks for `{shown}`.", *place, shown)
    if given - _ASKS[action.kind]:
        yield invalid(f"{action.kind.name} does not take all of what is given with it.", *place)
    if action.kind is LearncycleActionKind.SET_COURSE_STATUS and trigger not in ON_COURSES:
        yield invalid("Only a learncycle on course enrolments or their units sets a status.", *place)
    yield from text_reasons(action.title, *place, "title", longest=LONGEST_NAME, least=1)
    yield from text_reasons(action.body, *place, "body", longest=LONGEST_NOTE)
    if action.due_in_days is not None and not 0 <= action.due_in_days <= MOST_DAYS:
        yield invalid(f"A task is due in 0 to {MOST_DAYS} days.", *place, "dueInDays")
