"""What others record of learners' certifications: steps, results of exams, payments."""

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.changes import ExpectedVersion, ManyInput, Payload, changing
from portal_api.schema.enums import StepPath
from portal_api.schema.learner_certification_changes import LearnerCertificationResult


@strawberry.input
class RecordingInput(ManyInput):
    expected_versions: list[ExpectedVersion] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Refuse the learners' certifications that are at another version than the caller read.",
    )


@strawberry.input
class RecordedInput:
    learner_certification_id: strawberry.ID = strawberry.field(description="The learner's certification.")


@strawberry.input(description="A training step that a learner has completed, or has failed to test out of.")
class StepCompletionInput(RecordedInput):
    step_id: strawberry.ID = strawberry.field(
        description="The training step: one of the version that the learner's open cycle is under."
    )
    path: StepPath = strawberry.field(
        description="The way in which it was completed: ONLINE, CLASSROOM or TEST_OUT. Evidence comes from the learner."
    )
    passed: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="How the test-out exam ended; for the path TEST_OUT, and required there. It is taken once a cycle.",
    )


@strawberry.input(description="Training steps to be recorded.")
class RecordStepCompletionsInput(RecordingInput):
    completions: list[StepCompletionInput] = strawberry.field(
        description="The steps, 1 to 1,000, in the order in which they count; each is named once."
    )


@strawberry.type(
    description="The answer to `recordStepCompletions`: a result a step, whose record is the certification."
)
class RecordStepCompletionsPayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.input(description="How an attempt at the final exam ended.")
class ExamResultInput(RecordedInput):
    passed: bool = strawberry.field(description="Whether it was passed.")
    score: int | None = strawberry.field(default=strawberry.UNSET, description="The score in percent, 0 to 100.")


@strawberry.input(description="Results of final exams to be recorded.")
class RecordExamResultsInput(RecordingInput):
    results: list[ExamResultInput] = strawberry.field(
        description="The results, 1 to 1,000; each learner's certification is named once."
    )


@strawberry.type(description="The answer to `recordExamResults`.")
class RecordExamResultsPayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.input(description="The payment of a cycle's fee.")
class PaymentInput(RecordedInput):
    payment_ref: str | None = strawberry.field(
        default=strawberry.UNSET, description="What the payment is known by elsewhere, 1 to 100 characters."
    )


@strawberry.input(description="Payments to be recorded.")
class RecordPaymentsInput(RecordingInput):
    payments: list[PaymentInput] = strawberry.field(
        description="The payments, 1 to 1,000; each learner's certification is named once."
    )


@strawberry.type(description="The answer to `recordPayments`.")
class RecordPaymentsPayload(Payload[LearnerCertificationResult]):
    pass


@strawberry.type
class CertificationRecordingMutations:
    record_step_completions: RecordStepCompletionsPayload | None = changing(
        resolvers.certification_recording.record_step_completions,
        permissions.MayRecordStepCompletions,
        RecordStepCompletionsInput,
        RecordStepCompletionsPayload,
        "Record training steps that learners have completed; who lacks nothing else is certified. A failed test-out leaves the step open, and is kept for good in this cycle. Nobody records on their own learner record.",
    )
    record_exam_results: RecordExamResultsPayload | None = changing(
        resolvers.certification_recording.record_exam_results,
        permissions.MayRecordExamResults,
        RecordExamResultsInput,
        RecordExamResultsPayload,
        "Record how attempts at the final exam ended: the open one, or one that is made for it. A pass waits for its sign-off where the version wants one; who lacks nothing else is certified. Nobody records on their own learner record.",
    )
    record_payments: RecordPaymentsPayload | None = changing(
        resolvers.certification_recording.record_payments,
        permissions.MayRecordPayments,
        RecordPaymentsInput,
        RecordPaymentsPayload,
        "Record that the fees of open cycles have been paid. Nobody records on their own learner record.",
    )
