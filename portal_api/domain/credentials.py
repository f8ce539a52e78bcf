"""Credentials of course enrolments: requested, issued under a register number, cancelled; never deleted (S2 Generate Credentials)."""

from dataclasses import dataclass
from enum import StrEnum

from portal_api.domain.courses.outcomes import CREDENTIALLED
from portal_api.domain.machine import Cell, Footnote, Rule, StatusMeaning, Table
from portal_api.domain.refusals import ErrorCode, InputInvalid, PlainError, Reason
from portal_api.domain.roles import Role

_ADMINISTRATORS = (Role.OWNER, Role.ADMIN)


class CredentialStatus(StrEnum):
    """Where a credential stands (a reading)."""

    REQUESTED = "requested"
    ISSUED = "issued"
    CANCELLED = "cancelled"


class CredentialAction(StrEnum):
    """What can be done about a credential."""

    REQUEST = "request"
    ISSUE = "issue"
    CANCEL = "cancel"
    REISSUE = "reissue"


class CancellationReason(StrEnum):
    """Why a credential was cancelled (a reading)."""

    REQUEST_WITHDRAWN = "request_withdrawn"
    ISSUED_IN_ERROR = "issued_in_error"
    REVOKED = "revoked"
    REPLACED = "replaced"


CANCELLATION_REASON_LABELS = {
    CancellationReason.REQUEST_WITHDRAWN: "The request was withdrawn",
    CancellationReason.ISSUED_IN_ERROR: "Issued in error",
    CancellationReason.REVOKED: "Revoked",
    CancellationReason.REPLACED: "Replaced by a newer one",
}


@dataclass(frozen=True, slots=True)
class CredentialFacts:
    """What decides over a credential."""

    status: CredentialStatus
    learner_is_active: bool = True
    has_outcome: bool = True
    """Whether a unit of the enrolment has an outcome that a credential is issued for."""
    has_another: bool = False
    """Whether another credential of the enrolment is requested or issued."""


@dataclass(frozen=True, slots=True)
class CredentialUnit:
    """A unit as a credential names it."""

    identifier: str
    title: str
    outcome: str
    """Its code, as it is reported."""


def _another(facts: CredentialFacts) -> Reason | None:
    if facts.has_another:
        return PlainError(
            ErrorCode.CREDENTIAL_STANDS,
            "The enrolment has a credential that is requested or issued. Issue, reissue or cancel that one.",
        )
    return None


def _no_outcome(facts: CredentialFacts) -> Reason | None:
    if not facts.has_outcome:
        codes = " or ".join(sorted(CREDENTIALLED))
        return PlainError(
            ErrorCode.NO_CREDENTIALLED_OUTCOME,
            f"No unit of the enrolment has the outcome {codes}. Record the outcomes first.",
        )
    return None


NONE_STANDS: Footnote[CredentialFacts] = Footnote(
    "no other credential of the enrolment is requested or issued (reading)", _another
)
HAS_OUTCOME: Footnote[CredentialFacts] = Footnote(
    "a unit of the enrolment has the outcome 20, 51 or 60 (reading)", _no_outcome
)
_S, _A = CredentialStatus, CredentialAction
_PLACE = "S2 Generate Credentials"

CREDENTIALS = Table[CredentialStatus, CredentialAction, CredentialFacts](
    kind="credential",
    statuses={
        _S.REQUESTED: StatusMeaning("Requested", "Asked for, and not issued yet."),
        _S.ISSUED: StatusMeaning("Issued", "Issued under a register number by which anybody can verify it."),
        _S.CANCELLED: StatusMeaning("Cancelled", "Withdrawn, revoked or replaced; kept for ever.", is_ended=True),
    },
    rules=(
        # The credential asked for is a new one: an enrolment that has none is as one whose credential was cancelled.
        Rule(
            _A.REQUEST,
            "Requesting a credential",
            _ADMINISTRATORS,
            {_S.CANCELLED: Cell(_PLACE)},
            footnotes=(NONE_STANDS,),
        ),
        Rule(
            _A.ISSUE,
            "Issuing a credential",
            _ADMINISTRATORS,
            {_S.REQUESTED: Cell(_PLACE, to=_S.ISSUED)},
            footnotes=(HAS_OUTCOME,),
        ),
        Rule(
            _A.CANCEL,
            "Cancelling a credential",
            _ADMINISTRATORS,
            dict.fromkeys((_S.REQUESTED, _S.ISSUED), Cell("reading", to=_S.CANCELLED, is_reading=True)),
        ),
        Rule(
            _A.REISSUE,
            "Reissuing a credential",
            _ADMINISTRATORS,
            {_S.ISSUED: Cell("reading", to=_S.CANCELLED, is_reading=True)},
            footnotes=(HAS_OUTCOME,),
        ),
    ),
)


def against_reason(status: CredentialStatus, reason: CancellationReason) -> Reason | None:
    """What speaks against cancelling a credential for a reason: a request is withdrawn, what was issued is not (a reading)."""
    if reason is CancellationReason.REPLACED:
        message = "A credential is replaced by reissuing it. Use `reissueCredentials`."
    elif (reason is CancellationReason.REQUEST_WITHDRAWN) is (status is CredentialStatus.REQUESTED):
        return None
    elif status is CredentialStatus.REQUESTED:
        message = "The credential has not been issued; its request is cancelled as REQUEST_WITHDRAWN."
    else:
        message = "The credential has been issued; give a reason why it no longer holds."
    return InputInvalid(ErrorCode.INPUT_INVALID, message, ("input", "reason"))
