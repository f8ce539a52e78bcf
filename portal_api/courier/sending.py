"""How one webhook is sent: signed, to an address outside, within a few seconds, and no further than asked."""

import asyncio
import logging
import socket
from collections.abc import Mapping
from datetime import UTC
from math import floor
from time import monotonic
from typing import Any

import httpx
import orjson
from standardwebhooks.webhooks import Webhook

from portal_api.clock import Clock
from portal_api.domain.automations.addresses import is_inside
from portal_api.domain.history import SubjectKind
from portal_api.ids import global_id
from portal_api.models.base import instant_text
from portal_api.queries.automations.deliveries import Attempt, Parcel
from portal_api.queries.automations.standings import SUBJECT_PREFIXES

log = logging.getLogger(__name__)
PATIENCE = 10.0
"""Seconds that one attempt may take, from the look-up of the name to the answer."""


class NotSent(Exception):
    """A message that is not sent at all, for where it would go."""


class Sender:
    """Sends webhooks by the Standard Webhooks specification.

    A name is looked up here, and the message goes to the very address that was looked at: a name that leads elsewhere
    a moment later cannot lead inside. Redirects are not followed, and no proxy of the environment is asked.
    """

    def __init__(self, clock: Clock, *, allows_inside: bool) -> None:
        self._clock = clock
        self._allows_inside = allows_inside

    async def send(self, parcel: Parcel) -> Attempt:
        """Makes one attempt; whatever goes wrong with it is told in a word."""
        at, begun = self._clock(), monotonic()
        code: int | None = None
        try:
            async with asyncio.timeout(PATIENCE):
                code = await self._post(parcel)
            fault = None if 200 <= code < 300 else "refused"
        except NotSent as reason:
            fault = str(reason)
        except TimeoutError:
            fault = "timed out"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            fault = "not reached"
        except (
            Exception
        ):  # our fault: an attempt like others, so that it ends, and keeps none of its neighbours waiting
            log.exception("delivery %s could not be sent", parcel.id)
            fault = "not sent"
        return Attempt(instant_text(at), code, round((monotonic() - begun) * 1_000), fault)

    async def _post(self, parcel: Parcel) -> int:
        url = httpx.URL(parcel.url)
        host = url.raw_host.decode()
        if not host or (url.scheme != "https" and not self._allows_inside):
            raise NotSent("not https")
        address = await self._address(host, url.port or (443 if url.scheme == "https" else 80))
        body = body_of(parcel)
        headers = {**self._signature(parcel, body), "host": url.netloc.decode()}
        url = url.copy_with(host=address)
        transport = httpx.AsyncHTTPTransport(trust_env=False, retries=0)
        async with (
            httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False, timeout=PATIENCE) as client,
            client.stream("POST", url, content=body, headers=headers, extensions={"sni_hostname": host}) as answer,
        ):
            return answer.status_code  # what else it says is nothing to us, and may have no end

    async def _address(self, host: str, port: int) -> str:
        """The address that a name leads to.

        Raises:
            NotSent: if one of those that it leads to is inside.
        """
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(each[4][0]) for each in found]
        if not self._allows_inside and any(map(is_inside, addresses)):
            raise NotSent("address inside")
        return addresses[0]

    def _signature(self, parcel: Parcel, body: bytes) -> Mapping[str, str]:
        at, id_ = self._clock().astimezone(UTC), global_id("msg", parcel.message_id)
        return {
            "content-type": "application/json",
            "user-agent": "learner-portal",
            "webhook-id": id_,
            "webhook-timestamp": str(floor(at.timestamp())),
            "webhook-signature": Webhook(parcel.secret).sign(id_, at, body.decode()),
        }


def body_of(parcel: Parcel) -> bytes:
    """What an endpoint is told: which records, and nothing of what stands in them; it can read them when it may."""
    told = parcel.payload
    data: dict[str, Any] = {
        "learncycleId": global_id_of("lcy", told["learncycle"]),
        "subjectKind": SubjectKind(told["subject_kind"]).name,
        "subjectId": global_id_of(SUBJECT_PREFIXES[SubjectKind(told["subject_kind"])], told["subject"]),
        "learnerId": global_id_of("lrn", told["learner"]),
        "causeId": global_id_of("his", told["cause"]),
        "to": told["value"],
    }
    return orjson.dumps({"type": parcel.event_kind.name, "timestamp": told["at"], "data": data})


def global_id_of(prefix: str, key: str | None) -> str | None:
    """An identifier as clients know it, of a key as messages keep it."""
    return key and f"{prefix}_{key}"
