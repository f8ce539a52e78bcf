"""What payloads tell of learncycles, what a simulation foretells, and that the two are what then happens."""

from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from portal_api.database import Database
from portal_api.domain.automations.learncycles import LearncycleStatus
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus as Status
from portal_api.models import learncycle_runs
from tests.api.cases import case_of
from tests.client import Client, codes
from tests.clock import START, ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record
from tests.factories.automations import ACCESS_OFF, INACTIVE, NOTE

WITHDRAWN = (TriggerKind.SERIES_ENROLMENT_STATUS, "WITHDRAWN")
WITHDRAW = """
    mutation Withdraw($input: WithdrawSeriesEnrolmentsInput!) {
      withdrawSeriesEnrolments(input: $input) {
        counts { changed }
        firedCount
        fired { learncycle { id } subjectKind subjectId action outcome reasons { code } }
      }
    }
"""
SIMULATE = """
    query Simulate($id: ID!, $since: DateTime!, $until: DateTime!, $first: Int!, $after: String) {
      simulateLearncycle(id: $id, since: $since, until: $until, first: $first, after: $after) {
        totalCount hasNextPage endCursor
        runs { at onDate cause { id } subjectId learner { id } action outcome reasons { code } }
      }
    }
"""


async def withdraw(client: Client, *records: Record, **given: Any) -> Any:
    asked = {"ids": [each.gid for each in records], "reason": "NO_LONGER_REQUIRED", **given}
    return (await client.query(WITHDRAW, {"input": asked}))["withdrawSeriesEnrolments"]


async def simulate(client: Client, rule: Record, **given: Any) -> Any:
    asked = {"id": rule.gid, "since": START.isoformat(), "first": 100, **given}
    return (await client.query(SIMULATE, asked))["simulateLearncycle"]


def told(runs: Any) -> list[tuple[Any, ...]]:
    return sorted(
        (run["subjectId"], run["action"], run["outcome"], *(each["code"] for each in run["reasons"])) for run in runs
    )


async def test_a_preview_lists_what_the_call_then_fires(organisation: Organisation, sign_in: SignIn) -> None:
    rule = organisation.learncycle(*WITHDRAWN, NOTE, INACTIVE)
    enrolment = organisation.enrolment(organisation.learner(), organisation.series(), Status.IN_PROGRESS)
    client = sign_in(Role.ADMIN)

    before = await withdraw(client, enrolment, preview=True)
    after = await withdraw(client, enrolment, idempotencyKey="1")

    assert before == after == await withdraw(client, enrolment, idempotencyKey="1")
    assert after["firedCount"] == 2
    assert [(each["action"], each["outcome"], each["subjectId"]) for each in after["fired"]] == [
        ("NOTIFY", "FIRED", enrolment.gid),
        ("DEACTIVATE_LEARNER", "FIRED", enrolment.gid),
    ]
    assert {each["learncycle"]["id"] for each in after["fired"]} == {rule.gid}


