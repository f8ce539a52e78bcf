"""What can be done to series and the enrolments in them: inputs and payloads."""

from datetime import date, datetime

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.changes import ChangeInput, EditInput, ExpectedVersion, ManyInput, Payload, Result, changing
from portal_api.schema.enums import SeriesDuration, SeriesType, WithdrawalReason
from portal_api.schema.series import Series, SeriesEnrolment

_DAYS = "The days of an enrolment, 1 to 3,650: with the duration FIXED, and with no other."
_ENDS = "The last day, today or later: with the duration END_DATE, and with no other."
_QUESTIONS = "How many questions it has, 1 to 10,000: goes with `masteryPercent`, wanted for the duration MASTERY, refused for a preview."
_PERCENT = "The share of its questions to be answered correctly for mastery, 1 to 100: goes with `questionCount`."


@strawberry.input(description="A series to be made.")
class NewSeriesInput:
    external_ref: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its reference, as others know it, up to 100 characters; its identifier where none is given.",
    )
    title: str = strawberry.field(description="Its title, 1 to 200 characters.")
    type: SeriesType = strawberry.field(
        description="What it is for. A preview runs 7 days, whatever its duration says."
    )
    duration: SeriesDuration = strawberry.field(description="How long an enrolment runs.")
    duration_days: int | None = strawberry.field(default=strawberry.UNSET, description=_DAYS)
    ends_on: date | None = strawberry.field(default=strawberry.UNSET, description=_ENDS)
    question_count: int | None = strawberry.field(default=strawberry.UNSET, description=_QUESTIONS)
    mastery_percent: int | None = strawberry.field(default=strawberry.UNSET, description=_PERCENT)


@strawberry.input(description="Series to be made.")
class CreateSeriesInput(ManyInput):
    series: list[NewSeriesInput] = strawberry.field(description="The series, 1 to 1,000.")


@strawberry.input(
    description="A series to be changed; what is not given stays as it is, unless the new type or duration rules it out. "
    "Enrolments in it keep their dates."
)
class UpdateSeriesInput(EditInput):
    external_ref: str | None = strawberry.field(
        default=strawberry.UNSET, description="Its reference, as others know it, up to 100 characters."
    )
    title: str | None = strawberry.field(default=strawberry.UNSET, description="Its title, 1 to 200 characters.")
    type: SeriesType | None = strawberry.field(default=strawberry.UNSET, description="What it is for.")
    duration: SeriesDuration | None = strawberry.field(
        default=strawberry.UNSET, description="How long an enrolment to come runs."
    )
    duration_days: int | None = strawberry.field(default=strawberry.UNSET, description=_DAYS)
    ends_on: date | None = strawberry.field(default=strawberry.UNSET, description=_ENDS)
    question_count: int | None = strawberry.field(default=strawberry.UNSET, description=_QUESTIONS)
    mastery_percent: int | None = strawberry.field(default=strawberry.UNSET, description=_PERCENT)


@strawberry.input(description="Series to be retired.")
class RetireSeriesInput(ChangeInput):
    pass


@strawberry.input(description="Series to be taken into use again.")
class ReinstateSeriesInput(ChangeInput):
    pass


@strawberry.input(description="Learners to be enrolled in a series.")
class EnrolInSeriesInput(ManyInput):
    series_id: strawberry.ID = strawberry.field(description="The series.")
    learner_ids: list[strawberry.ID] = strawberry.field(
        description="The learners, 1 to 1,000; one named twice is answered once."
    )
    starts_at: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="When the enrolments start: now where nothing is said, at most 12 months before or after now. An end "
        "that the series sets must lie ahead.",
    )
    due_on: date | None = strawberry.field(
        default=strawberry.UNSET,
        description="Advisory: the last day on which they are not yet overdue; the day of the start or later.",
    )
    tracking_code: str | None = strawberry.field(
        default=strawberry.UNSET, description="A code to find them by, up to 100 characters."
    )
    expected_versions: list[ExpectedVersion] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Refuse the learners who are at another version than the caller read.",
    )


