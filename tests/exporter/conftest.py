"""The exporter looks at all organisations: each of its tests has a database of its own."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from portal_api.app import create_app
from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.exporter import Exporter
from tests import invariants
from tests.client import Client, Json, http_client, portal_of
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn, settings_for
from tests.factories import Organisation, Record, organisation_with_everybody

REQUEST = """
mutation ($input: RequestExportInput!) {
  requestExport(input: $input) {
    isPreview
    counts { changed refused }
    errors { code message path }
    results { index id outcome errors { code path } node { ...export } }
  }
}
fragment export on Export {
  id list status progress { writtenCount rowCount } createdAt finishedAt expiresAt url requestedBy { id } version
}
"""
POLL = """
query ($id: ID!) { export(id: $id) {
  id list status progress { writtenCount rowCount } createdAt finishedAt expiresAt url requestedBy { id } version
  history(first: 50) { nodes { action actorKind actor { id } fromStatus toStatus reason subjectVersion } }
} }
"""


@pytest.fixture
async def organisation(
    own_database: Database, clock: ManualClock, new_id: RepeatableIds
) -> AsyncIterator[Organisation]:
    """The first organisation of the database."""
    made = organisation_with_everybody(own_database, clock, new_id)
    await made.save()
    yield made
    await invariants.check(own_database, made.id)


@pytest.fixture
def app(own_database: Database, clock: ManualClock, new_id: RepeatableIds) -> Starlette:
    given = settings_for(own_database.engine.url.render_as_string(hide_password=False))
    return create_app(given, database=own_database, clock=clock, new_id=new_id)


@pytest.fixture
async def http(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(app) as client:
        yield client


@pytest.fixture
def exporter(app: Starlette) -> Exporter:
    """The worker of the portal, run by the test."""
    return portal_of(app).exporter


@dataclass(frozen=True)
class Asked:
    """An export and whoever asked for it."""

    client: Client
    id: str

    async def poll(self) -> Json:
        """The export as it is now."""
        return (await self.client.query(POLL, {"id": self.id}))["export"]

    async def fetch(self) -> httpx.Response:
        """Its file, by a fresh link."""
        url = (await self.poll())["url"]
        assert url is not None
        return await self.client.http.get(url)

    async def rows(self) -> list[list[str]]:
        """The rows of its file, the headings first."""
        response = await self.fetch()
        assert response.status_code == 200
        return list(csv.reader(io.StringIO(response.content.decode(), newline="")))


Ask = Callable[..., Awaitable[Asked]]


@pytest.fixture
def ask(sign_in: SignIn) -> Ask:
    """`await ask(Role.ADMIN, "learners", filter={…})`: an export that waits for its turn."""

    async def asked(who: Role | Record, list_: str, **arguments: Any) -> Asked:
        client = sign_in(who)
        payload = (await client.query(REQUEST, {"input": {list_: arguments}}))["requestExport"]
        assert payload["counts"] == {"changed": 1, "refused": 0}, payload
        return Asked(client, payload["results"][0]["node"]["id"])

    return asked


def expected_cell(value: Any) -> str:
    """A value of an answer as a spreadsheet should find it."""
    if value is None:
        return ""
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, list):
        value = " ".join(value)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return str(value)


async def listed(
    client: Client, root: str, paths: Sequence[Sequence[str]], filter_: Any = None, order: Any = None, page: int = 200
) -> list[list[str]]:
    """The rows of a list as its pages give them over HTTP, in the form of a file's."""
    type_ = {
        "learners": "Learner",
        "seriesLibrary": "Series",
        "seriesEnrolments": "SeriesEnrolment",
        "certifications": "Certification",
        "learnerCertifications": "LearnerCertification",
        "approvals": "Approval",
        "historyEntries": "HistoryEntry",
        "courseEnrolments": "CourseEnrolment",
        "unitEnrolments": "UnitEnrolment",
        "learnersWithInactiveEnrolments": "LearnerWithInactiveEnrolments",
    }[root]
    fields = " ".join(" { ".join(path) + " }" * (len(path) - 1) for path in paths)
    document = f"""
        query ($after: String, $filter: {type_}Filter, $order: [{type_}Order!]) {{
          {root}(first: {page}, after: $after, filter: $filter, orderBy: $order) {{
            nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }}
          }}
        }}
    """
    rows: list[list[str]] = []
    after: str | None = None
    while True:
        data = (await client.query(document, {"after": after, "filter": filter_, "order": order}))[root]
        for node in data["nodes"]:
            cells: list[str] = []
            for path in paths:
                value = node
                for step in path:
                    value = None if value is None else value[step]
                cells.append(expected_cell(value))
            rows.append(cells)
        if not data["pageInfo"]["hasNextPage"]:
            return rows
        after = data["pageInfo"]["endCursor"]
