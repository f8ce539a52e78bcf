"""What all records have."""

import strawberry


@strawberry.interface(description="A record with an identifier.")
class Node:
    id: strawberry.ID = strawberry.field(description="The record's identifier: opaque, and the same for ever.")
