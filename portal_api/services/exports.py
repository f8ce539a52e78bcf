"""What happens to exports: asked for, begun, finished, failed, forgotten."""

from datetime import datetime, timedelta

from portal_api.domain.exports import ExportList, ExportStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.machine import RecordFacts, Refused
from portal_api.domain.organisations import ORGANISATIONS, OrganisationAction, OrganisationStatus
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.queries import exports as export_queries
from portal_api.queries.exports import Job
from portal_api.work import Answer, Work

MOST_UNDER_WAY = 5
"""How many exports of one user wait or run at a time."""
KEPT_FOR = timedelta(hours=24)
_REQUEST = ORGANISATIONS[OrganisationAction.REQUEST_EXPORT]
_TOO_MANY = PlainError(
    ErrorCode.LIMIT_EXCEEDED,
    f"You have {MOST_UNDER_WAY} exports that wait or run already. Wait for one of them to finish.",
)


async def request_export(work: Work, list_: ExportList, arguments: str) -> Answer:
    """Writes down what is to be exported; a worker does the rest.

    Args:
        work: the transaction, and who asks.
        list_: the list.
        arguments: its filter and order, as JSON.

    Raises:
        LookupError: if nobody asks: the portal exports nothing by itself.
    """
    user_id = work.actor_id
    if user_id is None:
        raise LookupError("an export without a requester")
    await work.lock(export_queries.lock_requester, [user_id])
    decision = _REQUEST.decide(work.role, RecordFacts(OrganisationStatus.OPEN))
    if isinstance(decision, Refused):
        return _refused(*decision.reasons)
    if await export_queries.number_under_way(work.connection, work.organisation_id, user_id) >= MOST_UNDER_WAY:
        return _refused(_TOO_MANY)
    id_ = work.new_id(work.now)
    await export_queries.create(work.connection, work.organisation_id, id_, user_id, list_, arguments, work.now)
    await work.record(
        [
            work.entry(
                HistoryAction.EXPORT_REQUESTED,
                (SubjectKind.EXPORT, id_),
                None,
                version=1,
                statuses=(None, ExportStatus.QUEUED.name),
            )
        ]
    )
    return Answer([RowResult(0, None, id_, Outcome.CHANGED)])


def _refused(*reasons: Reason) -> Answer:
    return Answer([RowResult(0, None, None, Outcome.REFUSED, reasons)])


async def start_export(work: Work, job: Job, leased_until: datetime) -> Job | None:
    """Begins an export that waits, or again one whose worker was lost; None if somebody else was faster."""
    return await _moved(
        work, HistoryAction.EXPORT_STARTED, job, await export_queries.start(work.connection, job, leased_until)
    )


async def finish_export(work: Work, job: Job) -> Job | None:
    """Has the file ready for a day; None if somebody else has the export."""
    finished = await export_queries.finish(work.connection, job, at=work.now, expires_at=work.now + KEPT_FOR)
    return await _moved(work, HistoryAction.EXPORT_FINISHED, job, finished)


async def fail_export(work: Work, job: Job, code: ErrorCode) -> Job | None:
    """Ends an export that could not be written; None if somebody else has it."""
    failed = await export_queries.fail(work.connection, job, at=work.now)
    return await _moved(work, HistoryAction.EXPORT_FAILED, job, failed, reason=code.name)


async def _moved(
    work: Work, action: HistoryAction, before: Job, after: Job | None, reason: str | None = None
) -> Job | None:
    if after:
        entry = work.entry(
            action,
            (SubjectKind.EXPORT, after.id),
            None,
            version=after.version,
            statuses=(before.status.name, after.status.name),
            reason=reason,
        )
        await work.record([entry])
    return after


async def expire_exports(work: Work, most: int) -> int:
    """Forgets the files whose day is over.

    Returns:
        How many there were.
    """
    expired = await export_queries.expire(work.connection, work.organisation_id, work.now, most)
    await work.record(
        [
            work.entry(
                HistoryAction.EXPORT_EXPIRED,
                (SubjectKind.EXPORT, id_),
                None,
                version=version,
                statuses=(ExportStatus.READY.name, ExportStatus.EXPIRED.name),
                moved_at=expired_at,
            )
            for id_, version, expired_at in expired
        ]
    )
    return len(expired)
