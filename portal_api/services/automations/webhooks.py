"""What happens to webhook endpoints and to what is on its way to them."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import UUID

from portal_api.domain.automations.addresses import is_inside
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.automations.webhooks import (
    WEBHOOK_DELIVERIES,
    WEBHOOK_ENDPOINTS,
    WebhookDeliveryAction,
    WebhookDeliveryStatus,
    WebhookEndpointAction,
)
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import LONGEST_NAME, invalid, text_reasons, url_reasons
from portal_api.domain.library import LibraryStatus
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.automations import deliveries as delivery_queries
from portal_api.queries.automations import webhooks as webhook_queries
from portal_api.queries.automations.webhooks import EndpointRow
from portal_api.services.bulk import Decided
from portal_api.services.shelves import shelve
from portal_api.work import Answer, Work

MOST_ENDPOINTS = 50


def endpoint_reasons(
    name: str | None, url: str | None, event_kinds: Sequence[TriggerKind] | None, *, allows_inside: bool
) -> Iterator[Reason]:
    """What is wrong with an endpoint as it is given; what is not given is never wrong."""
    yield from text_reasons(name, "name", longest=LONGEST_NAME, least=1)
    if not allows_inside:
        wrong = list(url_reasons(url, "url"))
        yield from wrong
        if url is not None and not wrong and not _has_name(url):
            yield invalid("The host of this link is no name on the internet. Give it as it is registered.", "url")
        elif url is not None and not wrong and _is_inside(url):
            yield invalid(
                "This link leads to an address inside a network. Give one that is reached from outside.", "url"
            )
    if event_kinds is not None and not event_kinds:
        yield PlainError(ErrorCode.LIST_EMPTY, "`eventKinds` is empty; name one at least.", ("input", "eventKinds"))


def _has_name(url: str) -> bool:
    """Whether the host of a link can be looked up: what deliveries make of letters beyond ASCII is a name, too."""
    import httpx  # noqa: PLC0415  5 MB that a process has only once it is told of an endpoint

    try:
        return bool(httpx.URL(url).raw_host)
    except httpx.InvalidURL:
        return False


def _is_inside(url: str) -> bool:
    """Whether the host of a link is itself an address that is inside; where a name leads is seen at each delivery."""
    host = urlsplit(url).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return False
    return is_inside(host)


async def create(work: Work, *, name: str, url: str, event_kinds: Sequence[TriggerKind], secret: str) -> Answer:
    """Makes an endpoint; its secret is told once."""
    await work.lock(organisation_queries.lock, ())
    if await webhook_queries.count(work.connection, work.organisation_id) >= MOST_ENDPOINTS:
        message = f"An organisation has {MOST_ENDPOINTS} endpoints at the most, retired ones too. Change one."
        reason = PlainError(ErrorCode.LIMIT_EXCEEDED, message)
        return Answer([RowResult(0, None, None, Outcome.REFUSED, (reason,))])
    id_ = work.new_id(work.now)
    await webhook_queries.create(
        work.connection,
        work.organisation_id,
        id_,
        name=name,
        url=url,
        event_kinds=_in_order(event_kinds),
        secret=secret,
        at=work.now,
    )
    act, statuses = HistoryAction.WEBHOOK_ENDPOINT_CREATED, (None, LibraryStatus.ACTIVE.name)
    await work.record([work.entry(act, (SubjectKind.WEBHOOK_ENDPOINT, id_), None, version=1, statuses=statuses)])
    return Answer([RowResult(0, None, id_, Outcome.CHANGED)], once={"secret": secret})


def _in_order(kinds: Sequence[TriggerKind]) -> tuple[TriggerKind, ...]:
    """Each kind once, in the order of the enum."""
    return tuple(kind for kind in TriggerKind if kind in set(kinds))


async def _decided(
    work: Work, action: WebhookEndpointAction, ids: Sequence[UUID], expected: Mapping[UUID, int]
) -> Decided[EndpointRow]:
    await work.lock(webhook_queries.lock, ids)
    rows = await webhook_queries.facts(work.connection, work.bound, ids)
    return Decided(WEBHOOK_ENDPOINTS[action], work.role, ids, rows, expected)


async def update(
    work: Work,
    id_: UUID,
    *,
    name: str | None,
    url: str | None,
    event_kinds: Sequence[TriggerKind] | None,
    expected: Mapping[UUID, int],
) -> Answer:
    """Changes an endpoint; what is not given stays."""
    decided = await _decided(work, WebhookEndpointAction.UPDATE, [id_], expected)
    if not decided.granted:
        return Answer(decided.results(()))
    [row] = decided.granted
    kinds = row.event_kinds if event_kinds is None else _in_order(event_kinds)
    after = {"name": name or row.name, "url": url or row.url, "event_kinds": kinds}
    changed = [shown for part, shown in _PARTS.items() if after[part] != getattr(row, part)]
    if not changed:
        return Answer(decided.results((), [id_]))
    versions = await webhook_queries.change(
        work.connection, work.organisation_id, row, name=name or row.name, url=url or row.url, event_kinds=kinds
    )
    await _record(work, HistoryAction.WEBHOOK_ENDPOINT_UPDATED, row, versions, changed)
    return Answer(decided.results(versions))


_PARTS = {"name": "name", "url": "url", "event_kinds": "eventKinds"}


async def rotate_secret(work: Work, id_: UUID, *, secret: str, expected: Mapping[UUID, int]) -> Answer:
    """Gives an endpoint another secret, told once; from now on everything is signed with it."""
    decided = await _decided(work, WebhookEndpointAction.ROTATE_SECRET, [id_], expected)
    if not decided.granted:
        return Answer(decided.results(()))
    [row] = decided.granted
    versions = await webhook_queries.rotate(work.connection, work.organisation_id, row, secret=secret)
    await _record(work, HistoryAction.WEBHOOK_ENDPOINT_SECRET_ROTATED, row, versions, ["secret"])
    return Answer(decided.results(versions), once={"secret": secret} if versions else {})


async def _record(
    work: Work, act: HistoryAction, row: EndpointRow, versions: Mapping[UUID, int], changed: Sequence[str]
) -> None:
    status = row.facts.status.name
    await work.record(
        [
            work.entry(
                act,
                (SubjectKind.WEBHOOK_ENDPOINT, row.id),
                None,
                version=version,
                statuses=(status, status),
                changed=changed,
            )
            for version in versions.values()
        ]
    )


async def retire(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes endpoints out of use: they are sent nothing more."""
    return await _shelve(work, WebhookEndpointAction.RETIRE, HistoryAction.WEBHOOK_ENDPOINT_RETIRED, ids, expected)


