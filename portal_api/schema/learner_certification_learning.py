"""The learner's own way through a certification: inputs and payloads."""

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.approval_decisions import ApprovalResult
from portal_api.schema.changes import CallInput, EditInput, Payload, changing
from portal_api.schema.learner_certification_changes import LearnerCertificationResult


@strawberry.input
class JoiningInput(CallInput):
    certification_id: strawberry.ID = strawberry.field(description="The certification.")
    expected_version: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="Refuse the call if the certification is at another version than the caller read.",
    )


@strawberry.input(description="A certification that the caller enrols in.")
class EnrolInCertificationInput(JoiningInput):
    pass


@strawberry.input(description="A certification that the caller asks to be let into.")
class RequestAccessInput(JoiningInput):
    text: str | None = strawberry.field(
        default=strawberry.UNSET, description="Why, in the learner's words: 1 to 2,000 characters."
    )


@strawberry.input(description="A certification that its learner starts to work on.")
class StartCertificationInput(EditInput):
    pass


@strawberry.input(description="Evidence for a training step: a text, some links, or both.")
class SubmitEvidenceInput(EditInput):
    step_id: strawberry.ID = strawberry.field(description="The training step of the version.")
    text: str | None = strawberry.field(
        default=strawberry.UNSET, description="The evidence in the learner's words: 1 to 2,000 characters."
    )
    links: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Where the evidence is to be found: up to five links, each with https and a host, without a user.",
    )


@strawberry.input(description="A certification whose final exam its learner starts.")
class StartExamInput(EditInput):
    pass


@strawberry.input(description="A certification that its learner does again.")
class StartRecertificationInput(EditInput):
    pass


@strawberry.input(description="A certification whose learner asks for more attempts at its final exam.")
class RequestMoreAttemptsInput(EditInput):
    pass


@strawberry.type(description="The answer to `enrolInCertification`.")
class EnrolInCertificationPayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.type(description="The answer to `startCertification`.")
class StartCertificationPayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.type(description="The answer to `submitEvidence`.")
class SubmitEvidencePayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.type(description="The answer to `startExam`.")
class StartExamPayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.type(description="The answer to `startRecertification`.")
class StartRecertificationPayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.type(description="The answer to `requestMoreAttempts`: the approval that is awaited.")
class RequestMoreAttemptsPayload(Payload[ApprovalResult]):
    pass


@strawberry.type(description="The answer to `requestAccess`: the approval that is awaited.")
class RequestAccessPayload(Payload[ApprovalResult]):
    pass


@strawberry.type
class LearnerCertificationLearningMutations:
    enrol_in_certification: EnrolInCertificationPayload | None = changing(
        resolvers.learner_certification_learning.enrol_in_certification,
        permissions.MayEnrolInCertification,
        EnrolInCertificationInput,
        EnrolInCertificationPayload,
        "Enrol in a certification that is open to join, or take up one that is assigned. For the learner record that the "
        "caller is linked to.",
    )
    start_certification: StartCertificationPayload | None = changing(
        resolvers.learner_certification_learning.start_certification,
        permissions.MayStartCertification,
        StartCertificationInput,
        StartCertificationPayload,
        "Start to work on the caller's own certification.",
    )
    submit_evidence: SubmitEvidencePayload | None = changing(
        resolvers.learner_certification_learning.submit_evidence,
        permissions.MaySubmitEvidence,
        SubmitEvidenceInput,
        SubmitEvidencePayload,
        "Hand in evidence for a training step of the caller's own certification: it awaits approval, or completes the step "
        "where the version wants none.",
    )
    start_exam: StartExamPayload | None = changing(
        resolvers.learner_certification_learning.start_exam,
        permissions.MayStartExam,
        StartExamInput,
        StartExamPayload,
        "Start an attempt at the final exam of the caller's own certification; it counts from its start.",
    )
    start_recertification: StartRecertificationPayload | None = changing(
        resolvers.learner_certification_learning.start_recertification,
        permissions.MayStartRecertification,
        StartRecertificationInput,
        StartRecertificationPayload,
        "Open a new cycle of the caller's own certification, under the newest published version; a certificate that is in "
        "force stays.",
    )
    request_more_attempts: RequestMoreAttemptsPayload | None = changing(
        resolvers.learner_certification_learning.request_more_attempts,
        permissions.MayRequestMoreAttempts,
        RequestMoreAttemptsInput,
        RequestMoreAttemptsPayload,
        "Ask for more attempts at the final exam of the caller's own certification, once none is left.",
    )
    request_access: RequestAccessPayload | None = changing(
        resolvers.learner_certification_learning.request_access,
        permissions.MayRequestAccess,
        RequestAccessInput,
        RequestAccessPayload,
        "Ask to be let into a certification that is open on request. For the learner record that the caller is linked to.",
    )
