"""Credentials: who sees them, what each field reads, the facts that decide, and the writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, and_, case, exists, func, null, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.courses.outcomes import CREDENTIALLED
from portal_api.domain.credentials import (
    CREDENTIALS,
    CredentialAction,
    CredentialFacts,
    CredentialStatus,
    CredentialUnit,
)
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.machine import ActionState
from portal_api.domain.roles import Role
from portal_api.models import (
    course_enrolments,
    course_offers,
    courses,
    credentials,
    history_entries,
    learners,
    organisations,
    unit_enrolments,
    units,
)
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, ToOne
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.filters import Comparison, Search, Target
from portal_api.queries import scope
from portal_api.queries.certifications.records import learner_matches
from portal_api.queries.folding import fold
from portal_api.queries.groups import InGroup
from portal_api.queries.learners import ReportsTo
from portal_api.queries.links import link_facts, no_link
from portal_api.queries.moves import Moves, lock_learners_of
from portal_api.queries.ordering import AsSorted, or_last_instant
from portal_api.queries.rows import dialect_of, id_list, insert_rows, set_rows, update_rows

take = Moves(CREDENTIALS, credentials).take
lock_learners = lock_learners_of(credentials, scope.CREDENTIALS)
lock_learners_of_enrolments = lock_learners_of(course_enrolments, scope.COURSE_ENROLMENTS)
_own = credentials.c
_STANDING = (CredentialStatus.REQUESTED, CredentialStatus.ISSUED)
_holder, _trained, _other = learners.alias("holder"), unit_enrolments.alias("trained"), credentials.alias("other_one")


def _is_active(organisation_id: ColumnElement[Any], learner_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(
        _holder.c.organisation_id == organisation_id,
        _holder.c.id == learner_id,
        _holder.c.status == LearnerStatus.ACTIVE,
    )


def _has_outcome(organisation_id: ColumnElement[Any], course_enrolment_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(
        _trained.c.organisation_id == organisation_id,
        _trained.c.course_enrolment_id == course_enrolment_id,
        or_(*(_trained.c.outcome == each for each in sorted(CREDENTIALLED))),
    )


def _another(organisation_id: ColumnElement[Any], course_enrolment_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(
        _other.c.organisation_id == organisation_id,
        _other.c.course_enrolment_id == course_enrolment_id,
        or_(*(_other.c.status == each for each in _STANDING)),
    )


FACTS = (
    _own.status,
    _is_active(_own.organisation_id, _own.learner_id),
    _has_outcome(_own.organisation_id, _own.course_enrolment_id),
    # Of a cancelled one alone something is asked for; one that stands is no other than itself.
    and_(
        _own.status == CredentialStatus.CANCELLED,
        _another(_own.organisation_id, _own.course_enrolment_id),
    ),
)
"""What decides over a credential; `facts_of` reads it."""


def facts_of(status: CredentialStatus, is_active: bool, has_outcome: bool, has_another: bool) -> CredentialFacts:
    """The facts in the columns of `FACTS`, in their order."""
    return CredentialFacts(
        status, learner_is_active=bool(is_active), has_outcome=bool(has_outcome), has_another=bool(has_another)
    )


def _actions(role: str, *facts: Any) -> tuple[ActionState[CredentialAction], ...]:
    return CREDENTIALS.actions(Role(role), facts_of(*facts))


def units_of(packed: str | None) -> list[CredentialUnit]:
    """The units that a credential was issued for, as they were kept."""
    return [CredentialUnit(**each) for each in orjson.loads(packed or "[]")]


def _units(_role: str, packed: str | None) -> list[CredentialUnit]:
    return units_of(packed)


def _matches(pattern: ColumnElement[str]) -> ColumnElement[bool]:
    return learner_matches(_own.learner_id, pattern)


CREDENTIAL = Source(
    type="Credential",
    prefix="crd",
    table=credentials,
    scope=scope.CREDENTIALS,
    ways=scope.CREDENTIAL_WAYS,
    fields={
        "id": Key(),
        "status": Column(_own.status),
        "registerNumber": Column(_own.register_number),
        "learner": ToOne("Learner", _own.learner_id),
        "courseEnrolment": ToOne("CourseEnrolment", _own.course_enrolment_id),
        "requestedAt": Column(_own.requested_at),
        "issuedAt": Column(_own.issued_at),
        "issuedOn": Column(_own.issued_on),
        "learnerName": Column(_own.learner_name),
        "courseTitle": Column(_own.course_title),
        "programIdentifier": Column(_own.program_identifier),
        "units": Derived((_own.units,), _units, is_kept=False),
        "cancelledAt": Column(_own.cancelled_at),
        "cancellationReason": Column(_own.cancellation_reason),
        "cancellationNote": Column(
            case((scope.SEES_ORGANISATION, _own.cancellation_note), else_=null()), is_nullable=True
        ),
        "replacedBy": ToOne("Credential", _own.replaced_by),
        "download": Derived(link_facts(credentials, _own.register_number.is_not(None)), no_link),
        "version": Column(_own.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
        "actions": Derived(FACTS, _actions),
    },
    filters={
        "id": Comparison(_own.id, "crd"),
        "status": Comparison(_own.status),
        "learnerId": Comparison(_own.learner_id, "lrn"),
        "courseEnrolmentId": Comparison(
            _own.course_enrolment_id, "cen", Target(course_enrolments.c.id, scope.COURSE_ENROLMENTS)
        ),
        "registerNumber": Comparison(_own.register_number),
        "requestedAt": Comparison(_own.requested_at),
        "issuedAt": AsSorted(_own.issued_at, or_last_instant(_own.issued_at)),
        "issuedOn": Comparison(_own.issued_on),
        "cancelledAt": Comparison(_own.cancelled_at),
        "cancellationReason": Comparison(_own.cancellation_reason),
        "groupId": InGroup(_own.learner_id),
        "reportsTo": ReportsTo(_own.learner_id),
        "search": Search(_matches, fold),
    },
    orders={
        "REQUESTED_AT": _own.requested_at,
        "ISSUED_AT": or_last_instant(_own.issued_at),
    },
)


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """A credential as a change finds it; or an enrolment for which one is asked, with its own id and version."""

    id: UUID
    version: int
    learner_id: UUID
    course_enrolment_id: UUID
    facts: CredentialFacts


@cache
def _facts(dialect: Dialect) -> AnySelect:
    read = (_own.id, _own.version, _own.learner_id, _own.course_enrolment_id)
    return select(*read, *FACTS).where(scope.CREDENTIALS, dialect.in_list(_own.id, "ids"))


async def facts(
    connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]
) -> dict[UUID, CredentialRow]:
    """The credentials among `ids` that the viewer sees, with what decides over them."""
    found = await connection.execute(_facts(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        id_: CredentialRow(id_, version, learner_id, course_enrolment_id, facts_of(*decisive))
        for id_, version, learner_id, course_enrolment_id, *decisive in found
    }


@cache
def _candidates(dialect: Dialect) -> AnySelect:
    of = course_enrolments.c
    return select(
        of.id,
        of.version,
        of.learner_id,
        _is_active(of.organisation_id, of.learner_id),
        _has_outcome(of.organisation_id, of.id),
        _another(of.organisation_id, of.id),
    ).where(scope.COURSE_ENROLMENTS, dialect.in_list(of.id, "ids"))


async def candidates(
    connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]
) -> dict[UUID, CredentialRow]:
    """The enrolments among `ids` that the viewer sees, with what decides over a credential for them."""
    found = await connection.execute(_candidates(dialect_of(connection)), {**bound, "ids": id_list(connection, ids)})
    return {
        id_: CredentialRow(id_, version, learner_id, id_, facts_of(CredentialStatus.CANCELLED, *decisive))
        for id_, version, learner_id, *decisive in found
    }


@cache
def _standing(dialect: Dialect) -> AnySelect:
    return select(_own.course_enrolment_id, _own.status).where(
        _own.organisation_id == scope.ORGANISATION,
        dialect.in_list(_own.course_enrolment_id, "ids"),
        or_(*(_own.status == each for each in _STANDING)),
    )


async def standing(
    connection: AsyncConnection, organisation_id: UUID, course_enrolment_ids: Sequence[UUID]
) -> dict[UUID, CredentialStatus]:
    """Of enrolments that have a credential which is requested or issued: which of the two."""
    bound = {"organisation": organisation_id, "ids": id_list(connection, course_enrolment_ids)}
    found = await connection.execute(_standing(dialect_of(connection)), bound)
    return {row.course_enrolment_id: row.status for row in found}


@dataclass(frozen=True, slots=True)
class Wording:
    """What a credential says, beside when it was issued and under which number."""

    organisation_name: str
    learner_name: str
    course_title: str
    program_identifier: str
    units: list[CredentialUnit] = field(default_factory=list[CredentialUnit])


@cache
def _wordings(dialect: Dialect) -> AnySelect:
    of, offer, course, whose = course_enrolments.c, course_offers, courses, learners
    moved = courses.alias("moved_on")
    joined = (
        course_enrolments.join(
            offer, and_(offer.c.organisation_id == of.organisation_id, offer.c.id == of.course_offer_id)
        )
        .join(course, and_(course.c.organisation_id == of.organisation_id, course.c.id == offer.c.course_id))
        .join(whose, and_(whose.c.organisation_id == of.organisation_id, whose.c.id == of.learner_id))
        .join(organisations, organisations.c.id == of.organisation_id)
        .outerjoin(moved, and_(moved.c.organisation_id == of.organisation_id, moved.c.id == of.transitioned_to))
    )
    qualification = (func.coalesce(moved.c[name], course.c[name]) for name in ("title", "program_identifier"))
    read = (organisations.c.name, whose.c.given_name, whose.c.family_name, *qualification)
    return (
        select(of.id, *read)
        .select_from(joined)
        .where(of.organisation_id == scope.ORGANISATION, dialect.in_list(of.id, "ids"))
    )


@cache
def _worded_units(dialect: Dialect) -> AnySelect:
    of = unit_enrolments.c
    return (
        select(of.course_enrolment_id, units.c.identifier, units.c.title, of.outcome)
        .join(units, and_(units.c.organisation_id == of.organisation_id, units.c.id == of.unit_id))
        .where(
            of.organisation_id == scope.ORGANISATION,
            dialect.in_list(of.course_enrolment_id, "ids"),
            of.outcome.in_(sorted(CREDENTIALLED)),
        )
        .order_by(of.course_enrolment_id, units.c.identifier)
    )


async def wordings(
    connection: AsyncConnection, organisation_id: UUID, course_enrolment_ids: Sequence[UUID]
) -> dict[UUID, Wording]:
    """What a credential of each enrolment says if it is issued now: of its units those with such an outcome (a reading).

    Who has moved on to a new qualification has that one (a reading).
    """
    bound = {"organisation": organisation_id, "ids": id_list(connection, course_enrolment_ids)}
    dialect = dialect_of(connection)
    found = {
        id_: Wording(organisation, f"{given} {family}".strip(), title, identifier)
        for id_, organisation, given, family, title, identifier in await connection.execute(_wordings(dialect), bound)
    }
    for id_, *unit in await connection.execute(_worded_units(dialect), bound):
        found[id_].units.append(CredentialUnit(*unit))
    return found


async def create(connection: AsyncConnection, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]) -> None:
    """Makes credentials: `id`, enrolment, learner, status, when it was asked for, and the columns of `issued` or `unissued`."""
    own = {"organisation_id": organisation_id, "version": 1}
    await insert_rows(connection, credentials, [{**own, **row} for row in rows])


async def issue(
    connection: AsyncConnection, organisation_id: UUID, rows: Sequence[Mapping[str, Any]]
) -> dict[UUID, int]:
    """Issues credentials that are at the versions given: `id`, `version` and the columns of `issued`.

    Returns:
        The new version of each that was changed.
    """
    given = [{**row, "status": CredentialStatus.ISSUED} for row in rows]
    return await update_rows(connection, credentials, organisation_id, given)


async def link_successors(connection: AsyncConnection, organisation_id: UUID, successors: Mapping[UUID, UUID]) -> None:
    """Says of replaced credentials which ones were issued in their place."""
    rows = [{"id": id_, "replaced_by": successor} for id_, successor in successors.items()]
    await set_rows(connection, credentials, organisation_id, rows)


_ISSUED = (
    "register_number",
    "issued_at",
    "issued_on",
    "organisation_name",
    "learner_name",
    "course_title",
    "program_identifier",
    "units",
)


def unissued() -> dict[str, Any]:
    """The columns of a credential that has not been issued."""
    return dict.fromkeys(_ISSUED)


def issued(wording: Wording, register_number: str, at: datetime, on: Any) -> dict[str, Any]:
    """The columns of a credential that is issued: its number, its day, and what it says for ever."""
    said = orjson.dumps(
        [{name: getattr(each, name) for name in ("identifier", "title", "outcome")} for each in wording.units]
    )
    values = (
        register_number,
        at,
        on,
        wording.organisation_name,
        wording.learner_name,
        wording.course_title,
        wording.program_identifier,
        said.decode(),
    )
    return dict(zip(_ISSUED, values, strict=True))
