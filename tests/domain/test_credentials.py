"""Credentials and documents: the grids, cell by cell; reasons that fit; what a cancellation tells whoever verifies."""

from typing import Any

import pytest

from portal_api.domain.certifications import CertificateStatus
from portal_api.domain.credentials import (
    CANCELLATION_REASON_LABELS,
    CREDENTIALS,
    CancellationReason,
    CredentialAction,
    CredentialFacts,
    CredentialStatus,
    against_reason,
)
from portal_api.domain.documents import DOCUMENTS, DocumentAction, DocumentFacts, DocumentStatus
from portal_api.domain.roles import Role
from portal_api.domain.verification import VERIFICATION_LABELS, VerificationStatus, of_certificate, of_credential
from tests.domain.grids import Grid, assert_covered, assert_decided, every_cell, leads

A, S, R, V = CredentialAction, CredentialStatus, CancellationReason, VerificationStatus
REQUEST = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  REQUESTED  S      S      RS       RS       RS       RS
  ISSUED     S      S      RS       RS       RS       RS
  CANCELLED  ok     ok     R        R        R        R
"""
REQUEST_WITH_ANOTHER = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  REQUESTED  SC     SC     RSC      RSC      RSC      RSC
  ISSUED     SC     SC     RSC      RSC      RSC      RSC
  CANCELLED  C      C      RC       RC       RC       RC
"""
ISSUE = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  REQUESTED  ok     ok     R        R        R        R
  ISSUED     S      S      RS       RS       RS       RS
  CANCELLED  S      S      RS       RS       RS       RS
"""
ISSUE_WITHOUT_OUTCOME = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  REQUESTED  N      N      RN       RN       RN       RN
  ISSUED     SN     SN     RSN      RSN      RSN      RSN
  CANCELLED  SN     SN     RSN      RSN      RSN      RSN
"""
ISSUE_INACTIVE = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  REQUESTED  I      I      RI       RI       RI       RI
  ISSUED     IS     IS     RIS      RIS      RIS      RIS
  CANCELLED  IS     IS     RIS      RIS      RIS      RIS
"""
CANCEL = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  REQUESTED  ok     ok     R        R        R        R
  ISSUED     ok     ok     R        R        R        R
  CANCELLED  S      S      RS       RS       RS       RS
"""
CANCEL_INACTIVE = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  REQUESTED  I      I      RI       RI       RI       RI
  ISSUED     I      I      RI       RI       RI       RI
  CANCELLED  IS     IS     RIS      RIS      RIS      RIS
"""
REISSUE = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  REQUESTED  S      S      RS       RS       RS       RS
  ISSUED     ok     ok     R        R        R        R
  CANCELLED  S      S      RS       RS       RS       RS
"""
REISSUE_WITHOUT_OUTCOME = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  REQUESTED  SN     SN     RSN      RSN      RSN      RSN
  ISSUED     N      N      RN       RN       RN       RN
  CANCELLED  SN     SN     RSN      RSN      RSN      RSN
"""
INACTIVE, UNTRAINED, ANOTHER = {"learner_is_active": False}, {"has_outcome": False}, {"has_another": True}
GRIDS = (
    Grid(A.REQUEST, REQUEST),
    Grid(A.REQUEST, REQUEST, UNTRAINED, "untrained"),
    Grid(A.REQUEST, REQUEST_WITH_ANOTHER, ANOTHER, "another"),
    Grid(A.ISSUE, ISSUE),
    Grid(A.ISSUE, ISSUE_INACTIVE, INACTIVE, "inactive"),
    Grid(A.ISSUE, ISSUE_WITHOUT_OUTCOME, UNTRAINED, "untrained"),
    Grid(A.CANCEL, CANCEL),
    Grid(A.CANCEL, CANCEL, UNTRAINED, "untrained"),
    Grid(A.CANCEL, CANCEL_INACTIVE, INACTIVE, "inactive"),
    Grid(A.REISSUE, REISSUE),
    Grid(A.REISSUE, REISSUE_WITHOUT_OUTCOME, UNTRAINED, "untrained"),
)
ARCHIVE = """
            OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE    ok     ok     R        R        R        R
  ARCHIVED  S      S      RS       RS       RS       RS
