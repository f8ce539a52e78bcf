"""The sign-off: what awaits a decision, who may decide it, and how it ends (S5 Pending Approval; the rest are readings)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal_api.domain.machine import Cell, Footnote, Narrowing, Rule, StatusMeaning, Table
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.domain.roles import Role


class ApprovalKind(StrEnum):
    """What is asked for."""

    ACCESS = "access"
    EVIDENCE = "evidence"
    EXAM = "exam"
    MORE_ATTEMPTS = "more_attempts"


class ApprovalStatus(StrEnum):
    """Where an approval stands."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    OVERRIDDEN = "overridden"
    CLOSED = "closed"


class ApprovalAction(StrEnum):
    """What can be done to an approval."""

    APPROVE = "approve"
    DENY = "deny"


SIGNED_OFF_BY_MANAGERS = frozenset({ApprovalKind.EVIDENCE, ApprovalKind.EXAM})
HOLDS_UP = frozenset({ApprovalKind.EVIDENCE, ApprovalKind.EXAM})
"""What makes a record `PENDING_APPROVAL`; the others leave its status alone."""


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """What decides over an approval."""

    status: ApprovalStatus
    kind: ApprovalKind
    learner_is_active: bool = True
    is_own_record: bool = False
    """Whether it is the caller's own learning that awaits it."""
    is_certification_active: bool = True
    has_published_version: bool = True
    is_barred: bool = False
    """Whether the learner is barred from the certification."""


def _deciders(facts: ApprovalFacts) -> Sequence[Role]:
    managers = (Role.MANAGER,) if facts.kind in SIGNED_OFF_BY_MANAGERS else ()
    return (Role.OWNER, Role.ADMIN, *managers)


def _own(facts: ApprovalFacts) -> Reason | None:
    if facts.is_own_record:
        return PlainError(ErrorCode.OWN_APPROVAL, "This is about your own learning. Somebody else has to decide it.")
    return None


def _no_access(facts: ApprovalFacts) -> Reason | None:
    if facts.kind is not ApprovalKind.ACCESS:
        return None
    if not facts.is_certification_active:
        return PlainError(
            ErrorCode.CERTIFICATION_INACTIVE, "The certification is not in use: nobody joins it. Reinstate it first."
        )
    if not facts.has_published_version:
        return PlainError(
            ErrorCode.NO_PUBLISHED_VERSION, "The certification has no published version. Publish one first."
        )
    if facts.is_barred:
        return PlainError(
            ErrorCode.LEARNER_BARRED, "The learner is barred from this certification. Restore access first."
        )
    return None


_DECIDERS: Narrowing[ApprovalFacts] = Narrowing("access and more attempts by OWNER and ADMIN only (reading)", _deciders)
_NOT_OWN: Footnote[ApprovalFacts] = Footnote("not on the caller's own learning (reading)", _own)
_ACCESS_TO_GIVE: Footnote[ApprovalFacts] = Footnote(
    "access: the certification is active, a version is published, and the learner is not barred (reading)", _no_access
)


def _deciding(
    action: ApprovalAction, label: str, to: ApprovalStatus, *footnotes: Footnote[ApprovalFacts]
) -> Rule[ApprovalStatus, ApprovalAction, ApprovalFacts]:
    return Rule(
        action,
        label,
        roles=(Role.OWNER, Role.ADMIN, Role.MANAGER),
        cells={ApprovalStatus.PENDING: Cell("S5 Pending Approval, in the list of statuses", to=to)},
        footnotes=(_NOT_OWN, *footnotes),
        narrowing=_DECIDERS,
        closed=ErrorCode.ALREADY_DECIDED,
    )


APPROVALS = Table[ApprovalStatus, ApprovalAction, ApprovalFacts](
    kind="approval",
    statuses={
        ApprovalStatus.PENDING: StatusMeaning("Pending", "Awaits a decision."),
        ApprovalStatus.APPROVED: StatusMeaning("Approved", "Granted.", is_ended=True),
        ApprovalStatus.DENIED: StatusMeaning("Denied", "Denied, with a comment that the learner sees.", is_ended=True),
        ApprovalStatus.OVERRIDDEN: StatusMeaning(
            "Overridden", "An administrator's override made the decision needless.", is_ended=True
        ),
        ApprovalStatus.CLOSED: StatusMeaning(
            "Closed", "What it was about has ended before it was decided.", is_ended=True
        ),
    },
    rules=(
        _deciding(ApprovalAction.APPROVE, "Approving", ApprovalStatus.APPROVED, _ACCESS_TO_GIVE),
        _deciding(ApprovalAction.DENY, "Denying", ApprovalStatus.DENIED),
    ),
)
