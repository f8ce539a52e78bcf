"""Learning resources."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.changes import ChangeInput, EditInput, ManyInput, Payload, Result, changing
from portal_api.schema.enums import LibraryStatus, ResourceAction, described
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.lists import Comparison, Connection, IdComparison, InstantComparison, listing, order_input
from portal_api.schema.nodes import Node

if TYPE_CHECKING:
    from portal_api.schema.series import Series


@strawberry.type(description="One action on a resource: open, or closed with every reason.")
class ResourceActionState:
    action: ResourceAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(description="Why it is closed: role and status.")


@strawberry.input(description="Which resources; all conditions must hold.")
class ResourceFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    series_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By series.")
    status: Comparison[LibraryStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is in use."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was made."
    )
    reached_by: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="By a learner who reaches them: active, with app access, and enrolled in the series now or once.",
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words that all stand in the title; case and accents are ignored.",
    )


class ResourceOrderField(StrEnum):
    """What resources can be sorted by."""

    TITLE = "title"
    CREATED_AT = "created_at"


described(
    ResourceOrderField,
    "What resources can be sorted by.",
    {
        ResourceOrderField.TITLE: "Title; case and accents are ignored.",
        ResourceOrderField.CREATED_AT: "When it was made.",
    },
)
ResourceOrder = order_input("ResourceOrder", "resources", ResourceOrderField)


@strawberry.type(
    description="A learning resource, of a series or of the organisation. Administrators see all; others see those in "
    "use that their own learner record reaches, a Manager also those that learners below them reach."
)
class Resource(Node):
    title: str = strawberry.field(description="Its title.")
    url: str = strawberry.field(description="Where it is found: a link that begins with https.")
    series: Annotated["Series", strawberry.lazy("portal_api.schema.series")] | None = strawberry.field(
        description="The series that it belongs to; null for one of the organisation, and where the caller does not see "
        "the series."
    )
    status: LibraryStatus = strawberry.field(description="Whether it is in use.")
    created_at: datetime = strawberry.field(description="When it was made.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[ResourceActionState] = strawberry.field(description="Every action on this resource, open or closed.")


@strawberry.input(description="A resource to be made.")
class NewResourceInput:
    series_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The series that it belongs to; none for one of the organisation."
    )
    title: str = strawberry.field(description="Its title, 1 to 200 characters.")
    url: str = strawberry.field(description="Where it is found: a link that begins with https, up to 2,000 characters.")


@strawberry.input(description="Resources to be made.")
class CreateResourcesInput(ManyInput):
    resources: list[NewResourceInput] = strawberry.field(description="The resources, 1 to 1,000.")


@strawberry.input(description="A resource to be changed; what is not given stays as it is.")
class UpdateResourceInput(EditInput):
    title: str | None = strawberry.field(default=strawberry.UNSET, description="Its title, 1 to 200 characters.")
    url: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Where it is found: a link that begins with https, up to 2,000 characters.",
    )


@strawberry.input(description="Resources to be retired.")
class RetireResourcesInput(ChangeInput):
    pass


@strawberry.input(description="Resources to be taken into use again.")
class ReinstateResourcesInput(ChangeInput):
    pass


@strawberry.type(description="What happened to one resource.")
class ResourceResult(Result[Resource]):
    pass


@strawberry.type(description="The answer to the making of resources.")
class CreateResourcesPayload(Payload[ResourceResult]):
    pass


@strawberry.type(description="The answer to a change of a resource.")
class UpdateResourcePayload(Payload[ResourceResult]):
    pass


@strawberry.type(description="The answer to a retirement of resources.")
class RetireResourcesPayload(Payload[ResourceResult]):
    pass


@strawberry.type(description="The answer to a reinstatement of resources.")
class ReinstateResourcesPayload(Payload[ResourceResult]):
    pass


@strawberry.type
class ResourceMutations:
    create_resources: CreateResourcesPayload | None = changing(
        resolvers.resources.create_resources,
        permissions.MayCreateResources,
        CreateResourcesInput,
        CreateResourcesPayload,
        "Make learning resources, of series or of the organisation.",
    )
    update_resource: UpdateResourcePayload | None = changing(
        resolvers.resources.update_resource,
        permissions.MayUpdateResource,
        UpdateResourceInput,
        UpdateResourcePayload,
        "Change a resource.",
    )
    retire_resources: RetireResourcesPayload | None = changing(
        resolvers.resources.retire_resources,
        permissions.MayRetireResources,
        RetireResourcesInput,
        RetireResourcesPayload,
        "Retire resources: learners no longer find them.",
    )
    reinstate_resources: ReinstateResourcesPayload | None = changing(
        resolvers.resources.reinstate_resources,
        permissions.MayReinstateResources,
        ReinstateResourcesInput,
        ReinstateResourcesPayload,
        "Take retired resources into use again.",
    )
