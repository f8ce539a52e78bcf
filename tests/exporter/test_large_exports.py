"""A large export in a process of its own: constant memory, and the rows of the list's pages in their order."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from portal_api.domain.exports import ExportList
from portal_api.domain.roles import Role
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesEnrolmentStatus
from portal_api.exporter.lists import LISTS
from portal_api.models import learners, series_enrolments
from portal_api.queries.rows import gather_statistics, insert_rows
from tests.conftest import SIGNING_KEY, SignIn
from tests.exporter.conftest import Ask, listed
from tests.factories import Organisation

MOST_MEMORY_KB = 150 * 1024
ROWS, MANY_ROWS = 3_000, 60_000
AT_ONCE = 5_000


async def _seed(organisation: Organisation, number: int) -> None:
    """Ended enrolments of two thousand learners, written many at once: rows are made from one that is laid out."""
    people = [organisation.learner() for _ in range(min(2_000, number // 10))]
    taken = [organisation.series() for _ in range(30)]
    like = organisation.enrolment(people[0], taken[0], SeriesEnrolmentStatus.MASTERED)
    await organisation.save()
    now, rows = organisation.clock(), list[dict[str, Any]]()
    for n in range(number - 1):
        row = {str(name): value for name, value in like.row.items()} | {
            "id": organisation.new_id(now),
            "external_ref": f"X-{n:06}",
            "learner_id": people[n % len(people)].id,
            "series_id": taken[n % 30].id,
            "ends_at": now + timedelta(hours=n * 7919 % number),
            "tracking_code": f"=code {n % 100}" if n % 3 else None,
        }
        rows.append(row | {"due_at": SERIES_ENROLMENTS.due_at(row["status"], row)})
    async with organisation.database.engine.begin() as connection:
        for start in range(0, len(rows), AT_ONCE):
            await insert_rows(connection, series_enrolments, rows[start : start + AT_ONCE])
        if organisation.database.is_sqlite is False:
            await gather_statistics(connection)


async def _proof(organisation: Organisation, ask: Ask, sign_in: SignIn, number: int) -> dict[str, Any]:
    await _seed(organisation, number)
    order = [{"field": "ENDS_AT", "direction": "DESC"}]
    asked = await ask(Role.ADMIN, "seriesEnrolments", orderBy=order)
    url = organisation.database.engine.url.render_as_string(hide_password=False)

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.exporter.alone", url, SIGNING_KEY),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()

    told = orjson.loads(out.splitlines()[-1])
    assert told["done"] is True
    # The process tells its own time: what it has written is ready by the test's clock as well, which stands earlier.
    rows = await asked.rows()
    paths = LISTS[ExportList.SERIES_ENROLMENTS].paths
    by_pages = await listed(sign_in(Role.ADMIN), "seriesEnrolments", paths, order=order, page=1_000)
    assert len(rows) == number + 1
    assert rows[1:] == by_pages
    assert (await asked.poll())["progress"] == {"writtenCount": number, "rowCount": number}
    assert len(organisation.rows[learners]) > 1
    return told


async def test_an_export_written_by_another_process_has_the_rows_of_the_pages(
    organisation: Organisation, ask: Ask, sign_in: SignIn
) -> None:
    told = await _proof(organisation, ask, sign_in, ROWS)

    assert told["most_kb"] < MOST_MEMORY_KB, told


@pytest.mark.soak
async def test_sixty_thousand_rows_take_no_more_memory_than_a_page(
    organisation: Organisation, ask: Ask, sign_in: SignIn
) -> None:
    told = await _proof(organisation, ask, sign_in, MANY_ROWS)

    print(f"\n{organisation.database.engine.dialect.name}: {MANY_ROWS} rows, {told}")  # noqa: T201  the figures of the proof
    assert told["most_kb"] < MOST_MEMORY_KB, told
