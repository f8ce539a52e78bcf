"""What a monitor is told of a process: how operations were answered, and what it takes of the machine."""

import secrets
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, GCCollector, Metric, ProcessCollector
from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from portal_api.auth import NotSignedIn
from portal_api.pages import SECURITY_HEADERS
from portal_api.requests import bearer

HEADERS = SECURITY_HEADERS | {"Cache-Control": "no-store"}


class _Operations(Collector):
    """How many operations were answered, by the way that they went."""

    def __init__(self, ways: Mapping[str, int]) -> None:
        self._ways = ways

    def collect(self) -> Iterable[Metric]:
        family = CounterMetricFamily(
            "portal_operations",
            "GraphQL operations: answered by plans alone, or why an executor answered them.",
            labels=["way"],
        )
        for way, times in self._ways.items():
            family.add_metric([way], times)
        yield family


class Metrics:
    """`/metrics`, for whoever sends the token of the settings; without one in the settings, nobody finds it."""

    def __init__(self, ways: Mapping[str, int], token: SecretStr | None) -> None:
        """Takes the planner's counts, which go on."""
        self._token = token
        self._registry = CollectorRegistry()
        self._registry.register(_Operations(ways))
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    async def answer(self, request: Request) -> Response:
        """The figures of this process, in the format that a monitor asks for."""
        if self._token is None:
            return Response("Not Found", 404, HEADERS, "text/plain")
        if not _is_sent(request, self._token):
            return Response("Send the token.\n", 401, HEADERS | {"WWW-Authenticate": "Bearer"}, "text/plain")
        written, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(written(self._registry), 200, HEADERS | {"Content-Type": content_type})


def _is_sent(request: Request, token: SecretStr) -> bool:
    try:
        sent = bearer(request)
    except NotSignedIn:
        return False
    return sent is not None and secrets.compare_digest(sent.encode(), token.get_secret_value().encode())
