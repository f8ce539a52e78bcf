"""What certifications and their versions are changed with, and what is answered."""

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.certifications import Certification, CertificationVersion
from portal_api.schema.changes import CallInput, ChangeInput, EditInput, Payload, Result, changing
from portal_api.schema.enums import CertificationJoining, FeeDue, StepPath

_GROUPS = "The groups that are to be assigned to it, up to 100."


@strawberry.input(description="A certification to be made.")
class CreateCertificationInput(CallInput):
    title: str = strawberry.field(description="Its title, up to 200 characters.")
    joining: CertificationJoining = strawberry.field(
        default=CertificationJoining.ASSIGNED_ONLY, description="How learners come to it without being assigned."
    )
    external_ref: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its reference, up to 100 characters, its own within the organisation; its identifier when not given.",
    )
    group_ids: list[strawberry.ID] | None = strawberry.field(default=strawberry.UNSET, description=_GROUPS)


@strawberry.input(description="What a certification is to be; what is not given, or null, stays as it is.")
class UpdateCertificationInput(EditInput):
    title: str | None = strawberry.field(default=strawberry.UNSET, description="Its title, up to 200 characters.")
    external_ref: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its reference, up to 100 characters, its own within the organisation."
    )
    joining: CertificationJoining | None = strawberry.field(
        default=strawberry.UNSET, description="How learners come to it without being assigned."
    )
    group_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description=f"{_GROUPS} They take the place of its own."
    )


@strawberry.input(description="Certifications to be retired.")
class RetireCertificationsInput(ChangeInput):
    pass


@strawberry.input(description="Certifications to be taken into use again.")
class ReinstateCertificationsInput(ChangeInput):
    pass


@strawberry.input(description="A training step of a version.")
class CertificationStepInput:
    title: str = strawberry.field(description="Its title, up to 200 characters.")
    paths: list[StepPath] = strawberry.field(description="The ways to complete it, one at least.")


@strawberry.input(
    description="The whole content of the next version of a certification. What is not given is not kept from an earlier one."
)
class DraftCertificationVersionInput(CallInput):
    certification_id: strawberry.ID = strawberry.field(description="The certification.")
    expected_version: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="Refuse the call if the certification's draft is at another version than the caller read, or is gone.",
    )
    exam_title: str = strawberry.field(description="The title of the final exam, up to 200 characters.")
    attempt_limit: int | None = strawberry.field(
        default=strawberry.UNSET, description="How often it may be tried in a cycle, 1 to 20; no limit when not given."
    )
    allows_exam_before_training: bool = strawberry.field(
        default=False, description="Whether it may be tried while training steps are open."
    )
    exam_needs_approval: bool = strawberry.field(default=False, description="Whether a pass awaits a sign-off.")
    evidence_needs_approval: bool = strawberry.field(
        default=True, description="Whether evidence completes a step only once it is signed off."
    )
    initial_fee: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="What the first cycle costs, in the currency's smallest unit, 1 to 100,000,000; nothing when not given.",
    )
    recertification_fee: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="What a recertification costs, in the same unit and bounds; nothing when not given.",
    )
    currency: str | None = strawberry.field(
        default=strawberry.UNSET, description="Of the fees, in three capital letters; needed where there is one."
    )
    fee_due: FeeDue = strawberry.field(
        default=FeeDue.BEFORE_START, description="Up to where a learner comes without having paid."
    )
    validity_months: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="How many months a certificate is valid, 1 to 120; it never expires when not given.",
    )
    grace_days: int = strawberry.field(default=0, description="How many days after the expiry it lapses, 0 to 3,650.")
    window_days: int = strawberry.field(
        default=0, description="How many days before the expiry recertification may begin, 0 to 3,650."
    )
    steps: list[CertificationStepInput] = strawberry.field(description="Its training steps in their order, 0 to 50.")


@strawberry.input(description="A draft to be published.")
class PublishCertificationVersionInput(EditInput):
    pass


@strawberry.input(description="A published version to be retired.")
class RetireCertificationVersionInput(EditInput):
    pass


@strawberry.type(description="What happened to one certification.")
class CertificationResult(Result[Certification]):
    pass


@strawberry.type(description="What happened to one version of a certification.")
class CertificationVersionResult(Result[CertificationVersion]):
    pass


@strawberry.type(description="The answer to the making of a certification.")
class CreateCertificationPayload(Payload[CertificationResult]):
    pass


@strawberry.type(description="The answer to a change of a certification.")
class UpdateCertificationPayload(Payload[CertificationResult]):
    pass


@strawberry.type(description="The answer to a retirement of certifications.")
class RetireCertificationsPayload(Payload[CertificationResult]):
    pass


@strawberry.type(description="The answer to a reinstatement of certifications.")
class ReinstateCertificationsPayload(Payload[CertificationResult]):
    pass


@strawberry.type(description="The answer to the drafting of a version.")
class DraftCertificationVersionPayload(Payload[CertificationVersionResult]):
    pass


@strawberry.type(description="The answer to the publication of a version.")
class PublishCertificationVersionPayload(Payload[CertificationVersionResult]):
    pass


@strawberry.type(description="The answer to the retirement of a version.")
class RetireCertificationVersionPayload(Payload[CertificationVersionResult]):
    pass


@strawberry.type
class CertificationMutations:
    create_certification: CreateCertificationPayload | None = changing(
        resolvers.certifications.create_certification,
        permissions.MayCreateCertification,
        CreateCertificationInput,
        CreateCertificationPayload,
        "Make a certification. Learners come to it once a version is drafted and published.",
    )
    update_certification: UpdateCertificationPayload | None = changing(
        resolvers.certifications.update_certification,
        permissions.MayUpdateCertification,
        UpdateCertificationInput,
        UpdateCertificationPayload,
        "Change what a certification says of itself; its versions stay. With other groups, those who are in them are "
        "assigned, and the sources of groups that are left out end.",
    )
    retire_certifications: RetireCertificationsPayload | None = changing(
        resolvers.certifications.retire_certifications,
        permissions.MayRetireCertifications,
        RetireCertificationsInput,
        RetireCertificationsPayload,
        "Retire certifications: no new assignment, enrolment or cycle begins; all else goes on.",
    )
    reinstate_certifications: ReinstateCertificationsPayload | None = changing(
        resolvers.certifications.reinstate_certifications,
        permissions.MayReinstateCertifications,
        ReinstateCertificationsInput,
        ReinstateCertificationsPayload,
        "Take retired certifications into use again; whoever groups would have assigned meanwhile is assigned.",
    )
    draft_certification_version: DraftCertificationVersionPayload | None = changing(
        resolvers.certifications.draft_certification_version,
        permissions.MayDraftCertificationVersion,
        DraftCertificationVersionInput,
        DraftCertificationVersionPayload,
        "Draft the next version of a certification; while there is a draft, replace its whole content.",
    )
    publish_certification_version: PublishCertificationVersionPayload | None = changing(
        resolvers.certifications.publish_certification_version,
        permissions.MayPublishCertificationVersion,
        PublishCertificationVersionInput,
        PublishCertificationVersionPayload,
        "Publish a draft: from then on it never changes, and new cycles begin under it. With the first one, groups that the "
        "certification names assign it.",
    )
    retire_certification_version: RetireCertificationVersionPayload | None = changing(
        resolvers.certifications.retire_certification_version,
        permissions.MayRetireCertificationVersion,
        RetireCertificationVersionInput,
        RetireCertificationVersionPayload,
        "Retire a published version: no new cycle begins under it, those that run go on.",
    )
