"""A row in each table, and rows that could be written beside them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Table, insert

from portal_api.database import Database
from portal_api.domain.certifications import CertificationVersionStatus
from portal_api.domain.exports import ExportList, ExportStatus
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.machine import FAR_FUTURE
from portal_api.domain.organisations import IntegrationTokenStatus
from portal_api.domain.pathways import PathwayEnrolmentStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.models import (
    certifications,
    exports,
    integration_tokens,
    learners,
    series,
    users,
)
from tests.clock import START
from tests.factories import Organisation
from tests.house import automation_constraints as automating
from tests.house import certifying_constraints as certifying
from tests.house import course_constraints as training
from tests.house import credential_constraints as papers
from tests.house import enrolment_constraints as enrolling

DAY = timedelta(days=1)


S, P, V = SeriesEnrolmentStatus, PathwayEnrolmentStatus, CertificationVersionStatus


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
    training.lay_out(organisation)
    papers.lay_out(organisation)
    enrolling.lay_out(organisation)
    automating.lay_out(organisation)
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
    if table in training.TABLES:
        return copied(organisation, table, **training.writable(organisation, table))
    if table in enrolling.TABLES:
        return copied(organisation, table, **enrolling.writable(organisation, table))
    if table in papers.TABLES:
        return copied(organisation, table, **papers.writable(organisation, table))
    if table in automating.TABLES:
        return copied(organisation, table, **automating.writable(organisation, table))
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


async def without_a_role(organisation: Organisation) -> None:
    """A user who holds no role here: the last one laid out."""
    user = copied(organisation, users, external_ref="nobody")
    await write(organisation.database, users, user)
    organisation.rows[users].append(user)
