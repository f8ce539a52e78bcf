"""The stage in which an enrolment stands, by its status, the outcomes of its units and whether it is flagged (S4)."""

import pytest

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.stages import LifecycleStage, stage_of
from portal_api.domain.courses.statuses import CourseEnrolmentStatus

DONE, OPEN = Outcome.COMPETENT, Outcome.CONTINUING
GRID = """
    ENQUIRY               SALES        SALES        SALES        SALES        SALES
    PENDING               SALES        SALES        SALES        SALES        SALES
    CURRENT               PROGRESSION  PROGRESSION  PROGRESSION  COMPLETION   COMPLETION
    DEFERRED              PROGRESSION  PROGRESSION  PROGRESSION  PROGRESSION  PROGRESSION
    COMPLETION_PENDING    COMPLETION   COMPLETION   COMPLETION   COMPLETION   COMPLETION
    COMPLETED             COMPLETION   COMPLETION   COMPLETION   COMPLETION   RECONNECT
    WITHDRAWN             COMPLETION   COMPLETION   COMPLETION   COMPLETION   RECONNECT
    CANCELLED_NO_PENALTY  COMPLETION   COMPLETION   COMPLETION   COMPLETION   RECONNECT
    CANCELLED_PENALTY     COMPLETION   COMPLETION   COMPLETION   COMPLETION   RECONNECT
    PARTIAL_ATTENDANCE    COMPLETION   COMPLETION   COMPLETION   COMPLETION   RECONNECT
    DECLINED              -            -            -            -            -
"""
UNITS = ((), (OPEN,), (DONE, None), (DONE, DONE), (DONE,))
"""Those of a column; in the last one the enrolment is flagged."""
CELLS = [
    (CourseEnrolmentStatus[status], column, None if stage == "-" else LifecycleStage[stage])
    for status, *stages in (line.split() for line in GRID.strip().splitlines())
    for column, stage in enumerate(stages)
]


def test_the_grid_knows_every_status() -> None:
    assert [status for status, column, _ in CELLS if column == 0] == list(CourseEnrolmentStatus)


@pytest.mark.parametrize(("status", "column", "stage"), CELLS)
def test_an_enrolment_stands_in_the_stage_of_the_grid(
    status: CourseEnrolmentStatus, column: int, stage: LifecycleStage | None
) -> None:
    assert stage_of(status, UNITS[column], is_flagged=column == len(UNITS) - 1) is stage
