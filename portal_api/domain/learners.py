"""Learners: active or inactive, and what that allows (S1)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from portal_api.domain.machine import Cell, Facts, Footnote, Narrowing, Rule, StatusMeaning, Table
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.domain.roles import Role


class LearnerStatus(StrEnum):
    """Whether a learner takes part: an inactive one is view-only and not billed (S1 "What does Inactive means?")."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class LearnerAction(StrEnum):
    """What can be done to a learner."""

    UPDATE = "update"
    SET_APP_ACCESS = "set_app_access"
    RECORD_SIGN_IN = "record_sign_in"
    DEACTIVATE = "deactivate"
    REACTIVATE = "reactivate"
    ADD_DOCUMENTS = "add_documents"


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


class ResultFacts(Facts, Protocol):
    """Facts that decide whether somebody's results can be recorded."""

    @property
    def is_own_record(self) -> bool: ...


class LearningFacts(ResultFacts, Protocol):
    """Facts that decide whether somebody's learning can be recorded."""

    @property
    def has_app_access(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class LearnerFacts:
    """What decides over a learner's actions."""

    status: LearnerStatus
    is_owner_record: bool
    """Whether somebody with the role Owner is linked to this learner record."""
    has_app_access: bool = True
    is_own_record: bool = False
    """Whether the caller is linked to this learner record."""

    @property
    def learner_is_active(self) -> bool:
        return self.status is LearnerStatus.ACTIVE


def _roles_for_record(facts: LearnerFacts) -> tuple[Role, ...]:
    """An Owner's own learner record is out of an Admin's reach (a reading)."""
    return (Role.OWNER,) if facts.is_owner_record else (Role.OWNER, Role.ADMIN)


def _own_record(facts: ResultFacts) -> Reason | None:
    """Nobody records anything on the learner record that they are linked to, whatever their role (a reading)."""
    if facts.is_own_record:
        return PlainError(
            ErrorCode.OWN_RECORD, "This is your own learner record. Somebody else has to record results on it."
        )
    return None


def _app_access_off(facts: LearningFacts) -> Reason | None:
    """Without app access there is no learning: neither in the app nor in a content player (a reading)."""
    if not facts.has_app_access:
        return PlainError(ErrorCode.APP_ACCESS_OFF, "The learner's app access is off. Switch it on first.")
    return None


NOT_OWN_RECORD: Footnote[ResultFacts] = Footnote("not on the caller's own learner record (reading)", _own_record)
HAS_APP_ACCESS: Footnote[LearningFacts] = Footnote("the learner has app access (reading)", _app_access_off)
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
            action=LearnerAction.UPDATE,
            label="Editing",
            roles=(Role.OWNER, Role.ADMIN),
            narrowing=_OWNER_RECORD,
            cells={LearnerStatus.ACTIVE: Cell("S1 After you have set the Learner to Inactive")},
        ),
        Rule(
            action=LearnerAction.SET_APP_ACCESS,
            label="Setting app access",
            roles=(Role.OWNER, Role.ADMIN),
            narrowing=_OWNER_RECORD,
            cells={LearnerStatus.ACTIVE: Cell("S1, the last part, on removing access")},
        ),
        Rule(
            action=LearnerAction.RECORD_SIGN_IN,
            label="Recording a sign-in",
            roles=(Role.OWNER, Role.ADMIN, Role.INTEGRATION),
            cells={LearnerStatus.ACTIVE: Cell("S1, the opening: activity needs an active learner")},
            footnotes=(NOT_OWN_RECORD, HAS_APP_ACCESS),
        ),
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
        Rule(
            action=LearnerAction.ADD_DOCUMENTS,
            label="Adding documents",
            roles=(Role.OWNER, Role.ADMIN),
            cells={LearnerStatus.ACTIVE: Cell("S1 After you have set the Learner to Inactive")},
        ),
    ),
)


class NoticeCode(StrEnum):
    """What a learner's record has to tell whoever opens it."""

    INACTIVE = "inactive"


NOTICES: dict[LearnerStatus, tuple[NoticeCode, str]] = {
    LearnerStatus.INACTIVE: (
        NoticeCode.INACTIVE,
        "This learner is inactive: the record and all that belongs to it can be read, downloaded and exported, but not "
        "changed. To change anything, have an Owner or Admin reactivate the learner first.",
    ),
}
"""The notice of each status that has one (S1 After you have set the Learner to Inactive)."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice on a learner's record."""

    code: NoticeCode
    message: str
    since: datetime | None


def notices(status: LearnerStatus, deactivated_at: datetime | None) -> tuple[Notice, ...]:
    """The notices of a record, as its status has them."""
    if status not in NOTICES:
        return ()
    code, message = NOTICES[status]
    return (Notice(code, message, deactivated_at),)
