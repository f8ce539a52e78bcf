"""The lifecycle in plain Python: the stage of an enrolment, the day with which it ends, and learners by either."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from portal_api.domain.courses.stages import stage_of
from tests.oracle.engine import Asking, key_of
from tests.oracle.rows import Row
from tests.oracle.series_times import of

Test = Callable[[Asking, Row, Any], bool]
"""Whether an enrolment is what is asked for."""


def units_of(asking: Asking, row: Row) -> list[Row]:
    """The units of an enrolment, the oldest first."""
    own = [each for each in asking.rows["UnitEnrolment"] if each.course_enrolment_id == row.id]
    return sorted(own, key=lambda each: each.id.hex)


def latest_end(asking: Asking, row: Row) -> date | None:
    """The end of the last unit; the enrolment's own where there are no units at all."""
    units = units_of(asking, row)
    ends = [each.ends_on for each in units if each.ends_on]
    return max(ends) if ends else None if units else row.ends_on


def course_of(asking: Asking, row: Row) -> Row:
    """The course of an enrolment's offer."""
    return of(asking, "Course", of(asking, "CourseOffer", row.course_offer_id).course_id)


def has_reconnect_stage(asking: Asking) -> bool:
    """Whether the organisation has the last of the stages."""
    [organisation] = asking.rows["Organisation"]
    return organisation.has_reconnect_stage


def stage(asking: Asking, row: Row) -> Any:
    """The stage in which an enrolment stands; none where it was declined."""
    is_flagged = row.reconnect_for is not None and has_reconnect_stage(asking)
    return stage_of(row.status, [each.outcome for each in units_of(asking, row)], is_flagged=is_flagged)


def enrolled(fits: Test, prefix: str | None = None) -> Callable[[Asking, Mapping[str, Any]], Callable[[Row], bool]]:
    """Learners of whose enrolments, as the viewer sees them, one is among what is asked for; or with `notIn` none."""

    def condition(asking: Asking, given: Mapping[str, Any]) -> Callable[[Row], bool]:
        tests = list[tuple[list[Any], bool]]()
        for name, asked in given.items():
            if asked is not None:
                values = [asked] if name == "eq" else asked
                tests.append(([key_of(each, prefix) for each in values] if prefix else values, name != "notIn"))

        def holds(learner: Row) -> bool:
            own = [each for each in asking.seen("CourseEnrolment") if each.learner_id == learner.id]
            return all(
                any(fits(asking, each, value) for each in own for value in values) is wanted for values, wanted in tests
            )

        return holds

    return condition


IN_STAGE = enrolled(lambda asking, row, asked: (own := stage(asking, row)) is not None and own.name == asked)
IN_OFFER = enrolled(lambda _, row, asked: row.course_offer_id == asked, "off")
IN_COURSE = enrolled(lambda asking, row, asked: course_of(asking, row).id == asked, "crs")
