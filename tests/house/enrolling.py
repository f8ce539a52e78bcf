"""Course enrolments that a test may break, and what breaks each of their invariants."""

from typing import Any

from sqlalchemy import update

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.stages import ReconnectPurpose
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.models import course_enrolments, unit_enrolments
from tests.factories import Organisation, Record

_S = CourseEnrolmentStatus


class Enrolling:
    """One enrolment that goes on, with units of three programs; one completed and one left, both finalised."""

    def __init__(self, organisation: Organisation, learner: Record) -> None:
        self.organisation = organisation
        self.running, self.completed, self.left = (
            organisation.course_enrolment(learner, None, status, finalised_on=on)
            for status, on in (
                (_S.CURRENT, None),
                (_S.COMPLETED, organisation.day(-1)),
                (_S.WITHDRAWN, organisation.day(-9)),
            )
        )
        *_, self.part = (
            organisation.unit_enrolment(self.running, program_identifier=program) for program in ("A", "B", "C", "C")
        )
        self.done = organisation.unit_enrolment(self.completed, outcome=Outcome.COMPETENT, ends=-1)
        self.broken_off = organisation.unit_enrolment(self.left, outcome=Outcome.WITHDRAWN, ends=-9, hours=3)
        self.never_begun = organisation.unit_enrolment(self.left, outcome=Outcome.NOT_COMMENCED, starts=5, hours=0)
        self.survey = organisation.survey(self.completed)

    def breaches(self) -> dict[str, list[Any]]:
        """What to do to the database, by the rule that it breaks."""

        def unit(of: Record, **values: Any) -> list[Any]:
            return [update(unit_enrolments).where(unit_enrolments.c.id == of.id).values(**values)]

        day = self.organisation.day
        running = update(course_enrolments).where(course_enrolments.c.id == self.running.id)
        return {
            "the units of an enrolment name three programs at the most": unit(self.part, program_identifier="D"),
            "a completed enrolment that is finalised has units": unit(self.done, outcome=Outcome.CONTINUING),
            "has units with a final outcome": unit(self.done, outcome=None),
            "with a final outcome and an end by then": unit(self.done, ends_on=day(0)),
            "a final outcome and an end": unit(self.done, ends_on=None),
            "an enrolment that was left and is finalised has no open unit": unit(self.broken_off, outcome=None),
            "has no open unit": unit(self.broken_off, outcome=Outcome.NOT_STARTED),
            "what never began lies after that day": unit(self.never_begun, starts_on=day(-9)),
            "lies after that day": unit(self.never_begun, starts_on=None),
            "after that day, without hours": unit(self.never_begun, actual_hours=1),
            "only what is finalised is flagged": [
                running.values(reconnect_for=ReconnectPurpose.RENEWAL, reconnect_on=day(9))
            ],
        }
