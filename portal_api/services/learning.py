"""What learners do, as a content player records it: sign-ins, answers, and the mastery that follows from them."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import invalid
from portal_api.domain.learners import LEARNERS, LearnerAction, LearnerStatus
from portal_api.domain.machine import FAR_FUTURE
from portal_api.domain.refusals import Reason
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesEnrolmentAction, SeriesEnrolmentStatus
from portal_api.domain.series_terms import MOST_QUESTIONS
from portal_api.queries import learners as learner_queries
from portal_api.queries import learning as learning_queries
from portal_api.queries import series as series_queries
from portal_api.queries.series import EnrolmentRow
from portal_api.services import pathways as pathway_services
from portal_api.services.bulk import Decided
from portal_api.services.series import settle_enrolments
from portal_api.work import Answer, Work


@dataclass(frozen=True, slots=True)
class Activity:
    """How far a learner has come in a series: totals since the enrolment began."""

    questions_answered: int
    questions_correct: int


async def record_sign_ins(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Records that learners signed in; at the first time their enrolments stop waiting for it."""
    await work.lock(learner_queries.lock, ids)
    rows = await learning_queries.facts(work.connection, work.bound, ids)
    decided = Decided(LEARNERS[LearnerAction.RECORD_SIGN_IN], work.role, ids, rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    first = {row.id for row in decided.granted if not row.has_signed_in}
    return Answer(decided.results(await _sign_in(work, [row.id for row in decided.granted], first)))


async def _sign_in(
    work: Work, ids: Sequence[UUID], first: AbstractSet[UUID], *, answered: AbstractSet[UUID] = frozenset()
) -> dict[UUID, int]:
    """Signs learners in.

    Args:
        work: the transaction.
        ids: the learners.
        first: those of them who never were before.
        answered: enrolments that an answer of the same call moves on, so that the sign-in need not.

    Returns:
        The new version of each learner.
    """
    versions = await learning_queries.sign_in(work.connection, work.organisation_id, ids, now=work.now)
    status = LearnerStatus.ACTIVE.name
    entries = {
        id_: work.entry(
            HistoryAction.LEARNER_SIGNED_IN,
            (SubjectKind.LEARNER, id_),
            id_,
            version=version,
            statuses=(status, status),
        )
        for id_, version in versions.items()
    }
    await work.record(list(entries.values()))
    if first:
        await _first_sign_ins(work, {id_: entries[id_].id for id_ in first if id_ in entries}, answered)
    return versions


async def _first_sign_ins(work: Work, causes: Mapping[UUID, UUID], answered: AbstractSet[UUID]) -> None:
    """Moves on the enrolments that waited for the learner's first sign-in, and tells the clock of those ahead."""
    found = await series_queries.open_of_learners(work.connection, work.bound, list(causes))
    rows = [row for row in found if row.id not in answered]
    settled = await settle_enrolments(work, rows)
    moving = [row for row in rows if row.facts.status is SeriesEnrolmentStatus.NOT_SIGNED_IN]
    to = SeriesEnrolmentStatus.NO_ATTEMPTS
    versions = await series_queries.change_enrolments(
        work.connection,
        work.organisation_id,
        [
            {
                "id": row.id,
                "version": settled.get(row.id, row.version),
                "status": to,
                "has_signed_in": True,
                "due_at": SERIES_ENROLMENTS.due_at(to, row.times),
            }
            for row in moving
        ],
    )
    await series_queries.mark_signed_in(work.connection, work.organisation_id, list(causes))
    await work.record(
        [
            work.entry(
                HistoryAction.SERIES_ENROLMENT_SIGNED_IN,
                (SubjectKind.SERIES_ENROLMENT, row.id),
                row.learner_id,
                version=versions[row.id],
                statuses=(row.facts.status.name, to.name),
                cause_id=causes[row.learner_id],
            )
            for row in moving
            if row.id in versions
        ]
    )


async def record_activity(
    work: Work, ids: Sequence[UUID], activities: Mapping[UUID, Activity], *, expected: Mapping[UUID, int]
) -> Answer:
    """Records how far learners have come; whoever meets the goal has mastered the series.

    Args:
        work: the transaction.
        ids: the enrolments, in the order of the input.
        activities: the totals of each.
        expected: the versions that enrolments are expected to have.

    Returns:
        A result an enrolment.
    """
    await work.lock(series_queries.lock_learners, ids)
    rows = await series_queries.facts(work.connection, work.bound, ids)
    decided = Decided(SERIES_ENROLMENTS[SeriesEnrolmentAction.RECORD_ACTIVITY], work.role, ids, rows, expected)
    decided.refuse(
        {
            row.id: tuple(_against_totals(row, activities[row.id], str(decided.place_of(row.id))))
            for row in decided.granted
        }
    )
    unchanged = [row.id for row in decided.granted if _totals_of(row) == activities[row.id]]
    answering = [row for row in decided.granted if row.id not in set(unchanged)]
    if not answering:
        return Answer(decided.results((), unchanged))
    await _active_learners(work, answering)
    versions = await _answer(work, answering, activities)
    return Answer(decided.results(versions, unchanged))


def _totals_of(row: EnrolmentRow) -> Activity:
    return Activity(row.questions_answered, row.questions_correct)


def _against_totals(row: EnrolmentRow, given: Activity, place: str) -> Iterator[Reason]:
    """Totals never go down, and stay within the questions that there are."""
    most = row.terms.question_count or MOST_QUESTIONS
    if not row.questions_answered <= given.questions_answered <= most:
        yield invalid(
            f"`questionsAnswered` is a total: it was {row.questions_answered}, never goes down, and is {most} at the most.",
            *("activities", place, "questionsAnswered"),
        )
    if not row.questions_correct <= given.questions_correct <= given.questions_answered:
        yield invalid(
            f"`questionsCorrect` is a total: it was {row.questions_correct}, never goes down, and is no more than were "
            "answered.",
            *("activities", place, "questionsCorrect"),
        )


async def _active_learners(work: Work, rows: Sequence[EnrolmentRow]) -> None:
    """An answer counts as a sign-in where there was none; else it only says when the learner was last active."""
    learner_ids = list(dict.fromkeys(row.learner_id for row in rows))
    found = await learning_queries.facts(work.connection, work.bound, learner_ids)
    first = {id_ for id_ in learner_ids if not found[id_].has_signed_in}
    if first:
        await _sign_in(work, sorted(first), first, answered={row.id for row in rows})
    await learning_queries.touch(work.connection, work.organisation_id, learner_ids, now=work.now)


async def _answer(work: Work, rows: Sequence[EnrolmentRow], activities: Mapping[UUID, Activity]) -> dict[UUID, int]:
    settled = await settle_enrolments(work, rows)
    mastered = {row.id for row in rows if row.terms.is_mastered(activities[row.id].questions_correct)}
    versions = await series_queries.change_enrolments(
        work.connection,
        work.organisation_id,
        [
            {
                "id": row.id,
                "version": settled.get(row.id, row.version),
                "status": _status_after(row, mastered),
                "has_signed_in": True,
                "questions_answered": activities[row.id].questions_answered,
                "questions_correct": activities[row.id].questions_correct,
                "last_answered_at": work.now,
                "mastered_at": work.now if row.id in mastered else None,
                "due_at": FAR_FUTURE if row.id in mastered else row.times["ends_at"],
            }
            for row in rows
        ],
    )
    entries = {
        row.id: work.entry(
            HistoryAction.SERIES_ENROLMENT_MASTERED if row.id in mastered else HistoryAction.SERIES_ENROLMENT_ANSWERED,
            (SubjectKind.SERIES_ENROLMENT, row.id),
            row.learner_id,
            version=versions[row.id],
            statuses=(row.facts.status.name, _status_after(row, mastered).name),
        )
        for row in rows
        if row.id in versions
    }
    await work.record(list(entries.values()))
    causes = {id_: entries[id_].id for id_ in mastered if id_ in entries}
    if stepping := [row for row in rows if row.id in causes and row.pathway_enrolment_id]:
        await pathway_services.advance(work, stepping, {row.id: causes[row.id] for row in stepping})
    return versions


def _status_after(row: EnrolmentRow, mastered: AbstractSet[UUID]) -> SeriesEnrolmentStatus:
    return SeriesEnrolmentStatus.MASTERED if row.id in mastered else SeriesEnrolmentStatus.IN_PROGRESS
