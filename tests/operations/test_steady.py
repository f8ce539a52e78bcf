"""SQLite plans each statement once, and not anew each time that it runs."""

from sqlite3 import connect
from typing import Any, TypeVar

import pytest

from portal_api.database import Database
from portal_api.database.reading import Steps
from portal_api.planner.selections import Request
from portal_api.queries.rows import gather_statistics
from tests.operations.cases import CASES, READING
from tests.operations.documents import text_of
from tests.operations.scene import Scene
from tests.operations.test_ways import sender_of

T = TypeVar("T")


def noted(steps: Steps[T], requests: list[Request]) -> Steps[T]:
    """The same steps; what they ask is noted."""
    try:
        request = next(steps)
        while True:
            requests.append(request)
            request = steps.send((yield request))
    except StopIteration as end:
        return end.value


@pytest.fixture
def requests(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """What is asked of the database, while the test runs."""
    asked: list[Request] = []
    run, run_alone = database.reader.run, database.reader.run_alone
    monkeypatch.setattr(database.reader, "run", lambda steps: run(noted(steps, asked)))
    monkeypatch.setattr(database.reader, "run_alone", lambda steps: run_alone(noted(steps, asked)))
    return asked


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # PostgreSQL plans anew where it finds that better
async def test_no_statement_is_planned_twice(scene: Scene, database: Database, requests: list[Request]) -> None:
    async with database.engine.begin() as connection:
        await gather_statistics(connection)
    for name in READING:
        await scene.sign_in(sender_of(name)).query(text_of(name), CASES[name].variables(scene))

    assert len(requests) > len(READING)
    again = await _planned_again(database, requests)
    assert again == []


async def _planned_again(database: Database, requests: list[Request]) -> list[str]:
    own = connect(str(database.engine.url.database))
    parsed: list[Any] = []

    def note(*what: Any) -> int:
        parsed.append(what)
        return 0

    own.set_authorizer(note)
    again: list[str] = []
    for request in requests:
        own.execute(request.statement.text, request.values).fetchall()
        parsed.clear()
        own.execute(request.statement.text, request.values).fetchall()
        if parsed:
            again.append(request.statement.text)
    own.close()
    return again
