"""What administrators do about learners' certifications: inputs and payloads."""

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.changes import ChangeInput, ExpectedVersion, ManyInput, Payload, Result, changing
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


@strawberry.type
class LearnerCertificationMutations:
    assign_certification: AssignCertificationPayload | None = changing(
        resolvers.learner_certifications.assign_certification,
        permissions.MayAssignCertification,
        AssignCertificationInput,
        AssignCertificationPayload,
        "Assign learners to a certification by hand; who has it already is assigned by hand as well.",
    )
    remove_assignments: RemoveAssignmentsPayload | None = changing(
        resolvers.learner_certifications.remove_assignments,
        permissions.MayRemoveAssignments,
        RemoveAssignmentsInput,
        RemoveAssignmentsPayload,
        "Remove assignments that were made by hand; a record that no other source keeps is archived.",
    )
    override_payment: OverridePaymentPayload | None = changing(
        resolvers.learner_certifications.override_payment,
        permissions.MayOverridePayment,
        OverridePaymentInput,
        OverridePaymentPayload,
        "Waive the fee of the cycles that are open; each learner sees that an administrator waived it.",
    )
    override_training: OverrideTrainingPayload | None = changing(
        resolvers.learner_certifications.override_training,
        permissions.MayOverrideTraining,
        OverrideTrainingInput,
        OverrideTrainingPayload,
        "Mark all open training steps done; who has passed the exam is certified.",
    )
    override_exam: OverrideExamPayload | None = changing(
        resolvers.learner_certifications.override_exam,
        permissions.MayOverrideExam,
        OverrideExamInput,
        OverrideExamPayload,
        "Mark the final exam passed, without an attempt; who has done the training is certified.",
    )
    revoke_access: RevokeAccessPayload | None = changing(
        resolvers.learner_certifications.revoke_access,
        permissions.MayRevokeAccess,
        RevokeAccessInput,
        RevokeAccessPayload,
        "End the cycles that are open and take the latest certificates back, without a bar.",
    )
    force_recertification: ForceRecertificationPayload | None = changing(
        resolvers.learner_certifications.force_recertification,
        permissions.MayForceRecertification,
        ForceRecertificationInput,
        ForceRecertificationPayload,
        "Take the certificates back and open recertification cycles under the newest published version.",
    )
    permanently_revoke: PermanentlyRevokePayload | None = changing(
        resolvers.learner_certifications.permanently_revoke,
        permissions.MayPermanentlyRevoke,
        PermanentlyRevokeInput,
        PermanentlyRevokePayload,
        "Take the certificates back and bar the learners, until access is restored.",
    )
    restore_access: RestoreAccessPayload | None = changing(
        resolvers.learner_certifications.restore_access,
        permissions.MayRestoreAccess,
        RestoreAccessInput,
        RestoreAccessPayload,
        "Lift bars and revocations: new cycles begin under the newest published version.",
    )