@strawberry.input(description="Active enrolments to be given a later end.")
class ExtendSeriesEnrolmentsInput(ChangeInput):
    ends_at: datetime = strawberry.field(
        description="When their time runs out, for all of them: later than now set. Enrolments of duration MASTERY end at "
        "most 12 months after their start; those in a preview cannot be extended."
    )
    due_on: date | None = strawberry.field(
        default=strawberry.UNSET,
        description="Advisory: the last day on which they are not yet overdue; null takes it away.",
    )


@strawberry.input(description="Enrolments to be withdrawn.")
class WithdrawSeriesEnrolmentsInput(ChangeInput):
    reason: WithdrawalReason = strawberry.field(description="Why, for all of them.")
    note: str | None = strawberry.field(
        default=strawberry.UNSET, description="A note for administrators, up to 2,000 characters."
    )


@strawberry.type(description="What happened to one series.")
class SeriesResult(Result[Series]):
    pass


@strawberry.type(description="The answer to the making of series.")
class CreateSeriesPayload(Payload[SeriesResult]):
    pass


@strawberry.type(description="The answer to a change of a series.")
class UpdateSeriesPayload(Payload[SeriesResult]):
    pass


@strawberry.type(description="The answer to a retirement of series.")
class RetireSeriesPayload(Payload[SeriesResult]):
    pass


@strawberry.type(description="The answer to a reinstatement of series.")
class ReinstateSeriesPayload(Payload[SeriesResult]):
    pass


@strawberry.type(description="What happened to one enrolment.")
class SeriesEnrolmentResult(Result[SeriesEnrolment]):
    pass


@strawberry.type(description="The answer to an enrolment; a row names its learner, and its node is the enrolment made.")
class EnrolInSeriesPayload(Payload[SeriesEnrolmentResult]):
    pass


@strawberry.type(description="The answer to an extension.")
class ExtendSeriesEnrolmentsPayload(Payload[SeriesEnrolmentResult]):
    pass


@strawberry.type(description="The answer to a withdrawal.")
class WithdrawSeriesEnrolmentsPayload(Payload[SeriesEnrolmentResult]):
    pass


@strawberry.type
class SeriesMutations:
    create_series: CreateSeriesPayload | None = changing(
        resolvers.series.create_series,
        permissions.MayCreateSeries,
        CreateSeriesInput,
        CreateSeriesPayload,
        "Make series.",
    )
    update_series: UpdateSeriesPayload | None = changing(
        resolvers.series.update_series,
        permissions.MayUpdateSeries,
        UpdateSeriesInput,
        UpdateSeriesPayload,
        "Change a series. Enrolments in it keep their dates; a step of a pathway stays of duration MASTERY.",
    )
    retire_series: RetireSeriesPayload | None = changing(
        resolvers.series.retire_series,
        permissions.MayRetireSeries,
        RetireSeriesInput,
        RetireSeriesPayload,
        "Retire series: nobody is enrolled in them any more, running enrolments go on.",
    )
    reinstate_series: ReinstateSeriesPayload | None = changing(
        resolvers.series.reinstate_series,
        permissions.MayReinstateSeries,
        ReinstateSeriesInput,
        ReinstateSeriesPayload,
        "Take retired series into use again.",
    )
    enrol_in_series: EnrolInSeriesPayload | None = changing(
        resolvers.series.enrol_in_series,
        permissions.MayEnrolInSeries,
        EnrolInSeriesInput,
        EnrolInSeriesPayload,
        "Enrol learners in a series: the rows are the learners, their nodes the enrolments made.",
    )
    extend_series_enrolments: ExtendSeriesEnrolmentsPayload | None = changing(
        resolvers.series.extend_series_enrolments,
        permissions.MayExtendSeriesEnrolments,
        ExtendSeriesEnrolmentsInput,
        ExtendSeriesEnrolmentsPayload,
        "Give active enrolments a later end; an enrolment in a pathway follows.",
    )
    withdraw_series_enrolments: WithdrawSeriesEnrolmentsPayload | None = changing(
        resolvers.series.withdraw_series_enrolments,
        permissions.MayWithdrawSeriesEnrolments,
        WithdrawSeriesEnrolmentsInput,
        WithdrawSeriesEnrolmentsPayload,
        "Withdraw active enrolments, with one reason for all.",
    )
