"""Each list is read by an index made for it, on both engines: the viewer's own rows from the viewer's side, orders by themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import ColumnElement, bindparam, insert

from portal_api.database import Database
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.roles import Role
from portal_api.models import course_offer_trainers, history_entries
from portal_api.planner.conditions import count_seen, select_page
from portal_api.planner.declare import Source
from portal_api.planner.dialects import AnySelect, Dialect, dialect_of
from portal_api.planner.paging import order_of
from portal_api.queries.automations.deliveries import WEBHOOK_DELIVERY
from portal_api.queries.automations.tasks import NOTIFICATION, TASK
from portal_api.queries.courses.enrolments import COURSE_ENROLMENT, SURVEY, UNIT_ENROLMENT
from portal_api.queries.courses.sources import UNIT
from portal_api.queries.credentials import CREDENTIAL
from portal_api.queries.documents import DOCUMENT
from portal_api.queries.history import HISTORY_ENTRY
from portal_api.queries.rows import gather_statistics
from portal_api.queries.scope import bound
from tests.clock import START, ManualClock, RepeatableIds
from tests.factories import Organisation, organisation_with_everybody

LEARNERS, OFFERS = 200, 100
OF_LEARNER = "organisation_id_learner_id_id"


@dataclass(frozen=True)
class Asker:
    """Whoever asks."""

    organisation_id: UUID
    user_id: UUID
    role: Role
    learner_id: UUID | None
    time_zone: str = "Europe/Vienna"


@dataclass(frozen=True)
class Case:
    """A list that somebody asks for, and the index by which it is to be read."""

    role: Role
    source: Source
    order: str
    index: str
    by: str | None = None
    """The column by which it is filtered, if any."""


MINE = (
    Case(Role.LEARNER, NOTIFICATION, "-SENT_AT", "ix_notifications_organisation_id_learner_id_sent_at_id"),
    Case(Role.TRAINER, TASK, "DUE_ON", "ix_tasks_organisation_id_assignee_id_status_id"),
    Case(Role.TRAINER, TASK, "TITLE", "ix_tasks_organisation_id_assignee_id_status_id"),
    *(
        Case(role, source, order, f"ix_{source.table}_{OF_LEARNER}")
        for source, order in (
            (CREDENTIAL, "-ISSUED_AT"),
            (SURVEY, "-REQUESTED_AT"),
            (COURSE_ENROLMENT, "STARTS_ON"),
            (UNIT_ENROLMENT, "ENDS_ON"),
            (HISTORY_ENTRY, "-OCCURRED_AT"),
        )
        for role in (Role.LEARNER, Role.MANAGER)
    ),
    Case(Role.LEARNER, DOCUMENT, "-ADDED_AT", f"ix_documents_{OF_LEARNER}"),
    Case(Role.TRAINER, COURSE_ENROLMENT, "STARTS_ON", "ix_course_enrolments_organisation_id_course_offer_id_status_id"),
    Case(Role.TRAINER, UNIT_ENROLMENT, "ENDS_ON", "ix_unit_enrolments_organisation_id_course_offer_id_id"),
    Case(Role.TRAINER, HISTORY_ENTRY, "-OCCURRED_AT", "ix_history_entries_organisation_id_subject_id_id"),
    Case(Role.TRAINER, UNIT, "TITLE", "ix_unit_enrolments_organisation_id_course_offer_id_id"),
    Case(Role.LEARNER, UNIT, "TITLE", "ix_unit_enrolments_organisation_id_learner_id_id"),
)
ALL = (
    Case(Role.OWNER, NOTIFICATION, "-SENT_AT", "ix_notifications_organisation_id_sent_at_id"),
    Case(Role.OWNER, HISTORY_ENTRY, "-OCCURRED_AT", "ix_history_entries_organisation_id_occurred_at_id"),
    Case(Role.OWNER, UNIT_ENROLMENT, "STARTS_ON", "ix_unit_enrolments_starts_on"),
    Case(Role.OWNER, UNIT_ENROLMENT, "-ENDS_ON", "ix_unit_enrolments_ends_on"),
    Case(Role.OWNER, COURSE_ENROLMENT, "STARTS_ON", "ix_course_enrolments_starts_on"),
    Case(Role.OWNER, COURSE_ENROLMENT, "RETURNS_ON", "ix_course_enrolments_returns_on"),
    Case(Role.OWNER, COURSE_ENROLMENT, "-FINALISED_ON", "ix_course_enrolments_finalised_on"),
    Case(Role.OWNER, COURSE_ENROLMENT, "RECONNECT_ON", "ix_course_enrolments_reconnect_on"),
    Case(
        Role.OWNER, COURSE_ENROLMENT, "", "ix_course_enrolments_organisation_id_status_reason_id_id", "status_reason_id"
    ),
    Case(Role.OWNER, COURSE_ENROLMENT, "", "ix_course_enrolments_organisation_id_commitment_ref_id", "commitment_ref"),
    Case(Role.OWNER, CREDENTIAL, "-ISSUED_AT", "ix_credentials_issued_at"),
    Case(Role.OWNER, SURVEY, "-REQUESTED_AT", "ix_surveys_organisation_id_requested_at_id"),
    Case(Role.OWNER, TASK, "TITLE", "ix_tasks_organisation_id_title_key_id"),
    Case(Role.OWNER, TASK, "DUE_ON", "ix_tasks_status_due_on", "status"),
    Case(
        Role.OWNER,
        WEBHOOK_DELIVERY,
        "-CREATED_AT",
        "ix_webhook_deliveries_organisation_id_status_created_at_id",
        "status",
    ),
)


def _enough(made: Organisation) -> list[dict[str, Any]]:
    """Lays out so much that an index is worth its while; returns history entries to be written besides."""
    offers = [made.course_offer(made.course(made.unit(), made.unit())) for _ in range(OFFERS)]
    units = [made.unit() for _ in range(20)]
    row = {"organisation_id": made.id, "course_offer_id": offers[0].id, "user_id": made.staff[Role.TRAINER].id}
    made._add(course_offer_trainers, row)
    endpoint = made.webhook_endpoint()
    learners = [made.own[Role.LEARNER], *(made.learner() for _ in range(LEARNERS))]
    entries: list[dict[str, Any]] = []
    for n, learner in enumerate(learners):
        for k in range(5):
            made.task(learner, assignee_id=made.staff[Role.TRAINER].id if n == k else None)
            made.notification(learner)
            made.webhook_delivery(endpoint)
            made.document(learner)
        for k in range(3):
            enrolment = made.course_enrolment(learner, offers[(3 * n + k) % OFFERS], CourseEnrolmentStatus.COMPLETED)
            made.survey(enrolment)
            made.credential(enrolment)
            parts = [made.unit_enrolment(enrolment, units[(n + each) % 20]) for each in range(3)]
            for kind, about in (
                (SubjectKind.COURSE_ENROLMENT, enrolment),
                *((SubjectKind.UNIT_ENROLMENT, each) for each in parts),
            ):
                entries.append(
                    {
                        "organisation_id": made.id,
                        "id": made.new_id(made.clock()),
                        "actor_kind": ActorKind.CLOCK,
                        "action": HistoryAction.COURSE_ENROLMENT_CREATED,
                        "subject_kind": kind,
                        "subject_id": about.id,
                        "learner_id": learner.id,
                        "version": 1,
                        "occurred_at": made.clock(),
                        "recorded_at": made.clock(),
                    }
                )
    return entries


async def _plan(
    database: Database, statement: AnySelect, dialect: Dialect, asker: Asker, asked: Mapping[str, Any]
) -> str:
    """How the engine means to answer a statement."""
    compiled = dialect.statement(statement)
    given = {name: dialect.encode(value) for name, value in {**bound(asker, START), **asked}.items()}
    values = tuple(compiled.values({"page_size": 25}, given))
    async with database.engine.connect() as connection:
        if database.is_sqlite:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled.text}", values)
            return "\n".join(row.detail for row in rows)
        # These tables are still so small that PostgreSQL might rather read them whole.
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return "\n".join((await connection.exec_driver_sql(f"EXPLAIN {compiled.text}", values)).scalars())


async def _plans(database: Database, made: Organisation, case: Case) -> tuple[str, str]:
    """The plans of a page and of the number of all records."""
    own, dialect = made.own.get(case.role), dialect_of(database.engine.url.render_as_string())
    asker = Asker(made.id, made.staff[case.role].id, case.role, own.id if own else None)
    field, direction = case.order.removeprefix("-"), "DESC" if case.order.startswith("-") else "ASC"
    order = order_of(case.source, [{"field": field, "direction": direction}] if field else None)
    conditions: list[ColumnElement[bool]] = []
    asked: dict[str, Any] = {}
    if case.by:
        column: ColumnElement[Any] = case.source.table.c[case.by]
        known = {"status": "failed" if case.source is WEBHOOK_DELIVERY else "open", "commitment_ref": "COM-1"}
        conditions, asked = [column == bindparam("asked", type_=column.type)], {"asked": known.get(case.by, made.id)}
    page = select_page(case.source, [case.source.key], conditions, order, dialect)
    return (
        await _plan(database, page, dialect, asker, asked),
        await _plan(database, count_seen(case.source, conditions), dialect, asker, asked),
    )


@pytest.mark.parametrize("is_analysed", [False, True])
async def test_lists_are_read_by_their_indexes(
    own_database: Database, clock: ManualClock, new_id: RepeatableIds, is_analysed: bool
) -> None:
    if not is_analysed and not own_database.is_sqlite:
        return  # PostgreSQL keeps its statistics by itself
    made = organisation_with_everybody(own_database, clock, new_id)
    entries = _enough(made)
    await made.save()
    async with own_database.engine.begin() as connection:
        await connection.execute(insert(history_entries), entries)
        if is_analysed:
            await gather_statistics(connection)

    missed: list[tuple[Case, str]] = []
    for case in MINE:
        page, total = await _plans(own_database, made, case)
        # SQLite takes every organisation for a small one until it has counted, and then counts along any index.
        missed += [(case, plan) for plan in (page, *([total] if is_analysed else [])) if case.index not in plan]
    for case in ALL:
        page, _ = await _plans(own_database, made, case)
        missed += [(case, page)] if case.index not in page else []

    assert not missed, "\n\n".join(
        f"{case.role} {case.source.type} {case.order}: not by {case.index}\n{plan}" for case, plan in missed
    )
