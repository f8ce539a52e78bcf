"""No reference leads into another organisation."""

from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from portal_api.domain.roles import Role
from portal_api.models import (
    certification_versions,
    certifications,
    exports,
    groups,
    history_entries,
    learners,
    metadata,
    organisations,
    pathway_enrolments,
    pathways,
    roles,
    series,
    users,
)
from tests.factories import Organisation
from tests.house import automation_constraints as automating
from tests.house import certifying_constraints as certifying
from tests.house import course_constraints as training
from tests.house import credential_constraints as papers
from tests.house import enrolment_constraints as enrolling
from tests.house.constraints.rows import entry, of_everything, without_a_role, writable, write

WITHOUT_ORGANISATION = {organisations, users, metadata.tables["ticker_leases"]}


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
    *training.REFERENCES,
    *papers.REFERENCES,
    *enrolling.REFERENCES,
    *automating.REFERENCES,
    ("exports", "user_id"),
    ("export_pieces", "export_id"),
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
            carrying, column, *_ = columns
            assert carrying == "organisation_id"
            key = "user_id" if constraint.referred_table is roles else "id"
            whole = enrolling.WHOLE.get((table.name, column), ["organisation_id", key])
            assert [element.column.name for element in constraint.elements] == whole
            references.add((table.name, column))
    assert references == set(REFERENCES)


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
        **training.keys_of(twin),
        **papers.keys_of(twin),
        **enrolling.keys_of(twin),
        **automating.keys_of(twin),
    }
    if column == "cause_id":
        cause = entry(twin)
        await write(organisation.database, history_entries, cause)
        theirs["cause_id"] = cause["id"]

    beside = (certifying.BESIDE | automating.BESIDE).get((table_name, column), {})
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
