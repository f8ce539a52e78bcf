"""The four stages of a learner's lifecycle, worked out from an enrolment and never kept (S4)."""

from collections.abc import Collection
from enum import StrEnum

from portal_api.domain.courses.outcomes import FINAL, Outcome
from portal_api.domain.courses.statuses import ENDED, CourseEnrolmentStatus


class LifecycleStage(StrEnum):
    """A stage (S4 Learner Lifecycle)."""

    SALES = "sales"
    PROGRESSION = "progression"
    COMPLETION = "completion"
    RECONNECT = "reconnect"


class ReconnectPurpose(StrEnum):
    """Why somebody is to be asked again (S4 Reconnect)."""

    RENEWAL = "renewal"
    OTHER_QUALIFICATION = "other_qualification"
    MARKETING = "marketing"


_S = CourseEnrolmentStatus
STAGE_OF = {_S.ENQUIRY: LifecycleStage.SALES, _S.PENDING: LifecycleStage.SALES, _S.DEFERRED: LifecycleStage.PROGRESSION}
"""The statuses that alone say the stage."""


def stage_of(
    status: CourseEnrolmentStatus, outcomes: Collection[Outcome | None], *, is_flagged: bool
) -> LifecycleStage | None:
    """The stage in which an enrolment stands.

    Args:
        status: its status.
        outcomes: those of its units, with None for a unit that has none.
        is_flagged: whether it is finalised, and flagged to be reconnected by an organisation that has the stage.

    Returns:
        The stage; None of one that was declined (a reading).
    """
    if status is _S.DECLINED:
        return None
    if status in STAGE_OF:
        return STAGE_OF[status]
    if is_flagged and status in ENDED:
        return LifecycleStage.RECONNECT
    is_trained = bool(outcomes) and all(outcome in FINAL for outcome in outcomes)
    return LifecycleStage.PROGRESSION if status is _S.CURRENT and not is_trained else LifecycleStage.COMPLETION
