"""What is printed of a credential or a certificate. Asked by a signed link alone, which names organisation and record."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, select

from portal_api.domain.credentials import CredentialUnit
from portal_api.domain.verification import VerificationKind, VerificationStatus
from portal_api.models import certificates, certifications, credentials, learner_certifications, learners, organisations
from portal_api.models.base import Id
from portal_api.planner.dialects import Dialect, Statement
from portal_api.planner.selections import Request
from portal_api.queries import scope
from portal_api.queries.credentials import units_of
from portal_api.queries.verification import CERTIFICATE_NOW, last_day, status_of

_RECORD = bindparam("record", type_=Id())


@dataclass(frozen=True, slots=True)
class Paper:
    """What is printed of a record that bears a register number."""

    kind: VerificationKind
    status: VerificationStatus
    register_number: str
    organisation_name: str
    learner_name: str
    title: str
    program_identifier: str | None
    issued_on: date
    expires_on: date | None
    units: list[CredentialUnit]


@cache
def _credential(dialect: Dialect) -> Statement:
    own = credentials.c
    return dialect.statement(
        select(
            own.status,
            own.cancellation_reason,
            own.register_number,
            own.organisation_name,
            own.learner_name,
            own.course_title,
            own.program_identifier,
            own.issued_on,
            own.units,
        ).where(own.organisation_id == scope.ORGANISATION, own.id == _RECORD, own.register_number.is_not(None))
    )


@cache
def _certificate(dialect: Dialect) -> Statement:
    own, record = certificates.c, learner_certifications.c
    joined = (
        certificates.join(
            learner_certifications,
            and_(record.organisation_id == own.organisation_id, record.id == own.learner_certification_id),
        )
        .join(
            certifications,
            and_(
                certifications.c.organisation_id == own.organisation_id,
                certifications.c.id == record.certification_id,
            ),
        )
        .join(learners, and_(learners.c.organisation_id == own.organisation_id, learners.c.id == record.learner_id))
        .join(organisations, organisations.c.id == own.organisation_id)
    )
    return dialect.statement(
        select(
            CERTIFICATE_NOW,
            own.register_number,
            organisations.c.name,
            learners.c.given_name,
            learners.c.family_name,
            certifications.c.title,
            own.issued_on,
            own.expires_at,
            organisations.c.time_zone,
        )
        .select_from(joined)
        .where(own.organisation_id == scope.ORGANISATION, own.id == _RECORD)
    )


def paper(
    dialect: Dialect, prefix: str, organisation_id: UUID, id_: UUID, now: datetime
) -> Generator[Request, Sequence[Any], Paper | None]:
    """Reads what is printed of a record: a credential as it was issued, a certificate as its record says now.

    Returns:
        None where there is no such record, or it was never issued.
    """
    statement = _credential(dialect) if prefix == "crd" else _certificate(dialect)
    bound = {"organisation": organisation_id, "record": id_, "now": now}
    rows = yield Request(statement, statement.values({name: dialect.encode(value) for name, value in bound.items()}))
    if not rows:
        return None
    return _of_credential(*rows[0]) if prefix == "crd" else _of_certificate(*rows[0])


def _of_credential(
    status: str,
    reason: str | None,
    number: str,
    organisation: str,
    learner: str,
    title: str,
    identifier: str,
    on: Any,
    units: str,
) -> Paper:
    kind = VerificationKind.CREDENTIAL
    stands, day = status_of(kind, status, reason), date.fromisoformat(str(on))
    return Paper(kind, stands, number, organisation, learner, title, identifier, day, None, units_of(units))


def _of_certificate(
    status: str,
    number: str,
    organisation: str,
    given_name: str,
    family_name: str,
    title: str,
    on: Any,
    expires_at: Any,
    time_zone: str,
) -> Paper:
    kind = VerificationKind.CERTIFICATE
    stands, day = status_of(kind, status, None), date.fromisoformat(str(on))
    name = f"{given_name} {family_name}".strip()
    return Paper(kind, stands, number, organisation, name, title, None, day, last_day(expires_at, time_zone), [])
