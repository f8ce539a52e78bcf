"""The learners' certifications that are changed in a run: which, how they stand afterwards, and how they are put back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.clock import system_clock
from portal_api.database import Database
from portal_api.domain.certifications import (
    LEARNER_CERTIFICATIONS,
    CertificationVersionStatus,
    LearnerCertificationAction,
    LearnerCertificationStatus,
)
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.models import (
    approvals,
    certificates,
    certification_cycles,
    certification_versions,
    certifications,
    history_entries,
    learner_certifications,
    learners,
    step_progress,
)
from portal_api.models.base import Id
from portal_api.planner.dialects import AnySelect

_A, _S = LearnerCertificationAction, LearnerCertificationStatus
_open = certification_cycles.alias("open")
_DIFFER = {
    learner_certifications: "kept.version <> earlier.version",
    certification_cycles: "(kept.closed_at IS NULL) <> (earlier.closed_at IS NULL) OR kept.steps_open <> earlier.steps_open",
    step_progress: "kept.status <> earlier.status",
    approvals: "kept.version <> earlier.version",
    certificates: "kept.version <> earlier.version",
}
"""What is changed, and where it shows that a row was."""
_NEW = (step_progress, certification_cycles)
"""What is added, the parts before the whole."""
_CHANCE = {"id", "request_id", "organisation_id"}
"""What is never twice the same, or always."""


async def changeable(connection: AsyncConnection, organisation: UUID) -> dict[str, Sequence[UUID]]:
    """The records that each measured change is open to, by its document.

    Left out is what ends in other writes for some of the rows: an exam that is passed, awaited or under way.
    """
    worked_on = [_open.c.exam_passed_at.is_(None), ~_open.c.is_exam_waiting, ~_open.c.has_attempt_open]
    none_open = _open.c.id.is_(None)
    published = select(certification_versions.c.certification_id).where(
        certification_versions.c.organisation_id == organisation,
        certification_versions.c.status == CertificationVersionStatus.PUBLISHED,
    )
    in_use = [certifications.c.status == LibraryStatus.ACTIVE, certifications.c.id.in_(published)]
    wanted: dict[str, tuple[LearnerCertificationAction, ColumnElement[bool]]] = {
        "override_training": (_A.OVERRIDE_TRAINING, and_(_open.c.steps_open > 0, *worked_on)),
        "revoke_access": (_A.REVOKE_ACCESS, none_open | and_(*worked_on)),
        "force_recertification": (_A.FORCE_RECERTIFICATION, and_(*in_use)),
    }
    return {
        document: _mixed(
            [(row.id, row.status) for row in await connection.execute(_open_to(organisation, action, condition))]
        )
        for document, (action, condition) in wanted.items()
    }


def _mixed(rows: Sequence[tuple[UUID, LearnerCertificationStatus]]) -> list[UUID]:
    """The records in their order, but one with an approval and one with a certificate first: two show every write."""
    telling = (_S.PENDING_APPROVAL, _S.EXPIRED)
    first = [next((id_ for id_, status in rows if status is wanted), None) for wanted in telling]
    ahead = [id_ for id_ in first if id_]
    return [*ahead, *(id_ for id_, _ in rows if id_ not in ahead)]


def _open_to(organisation: UUID, action: LearnerCertificationAction, condition: ColumnElement[bool]) -> AnySelect:
    own = learner_certifications.c

    def same(table: Any, key: ColumnElement[Any], of: ColumnElement[Any]) -> ColumnElement[bool]:
        return and_(table.c.organisation_id == own.organisation_id, key == of)

    return (
        select(own.id, own.status)
        .join(learners, same(learners, learners.c.id, own.learner_id))
        .join(certifications, same(certifications, certifications.c.id, own.certification_id))
        .outerjoin(_open, and_(same(_open, _open.c.learner_certification_id, own.id), _open.c.closed_at.is_(None)))
        .where(
            own.organisation_id == organisation,
            own.archived_at.is_(None),
            own.status.in_(LEARNER_CERTIFICATIONS[action].statuses),
            learners.c.status == LearnerStatus.ACTIVE,
            condition,
        )
        .order_by(own.id)
    )


async def state(database: Database, organisation: UUID, ids: Sequence[UUID], since: datetime) -> list[str]:
    """How records stand with all that hangs on them, and what history tells of them since an instant; keys left out."""
    async with database.engine.connect() as connection:

        async def rows(table: Table, *conditions: ColumnElement[bool]) -> list[dict[str, Any]]:
            chosen = select(table).where(table.c.organisation_id == organisation, *conditions)
            return [dict(row) for row in (await connection.execute(chosen)).mappings()]

        def of_records(table: Table) -> ColumnElement[bool]:
            return table.c.learner_certification_id.in_(ids)

        cycles = await rows(certification_cycles, of_records(certification_cycles))
        names = {row["id"]: (row["learner_certification_id"], row["number"]) for row in cycles}
        steps = await rows(step_progress, step_progress.c.certification_cycle_id.in_(list(names)))
        told = await rows(history_entries, history_entries.c.recorded_at >= since)
        names |= {row["id"]: (row["subject_kind"], row["subject_id"]) for row in told}
        everything = [
            *await rows(learner_certifications, learner_certifications.c.id.in_(ids)),
            *cycles,
            *steps,
            *await rows(approvals, of_records(approvals)),
            *await rows(certificates, of_records(certificates)),
            *told,
        ]
    return sorted(_normal(row, names, since) for row in everything)


def _normal(row: Mapping[str, Any], names: Mapping[UUID, Any], since: datetime) -> str:
    """A row without chance: what came to be since is now, and new rows go by what they belong to."""

    def value(given: Any) -> Any:
        if isinstance(given, datetime):
            return "now" if since <= given <= system_clock() else given.isoformat()
        return names.get(given, given) if isinstance(given, UUID) else given

    return repr([(name, str(value(each))) for name, each in sorted(row.items()) if name not in _CHANCE])


async def remember(connection: AsyncConnection, organisation: UUID) -> None:
    """Writes down how everything is that is changed."""
    for table in _DIFFER:
        copied = f"CREATE TABLE benchmark_{table} AS SELECT * FROM {table} WHERE organisation_id = :organisation"
        await connection.execute(_of(copied), {"organisation": organisation})
        await connection.execute(text(f"CREATE UNIQUE INDEX benchmark_{table}_id ON benchmark_{table} (id)"))


def undoing() -> Iterator[str]:
    """The statements that undo every change of a run, in an organisation."""
    for table in _NEW:
        yield (
            f"DELETE FROM {table} WHERE organisation_id = :organisation "
            f"AND NOT EXISTS (SELECT 1 FROM benchmark_{table} AS earlier WHERE earlier.id = {table}.id)"
        )
    for table, differ in _DIFFER.items():
        names = (column.name for column in table.columns if column.name not in {"id", "organisation_id"})
        values = ", ".join(f"{name} = earlier.{name}" for name in names)
        yield (
            f"UPDATE {table} AS kept SET {values} FROM benchmark_{table} AS earlier "
            f"WHERE kept.organisation_id = :organisation AND kept.id = earlier.id AND ({differ})"
        )


def changed_tables() -> Iterable[str]:
    """The tables that changes leave untidy."""
    return (table.name for table in _DIFFER)


def _of(statement: str) -> Any:
    return text(statement).bindparams(bindparam("organisation", type_=Id()))
