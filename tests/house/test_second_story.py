"""From migration 0001 to the newest on a database in use: every row of before is kept, history stays closed, and the way back is guarded."""

from typing import Any

import pytest
from sqlalchemy import Boolean, column, insert, inspect, select, table, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal_api.database import Database
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.library import LibraryStatus
from portal_api.domain.roles import Role
from portal_api.migrations import current_revision, migrate_down, migrate_up, undone_changes
from portal_api.models import learners, metadata, users
from portal_api.revisions import NEWEST
from tests import invariants
from tests.clock import START, ManualClock, RepeatableIds
from tests.factories import WRITTEN_IN_ORDER, Organisation, organisation_with_everybody

Rows = dict[str, list[dict[str, Any]]]
BEFORE, AFTER = "0001", NEWEST


def entry(made: Organisation, **columns: Any) -> dict[str, Any]:
    learner = made.own[Role.LEARNER]
    return {
        "organisation_id": made.id,
        "id": made.new_id(START),
        "actor_kind": ActorKind.USER,
        "actor_id": made.staff[Role.ADMIN].id,
        "action": HistoryAction.LEARNER_REACTIVATED,
        "subject_kind": SubjectKind.LEARNER,
        "subject_id": learner.id,
        "learner_id": learner.id,
        "from_status": "INACTIVE",
        "to_status": "ACTIVE",
        "reason": None,
        "note": "“Back again”",
        "version": 1,
        "request_id": "call-1",
        "cause_id": None,
        "occurred_at": START,
        "recorded_at": START,
        **columns,
    }


async def columns_of(database: Database) -> dict[str, set[str]]:
    """The tables as they are now, with the names of their columns."""

    def read(connection: Any) -> dict[str, set[str]]:
        own = inspect(connection)
        return {name: {each["name"] for each in own.get_columns(name)} for name in own.get_table_names()}

    async with database.engine.connect() as connection:
        return await connection.run_sync(read)


async def rows_of(database: Database) -> Rows:
    """All rows of all tables as they are now, by key."""
    found: Rows = {}
    tables = await columns_of(database)
    async with database.engine.connect() as connection:
        for name, names in tables.items():
            if name in metadata.tables:
                key = [each.name for each in metadata.tables[name].primary_key.columns]
                chosen = select(_as_it_is(name, names)).order_by(*(column(each) for each in key))
                found[name] = [dict(row) for row in (await connection.execute(chosen)).mappings()]
    return found


def _as_it_is(name: str, names: set[str]) -> Any:
    """A table with those of its columns that are there, old ones included, and the types that values have here."""
    known = [column(each.name, each.type) for each in metadata.tables[name].columns if each.name in names]
    return table(name, *known, *([column("is_active", Boolean)] if "is_active" in names else []))


async def write(database: Database, rows: Rows) -> None:
    """Writes rows, as far as the tables have columns for them."""
    tables = await columns_of(database)
    async with database.engine.begin() as connection:
        for name, given in rows.items():
            for row in given:
                fitting = {each: value for each, value in row.items() if each in tables[name]}
                await connection.execute(insert(_as_it_is(name, tables[name])), fitting)


@pytest.fixture
async def made(own_database: Database, clock: ManualClock, new_id: RepeatableIds) -> Organisation:
    """A database of before, with an organisation in every table of it; one series is retired."""
    await migrate_down(own_database.engine, BEFORE)
    made = organisation_with_everybody(own_database, clock, new_id)
    made.chain(3, reports_to=made.own[Role.MANAGER])
    made.enrolment(made.learner(is_active=False), made.series(is_active=False))
    made.every_status()
    made.user(Role.TRAINER, name="Zoë  ÅNGSTRÖM", email="Zoe@example.org", external_ref="HR-7")
    rows: Rows = {each.name: made.rows[each] for each in WRITTEN_IN_ORDER if each in made.rows}
    for row in rows["series"]:
        row["is_active"] = row["status"] is LibraryStatus.ACTIVE
    rows["reporting_lines"] = [line for row in made.rows[learners] for line in made._lines_above(row)]
    first = entry(made)
    rows["history_entries"] = [
        first,
        entry(made, version=1, actor_kind=ActorKind.CLOCK, actor_id=None, cause_id=first["id"]),
    ]
    rows["history_entries"][1] |= {"subject_id": made.rows[learners][0]["id"], "to_status": "ACTIVE"}
    key = {"organisation_id": made.id, "actor_id": made.staff[Role.ADMIN].id, "mutation": "m", "key": "k"}
    rows["idempotency_keys"] = [{**key, "input_hash": "h", "outcome": "{}", "created_at": START, "expires_at": START}]
    await write(own_database, rows)
    return made


