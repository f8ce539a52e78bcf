"""What happens to pathways themselves: made, changed, retired, reinstated."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import LONGEST_NAME, LONGEST_REFERENCE, invalid, text_reasons
from portal_api.domain.library import LibraryStatus
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.pathways import MOST_STEPS, PATHWAYS, PathwayAction, PathwayKind
from portal_api.domain.refusals import ErrorCode, NotFound, PlainError, Reason, StatusNotAllowed
from portal_api.ids import global_id
from portal_api.queries import organisations as organisation_queries
from portal_api.queries import pathways as pathway_queries
from portal_api.queries import series as series_queries
from portal_api.queries.pathways import NewPathway, PathwayRow
from portal_api.services.bulk import Decided
from portal_api.services.shelves import shelve
from portal_api.work import Answer, Work


@dataclass(frozen=True, slots=True)
class PathwayInput:
    """What a client gives of a pathway; None is what is not given."""

    external_ref: str | None = None
    title: str | None = None
    kind: PathwayKind | None = None
    series_ids: Sequence[UUID] | None = None


async def create(work: Work, given: PathwayInput) -> Answer:
    """Makes a pathway through series, in their order. Without a reference it gets its own identifier as one."""
    await work.lock(organisation_queries.lock, [])
    id_ = work.new_id(work.now)
    made = NewPathway(
        id_,
        given.external_ref if given.external_ref is not None else global_id("pth", id_),
        given.title or "",
        given.kind or PathwayKind.LINEAR,
        given.series_ids or (),
    )
    reasons = [
        *_naming_reasons(given),
        *await _reference_reasons(work, made),
        *await _series_reasons(work, made.series_ids),
    ]
    if reasons:
        return Answer([RowResult(0, None, None, Outcome.REFUSED, tuple(reasons))])
    await pathway_queries.create(work.connection, work.organisation_id, made, at=work.now, new_id=work.new_id)
    created = work.entry(
        HistoryAction.PATHWAY_CREATED,
        (SubjectKind.PATHWAY, id_),
        None,
        version=1,
        statuses=(None, LibraryStatus.ACTIVE.name),
    )
    await work.record([created])
    return Answer([RowResult(0, None, id_, Outcome.CHANGED)])


async def update(work: Work, id_: UUID, given: PathwayInput, *, expected: Mapping[UUID, int]) -> Answer:
    """Changes what a pathway says of itself; its kind and its steps only while nobody has ever been enrolled."""
    await work.lock(organisation_queries.lock, [])
    await work.lock(pathway_queries.lock, [id_])
    rows = await pathway_queries.facts(work.connection, work.bound, [id_])
    decided = Decided(PATHWAYS[PathwayAction.UPDATE], work.role, [id_], rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    [row] = decided.granted
    steps = await pathway_queries.series_of(work.connection, work.organisation_id, id_)
    meant = NewPathway(
        id_,
        row.external_ref if given.external_ref is None else given.external_ref,
        row.title if given.title is None else given.title,
        given.kind or row.kind,
        steps if given.series_ids is None else given.series_ids,
    )
    changed = list(_changed_fields(row, steps, meant))
    if not changed:
        return Answer(decided.results((), [id_]))
    reasons = [*_naming_reasons(given), *await _reference_reasons(work, meant)]
    if row.is_in_use and not {"kind", "steps"}.isdisjoint(changed):
        reasons.append(_in_use("seriesIds" if "steps" in changed else "kind"))
    elif "steps" in changed:
        reasons += await _series_reasons(work, meant.series_ids)
    decided.refuse({id_: reasons})
    if not decided.granted:
        return Answer(decided.results(()))
    versions = await pathway_queries.change(work.connection, work.organisation_id, meant)
    if "steps" in changed:
        await pathway_queries.replace_steps(
            work.connection, work.organisation_id, meant, at=work.now, new_id=work.new_id
        )
    await _record(work, HistoryAction.PATHWAY_UPDATED, [row], versions, row.facts.status, changed)
    return Answer(decided.results(versions))


async def retire(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes pathways out of use: nobody is enrolled any more, running enrolments go on."""
    return await _shelve(work, PathwayAction.RETIRE, HistoryAction.PATHWAY_RETIRED, ids, expected)


