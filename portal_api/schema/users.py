"""Users: people and machine clients."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.changes import EditInput, ManyInput, Payload, Result, changing
from portal_api.schema.enums import Role, UserAction, described
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.integration_tokens import IntegrationToken, IntegrationTokenFilter, IntegrationTokenOrder
from portal_api.schema.lists import (
    BooleanComparison,
    Comparison,
    Connection,
    IdComparison,
    InstantComparison,
    TextComparison,
    listing,
    order_input,
)
from portal_api.schema.nodes import Node

if TYPE_CHECKING:
    from portal_api.schema.learners import Learner


@strawberry.type(description="One action on a user: open, or closed with every reason.")
class UserActionState:
    action: UserAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(
        description="Why it is closed: role, status, and what else stands against it."
    )


@strawberry.input(description="Which users; all conditions must hold.")
class UserFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    external_ref: TextComparison | None = strawberry.field(default=strawberry.UNSET, description="By reference.")
    role: Comparison[Role] | None = strawberry.field(
        default=strawberry.UNSET, description="By the role that they hold."
    )
    has_role: BooleanComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By whether they hold a role at all."
    )
    is_machine: BooleanComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By whether it is a machine client."
    )
    learner_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the learner record that they are linked to."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when they were added."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words that all stand in the name, e-mail address or reference; case and accents are ignored.",
    )


class UserOrderField(StrEnum):
    """What users can be sorted by."""

    NAME = "name"
    CREATED_AT = "created_at"


described(
    UserOrderField,
    "What users can be sorted by.",
    {
        UserOrderField.NAME: "Name; case and accents are ignored.",
        UserOrderField.CREATED_AT: "When they were added.",
    },
)
UserOrder = order_input("UserOrder", "users", UserOrderField)


@strawberry.type(description="A person or a machine that signs in.")
class User(Node):
    external_ref: str = strawberry.field(description="Their reference, as others know it.")
    name: str = strawberry.field(description="Their name.")
    email: str = strawberry.field(description="Their e-mail address; empty for a machine client that has none.")
    is_machine: bool = strawberry.field(description="Whether it is a machine client.")
    role: Role | None = strawberry.field(description="The role that they hold here; null once it was taken away.")
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner record that they are linked to here, if any."
    )
    created_at: datetime = strawberry.field(description="When they were added.")
    version: int = strawberry.field(description="Counts the changes to what they are here.")
    tokens: Connection[IntegrationToken] | None = listing(
        Connection[IntegrationToken],
        "What a machine client signs in with; for administrators.",
        filter=IntegrationTokenFilter,
        order_by=IntegrationTokenOrder,
    )
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[UserActionState] = strawberry.field(description="Every action on this user, open or closed.")


@strawberry.input(description="A person to be added.")
class NewUser:
    external_ref: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Their reference, 1 to 100 characters, their own in the organisation; their identifier when not given.",
    )
    name: str = strawberry.field(description="Their name, 1 to 200 characters.")
    email: str = strawberry.field(description="Their e-mail address.")
    role: Role = strawberry.field(description="Their role; INTEGRATION is for machine clients alone.")
    learner_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The learner record that they are linked to."
    )


@strawberry.input(description="People to be added.")
class CreateUsersInput(ManyInput):
    users: list[NewUser] = strawberry.field(description="The people, 1 to 1,000.")


@strawberry.input(description="A machine client to be added.")
class NewIntegration:
    external_ref: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its reference, 1 to 100 characters, its own in the organisation; its identifier when not given.",
    )
    name: str = strawberry.field(description="Its name, 1 to 200 characters.")
    email: str | None = strawberry.field(
        default=strawberry.UNSET, description="The e-mail address of whoever looks after it."
    )


@strawberry.input(description="Machine clients to be added.")
class CreateIntegrationsInput(ManyInput):
    integrations: list[NewIntegration] = strawberry.field(description="The machine clients, 1 to 1,000.")


@strawberry.input(description="A user to be given a role.")
class AssignRoleInput(EditInput):
    role: Role = strawberry.field(description="The role; INTEGRATION is for machine clients, which hold no other.")


@strawberry.input(description="A user whose role is to be taken away.")
class RemoveRoleInput(EditInput):
    pass


@strawberry.input(description="A user to be linked to a learner record.")
class LinkLearnerInput(EditInput):
    learner_id: strawberry.ID | None = strawberry.field(description="The learner record; null for none.")


@strawberry.type(description="What happened to one user.")
class UserResult(Result[User]):
    pass


@strawberry.type(description="The answer to adding people.")
class CreateUsersPayload(Payload[UserResult]):
    pass


@strawberry.type(description="The answer to adding machine clients.")
class CreateIntegrationsPayload(Payload[UserResult]):
    pass


@strawberry.type(description="The answer to assigning a role.")
class AssignRolePayload(Payload[UserResult]):
    pass


@strawberry.type(description="The answer to taking a role away.")
class RemoveRolePayload(Payload[UserResult]):
    pass


@strawberry.type(description="The answer to linking a learner record.")
class LinkLearnerPayload(Payload[UserResult]):
    pass


@strawberry.type
class UserMutations:
    create_users: CreateUsersPayload | None = changing(
        resolvers.users.create_users,
        permissions.MayCreateUsers,
        CreateUsersInput,
        CreateUsersPayload,
        "Add people, each with a role.",
    )
    create_integrations: CreateIntegrationsPayload | None = changing(
        resolvers.users.create_integrations,
        permissions.MayCreateIntegrations,
        CreateIntegrationsInput,
        CreateIntegrationsPayload,
        "Add machine clients.",
    )
    assign_role: AssignRolePayload | None = changing(
        resolvers.users.assign_role,
        permissions.MayAssignRole,
        AssignRoleInput,
        AssignRolePayload,
        "Give a user another role. The last Owner keeps theirs.",
    )
    remove_role: RemoveRolePayload | None = changing(
        resolvers.users.remove_role,
        permissions.MayRemoveRole,
        RemoveRoleInput,
        RemoveRolePayload,
        "Take a user's role away: they come in no more. The last Owner keeps theirs.",
    )
    link_learner: LinkLearnerPayload | None = changing(
        resolvers.users.link_learner,
        permissions.MayLinkLearner,
        LinkLearnerInput,
        LinkLearnerPayload,
        "Link a user to a learner record, or to none.",
    )
