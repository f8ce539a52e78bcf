"""What anybody learns by a register number. The one read that asks for no organisation.

A number is one over all organisations, and whoever verifies one does not know whose it is: so the two unique indexes on the
numbers are asked, and nothing else. What is answered names no learner and no organisation; the numbers cannot be guessed
(`domain/register_numbers.py`). Everything else is read through `scope.py`.
"""

from collections.abc import Generator, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Text, and_, bindparam, cast, literal, null, select, union_all

from portal_api.domain.calendar import day_of
from portal_api.domain.certifications import CERTIFICATES, CertificateStatus
from portal_api.domain.credentials import CancellationReason, CredentialStatus
from portal_api.domain.register_numbers import read_register_number
from portal_api.domain.verification import (
    NOT_FOUND,
    Verification,
    VerificationKind,
    VerificationStatus,
    of_certificate,
    of_credential,
)
from portal_api.models import certificates, certifications, credentials, learner_certifications, organisations
from portal_api.models.base import Instant
from portal_api.planner.dialects import Dialect, Statement
from portal_api.planner.selections import Request
from portal_api.queries.time import status_now

_NUMBER = bindparam("number", type_=Text())
_INSTANT = timedelta(microseconds=1)
CERTIFICATE_NOW = status_now(CERTIFICATES, certificates)


@cache
def _by_number(dialect: Dialect) -> Statement:
    certificate = (
        certificates.join(
            learner_certifications,
            and_(
                learner_certifications.c.organisation_id == certificates.c.organisation_id,
                learner_certifications.c.id == certificates.c.learner_certification_id,
            ),
        )
        .join(
            certifications,
            and_(
                certifications.c.organisation_id == learner_certifications.c.organisation_id,
                certifications.c.id == learner_certifications.c.certification_id,
            ),
        )
        .join(organisations, organisations.c.id == certificates.c.organisation_id)
    )
    return dialect.statement(
        union_all(
            select(
                literal(VerificationKind.CREDENTIAL.value, Text()).label("kind"),
                cast(credentials.c.status, Text).label("status"),
                cast(credentials.c.cancellation_reason, Text).label("reason"),
                credentials.c.course_title.label("title"),
                credentials.c.issued_on,
                cast(null(), Instant).label("expires_at"),
                cast(null(), Text).label("time_zone"),
            ).where(credentials.c.register_number == _NUMBER),
            select(
                literal(VerificationKind.CERTIFICATE.value, Text()),
                cast(CERTIFICATE_NOW, Text),
                cast(null(), Text),
                certifications.c.title,
                certificates.c.issued_on,
                certificates.c.expires_at,
                organisations.c.time_zone,
            )
            .select_from(certificate)
            .where(certificates.c.register_number == _NUMBER),
        )
    )


def verification(dialect: Dialect, number: str, now: datetime) -> Generator[Request, Sequence[Any], Verification]:
    """Reads how things stand with what bears a register number, whoever issued it."""
    known = read_register_number(number)
    if known is None:
        return NOT_FOUND
    statement = _by_number(dialect)
    bound = {"number": known, "now": now}
    rows = yield Request(statement, statement.values({name: dialect.encode(value) for name, value in bound.items()}))
    return _told(*rows[0]) if rows else NOT_FOUND


def _told(
    kind: str, status: str, reason: str | None, title: str, issued_on: Any, expires_at: Any, time_zone: str | None
) -> Verification:
    return Verification(
        status_of(VerificationKind(kind), status, reason),
        VerificationKind(kind),
        title,
        date.fromisoformat(str(issued_on)),
        last_day(expires_at, time_zone),
    )


def status_of(kind: VerificationKind, status: str, reason: str | None) -> VerificationStatus:
    """How things stand with a record, by its status now and the reason for which it was cancelled."""
    if kind is VerificationKind.CERTIFICATE:
        return of_certificate(CertificateStatus(status))
    return of_credential(CredentialStatus(status), (reason and CancellationReason(reason)) or None)


def last_day(expires_at: Any, time_zone: str | None) -> date | None:
    """The last day on which something is valid that ends at an instant; None for what never does."""
    if expires_at is None or time_zone is None:
        return None
    return day_of(datetime.fromisoformat(str(expires_at)) - _INSTANT, ZoneInfo(time_zone))
