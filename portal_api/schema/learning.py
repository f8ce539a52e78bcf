"""What a content player records of learners: sign-ins and answers."""

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.changes import ChangeInput, ExpectedVersion, ManyInput, Payload, changing
from portal_api.schema.learner_changes import LearnerResult
from portal_api.schema.series_changes import SeriesEnrolmentResult


@strawberry.input(description="Learners who have signed in, now.")
class RecordSignInsInput(ChangeInput):
    pass


@strawberry.type(description="The answer to the recording of sign-ins.")
class RecordSignInsPayload(Payload[LearnerResult]):
    pass


@strawberry.input(description="How far a learner has come in a series: totals since the enrolment began.")
class SeriesActivityInput:
    enrolment_id: strawberry.ID = strawberry.field(description="The enrolment.")
    questions_answered: int = strawberry.field(
        description="How many questions have been answered; never fewer than before, nor more than the series has."
    )
    questions_correct: int = strawberry.field(
        description="How many of them correctly; never fewer than before. With the goal of the series it is mastered."
    )


@strawberry.input(description="Answers to be recorded.")
class RecordSeriesActivityInput(ManyInput):
    activities: list[SeriesActivityInput] = strawberry.field(
        description="The enrolments and their totals, 1 to 1,000; one named twice says the same twice."
    )
    expected_versions: list[ExpectedVersion] | None = strawberry.field(
        default=strawberry.UNSET, description="Refuse the enrolments that are at another version than the caller read."
    )


@strawberry.type(description="The answer to the recording of answers.")
class RecordSeriesActivityPayload(Payload[SeriesEnrolmentResult]):
    pass


@strawberry.type
class LearningMutations:
    record_sign_ins: RecordSignInsPayload | None = changing(
        resolvers.learning.record_sign_ins,
        permissions.MayRecordSignIns,
        RecordSignInsInput,
        RecordSignInsPayload,
        "Record that learners have signed in, now. Nobody records on their own learner record.",
    )
    record_series_activity: RecordSeriesActivityPayload | None = changing(
        resolvers.learning.record_series_activity,
        permissions.MayRecordSeriesActivity,
        RecordSeriesActivityInput,
        RecordSeriesActivityPayload,
        "Record how far learners have come in series; whoever meets the goal has mastered it. An answer counts as a sign-in. Nobody records on their own learner record.",
    )
