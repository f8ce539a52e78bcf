"""Certifications of the organisation that the queries are about, and learners' records at every status and edge."""

from datetime import timedelta
from itertools import cycle
from random import Random
from typing import Any

from portal_api.domain.certifications import (
    ApprovalKind,
    ApprovalStatus,
    AssignmentSourceKind,
    CertificateStatus,
    CertificationJoining,
    CertificationVersionStatus,
    FeeDue,
    FeeStatus,
    LearnerCertificationStatus,
)
from portal_api.models import approvals, certificates, certification_cycles
from tests.factories import DAY, Organisation, Record

_S = LearnerCertificationStatus
_V = CertificationVersionStatus
MICROSECOND = timedelta(microseconds=1)
NEAR = (-40 * DAY, -DAY, -MICROSECOND, timedelta(), MICROSECOND, DAY, 40 * DAY)
"""How far from the instant of asking certificates expire."""
CERTIFIED = {_S.CERTIFIED, _S.EXPIRED, _S.LAPSED, _S.RECERTIFYING, _S.DISALLOWED}


def lay_out_certifications(organisation: Organisation, everybody: list[Record], random: Random) -> None:
    """Five certifications, one of them retired, one without a published version; two records a learner or so."""
    library = _library(organisation)
    statuses = cycle(_S)
    for learner in everybody:
        for of in random.sample(library, random.randint(0, 3)):
            _record(organisation, learner, of, next(statuses), random)
        for of in random.sample(library, random.randint(0, 1)):
            organisation.access_request(learner, of, requested_at=_at(organisation, random))


def _library(organisation: Organisation) -> list[Record]:
    plain = organisation.certification(title="Erste Hilfe")
    dear = organisation.certification(title="Dear", is_published=False, joining=CertificationJoining.OPEN)
    terms: dict[str, Any] = {"initial_fee": 9_900, "recertification_fee": 4_900, "fee_due": FeeDue.BEFORE_START}
    organisation.certification_version(dear, _V.RETIRED, steps=1, **terms)
    organisation.certification_version(
        dear, steps=3, attempt_limit=None, allows_exam_before_training=True, exam_needs_approval=True, **terms
    )
    asked = organisation.certification(title="On request", joining=CertificationJoining.ON_REQUEST, is_published=False)
    organisation.certification_version(asked, initial_fee=100)
    old = organisation.certification(title="Retired", is_active=False, joining=CertificationJoining.OPEN)
    gone = organisation.certification(title="Unpublished", is_published=False)
    organisation.certification_version(gone, _V.RETIRED)
    return [plain, dear, asked, old, gone]


def _at(organisation: Organisation, random: Random) -> Any:
    return organisation.clock() + random.choice(NEAR[:4])


def _record(organisation: Organisation, learner: Record, of: Record, status: _S, random: Random) -> None:
    now = organisation.clock()
    columns: dict[str, Any] = {"assigned_at": now - 50 * DAY + random.choice(NEAR)}
    if status in CERTIFIED and random.random() < 0.9:
        expires = now + random.choice(NEAR)
        # What has expired by the stored status did so before now.
        if status in (_S.EXPIRED, _S.LAPSED):
            expires = now - random.choice([DAY, 30 * DAY, timedelta()])
        grace = timedelta() if status is _S.LAPSED else random.choice([timedelta(), 30 * DAY, 30 * DAY])
        columns |= {"expires_at": expires, "lapses_at": expires + grace}
        columns |= {"window_opens_at": expires - random.choice([timedelta(), 30 * DAY])}
    elif status in (_S.CERTIFIED, _S.RECERTIFYING) and random.random() < 0.5:
        columns |= {"expires_at": None, "lapses_at": None, "window_opens_at": None}
    if status in (_S.ASSIGNED, _S.NOT_STARTED) and random.random() < 0.3:
        gone = {**columns, "archived_at": now - DAY}
        organisation.learner_certification(learner, of, status, **gone)
    source = random.choice([AssignmentSourceKind.MANUAL, AssignmentSourceKind.SELF])
    record = organisation.learner_certification(learner, of, status, source=source, **columns)
    if random.random() < 0.3:
        organisation.assignment_source(record, AssignmentSourceKind.MANUAL, ended_at=now - DAY)
    for row in organisation.rows.get(certification_cycles, ()):
        if row["learner_certification_id"] == record.id:
            _cycle(organisation, row, random)
    for row in organisation.rows.get(certificates, ()):
        is_early = status is _S.RECERTIFYING and row["expires_at"] is not None and random.random() < 0.7
        if row["learner_certification_id"] == record.id and is_early:
            row |= {"status": CertificateStatus.VALID, "due_at": row["expires_at"]}
    for row in organisation.rows.get(approvals, ()):
        if row["learner_certification_id"] == record.id:
            row |= {"evidence_links": ("https://a.example.org", "https://b.example.org")}
            row |= {"requested_at": _at(organisation, random)}
    if random.random() < 0.3:
        organisation.approval(
            record,
            ApprovalKind.MORE_ATTEMPTS,
            status=random.choice([ApprovalStatus.PENDING, ApprovalStatus.DENIED, ApprovalStatus.CLOSED]),
            comment="“Later”, I said",
        )


def _cycle(organisation: Organisation, row: dict[str, Any], random: Random) -> None:
    row["attempts_granted"] = random.choice([0, 0, 2])
    if row["fee"] is None:
        return
    row["fee_status"] = random.choice([FeeStatus.UNPAID, FeeStatus.PAID, FeeStatus.WAIVED])
    if row["fee_status"] is not FeeStatus.UNPAID:
        row["fee_settled_at"] = _at(organisation, random)
