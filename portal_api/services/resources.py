"""What happens to learning resources: made, changed, retired, reinstated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import LONGEST_NAME, text_reasons, url_reasons
from portal_api.domain.library import LibraryStatus
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import ErrorCode, NotFound, Reason
from portal_api.domain.resources import RESOURCES, ResourceAction
from portal_api.queries import resources as resource_queries
from portal_api.queries import series as series_queries
from portal_api.queries.resources import NewResource
from portal_api.services.bulk import Decided
from portal_api.services.shelves import shelve
from portal_api.work import Answer, Work


@dataclass(frozen=True, slots=True)
class ResourceInput:
    """What a client gives of a new resource."""

    series_id: UUID | None
    """None for one of the organisation."""
    title: str
    url: str


async def create(work: Work, given: Sequence[ResourceInput]) -> Answer:
    """Makes resources, of series or of the organisation."""
    named = list({row.series_id for row in given if row.series_id is not None})
    seen = await series_queries.terms(work.connection, work.bound, named)
    made: list[NewResource] = []
    results: list[RowResult] = []
    for index, row in enumerate(given):
        place = ("resources", str(index))
        reasons = _against(row.title, row.url, *place)
        if row.series_id is not None and row.series_id not in seen:
            message = "There is no such series, or you may not see it. Check the id."
            reasons.append(NotFound(ErrorCode.NOT_FOUND, message, ("input", *place, "seriesId")))
        if reasons:
            results.append(RowResult(index, None, None, Outcome.REFUSED, tuple(reasons)))
            continue
        made.append(NewResource(work.new_id(work.now), row.series_id, row.title, row.url))
        results.append(RowResult(index, None, made[-1].id, Outcome.CHANGED))
    await resource_queries.create(work.connection, work.organisation_id, made, at=work.now)
    await work.record(
        [
            work.entry(
                HistoryAction.RESOURCE_CREATED,
                (SubjectKind.RESOURCE, each.id),
                None,
                version=1,
                statuses=(None, LibraryStatus.ACTIVE.name),
            )
            for each in made
        ]
    )
    return Answer(results)


def _against(title: str | None, url: str | None, *path: str) -> list[Reason]:
    return [*text_reasons(title, *path, "title", longest=LONGEST_NAME, least=1), *url_reasons(url, *path, "url")]


async def update(work: Work, id_: UUID, *, title: str | None, url: str | None, expected: Mapping[UUID, int]) -> Answer:
    """Changes the title or link of a resource; what is not given stays."""
    await work.lock(resource_queries.lock, [id_])
    rows = await resource_queries.facts(work.connection, work.bound, [id_])
    decided = Decided(RESOURCES[ResourceAction.UPDATE], work.role, [id_], rows, expected)
    decided.refuse({row.id: _against(title, url) for row in decided.granted})
    if not decided.granted:
        return Answer(decided.results(()))
    [row] = decided.granted
    after = {"title": row.title if title is None else title, "url": row.url if url is None else url}
    changed = [name for name, value in after.items() if value != getattr(row, name)]
    if not changed:
        return Answer(decided.results((), [id_]))
    versions = await resource_queries.change(
        work.connection, work.organisation_id, id_, version=row.version, title=after["title"], url=after["url"]
    )
    status = row.facts.status.name
    await work.record(
        [
            work.entry(
                HistoryAction.RESOURCE_UPDATED,
                (SubjectKind.RESOURCE, id_),
                None,
                version=version,
                statuses=(status, status),
                changed=changed,
            )
            for version in versions.values()
        ]
    )
    return Answer(decided.results(versions))


async def retire(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes resources out of use: only administrators find them."""
    return await _shelve(work, ResourceAction.RETIRE, HistoryAction.RESOURCE_RETIRED, ids, expected)


async def reinstate(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes resources into use again."""
    return await _shelve(work, ResourceAction.REINSTATE, HistoryAction.RESOURCE_REINSTATED, ids, expected)


async def _shelve(
    work: Work, action: ResourceAction, act: HistoryAction, ids: Sequence[UUID], expected: Mapping[UUID, int]
) -> Answer:
    await work.lock(resource_queries.lock, ids)
    rows = await resource_queries.facts(work.connection, work.bound, ids)
    return await shelve(work, RESOURCES, action, act, ids, rows, expected, resource_queries.shelve)
