"""What happens to the reasons for statuses: added, retired, reinstated."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from portal_api.domain.courses.library import STATUS_REASONS, StatusReasonAction
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import LONGEST_NAME, text_reasons
from portal_api.domain.refusals import ErrorCode
from portal_api.models import status_reasons
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.courses import reasons as reason_queries
from portal_api.queries.courses.reasons import SHELF
from portal_api.queries.folding import fold
from portal_api.services.courses.telling import answered, record_made, taken
from portal_api.services.shelves import shelve
from portal_api.work import Answer, Work

PLACE = "reasons"
"""The input's field that new reasons are rows of."""


async def add(work: Work, titles: Sequence[str]) -> Answer:
    """Adds reasons. Titles that differ in case and accents alone are the same; of two rows with one the first has it."""
    await work.lock(organisation_queries.lock, ())
    against = [
        list(text_reasons(title, PLACE, str(index), "title", longest=LONGEST_NAME, least=1))
        for index, title in enumerate(titles)
    ]
    named = [fold(title) for title, reasons in zip(titles, against, strict=True) if not reasons]
    held = set(await SHELF.holders(work.connection, work.organisation_id, status_reasons.c.title_key, named))
    made: list[UUID | None] = []
    new: dict[UUID, str] = {}
    for index, (title, reasons) in enumerate(zip(titles, against, strict=True)):
        if fold(title) in held:
            message = "Another status reason of the organisation has this title."
            reasons.append(taken(ErrorCode.TITLE_TAKEN, message, PLACE, str(index), "title"))
        made.append(None if reasons else work.new_id(work.now))
        if id_ := made[-1]:
            new[id_] = title
            held.add(fold(title))
    await reason_queries.create(work.connection, work.organisation_id, new, at=work.now)
    await record_made(work, HistoryAction.STATUS_REASON_CREATED, SubjectKind.STATUS_REASON, new)
    return Answer(answered(made, against))


async def retire(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes reasons out of use: they stay with the enrolments that have them."""
    return await _shelve(work, StatusReasonAction.RETIRE, HistoryAction.STATUS_REASON_RETIRED, ids, expected)


async def reinstate(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes reasons into use again."""
    return await _shelve(work, StatusReasonAction.REINSTATE, HistoryAction.STATUS_REASON_REINSTATED, ids, expected)


async def _shelve(
    work: Work, action: StatusReasonAction, act: HistoryAction, ids: Sequence[UUID], expected: Mapping[UUID, int]
) -> Answer:
    await work.lock(SHELF.lock, ids)
    rows = await reason_queries.facts(work.connection, work.bound, ids)
    return await shelve(work, STATUS_REASONS, action, act, ids, rows, expected, reason_queries.shelve)
