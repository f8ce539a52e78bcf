"""The status tables there are, and which way lists are sorted."""

from enum import StrEnum

from portal_api.resolvers.machines import StateMachineKind
from portal_api.schema.enums.describing import described

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
        StateMachineKind.CERTIFICATION: "Certifications.",
        StateMachineKind.CERTIFICATION_VERSION: "Versions of certifications.",
        StateMachineKind.LEARNER_CERTIFICATION: "Learners' certifications.",
        StateMachineKind.APPROVAL: "What awaits a sign-off.",
        StateMachineKind.CERTIFICATE: "Certificates.",
        StateMachineKind.COURSE: "Courses.",
        StateMachineKind.UNIT: "Units.",
        StateMachineKind.COURSE_OFFER: "Offers of courses.",
        StateMachineKind.STATUS_REASON: "Reasons for the statuses of enrolments.",
        StateMachineKind.COURSE_ENROLMENT: "Enrolments in courses.",
        StateMachineKind.UNIT_ENROLMENT: "Units of enrolments in courses.",
        StateMachineKind.SURVEY: "Surveys on completion of a course.",
        StateMachineKind.EXPORT: "Exports.",
        StateMachineKind.CREDENTIAL: "Credentials.",
        StateMachineKind.DOCUMENT: "Learners' documents.",
        StateMachineKind.LEARNCYCLE: "Learncycles.",
        StateMachineKind.TASK: "Tasks.",
        StateMachineKind.NOTIFICATION: "Notifications.",
        StateMachineKind.WEBHOOK_ENDPOINT: "Webhook endpoints.",
        StateMachineKind.WEBHOOK_DELIVERY: "Deliveries to webhook endpoints.",
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
