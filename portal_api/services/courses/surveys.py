"""Surveys on completion of a course: asked for here, answered in the survey system (S2, the paragraph on surveys)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from portal_api.domain.courses.statuses import CourseEnrolmentAction
from portal_api.domain.courses.surveys import SURVEYS, SurveyAction, SurveyStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.queries.courses import surveys as queries
from portal_api.services.bulk import Decided
from portal_api.services.courses.statuses import decided_for
from portal_api.work import Answer, Work


async def request_surveys(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Asks for surveys of completed enrolments; one that awaits its answers, or has them, is not asked for again.

    Returns:
        A result an enrolment, with its survey.
    """
    decided = await decided_for(work, CourseEnrolmentAction.REQUEST_SURVEY, ids, expected)
    standing = await queries.of_enrolments(work.connection, work.organisation_id, decided.granted_ids)
    made = {row.id: work.new_id(work.now) for row in decided.granted if row.id not in standing}
    learners = {row.id: row.learner_id for row in decided.granted}
    rows = [
        {
            "organisation_id": work.organisation_id,
            "id": survey_id,
            "course_enrolment_id": id_,
            "learner_id": learners[id_],
            "status": SurveyStatus.REQUESTED,
            "requested_at": work.now,
            "version": 1,
        }
        for id_, survey_id in made.items()
    ]
    await queries.insert(work.connection, rows)
    await work.record(
        [
            work.entry(
                HistoryAction.SURVEY_REQUESTED,
                (SubjectKind.SURVEY, survey_id),
                learners[id_],
                version=1,
                statuses=(None, SurveyStatus.REQUESTED.name),
            )
            for id_, survey_id in made.items()
        ]
    )
    return Answer(decided.results(made, standing, made={**standing, **made}))


async def record_answers(
    work: Work, ids: Sequence[UUID], refs: Mapping[UUID, str | None], *, expected: Mapping[UUID, int]
) -> Answer:
    """Records that surveys were answered, and what the survey system knows the answers by."""
    await work.lock(queries.lock_learners, ids)
    rows = await queries.facts(work.connection, work.bound, ids)
    rule = SURVEYS[SurveyAction.RECORD_ANSWERS]
    decided = Decided(rule, work.role, ids, rows, expected)
    versions = await queries.answer(
        work.connection,
        work.organisation_id,
        [
            {
                "id": row.id,
                "version": row.version,
                "status": SurveyStatus.ANSWERED,
                "answered_at": work.now,
                "answers_ref": refs[row.id],
            }
            for row in decided.granted
        ],
    )
    await work.record(
        [
            work.entry(
                HistoryAction.SURVEY_ANSWERED,
                (SubjectKind.SURVEY, row.id),
                row.learner_id,
                version=versions[row.id],
                statuses=(row.facts.status.name, rule.after(row.facts.status).name),
            )
            for row in decided.granted
            if row.id in versions
        ]
    )
    return Answer(decided.results(versions))
