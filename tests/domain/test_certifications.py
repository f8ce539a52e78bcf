"""Certifications, their versions and approvals: the grids, what learners may join, and how long a certificate holds."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal_api.domain.certifications import (
    APPROVALS,
    CERTIFICATES,
    CERTIFICATION_VERSIONS,
    CERTIFICATIONS,
    ApprovalAction,
    ApprovalFacts,
    ApprovalKind,
    ApprovalStatus,
    CertificateStatus,
    CertificationAction,
    CertificationFacts,
    CertificationJoining,
    CertificationVersionAction,
    CertificationVersionStatus,
    LearnerCertificationStatus,
    Validity,
)
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import Granted, RecordFacts
from portal_api.domain.refusals import ErrorCode
from portal_api.domain.roles import Role
from tests.domain.grids import leads

E, J, R = ErrorCode, CertificationJoining, LearnerCertificationStatus
ADMINISTRATORS = {Role.OWNER, Role.ADMIN}


def codes(decision: Any) -> list[ErrorCode]:
    return [] if isinstance(decision, Granted) else [reason.code for reason in decision.reasons]


def test_a_certification_is_changed_by_administrators_while_it_is_in_use() -> None:
    for action in (
        CertificationAction.UPDATE,
        CertificationAction.DRAFT_VERSION,
        CertificationAction.RETIRE,
        CertificationAction.REINSTATE,
        CertificationAction.ASSIGN,
    ):
        for role in Role:
            for status in LibraryStatus:
                told = codes(CERTIFICATIONS[action].decide(role, CertificationFacts(status)))
                is_open = (status is LibraryStatus.ACTIVE) is (action is not CertificationAction.REINSTATE)
                closed = E.CERTIFICATION_INACTIVE if action is CertificationAction.ASSIGN else E.STATUS_NOT_ALLOWED
                expected = ([] if role in ADMINISTRATORS else [E.FORBIDDEN]) + ([] if is_open else [closed])
                assert told == expected, (action, role, status)


def test_the_tables_lead_where_they_should() -> None:
    assert leads(CERTIFICATIONS) == {
        "UPDATE": {"ACTIVE": None},
        "DRAFT_VERSION": {"ACTIVE": None},
        "RETIRE": {"ACTIVE": "RETIRED"},
        "REINSTATE": {"RETIRED": "ACTIVE"},
        "ASSIGN": {"ACTIVE": None},
        "ENROL": {"ACTIVE": None},
        "REQUEST_ACCESS": {"ACTIVE": None},
    }
    assert leads(CERTIFICATION_VERSIONS) == {
        "UPDATE": {"DRAFT": None},
        "PUBLISH": {"DRAFT": "PUBLISHED"},
        "RETIRE": {"PUBLISHED": "RETIRED"},
    }
    assert leads(CERTIFICATES) == {}
    assert leads(APPROVALS) == {"APPROVE": {"PENDING": "APPROVED"}, "DENY": {"PENDING": "DENIED"}}
    assert [rule.action for rule in CERTIFICATIONS.rules] == list(CertificationAction)
    assert [rule.action for rule in CERTIFICATION_VERSIONS.rules] == list(CertificationVersionAction)
    assert list(APPROVALS.statuses) == list(ApprovalStatus)
    assert list(CERTIFICATES.statuses) == list(CertificateStatus)


@pytest.mark.parametrize("status", list(CertificationVersionStatus))
def test_a_published_version_never_changes(status: CertificationVersionStatus) -> None:
    told = codes(CERTIFICATION_VERSIONS[CertificationVersionAction.UPDATE].decide(Role.OWNER, RecordFacts(status)))

    assert told == ([] if status is CertificationVersionStatus.DRAFT else [E.STATUS_NOT_ALLOWED])


@pytest.mark.parametrize("record", [None, *R])
def test_only_the_barred_are_not_assigned(record: LearnerCertificationStatus | None) -> None:
    facts = CertificationFacts(LibraryStatus.ACTIVE, record_status=record)

    told = codes(CERTIFICATIONS[CertificationAction.ASSIGN].decide(Role.ADMIN, facts))

    assert told == ([E.LEARNER_BARRED] if record is R.DISALLOWED else [])


@pytest.mark.parametrize("joining", list(J))
@pytest.mark.parametrize("record", [None, *R])
def test_who_joins_and_who_asks(joining: CertificationJoining, record: LearnerCertificationStatus | None) -> None:
    facts = CertificationFacts(LibraryStatus.ACTIVE, joining, is_own_record=True, record_status=record)

    enrolling = codes(CERTIFICATIONS[CertificationAction.ENROL].decide(Role.LEARNER, facts))
    asking = codes(CERTIFICATIONS[CertificationAction.REQUEST_ACCESS].decide(Role.LEARNER, facts))

    if record is None:
        assert enrolling == ([] if joining is J.OPEN else [E.NOT_OPEN_TO_JOIN])
        assert asking == ([] if joining is J.ON_REQUEST else [E.NOT_OPEN_TO_JOIN])
    else:
        assert enrolling == ([] if record is R.ASSIGNED else [E.ALREADY_ENROLLED])
        assert asking == [E.ALREADY_ENROLLED]


@pytest.mark.parametrize("action", [CertificationAction.ENROL, CertificationAction.REQUEST_ACCESS])
def test_what_else_keeps_a_learner_from_joining(action: CertificationAction) -> None:
    joining = J.OPEN if action is CertificationAction.ENROL else J.ON_REQUEST
    own: dict[str, Any] = {"joining": joining, "is_own_record": True}

    def told(role: Role = Role.MANAGER, **given: Any) -> list[ErrorCode]:
        return codes(
            CERTIFICATIONS[action].decide(role, CertificationFacts(**{"status": LibraryStatus.ACTIVE, **own, **given}))
        )

    assert told() == []
    assert told(is_own_record=False) == [E.FORBIDDEN]
    assert told(Role.INTEGRATION) == [E.FORBIDDEN]
    assert told(learner_is_active=False) == [E.LEARNER_INACTIVE]
    assert told(has_app_access=False) == [E.APP_ACCESS_OFF]
    assert told(status=LibraryStatus.RETIRED) == [E.CERTIFICATION_INACTIVE]
    assert told(has_published_version=False) == [E.NO_PUBLISHED_VERSION]


def test_a_request_is_made_once() -> None:
    facts = CertificationFacts(LibraryStatus.ACTIVE, J.ON_REQUEST, is_own_record=True, has_request=True)

    assert codes(CERTIFICATIONS[CertificationAction.REQUEST_ACCESS].decide(Role.LEARNER, facts)) == [
        E.ALREADY_REQUESTED
    ]


@pytest.mark.parametrize("action", list(ApprovalAction))
@pytest.mark.parametrize("kind", list(ApprovalKind))
@pytest.mark.parametrize("role", list(Role))
def test_managers_sign_off_evidence_and_exams_and_administrators_everything(
    action: ApprovalAction, kind: ApprovalKind, role: Role
) -> None:
    signs = ADMINISTRATORS | ({Role.MANAGER} if kind in (ApprovalKind.EVIDENCE, ApprovalKind.EXAM) else set())

    told = codes(APPROVALS[action].decide(role, ApprovalFacts(ApprovalStatus.PENDING, kind)))

    assert told == ([] if role in signs else [E.FORBIDDEN])


@pytest.mark.parametrize("status", list(ApprovalStatus))
def test_an_approval_is_decided_once_and_not_by_whom_it_is_about(status: ApprovalStatus) -> None:
    facts = ApprovalFacts(status, ApprovalKind.EXAM, learner_is_active=False, is_own_record=True)
    decided = [] if status is ApprovalStatus.PENDING else [E.ALREADY_DECIDED]

    assert codes(APPROVALS[ApprovalAction.DENY].decide(Role.MANAGER, facts)) == [
        E.LEARNER_INACTIVE,
        *decided,
        E.OWN_APPROVAL,
    ]


AUCKLAND = ZoneInfo("Pacific/Auckland")


@pytest.mark.parametrize(
    ("certified", "validity", "expires", "lapses", "opens"),
    [
        # the first instant after the day of the anniversary, in the organisation's zone
        (
            "2026-03-02T22:30+13:00",
            Validity(12),
            "2027-03-03T00:00+13:00",
            "2027-03-03T00:00+13:00",
            "2027-03-03T00:00+13:00",
        ),
        # local days of grace and window, over a night that is an hour longer (4 April 2027)
        (
            "2026-04-02T09:00+13:00",
            Validity(12, 3, 5),
            "2027-04-03T00:00+13:00",
            "2027-04-06T00:00+12:00",
            "2027-03-29T00:00+13:00",
        ),
        # a day that the month has not
        (
            "2027-08-31T12:00+12:00",
            Validity(6, 30, 30),
            "2028-03-01T00:00+13:00",
            "2028-03-31T00:00+13:00",
            "2028-01-31T00:00+13:00",
        ),
        (
            "2028-02-29T12:00+13:00",
            Validity(12, 0, 1),
            "2029-03-01T00:00+13:00",
            "2029-03-01T00:00+13:00",
            "2029-02-28T00:00+13:00",
        ),
        (
            "2028-02-29T12:00+13:00",
            Validity(48),
            "2032-03-01T00:00+13:00",
            "2032-03-01T00:00+13:00",
            "2032-03-01T00:00+13:00",
        ),
    ],
)
def test_a_certificate_expires_with_the_day_of_its_anniversary(
    certified: str, validity: Validity, expires: str, lapses: str, opens: str
) -> None:
    expiry = validity.expiry(datetime.fromisoformat(certified), AUCKLAND)

    assert expiry is not None
    assert expiry.expires_at == datetime.fromisoformat(expires)
    assert expiry.lapses_at == datetime.fromisoformat(lapses)
    assert expiry.window_opens_at == datetime.fromisoformat(opens)


def test_without_validity_it_never_expires() -> None:
    assert Validity(None, 10, 10).expiry(datetime.fromisoformat("2026-03-02T00:00+13:00"), AUCKLAND) is None
