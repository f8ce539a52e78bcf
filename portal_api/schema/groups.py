"""Groups of learners."""

from datetime import datetime
from enum import StrEnum

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.changes import CallInput, ChangeInput, EditInput, Payload, Result, changing
from portal_api.schema.enums import GroupAction, LibraryStatus, described
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.learners import Learner, LearnerFilter, LearnerOrder
from portal_api.schema.lists import Comparison, Connection, IdComparison, InstantComparison, listing, order_input
from portal_api.schema.nodes import Node


@strawberry.type(description="One action on a group: open, or closed with every reason.")
class GroupActionState:
    action: GroupAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(
        description="Why it is closed: role, status, and what else stands against it."
    )


@strawberry.input(description="Which groups; all conditions must hold.")
class GroupFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    status: Comparison[LibraryStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is in use."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was made."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET, description="Words that all stand in the name; case and accents are ignored."
    )


class GroupOrderField(StrEnum):
    """What groups can be sorted by."""

    NAME = "name"
    CREATED_AT = "created_at"


described(
    GroupOrderField,
    "What groups can be sorted by.",
    {
        GroupOrderField.NAME: "Name; case and accents are ignored.",
        GroupOrderField.CREATED_AT: "When it was made.",
    },
)
GroupOrder = order_input("GroupOrder", "groups", GroupOrderField)


@strawberry.type(description="One test of a group: the learner's attribute has one of the values.")
class GroupCondition:
    attribute: str = strawberry.field(description="The attribute's name.")
    values: list[str] = strawberry.field(description="The values that pass, in alphabetical order.")


@strawberry.type(description="A group of learners: everybody who passes all its tests.")
class Group(Node):
    name: str = strawberry.field(description="Its name.")
    status: LibraryStatus = strawberry.field(description="Whether it is in use; a retired one holds nobody.")
    conditions: list[GroupCondition] = strawberry.field(description="Its tests, by attribute; all must be passed.")
    learners: Connection[Learner] | None = listing(
        Connection[Learner], "The learners whom it holds.", filter=LearnerFilter, order_by=LearnerOrder
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[GroupActionState] = strawberry.field(description="Every action on this group, open or closed.")


@strawberry.input(description="A test: the learner's attribute has one of the values, compared exactly.")
class GroupConditionInput:
    attribute: str = strawberry.field(description="The attribute's name, 1 to 100 characters; each is named once.")
    values: list[str] = strawberry.field(description="The values that pass, 1 to 100 of 1 to 200 characters.")


@strawberry.input(description="A group to be made.")
class CreateGroupInput(CallInput):
    name: str = strawberry.field(description="Its name, 1 to 200 characters.")
    conditions: list[GroupConditionInput] = strawberry.field(
        description="Its tests, 1 to 20; a learner passes who passes all."
    )


@strawberry.input(description="A group to be changed; what is not given stays.")
class UpdateGroupInput(EditInput):
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Its new name, 1 to 200 characters.")
    conditions: list[GroupConditionInput] | None = strawberry.field(
        default=strawberry.UNSET, description="The tests that take the place of its own, 1 to 20."
    )


@strawberry.input(description="Groups to be retired.")
class RetireGroupsInput(ChangeInput):
    pass


@strawberry.input(description="Groups to be taken into use again.")
class ReinstateGroupsInput(ChangeInput):
    pass


@strawberry.type(description="What happened to one group.")
class GroupResult(Result[Group]):
    pass


@strawberry.type(description="The answer to making a group.")
class CreateGroupPayload(Payload[GroupResult]):
    pass


@strawberry.type(description="The answer to changing a group.")
class UpdateGroupPayload(Payload[GroupResult]):
    pass


@strawberry.type(description="The answer to retiring groups.")
class RetireGroupsPayload(Payload[GroupResult]):
    pass


@strawberry.type(description="The answer to taking groups into use again.")
class ReinstateGroupsPayload(Payload[GroupResult]):
    pass


@strawberry.type
class GroupMutations:
    create_group: CreateGroupPayload | None = changing(
        resolvers.groups.create_group,
        permissions.MayCreateGroup,
        CreateGroupInput,
        CreateGroupPayload,
        "Make a group, which holds everybody who passes its tests.",
    )
    update_group: UpdateGroupPayload | None = changing(
        resolvers.groups.update_group,
        permissions.MayUpdateGroup,
        UpdateGroupInput,
        UpdateGroupPayload,
        "Change a group's name or tests; its members are found anew, and what it assigns follows: certifications are "
        "assigned to whoever comes in, and end with whoever leaves.",
    )
    retire_groups: RetireGroupsPayload | None = changing(
        resolvers.groups.retire_groups,
        permissions.MayRetireGroups,
        RetireGroupsInput,
        RetireGroupsPayload,
        "Retire groups: they hold nobody any more, and what they assigned ends.",
    )
    reinstate_groups: ReinstateGroupsPayload | None = changing(
        resolvers.groups.reinstate_groups,
        permissions.MayReinstateGroups,
        ReinstateGroupsInput,
        ReinstateGroupsPayload,
        "Take retired groups into use again; their members are found anew, and assigned the certifications that name them.",
    )