"""
ARCHIVE_INACTIVE = """
            OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE    I      I      RI       RI       RI       RI
  ARCHIVED  IS     IS     RIS      RIS      RIS      RIS
"""
DOCUMENT_GRIDS = (
    Grid(DocumentAction.ARCHIVE, ARCHIVE),
    Grid(DocumentAction.ARCHIVE, ARCHIVE_INACTIVE, INACTIVE, "inactive"),
)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*GRIDS))
def test_what_is_decided_is_what_the_grid_says(grid: Grid, status: str, role: Role, expected: list[Any]) -> None:
    assert_decided(CREDENTIALS, grid.action, role, CredentialFacts(S[status], **grid.facts), expected)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*DOCUMENT_GRIDS))
def test_what_is_decided_over_documents(grid: Grid, status: str, role: Role, expected: list[Any]) -> None:
    assert_decided(DOCUMENTS, grid.action, role, DocumentFacts(DocumentStatus[status], **grid.facts), expected)


def test_the_grids_and_the_tables_know_the_same_statuses_and_actions() -> None:
    assert_covered(CREDENTIALS, *GRIDS)
    assert_covered(DOCUMENTS, *DOCUMENT_GRIDS)
    assert list(CREDENTIALS.statuses) == list(S)
    assert list(DOCUMENTS.statuses) == list(DocumentStatus)
    assert [rule.action for rule in CREDENTIALS.rules] == list(A)
    assert [rule.action for rule in DOCUMENTS.rules] == list(DocumentAction)


def test_where_the_actions_lead() -> None:
    assert leads(CREDENTIALS) == {
        "REQUEST": {"CANCELLED": None},
        "ISSUE": {"REQUESTED": "ISSUED"},
        "CANCEL": {"REQUESTED": "CANCELLED", "ISSUED": "CANCELLED"},
        "REISSUE": {"ISSUED": "CANCELLED"},
    }
    assert leads(DOCUMENTS) == {"ARCHIVE": {"ACTIVE": "ARCHIVED"}}


@pytest.mark.parametrize("reason", R)
@pytest.mark.parametrize("status", [S.REQUESTED, S.ISSUED])
def test_a_request_is_withdrawn_and_what_was_issued_is_not(
    status: CredentialStatus, reason: CancellationReason
) -> None:
    fits = {S.REQUESTED: {R.REQUEST_WITHDRAWN}, S.ISSUED: {R.ISSUED_IN_ERROR, R.REVOKED}}
    refusal = against_reason(status, reason)
    assert (refusal is None) is (reason in fits[status])
    if refusal:
        assert refusal.path == ("input", "reason")


def test_every_reason_has_a_label() -> None:
    assert {reason.name: label for reason, label in CANCELLATION_REASON_LABELS.items()} == {
        "REQUEST_WITHDRAWN": "The request was withdrawn",
        "ISSUED_IN_ERROR": "Issued in error",
        "REVOKED": "Revoked",
        "REPLACED": "Replaced by a newer one",
    }


@pytest.mark.parametrize(
    ("status", "reason", "told"),
    [
        (S.ISSUED, None, V.VALID),
        (S.CANCELLED, R.ISSUED_IN_ERROR, V.CANCELLED),
        (S.CANCELLED, R.REVOKED, V.REVOKED),
        (S.CANCELLED, R.REPLACED, V.REPLACED),
    ],
)
def test_what_is_told_of_a_credential(
    status: CredentialStatus, reason: CancellationReason | None, told: VerificationStatus
) -> None:
    assert of_credential(status, reason) is told


def test_what_is_told_of_a_certificate() -> None:
    assert {each.name: of_certificate(each).name for each in CertificateStatus} == {
        "VALID": "VALID",
        "EXPIRED": "EXPIRED",
        "REPLACED": "REPLACED",
        "REVOKED": "REVOKED",
    }
    assert set(VERIFICATION_LABELS) == set(V)
