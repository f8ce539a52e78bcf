"""What the database itself refuses: references across organisations, changed history, rows that contradict themselves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import String, Table, delete, insert, literal, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal_api.database import Database
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesDuration, SeriesEnrolmentStatus, WithdrawalReason
from portal_api.models import (
    activity_intervals,
    history_entries,
    learners,
    metadata,
    organisations,
    reporting_lines,
    roles,
    series,
    series_enrolments,
    users,
)
from tests.clock import START
from tests.factories import Organisation

DAY = timedelta(days=1)
WITHOUT_ORGANISATION = {organisations, users, metadata.tables["ticker_leases"]}


async def write(database: Database, table: Table, row: dict[str, Any]) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(insert(table).values(row))


def entry(organisation: Organisation, **columns: Any) -> dict[str, Any]:
    learner = organisation.own[Role.LEARNER]
    return {
        "organisation_id": organisation.id,
        "id": organisation.new_id(START),
        "actor_kind": ActorKind.USER,
        "actor_id": organisation.staff[Role.ADMIN].id,
        "action": HistoryAction.LEARNER_DEACTIVATED,
        "subject_kind": SubjectKind.LEARNER,
        "subject_id": learner.id,
        "learner_id": learner.id,
        "from_status": "INACTIVE",
        "to_status": "ACTIVE",
        "version": 1,
        "occurred_at": START,
        "recorded_at": START,
        **columns,
    }


def copied(organisation: Organisation, table: Table, **columns: Any) -> dict[str, Any]:
    """A row like the last one of the organisation in a table, under a key and a reference of its own."""
    row = dict(organisation.rows[table][-1])
    if "id" in table.c:
        row["id"] = organisation.new_id(START)
    if "external_ref" in table.c:
        row["external_ref"] = f"copy-{row['id'].hex}"
    return {**row, **columns}


REFERENCES = [
    ("learners", "manager_id"),
    ("reporting_lines", "manager_id"),
    ("reporting_lines", "learner_id"),
    ("activity_intervals", "learner_id"),
    ("roles", "learner_id"),
    ("series_enrolments", "learner_id"),
    ("series_enrolments", "series_id"),
    ("history_entries", "learner_id"),
    ("history_entries", "cause_id"),
]


def test_every_key_and_every_reference_carries_the_organisation() -> None:
    references: set[tuple[str, str]] = set()
    for table in metadata.tables.values():
        if table in WITHOUT_ORGANISATION:
            continue
        assert next(iter(table.primary_key.columns)).name == "organisation_id", table.name
        for constraint in table.foreign_key_constraints:
            columns = [column.name for column in constraint.columns]
            if constraint.referred_table in WITHOUT_ORGANISATION:
                assert len(columns) == 1, f"{table.name}: {columns}"
                continue
            carrying, column = columns
            assert carrying == "organisation_id"
            assert [element.column.name for element in constraint.elements] == ["organisation_id", "id"]
            references.add((table.name, column))
    assert references == set(REFERENCES)


@pytest.mark.parametrize(("table_name", "column"), REFERENCES)
async def test_the_database_refuses_a_reference_into_another_organisation(
    organisation: Organisation, table_name: str, column: str
) -> None:
    organisation.enrolment(organisation.learner(), organisation.series())
    twin = organisation.twin()
    await organisation.save()
    await twin.save()
    table = metadata.tables[table_name]
    top, *_ = organisation.chain(1)
    await organisation.save()
    theirs: dict[str, Any] = {
        "manager_id": twin.own[Role.MANAGER].id,
        "learner_id": twin.own[Role.LEARNER].id,
        "series_id": twin.rows[series][-1]["id"],
    }
    match table_name:
        case "reporting_lines":
            row: dict[str, Any] = {
                "organisation_id": organisation.id,
                "manager_id": top.id,
                "learner_id": organisation.own[Role.MANAGER].id,
            }
            row["depth"] = 1
        case "activity_intervals":
            row = copied(organisation, table, active_until=START)
        case "roles":
            user = copied(organisation, users)
            await write(organisation.database, users, user)
            row = copied(organisation, table, user_id=user["id"])
        case "history_entries":
            row = entry(organisation)
            cause = entry(twin)
            await write(organisation.database, table, cause)
            theirs["cause_id"] = cause["id"]
        case _:
            row = copied(organisation, table)

    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        await write(organisation.database, table, {**row, column: theirs[column]})


async def test_the_rows_of_that_test_are_refused_for_their_reference_alone(organisation: Organisation) -> None:
    organisation.enrolment(organisation.learner(), organisation.series())
    [top] = organisation.chain(1)
    await organisation.save()
    database, manager = organisation.database, organisation.own[Role.MANAGER]
    line = {"organisation_id": organisation.id, "manager_id": top.id, "learner_id": manager.id, "depth": 1}
    user = copied(organisation, users)
    for table, row in (
        (learners, copied(organisation, learners, manager_id=manager.id)),
        (reporting_lines, line),
        (activity_intervals, copied(organisation, activity_intervals, active_until=START)),
        (users, user),
        (roles, copied(organisation, roles, user_id=user["id"])),
        (series_enrolments, copied(organisation, series_enrolments)),
        (history_entries, entry(organisation)),
    ):
        async with database.engine.connect() as connection:
            transaction = await connection.begin()
            if table is roles:
                await connection.execute(insert(users), user)
            await connection.execute(insert(table), row)
            await transaction.rollback()


def changes_of_history(row: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    here = (history_entries.c.organisation_id == row["organisation_id"], history_entries.c.id == row["id"])
    return {
        "UPDATE": lambda: update(history_entries).where(*here).values(note="It was not like that."),
        "DELETE": lambda: delete(history_entries).where(*here),
        "DELETE all": lambda: delete(history_entries),
        "replace": lambda: (
            insert(history_entries).prefix_with("OR REPLACE").values({**row, "note": "It was not like that."})
        ),
        "upsert": lambda: text(
            "INSERT INTO history_entries SELECT * FROM history_entries WHERE true "
            "ON CONFLICT (organisation_id, id) DO UPDATE SET note = 'It was not like that.'"
        ),
        "TRUNCATE": lambda: text("TRUNCATE history_entries"),
        "TRUNCATE what it refers to": lambda: text("TRUNCATE learners CASCADE"),
    }


ON_ONE_ENGINE = {"replace": "sqlite", "TRUNCATE": "postgresql", "TRUNCATE what it refers to": "postgresql"}


@pytest.mark.parametrize("change", changes_of_history({"organisation_id": None, "id": None}))
async def test_the_database_refuses_to_change_history(organisation: Organisation, engine: str, change: str) -> None:
    row = entry(organisation)
    await write(organisation.database, history_entries, row)
    before = await organisation.stored(history_entries)
    if ON_ONE_ENGINE.get(change, engine) != engine:
        return  # the other engine has no such statement

    with pytest.raises(DBAPIError, match="history only grows"):
        async with organisation.database.engine.begin() as connection:
            await connection.execute(changes_of_history(row)[change]())

    assert await organisation.stored(history_entries) == before


async def test_what_history_tells_of_cannot_be_deleted(organisation: Organisation) -> None:
    await write(organisation.database, history_entries, entry(organisation))
    with pytest.raises(DBAPIError):
        async with organisation.database.engine.begin() as connection:
            await connection.execute(delete(learners).where(learners.c.id == organisation.own[Role.LEARNER].id))


S = SeriesEnrolmentStatus
CONTRADICTIONS: dict[str, tuple[Table, dict[str, Any], str]] = {
    "an inactive learner with app access": (
        learners,
        {"status": LearnerStatus.INACTIVE, "deactivated_at": START, "has_app_access": True},
        "no_app_access_when_inactive",
    ),
    "an inactive learner since never": (
        learners,
        {"status": LearnerStatus.INACTIVE, "has_app_access": False},
        "deactivated_at_when_inactive",
    ),
    "an active learner inactive since": (learners, {"deactivated_at": START}, "deactivated_at_when_inactive"),
    "a reference taken already": (learners, {"external_ref": "LEARNER"}, "(?i)unique"),
    "an enrolment that ends when it starts": (
        series_enrolments,
        {"starts_at": START, "ends_at": START},
        "ck_series_enrolments_in_order",
    ),
    "a withdrawal without a reason": (
        series_enrolments,
        {"status": S.WITHDRAWN, "withdrawn_at": START},
        "withdrawal_when_withdrawn",
    ),
    "a withdrawal without an instant": (
        series_enrolments,
        {"status": S.WITHDRAWN, "withdrawal_reason": WithdrawalReason.ENROLMENT_ERROR},
        "withdrawal_when_withdrawn",
    ),
    "an instant without a withdrawal": (
        series_enrolments,
        {"withdrawn_at": START, "withdrawal_reason": WithdrawalReason.ENROLMENT_ERROR},
        "withdrawal_when_withdrawn",
    ),
    "mastered at no instant": (series_enrolments, {"status": S.MASTERED}, "mastered_at_when_mastered"),
    "an instant of mastery without mastery": (
        series_enrolments,
        {"mastered_at": START},
        "mastered_at_when_mastered",
    ),
    "a fixed duration without days": (series, {"duration": SeriesDuration.FIXED}, "days_when_fixed"),
    "days without a fixed duration": (series, {"duration_days": 30}, "days_when_fixed"),
    "an end date without a day": (series, {"duration": SeriesDuration.END_DATE}, "day_when_end_date"),
    "an interval that ends before it begins": (
        activity_intervals,
        {"active_from": START, "active_until": START - DAY},
        "ck_activity_intervals_in_order",
    ),
    "a second open interval": (activity_intervals, {"active_from": START}, "(?i)unique"),
    "a learner who reports to themselves": (reporting_lines, {}, "no_circle"),
    "a line of no length": (reporting_lines, {"depth": 0}, "depth_positive"),
    "a person's act by nobody": (history_entries, {"actor_id": None}, "actor_when_person"),
    "the clock's act by somebody": (history_entries, {"actor_kind": ActorKind.CLOCK}, "actor_when_person"),
}
UNKNOWN_VALUES = [
    (learners, "status"),
    (learners, "deactivation_reason"),
    (roles, "role"),
    (series, "type"),
    (series, "duration"),
    (series_enrolments, "status"),
    (series_enrolments, "withdrawal_reason"),
    (history_entries, "actor_kind"),
    (history_entries, "action"),
    (history_entries, "subject_kind"),
]


@pytest.mark.parametrize("contradiction", CONTRADICTIONS)
async def test_the_database_refuses_a_row_that_contradicts_itself(
    organisation: Organisation, contradiction: str
) -> None:
    table, columns, constraint = CONTRADICTIONS[contradiction]
    organisation.enrolment(organisation.learner(), organisation.series())
    await organisation.save()
    if table is reporting_lines:
        me, manager = organisation.own[Role.LEARNER], organisation.own[Role.MANAGER]
        own = {"organisation_id": organisation.id, "manager_id": me.id, "learner_id": me.id, "depth": 1}
        row = {**own, "learner_id": manager.id, **columns} if columns else own
    elif table is history_entries:
        row = entry(organisation, **columns)
    else:
        row = copied(organisation, table, **columns)
    with pytest.raises(IntegrityError, match=constraint):
        await write(organisation.database, table, row)


@pytest.mark.parametrize(("table", "column"), UNKNOWN_VALUES, ids=lambda value: getattr(value, "name", value))
async def test_the_database_refuses_a_value_outside_its_set(
    organisation: Organisation, table: Table, column: str
) -> None:
    organisation.enrolment(organisation.learner(), organisation.series())
    await organisation.save()
    row = entry(organisation) if table is history_entries else copied(organisation, table)
    if table is learners:
        row["has_app_access"] = False
    if table is roles:
        row["user_id"] = organisation.user(Role.TRAINER).id
        del organisation.rows[roles][-1]
        await organisation.save()
    if column == "withdrawal_reason":
        row |= {"status": S.WITHDRAWN, "withdrawn_at": START}
    if column == "actor_kind":
        row["actor_id"] = None
    row[column] = literal("unheard_of", String())
    with pytest.raises(IntegrityError, match=f"ck_{table.name}_{column}_known"):
        await write(organisation.database, table, row)
