"""Roles, statuses, actions and reasons of the records of organisations, learners and series."""

from portal_api.domain.exports import EXPORTS, ExportList, ExportStatus
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
from portal_api.domain.pathways import (
    PATHWAY_ENROLMENTS,
    PathwayAction,
    PathwayEnrolmentAction,
    PathwayEnrolmentStatus,
    PathwayKind,
)
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
from portal_api.schema.enums.describing import described

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
        OrganisationAction.CREATE_CERTIFICATION: "Make a certification.",
        OrganisationAction.CREATE_COURSES: "Make courses.",
        OrganisationAction.CREATE_UNITS: "Make units.",
        OrganisationAction.CREATE_STATUS_REASONS: "Add status reasons.",
        OrganisationAction.REQUEST_EXPORT: "Export a list.",
        OrganisationAction.CREATE_LEARNCYCLE: "Make a learncycle.",
        OrganisationAction.CREATE_TASKS: "Make tasks.",
        OrganisationAction.CREATE_WEBHOOK_ENDPOINT: "Make a webhook endpoint.",
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
        LearnerAction.ADD_DOCUMENTS: "Keep documents with the learner.",
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
        ExportList.CERTIFICATIONS: "`certifications`.",
        ExportList.LEARNER_CERTIFICATIONS: "`learnerCertifications`.",
        ExportList.APPROVALS: "`approvals`.",
        ExportList.COURSE_ENROLMENTS: "`courseEnrolments`.",
        ExportList.UNIT_ENROLMENTS: "`unitEnrolments`.",
        ExportList.LEARNERS_WITH_INACTIVE_ENROLMENTS: "`learnersWithInactiveEnrolments`.",
        ExportList.HISTORY_ENTRIES: "`historyEntries`.",
    },
)

described(
    WithdrawalReason, "Why an enrolment was withdrawn.", {r: f"{t}." for r, t in WITHDRAWAL_REASON_LABELS.items()}
)