async def reinstate(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes endpoints into use again."""
    act = HistoryAction.WEBHOOK_ENDPOINT_REINSTATED
    return await _shelve(work, WebhookEndpointAction.REINSTATE, act, ids, expected)


async def _shelve(
    work: Work, action: WebhookEndpointAction, act: HistoryAction, ids: Sequence[UUID], expected: Mapping[UUID, int]
) -> Answer:
    await work.lock(webhook_queries.lock, ids)
    rows = await webhook_queries.facts(work.connection, work.bound, ids)
    return await shelve(work, WEBHOOK_ENDPOINTS, action, act, ids, rows, expected, webhook_queries.take)


async def retry(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Has deliveries that failed, or that were given up, tried again at once."""
    await work.lock(delivery_queries.lock, ids)
    rows = await delivery_queries.facts(work.connection, work.bound, ids)
    rule = WEBHOOK_DELIVERIES[WebhookDeliveryAction.RETRY]
    decided = Decided(rule, work.role, ids, rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    versions = await delivery_queries.retry(work.connection, work.organisation_id, decided.granted_ids, at=work.now)
    await work.record(
        [
            work.entry(
                HistoryAction.WEBHOOK_DELIVERY_RETRIED,
                (SubjectKind.WEBHOOK_DELIVERY, row.id),
                None,
                version=versions[row.id],
                statuses=(row.facts.status.name, WebhookDeliveryStatus.PENDING.name),
            )
            for row in decided.granted
            if row.id in versions
        ]
    )
    return Answer(decided.results(versions))
