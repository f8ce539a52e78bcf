"""Changes to learners: what they take, and what they answer."""

from datetime import date

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.changes import ChangeInput, EditInput, ManyInput, Payload, Result, changing
from portal_api.schema.enums import DeactivationReason
from portal_api.schema.learners import Learner


@strawberry.input(description="An attribute of a learner, which groups can test for.")
class AttributeInput:
    name: str = strawberry.field(description="Its name, up to 100 characters.")
    value: str = strawberry.field(description="Its value, up to 100 characters.")


@strawberry.input(description="What has to be heeded with a learner.")
class SpecialRequirementsInput:
    text: str = strawberry.field(description="The note, up to 2,000 characters.")
    is_private: bool = strawberry.field(default=False, description="Whether its text is for administrators alone.")


@strawberry.input(description="A learner to be added.")
class NewLearner:
    given_name: str = strawberry.field(description="Their given name, up to 200 characters.")
    family_name: str = strawberry.field(description="Their family name, up to 200 characters.")
    email: str = strawberry.field(description="Their e-mail address.")
    external_ref: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Their reference, as others know it, which no other learner of the organisation has; "
        "their id when it is not given.",
    )
    manager_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The learner record of the manager that they report to."
    )
    attributes: list[AttributeInput] | None = strawberry.field(
        default=strawberry.UNSET, description="Their attributes, up to 50, each name once."
    )
    student_identifier: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The identifier that they are reported by: a unique student identifier, `INDIV` or `INTOFF`.",
    )
    has_app_access: bool = strawberry.field(default=False, description="Whether the learner app is open to them.")
    special_requirements: SpecialRequirementsInput | None = strawberry.field(
        default=strawberry.UNSET, description="What has to be heeded with them."
    )


@strawberry.input(description="Learners to be added.")
class CreateLearnersInput(ManyInput):
    learners: list[NewLearner] = strawberry.field(description="The learners, 1 to 1,000.")


@strawberry.input(description="What is to be changed of a learner; what is not given stays as it is.")
class UpdateLearnerInput(EditInput):
    given_name: str | None = strawberry.field(default=strawberry.UNSET, description="Their given name.")
    family_name: str | None = strawberry.field(default=strawberry.UNSET, description="Their family name.")
    email: str | None = strawberry.field(default=strawberry.UNSET, description="Their e-mail address.")
    external_ref: str | None = strawberry.field(
        default=strawberry.UNSET, description="Their reference, which no other learner of the organisation has."
    )
    manager_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The manager that they report to; null for none any more."
    )
    student_identifier: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The identifier that they are reported by: a unique student identifier, `INDIV` or `INTOFF`; null for "
        "none any more.",
    )
    attributes: list[AttributeInput] | None = strawberry.field(
        default=strawberry.UNSET, description="All of their attributes; null or an empty list for none any more."
    )
    special_requirements: SpecialRequirementsInput | None = strawberry.field(
        default=strawberry.UNSET, description="What has to be heeded with them; null for nothing any more."
    )


@strawberry.input(description="Learners whose app access is to be switched on or off.")
class SetLearnerAppAccessInput(ChangeInput):
    has_app_access: bool = strawberry.field(description="Whether the learner app is to be open to them.")


@strawberry.input(description="Learners to be set inactive.")
class DeactivateLearnersInput(ChangeInput):
    reason: DeactivationReason = strawberry.field(description="Why, for all of them.")
    note: str | None = strawberry.field(
        default=strawberry.UNSET, description="A note for administrators, up to 2,000 characters."
    )
    special_requirements: SpecialRequirementsInput | None = strawberry.field(
        default=strawberry.UNSET,
        description="What has to be heeded with all of them, written with the deactivation; "
        "what each has now stays when it is not given.",
    )
    withdraw_all: bool = strawberry.field(
        default=False,
        description="Whether to withdraw, with the reason USER_DEACTIVATED, all that they are still taking.",
    )


@strawberry.input(description="Learners to be set active again.")
class ReactivateLearnersInput(ChangeInput):
    pass


@strawberry.type(description="What happened to one learner.")
class LearnerResult(Result[Learner]):
    pass


@strawberry.type(description="What a change does to the usage of a month, and so to its bill.")
class BillingChange:
    month: date = strawberry.field(description="The month, by its first day.")
    learners_before: int = strawberry.field(description="How many learners were counted for it before.")
    learners_after: int = strawberry.field(description="How many are counted for it after.")
    change: int = strawberry.field(description="The difference: what the bill gains, or loses where it is negative.")


@strawberry.type(description="The answer to new learners.")
class CreateLearnersPayload(Payload[LearnerResult]):
    pass


@strawberry.type(description="The answer to an edit of a learner.")
class UpdateLearnerPayload(Payload[LearnerResult]):
    pass


@strawberry.type(description="The answer to a change of app access.")
class SetLearnerAppAccessPayload(Payload[LearnerResult]):
    pass


@strawberry.type(description="How many enrolments a deactivation has withdrawn.")
class Withdrawn:
    series_enrolments: int = strawberry.field(description="Enrolments in series, those in pathways among them.")
    pathway_enrolments: int = strawberry.field(description="Enrolments in pathways.")


@strawberry.type(description="The answer to a deactivation.")
class DeactivateLearnersPayload(Payload[LearnerResult]):
    withdrawn: Withdrawn = strawberry.field(
        description="What was withdrawn with it; none unless `withdrawAll` was asked for."
    )
    billing: list[BillingChange] = strawberry.field(
        description="What the bills of the running month and the next lose; empty where the call as a whole was refused."
    )


@strawberry.type(description="The answer to a reactivation.")
class ReactivateLearnersPayload(Payload[LearnerResult]):
    billing: list[BillingChange] = strawberry.field(
        description="What the bills of the running month and the next gain; empty where the call as a whole was refused."
    )


@strawberry.type
class LearnerMutations:
    create_learners: CreateLearnersPayload | None = changing(
        resolvers.learners.create_learners,
        permissions.MayCreateLearners,
        CreateLearnersInput,
        CreateLearnersPayload,
        "Add learners: active from now on, without app access unless it is asked for. Groups assign them certifications by "
        "their attributes.",
    )
    update_learner: UpdateLearnerPayload | None = changing(
        resolvers.learners.update_learner,
        permissions.MayUpdateLearner,
        UpdateLearnerInput,
        UpdateLearnerPayload,
        "Edit what is kept of a learner: only what is given changes. With other attributes, what groups assign to them "
        "follows. An Owner's own learner record only by an Owner.",
    )
    set_learner_app_access: SetLearnerAppAccessPayload | None = changing(
        resolvers.learners.set_learner_app_access,
        permissions.MaySetLearnerAppAccess,
        SetLearnerAppAccessInput,
        SetLearnerAppAccessPayload,
        "Switch the app access of active learners on or off. An Owner's own learner record only by an Owner.",
    )
    deactivate_learners: DeactivateLearnersPayload | None = changing(
        resolvers.learners.deactivate_learners,
        permissions.MayDeactivateLearners,
        DeactivateLearnersInput,
        DeactivateLearnersPayload,
        "Set learners inactive: view-only, app access off, not billed from the following month on. "
        "An Owner's own learner record only by an Owner.",
    )
    reactivate_learners: ReactivateLearnersPayload | None = changing(
        resolvers.learners.reactivate_learners,
        permissions.MayReactivateLearners,
        ReactivateLearnersInput,
        ReactivateLearnersPayload,
        "Set learners active again; app access stays off until it is switched on. What groups assigned or ended meanwhile "
        "follows now. "
        "An Owner's own learner record only by an Owner.",
    )
