"""What happens to credentials: requested, issued under a register number, cancelled, replaced."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from portal_api.domain.calendar import day_of
from portal_api.domain.credentials import (
    CREDENTIALS,
    HAS_OUTCOME,
    CancellationReason,
    CredentialAction,
    CredentialStatus,
    against_reason,
)
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.register_numbers import register_number
from portal_api.queries import credentials as credential_queries
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.credentials import CredentialRow
from portal_api.queries.history import Entry
from portal_api.services.bulk import Decided
from portal_api.work import Answer, Work


async def request(
    work: Work, course_enrolment_ids: Sequence[UUID], *, issue_at_once: bool, expected: Mapping[UUID, int]
) -> Answer:
    """Asks for credentials, or issues them at once: the rows are the enrolments, what they make is the credentials.

    Args:
        work: the transaction.
        course_enrolment_ids: the enrolments.
        issue_at_once: whether the credentials begin as issued.
        expected: the versions that enrolments are expected to have.

    Returns:
        A result an enrolment, with the credential made.
    """
    await work.lock(credential_queries.lock_learners_of_enrolments, course_enrolment_ids)
    return await request_locked(work, course_enrolment_ids, issue_at_once=issue_at_once, expected=expected)


async def request_locked(
    work: Work,
    course_enrolment_ids: Sequence[UUID],
    *,
    issue_at_once: bool,
    expected: Mapping[UUID, int],
    causes: Mapping[UUID, UUID] | None = None,
) -> Answer:
    """The same for a body that holds the locks of the learners; `causes` are the history entries behind it, if any are."""
    rows = await credential_queries.candidates(work.connection, work.bound, course_enrolment_ids)
    decided = Decided(CREDENTIALS[CredentialAction.REQUEST], work.role, course_enrolment_ids, rows, expected)
    if issue_at_once:
        reasons = {row.id: HAS_OUTCOME.refusal(row.facts) for row in decided.granted}
        decided.refuse({id_: [reason] for id_, reason in reasons.items() if reason})
    made = {row.id: work.new_id(work.now) for row in decided.granted}
    await _make(work, decided.granted, made, is_issued=issue_at_once, causes=causes or {})
    return Answer(decided.results(made, made=made))


async def issue(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Issues requested credentials, each under a number of its own."""
    await work.lock(credential_queries.lock_learners, ids)
    rows = await credential_queries.facts(work.connection, work.bound, ids)
    decided = Decided(CREDENTIALS[CredentialAction.ISSUE], work.role, ids, rows, expected)
    issued = await _issued(work, [row.course_enrolment_id for row in decided.granted])
    versions = await credential_queries.issue(
        work.connection,
        work.organisation_id,
        [{"id": row.id, "version": row.version, **issued[row.course_enrolment_id]} for row in decided.granted],
    )
    await work.record(
        [
            _entry(work, HistoryAction.CREDENTIAL_ISSUED, row, CredentialStatus.ISSUED, versions[row.id])
            for row in decided.granted
            if row.id in versions
        ]
    )
    return Answer(decided.results(versions))


async def cancel(
    work: Work, ids: Sequence[UUID], *, reason: CancellationReason, note: str | None, expected: Mapping[UUID, int]
) -> Answer:
    """Withdraws requests, or revokes what was issued; nothing is deleted."""
    await work.lock(credential_queries.lock_learners, ids)
    rows = await credential_queries.facts(work.connection, work.bound, ids)
    decided = Decided(CREDENTIALS[CredentialAction.CANCEL], work.role, ids, rows, expected)
    against = {row.id: against_reason(row.facts.status, reason) for row in decided.granted}
    decided.refuse({id_: [each] for id_, each in against.items() if each})
    versions = await _cancel(work, CredentialAction.CANCEL, decided.granted_ids, reason, note)
    await work.record(list(_cancelled(work, decided.granted, versions, reason, note).values()))
    return Answer(decided.results(versions))


