"""Who may read, and set inactive, the learners all of whose course enrolments are inactive."""

from portal_api.domain.courses.inactivity import DEACTIVATE_ENROLLED, READING_CANDIDATES
from portal_api.permissions.guard import Guard


class MayReadLearnersWithInactiveEnrolments(Guard):
    rule = READING_CANDIDATES


class MayDeactivateLearnersWithInactiveEnrolments(Guard):
    rule = DEACTIVATE_ENROLLED
