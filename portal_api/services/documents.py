"""What happens to learners' documents: added, archived."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from portal_api.domain.documents import (
    DOCUMENTS,
    DocumentAction,
    DocumentStatus,
    MediaType,
    file_name_reasons,
    read_content,
)
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import LONGEST_NAME, text_reasons
from portal_api.domain.learners import LEARNERS, LearnerAction
from portal_api.domain.machine import Refused
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import ErrorCode, NotFound, Reason
from portal_api.queries import documents as document_queries
from portal_api.queries import learners as learner_queries
from portal_api.queries.documents import NewDocument
from portal_api.queries.learners import LearnerRow
from portal_api.services.bulk import Decided
from portal_api.work import Answer, Work


@dataclass(frozen=True, slots=True)
class DocumentInput:
    """What a client gives of a new document."""

    learner_id: UUID
    course_enrolment_id: UUID | None
    title: str
    file_name: str
    media_type: MediaType
    content: str
    """In base64."""


async def add(work: Work, given: Sequence[DocumentInput]) -> Answer:
    """Keeps documents with learners."""
    learner_ids = list(dict.fromkeys(row.learner_id for row in given))
    await work.lock(learner_queries.lock, learner_ids)
    learners = await learner_queries.facts(work.connection, work.bound, learner_ids)
    named = list({row.course_enrolment_id for row in given if row.course_enrolment_id is not None})
    learner_of = await document_queries.learners_of_enrolments(work.connection, work.bound, named)
    made: list[NewDocument] = []
    results: list[RowResult] = []
    for index, row in enumerate(given):
        place = ("documents", str(index))
        reasons = [*_against_learner(work, learners.get(row.learner_id), place), *_against(row, learner_of, place)]
        content = read_content(row.content, row.media_type, *place, "content")
        if isinstance(content, Reason):
            reasons.append(content)
        elif not reasons:
            digest = hashlib.sha256(content).hexdigest()
            made.append(_new(work.new_id(work.now), row, content, digest))
            results.append(RowResult(index, None, made[-1].id, Outcome.CHANGED))
            continue
        results.append(RowResult(index, None, None, Outcome.REFUSED, tuple(reasons)))
    await document_queries.add(work.connection, work.organisation_id, made, at=work.now)
    await work.record(
        [
            work.entry(
                HistoryAction.DOCUMENT_ADDED,
                (SubjectKind.DOCUMENT, each.id),
                each.learner_id,
                version=1,
                statuses=(None, DocumentStatus.ACTIVE.name),
            )
            for each in made
        ]
    )
    return Answer(results)


def _against_learner(work: Work, learner: LearnerRow | None, place: tuple[str, ...]) -> Sequence[Reason]:
    if learner is None:
        message = "There is no such learner, or you may not see them. Check the id."
        return [NotFound(ErrorCode.NOT_FOUND, message, ("input", *place, "learnerId"))]
    decision = LEARNERS[LearnerAction.ADD_DOCUMENTS].decide(work.role, learner.facts)
    return decision.reasons if isinstance(decision, Refused) else ()


def _against(row: DocumentInput, learner_of: Mapping[UUID, UUID], place: tuple[str, ...]) -> list[Reason]:
    reasons = [
        *text_reasons(row.title, *place, "title", longest=LONGEST_NAME, least=1),
        *file_name_reasons(row.file_name, *place, "fileName"),
    ]
    if row.course_enrolment_id is not None and learner_of.get(row.course_enrolment_id) != row.learner_id:
        message = "The learner has no such enrolment, or you may not see it. Check the id."
        reasons.append(NotFound(ErrorCode.NOT_FOUND, message, ("input", *place, "courseEnrolmentId")))
    return reasons


def _new(id_: UUID, row: DocumentInput, content: bytes, digest: str) -> NewDocument:
    return NewDocument(
        id_, row.learner_id, row.course_enrolment_id, row.title, row.file_name, row.media_type, content, digest
    )


async def archive(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes documents out of use; they are kept, and can be downloaded."""
    await work.lock(document_queries.lock_learners, ids)
    rows = await document_queries.facts(work.connection, work.bound, ids)
    decided = Decided(DOCUMENTS[DocumentAction.ARCHIVE], work.role, ids, rows, expected)
    versions = await document_queries.take(
        work.connection, work.organisation_id, decided.granted_ids, DocumentAction.ARCHIVE, archived_at=work.now
    )
    await work.record(
        [
            work.entry(
                HistoryAction.DOCUMENT_ARCHIVED,
                (SubjectKind.DOCUMENT, row.id),
                row.learner_id,
                version=versions[row.id],
                statuses=(row.facts.status.name, DocumentStatus.ARCHIVED.name),
            )
            for row in decided.granted
            if row.id in versions
        ]
    )
    return Answer(decided.results(versions))
