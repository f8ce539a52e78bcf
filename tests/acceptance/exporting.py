"""Exports as a client has them: asked for, waited for, fetched."""

import csv
import io
from dataclasses import dataclass

from portal_api.exporter import Exporter
from tests.client import Client, Json

REQUEST = """
    mutation($input: RequestExportInput!) { requestExport(input: $input) { results { outcome node { id } } } }
"""
POLL = "query($id: ID!) { export(id: $id) { status url } }"


@dataclass(frozen=True)
class Exports:
    """The exporter at work beside the portal."""

    exporter: Exporter

    async def written(self, client: Client, asked: Json) -> str:
        """The id of an export that has been written."""
        data = await client.query(REQUEST, {"input": asked})
        [result] = data["requestExport"]["results"]
        assert result["outcome"] == "CHANGED"
        while await self.exporter.run_once():
            pass
        return result["node"]["id"]

    async def text(self, client: Client, export: str) -> str:
        """What is in the file of an export, fetched by its link."""
        shown = (await client.query(POLL, {"id": export}))["export"]
        assert shown["status"] == "READY"
        response = await client.http.get(shown["url"])
        assert response.status_code == 200
        return response.text

    async def rows(self, client: Client, asked: Json) -> list[dict[str, str]]:
        """The rows of a list, exported."""
        return list(csv.DictReader(io.StringIO(await self.text(client, await self.written(client, asked)))))
