"""What happens to enrolments in pathways: made, moved on by mastery or by time, withdrawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.pathways import (
    PATHWAY_ENROLMENTS,
    PATHWAYS,
    PathwayAction,
    PathwayEnrolmentAction,
    PathwayEnrolmentStatus,
    PathwayFacts,
    next_opening,
)
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesEnrolmentStatus, WithdrawalReason
from portal_api.ids import global_id
from portal_api.queries import learners as learner_queries
from portal_api.queries import learning as learning_queries
from portal_api.queries import organisations as organisation_queries
from portal_api.queries import pathways as pathway_queries
from portal_api.queries import series as series_queries
from portal_api.queries.history import Entry
from portal_api.queries.learning import SignerRow
from portal_api.queries.pathways import NewPathwayEnrolment, NextStep, PathwayEnrolmentRow, PathwayRow
from portal_api.queries.series import EnrolmentRow, NewEnrolment, SeriesRow
from portal_api.services import series as series_services
from portal_api.services.bulk import Decided
from portal_api.work import Answer, Work

_S = PathwayEnrolmentStatus


@dataclass(frozen=True, slots=True)
class _Enrolling:
    """A learner to be enrolled in a pathway, as the table looks at them."""

    id: UUID
    version: int
    facts: PathwayFacts


@dataclass(frozen=True, slots=True)
class _Opening:
    """A series that is to open in a pathway."""

    pathway_enrolment_id: UUID
    learner_id: UUID
    series_id: UUID
    starts_at: datetime
    ends_at: datetime
    has_signed_in: bool
    tracking_code: str | None


async def enrol(
    work: Work,
    pathway_id: UUID,
    learner_ids: Sequence[UUID],
    *,
    tracking_code: str | None,
    expected: Mapping[UUID, int],
) -> Answer:
    """Enrols learners in a pathway, and in its first series at once; each whole or not at all (readings).

    Args:
        work: the transaction.
        pathway_id: the pathway; one that the caller does not see is not there, for each row.
        learner_ids: the learners.
        tracking_code: a code to find the enrolments by, the same for all.
        expected: the versions that learners are expected to have.

    Returns:
        A result a learner, with the enrolment made.
    """
    await pathway_queries.hold(work.connection, work.bound, [pathway_id])
    await work.lock(learner_queries.lock, learner_ids)
    pathway = (await pathway_queries.facts(work.connection, work.bound, [pathway_id])).get(pathway_id)
    rule = PATHWAYS[PathwayAction.ENROL]
    if pathway is None:
        return Answer(Decided[_Enrolling](rule, work.role, learner_ids, {}, expected).results((), made={}))
    series_ids = await pathway_queries.series_of(work.connection, work.organisation_id, pathway_id)
    candidates = await learning_queries.facts(work.connection, work.bound, learner_ids)
    rows = await _enrolling(work, pathway, series_ids, candidates)
    decided = Decided(rule, work.role, learner_ids, rows, expected)
    made = await _open_pathways(
        work, pathway, series_ids[0], [candidates[id_] for id_ in decided.granted_ids], tracking_code
    )
    return Answer(decided.results(made, made=made))


async def _enrolling(
    work: Work, pathway: PathwayRow, series_ids: Sequence[UUID], candidates: Mapping[UUID, SignerRow]
) -> dict[UUID, _Enrolling]:
    """What decides over each learner: their own state, the pathway's, and the series that they take already."""
    taken = await series_queries.taken(
        work.connection, work.organisation_id, work.now, list(candidates), list(series_ids)
    )
    known = await _series(work, series_ids)
    rows: dict[UUID, _Enrolling] = {}
    for id_, candidate in candidates.items():
        own = [series_id for series_id in series_ids if series_id in taken.get(id_, ())]
        facts = PathwayFacts(
            pathway.facts.status,
            learner_is_active=candidate.facts.learner_is_active,
            taken=tuple(global_id("ser", series_id) for series_id in own),
            taken_titles=tuple(known[series_id].title for series_id in own),
        )
        rows[id_] = _Enrolling(id_, candidate.version, facts)
    return rows


async def _open_pathways(
    work: Work, pathway: PathwayRow, first: UUID, candidates: Sequence[SignerRow], tracking_code: str | None
) -> dict[UUID, UUID]:
    """Makes the enrolments in the pathway and in its first series.

    Returns:
        The enrolment in the pathway of each learner.
    """
    if not candidates:
        return {}
    zone = await organisation_queries.time_zone(work.connection, work.organisation_id)
    ends_at = (await _series(work, [first]))[first].terms.end_of(work.now, zone)
    made = {
        candidate.id: _new_pathway_enrolment(work, candidate, pathway, ends_at, tracking_code)
        for candidate in candidates
    }
    await pathway_queries.enrol(work.connection, work.organisation_id, list(made.values()), at=work.now)
    entries = {
        row.id: _entry(work, HistoryAction.PATHWAY_ENROLMENT_CREATED, row.id, row.learner_id, 1, (None, _S.IN_PROGRESS))
        for row in made.values()
    }
    await work.record(list(entries.values()))
    await _open(
        work,
        [
            _Opening(made[each.id].id, each.id, first, work.now, ends_at, each.has_signed_in, tracking_code)
            for each in candidates
        ],
        entries,
    )
    return {learner_id: row.id for learner_id, row in made.items()}


