"""What can be done to units of course enrolments."""

from datetime import date

import strawberry

from portal_api import resolvers
from portal_api.permissions import course_enrolments as permissions
from portal_api.schema.changes import ChangeInput, ExpectedVersion, ManyInput, Payload, Result, changing
from portal_api.schema.course_enrolment_changes import NewUnitEnrolmentInput
from portal_api.schema.scalars import OutcomeCode
from portal_api.schema.unit_enrolments import UnitEnrolment


@strawberry.input(description="A unit to be changed; what is not given stays as it is, null takes a value away.")
class UnitEnrolmentUpdateInput:
    id: strawberry.ID = strawberry.field(description="The unit of an enrolment.")
    outcome: OutcomeCode | None = strawberry.field(default=strawberry.UNSET, description="Its outcome.")
    starts_on: date | None = strawberry.field(default=strawberry.UNSET, description="Its first day.")
    ends_on: date | None = strawberry.field(default=strawberry.UNSET, description="Its last day, not before the first.")
    scheduled_hours: int | None = strawberry.field(
        default=strawberry.UNSET, description="The hours planned, 0 to 10,000."
    )
    actual_hours: int | None = strawberry.field(
        default=strawberry.UNSET, description="The hours attended, 0 to 10,000."
    )
    program_identifier: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The program that it is reported under: the units of an enrolment name three at the most. Null is "
        "taken for nothing said. Only an Owner or Admin gives another one.",
    )


@strawberry.input(description="Units whose outcomes, dates and hours are to be recorded.")
class UpdateUnitEnrolmentsInput(ManyInput):
    units: list[UnitEnrolmentUpdateInput] = strawberry.field(description="The units, 1 to 1,000; each once.")
    expected_versions: list[ExpectedVersion] | None = strawberry.field(
        default=strawberry.UNSET, description="Refuse the units that are at another version than the caller read."
    )


@strawberry.input(description="Units that have been reported.")
class ReportUnitEnrolmentsInput(ChangeInput):
    pass


@strawberry.input(description="Units to be added to an enrolment.")
class AddUnitEnrolmentsInput(ManyInput):
    course_enrolment_id: strawberry.ID = strawberry.field(description="The enrolment.")
    units: list[NewUnitEnrolmentInput] = strawberry.field(description="The units, 1 to 1,000.")
    expected_version: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="Refuse the call if the enrolment is at another version than the caller read.",
    )


@strawberry.type(description="What happened to one unit of an enrolment.")
class UnitEnrolmentResult(Result[UnitEnrolment]):
    pass


@strawberry.type(description="The answer to outcomes, dates and hours that were recorded.")
class UpdateUnitEnrolmentsPayload(Payload[UnitEnrolmentResult]):
    pass


@strawberry.type(description="The answer to a report.")
class ReportUnitEnrolmentsPayload(Payload[UnitEnrolmentResult]):
    pass


@strawberry.type(description="The answer to units that were added.")
class AddUnitEnrolmentsPayload(Payload[UnitEnrolmentResult]):
    pass


@strawberry.type
class UnitEnrolmentMutations:
    update_unit_enrolments: UpdateUnitEnrolmentsPayload | None = changing(
        resolvers.unit_enrolments.update_unit_enrolments,
        permissions.MayUpdateUnitEnrolments,
        UpdateUnitEnrolmentsInput,
        UpdateUnitEnrolmentsPayload,
        "Record outcomes, dates and hours of many units at once. A Trainer in their own offers alone; nobody on the learner "
        "record that they are linked to.",
    )
    report_unit_enrolments: ReportUnitEnrolmentsPayload | None = changing(
        resolvers.unit_enrolments.report_unit_enrolments,
        permissions.MayReportUnitEnrolments,
        ReportUnitEnrolmentsInput,
        ReportUnitEnrolmentsPayload,
        "Mark units as reported to the government, from now on.",
    )
    add_unit_enrolments: AddUnitEnrolmentsPayload | None = changing(
        resolvers.unit_enrolments.add_unit_enrolments,
        permissions.MayAddUnitEnrolments,
        AddUnitEnrolmentsInput,
        AddUnitEnrolmentsPayload,
        "Add units to a course enrolment that is not finalised.",
    )
