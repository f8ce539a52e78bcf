"""Learning pathways, their steps, and the enrolments in them."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.changes import (
    CallInput,
    ChangeInput,
    EditInput,
    ExpectedVersion,
    ManyInput,
    Payload,
    Result,
    changing,
)
from portal_api.schema.enums import (
    LibraryStatus,
    PathwayAction,
    PathwayEnrolmentAction,
    PathwayEnrolmentStatus,
    PathwayKind,
    WithdrawalReason,
    described,
)
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.lists import (
    Comparison,
    Connection,
    IdComparison,
    InstantComparison,
    ReportsTo,
    TextComparison,
    listing,
    order_input,
)
from portal_api.schema.nodes import Node
from portal_api.schema.series import Series, SeriesEnrolment, SeriesEnrolmentFilter, SeriesEnrolmentOrder

if TYPE_CHECKING:
    from portal_api.schema.learners import Learner


@strawberry.type(description="One action on an enrolment in a pathway: open, or closed with every reason.")
class PathwayEnrolmentActionState:
    action: PathwayEnrolmentAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(description="Why it is closed: role, inactive learner, status.")


@strawberry.input(description="Which enrolments in pathways; all conditions must hold.")
class PathwayEnrolmentFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    external_ref: TextComparison | None = strawberry.field(default=strawberry.UNSET, description="By reference.")
    learner_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By learner.")
    pathway_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By pathway.")
    status: Comparison[PathwayEnrolmentStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By status, at the instant of the request."
    )
    tracking_code: TextComparison | None = strawberry.field(default=strawberry.UNSET, description="By tracking code.")
    enrolled_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when they were enrolled."
    )
    ends_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when the time of its open series runs out."
    )
    completed_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was completed."
    )
    withdrawn_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was withdrawn."
    )
    withdrawal_reason: Comparison[WithdrawalReason] | None = strawberry.field(
        default=strawberry.UNSET, description="By why it was withdrawn."
    )
    reports_to: ReportsTo | None = strawberry.field(
        default=strawberry.UNSET, description="By the manager above the learner."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words that all stand in the learner's name, e-mail address or reference; case and accents are ignored.",
    )


class PathwayEnrolmentOrderField(StrEnum):
    """What enrolments in pathways can be sorted by."""

    ENROLLED_AT = "enrolled_at"
    ENDS_AT = "ends_at"
    WITHDRAWN_AT = "withdrawn_at"


described(
    PathwayEnrolmentOrderField,
    "What enrolments in pathways can be sorted by.",
    {
        PathwayEnrolmentOrderField.ENROLLED_AT: "When the learner was enrolled.",
        PathwayEnrolmentOrderField.ENDS_AT: "When the time of its open series runs out.",
        PathwayEnrolmentOrderField.WITHDRAWN_AT: "When it was withdrawn; those that were not come last.",
    },
)
PathwayEnrolmentOrder = order_input("PathwayEnrolmentOrder", "enrolments in pathways", PathwayEnrolmentOrderField)


@strawberry.type(description="A learner's enrolment in a pathway: one of its series after another.")
class PathwayEnrolment(Node):
    external_ref: str = strawberry.field(description="Its reference, as others know it.")
    status: PathwayEnrolmentStatus = strawberry.field(description="Where it stands, at the instant of the request.")
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner enrolled."
    )
    pathway: Annotated["Pathway", strawberry.lazy("portal_api.schema.pathways")] | None = strawberry.field(
        description="The pathway; null where it is retired and the caller is no administrator."
    )
    position: int = strawberry.field(description="The step whose series is open, or opens next; 1 for the first.")
    enrolled_at: datetime = strawberry.field(description="When the learner was enrolled.")
    ends_at: datetime = strawberry.field(
        description="When the time of its open series runs out: at this instant it has ended, unless that is mastered."
    )
    completed_at: datetime | None = strawberry.field(description="When the last of its series was mastered.")
    withdrawn_at: datetime | None = strawberry.field(description="When it was withdrawn.")
    withdrawal_reason: WithdrawalReason | None = strawberry.field(description="Why it was withdrawn.")
    withdrawal_note: str | None = strawberry.field(description="The note given with it; for administrators.")
    tracking_code: str | None = strawberry.field(description="The code that it was made under, if any.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    series_enrolments: Connection[SeriesEnrolment] | None = listing(
        Connection[SeriesEnrolment],
        "The enrolments in its series so far.",
        filter=SeriesEnrolmentFilter,
        order_by=SeriesEnrolmentOrder,
    )
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[PathwayEnrolmentActionState] = strawberry.field(
        description="Every action on this enrolment, open or closed."
    )


@strawberry.type(description="One series of a pathway, and its place there.")
class PathwayStep(Node):
    position: int = strawberry.field(description="Its place; 1 for the first.")
    series: Series | None = strawberry.field(description="The series; null where the caller may not see it.")
    pathway: Annotated["Pathway", strawberry.lazy("portal_api.schema.pathways")] | None = strawberry.field(
        description="The pathway."
    )


@strawberry.type(description="One action on a pathway: open, or closed with every reason.")
class PathwayActionState:
    action: PathwayAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(
        description="Whether it is open to the caller now; a closed one is refused, an enrolment for each learner."
    )
    reasons: list[ActionReason] = strawberry.field(description="Why it is closed: role, status.")


@strawberry.input(description="Which pathways; all conditions must hold.")
class PathwayFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    external_ref: TextComparison | None = strawberry.field(default=strawberry.UNSET, description="By reference.")
    kind: Comparison[PathwayKind] | None = strawberry.field(
        default=strawberry.UNSET, description="By when the next series opens."
    )
    status: Comparison[LibraryStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is in use."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was made."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET, description="Words that all stand in the title or reference."
    )


class PathwayOrderField(StrEnum):
    """What pathways can be sorted by."""

    TITLE = "title"
    CREATED_AT = "created_at"


described(
    PathwayOrderField,
    "What pathways can be sorted by.",
    {
        PathwayOrderField.TITLE: "Title; case and accents are ignored.",
        PathwayOrderField.CREATED_AT: "When it was made.",
    },
)
PathwayOrder = order_input("PathwayOrder", "pathways", PathwayOrderField)


@strawberry.type(description="A learning pathway: series that are mastered one after another.")
class Pathway(Node):
    external_ref: str = strawberry.field(description="Its reference, as others know it.")
    title: str = strawberry.field(description="Its title.")
    kind: PathwayKind = strawberry.field(description="When the next series opens.")
    status: LibraryStatus = strawberry.field(description="Whether it is in use.")
    created_at: datetime = strawberry.field(description="When it was made.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    steps: Connection[PathwayStep] | None = listing(Connection[PathwayStep], "Its series, in their order.")
    enrolments: Connection[PathwayEnrolment] | None = listing(
        Connection[PathwayEnrolment],
        "The enrolments in it.",
        filter=PathwayEnrolmentFilter,
        order_by=PathwayEnrolmentOrder,
    )
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[PathwayActionState] = strawberry.field(description="Every action on this pathway, open or closed.")


@strawberry.type(description="The identifiers of a selection of enrolments in pathways.")
class PathwayEnrolmentIds:
    ids: list[strawberry.ID] = strawberry.field(description="The identifiers, the oldest first, up to the limit.")
    total_count: int = strawberry.field(description="How many records the selection has in all.")


_SERIES = "Its series in their order, 1 to 50, each once: active ones of the duration MASTERY that are no previews."


@strawberry.input(description="A pathway to be made.")
class CreatePathwayInput(CallInput):
    title: str = strawberry.field(description="Its title, up to 200 characters.")
    kind: PathwayKind = strawberry.field(description="When the next series opens.")
    series_ids: list[strawberry.ID] = strawberry.field(description=_SERIES)
    external_ref: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its reference, up to 100 characters, its own within the organisation; its identifier when not given.",
    )


@strawberry.input(description="What a pathway is to be; what is not given, or null, stays as it is.")
class UpdatePathwayInput(EditInput):
    title: str | None = strawberry.field(default=strawberry.UNSET, description="Its title, up to 200 characters.")
    external_ref: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its reference, up to 100 characters, its own within the organisation."
    )
    kind: PathwayKind | None = strawberry.field(
        default=strawberry.UNSET,
        description="When the next series opens; only while nobody has ever been enrolled in it.",
    )
    series_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description=f"{_SERIES} Only while nobody has ever been enrolled in it."
    )


@strawberry.input(description="Pathways to be retired.")
class RetirePathwaysInput(ChangeInput):
    pass


@strawberry.input(description="Pathways to be taken into use again.")
class ReinstatePathwaysInput(ChangeInput):
    pass


@strawberry.input(description="Learners to be enrolled in a pathway.")
class EnrolInPathwayInput(ManyInput):
    pathway_id: strawberry.ID = strawberry.field(description="The pathway.")
    learner_ids: list[strawberry.ID] = strawberry.field(
        description="The learners, 1 to 1,000; one named twice is answered once."
    )
    expected_versions: list[ExpectedVersion] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Refuse the learners that are at another version than the caller read.",
    )
    tracking_code: str | None = strawberry.field(
        default=strawberry.UNSET, description="A code to find these enrolments by, up to 100 characters."
    )


@strawberry.input(description="Enrolments in pathways to be withdrawn.")
class WithdrawPathwayEnrolmentsInput(ChangeInput):
    reason: WithdrawalReason = strawberry.field(description="Why, for all of them.")
    note: str | None = strawberry.field(
        default=strawberry.UNSET, description="A note for administrators, up to 2,000 characters."
    )


@strawberry.type(description="What happened to one pathway.")
class PathwayResult(Result[Pathway]):
    pass


@strawberry.type(description="What happened to one enrolment in a pathway, or to one learner who was to be enrolled.")
class PathwayEnrolmentResult(Result[PathwayEnrolment]):
    pass


@strawberry.type(description="The answer to the making of a pathway.")
class CreatePathwayPayload(Payload[PathwayResult]):
    pass


@strawberry.type(description="The answer to a change of a pathway.")
class UpdatePathwayPayload(Payload[PathwayResult]):
    pass


@strawberry.type(description="The answer to a retirement of pathways.")
class RetirePathwaysPayload(Payload[PathwayResult]):
    pass


@strawberry.type(description="The answer to a reinstatement of pathways.")
class ReinstatePathwaysPayload(Payload[PathwayResult]):
    pass


@strawberry.type(description="The answer to an enrolment in a pathway.")
class EnrolInPathwayPayload(Payload[PathwayEnrolmentResult]):
    pass


@strawberry.type(description="The answer to a withdrawal from pathways.")
class WithdrawPathwayEnrolmentsPayload(Payload[PathwayEnrolmentResult]):
    pass


@strawberry.type
class PathwayMutations:
    create_pathway: CreatePathwayPayload | None = changing(
        resolvers.pathways.create_pathway,
        permissions.MayCreatePathway,
        CreatePathwayInput,
        CreatePathwayPayload,
        "Make a learning pathway through series of the duration MASTERY.",
    )
    update_pathway: UpdatePathwayPayload | None = changing(
        resolvers.pathways.update_pathway,
        permissions.MayUpdatePathway,
        UpdatePathwayInput,
        UpdatePathwayPayload,
        "Change a learning pathway; its kind and its series only while nobody has ever been enrolled in it.",
    )
    retire_pathways: RetirePathwaysPayload | None = changing(
        resolvers.pathways.retire_pathways,
        permissions.MayRetirePathways,
        RetirePathwaysInput,
        RetirePathwaysPayload,
        "Take learning pathways out of use; running enrolments go on.",
    )
    reinstate_pathways: ReinstatePathwaysPayload | None = changing(
        resolvers.pathways.reinstate_pathways,
        permissions.MayReinstatePathways,
        ReinstatePathwaysInput,
        ReinstatePathwaysPayload,
        "Take retired learning pathways into use again.",
    )
    enrol_in_pathway: EnrolInPathwayPayload | None = changing(
        resolvers.pathways.enrol_in_pathway,
        permissions.MayEnrolInPathway,
        EnrolInPathwayInput,
        EnrolInPathwayPayload,
        "Enrol learners in a learning pathway, and in its first series at once. Whoever takes one of its series already, or "
        "has one ahead in another pathway, is refused.",
    )
    withdraw_pathway_enrolments: WithdrawPathwayEnrolmentsPayload | None = changing(
        resolvers.pathways.withdraw_pathway_enrolments,
        permissions.MayWithdrawPathwayEnrolments,
        WithdrawPathwayEnrolmentsInput,
        WithdrawPathwayEnrolmentsPayload,
        "Withdraw running enrolments in pathways with the series that are open in them, with one reason for all; series that "
        "were mastered stay so.",
    )
