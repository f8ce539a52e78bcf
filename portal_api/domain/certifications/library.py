"""Certifications and their versions: who may join, what a version asks, and how it comes into use (readings)."""

from dataclasses import dataclass
from enum import StrEnum

from portal_api.domain.certifications.conditions import PEOPLE
from portal_api.domain.certifications.statuses import LearnerCertificationStatus
from portal_api.domain.learners import HAS_APP_ACCESS
from portal_api.domain.library import REINSTATING, RETIRING, WHILE_ACTIVE, LibraryStatus, meanings
from portal_api.domain.machine import Cell, Footnote, Narrowing, RecordFacts, Rule, StatusMeaning, Table
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.domain.roles import Role

_ADMINISTRATORS = (Role.OWNER, Role.ADMIN)
MOST_STEPS = 50


class CertificationJoining(StrEnum):
    """How learners come to a certification that nobody has assigned to them."""

    OPEN = "open"
    ON_REQUEST = "on_request"
    ASSIGNED_ONLY = "assigned_only"


class CertificationAction(StrEnum):
    """What can be done to a certification, and made in it."""

    UPDATE = "update"
    DRAFT_VERSION = "draft_version"
    RETIRE = "retire"
    REINSTATE = "reinstate"
    ASSIGN = "assign"
    ENROL = "enrol"
    REQUEST_ACCESS = "request_access"