def of_before(rows: Rows, before: Rows) -> Rows:
    """Rows without what came later; whether a series is in use is told by its status."""
    found: Rows = {}
    for name, own in before.items():
        names = set(own[0]) if own else set[str]()
        found[name] = [{each: value for each, value in row.items() if each in names} for row in rows[name]]
    for row, now in zip(found["series"], rows["series"], strict=True):
        row.setdefault("is_active", now.get("status") is LibraryStatus.ACTIVE)
    return found


async def test_every_row_of_before_is_kept(made: Organisation) -> None:
    database = made.database
    before = await rows_of(database)
    assert all(before[name] for name in ("series_enrolments", "reporting_lines", "history_entries", "idempotency_keys"))
    assert [row["is_active"] for row in before["series"]].count(False) == 1

    await migrate_up(database.engine)

    after = await rows_of(database)
    assert of_before(after, before) == before
    [retired] = [row for row in after["series"] if row["status"] is not LibraryStatus.ACTIVE]
    assert retired["status"] is LibraryStatus.RETIRED
    assert {(row["questions_answered"], row["questions_correct"]) for row in after["series_enrolments"]} == {(0, 0)}
    assert {row["version"] for name in ("organisations", "roles") for row in after[name]} == {1}
    assert {row["changed_fields"] for row in after["history_entries"]} == {None}
    await undone_changes(database.engine)
    await invariants.check(database, made.id)


async def test_users_of_before_can_be_sorted_and_searched(made: Organisation) -> None:
    await migrate_up(made.database.engine)

    after = {row["id"]: row for row in (await rows_of(made.database))["users"]}
    [accented] = [row for row in after.values() if row["name"] == "Zoë  ÅNGSTRÖM"]
    assert accented["name_key"] == "zoe angstrom"
    assert accented["search_key"] == "zoe angstrom zoe@example.org hr-7"
    for row in made.rows[users]:
        found = after[row["id"]]
        assert (found["name_key"], found["search_key"]) == (row["name_key"], row["search_key"])


async def test_history_stays_closed(made: Organisation, engine: str) -> None:
    database = made.database
    for revision in (AFTER, BEFORE):
        await (migrate_up(database.engine) if revision == AFTER else migrate_down(database.engine, BEFORE))
        before = await rows_of(database)
        statements = ["UPDATE history_entries SET note = 'no'", "DELETE FROM history_entries"]
        if engine == "sqlite":
            statements.append("INSERT OR REPLACE INTO history_entries SELECT * FROM history_entries")
        else:
            statements.append("TRUNCATE history_entries CASCADE")
        for statement in statements:
            with pytest.raises(DBAPIError, match="history only grows"):
                async with database.engine.begin() as connection:
                    await connection.execute(text(statement))
        assert await rows_of(database) == before


async def test_the_way_back_keeps_every_row_while_nothing_new_was_used(made: Organisation) -> None:
    database = made.database
    before = await rows_of(database)
    await migrate_up(database.engine)

    await migrate_down(database.engine, BEFORE)

    assert await current_revision(database.engine) == BEFORE
    assert await rows_of(database) == before
    await migrate_up(database.engine)
    assert of_before(await rows_of(database), before) == before


@pytest.mark.parametrize(
    "columns",
    [
        {"learner_id": None},
        {"action": HistoryAction.LEARNER_UPDATED},
        {"subject_kind": SubjectKind.GROUP},
    ],
    ids=["no learner", "a new act", "a new kind of subject"],
)
async def test_the_way_back_is_closed_by_history_that_it_could_not_tell(
    made: Organisation, columns: dict[str, Any]
) -> None:
    database = made.database
    await migrate_up(database.engine)
    await write(database, {"history_entries": [entry(made, **columns)]})
    before = await rows_of(database)

    with pytest.raises(IntegrityError):
        await migrate_down(database.engine, BEFORE)

    assert await current_revision(database.engine) == AFTER
    assert await rows_of(database) == before
    await undone_changes(database.engine)
    with pytest.raises(DBAPIError, match="history only grows"):
        async with database.engine.begin() as connection:
            await connection.execute(text("DELETE FROM history_entries"))
