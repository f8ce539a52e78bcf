"""The closed sets of the domain as GraphQL enums: every value described."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar, cast

import strawberry

from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.learners import (
    DEACTIVATION_REASON_LABELS,
    LEARNERS,
    DeactivationReason,
    LearnerAction,
    LearnerStatus,
)
from portal_api.domain.organisations import Role
from portal_api.domain.outcomes import ErrorPolicy, Outcome
from portal_api.domain.refusals import ErrorCode
from portal_api.domain.series import (
    SERIES_ENROLMENTS,
    WITHDRAWAL_REASON_LABELS,
    SeriesDuration,
    SeriesEnrolmentAction,
    SeriesEnrolmentStatus,
    SeriesType,
    WithdrawalReason,
)
from portal_api.resolvers.machines import StateMachineKind

E = TypeVar("E", bound=StrEnum)


def described(enum: type[E], description: str, values: Mapping[E, str]) -> type[E]:
    """Makes an enum of the domain one of the schema.

    Raises:
        KeyError: if a value has no description.
    """
    strawberry.enum(enum, description=description)
    definition = cast("Any", enum).__strawberry_definition__
    for value in definition.values:
        value.description = values[enum(value.value)]
    return enum


described(
    Role,
    "What somebody may see and change in an organisation.",
    {
        Role.OWNER: "Sees and changes everything; alone changes settings and roles.",
        Role.ADMIN: "Sees the whole organisation and changes learners, enrolments and certifications.",
        Role.MANAGER: "Sees the learners who report to them, directly or further down.",
        Role.TRAINER: "Sees the learners of the course offers that they teach.",
        Role.LEARNER: "Sees only themselves.",
        Role.INTEGRATION: "A machine client: sees ids, references and statuses, and records what it measures.",
    },
)
described(LearnerStatus, "Whether a learner takes part.", {s: m.description for s, m in LEARNERS.statuses.items()})
described(
    LearnerAction,
    "What can be done to a learner's status.",
    {
        LearnerAction.DEACTIVATE: "Set the learner inactive: view-only, and no longer billed from the following month on.",
        LearnerAction.REACTIVATE: "Set the learner active again.",
    },
)
described(
    DeactivationReason, "Why a learner was set inactive.", {r: f"{t}." for r, t in DEACTIVATION_REASON_LABELS.items()}
)
described(
    SeriesType,
    "What a series is for.",
    {
        SeriesType.STANDARD: "Ordinary learning.",
        SeriesType.PREVIEW: "A look at a series before it is used; never in reports.",
        SeriesType.COMPETENCY: "Shows that somebody can do something.",
        SeriesType.BURST: "A short, dense repetition.",
    },
)
described(
    SeriesDuration,
    "How long an enrolment in a series runs.",
    {
        SeriesDuration.MASTERY: "Until it is mastered, twelve months at the most.",
        SeriesDuration.FIXED: "A number of days from its start.",
        SeriesDuration.END_DATE: "Up to and including a day.",
    },
)
described(
    SeriesEnrolmentStatus,
    "Where an enrolment in a series stands, at the instant of the request.",
    {s: m.description for s, m in SERIES_ENROLMENTS.statuses.items()},
)
described(
    SeriesEnrolmentAction,
    "What can be done to an enrolment in a series.",
    {SeriesEnrolmentAction.WITHDRAW: "Cancel the enrolment, with a reason."},
)
described(
    WithdrawalReason, "Why an enrolment was withdrawn.", {r: f"{t}." for r, t in WITHDRAWAL_REASON_LABELS.items()}
)
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
    ActorKind,
    "Who or what acted.",
    {
        ActorKind.USER: "A person.",
        ActorKind.INTEGRATION: "A machine client.",
        ActorKind.LEARNCYCLE: "A rule of the organisation.",
        ActorKind.CLOCK: "Time alone.",
    },
)
described(
    SubjectKind,
    "The kind of record that a history entry is about.",
    {SubjectKind.LEARNER: "A learner.", SubjectKind.SERIES_ENROLMENT: "An enrolment in a series."},
)
described(
    HistoryAction,
    "What was done to a record.",
    {
        HistoryAction.LEARNER_DEACTIVATED: "A learner was set inactive.",
        HistoryAction.LEARNER_REACTIVATED: "A learner was set active again.",
        HistoryAction.SERIES_ENROLMENT_WITHDRAWN: "An enrolment was withdrawn.",
        HistoryAction.SERIES_ENROLMENT_STARTED: "The start of an enrolment came.",
        HistoryAction.SERIES_ENROLMENT_ENDED: "The time of an enrolment ran out.",
    },
)
described(
    ErrorCode,
    "Every reason that an answer can give for not doing what was asked.",
    {
        ErrorCode.APP_ACCESS_OFF: "App access is off, or the learner is inactive.",
        ErrorCode.BUSY: "Others are changing the same records; try again.",
        ErrorCode.CALL_REJECTED: "Another row was refused, and the policy is to reject everything.",
        ErrorCode.CHANGED_MEANWHILE: "Somebody else changed the record.",
        ErrorCode.CURSOR_INVALID: "The cursor was not given by this list in this order.",
        ErrorCode.DOCUMENT_INVALID: "The document does not parse or does not fit the schema.",
        ErrorCode.FORBIDDEN: "The role may not do this.",
        ErrorCode.IDEMPOTENCY_IN_PROGRESS: "A call with the same key is under way.",
        ErrorCode.IDEMPOTENCY_KEY_REUSED: "The key was used with another input.",
        ErrorCode.ID_INVALID: "The text is no identifier, or one of another type.",
        ErrorCode.INPUT_INVALID: "An input cannot be meant.",
        ErrorCode.INTERNAL: "A fault of ours; it is logged under the request's id.",
        ErrorCode.LEARNER_INACTIVE: "The learner is inactive, and so view-only.",
        ErrorCode.LIMIT_EXCEEDED: "More records were named than one call takes.",
        ErrorCode.LIST_EMPTY: "No record was named.",
        ErrorCode.METHOD_NOT_ALLOWED: "The HTTP method does not allow this operation.",
        ErrorCode.NOT_FOUND: "There is no such record, or the caller may not see it.",
        ErrorCode.PAGE_INVALID: "The page's arguments cannot be meant together, or its size is out of bounds.",
        ErrorCode.PATHWAY_OWNED: "The enrolment belongs to a learning pathway.",
        ErrorCode.QUERY_TOO_COSTLY: "The document asks for more than one document may.",
        ErrorCode.REQUEST_INVALID: "The request is not one that GraphQL over HTTP knows.",
        ErrorCode.REQUEST_TOO_LARGE: "The request's body is too large.",
        ErrorCode.STATUS_NOT_ALLOWED: "The record's status does not allow the action.",
        ErrorCode.UNAUTHENTICATED: "The request carries no token that holds.",
    },
)
described(
    StateMachineKind,
    "The status tables that can be read as data.",
    {
        StateMachineKind.LEARNER: "Learners.",
        StateMachineKind.SERIES_ENROLMENT: "Enrolments in series.",
    },
)


class OrderDirection(StrEnum):
    """Which way a list is sorted."""

    ASC = "asc"
    DESC = "desc"


described(
    OrderDirection,
    "Which way a list is sorted.",
    {
        OrderDirection.ASC: "Smallest, earliest, first in the alphabet first.",
        OrderDirection.DESC: "The other way round.",
    },
)
