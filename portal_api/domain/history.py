"""The vocabulary of history: who acted, on what, and how the act is called."""

from enum import StrEnum


class ActorKind(StrEnum):
    """Who or what caused an entry."""

    USER = "user"
    INTEGRATION = "integration"
    LEARNCYCLE = "learncycle"
    CLOCK = "clock"


class SubjectKind(StrEnum):
    """The kind of record that an entry is about."""

    ORGANISATION = "organisation"
    USER = "user"
    INTEGRATION_TOKEN = "integration_token"  # noqa: S105  the name of a kind
    GROUP = "group"
    LEARNER = "learner"
    SERIES = "series"
    SERIES_ENROLMENT = "series_enrolment"
    PATHWAY = "pathway"
    PATHWAY_ENROLMENT = "pathway_enrolment"
    RESOURCE = "resource"
    EXPORT = "export"


class HistoryAction(StrEnum):
    """What was done: the subject and the act, one for everything that changes a record."""

    ORGANISATION_UPDATED = "organisation_updated"
    USER_CREATED = "user_created"
    USER_ROLE_ASSIGNED = "user_role_assigned"
    USER_ROLE_REMOVED = "user_role_removed"
    USER_LEARNER_LINKED = "user_learner_linked"
    INTEGRATION_TOKEN_ISSUED = "integration_token_issued"  # noqa: S105  the name of an act
    INTEGRATION_TOKEN_REVOKED = "integration_token_revoked"  # noqa: S105  the name of an act
    INTEGRATION_TOKEN_EXPIRED = "integration_token_expired"  # noqa: S105  the name of an act
    GROUP_CREATED = "group_created"
    GROUP_UPDATED = "group_updated"
    GROUP_RETIRED = "group_retired"
    GROUP_REINSTATED = "group_reinstated"
    LEARNER_CREATED = "learner_created"
    LEARNER_UPDATED = "learner_updated"
    LEARNER_APP_ACCESS_GIVEN = "learner_app_access_given"
    LEARNER_APP_ACCESS_TAKEN = "learner_app_access_taken"
    LEARNER_SIGNED_IN = "learner_signed_in"
    LEARNER_DEACTIVATED = "learner_deactivated"
    LEARNER_REACTIVATED = "learner_reactivated"
    SERIES_CREATED = "series_created"
    SERIES_UPDATED = "series_updated"
    SERIES_RETIRED = "series_retired"
    SERIES_REINSTATED = "series_reinstated"
    SERIES_ENROLMENT_CREATED = "series_enrolment_created"
    SERIES_ENROLMENT_EXTENDED = "series_enrolment_extended"
    SERIES_ENROLMENT_SIGNED_IN = "series_enrolment_signed_in"
    SERIES_ENROLMENT_ANSWERED = "series_enrolment_answered"
    SERIES_ENROLMENT_MASTERED = "series_enrolment_mastered"
    SERIES_ENROLMENT_WITHDRAWN = "series_enrolment_withdrawn"
    SERIES_ENROLMENT_STARTED = "series_enrolment_started"
    SERIES_ENROLMENT_ENDED = "series_enrolment_ended"
    PATHWAY_CREATED = "pathway_created"
    PATHWAY_UPDATED = "pathway_updated"
    PATHWAY_RETIRED = "pathway_retired"
    PATHWAY_REINSTATED = "pathway_reinstated"
    PATHWAY_ENROLMENT_CREATED = "pathway_enrolment_created"
    PATHWAY_ENROLMENT_ADVANCED = "pathway_enrolment_advanced"
    PATHWAY_ENROLMENT_EXTENDED = "pathway_enrolment_extended"
    PATHWAY_ENROLMENT_COMPLETED = "pathway_enrolment_completed"
    PATHWAY_ENROLMENT_WITHDRAWN = "pathway_enrolment_withdrawn"
    PATHWAY_ENROLMENT_ENDED = "pathway_enrolment_ended"
    RESOURCE_CREATED = "resource_created"
    RESOURCE_UPDATED = "resource_updated"
    RESOURCE_RETIRED = "resource_retired"
    RESOURCE_REINSTATED = "resource_reinstated"
    EXPORT_REQUESTED = "export_requested"
    EXPORT_STARTED = "export_started"
    EXPORT_FINISHED = "export_finished"
    EXPORT_FAILED = "export_failed"
    EXPORT_EXPIRED = "export_expired"
