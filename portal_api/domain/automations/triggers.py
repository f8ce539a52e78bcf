"""When a learncycle fires: a change that the history tells of, or a day of a record (S1 How to Auto set a Learner as Inactive)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from portal_api.domain.certifications import LearnerCertificationStatus
from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.history import SubjectKind
from portal_api.domain.series import SeriesEnrolmentStatus

MOST_DAYS = 3_650
"""How far from a day of a record a rule may fire."""


class TriggerKind(StrEnum):
    """What a learncycle waits for; the first five are changes, the others days of a record."""

    COURSE_ENROLMENT_STATUS = "course_enrolment_status"
    COURSE_ENROLMENT_REASON = "course_enrolment_reason"
    UNIT_OUTCOME = "unit_outcome"
    SERIES_ENROLMENT_STATUS = "series_enrolment_status"
    CERTIFICATION_STATUS = "certification_status"
    COURSE_ENROLMENT_STARTS = "course_enrolment_starts"
    COURSE_ENROLMENT_ENDS = "course_enrolment_ends"
    COURSE_ENROLMENT_RETURNS = "course_enrolment_returns"
    COURSE_ENROLMENT_FINALISED = "course_enrolment_finalised"
    COURSE_ENROLMENT_RECONNECTS = "course_enrolment_reconnects"
    UNIT_ENDS = "unit_ends"
    SERIES_ENROLMENT_ENDS = "series_enrolment_ends"
    CERTIFICATE_EXPIRES = "certificate_expires"


_T = TriggerKind

SUBJECTS = {
    _T.COURSE_ENROLMENT_STATUS: SubjectKind.COURSE_ENROLMENT,
    _T.COURSE_ENROLMENT_REASON: SubjectKind.COURSE_ENROLMENT,
    _T.UNIT_OUTCOME: SubjectKind.UNIT_ENROLMENT,
    _T.SERIES_ENROLMENT_STATUS: SubjectKind.SERIES_ENROLMENT,
    _T.CERTIFICATION_STATUS: SubjectKind.LEARNER_CERTIFICATION,
    _T.COURSE_ENROLMENT_STARTS: SubjectKind.COURSE_ENROLMENT,
    _T.COURSE_ENROLMENT_ENDS: SubjectKind.COURSE_ENROLMENT,
    _T.COURSE_ENROLMENT_RETURNS: SubjectKind.COURSE_ENROLMENT,
    _T.COURSE_ENROLMENT_FINALISED: SubjectKind.COURSE_ENROLMENT,
    _T.COURSE_ENROLMENT_RECONNECTS: SubjectKind.COURSE_ENROLMENT,
    _T.UNIT_ENDS: SubjectKind.UNIT_ENROLMENT,
    _T.SERIES_ENROLMENT_ENDS: SubjectKind.SERIES_ENROLMENT,
    _T.CERTIFICATE_EXPIRES: SubjectKind.CERTIFICATE,
}
"""The kind of record that each is about."""
VALUES: dict[TriggerKind, frozenset[str]] = {
    _T.COURSE_ENROLMENT_STATUS: frozenset(each.name for each in CourseEnrolmentStatus),
    _T.UNIT_OUTCOME: frozenset(Outcome),
    _T.SERIES_ENROLMENT_STATUS: frozenset(each.name for each in SeriesEnrolmentStatus),
    _T.CERTIFICATION_STATUS: frozenset(each.name for each in LearnerCertificationStatus),
}
"""What a change can be waited for to come to, as the history writes it; a reason is one of the organisation's own."""
CHANGES = frozenset({*VALUES, _T.COURSE_ENROLMENT_REASON})
DATES = frozenset(_T) - CHANGES
ON_COURSES = frozenset(
    kind for kind, of in SUBJECTS.items() if of in (SubjectKind.COURSE_ENROLMENT, SubjectKind.UNIT_ENROLMENT)
)
"""Those about an enrolment in a course, or a unit of one: only they have a course offer."""


class Change(Protocol):
    """A history entry, as far as a trigger looks at it."""

    @property
    def subject_kind(self) -> SubjectKind: ...
    @property
    def subject_id(self) -> UUID: ...
    @property
    def from_status(self) -> str | None: ...
    @property
    def to_status(self) -> str | None: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def changed_fields(self) -> str | None: ...


def may_trigger(change: Change) -> bool:
    """Whether any rule could wait for a change: most entries are of no interest to any."""
    return change.subject_kind in _CHANGING and (
        change.from_status != change.to_status or "statusReason" in (change.changed_fields or "").split()
    )


_CHANGING = frozenset(SUBJECTS[kind] for kind in CHANGES)


@dataclass(frozen=True, slots=True)
class Trigger:
    """What one rule waits for."""

    kind: TriggerKind
    value: str | None = None
    """What a change comes to, as the history writes it: a status, an outcome code, or the id of a reason."""
    offset_days: int | None = None
    """How many days after the day of a record; before it where negative."""

    def is_met_by(self, change: Change) -> bool:
        """Whether a change is the one that is waited for. A record's first status is one that it has come to (a reading)."""
        if self.kind not in CHANGES or change.subject_kind is not SUBJECTS[self.kind]:
            return False
        if self.kind is TriggerKind.COURSE_ENROLMENT_REASON:
            return change.reason == self.value and "statusReason" in (change.changed_fields or "").split()
        return change.to_status == self.value and change.from_status != change.to_status

    def fires_on(self, day: date) -> date:
        """The day on which the rule fires for a day of a record."""
        return day + timedelta(days=self.offset_days or 0)
