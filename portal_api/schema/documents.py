"""Learners' documents."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api import permissions, resolvers
from portal_api.domain.documents import MOST_BYTES
from portal_api.schema.changes import ChangeInput, ManyInput, Payload, Result, changing
from portal_api.schema.enums import DocumentAction, DocumentStatus, MediaType, described
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.links import Download
from portal_api.schema.lists import Comparison, Connection, IdComparison, InstantComparison, listing, order_input
from portal_api.schema.nodes import Node

if TYPE_CHECKING:
    from portal_api.schema.course_enrolments import CourseEnrolment
    from portal_api.schema.learners import Learner


@strawberry.type(description="One action on a document: open, or closed with every reason.")
class DocumentActionState:
    action: DocumentAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(description="Why it is closed: role, inactive learner and status.")


@strawberry.input(description="Which documents; all conditions must hold.")
class DocumentFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    learner_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By learner.")
    course_enrolment_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the enrolment in a course that it belongs to."
    )
    media_type: Comparison[MediaType] | None = strawberry.field(default=strawberry.UNSET, description="By what it is.")
    status: Comparison[DocumentStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is in use."
    )
    added_at: InstantComparison | None = strawberry.field(default=strawberry.UNSET, description="By when it was added.")
    archived_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was archived."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET, description="Words that all stand in the title; case and accents are ignored."
    )


class DocumentOrderField(StrEnum):
    """What documents can be sorted by."""

    TITLE = "title"
    ADDED_AT = "added_at"


described(
    DocumentOrderField,
    "What documents can be sorted by.",
    {
        DocumentOrderField.TITLE: "Title; case and accents are ignored.",
        DocumentOrderField.ADDED_AT: "When it was added.",
    },
)
DocumentOrder = order_input("DocumentOrder", "documents", DocumentOrderField)


@strawberry.type(
    description="A file that is kept with a learner. Administrators see all, learners their own; nobody else sees any."
)
class Document(Node):
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner."
    )
    course_enrolment: Annotated["CourseEnrolment", strawberry.lazy("portal_api.schema.course_enrolments")] | None = (
        strawberry.field(description="The enrolment in a course that it belongs to, if it belongs to one.")
    )
    title: str = strawberry.field(description="Its title.")
    file_name: str = strawberry.field(description="The name of the file.")
    media_type: MediaType = strawberry.field(description="What it is.")
    size: int = strawberry.field(description="How many bytes it has.")
    sha256: str = strawberry.field(description="The SHA-256 of its bytes, in hexadecimal characters.")
    status: DocumentStatus = strawberry.field(description="Whether it is in use.")
    added_at: datetime = strawberry.field(description="When it was added.")
    archived_at: datetime | None = strawberry.field(description="When it was archived.")
    download: Download | None = strawberry.field(description="A link to the file, archived or not.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[DocumentActionState] = strawberry.field(description="Every action on this document, open or closed.")


@strawberry.input(description="A document to be kept.")
class NewDocumentInput:
    learner_id: strawberry.ID = strawberry.field(description="The learner.")
    course_enrolment_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="An enrolment of the learner's in a course, where it belongs to one."
    )
    title: str = strawberry.field(description="Its title, 1 to 200 characters.")
    file_name: str = strawberry.field(description="The name of the file, 1 to 200 characters and without a path.")
    media_type: MediaType = strawberry.field(description="What it is; the content must fit.")
    content: str = strawberry.field(description=f"Its bytes in base64, {MOST_BYTES // 1024**2} MiB at the most.")


@strawberry.input(description="Documents to be kept.")
class AddDocumentsInput(ManyInput):
    documents: list[NewDocumentInput] = strawberry.field(
        description="The documents, 1 to 1,000, as many as the request has room for."
    )


@strawberry.input(description="Documents to be taken out of use.")
class ArchiveDocumentsInput(ChangeInput):
    pass


@strawberry.type(description="What happened to one document.")
class DocumentResult(Result[Document]):
    pass


@strawberry.type(description="The answer to the adding of documents.")
class AddDocumentsPayload(Payload[DocumentResult]):
    pass


@strawberry.type(description="The answer to the archiving of documents.")
class ArchiveDocumentsPayload(Payload[DocumentResult]):
    pass


@strawberry.type
class DocumentMutations:
    add_documents: AddDocumentsPayload | None = changing(
        resolvers.documents.add_documents,
        permissions.MayAddDocuments,
        AddDocumentsInput,
        AddDocumentsPayload,
        "Keep files with learners.",
    )
    archive_documents: ArchiveDocumentsPayload | None = changing(
        resolvers.documents.archive_documents,
        permissions.MayArchiveDocuments,
        ArchiveDocumentsInput,
        ArchiveDocumentsPayload,
        "Take documents out of use; they are kept, and can be downloaded.",
    )
