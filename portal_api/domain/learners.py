"""Learners: active or inactive, and what that allows (S1)."""

from dataclasses import dataclass
from enum import StrEnum

from portal_api.domain.machine import Cell, Narrowing, Rule, StatusMeaning, Table
from portal_api.domain.organisations import Role


class LearnerStatus(StrEnum):
    """Whether a learner takes part: an inactive one is view-only and not billed (S1 "What does Inactive means?")."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class LearnerAction(StrEnum):
    """What an administrator can do to a learner's own status."""

    DEACTIVATE = "deactivate"
    REACTIVATE = "reactivate"


class DeactivationReason(StrEnum):
    """Why a learner was set inactive (S1 "Reasons to change Learner to Inactive"; the list itself is a reading)."""

    NO_ACTIVITY = "no_activity"
    LEFT_ORGANISATION = "left_organisation"
    DEPORTED = "deported"
    DISMISSED = "dismissed"
    DECEASED = "deceased"
    ENROLMENTS_ENDED = "enrolments_ended"
    OTHER = "other"


DEACTIVATION_REASON_LABELS = {
    DeactivationReason.NO_ACTIVITY: "No activity",
    DeactivationReason.LEFT_ORGANISATION: "Has left the organisation",
    DeactivationReason.DEPORTED: "Deported",
    DeactivationReason.DISMISSED: "Dismissed",
    DeactivationReason.DECEASED: "Deceased",
    DeactivationReason.ENROLMENTS_ENDED: "All enrolments have ended",
    DeactivationReason.OTHER: "Other",
}


@dataclass(frozen=True, slots=True)
class LearnerFacts:
    """What decides over a learner's actions."""

    status: LearnerStatus
    is_owner_record: bool
    """Whether somebody with the role Owner is linked to this learner record."""

    @property
    def learner_is_active(self) -> bool:
        return self.status is LearnerStatus.ACTIVE


def _roles_for_record(facts: LearnerFacts) -> tuple[Role, ...]:
    """An Owner's own learner record is out of an Admin's reach (a reading)."""
    return (Role.OWNER,) if facts.is_owner_record else (Role.OWNER, Role.ADMIN)


_OWNER_RECORD = Narrowing("an Owner's own learner record only by an OWNER (reading)", _roles_for_record)

LEARNERS = Table[LearnerStatus, LearnerAction, LearnerFacts](
    kind="learner",
    statuses={
        LearnerStatus.ACTIVE: StatusMeaning("Active", "Takes part and is billed. Every new learner is active."),
        LearnerStatus.INACTIVE: StatusMeaning(
            "Inactive",
            "View-only, and not billed from the following month on. Nothing of theirs is deleted.",
            is_ended=True,
        ),
    },
    rules=(
        Rule(
            action=LearnerAction.DEACTIVATE,
            label="Deactivating",
            roles=(Role.OWNER, Role.ADMIN),
            narrowing=_OWNER_RECORD,
            cells={
                LearnerStatus.ACTIVE: Cell(
                    "S1 How to set an individual Learner as Inactive", to=LearnerStatus.INACTIVE
                ),
            },
        ),
        Rule(
            action=LearnerAction.REACTIVATE,
            label="Reactivating",
            roles=(Role.OWNER, Role.ADMIN),
            narrowing=_OWNER_RECORD,
            cells={LearnerStatus.INACTIVE: Cell("S1 What does Inactive means?", to=LearnerStatus.ACTIVE)},
            needs_active_learner=False,
        ),
    ),
)
