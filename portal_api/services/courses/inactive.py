"""Learners with inactive enrolments set inactive in bulk (S1 How to set Learners with Inactive Enrolments as Inactive)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from portal_api.domain.courses.inactivity import DEACTIVATE_ENROLLED
from portal_api.domain.learners import DeactivationReason
from portal_api.queries import learners as learner_queries
from portal_api.queries.courses import inactive as queries
from portal_api.services.bulk import Decided
from portal_api.services.courses.writing import today
from portal_api.services.learners import Bill, deactivate_rows
from portal_api.work import Answer, Work


async def deactivate_with_inactive_enrolments(
    work: Work, ids: Sequence[UUID], *, reason: DeactivationReason, note: str | None, expected: Mapping[UUID, int]
) -> Answer:
    """Sets learners inactive all of whose course enrolments still are, by now; the others are refused.

    Enrolments change only under the locks of their learners: what is found here holds until the end.

    Args:
        work: the transaction.
        ids: the learners chosen.
        reason: why, for all of them.
        note: a note for administrators.
        expected: the versions that the caller read.

    Returns:
        A result a learner, and what the bills lose.
    """
    await work.lock(learner_queries.lock, ids)
    rows = await queries.facts(work.connection, work.bound, ids, await today(work))
    decided = Decided(DEACTIVATE_ENROLLED, work.role, ids, rows, expected)
    bill = await Bill.before(work, decided.granted_ids)
    entries = await deactivate_rows(work, decided.granted, reason=reason, note=note) if decided.granted else {}
    return Answer(decided.results(entries), facts=await bill.after(work))
