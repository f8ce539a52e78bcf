"""The checklist: what a report wants of a unit, and what of one that never began."""

from datetime import date

import pytest

from portal_api.domain.courses.needs import (
    ChecklistStep,
    EnrolmentState,
    Need,
    OpenNeed,
    StepState,
    UnitState,
    checklist,
)
from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import CourseEnrolmentStatus

DAY = date(2026, 5, 4)


@pytest.mark.parametrize(
    ("outcome", "hours", "missing"),
    [
        (Outcome.WITHDRAWN, None, (OpenNeed(Need.HOURS, "uen_1"),)),
        (Outcome.WITHDRAWN, 0, ()),
        (Outcome.COMPETENT, None, ()),
        (Outcome.NOT_COMMENCED, None, ()),
    ],
)
def test_a_report_wants_the_hours_of_a_unit_that_was_left(
    outcome: Outcome, hours: int | None, missing: tuple[OpenNeed, ...]
) -> None:
    state = EnrolmentState(
        CourseEnrolmentStatus.WITHDRAWN,
        [UnitState("uen_1", DAY, DAY, outcome, hours)],
        has_reason=True,
        is_finalised=True,
        wants_commitment=False,
        has_student_identifier=True,
        survey_is_answered=False,
        credential_is_issued=False,
        has_app_access=False,
        learner_is_active=False,
    )

    steps = {each.step: (each.state, each.missing) for each in checklist(state)}

    expected = (StepState.OPEN if missing else StepState.DONE, missing)
    assert steps[ChecklistStep.REPORTING_FIELDS] == expected
    assert steps[ChecklistStep.DATES_AND_HOURS] == expected