async def reissue(work: Work, ids: Sequence[UUID], *, note: str | None, expected: Mapping[UUID, int]) -> Answer:
    """Replaces issued credentials by new ones, which say what is true now: both or neither.

    Returns:
        A result a credential that was replaced; it names the new one.
    """
    await work.lock(credential_queries.lock_learners, ids)
    rows = await credential_queries.facts(work.connection, work.bound, ids)
    decided = Decided(CREDENTIALS[CredentialAction.REISSUE], work.role, ids, rows, expected)
    reason = CancellationReason.REPLACED
    versions = await _cancel(work, CredentialAction.REISSUE, decided.granted_ids, reason, note)
    done = [row for row in decided.granted if row.id in versions]
    entries = _cancelled(work, done, versions, reason, note)
    await work.record(list(entries.values()))
    made = {row.id: work.new_id(work.now) for row in done}
    await _make(work, done, made, is_issued=True, causes={id_: entry.id for id_, entry in entries.items()})
    await credential_queries.link_successors(work.connection, work.organisation_id, made)
    return Answer(decided.results(versions))


async def _issued(work: Work, course_enrolment_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """What a credential of each enrolment says that is issued now, and its number."""
    if not course_enrolment_ids:
        return {}
    zone = await organisation_queries.time_zone(work.connection, work.organisation_id)
    wordings = await credential_queries.wordings(work.connection, work.organisation_id, list(course_enrolment_ids))
    return {
        id_: credential_queries.issued(
            wording, register_number(work.new_id(work.now)), work.now, day_of(work.now, zone)
        )
        for id_, wording in wordings.items()
    }


async def _make(
    work: Work,
    rows: Sequence[CredentialRow],
    made: Mapping[UUID, UUID],
    *,
    is_issued: bool,
    causes: Mapping[UUID, UUID],
) -> None:
    """Makes a credential for each row: the enrolment that asks for one, or the credential that it replaces."""
    issued = await _issued(work, [row.course_enrolment_id for row in rows]) if is_issued else {}
    status = CredentialStatus.ISSUED if is_issued else CredentialStatus.REQUESTED
    await credential_queries.create(
        work.connection,
        work.organisation_id,
        [
            {
                "id": made[row.id],
                "course_enrolment_id": row.course_enrolment_id,
                "learner_id": row.learner_id,
                "status": status,
                "requested_at": work.now,
                **issued.get(row.course_enrolment_id, credential_queries.unissued()),
            }
            for row in rows
        ],
    )
    act = HistoryAction.CREDENTIAL_ISSUED if is_issued else HistoryAction.CREDENTIAL_REQUESTED
    await work.record(
        [
            work.entry(
                act,
                (SubjectKind.CREDENTIAL, made[row.id]),
                row.learner_id,
                version=1,
                statuses=(None, status.name),
                cause_id=causes.get(row.id),
            )
            for row in rows
        ]
    )


async def _cancel(
    work: Work, action: CredentialAction, ids: Sequence[UUID], reason: CancellationReason, note: str | None
) -> dict[UUID, int]:
    return await credential_queries.take(
        work.connection,
        work.organisation_id,
        ids,
        action,
        cancelled_at=work.now,
        cancellation_reason=reason,
        cancellation_note=note,
    )


def _cancelled(
    work: Work,
    rows: Sequence[CredentialRow],
    versions: Mapping[UUID, int],
    reason: CancellationReason,
    note: str | None,
) -> dict[UUID, Entry]:
    is_replaced = reason is CancellationReason.REPLACED  # which the act says already
    act = HistoryAction.CREDENTIAL_REPLACED if is_replaced else HistoryAction.CREDENTIAL_CANCELLED
    given = None if is_replaced else reason.name
    return {
        row.id: _entry(work, act, row, CredentialStatus.CANCELLED, versions[row.id], reason=given, note=note)
        for row in rows
        if row.id in versions
    }


def _entry(
    work: Work,
    act: HistoryAction,
    row: CredentialRow,
    to: CredentialStatus,
    version: int,
    reason: str | None = None,
    note: str | None = None,
) -> Entry:
    subject = (SubjectKind.CREDENTIAL, row.id)
    return work.entry(
        act,
        subject,
        row.learner_id,
        version=version,
        statuses=(row.facts.status.name, to.name),
        reason=reason,
        note=note,
    )
