"""What is kept of a learner beside their status: read for an edit, written anew, and changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.domain.learner_details import (
    ATTRIBUTES,
    EXTERNAL_REF,
    MANAGER,
    SPECIAL_REQUIREMENTS,
    STUDENT_IDENTIFIER,
    Attribute,
    Details,
    SpecialRequirements,
)
from portal_api.domain.learners import LearnerAction, LearnerStatus
from portal_api.ids import IdMaker
from portal_api.models import activity_intervals, learner_attributes, learners
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.queries import learners as learner_queries
from portal_api.queries import scope
from portal_api.queries.folding import fold
from portal_api.queries.rows import dialect_of, id_list, insert_rows, pairs_of


@cache
def _details(dialect: Dialect) -> AnySelect:
    return select(
        learners.c.id,
        learners.c.external_ref,
        learners.c.given_name,
        learners.c.family_name,
        learners.c.email,
        learners.c.manager_id,
        learners.c.special_requirements,
        learners.c.special_requirements_are_private,
        learners.c.student_identifier,
        learner_queries.ATTRIBUTES.label("attributes"),
    ).where(scope.LEARNERS, dialect.in_list(learners.c.id, "ids"))


async def details(connection: AsyncConnection, bound: Mapping[str, Any], learner_id: UUID) -> Details:
    """What is kept of a learner whom the viewer sees."""
    values = {**bound, "ids": id_list(connection, [learner_id])}
    row = (await connection.execute(_details(dialect_of(connection)), values)).one()
    note = row.special_requirements
    return Details(
        {
            EXTERNAL_REF: row.external_ref,
            "givenName": row.given_name,
            "familyName": row.family_name,
            "email": row.email,
            MANAGER: row.manager_id,
            STUDENT_IDENTIFIER: row.student_identifier,
            ATTRIBUTES: [Attribute(*each) for each in pairs_of(row.attributes)],
            SPECIAL_REQUIREMENTS: note and SpecialRequirements(note, row.special_requirements_are_private),
        }
    )


@cache
def _taken(dialect: Dialect) -> AnySelect:
    return select(learners.c.external_ref).where(
        learners.c.organisation_id == scope.ORGANISATION, dialect.in_list(learners.c.external_ref, "refs")
    )


async def taken_references(connection: AsyncConnection, organisation_id: UUID, refs: Sequence[str]) -> set[str]:
    """Those among some references that learners of the organisation have."""
    dialect = dialect_of(connection)
    values = {"organisation": organisation_id, "refs": dialect.encode(list(refs))}
    return set((await connection.execute(_taken(dialect), values)).scalars())


@cache
def _seen(dialect: Dialect) -> AnySelect:
    return select(learners.c.id).where(scope.LEARNERS, dialect.in_list(learners.c.id, "ids"))


async def seen(connection: AsyncConnection, bound: Mapping[str, Any], ids: Sequence[UUID]) -> set[UUID]:
    """Those among some learners whom the viewer sees."""
    values = {**bound, "ids": id_list(connection, ids)}
    return set((await connection.execute(_seen(dialect_of(connection)), values)).scalars())


def _columns(given: Details) -> dict[str, Any]:
    """The columns that details are kept in, those for sorting and searching among them, which want all the names."""
    note: SpecialRequirements | None = given.get(SPECIAL_REQUIREMENTS)
    texts = (given["givenName"], given["familyName"], given["email"], given[EXTERNAL_REF])
    return {
        "external_ref": given[EXTERNAL_REF],
        "given_name": given["givenName"],
        "given_name_key": fold(given["givenName"]),
        "family_name": given["familyName"],
        "family_name_key": fold(given["familyName"]),
        "email": given["email"],
        "search_key": fold(" ".join(texts)),
        "manager_id": given.get(MANAGER),
        "student_identifier": given.get(STUDENT_IDENTIFIER),
        "special_requirements": note and note.text,
        "special_requirements_are_private": note is not None and note.is_private,
    }


async def create(
    connection: AsyncConnection,
    organisation_id: UUID,
    new: Mapping[UUID, tuple[Details, bool]],
    *,
    at: datetime,
    new_id: IdMaker,
) -> None:
    """Writes new learners, active from now on, by their ids: what is kept of each, and whether they have app access."""
    own = {"organisation_id": organisation_id}
    await insert_rows(
        connection,
        learners,
        [
            {
                **own,
                "id": id_,
                **_columns(given),
                "status": LearnerStatus.ACTIVE,
                "has_app_access": has_app_access,
                "created_at": at,
                "version": 1,
            }
            for id_, (given, has_app_access) in new.items()
        ],
    )
    intervals = [{**own, "id": new_id(at), "learner_id": id_, "active_from": at} for id_ in new]
    await insert_rows(connection, activity_intervals, intervals)
    await _insert_attributes(connection, organisation_id, {id_: given for id_, (given, _) in new.items()})


async def _insert_attributes(connection: AsyncConnection, organisation_id: UUID, given: Mapping[UUID, Details]) -> None:
    rows = [
        {"organisation_id": organisation_id, "learner_id": id_, "name": name, "value": value}
        for id_, own in given.items()
        for name, value in own.get(ATTRIBUTES) or ()
    ]
    await insert_rows(connection, learner_attributes, rows)


async def edit(
    connection: AsyncConnection, organisation_id: UUID, learner_id: UUID, whole: Details, changed: Sequence[str]
) -> dict[UUID, int]:
    """Writes what is kept of an active learner, the changes among it.

    Returns:
        The new version of the learner; nothing if somebody else has set them inactive.
    """
    versions = await learner_queries.take(
        connection, organisation_id, [learner_id], LearnerAction.UPDATE, **_columns(whole)
    )
    if versions and ATTRIBUTES in changed:
        of_learner = (
            learner_attributes.c.organisation_id == organisation_id,
            learner_attributes.c.learner_id == learner_id,
        )
        await connection.execute(delete(learner_attributes).where(*of_learner))
        await _insert_attributes(connection, organisation_id, {learner_id: whole})
    return versions
