"""Mutations on learners' documents."""

from typing import Any

from portal_api.permissions import MayAddDocuments, MayArchiveDocuments
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.resolvers.changes import Selected, change
from portal_api.resolvers.planned import PortalInfo
from portal_api.services import documents as document_services
from portal_api.services.documents import DocumentInput
from portal_api.work import Answer, Work


async def add_documents(info: PortalInfo, given: Any) -> Completed:
    """Answers `addDocuments`."""

    rows = [
        DocumentInput(
            parse_id(row.learner_id, "lrn"),
            parse_id(row.course_enrolment_id, "cen") if row.course_enrolment_id else None,
            row.title,
            row.file_name,
            row.media_type,
            row.content,
        )
        for row in given.documents
    ]

    async def body(work: Work) -> Answer:
        return await document_services.add(work, rows)

    return await change(info, MayAddDocuments, given, Selected.of_rows("documents", rows), body)


async def archive_documents(info: PortalInfo, given: Any) -> Completed:
    """Answers `archiveDocuments`."""

    selected = Selected.of_ids("doc", given)

    async def body(work: Work) -> Answer:
        return await document_services.archive(work, selected.ids, expected=selected.expected)

    return await change(info, MayArchiveDocuments, given, selected, body)
