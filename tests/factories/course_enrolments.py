"""Enrolments in courses at every status and stage, their units and surveys."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal_api.domain.calendar import day_of
from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.courses.surveys import SurveyStatus
from portal_api.models import course_enrolments, surveys, unit_enrolments
from tests.factories.courses import Courses
from tests.factories.learners import Learners
from tests.factories.records import Record
from tests.factories.tables import DAY


class CourseEnrolments(Courses, Learners):
    """Lays out enrolments in courses, their units and surveys."""

    @property
    def today(self) -> date:
        """The organisation's day."""
        return day_of(self.clock(), ZoneInfo(self.time_zone))

    def day(self, days: int) -> date:
        """A day some days from today."""
        return self.today + timedelta(days=days)

    def course_enrolment(
        self,
        learner: Record,
        offer: Record | None = None,
        status: CourseEnrolmentStatus = CourseEnrolmentStatus.CURRENT,
        *,
        finalised_on: date | None = None,
        reason: Record | None = None,
        **columns: Any,
    ) -> Record:
        """An enrolment without units; one that is deferred returns in a month. `columns` overrules any column."""
        number = self._number()
        is_deferred = status is CourseEnrolmentStatus.DEFERRED
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "external_ref": f"CE-{number:04}",
            "learner_id": learner.id,
            "course_offer_id": (offer or self.course_offer(self.course())).id,
            "status": status,
            "status_reason_id": reason and reason.id,
            "commitment_ref": None,
            "cancelled_commitment_ref": None,
            "transitioned_to": None,
            "starts_on": None,
            "ends_on": None,
            "enrolled_at": self.clock() - 60 * DAY,
            "deferred_on": self.day(-5) if is_deferred else None,
            "returns_on": self.day(30) if is_deferred else None,
            "finalised_on": finalised_on,
            "finalised_at": self.clock() - DAY if finalised_on else None,
            "reconnect_for": None,
            "reconnect_on": None,
            "version": 1,
            **columns,
        }
        return self._add(course_enrolments, row)

    def unit_enrolment(
        self,
        enrolment: Record,
        unit: Record | None = None,
        *,
        starts: int | None = -30,
        ends: int | None = 30,
        outcome: Outcome | None = None,
        hours: int | None = None,
        **columns: Any,
    ) -> Record:
        """A unit of an enrolment, from a month ago until in a month, in days from today; `columns` overrules any column."""
        offer = self.record(enrolment["course_offer_id"])
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "course_enrolment_id": enrolment.id,
            "learner_id": enrolment["learner_id"],
            "course_offer_id": offer.id,
            "unit_id": (unit or self.unit()).id,
            "program_identifier": self.record(offer["course_id"])["program_identifier"],
            "starts_on": None if starts is None else self.day(starts),
            "ends_on": None if ends is None else self.day(ends),
            "outcome": outcome,
            "scheduled_hours": 40,
            "actual_hours": hours,
            "reported_at": None,
            "version": 1,
            **columns,
        }
        return self._add(unit_enrolments, row)

    def survey(self, enrolment: Record, status: SurveyStatus = SurveyStatus.REQUESTED, **columns: Any) -> Record:
        """A survey on the completion of an enrolment."""
        is_answered = status is SurveyStatus.ANSWERED
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(self.clock()),
            "course_enrolment_id": enrolment.id,
            "learner_id": enrolment["learner_id"],
            "status": status,
            "requested_at": self.clock() - 10 * DAY,
            "answered_at": self.clock() - 5 * DAY if is_answered else None,
            "answers_ref": "answers-1" if is_answered else None,
            "version": 1,
            **columns,
        }
        return self._add(surveys, row)
