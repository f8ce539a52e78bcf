"""The grids of learners' certifications, copied cell by cell: Y where an action is allowed."""

from portal_api.domain.certifications import LearnerCertificationAction, LearnerCertificationStatus

A, S = LearnerCertificationAction, LearnerCertificationStatus
BY_ADMINISTRATORS = """
                         ASSIGNED NOT_STARTED IN_PROGRESS PENDING_APPROVAL CERTIFIED EXPIRED LAPSED RECERTIFYING REVOKED DISALLOWED
  OVERRIDE_PAYMENT       -        Y           Y           -                -         -       -      Y            -       -
  OVERRIDE_TRAINING      -        -           Y           Y                -         -       -      Y            -       -
  OVERRIDE_EXAM          -        -           Y           Y                -         -       -      Y            -       -
  REVOKE_ACCESS          -        Y           Y           Y                -         Y       Y      Y            -       -
  FORCE_RECERTIFICATION  -        -           -           -                Y         Y       Y      -            -       -
  PERMANENTLY_REVOKE     -        -           -           -                Y         -       -      -            -       -
  RESTORE_ACCESS         -        -           -           -                -         -       -      -            Y       Y
  REMOVE_ASSIGNMENT      Y        Y           -           -                -         -       -      -            -       -
"""
BY_RECORDERS = """
                         ASSIGNED NOT_STARTED IN_PROGRESS PENDING_APPROVAL CERTIFIED EXPIRED LAPSED RECERTIFYING REVOKED DISALLOWED
  RECORD_STEP_COMPLETION -        -           Y           Y                -         -       -      Y            -       -
  RECORD_EXAM_RESULT     -        -           Y           Y                -         -       -      Y            -       -
  RECORD_PAYMENT         -        Y           Y           Y                -         -       -      Y            -       -
"""
BY_THE_LEARNER = """
                         ASSIGNED NOT_STARTED IN_PROGRESS PENDING_APPROVAL CERTIFIED EXPIRED LAPSED RECERTIFYING REVOKED DISALLOWED
  ENROL                  Y        -           -           -                -         -       -      -            -       -
  START                  -        Y           -           -                -         -       -      -            -       -
  SUBMIT_EVIDENCE        -        -           Y           Y                -         -       -      Y            -       -
  START_EXAM             -        -           Y           Y                -         -       -      Y            -       -
  START_RECERTIFICATION  -        -           -           -                Y         Y       Y      -            Y       -
  REQUEST_MORE_ATTEMPTS  -        -           Y           Y                -         -       -      Y            -       -
"""


def grid(text: str) -> dict[tuple[LearnerCertificationAction, LearnerCertificationStatus], bool]:
    """The cells of a grid, and whether they allow the action."""
    head, *rows = (line.split() for line in text.strip().splitlines())
    assert head == [status.name for status in S]
    return {
        (A[name], S[status]): cell == "Y" for name, *cells in rows for status, cell in zip(head, cells, strict=True)
    }


ADMINISTRATORS_GRID, RECORDERS_GRID, LEARNERS_GRID = map(grid, (BY_ADMINISTRATORS, BY_RECORDERS, BY_THE_LEARNER))
GRID = ADMINISTRATORS_GRID | RECORDERS_GRID | LEARNERS_GRID
