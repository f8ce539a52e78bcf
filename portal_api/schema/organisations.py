"""Organisations, and the viewer."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.changes import EditInput, Payload, Result, changing
from portal_api.schema.enums import OrganisationAction, Role
from portal_api.schema.errors import ActionReason
from portal_api.schema.groups import Group, GroupFilter, GroupOrder
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.lists import Connection, listing
from portal_api.schema.nodes import Node
from portal_api.schema.users import User, UserFilter, UserOrder

if TYPE_CHECKING:
    from portal_api.schema.learners import Learner


@strawberry.type(description="One action on an organisation, or creation in it: open, or closed with every reason.")
class OrganisationActionState:
    action: OrganisationAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(description="Why it is closed: the role.")


@strawberry.type(description="A training organisation; nothing crosses from one to another.")
class Organisation(Node):
    external_ref: str = strawberry.field(description="Its reference, as others know it.")
    name: str = strawberry.field(description="Its name.")
    time_zone: str = strawberry.field(description="The time zone that its days are days in.")
    has_reconnect_stage: bool = strawberry.field(
        description="Whether learners who have finished can be flagged to be asked again: the stage RECONNECT."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    users: Connection[User] | None = listing(
        Connection[User],
        "Its users; who is no administrator sees themselves.",
        filter=UserFilter,
        order_by=UserOrder,
    )
    groups: Connection[Group] | None = listing(
        Connection[Group], "Its groups; for administrators.", filter=GroupFilter, order_by=GroupOrder
    )
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[OrganisationActionState] = strawberry.field(
        description="Every action on this organisation and every creation in it, open or closed."
    )


@strawberry.type(description="How much one call may ask for.")
class Limits:
    records_per_change: int = strawberry.field(description="Records that one change may name.")
    page_size: int = strawberry.field(description="Records that a page at the root may have.")
    nested_page_size: int = strawberry.field(description="Records that a page below a record may have.")


@strawberry.type(description="Who asks.")
class Viewer:
    role: Role = strawberry.field(description="Their role in this organisation.")
    organisation: Organisation | None = strawberry.field(description="The organisation that the token is for.")
    user: User | None = strawberry.field(description="The user who signed in.")
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner record that they are linked to here, if any."
    )
    limits: Limits = strawberry.field(description="How much one call may ask for.")


@strawberry.input(description="Settings to be changed; what is not given stays.")
class UpdateOrganisationInput(EditInput):
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Its new name, 1 to 200 characters.")
    time_zone: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its new time zone, as the IANA names it. What was reckoned in the old one stays.",
    )
    has_reconnect_stage: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether there is the stage RECONNECT; what was flagged before stays."
    )


@strawberry.type(description="What happened to one organisation.")
class OrganisationResult(Result[Organisation]):
    pass


@strawberry.type(description="The answer to changing settings.")
class UpdateOrganisationPayload(Payload[OrganisationResult]):
    pass


@strawberry.type
class OrganisationMutations:
    update_organisation: UpdateOrganisationPayload | None = changing(
        resolvers.organisations.update_organisation,
        permissions.MayUpdateOrganisation,
        UpdateOrganisationInput,
        UpdateOrganisationPayload,
        "Change an organisation's name, time zone or stages.",
    )
