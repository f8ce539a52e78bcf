"""What happens to pathways and the enrolments in them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from portal_api.queries.series import EnrolmentRow
from portal_api.work import Work


async def advance(work: Work, mastered: Sequence[EnrolmentRow], causes: Mapping[UUID, UUID]) -> None:
    """Opens what comes next in the pathways of series enrolments that have just been mastered.

    Args:
        work: the transaction of the mastery.
        mastered: the enrolments that were mastered; those outside of any pathway are left alone.
        causes: the history entry of each mastery, by enrolment.
    """
