"""What can be changed of learncycles."""

import strawberry

from portal_api import resolvers
from portal_api.permissions import automations as permissions
from portal_api.schema.changes import CallInput, ChangeInput, EditInput, Payload, Result, changing
from portal_api.schema.enums import (
    ConditionKind,
    CourseEnrolmentStatus,
    DeactivationReason,
    LearncycleActionKind,
    TriggerKind,
)
from portal_api.schema.learncycles import Learncycle


@strawberry.input(description="What a learncycle waits for.")
class LearncycleTriggerInput:
    kind: TriggerKind = strawberry.field(description="The change, or the day.")
    to: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="What a change comes to: a status by its name, or the outcome of a unit by its code.",
    )
    reason_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The organisation's reason that a change comes to."
    )
    offset_days: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="For a day: how many days after it, 3,650 at the most; before it with a minus.",
    )


@strawberry.input(description="A condition: one of the values must be that of the record or its learner.")
class LearncycleConditionInput:
    kind: ConditionKind = strawberry.field(description="What is asked.")
    values: list[str] = strawberry.field(description="Statuses by their names, or identifiers.")


@strawberry.input(description="One thing that a learncycle does; each kind takes what is its own.")
class LearncycleStepInput:
    kind: LearncycleActionKind = strawberry.field(description="What it does.")
    reason: DeactivationReason | None = strawberry.field(
        default=strawberry.UNSET,
        description="Why the learner is set inactive; ENROLMENTS_ENDED when nothing is said.",
    )
    has_app_access: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether to switch app access on or off."
    )
    status: CourseEnrolmentStatus | None = strawberry.field(
        default=strawberry.UNSET, description="The status to set the course enrolment to."
    )
    status_reason_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The reason of that status."
    )
    title: str | None = strawberry.field(
        default=strawberry.UNSET, description="The title of a task or notification, 1 to 200 characters."
    )
    body: str | None = strawberry.field(
        default=strawberry.UNSET, description="The text of a task or notification, up to 2,000 characters."
    )
    due_in_days: int | None = strawberry.field(
        default=strawberry.UNSET, description="In how many days a task is due, 0 to 3,650."
    )
    assignee_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Who is to do a task: somebody who holds a role here."
    )


@strawberry.input(description="The rule of a learncycle, whole.")
class LearncycleRuleInput:
    trigger: LearncycleTriggerInput = strawberry.field(description="When it fires.")
    offer_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The course offers that it is for; all when none is named. Only for course enrolments and units.",
    )
    conditions: list[LearncycleConditionInput] | None = strawberry.field(
        default=strawberry.UNSET, description="What must be so; all must hold."
    )
    then: list[LearncycleStepInput] = strawberry.field(description="What it does, in order, 1 to 10.")


@strawberry.input(description="A learncycle to be made; it is off.")
class CreateLearncycleInput(CallInput):
    name: str = strawberry.field(description="Its name, 1 to 200 characters.")
    rule: LearncycleRuleInput = strawberry.field(description="What it does, and when.")


@strawberry.input(description="A learncycle to be changed while it is off; what is not given stays.")
class UpdateLearncycleInput(EditInput):
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Its name, 1 to 200 characters.")
    rule: LearncycleRuleInput | None = strawberry.field(
        default=strawberry.UNSET, description="The rule that takes the place of its own, as a whole."
    )


@strawberry.input(description="Learncycles to be switched on.")
class SwitchLearncyclesOnInput(ChangeInput):
    pass


@strawberry.input(description="Learncycles to be switched off.")
class SwitchLearncyclesOffInput(ChangeInput):
    pass


@strawberry.input(description="Learncycles to be retired.")
class RetireLearncyclesInput(ChangeInput):
    pass


@strawberry.input(description="Learncycles to be taken back.")
class ReinstateLearncyclesInput(ChangeInput):
    pass


@strawberry.type(description="What happened to one learncycle.")
class LearncycleResult(Result[Learncycle]):
    pass


@strawberry.type(description="The answer to making a learncycle.")
class CreateLearncyclePayload(Payload[LearncycleResult]):
    pass


@strawberry.type(description="The answer to changing a learncycle.")
class UpdateLearncyclePayload(Payload[LearncycleResult]):
    pass


@strawberry.type(description="The answer to switching learncycles on.")
class SwitchLearncyclesOnPayload(Payload[LearncycleResult]):
    pass


@strawberry.type(description="The answer to switching learncycles off.")
class SwitchLearncyclesOffPayload(Payload[LearncycleResult]):
    pass


@strawberry.type(description="The answer to retiring learncycles.")
class RetireLearncyclesPayload(Payload[LearncycleResult]):
    pass


@strawberry.type(description="The answer to taking learncycles back.")
class ReinstateLearncyclesPayload(Payload[LearncycleResult]):
    pass


@strawberry.type
class LearncycleMutations:
    create_learncycle: CreateLearncyclePayload | None = changing(
        resolvers.learncycles.create_learncycle,
        permissions.MayCreateLearncycle,
        CreateLearncycleInput,
        CreateLearncyclePayload,
        "Make a learncycle; it is off until it is switched on.",
    )
    update_learncycle: UpdateLearncyclePayload | None = changing(
        resolvers.learncycles.update_learncycle,
        permissions.MayUpdateLearncycle,
        UpdateLearncycleInput,
        UpdateLearncyclePayload,
        "Change a learncycle that is off.",
    )
    switch_learncycles_on: SwitchLearncyclesOnPayload | None = changing(
        resolvers.learncycles.switch_learncycles_on,
        permissions.MaySwitchLearncyclesOn,
        SwitchLearncyclesOnInput,
        SwitchLearncyclesOnPayload,
        "Switch learncycles on: they fire for what happens from now on, never for what has been.",
    )
    switch_learncycles_off: SwitchLearncyclesOffPayload | None = changing(
        resolvers.learncycles.switch_learncycles_off,
        permissions.MaySwitchLearncyclesOff,
        SwitchLearncyclesOffInput,
        SwitchLearncyclesOffPayload,
        "Switch learncycles off.",
    )
    retire_learncycles: RetireLearncyclesPayload | None = changing(
        resolvers.learncycles.retire_learncycles,
        permissions.MayRetireLearncycles,
        RetireLearncyclesInput,
        RetireLearncyclesPayload,
        "Retire learncycles, on or off; what they did is kept.",
    )
    reinstate_learncycles: ReinstateLearncyclesPayload | None = changing(
        resolvers.learncycles.reinstate_learncycles,
        permissions.MayReinstateLearncycles,
        ReinstateLearncyclesInput,
        ReinstateLearncyclesPayload,
        "Take retired learncycles back; they are off.",
    )
