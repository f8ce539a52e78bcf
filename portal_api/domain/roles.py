"""The roles that people and machines hold in an organisation."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody may see and change in one organisation (S5 "admin/manager sign-off"; the rest is a reading)."""

    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    TRAINER = "trainer"
    LEARNER = "learner"
    INTEGRATION = "integration"


ADMINISTRATORS = frozenset({Role.OWNER, Role.ADMIN})
