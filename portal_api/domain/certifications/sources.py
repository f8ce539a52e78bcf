"""How a learner came to a certification: assignment sources, and which of them can be removed (S5 Assignment sources)."""

from enum import StrEnum

from portal_api.domain.certifications.statuses import LearnerCertificationStatus


class AssignmentSourceKind(StrEnum):
    """Who or what brought the assignment about."""

    MANUAL = "manual"
    GROUP = "group"
    SELF = "self"


KEPT_BY_SOURCES = frozenset({LearnerCertificationStatus.ASSIGNED, LearnerCertificationStatus.NOT_STARTED})
"""The statuses at which a record without any source that stands is archived; later it stays (a reading)."""
