"""The webhook endpoints of the demonstration, and what is on its way to them: taken, refused, given up."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import NamedTuple
from uuid import UUID

import orjson

from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.automations.webhooks import PAUSES, WebhookDeliveryStatus, pause_after
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import FAR_FUTURE
from portal_api.domain.roles import Role
from portal_api.ids import joint_id
from portal_api.importers.demo_automated import Ledger
from portal_api.importers.demo_cycles import Row
from portal_api.models import webhook_deliveries, webhook_endpoints
from portal_api.models.base import instant_text
from portal_api.queries.automations.deliveries import Attempt
from portal_api.queries.folding import fold
from portal_api.services.automations.delivering import ACTS

_D, _H, _K, _L = WebhookDeliveryStatus, HistoryAction, SubjectKind, LibraryStatus
MADE_ON = -30
SECOND_HALF = 13
"""The hour at which the second half of a day begins: each half is shorter than the last pause between attempts."""
TIME_TO_LAST_PAUSE = sum(PAUSES[:-1], timedelta())
Answer = tuple[int | None, int, str | None]
"""What comes of an attempt: the status code, how long it took in milliseconds, and what went wrong."""
FAULTS: tuple[Answer, ...] = ((503, 184, "refused"), (None, 10_000, "timed out"), (None, 37, "not reached"))
TAKEN: Answer = (204, 92, None)


class Endpoint(NamedTuple):
    """An endpoint and, if it was retired, the day of that."""

    name: str
    path: str
    retired: int | None = None


NEW = Endpoint("Data warehouse", "warehouse")
OLD = Endpoint("Mailing list (before the move)", "mailing-list", -4)


class Webhooks:
    """Writes down endpoints, and how messages fared with them."""

    def __init__(self, ledger: Ledger, domain: str, kind: TriggerKind, seed: int, now: datetime) -> None:
        """Makes the endpoints.

        Args:
            ledger: where it is written down.
            domain: where the endpoints are.
            kind: what they are sent.
            seed: what their secrets are invented from.
            now: an instant of the day; the last attempt lies before it, and the next one after it.
        """
        self._ledger, self._kind, self._number = ledger, kind, count()
        second_half = ledger.days.at(0, SECOND_HALF)
        self._latest = second_half if second_half <= now else ledger.days.at(0)
        random = Random(seed)
        self._endpoints = [(self._endpoint(each, domain, random), each) for each in (NEW, OLD)]

    def _endpoint(self, new: Endpoint, domain: str, random: Random) -> UUID:
        ledger, owner = self._ledger, self._ledger.of_role[Role.OWNER]
        made_at = ledger.days.at(MADE_ON, 8)
        id_ = ledger.chronicle.ids(made_at)
        ledger.add(
            webhook_endpoints,
            id=id_,
            name=new.name,
            name_key=fold(new.name),
            url=f"https://hooks.{domain}/{new.path}",
            secret=f"whsec_{b64encode(random.randbytes(24)).decode()}",
            event_kinds=self._kind,
            status=_L.ACTIVE if new.retired is None else _L.RETIRED,
            created_at=made_at,
            version=1 if new.retired is None else 2,
        )
        subject = (_K.WEBHOOK_ENDPOINT, id_)
        ledger.tell(_H.WEBHOOK_ENDPOINT_CREATED, subject, (None, _L.ACTIVE), made_at, owner)
        if new.retired is not None:
            at = ledger.days.at(new.retired, 9)
            ledger.tell(_H.WEBHOOK_ENDPOINT_RETIRED, subject, (_L.ACTIVE, _L.RETIRED), at, owner, version=2)
        return id_

    def send(self, messages: Sequence[tuple[UUID, datetime]]) -> None:
        """That messages were sent to the endpoints in use: the first in vain, the second twice so, all others were taken."""
        for message_id, at in messages:
            for endpoint_id, endpoint in self._endpoints:
                if endpoint.retired is None:
                    self._send(self._queue(message_id, endpoint_id, at), next(self._number))
                elif at < self._ledger.days.at(endpoint.retired, 9):
                    self._try(self._queue(message_id, endpoint_id, at), is_taken=True)

    def _queue(self, message_id: UUID, endpoint_id: UUID, at: datetime) -> Row:
        row = self._ledger.add(
            webhook_deliveries,
            id=joint_id(message_id, endpoint_id),
            webhook_endpoint_id=endpoint_id,
            message_id=message_id,
            event_kind=self._kind,
            status=_D.PENDING,
            attempts="[]",
            tries=0,
            created_at=at,
            delivered_at=None,
            due_at=at,
            version=1,
        )
        self._tell(row, _H.WEBHOOK_DELIVERY_QUEUED, None, at)
        return row

    def _send(self, row: Row, number: int) -> None:
        if number > 1:
            self._try(row, is_taken=True)
            return
        self._try_in_vain(row)
        if number == 1:
            asked_at, status = self._latest - TIME_TO_LAST_PAUSE, row["status"]
            row |= {"status": _D.PENDING, "tries": 0, "due_at": asked_at, "version": row["version"] + 1}
            owner = self._ledger.of_role[Role.OWNER]
            self._tell(row, _H.WEBHOOK_DELIVERY_RETRIED, status, asked_at, by=owner)
            self._try_in_vain(row)

    def _try_in_vain(self, row: Row) -> None:
        while row["due_at"] <= self._latest:
            self._try(row, is_taken=False)

    def _try(self, row: Row, *, is_taken: bool) -> None:
        """One attempt, at the instant at which it is due, and how it ends."""
        number: int = row["tries"]
        at, before, pause = row["due_at"], row["status"], pause_after(number + 1)
        attempt = Attempt(instant_text(at), *(TAKEN if is_taken else FAULTS[number % len(FAULTS)]))
        row |= {
            "status": _D.DELIVERED if is_taken else _D.FAILED if pause else _D.DEAD,
            "attempts": orjson.dumps([*orjson.loads(row["attempts"]), asdict(attempt)]).decode(),
            "tries": number + 1,
            "delivered_at": at if is_taken else None,
            "due_at": at + pause if pause and not is_taken else FAR_FUTURE,
            "version": row["version"] + 1,
        }
        self._tell(row, ACTS[row["status"]], before, at)

    def _tell(
        self,
        row: Row,
        act: HistoryAction,
        before: WebhookDeliveryStatus | None,
        at: datetime,
        by: UUID | ActorKind = ActorKind.CLOCK,
    ) -> None:
        subject = (_K.WEBHOOK_DELIVERY, row["id"])
        self._ledger.tell(act, subject, (before, row["status"]), at, by, version=row["version"])
