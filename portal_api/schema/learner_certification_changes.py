"""What administrators do about learners' certifications: inputs and payloads."""

import strawberry

from portal_api.schema.changes import ChangeInput, ExpectedVersion, ManyInput, Payload, Result
from portal_api.schema.learner_certifications import LearnerCertification


@strawberry.input
class OverridingInput(ChangeInput):
    note: str | None = strawberry.field(
        default=strawberry.UNSET, description="A note for administrators, up to 2,000 characters."
    )


@strawberry.input(description="Learners to be assigned to a certification.")
class AssignCertificationInput(ManyInput):
    certification_id: strawberry.ID = strawberry.field(description="The certification.")
    learner_ids: list[strawberry.ID] = strawberry.field(
        description="The learners, 1 to 1,000; one named twice is answered once."
    )
    expected_versions: list[ExpectedVersion] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Refuse the learners who are at another version than the caller read.",
    )


@strawberry.input(
    description="Assignment sources to be removed, by their ids; expected versions are those of their records."
)
class RemoveAssignmentsInput(ChangeInput):
    pass


@strawberry.type(description="What happened to one learner's certification, or to one learner who was to be assigned.")
class LearnerCertificationResult(Result[LearnerCertification]):
    pass


@strawberry.input(description="Certifications whose fee is to be waived.")
class OverridePaymentInput(OverridingInput):
    pass


@strawberry.input(description="Certifications whose training is to count as done.")
class OverrideTrainingInput(OverridingInput):
    pass


@strawberry.input(description="Certifications whose exam is to count as passed.")
class OverrideExamInput(OverridingInput):
    pass


@strawberry.input(description="Certifications to be revoked.")
class RevokeAccessInput(OverridingInput):
    pass


@strawberry.input(description="Certifications to be done again.")
class ForceRecertificationInput(OverridingInput):
    pass


@strawberry.input(description="Certifications from which learners are to be barred.")
class PermanentlyRevokeInput(OverridingInput):
    pass


@strawberry.input(description="Certifications to be opened again.")
class RestoreAccessInput(OverridingInput):
    pass


@strawberry.type(description="The answer to `assignCertification`.")
class AssignCertificationPayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.type(description="The answer to `removeAssignments`.")
class RemoveAssignmentsPayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.type(description="The answer to `overridePayment`.")
class OverridePaymentPayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.type(description="The answer to `overrideTraining`.")
class OverrideTrainingPayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.type(description="The answer to `overrideExam`.")
class OverrideExamPayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.type(description="The answer to `revokeAccess`.")
class RevokeAccessPayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.type(description="The answer to `forceRecertification`.")
class ForceRecertificationPayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.type(description="The answer to `permanentlyRevoke`.")
class PermanentlyRevokePayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.type(description="The answer to `restoreAccess`.")
class RestoreAccessPayload(Payload[LearnerCertificationResult]):
    pass
