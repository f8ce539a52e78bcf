"""The closed sets of the domain as GraphQL enums: every value described."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar, cast

import strawberry

from portal_api.domain.exports import EXPORTS, ExportList, ExportStatus
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.learners import (
    DEACTIVATION_REASON_LABELS,
    LEARNERS,
    DeactivationReason,
    LearnerAction,
    LearnerStatus,
    NoticeCode,
)
from portal_api.domain.library import LibraryStatus
from portal_api.domain.organisations import (
    INTEGRATION_TOKENS,
    GroupAction,
    IntegrationTokenAction,
    IntegrationTokenStatus,
    OrganisationAction,
    UserAction,
)
from portal_api.domain.outcomes import ErrorPolicy, Outcome
from portal_api.domain.pathways import (
    PATHWAY_ENROLMENTS,
    PathwayAction,
    PathwayEnrolmentAction,
    PathwayEnrolmentStatus,
    PathwayKind,
)
from portal_api.domain.refusals import ErrorCode
from portal_api.domain.resources import ResourceAction
from portal_api.domain.roles import Role
from portal_api.domain.series import (
    SERIES_ENROLMENTS,
    WITHDRAWAL_REASON_LABELS,
    SeriesAction,
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
described(
    LibraryStatus,
    "Whether something is in use.",
    {LibraryStatus.ACTIVE: "In use.", LibraryStatus.RETIRED: "Kept, but no longer used."},
)
described(
    OrganisationAction,
    "What can be done to an organisation, and made in it.",
    {
        OrganisationAction.UPDATE: "Change its settings.",
        OrganisationAction.CREATE_USERS: "Add users.",
        OrganisationAction.CREATE_INTEGRATIONS: "Add machine clients.",
        OrganisationAction.CREATE_GROUP: "Make a group.",
        OrganisationAction.CREATE_LEARNERS: "Add learners.",
        OrganisationAction.CREATE_SERIES: "Make a series.",
        OrganisationAction.CREATE_PATHWAY: "Make a pathway.",
        OrganisationAction.CREATE_RESOURCES: "Add resources.",
        OrganisationAction.REQUEST_EXPORT: "Export a list.",
    },
)
described(
    UserAction,
    "What can be done to a user.",
    {
        UserAction.ASSIGN_ROLE: "Give another role.",
        UserAction.REMOVE_ROLE: "Take the role away.",
        UserAction.LINK_LEARNER: "Link a learner record.",
        UserAction.ISSUE_TOKEN: "Issue a token to a machine client.",
    },
)
described(
    IntegrationTokenStatus,
    "Whether a machine client's token still opens the door.",
    {s: m.description for s, m in INTEGRATION_TOKENS.statuses.items()},
)
described(
    IntegrationTokenAction,
    "What can be done to a machine client's token.",
    {IntegrationTokenAction.REVOKE: "Take the token back."},
)
described(
    GroupAction,
    "What can be done to a group.",
    {
        GroupAction.UPDATE: "Change its name or tests.",
        GroupAction.RETIRE: "Retire it: it holds nobody any more.",
        GroupAction.REINSTATE: "Take it into use again.",
    },
)
described(LearnerStatus, "Whether a learner takes part.", {s: m.description for s, m in LEARNERS.statuses.items()})
described(
    LearnerAction,
    "What can be done to a learner.",
    {
        LearnerAction.UPDATE: "Edit the learner's details.",
        LearnerAction.SET_APP_ACCESS: "Switch the learner's app access on or off.",
        LearnerAction.RECORD_SIGN_IN: "Record that the learner signed in.",
        LearnerAction.DEACTIVATE: "Set the learner inactive: view-only, and no longer billed from the following month on.",
        LearnerAction.REACTIVATE: "Set the learner active again.",
    },
)
described(
    NoticeCode,
    "What a learner's record has to tell whoever opens it.",
    {NoticeCode.INACTIVE: "The learner is inactive: the record can be read, but not changed."},
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
    {
        SeriesEnrolmentAction.WITHDRAW: "Cancel the enrolment, with a reason.",
        SeriesEnrolmentAction.EXTEND: "Give the enrolment more time.",
        SeriesEnrolmentAction.RECORD_ACTIVITY: "Record how many questions the learner has answered.",
    },
)
described(
    SeriesAction,
    "What can be done to a series, and made in it.",
    {
        SeriesAction.UPDATE: "Change the series.",
        SeriesAction.RETIRE: "Retire it: nobody is enrolled any more.",
        SeriesAction.REINSTATE: "Take it into use again.",
        SeriesAction.ENROL: "Enrol learners.",
    },
)
described(
    PathwayKind,
    "When the next series of a pathway opens.",
    {
        PathwayKind.LINEAR: "As soon as the one before is mastered.",
        PathwayKind.INTERLEAVED: "With the local day after the one before is mastered.",
    },
)
described(
    PathwayAction,
    "What can be done to a pathway, and made in it.",
    {
        PathwayAction.UPDATE: "Change the pathway.",
        PathwayAction.RETIRE: "Retire it: nobody is enrolled any more.",
        PathwayAction.REINSTATE: "Take it into use again.",
        PathwayAction.ENROL: "Enrol learners.",
    },
)
described(
    PathwayEnrolmentStatus,
    "Where an enrolment in a pathway stands, at the instant of the request.",
    {s: m.description for s, m in PATHWAY_ENROLMENTS.statuses.items()},
)
described(
    PathwayEnrolmentAction,
    "What can be done to an enrolment in a pathway.",
    {PathwayEnrolmentAction.WITHDRAW: "Cancel it and its open series, with a reason."},
)
described(
    ResourceAction,
    "What can be done to a resource.",
    {
        ResourceAction.UPDATE: "Change the resource.",
        ResourceAction.RETIRE: "Retire it: learners no longer find it.",
        ResourceAction.REINSTATE: "Take it into use again.",
    },
)
described(ExportStatus, "Where an export stands.", {s: m.description for s, m in EXPORTS.statuses.items()})
described(
    ExportList,
    "The lists that can be exported.",
    {
        ExportList.USERS: "`users`.",
        ExportList.GROUPS: "`groups`.",
        ExportList.LEARNERS: "`learners`.",
        ExportList.SERIES_LIBRARY: "`seriesLibrary`.",
        ExportList.SERIES_ENROLMENTS: "`seriesEnrolments`.",
        ExportList.PATHWAYS: "`pathways`.",
        ExportList.RESOURCES: "`resources`.",
        ExportList.PATHWAY_ENROLMENTS: "`pathwayEnrolments`.",
        ExportList.HISTORY_ENTRIES: "`historyEntries`.",
    },
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
    {
        SubjectKind.ORGANISATION: "An organisation.",
        SubjectKind.USER: "A user, and what they are in the organisation.",
        SubjectKind.INTEGRATION_TOKEN: "A machine client's token.",
        SubjectKind.GROUP: "A group of learners.",
        SubjectKind.LEARNER: "A learner.",
        SubjectKind.SERIES: "A series.",
        SubjectKind.SERIES_ENROLMENT: "An enrolment in a series.",
        SubjectKind.PATHWAY: "A learning pathway.",
        SubjectKind.PATHWAY_ENROLMENT: "An enrolment in a pathway.",
        SubjectKind.RESOURCE: "A learning resource.",
        SubjectKind.EXPORT: "An export.",
    },
)
described(
    HistoryAction,
    "What was done to a record.",
    {
        HistoryAction.ORGANISATION_UPDATED: "An organisation's settings were changed.",
        HistoryAction.USER_CREATED: "A user was added.",
        HistoryAction.USER_ROLE_ASSIGNED: "A user was given another role.",
        HistoryAction.USER_ROLE_REMOVED: "A user's role was taken away.",
        HistoryAction.USER_LEARNER_LINKED: "A user was linked to a learner record, or to none.",
        HistoryAction.INTEGRATION_TOKEN_ISSUED: "A token was issued to a machine client.",
        HistoryAction.INTEGRATION_TOKEN_REVOKED: "A machine client's token was taken back.",
        HistoryAction.INTEGRATION_TOKEN_EXPIRED: "The time of a machine client's token ran out.",
        HistoryAction.GROUP_CREATED: "A group was made.",
        HistoryAction.GROUP_UPDATED: "A group's name or tests were changed.",
        HistoryAction.GROUP_RETIRED: "A group was retired.",
        HistoryAction.GROUP_REINSTATED: "A retired group was taken into use again.",
        HistoryAction.LEARNER_CREATED: "A learner was added.",
        HistoryAction.LEARNER_UPDATED: "A learner was edited.",
        HistoryAction.LEARNER_APP_ACCESS_GIVEN: "A learner's app access was switched on.",
        HistoryAction.LEARNER_APP_ACCESS_TAKEN: "A learner's app access was switched off.",
        HistoryAction.LEARNER_SIGNED_IN: "A learner signed in.",
        HistoryAction.LEARNER_DEACTIVATED: "A learner was set inactive.",
        HistoryAction.LEARNER_REACTIVATED: "A learner was set active again.",
        HistoryAction.SERIES_CREATED: "A series was made.",
        HistoryAction.SERIES_UPDATED: "A series was changed.",
        HistoryAction.SERIES_RETIRED: "A series was retired.",
        HistoryAction.SERIES_REINSTATED: "A retired series was taken into use again.",
        HistoryAction.SERIES_ENROLMENT_CREATED: "A learner was enrolled in a series.",
        HistoryAction.SERIES_ENROLMENT_EXTENDED: "An enrolment was given more time.",
        HistoryAction.SERIES_ENROLMENT_SIGNED_IN: "The learner enrolled signed in for the first time.",
        HistoryAction.SERIES_ENROLMENT_ANSWERED: "Questions were answered.",
        HistoryAction.SERIES_ENROLMENT_MASTERED: "The mastery goal was met.",
        HistoryAction.SERIES_ENROLMENT_WITHDRAWN: "An enrolment was withdrawn.",
        HistoryAction.SERIES_ENROLMENT_STARTED: "The start of an enrolment came.",
        HistoryAction.SERIES_ENROLMENT_ENDED: "The time of an enrolment ran out.",
        HistoryAction.PATHWAY_CREATED: "A pathway was made.",
        HistoryAction.PATHWAY_UPDATED: "A pathway was changed.",
        HistoryAction.PATHWAY_RETIRED: "A pathway was retired.",
        HistoryAction.PATHWAY_REINSTATED: "A retired pathway was taken into use again.",
        HistoryAction.PATHWAY_ENROLMENT_CREATED: "A learner was enrolled in a pathway.",
        HistoryAction.PATHWAY_ENROLMENT_ADVANCED: "A series of the pathway was mastered, and the next one made.",
        HistoryAction.PATHWAY_ENROLMENT_EXTENDED: "The open series of the pathway was given more time.",
        HistoryAction.PATHWAY_ENROLMENT_COMPLETED: "All series of the pathway were mastered.",
        HistoryAction.PATHWAY_ENROLMENT_WITHDRAWN: "An enrolment in a pathway was withdrawn.",
        HistoryAction.PATHWAY_ENROLMENT_ENDED: "The time of the pathway's open series ran out.",
        HistoryAction.RESOURCE_CREATED: "A resource was added.",
        HistoryAction.RESOURCE_UPDATED: "A resource was changed.",
        HistoryAction.RESOURCE_RETIRED: "A resource was retired.",
        HistoryAction.RESOURCE_REINSTATED: "A retired resource was taken into use again.",
        HistoryAction.EXPORT_REQUESTED: "An export was asked for.",
        HistoryAction.EXPORT_STARTED: "An export was begun.",
        HistoryAction.EXPORT_FINISHED: "An export was finished.",
        HistoryAction.EXPORT_FAILED: "An export could not be written.",
        HistoryAction.EXPORT_EXPIRED: "An export's file was forgotten.",
    },
)
described(
    ErrorCode,
    "Every reason that an answer can give for not doing what was asked.",
    {
        ErrorCode.ALREADY_ENROLLED: "The learner takes the series already, or has it ahead in a running pathway.",
        ErrorCode.APP_ACCESS_OFF: "App access is off, or the learner is inactive.",
        ErrorCode.BUSY: "Others are changing the same records; try again.",
        ErrorCode.CALL_REJECTED: "Another row was refused, and the policy is to reject everything.",
        ErrorCode.CHANGED_MEANWHILE: "Somebody else changed the record.",
        ErrorCode.CURSOR_INVALID: "The cursor was not given by this list in this order.",
        ErrorCode.DOCUMENT_INVALID: "The document does not parse or does not fit the schema.",
        ErrorCode.EXTERNAL_REF_TAKEN: "Another record of the organisation has this reference.",
        ErrorCode.FORBIDDEN: "The role may not do this.",
        ErrorCode.IDEMPOTENCY_IN_PROGRESS: "A call with the same key is under way.",
        ErrorCode.IDEMPOTENCY_KEY_REUSED: "The key was used with another input.",
        ErrorCode.ID_INVALID: "The text is no identifier, or one of another type.",
        ErrorCode.INPUT_INVALID: "An input cannot be meant.",
        ErrorCode.INTERNAL: "A fault of ours; it is logged under the request's id.",
        ErrorCode.INVALID_DATES: "The end does not come after the start, or not when it may.",
        ErrorCode.LAST_OWNER: "An organisation always keeps an Owner.",
        ErrorCode.LEARNER_INACTIVE: "The learner is inactive, and so view-only.",
        ErrorCode.LIMIT_EXCEEDED: "More records were named than one call takes.",
        ErrorCode.LIST_EMPTY: "No record was named.",
        ErrorCode.METHOD_NOT_ALLOWED: "The HTTP method does not allow this operation.",
        ErrorCode.NOT_FOUND: "There is no such record, or the caller may not see it.",
        ErrorCode.OWN_RECORD: "Nobody records results on their own learner record.",
        ErrorCode.PAGE_INVALID: "The page's arguments cannot be meant together, or its size is out of bounds.",
        ErrorCode.PATHWAY_IN_USE: "Somebody has been enrolled in the pathway, so its series stay as they are.",
        ErrorCode.PATHWAY_NEEDS_MASTERY: "A pathway takes series only that run until they are mastered.",
        ErrorCode.PATHWAY_OWNED: "The enrolment belongs to a learning pathway.",
        ErrorCode.QUERY_TOO_COSTLY: "The document asks for more than one document may.",
        ErrorCode.REPORTING_CIRCLE: "The learner would report to themselves, directly or further up.",
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
        StateMachineKind.ORGANISATION: "Organisations, and what can be made in them.",
        StateMachineKind.USER: "Users, by their role.",
        StateMachineKind.INTEGRATION_TOKEN: "Tokens of machine clients.",
        StateMachineKind.GROUP: "Groups of learners.",
        StateMachineKind.LEARNER: "Learners.",
        StateMachineKind.SERIES: "Series.",
        StateMachineKind.SERIES_ENROLMENT: "Enrolments in series.",
        StateMachineKind.PATHWAY: "Pathways.",
        StateMachineKind.PATHWAY_ENROLMENT: "Enrolments in pathways.",
        StateMachineKind.RESOURCE: "Learning resources.",
        StateMachineKind.EXPORT: "Exports.",
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