async def test_a_simulation_foretells_what_then_happens(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    rules = [
        organisation.learncycle(*WITHDRAWN, NOTE, ACCESS_OFF, INACTIVE, status=status)
        for status in (LearncycleStatus.OFF, LearncycleStatus.ON)
    ]
    series, twice = organisation.series(), organisation.learner(has_app_access=True)
    first = [organisation.enrolment(each, series, Status.IN_PROGRESS) for each in (organisation.learner(), twice)]
    client = sign_in(Role.ADMIN)
    await withdraw(client, *first)
    leaves = organisation.enrolment(organisation.learner(), series, Status.IN_PROGRESS)
    learner = organisation.record(leaves["learner_id"])
    clock.advance(timedelta(hours=1))
    await case_of("deactivateLearners").payload(client, learner.gid, withdrawAll=True)
    [off, on] = rules
    clock.advance(timedelta(hours=1))

    foretold = await simulate(client, off, until=clock().isoformat())

    happened = (await client.query(RUNS, {"id": on.gid}))["learncycleRuns"]["nodes"]
    assert told(foretold["runs"]) == told([{**run, "subjectId": run["subject"]["id"]} for run in happened])
    assert foretold["totalCount"] == 9
    assert await organisation.stored(learncycle_runs) != []


RUNS = """
    query Runs($id: ID!) {
      learncycleRuns(filter: {learncycleId: {eq: $id}}, first: 100) {
        nodes { subject { id } action outcome reasons { code } at }
      }
    }
"""


async def test_a_simulation_says_what_would_be_skipped_writes_nothing_and_comes_in_pages(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    rule = organisation.learncycle(*WITHDRAWN, INACTIVE, status=LearncycleStatus.OFF)
    learner, client = organisation.learner(), sign_in(Role.ADMIN)
    one, two = (organisation.enrolment(learner, organisation.series(), Status.IN_PROGRESS) for _ in range(2))
    await withdraw(client, one)
    clock.advance(timedelta(hours=1))
    await withdraw(client, two)
    clock.advance(timedelta(hours=1))
    before = await organisation.everything()

    page = await simulate(client, rule, until=clock().isoformat(), first=1)
    rest = await simulate(client, rule, until=clock().isoformat(), first=1, after=page["endCursor"])

    assert told(page["runs"]) == [(one.gid, "DEACTIVATE_LEARNER", "FIRED")]
    assert told(rest["runs"]) == [(two.gid, "DEACTIVATE_LEARNER", "SKIPPED", "LEARNER_INACTIVE", "STATUS_NOT_ALLOWED")]
    assert (page["totalCount"], page["hasNextPage"], rest["hasNextPage"]) == (2, True, False)
    assert await organisation.everything() == before


async def test_days_are_simulated_too(organisation: Organisation, sign_in: SignIn, clock: ManualClock) -> None:
    rule = organisation.learncycle(
        TriggerKind.SERIES_ENROLMENT_ENDS, None, NOTE, offset_days=-1, status=LearncycleStatus.OFF
    )
    for days in (2, 3, 30):
        organisation.enrolment(
            organisation.learner(), organisation.series(), Status.IN_PROGRESS, ends_at=START + days * DAY
        )
    clock.advance(10 * DAY)

    foretold = await simulate(sign_in(Role.OWNER), rule, until=clock().isoformat())

    assert [run["outcome"] for run in foretold["runs"]] == ["FIRED", "FIRED"]
    assert all(run["onDate"] for run in foretold["runs"])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"first": 0}, "PAGE_INVALID"),
        ({"first": 1001}, "PAGE_INVALID"),
        ({"after": "x"}, "CURSOR_INVALID"),
        ({"until": (START - DAY).isoformat()}, "INVALID_DATES"),
        ({"until": (START + DAY).isoformat()}, "INVALID_DATES"),
        ({"since": (START - 400 * DAY).isoformat()}, "INVALID_DATES"),
        ({"since": "9999-12-31T00:00:00Z"}, "INVALID_DATES"),
        ({"since": "0001-01-01T00:00:00Z", "until": "0001-01-02T00:00:00Z"}, "INVALID_DATES"),
        ({"since": "1899-12-31T23:59:59Z", "until": "1900-01-02T00:00:00Z"}, "INVALID_DATES"),
        ({"id": "lrn_" + "0" * 32}, "ID_INVALID"),
    ],
)
async def test_a_simulation_of_what_cannot_be_is_refused(
    organisation: Organisation, sign_in: SignIn, given: Any, code: str
) -> None:
    rule = organisation.learncycle()
    asked = {"id": rule.gid, "since": (START - DAY).isoformat(), "until": START.isoformat(), "first": 1, **given}
    assert codes(await sign_in(Role.OWNER).execute(SIMULATE, asked)) == [code]


async def test_who_may_simulate_and_what_is_not_seen(organisation: Organisation, sign_in: SignIn) -> None:
    rule = organisation.twin().learncycle()
    asked = {"id": rule.gid, "since": (START - DAY).isoformat(), "until": START.isoformat(), "first": 1}
    assert codes(await sign_in(Role.MANAGER).execute(SIMULATE, asked)) == ["FORBIDDEN"]
    assert (await sign_in(Role.OWNER).query(SIMULATE, asked))["simulateLearncycle"] is None


async def test_a_simulation_waits_for_nobody_who_writes(
    organisation: Organisation, sign_in: SignIn, database: Database
) -> None:
    rule = organisation.learncycle(*WITHDRAWN, NOTE)
    await organisation.save()

    async with AsyncExitStack() as writing:
        while not database.turns.locked():
            await writing.enter_async_context(database.writer())
        simulated = await simulate(sign_in(Role.OWNER), rule, since=(START - DAY).isoformat(), until=START.isoformat())

    assert simulated["totalCount"] == 0


async def test_a_document_asks_for_few_simulations(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    """Each looks through thousands of changes, however few runs it is to tell of."""
    rule, client = organisation.learncycle(*WITHDRAWN, INACTIVE), sign_in(Role.OWNER)
    await organisation.save()
    period = f'since: "{(clock() - DAY).isoformat()}", until: "{clock().isoformat()}"'

    def asked(number: int) -> str:
        return " ".join(
            f'a{n}: simulateLearncycle(id: "{rule.gid}", {period}, first: 1) {{ totalCount }}' for n in range(number)
        )

    assert codes(await client.execute(f"{{ {asked(39)} }}")) == []
    assert codes(await client.execute(f"{{ {asked(40)} }}")) == ["QUERY_TOO_COSTLY"]
