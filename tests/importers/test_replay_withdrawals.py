"""The example program withdraws over HTTP what the files record as withdrawn, once."""

import socket
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from portal_api.auth import Tokens
from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus, WithdrawalReason
from portal_api.importers.oulad import import_oulad
from portal_api.models import history_entries
from portal_api.models import series_enrolments as enrolments
from tests import invariants
from tests.clock import START
from tests.importers.programs import Ended, Run, ended, token_of

SEVEN_HUNDRED = range(50_000, 50_700)


@pytest.fixture
def run(own_database: Database, folder: Path, url: str, tokens: Tokens) -> Run:
    """Imports, then runs the program as a user of a role."""

    async def ran(*options: str, role: Role = Role.ADMIN, token: str | None = None, to: str | None = None) -> Ended:
        await import_oulad(own_database, folder, now=START)
        given = token or await token_of(own_database, tokens, role)
        return await program(str(folder), "--url", to or url, "--token", given, *options)

    return ran


async def program(*arguments: str) -> Ended:
    return await ended("replay_withdrawals.py", *arguments)


def counts(wanted: int, done: int) -> dict[str, int]:
    return {
        "wanted": wanted,
        "found": wanted,
        "available": done,
        "previewed": done,
        "withdrawn": done,
        "refused": 0,
    }


def with_many_more(folder: Path) -> None:
    """Seven hundred more who withdrew, on days around the start, so that there is more than one batch."""
    with (
        (folder / "studentRegistration.csv").open("a") as registrations,
        (folder / "studentInfo.csv").open("a") as info,
    ):
        for number in SEVEN_HUNDRED:
            registrations.write(f'"AAA","2013J","{number}","-20","{number % 3 - 1}"\n')
            info.write(f'"AAA","2013J","{number}","M","Wales","A Level","","0-35","0","60","N","Withdrawn"\n')


async def test_what_is_recorded_as_withdrawn_is_withdrawn_once(own_database: Database, run: Run) -> None:
    first = await run()

    assert (first.code, first.counts) == (0, counts(2, 2)), first.said
    assert "2 withdrawals to replay in Open University (OULAD), as ADMIN" in first.said
    async with own_database.engine.connect() as connection:
        made = (await connection.execute(select(enrolments))).all()
        withdrawn = {row.external_ref: row.withdrawal_reason for row in made if row.withdrawn_at}
        [organisation] = {row.organisation_id for row in made}
        history = (await connection.execute(select(history_entries))).all()
    assert withdrawn == {
        "AAA-2013J-30268": WithdrawalReason.DOES_NOT_WANT_TO_COMPLETE,
        "BBB-2014B-32885": WithdrawalReason.NO_LONGER_REQUIRED,
    }
    assert Counter(row.status for row in made)[SeriesEnrolmentStatus.IN_PROGRESS] == 0
    assert len(history) == 2
    await invariants.check(own_database, organisation)

    second = await run()

    assert (second.code, second.counts) == (0, counts(2, 0)), second.said
    assert "2 closed: STATUS_NOT_ALLOWED" in second.said
    async with own_database.engine.connect() as connection:
        assert (await connection.execute(select(history_entries))).all() == history


async def test_many_are_withdrawn_in_batches(own_database: Database, folder: Path, run: Run) -> None:
    with_many_more(folder)

    end = await run("--batch", "200")

    assert (end.code, end.counts) == (0, counts(702, 702)), end.said
    steps = [line for line in end.said.splitlines() if " of 702 " in line]
    assert len(steps) == 5, "468 on the first day or before it make three batches, 234 later make two"
    async with own_database.engine.connect() as connection:
        reasons = Counter((await connection.execute(select(enrolments.c.withdrawal_reason))).scalars())
    assert reasons[WithdrawalReason.NO_LONGER_REQUIRED] == 1 + sum(number % 3 < 2 for number in SEVEN_HUNDRED)
    assert reasons[WithdrawalReason.DOES_NOT_WANT_TO_COMPLETE] == 1 + sum(number % 3 == 2 for number in SEVEN_HUNDRED)


async def test_who_may_not_withdraw_is_told(own_database: Database, run: Run) -> None:
    end = await run(role=Role.MANAGER)

    assert end.code == 1
    assert "(FORBIDDEN)" in end.said
    async with own_database.engine.connect() as connection:
        assert not (await connection.execute(select(history_entries))).all()


async def test_a_wrong_token_is_told(run: Run) -> None:
    end = await run(token="nonsense")

    assert end.code == 1
    assert "(UNAUTHENTICATED)" in end.said
    assert "Traceback" not in end.said


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # it tries again for a while, and asks no engine
async def test_a_portal_that_is_not_there_is_told(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        nobody = f"http://127.0.0.1:{held.getsockname()[1]}"

    end = await run(to=nobody)

    assert end.code == 1
    assert "cannot be reached" in end.said


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("studentInfo.csv", "final_result", "result", "there is no column 'final_result'"),
        ("studentRegistration.csv", '"12"', '"soon"', "'soon'"),
    ],
)
async def test_files_that_are_not_the_data_sets_are_told(
    folder: Path, file: str, old: str, new: str, said: str
) -> None:
    (folder / file).write_text((folder / file).read_text().replace(old, new))

    end = await program(str(folder), "--url", "http://127.0.0.1:9", "--token", "none")

    assert end.code == 1
    assert said in end.said
    assert "Traceback" not in end.said


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere", "--url", "http://127.0.0.1:9", "--token", "none"],
        [".", "--url", "127.0.0.1:9", "--token", "none"],
        [".", "--url", "http://127.0.0.1:9", "--token", "none", "--batch", "0"],
        [".", "--url", "http://127.0.0.1:9", "--token", "none", "--batch", "1001"],
        [".", "--url", "http://127.0.0.1:9"],
    ],
)
async def test_wrong_use_ends_with_two(arguments: list[str]) -> None:
    end = await program(*arguments)

    assert end.code == 2
    assert "usage:" in end.said
