"""Status tables as data."""

import strawberry

from portal_api.schema.enums import Role, StateMachineKind


@strawberry.type(name="StateMachineStatus", description="A status and what it means.")
class Status:
    status: str = strawberry.field(description="Its value in the schema.")
    label: str = strawberry.field(description="Its name, for people.")
    description: str = strawberry.field(description="What it means.")
    is_ended: bool = strawberry.field(description="Whether the record has come to its end.")


@strawberry.type(name="StateMachineCell", description="A status that allows an action.")
class Cell:
    status: str = strawberry.field(description="The status.")
    next_status: str | None = strawberry.field(description="The status after the action; null where it stays.")
    source: str = strawberry.field(
        description="Where that is said: the article and the place in it, or that it is a reading."
    )
    is_reading: bool = strawberry.field(description="Whether the articles are silent, and this is how we read them.")


@strawberry.type(name="StateMachineReason", description="A reason that can be given for an action.")
class Reason:
    reason: str = strawberry.field(description="Its value in the schema.")
    label: str = strawberry.field(description="Its name, for people.")


@strawberry.type(name="StateMachineRule", description="An action and what it takes.")
class Rule:
    action: str = strawberry.field(description="Its value in the schema.")
    label: str = strawberry.field(description="Its name, for people.")
    roles: list[Role] = strawberry.field(description="The roles that may take it.")
    cells: list[Cell] = strawberry.field(description="The statuses that allow it.")
    conditions: list[str] = strawberry.field(description="What must hold beyond the status.")
    reasons: list[Reason] = strawberry.field(description="The reasons to choose from, where one must be given.")
    needs_active_learner: bool = strawberry.field(description="Whether it is closed while the learner is inactive.")


@strawberry.type(name="StateMachineClockMove", description="What time alone does.")
class ClockMove:
    status: str = strawberry.field(description="The status before.")
    next_status: str = strawberry.field(description="The status after.")
    at: str = strawberry.field(description="The field whose instant it happens at.")
    source: str = strawberry.field(description="Where that is said, or that it is a reading.")


@strawberry.type(description="A status table: what the records' `actions` are decided by.")
class StateMachine:
    kind: StateMachineKind = strawberry.field(description="The records that it is for.")
    statuses: list[Status] = strawberry.field(description="Every status, in order.")
    rules: list[Rule] = strawberry.field(description="Every action, in order.")
    clock_moves: list[ClockMove] = strawberry.field(description="Every move of the clock.")
