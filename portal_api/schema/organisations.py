"""Organisations, users, and the viewer."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.enums import Role
from portal_api.schema.nodes import Node

if TYPE_CHECKING:
    from portal_api.schema.learners import Learner


@strawberry.type(description="A training organisation; nothing crosses from one to another.")
class Organisation(Node):
    external_ref: str = strawberry.field(description="Its reference, as others know it.")
    name: str = strawberry.field(description="Its name.")
    time_zone: str = strawberry.field(description="The time zone that its days are days in.")
    created_at: datetime = strawberry.field(description="When it was made.")


@strawberry.type(description="A person or a machine that signs in.")
class User(Node):
    external_ref: str = strawberry.field(description="Their reference, as others know it.")
    name: str = strawberry.field(description="Their name.")
    email: str = strawberry.field(description="Their e-mail address.")


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
