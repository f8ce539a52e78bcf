"""Exports: a list written to a file, from the request to the day when the file is forgotten (readings)."""

from enum import StrEnum

from portal_api.domain.machine import ClockMove, RecordFacts, StatusMeaning, Table


class ExportStatus(StrEnum):
    """Where an export stands."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


class ExportAction(StrEnum):
    """What can be done to an export: nothing; it runs by itself."""


class ExportList(StrEnum):
    """The lists that can be exported."""

    USERS = "users"
    GROUPS = "groups"
    LEARNERS = "learners"
    SERIES_LIBRARY = "series_library"
    SERIES_ENROLMENTS = "series_enrolments"
    PATHWAYS = "pathways"
    PATHWAY_ENROLMENTS = "pathway_enrolments"
    RESOURCES = "resources"
    CERTIFICATIONS = "certifications"
    LEARNER_CERTIFICATIONS = "learner_certifications"
    APPROVALS = "approvals"
    COURSE_ENROLMENTS = "course_enrolments"
    UNIT_ENROLMENTS = "unit_enrolments"
    LEARNERS_WITH_INACTIVE_ENROLMENTS = "learners_with_inactive_enrolments"
    HISTORY_ENTRIES = "history_entries"


_S = ExportStatus

EXPORTS = Table[ExportStatus, ExportAction, RecordFacts[ExportStatus]](
    kind="export",
    statuses={
        _S.QUEUED: StatusMeaning("Queued", "Waits for its turn."),
        _S.RUNNING: StatusMeaning("Running", "Is being written."),
        _S.READY: StatusMeaning("Ready", "Can be fetched."),
        _S.FAILED: StatusMeaning("Failed", "Could not be written.", is_ended=True),
        _S.EXPIRED: StatusMeaning("Expired", "Its file is gone.", is_ended=True),
    },
    rules=(),
    clock=(ClockMove(_S.READY, "expires_at", _S.EXPIRED, "reading"),),
)
