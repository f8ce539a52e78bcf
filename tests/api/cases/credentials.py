"""The mutations of credentials and documents."""

from base64 import b64encode

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.credentials import CredentialStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.models import credentials, documents
from tests.api.cases.shapes import ADMINISTRATORS, CallCase, MutationCase, beside
from tests.client import Json
from tests.factories import Organisation, Record


def _credential(made: Organisation, status: CredentialStatus, outcome: Outcome = Outcome.COMPETENT) -> Record:
    return made.credential(made.trained(made.learner(), outcome), status)


def _document(made: Organisation, content: bytes) -> Json:
    row = {"learnerId": made.learner().gid, "title": "Passport", "fileName": "passport.pdf", "mediaType": "PDF"}
    return {"documents": [{**row, "content": b64encode(content).decode()}]}


def _standing(made: Organisation) -> Json:
    enrolment = made.trained(made.learner())
    return beside([made.credential(enrolment)], {"courseEnrolmentIds": [enrolment.gid]})


MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="requestCredentials",
        roles=ADMINISTRATORS,
        changes=lambda made: {"courseEnrolmentIds": [made.trained(made.learner()).gid]},
        refuses=_standing,
        refusal=("CREDENTIAL_STANDS",),
        action=HistoryAction.CREDENTIAL_REQUESTED,
        subject=SubjectKind.CREDENTIAL,
        moves=(None, "REQUESTED"),
        other={"issueAtOnce": True},
    ),
    MutationCase(
        mutation="issueCredentials",
        table=credentials,
        roles=ADMINISTRATORS,
        changes=lambda made: _credential(made, CredentialStatus.REQUESTED),
        refuses=lambda made: _credential(made, CredentialStatus.REQUESTED, Outcome.CONTINUING),
        refusal=("NO_CREDENTIALLED_OUTCOME",),
        input={},
        other_inputs=(),
        action=HistoryAction.CREDENTIAL_ISSUED,
        subject=SubjectKind.CREDENTIAL,
        moves=("REQUESTED", "ISSUED"),
    ),
    MutationCase(
        mutation="cancelCredentials",
        table=credentials,
        roles=ADMINISTRATORS,
        changes=lambda made: _credential(made, CredentialStatus.ISSUED),
        refuses=lambda made: _credential(made, CredentialStatus.CANCELLED),
        refusal=("STATUS_NOT_ALLOWED",),
        input={"reason": "REVOKED", "note": "The outcome was recorded in error."},
        other_inputs=({"reason": "ISSUED_IN_ERROR"}, {"note": "Another note."}),
        action=HistoryAction.CREDENTIAL_CANCELLED,
        subject=SubjectKind.CREDENTIAL,
        moves=("ISSUED", "CANCELLED"),
    ),
    CallCase(
        mutation="reissueCredentials",
        roles=ADMINISTRATORS,
        changes=lambda made: {"ids": [_credential(made, CredentialStatus.ISSUED).gid]},
        refuses=lambda made: {"ids": [_credential(made, CredentialStatus.REQUESTED).gid]},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.CREDENTIAL_REPLACED,
        subject=SubjectKind.CREDENTIAL,
        moves=("ISSUED", "CANCELLED"),
        other={"note": "Another note."},
    ),
    CallCase(
        mutation="addDocuments",
        roles=ADMINISTRATORS,
        changes=lambda made: _document(made, b"%PDF-1.7 a passport"),
        refuses=lambda made: _document(made, b"GIF89a no passport"),
        refusal=("INPUT_INVALID",),
        action=HistoryAction.DOCUMENT_ADDED,
        subject=SubjectKind.DOCUMENT,
        moves=(None, "ACTIVE"),
    ),
    MutationCase(
        mutation="archiveDocuments",
        table=documents,
        roles=ADMINISTRATORS,
        changes=lambda made: made.document(made.learner()),
        refuses=lambda made: made.document(made.learner(), is_active=False),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.DOCUMENT_ARCHIVED,
        subject=SubjectKind.DOCUMENT,
        moves=("ACTIVE", "ARCHIVED"),
    ),
)