class CertificationVersionStatus(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class CertificationVersionAction(StrEnum):
    """What can be done to a version."""

    UPDATE = "update"
    PUBLISH = "publish"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class CertificationFacts:
    """What decides over a certification's actions; for an assignment or enrolment, with those of the learner."""

    status: LibraryStatus
    joining: CertificationJoining = CertificationJoining.ASSIGNED_ONLY
    has_published_version: bool = True
    learner_is_active: bool = True
    has_app_access: bool = True
    is_own_record: bool = False
    """Whether the learner in question is the one that the caller is linked to."""
    record_status: LearnerCertificationStatus | None = None
    """Where the learner stands in it; None without a record, an archived one left out."""
    has_request: bool = False
    """Whether a request of theirs for access is undecided."""


_F = CertificationFacts


def _barred(facts: _F) -> Reason | None:
    if facts.record_status is LearnerCertificationStatus.DISALLOWED:
        return PlainError(
            ErrorCode.LEARNER_BARRED, "The learner is barred from this certification. Restore access first."
        )
    return None


def _no_version(facts: _F) -> Reason | None:
    if not facts.has_published_version:
        return PlainError(
            ErrorCode.NO_PUBLISHED_VERSION, "The certification has no published version. Publish one first."
        )
    return None


def _not_open_to_join(facts: _F) -> Reason | None:
    if facts.record_status is LearnerCertificationStatus.ASSIGNED:
        return None
    if facts.record_status is not None:
        return PlainError(ErrorCode.ALREADY_ENROLLED, "You are enrolled in this certification already.")
    if facts.joining is not CertificationJoining.OPEN:
        return PlainError(
            ErrorCode.NOT_OPEN_TO_JOIN, "This certification is not open to join. Ask for access, or to be assigned."
        )
    return None


def _not_on_request(facts: _F) -> Reason | None:
    if facts.record_status is not None:
        return PlainError(ErrorCode.ALREADY_ENROLLED, "You have this certification already.")
    if facts.joining is not CertificationJoining.ON_REQUEST:
        return PlainError(ErrorCode.NOT_OPEN_TO_JOIN, "Access to this certification is not given on request.")
    if facts.has_request:
        return PlainError(ErrorCode.ALREADY_REQUESTED, "Your request for access awaits its decision.")
    return None


VERSION_TO_BEGIN_WITH: Footnote[_F] = Footnote("a version is published (reading)", _no_version)
_THE_LEARNER: Narrowing[_F] = Narrowing(
    "by whoever is linked to a learner record, for themselves (reading)",
    lambda facts: PEOPLE if facts.is_own_record else (),
    nobody="open to whoever is linked to a learner record, for themselves.",
)

CERTIFICATIONS = Table[LibraryStatus, CertificationAction, CertificationFacts](
    kind="certification",
    statuses=meanings(
        "Learners can be assigned and can enrol.", "No new assignment, enrolment or cycle begins; all else goes on."
    ),
    rules=(
        Rule(
            CertificationAction.UPDATE,
            "Changing a certification",
            _ADMINISTRATORS,
            WHILE_ACTIVE,
            needs_active_learner=False,
        ),
        Rule(
            CertificationAction.DRAFT_VERSION,
            "Drafting a version",
            _ADMINISTRATORS,
            WHILE_ACTIVE,
            needs_active_learner=False,
        ),
        Rule(
            CertificationAction.RETIRE,
            "Retiring a certification",
            _ADMINISTRATORS,
            RETIRING,
            needs_active_learner=False,
        ),
        Rule(
            CertificationAction.REINSTATE,
            "Reinstating a certification",
            _ADMINISTRATORS,
            REINSTATING,
            needs_active_learner=False,
        ),
        Rule(
            CertificationAction.ASSIGN,
            "Assigning",
            _ADMINISTRATORS,
            WHILE_ACTIVE,
            footnotes=(
                VERSION_TO_BEGIN_WITH,
                Footnote("the learner is not barred (S5 Permanent Revoke)", _barred),
            ),
            closed=ErrorCode.CERTIFICATION_INACTIVE,
        ),
        Rule(
            CertificationAction.ENROL,
            "Enrolling",
            PEOPLE,
            WHILE_ACTIVE,
            footnotes=(
                HAS_APP_ACCESS,
                VERSION_TO_BEGIN_WITH,
                Footnote("open to join and without a record, or assigned (reading)", _not_open_to_join),
            ),
            narrowing=_THE_LEARNER,
            closed=ErrorCode.CERTIFICATION_INACTIVE,
        ),
        Rule(
            CertificationAction.REQUEST_ACCESS,
            "Asking for access",
            PEOPLE,
            WHILE_ACTIVE,
            footnotes=(
                HAS_APP_ACCESS,
                VERSION_TO_BEGIN_WITH,
                Footnote("on request, without a record, and not asked for already (reading)", _not_on_request),
            ),
            narrowing=_THE_LEARNER,
            closed=ErrorCode.CERTIFICATION_INACTIVE,
        ),
    ),
)

_V = CertificationVersionStatus

CERTIFICATION_VERSIONS = Table[
    CertificationVersionStatus, CertificationVersionAction, RecordFacts[CertificationVersionStatus]
](
    kind="certification_version",
    statuses={
        _V.DRAFT: StatusMeaning("Draft", "Being written; nobody has begun under it."),
        _V.PUBLISHED: StatusMeaning("Published", "Never changes; new cycles begin under the newest of these."),
        _V.RETIRED: StatusMeaning("Retired", "No new cycle begins under it; those that run go on.", is_ended=True),
    },
    rules=(
        Rule(
            CertificationVersionAction.UPDATE,
            "Changing a version",
            _ADMINISTRATORS,
            {_V.DRAFT: Cell("reading", is_reading=True)},
            needs_active_learner=False,
        ),
        Rule(
            CertificationVersionAction.PUBLISH,
            "Publishing a version",
            _ADMINISTRATORS,
            {_V.DRAFT: Cell("reading", to=_V.PUBLISHED, is_reading=True)},
            needs_active_learner=False,
        ),
        Rule(
            CertificationVersionAction.RETIRE,
            "Retiring a version",
            _ADMINISTRATORS,
            {_V.PUBLISHED: Cell("reading", to=_V.RETIRED, is_reading=True)},
            needs_active_learner=False,
        ),
    ),
)