def _new_pathway_enrolment(
    work: Work, candidate: SignerRow, pathway: PathwayRow, ends_at: datetime, tracking_code: str | None
) -> NewPathwayEnrolment:
    id_ = work.new_id(work.now)
    return NewPathwayEnrolment(id_, global_id("pen", id_), candidate.id, pathway.id, ends_at, tracking_code)


async def advance(work: Work, mastered: Sequence[EnrolmentRow], causes: Mapping[UUID, UUID]) -> None:
    """Opens what comes next in the pathways of series enrolments that have just been mastered, or completes them.

    Series and pathways that have been retired meanwhile go on for those who are in them.

    Args:
        work: the transaction of the mastery; it has locked the learners.
        mastered: the enrolments that were mastered; those outside of any pathway are left alone.
        causes: the history entry of each mastery, by enrolment.
    """
    owned = {row.id: row for row in mastered if row.pathway_enrolment_id is not None}
    if not owned:
        return
    steps = await pathway_queries.next_steps(work.connection, work.organisation_id, list(owned), now=work.now)
    openings = await _openings(work, steps, owned)
    ahead = [(step, openings[step.id].ends_at) for step in steps if step.id in openings]
    moved = await pathway_queries.move_on(work.connection, work.organisation_id, ahead)
    last = [step for step in steps if step.series_id is None]
    completed = await pathway_queries.complete(work.connection, work.organisation_id, last, now=work.now)

    def entry(step: NextStep, action: HistoryAction, version: int, to: PathwayEnrolmentStatus) -> Entry:
        learner_id, cause_id = owned[step.series_enrolment_id].learner_id, causes[step.series_enrolment_id]
        changed = ("position", "endsAt") if to is _S.IN_PROGRESS else ()
        statuses = (_S.IN_PROGRESS, to)
        return _entry(work, action, step.id, learner_id, version, statuses, changed=changed, cause_id=cause_id)

    entries = [
        *(
            entry(step, HistoryAction.PATHWAY_ENROLMENT_ADVANCED, moved[step.id], _S.IN_PROGRESS)
            for step in steps
            if step.id in moved
        ),
        *(
            entry(step, HistoryAction.PATHWAY_ENROLMENT_COMPLETED, completed[step.id], _S.COMPLETED)
            for step in steps
            if step.id in completed
        ),
    ]
    await work.record(entries)
    await _open(work, [openings[id_] for id_ in moved], {each.subject_id: each for each in entries})


async def _openings(work: Work, steps: Sequence[NextStep], owned: Mapping[UUID, EnrolmentRow]) -> dict[UUID, _Opening]:
    """What each pathway opens next, by the enrolment in the pathway; nothing after its last series."""
    ahead = [(step, step.series_id) for step in steps if step.series_id is not None]
    if not ahead:
        return {}
    zone = await organisation_queries.time_zone(work.connection, work.organisation_id)
    found = await _series(work, [series_id for _, series_id in ahead])
    openings: dict[UUID, _Opening] = {}
    for step, series_id in ahead:
        starts_at = next_opening(step.kind, work.now, zone)
        openings[step.id] = _Opening(
            pathway_enrolment_id=step.id,
            learner_id=owned[step.series_enrolment_id].learner_id,
            series_id=series_id,
            starts_at=starts_at,
            ends_at=found[series_id].terms.end_of(starts_at, zone),
            has_signed_in=True,  # whoever mastered a series has answered, and an answer counts as a sign-in
            tracking_code=step.tracking_code,
        )
    return openings


async def _series(work: Work, series_ids: Sequence[UUID]) -> dict[UUID, SeriesRow]:
    """Series of pathways, whether the caller sees them or not: who reports a mastery need not see what comes next."""
    bound = {**work.bound, "sees_organisation": True}
    return await series_queries.terms(work.connection, bound, list(dict.fromkeys(series_ids)))


