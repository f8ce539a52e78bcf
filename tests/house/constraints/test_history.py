"""History is only ever added to."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError

from portal_api.domain.roles import Role
from portal_api.models import (
    history_entries,
    learners,
)
from tests.factories import Organisation
from tests.house.constraints.rows import entry, write


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
        "TRUNCATE": lambda: text("TRUNCATE history_entries CASCADE"),
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
