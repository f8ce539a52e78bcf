"""What an enrolment needs: in its stage, and to its reportable end."""

from dataclasses import replace
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
    needs_of,
)
from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.stages import LifecycleStage
from portal_api.domain.courses.statuses import CourseEnrolmentStatus

DAY = date(2026, 5, 4)
WITHDRAWN = EnrolmentState(
    CourseEnrolmentStatus.WITHDRAWN,
    [],
    has_reason=True,
    is_finalised=True,
    wants_commitment=False,
    has_student_identifier=True,
    survey_is_answered=False,
    credential_is_issued=False,
    has_app_access=False,
    learner_is_active=False,
)


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
    state = replace(WITHDRAWN, units=[UnitState("uen_1", DAY, DAY, outcome, hours)])

    steps = {each.step: (each.state, each.missing) for each in checklist(state)}

    expected = (StepState.OPEN if missing else StepState.DONE, missing)
    assert steps[ChecklistStep.REPORTING_FIELDS] == expected
    assert steps[ChecklistStep.DATES_AND_HOURS] == expected


@pytest.mark.parametrize(
    ("status", "stage", "needs"),
    [
        ("PENDING", LifecycleStage.SALES, [OpenNeed(Need.DECISION), OpenNeed(Need.STUDENT_IDENTIFIER)]),
        (
            "CURRENT",
            LifecycleStage.PROGRESSION,
            [OpenNeed(Need.STUDENT_IDENTIFIER), OpenNeed(Need.END, "uen_1"), OpenNeed(Need.OUTCOME, "uen_1")],
        ),
        ("DECLINED", None, []),
    ],
)
def test_an_enrolment_needs_what_its_stage_says_and_without_a_stage_nothing(
    status: str, stage: LifecycleStage | None, needs: list[OpenNeed]
) -> None:
    unit = UnitState("uen_1", DAY, None, Outcome.CONTINUING, None)
    state = replace(
        WITHDRAWN,
        status=CourseEnrolmentStatus[status],
        units=[unit],
        is_finalised=False,
        has_student_identifier=False,
    )

    assert list(needs_of(state, stage)) == needs
