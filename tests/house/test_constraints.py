"""What the database itself refuses: references across organisations, changed history, rows that contradict themselves."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, String, Table, delete, insert, literal, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal_api.database import Database
from portal_api.domain.certifications import CertificationVersionStatus
from portal_api.domain.exports import ExportList, ExportStatus
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.machine import FAR_FUTURE
from portal_api.domain.organisations import IntegrationTokenStatus
from portal_api.domain.pathways import PathwayEnrolmentStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesDuration, SeriesEnrolmentStatus, WithdrawalReason
from portal_api.models import (
    activity_intervals,
    certification_steps,
    certification_versions,
    certifications,
    exports,
    groups,
    history_entries,
    integration_tokens,
    learner_attributes,
    learners,
    metadata,
    organisations,
    pathway_enrolments,
    pathway_steps,
    pathways,
    reporting_lines,
    resources,
    roles,
    series,
    series_enrolments,
    users,
)
from portal_api.models.base import Enumerated
from tests.clock import START
from tests.factories import Organisation
from tests.house import certifying_constraints as certifying

DAY = timedelta(days=1)
S, P, V = SeriesEnrolmentStatus, PathwayEnrolmentStatus, CertificationVersionStatus
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
    ("learner_attributes", "learner_id"),
    ("reporting_lines", "manager_id"),
    ("reporting_lines", "learner_id"),
    ("activity_intervals", "learner_id"),
    ("roles", "learner_id"),
    ("integration_tokens", "user_id"),
    ("group_conditions", "group_id"),
    ("group_members", "group_id"),
    ("group_members", "learner_id"),
    ("pathway_steps", "pathway_id"),
    ("pathway_steps", "series_id"),
    ("pathway_enrolments", "learner_id"),
    ("pathway_enrolments", "pathway_id"),
    ("series_enrolments", "learner_id"),
    ("series_enrolments", "series_id"),
    ("series_enrolments", "pathway_enrolment_id"),
    ("resources", "series_id"),
    ("certification_groups", "certification_id"),
    ("certification_groups", "group_id"),
    ("certification_versions", "certification_id"),
    ("certification_steps", "certification_version_id"),
    *certifying.REFERENCES,
    ("exports", "user_id"),
    ("export_pieces", "export_id"),
    ("history_entries", "learner_id"),
    ("history_entries", "cause_id"),
]


def of_everything(organisation: Organisation) -> None:
    """A row in each table, laid out but for history; the last row of a table can be written again (see `copied`)."""
    inactive = organisation.learner(is_active=False)
    learner, series_ = organisation.learner(), organisation.series()
    organisation.learner()
    group = organisation.group(learner)
    organisation.certification_version(organisation.certification(is_published=False), V.DRAFT)
    organisation.assigns(group, organisation.certification(is_published=False))
    organisation.resource(series_)
    organisation.pathway_enrolment(learner, organisation.pathway(organisation.series()))
    organisation.enrolment(learner, series_, S.INCOMPLETE)
    organisation.enrolment(inactive, series_)
    certifying.lay_out(organisation, learner)
    key = {"organisation_id": organisation.id, "created_at": START, "version": 1}
    token = {
        "user_id": organisation.staff[Role.INTEGRATION].id,
        "name": "Player",
        "status": IntegrationTokenStatus.ACTIVE,
        "expires_at": START + DAY,
        "due_at": START + DAY,
        "revoked_at": None,
    }
    organisation.rows[integration_tokens] = [{**key, **token, "id": organisation.new_id(START)}]
    export = {
        "user_id": organisation.staff[Role.ADMIN].id,
        "list": ExportList.LEARNERS,
        "arguments": "{}",
        "status": ExportStatus.QUEUED,
        "row_count": None,
        "written_count": 0,
        "finished_at": None,
        "expires_at": None,
        "due_at": FAR_FUTURE,
        "leased_until": None,
    }
    organisation.rows[exports] = [{**key, **export, "id": organisation.new_id(START)}]


def writable(organisation: Organisation, table: Table) -> dict[str, Any]:
    """A row that could be written to a table beside those that are laid out."""
    learner = organisation.rows[learners][-1]["id"]
    if table in certifying.TABLES:
        return copied(organisation, table, **certifying.writable(organisation, table))
    match table.name:
        case "reporting_lines":
            manager = organisation.own[Role.MANAGER].id
            key = {"organisation_id": organisation.id, "depth": 1}
            return {**key, "manager_id": learner, "learner_id": manager}
        case "activity_intervals":
            return copied(organisation, table, active_until=START)
        case "series_enrolments":
            return copied(organisation, table, learner_id=learner)
        case "learner_attributes":
            return copied(organisation, table, name="another")
        case "group_conditions":
            return copied(organisation, table, value="another")
        case "group_members":
            return copied(organisation, table, learner_id=learner)
        case "pathway_steps":
            return copied(organisation, table, position=2, series_id=organisation.rows[series][0]["id"])
        case "certification_groups":
            return copied(organisation, table, certification_id=organisation.rows[certifications][0]["id"])
        case "certification_versions":
            return copied(organisation, table, number=9)
        case "certification_steps":
            return copied(organisation, table, position=9)
        case "export_pieces":
            key = {"organisation_id": organisation.id, "export_id": organisation.rows[exports][-1]["id"]}
            return {**key, "position": 1, "content": b"id"}
        case "roles":
            return copied(organisation, table, user_id=organisation.rows[users][-1]["id"])
        case "history_entries":
            return entry(organisation)
        case _:
            return copied(organisation, table)


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
            key = "user_id" if constraint.referred_table is roles else "id"
            assert [element.column.name for element in constraint.elements] == ["organisation_id", key]
            references.add((table.name, column))
    assert references == set(REFERENCES)


async def without_a_role(organisation: Organisation) -> None:
    """A user who holds no role here: the last one laid out."""
    user = copied(organisation, users, external_ref="nobody")
    await write(organisation.database, users, user)
    organisation.rows[users].append(user)


@pytest.mark.parametrize(("table_name", "column"), REFERENCES)
async def test_the_database_refuses_a_reference_into_another_organisation(
    organisation: Organisation, table_name: str, column: str
) -> None:
    of_everything(organisation)
    twin = organisation.twin()
    await organisation.save()
    await twin.save()
    await without_a_role(organisation)
    table = metadata.tables[table_name]
    theirs: dict[str, Any] = {
        "manager_id": twin.own[Role.MANAGER].id,
        "learner_id": twin.rows[learners][-1]["id"],
        "series_id": twin.rows[series][-1]["id"],
        "group_id": twin.rows[groups][-1]["id"],
        "pathway_id": twin.rows[pathways][-1]["id"],
        "pathway_enrolment_id": twin.rows[pathway_enrolments][-1]["id"],
        "certification_id": twin.rows[certifications][-1]["id"],
        "certification_version_id": twin.rows[certification_versions][-1]["id"],
        "export_id": twin.rows[exports][-1]["id"],
        "user_id": twin.staff[Role.OWNER].id,
        **certifying.keys_of(twin),
    }
    if table is history_entries:
        cause = entry(twin)
        await write(organisation.database, table, cause)
        theirs["cause_id"] = cause["id"]

    beside = certifying.BESIDE.get((table_name, column), {})
    row = {**writable(organisation, table), **beside, column: theirs[column]}

    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        await write(organisation.database, table, row)


@pytest.mark.parametrize("table_name", sorted({table_name for table_name, _ in REFERENCES}))
async def test_the_rows_of_that_test_are_refused_for_their_reference_alone(
    organisation: Organisation, table_name: str
) -> None:
    of_everything(organisation)
    await organisation.save()
    await without_a_role(organisation)
    table = metadata.tables[table_name]

    async with organisation.database.engine.connect() as connection:
        transaction = await connection.begin()
        await connection.execute(insert(table), writable(organisation, table))
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
    "a learner who manages themselves": (learners, {}, "not_own_manager"),
    "an active learner inactive since": (learners, {"deactivated_at": START}, "deactivated_at_when_inactive"),
    "a reference taken already": (learners, {"external_ref": "L"}, "(?i)unique"),
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
    "a share to be mastered of no questions": (series, {"question_count": None}, "goal_whole"),
    "questions of which no share is to be mastered": (series, {"mastery_percent": None}, "goal_whole"),
    "a goal of no questions": (series, {"question_count": 0}, "goal_in_bounds"),
    "a goal of nothing": (series, {"mastery_percent": 0}, "goal_in_bounds"),
    "a goal of more than everything": (series, {"mastery_percent": 101}, "goal_in_bounds"),
    "a day to be done by without the instant": (series_enrolments, {"due_on": START.date()}, "overdue_at_when_due_on"),
    "overdue at no day": (series_enrolments, {"overdue_at": START}, "overdue_at_when_due_on"),
    "more right than answered": (
        series_enrolments,
        {"questions_answered": 3, "questions_correct": 4},
        "questions_correct_answered",
    ),
    "less than none right": (series_enrolments, {"questions_correct": -1}, "questions_correct_answered"),
    "a second active enrolment in a series": (series_enrolments, {}, "(?i)unique"),
    "a reference of an enrolment taken already": (
        series_enrolments,
        {"status": S.INCOMPLETE, "external_ref": "E"},
        "(?i)unique",
    ),
    "a reference of a series taken already": (series, {"external_ref": "S"}, "(?i)unique"),
    "a reference of a pathway taken already": (pathways, {"external_ref": "P"}, "(?i)unique"),
    "a reference of an enrolment in a pathway taken already": (
        pathway_enrolments,
        {"external_ref": "PE"},
        "(?i)unique",
    ),
    "a step before the first": (pathway_steps, {"position": 0}, "position_positive"),
    "two steps at one place": (pathway_steps, {"position": 1}, "(?i)unique"),
    "one series at two steps": (pathway_steps, {}, "(?i)unique"),
    "a pathway withdrawn without a reason": (
        pathway_enrolments,
        {"status": P.WITHDRAWN, "withdrawn_at": START},
        "withdrawal_when_withdrawn",
    ),
    "a pathway withdrawn at no instant": (
        pathway_enrolments,
        {"status": P.WITHDRAWN, "withdrawal_reason": WithdrawalReason.ENROLMENT_ERROR},
        "withdrawal_when_withdrawn",
    ),
    "a reason without a withdrawal from a pathway": (
        pathway_enrolments,
        {"withdrawal_reason": WithdrawalReason.ENROLMENT_ERROR},
        "withdrawal_when_withdrawn",
    ),
    "a pathway completed at no instant": (
        pathway_enrolments,
        {"status": P.COMPLETED},
        "completed_at_when_completed",
    ),
    "an instant of completion without it": (
        pathway_enrolments,
        {"completed_at": START},
        "completed_at_when_completed",
    ),
    "a reference of a certification taken already": (certifications, {"external_ref": "C"}, "(?i)unique"),
    "two versions of one number": (certification_versions, {"number": 1}, "(?i)unique"),
    "a second draft": (certification_versions, {}, "(?i)unique"),
    "a draft that was published": (certification_versions, {"status": V.DRAFT}, "published_when_no_draft"),
    "a version published at no instant": (certification_versions, {"published_at": None}, "published_when_no_draft"),
    "a version retired at no instant": (certification_versions, {"status": V.RETIRED}, "retired_at_when_retired"),
    "an instant of retirement without it": (certification_versions, {"retired_at": START}, "retired_at_when_retired"),
    "a fee without a currency": (certification_versions, {"initial_fee": 100}, "currency_of_fees"),
    "a currency without a fee": (certification_versions, {"currency": "NZD"}, "currency_of_fees"),
    "a fee of nothing": (certification_versions, {"initial_fee": 0, "currency": "NZD"}, "fees_positive"),
    "a recertification fee of nothing": (
        certification_versions,
        {"recertification_fee": 0, "currency": "NZD"},
        "fees_positive",
    ),
    "an exam without an attempt": (certification_versions, {"attempt_limit": 0}, "attempts_positive"),
    "a certificate that is never valid": (certification_versions, {"validity_months": 0}, "days_positive"),
    "less than no grace": (certification_versions, {"grace_days": -1}, "days_positive"),
    "less than no window": (certification_versions, {"window_days": -1}, "days_positive"),
    "a training step before the first": (certification_steps, {"position": 0}, "position_positive"),
    "two training steps at one place": (certification_steps, {"position": 1}, "(?i)unique"),
    "a training step without a way": (certification_steps, {"paths": ()}, "paths_some"),
    "a token revoked at no instant": (
        integration_tokens,
        {"status": IntegrationTokenStatus.REVOKED},
        "revoked_at_when_revoked",
    ),
    "an instant of revocation without it": (integration_tokens, {"revoked_at": START}, "revoked_at_when_revoked"),
    "an export that is ready for ever": (exports, {"status": ExportStatus.READY}, "expires_at_when_ready"),
    "an export that expires before it is ready": (exports, {"expires_at": START}, "expires_at_when_ready"),
    "a second value of an attribute": (learner_attributes, {}, "(?i)unique"),
    **certifying.CONTRADICTIONS,
    "a person's act by nobody": (history_entries, {"actor_id": None}, "actor_when_person"),
    "the clock's act by somebody": (history_entries, {"actor_kind": ActorKind.CLOCK}, "actor_when_person"),
}
UNKNOWN_VALUES = [
    (learners, "status"),
    (learners, "deactivation_reason"),
    (roles, "role"),
    (series, "type"),
    (series, "duration"),
    (series, "status"),
    (series_enrolments, "status"),
    (series_enrolments, "withdrawal_reason"),
    (pathways, "kind"),
    (pathways, "status"),
    (pathway_enrolments, "status"),
    (pathway_enrolments, "withdrawal_reason"),
    (resources, "status"),
    *certifying.UNKNOWN_VALUES,
    (groups, "status"),
    (integration_tokens, "status"),
    (certifications, "joining"),
    (certifications, "status"),
    (certification_versions, "status"),
    (certification_versions, "fee_due"),
    (exports, "status"),
    (history_entries, "actor_kind"),
]
VOCABULARIES = [(history_entries, "action"), (history_entries, "subject_kind"), (exports, "list")]
"""Closed sets that grow with what the portal can do; the database lets them."""


def test_every_closed_set_is_told_of() -> None:
    sets = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Enumerated)
    }
    assert {(table.name, column) for table, column in (*UNKNOWN_VALUES, *VOCABULARIES)} == sets


def test_every_check_constraint_refuses_a_row() -> None:
    told = [(table, constraint) for table, _, constraint in CONTRADICTIONS.values()]
    for table in metadata.tables.values():
        for check in table.constraints:
            if isinstance(check, CheckConstraint) and not str(check.name).endswith("_known"):
                assert any(own is table and re.search(text_, str(check.name)) for own, text_ in told), check.name


@pytest.mark.parametrize("contradiction", CONTRADICTIONS)
async def test_the_database_refuses_a_row_that_contradicts_itself(
    organisation: Organisation, contradiction: str
) -> None:
    table, columns, constraint = CONTRADICTIONS[contradiction]
    of_everything(organisation)
    if "external_ref" in columns:
        organisation.rows[table][-1]["external_ref"] = columns["external_ref"]
    await organisation.save()
    match contradiction:
        case "a learner who reports to themselves":
            row = {**writable(organisation, table), "manager_id": organisation.own[Role.MANAGER].id}
        case "a learner who manages themselves":
            row = writable(organisation, table)
            row["manager_id"] = row["id"]
        case "one series at two steps":
            row = copied(organisation, table, position=2)
        case "a second value of an attribute":
            row = copied(organisation, table, value="another")
        case _ if contradiction in certifying.COPIES:
            row = copied(organisation, table, **columns)
        case "a second open interval" | "a second active enrolment in a series":
            row = copied(organisation, table, **columns)
        case "a second draft":
            own = organisation.rows[certifications][0]["id"]
            row = copied(organisation, table, certification_id=own, number=2, status=V.DRAFT, published_at=None)
        case _:
            row = {**writable(organisation, table), **columns}
    with pytest.raises(IntegrityError, match=constraint):
        await write(organisation.database, table, row)


@pytest.mark.parametrize(("table", "column"), UNKNOWN_VALUES, ids=lambda value: getattr(value, "name", value))
async def test_the_database_refuses_a_value_outside_its_set(
    organisation: Organisation, table: Table, column: str
) -> None:
    of_everything(organisation)
    await organisation.save()
    await without_a_role(organisation)
    row = writable(organisation, table)
    if table is learners:
        row["has_app_access"] = False
    if column == "withdrawal_reason":
        withdrawn = P.WITHDRAWN if table is pathway_enrolments else S.WITHDRAWN
        row |= {"status": withdrawn, "withdrawn_at": START}
    if column == "actor_kind":
        row["actor_id"] = None
    row |= certifying.BESIDE.get((table.name, column), {})
    row[column] = literal("unheard_of", String())
    with pytest.raises(IntegrityError, match=f"ck_{table.name}_{column}_known"):
        await write(organisation.database, table, row)