async def _open(work: Work, openings: Sequence[_Opening], entries: Mapping[UUID, Entry]) -> None:
    """Makes the enrolments in series, each caused by the entry of the enrolment in the pathway that it belongs to."""
    made: list[NewEnrolment] = []
    for each in openings:
        id_ = work.new_id(work.now)
        times = {"starts_at": each.starts_at, "ends_at": each.ends_at, "has_signed_in": each.has_signed_in}
        made.append(
            NewEnrolment(
                id=id_,
                external_ref=global_id("sen", id_),
                learner_id=each.learner_id,
                series_id=each.series_id,
                status=SERIES_ENROLMENTS.status_at(work.now, SeriesEnrolmentStatus.WAITING_TO_START, times),
                has_signed_in=each.has_signed_in,
                starts_at=each.starts_at,
                ends_at=each.ends_at,
                due_on=None,
                overdue_at=None,
                tracking_code=each.tracking_code,
                pathway_enrolment_id=each.pathway_enrolment_id,
            )
        )
    causes = {row.id: entries[opening.pathway_enrolment_id].id for row, opening in zip(made, openings, strict=True)}
    await series_services.open_enrolments(work, made, causes=causes)


async def withdraw_enrolments(
    work: Work,
    ids: Sequence[UUID],
    *,
    reason: WithdrawalReason,
    note: str | None,
    expected: Mapping[UUID, int],
) -> Answer:
    """Withdraws enrolments in pathways, and what is active of them; what was mastered stays (S3, the last paragraph)."""
    await work.lock(pathway_queries.lock_learners, ids)
    rows = await pathway_queries.enrolment_facts(work.connection, work.bound, ids)
    decided = Decided(PATHWAY_ENROLMENTS[PathwayEnrolmentAction.WITHDRAW], work.role, ids, rows, expected)
    entries = await withdraw_rows(work, decided.granted, reason=reason, note=note)
    if entries:
        learner_ids = list(dict.fromkeys(row.learner_id for row in decided.granted))
        active = await series_queries.open_of_learners(work.connection, work.bound, learner_ids)
        causes = causes_of_owned(active, entries)
        owned = [row for row in active if row.id in causes]
        await series_services.withdraw_rows(work, owned, reason=reason, note=note, causes=causes)
    return Answer(decided.results(entries))


async def withdraw_rows(
    work: Work,
    rows: Sequence[PathwayEnrolmentRow],
    *,
    reason: WithdrawalReason,
    note: str | None,
    causes: Mapping[UUID, UUID] | None = None,
) -> dict[UUID, UUID]:
    """Withdraws enrolments in pathways that run, and whose learners are locked; their series are the caller's to withdraw.

    Args:
        work: the transaction.
        rows: the enrolments. Time has nothing to settle in one that runs.
        reason: why, for all of them.
        note: a note for administrators.
        causes: the history entry that caused each, by enrolment, where there is one.

    Returns:
        The history entry of each enrolment that was withdrawn.
    """
    if not rows:
        return {}
    versions = await pathway_queries.withdraw(
        work.connection, work.organisation_id, [row.id for row in rows], now=work.now, reason=reason, note=note
    )
    entries = [
        _entry(
            work,
            HistoryAction.PATHWAY_ENROLMENT_WITHDRAWN,
            row.id,
            row.learner_id,
            versions[row.id],
            (row.facts.status, _S.WITHDRAWN),
            reason=reason.name,
            note=note,
            cause_id=(causes or {}).get(row.id),
        )
        for row in rows
        if row.id in versions
    ]
    await work.record(entries)
    return {entry.subject_id: entry.id for entry in entries}


def causes_of_owned(rows: Sequence[EnrolmentRow], entries: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    """Those of the series enrolments that belong to a pathway that has an entry, each with that entry."""
    return {
        row.id: entries[row.pathway_enrolment_id]
        for row in rows
        if row.pathway_enrolment_id is not None and row.pathway_enrolment_id in entries
    }


async def settle_due(work: Work, most: int) -> int:
    """Writes down that the time of enrolments in pathways has run out, at the instant at which it did.

    Args:
        work: the ticker's transaction.
        most: how many enrolments it settles at the most, the longest overdue first.

    Returns:
        How many enrolments had moved.
    """
    due = await pathway_queries.due(work.connection, work.organisation_id, work.now, most)
    moved = {row.id: row for row in due}
    if not moved:
        return 0
    versions = await pathway_queries.settle(work.connection, work.organisation_id, list(moved), now=work.now)
    await work.record(
        [
            _entry(
                work,
                HistoryAction.PATHWAY_ENROLMENT_ENDED,
                id_,
                moved[id_].learner_id,
                version,
                (move.status, move.to),
                moved_at=moved[id_].times[move.at],
            )
            for id_, version in versions.items()
            for move in PATHWAY_ENROLMENTS.moves_until(work.now, moved[id_].stored, moved[id_].times)
        ]
    )
    return len(versions)


def _entry(
    work: Work,
    action: HistoryAction,
    id_: UUID,
    learner_id: UUID,
    version: int,
    statuses: tuple[PathwayEnrolmentStatus | None, PathwayEnrolmentStatus],
    **told: Any,
) -> Entry:
    before, after = statuses
    return work.entry(
        action,
        (SubjectKind.PATHWAY_ENROLMENT, id_),
        learner_id,
        version=version,
        statuses=(before and before.name, after.name),
        **told,
    )
