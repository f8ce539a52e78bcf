"""The grid of enrolments in courses, copied cell by cell: for each action and status, `ok` or what stands against it.

S is the status, F that the enrolment is finalised, M that it is not, T that the organisation has no stage of reconnecting,
U that no other course supersedes the one taken. A role that may never do it is told so first, then an inactive learner.
"""

from portal_api.domain.courses.statuses import CourseEnrolmentAction, CourseEnrolmentStatus
from portal_api.domain.refusals import ErrorCode
from tests.domain.grids import LETTERS

A, S = CourseEnrolmentAction, CourseEnrolmentStatus
Grid = dict[tuple[CourseEnrolmentAction, CourseEnrolmentStatus], list[ErrorCode]]

# Columns: the statuses, in their order, each by the letters of its words.
_HEAD = "E P C D CP COM W CN CPE PA DEC"

NOT_FINALISED = """
                                   E    P    C    D    CP   COM  W    CN   CPE  PA   DEC
  FINALISE_AS_COMPLETED            S    S    ok   ok   ok   ok   S    S    S    S    S
  FINALISE_AS_COMPLETION_PENDING   S    S    ok   ok   ok   S    S    S    S    S    S
  FINALISE_AS_WITHDRAWN            S    ok   ok   ok   ok   S    ok   S    S    S    S
  FINALISE_AS_CANCELLED_NO_PENALTY S    ok   ok   ok   ok   S    S    ok   S    S    S
  FINALISE_AS_CANCELLED_PENALTY    S    ok   ok   ok   ok   S    S    S    ok   S    S
  FINALISE_AS_PARTIAL_ATTENDANCE   S    S    ok   ok   ok   S    S    S    S    ok   S
  FINALISE_AS_DEFERRED             S    S    ok   ok   ok   S    S    S    S    S    S
  SET_STATUS                       ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
  UPDATE                           ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
  ADD_UNITS                        ok   ok   ok   ok   ok   S    S    S    S    S    S
  REQUEST_SURVEY                   S    S    S    S    ok   ok   S    S    S    S    S
  FLAG_FOR_RECONNECT               SMT  SMT  SMT  SMT  SMT  MT   MT   MT   MT   MT   SMT
  TRANSITION                       S    ok   ok   ok   S    S    S    S    S    S    S
"""
"""Of what is not finalised, in a course that another one supersedes, in an organisation without the stage RECONNECT."""

FINALISED = """
                                   E    P    C    D    CP   COM  W    CN   CPE  PA   DEC
  FINALISE_AS_COMPLETED            S    S    ok   ok   ok   ok   S    S    S    S    S
  FINALISE_AS_COMPLETION_PENDING   S    S    ok   ok   ok   S    S    S    S    S    S
  FINALISE_AS_WITHDRAWN            S    ok   ok   ok   ok   S    ok   S    S    S    S
  FINALISE_AS_CANCELLED_NO_PENALTY S    ok   ok   ok   ok   S    S    ok   S    S    S
  FINALISE_AS_CANCELLED_PENALTY    S    ok   ok   ok   ok   S    S    S    ok   S    S
  FINALISE_AS_PARTIAL_ATTENDANCE   S    S    ok   ok   ok   S    S    S    S    ok   S
  FINALISE_AS_DEFERRED             S    S    ok   ok   ok   S    S    S    S    S    S
  SET_STATUS                       ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
  UPDATE                           ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
  ADD_UNITS                        F    F    F    F    F    SF   SF   SF   SF   SF   SF
  REQUEST_SURVEY                   S    S    S    S    ok   ok   S    S    S    S    S
  FLAG_FOR_RECONNECT               S    S    S    S    S    ok   ok   ok   ok   ok   S
  TRANSITION                       SU   U    U    U    SU   SU   SU   SU   SU   SU   SU
"""
"""Of what is finalised, asked with the same day: no course supersedes the one taken, and the stage RECONNECT is there."""

WITH_ANOTHER_DAY = """
                                   E    P    C    D    CP   COM  W    CN   CPE  PA   DEC
  FINALISE_AS_COMPLETED            S    S    ok   ok   ok   F    S    S    S    S    S
  FINALISE_AS_COMPLETION_PENDING   S    S    ok   ok   ok   S    S    S    S    S    S
  FINALISE_AS_WITHDRAWN            S    ok   ok   ok   ok   S    F    S    S    S    S
  FINALISE_AS_CANCELLED_NO_PENALTY S    ok   ok   ok   ok   S    S    F    S    S    S
  FINALISE_AS_CANCELLED_PENALTY    S    ok   ok   ok   ok   S    S    S    F    S    S
  FINALISE_AS_PARTIAL_ATTENDANCE   S    S    ok   ok   ok   S    S    S    S    F    S
  FINALISE_AS_DEFERRED             S    S    ok   ok   ok   S    S    S    S    S    S
"""
"""Of what is finalised, asked with another day than it was finalised with."""

LEADS = {
    A.FINALISE_AS_COMPLETED: S.COMPLETED,
    A.FINALISE_AS_COMPLETION_PENDING: S.COMPLETION_PENDING,
    A.FINALISE_AS_WITHDRAWN: S.WITHDRAWN,
    A.FINALISE_AS_CANCELLED_NO_PENALTY: S.CANCELLED_NO_PENALTY,
    A.FINALISE_AS_CANCELLED_PENALTY: S.CANCELLED_PENALTY,
    A.FINALISE_AS_PARTIAL_ATTENDANCE: S.PARTIAL_ATTENDANCE,
    A.FINALISE_AS_DEFERRED: S.DEFERRED,
}
"""Where an action leads; the others leave the status, or are told it."""


def grid(text: str) -> Grid:
    """The cells of a grid, and the codes of what stands against the action there."""
    head, *rows = (line.split() for line in text.strip().splitlines())
    assert head == _HEAD.split()
    return {
        (A[name], status): [] if cell == "ok" else [LETTERS[letter] for letter in cell]
        for name, *cells in rows
        for status, cell in zip(S, cells, strict=True)
    }
