"""What became of a call, and every reason that can be given against it."""

from portal_api.domain.outcomes import ErrorPolicy, Outcome
from portal_api.domain.refusals import ErrorCode
from portal_api.schema.enums.describing import described

described(
    Outcome,
    "What happened to one row of a call.",
    {
        Outcome.CHANGED: "The record was changed, and the change stands in its history.",
        Outcome.UNCHANGED: "The record was so already; nothing was written.",
        Outcome.REFUSED: "The record was left as it was; the errors say why.",
    },
)

described(
    ErrorPolicy,
    "What the refusal of one row means for the others.",
    {
        ErrorPolicy.REJECT_FAILED_ROWS: "The others go through.",
        ErrorPolicy.REJECT_EVERYTHING: "Nothing goes through.",
    },
)

described(
    ErrorCode,
    "Every reason that an answer can give for not doing what was asked.",
    {
        ErrorCode.ALREADY_DECIDED: "It has been decided already.",
        ErrorCode.ALREADY_ENROLLED: "The learner takes the series already, or has it ahead in a running pathway.",
        ErrorCode.ALREADY_PAID: "The fee has been paid.",
        ErrorCode.ALREADY_REQUESTED: "The same has been asked for, and awaits its decision.",
        ErrorCode.ALREADY_WAIVED: "The fee has been waived.",
        ErrorCode.APP_ACCESS_OFF: "App access is off, or the learner is inactive.",
        ErrorCode.ATTEMPTS_LEFT: "An attempt at the exam is left.",
        ErrorCode.BUSY: "Others are changing the same records; try again.",
        ErrorCode.CALL_REJECTED: "Another row was refused, and the policy is to reject everything.",
        ErrorCode.CERTIFICATION_INACTIVE: "The certification is not in use.",
        ErrorCode.CHANGED_MEANWHILE: "Somebody else changed the record.",
        ErrorCode.CURSOR_INVALID: "The cursor was not given by this list in this order.",
        ErrorCode.DOCUMENT_INVALID: "The document does not parse or does not fit the schema.",
        ErrorCode.EXAM_AWAITING_APPROVAL: "A pass of the final exam awaits approval.",
        ErrorCode.EXAM_PASSED: "The final exam has been passed.",
        ErrorCode.EXAM_STARTED: "The final exam has been started.",
        ErrorCode.EXTERNAL_REF_TAKEN: "Another record of the organisation has this reference.",
        ErrorCode.FORBIDDEN: "The role may not do this.",
        ErrorCode.IDEMPOTENCY_IN_PROGRESS: "A call with the same key is under way.",
        ErrorCode.IDEMPOTENCY_KEY_REUSED: "The key was used with another input.",
        ErrorCode.ID_INVALID: "The text is no identifier, or one of another type.",
        ErrorCode.INPUT_INVALID: "An input cannot be meant.",
        ErrorCode.INTERNAL: "A fault of ours; it is logged under the request's id.",
        ErrorCode.INVALID_DATES: "The end does not come after the start, or not when it may.",
        ErrorCode.LAST_OWNER: "An organisation always keeps an Owner.",
        ErrorCode.LEARNER_BARRED: "The learner is barred from the certification.",
        ErrorCode.LEARNER_INACTIVE: "The learner is inactive, and so view-only.",
        ErrorCode.LIMIT_EXCEEDED: "More records were named than one call takes.",
        ErrorCode.LIST_EMPTY: "No record was named.",
        ErrorCode.METHOD_NOT_ALLOWED: "The HTTP method does not allow this operation.",
        ErrorCode.NOTHING_TO_OVERRIDE: "What would be overridden is done already.",
        ErrorCode.NOT_FOUND: "There is no such record, or the caller may not see it.",
        ErrorCode.NOT_MANUAL_SOURCE: "The assignment was not made by hand.",
        ErrorCode.NOT_OPEN_TO_JOIN: "Learners do not come to this certification in this way.",
        ErrorCode.NO_ATTEMPTS_LEFT: "All attempts at the exam are used.",
        ErrorCode.NO_PUBLISHED_VERSION: "The certification has no published version.",
        ErrorCode.OWN_APPROVAL: "Nobody decides about their own learning.",
        ErrorCode.OWN_RECORD: "Nobody records results on their own learner record.",
        ErrorCode.PAGE_INVALID: "The page's arguments cannot be meant together, or its size is out of bounds.",
        ErrorCode.PATHWAY_IN_USE: "Somebody has been enrolled in the pathway, so its series stay as they are.",
        ErrorCode.PATHWAY_NEEDS_MASTERY: "A pathway takes series only that run until they are mastered.",
        ErrorCode.PATHWAY_OWNED: "The enrolment belongs to a learning pathway.",
        ErrorCode.PAYMENT_NOT_REQUIRED: "No fee is asked for.",
        ErrorCode.PAYMENT_REQUIRED: "The fee comes first.",
        ErrorCode.QUERY_TOO_COSTLY: "The document asks for more than one document may.",
        ErrorCode.RECERTIFICATION_NOT_OPEN: "The time for recertification has not come.",
        ErrorCode.RECORD_ARCHIVED: "The assignment was removed; the record is kept for its history alone.",
        ErrorCode.REPORTING_CIRCLE: "The learner would report to themselves, directly or further up.",
        ErrorCode.REQUEST_INVALID: "The request is not one that GraphQL over HTTP knows.",
        ErrorCode.REQUEST_TOO_LARGE: "The request's body is too large.",
        ErrorCode.STATUS_NOT_ALLOWED: "The record's status does not allow the action.",
        ErrorCode.STEP_AWAITING_APPROVAL: "The evidence for the step awaits approval.",
        ErrorCode.STEP_DONE: "The step is done.",
        ErrorCode.STEP_PATH_NOT_OFFERED: "The step cannot be completed in this way.",
        ErrorCode.TEST_OUT_TAKEN: "The one attempt at testing out has been used.",
        ErrorCode.TRAINING_OPEN: "Training steps are open.",
        ErrorCode.UNAUTHENTICATED: "The request carries no token that holds.",
    },
)