async def reinstate(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes pathways into use again."""
    return await _shelve(work, PathwayAction.REINSTATE, HistoryAction.PATHWAY_REINSTATED, ids, expected)


async def _shelve(
    work: Work, action: PathwayAction, act: HistoryAction, ids: Sequence[UUID], expected: Mapping[UUID, int]
) -> Answer:
    await work.lock(pathway_queries.lock, ids)
    rows = await pathway_queries.facts(work.connection, work.bound, ids)
    return await shelve(work, PATHWAYS, action, act, ids, rows, expected, pathway_queries.shelve)


async def _record(
    work: Work,
    act: HistoryAction,
    rows: Sequence[PathwayRow],
    versions: Mapping[UUID, int],
    to: LibraryStatus,
    changed: Sequence[str] = (),
) -> None:
    await work.record(
        [
            work.entry(
                act,
                (SubjectKind.PATHWAY, row.id),
                None,
                version=versions[row.id],
                statuses=(row.facts.status.name, to.name),
                changed=changed,
            )
            for row in rows
            if row.id in versions
        ]
    )


def _changed_fields(row: PathwayRow, steps: Sequence[UUID], meant: NewPathway) -> Iterator[str]:
    if meant.external_ref != row.external_ref:
        yield "externalRef"
    if meant.title != row.title:
        yield "title"
    if meant.kind is not row.kind:
        yield "kind"
    if list(meant.series_ids) != list(steps):
        yield "steps"


def _naming_reasons(given: PathwayInput) -> Iterator[Reason]:
    yield from text_reasons(given.external_ref, "externalRef", longest=LONGEST_REFERENCE, least=1)
    yield from text_reasons(given.title, "title", longest=LONGEST_NAME, least=1)


async def _reference_reasons(work: Work, meant: NewPathway) -> list[Reason]:
    if "\x00" in meant.external_ref:
        return []  # refused as a text already, and the database would not take it
    holder = await pathway_queries.id_of_ref(work.connection, work.organisation_id, meant.external_ref)
    if holder in (None, meant.id):
        return []
    message = "Another pathway of the organisation has this reference. Give another one."
    return [PlainError(ErrorCode.EXTERNAL_REF_TAKEN, message, ("input", "externalRef"))]


def _in_use(field: str) -> Reason:
    return PlainError(
        ErrorCode.PATHWAY_IN_USE,
        "Somebody has been enrolled in this pathway, so its kind and its series stay as they are. Make another pathway, "
        "and retire this one.",
        ("input", field),
    )


async def _series_reasons(work: Work, series_ids: Sequence[UUID]) -> list[Reason]:
    """What stands against the steps of a pathway: each is a series of its own, seen, active, and waits for mastery."""
    if not 1 <= len(series_ids) <= MOST_STEPS:
        return [invalid(f"A pathway has 1 to {MOST_STEPS} series.", "seriesIds")]
    reasons: list[Reason] = []
    unfit: list[str] = []
    found = await series_queries.terms(work.connection, work.bound, list(series_ids))
    for place, id_ in enumerate(series_ids):
        path = ("input", "seriesIds", str(place))
        series = found.get(id_)
        if series is None:
            reasons.append(
                NotFound(ErrorCode.NOT_FOUND, "There is no such series, or you may not see it. Check the id.", path)
            )
        elif id_ in series_ids[:place]:
            reasons.append(invalid("The series stands in the pathway twice. Name it once.", *path[1:]))
        else:
            if series.facts.status is not LibraryStatus.ACTIVE:
                reasons.append(_retired(series.title, path))
            if not series.terms.fits_pathways:
                unfit.append(series.title)
    if unfit:
        message = (
            f"A pathway goes on by mastery, so it takes series of the duration MASTERY that are no previews; "
            f"{', '.join(map(repr, unfit))} cannot be a step. Leave it out, or change it first."
        )
        reasons.append(PlainError(ErrorCode.PATHWAY_NEEDS_MASTERY, message, ("input", "seriesIds")))
    return reasons


def _retired(title: str, path: tuple[str, ...]) -> Reason:
    return StatusNotAllowed(
        ErrorCode.STATUS_NOT_ALLOWED,
        f"The series {title!r} is retired. Reinstate it first, or leave it out.",
        path,
        statuses=(LibraryStatus.ACTIVE.name,),
    )
