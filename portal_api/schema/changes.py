"""What the inputs and payloads of all mutations on lists share."""

from typing import Generic, TypeVar

import strawberry

from portal_api.schema.enums import ErrorPolicy, Outcome
from portal_api.schema.errors import ActionError

T = TypeVar("T")


@strawberry.input(description="The version that a record is expected to have; another one refuses the row.")
class ExpectedVersion:
    id: strawberry.ID = strawberry.field(description="The record.")
    version: int = strawberry.field(description="The version that was read.")


@strawberry.input(description="What every change to a list of records takes.")
class ChangeInput:
    ids: list[strawberry.ID] = strawberry.field(
        description="The records, 1 to 1,000; one named twice is answered once."
    )
    expected_versions: list[ExpectedVersion] | None = strawberry.field(
        default=strawberry.UNSET, description="Refuse the rows that are at another version than the caller read."
    )
    error_policy: ErrorPolicy = strawberry.field(
        default=ErrorPolicy.REJECT_FAILED_ROWS, description="What the refusal of one row means for the others."
    )
    preview: bool = strawberry.field(default=False, description="Answer what would happen, and change nothing.")
    idempotency_key: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The same key with the same input within 24 hours gets the first answer, and changes nothing more.",
    )


@strawberry.type(description="How many rows of a call were changed, left as they were, and refused.")
class Counts:
    changed: int = strawberry.field(description="Changed.")
    unchanged: int = strawberry.field(description="Left as they were, since nothing would differ.")
    refused: int = strawberry.field(description="Refused.")


@strawberry.type(description="What happened to one row.")
class Result(Generic[T]):
    index: int = strawberry.field(description="Its place in the input.")
    id: strawberry.ID = strawberry.field(description="Its identifier, as given.")
    outcome: Outcome = strawberry.field(description="What happened.")
    node: T | None = strawberry.field(
        description="The record as it is after the call; null if the caller may not see it."
    )
    errors: list[ActionError] = strawberry.field(description="Why it was refused.")


@strawberry.type(description="The answer to a change.")
class Payload(Generic[T]):
    results: list[T] = strawberry.field(description="A result a record, in the order of the input.")
    counts: Counts = strawberry.field(description="The outcomes, counted.")
    errors: list[ActionError] = strawberry.field(description="Why the call as a whole was refused.")
    is_preview: bool = strawberry.field(description="Whether this is a preview: nothing was changed.")
