"""How a learner came to a certification: assignment sources, and which of them can be removed (S5 Assignment sources)."""

from enum import StrEnum


class AssignmentSourceKind(StrEnum):
    """Who or what brought the assignment about."""

    MANUAL = "manual"
    GROUP = "group"
    SELF = "self"
