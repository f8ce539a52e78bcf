"""What a monitor is told: how operations were answered, by whoever has the token for it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr, ValidationError

from portal_api.app import create_app
from portal_api.auth import Tokens
from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.settings import Settings
from tests.client import Client, http_client
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SIGNING_KEY, settings_for, signing_in
from tests.factories import Organisation

TOKEN = "a monitor of the house"


@pytest.fixture
async def watched(database: Database, clock: ManualClock, new_id: RepeatableIds) -> AsyncIterator[httpx.AsyncClient]:
    """A portal whose figures somebody may read."""
    given = settings_for(database.engine.url.render_as_string(hide_password=False), metrics_token=SecretStr(TOKEN))
    async with http_client(create_app(given, database=database, clock=clock, new_id=new_id)) as client:
        yield client


@pytest.fixture
def admin(watched: httpx.AsyncClient, clock: ManualClock, organisation: Organisation) -> Client:
    return signing_in(watched, Tokens(SIGNING_KEY), clock, organisation)(Role.ADMIN)


async def _figures(client: httpx.AsyncClient) -> dict[str, float]:
    """The figures by name, operations by the way that they went."""
    response = await client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    families = text_string_to_metric_families(response.text)
    return {each.labels.get("way", each.name): each.value for family in families for each in family.samples}


async def test_operations_are_counted_by_the_way_that_they_went(watched: httpx.AsyncClient, admin: Client) -> None:
    assert "plans" not in await _figures(watched)

    await admin.query("{ learners { totalCount } }")
    await admin.query("{ learners { totalCount } }")
    await admin.query("{ seriesInsights { totalCount } }")
    await admin.execute("{ learners(first: 0) { totalCount } }")
    await admin.execute("query Q($first: Int!) { learners(first: $first) { totalCount } }")

    told = await _figures(watched)
    assert told["plans"] == 2
    assert told["a value made by a resolver"] == 1
    assert told["a refusal"] == 1
    assert told["variables do not fit"] == 1
    assert "change" not in told


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="it is Linux that tells")
async def test_the_process_tells_what_it_takes(watched: httpx.AsyncClient) -> None:
    told = await _figures(watched)
    assert told["process_resident_memory_bytes"] > 10_000_000
    assert told["process_cpu_seconds_total"] > 0


async def test_a_monitor_has_its_format(watched: httpx.AsyncClient) -> None:
    headers = {"authorization": f"Bearer {TOKEN}"}

    plain = await watched.get("/metrics", headers=headers)
    open_ = await watched.get("/metrics", headers=headers | {"accept": "application/openmetrics-text; version=1.0.0"})

    assert plain.headers["content-type"].startswith("text/plain; version=")
    assert open_.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert open_.text.endswith("# EOF\n")
    assert plain.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "header", [None, "Bearer another monitor!!", f"Basic {TOKEN}", "Bearer", f"Bearer {TOKEN}x", "Bearer ä"]
)
async def test_nobody_else_is_told(watched: httpx.AsyncClient, header: str | None) -> None:
    headers = [] if header is None else [(b"authorization", header.encode())]

    response = await watched.get("/metrics", headers=headers)

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert "portal" not in response.text


async def test_an_administrator_of_an_organisation_is_told_nothing_either(
    watched: httpx.AsyncClient, admin: Client
) -> None:
    response = await watched.get("/metrics", headers={"authorization": f"Bearer {admin.token}"})
    assert response.status_code == 401


async def test_without_a_token_in_the_settings_there_is_nothing(http: httpx.AsyncClient) -> None:
    there_is_none = await http.get("/nowhere")

    for headers in ({}, {"authorization": "Bearer "}, {"authorization": f"Bearer {TOKEN}"}):
        response = await http.get("/metrics", headers=headers)
        assert (response.status_code, response.text) == (there_is_none.status_code, there_is_none.text)


@pytest.mark.parametrize("token", ["", "too short"])
def test_a_token_that_can_be_guessed_is_refused(token: str) -> None:
    with pytest.raises(ValidationError):
        Settings(metrics_token=SecretStr(token))
