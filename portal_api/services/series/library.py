"""What happens to series themselves: made, changed, retired, reinstated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from uuid import UUID

from portal_api.domain.calendar import day_of
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.library import LibraryStatus
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.domain.series import SERIES, SeriesAction, SeriesDuration, SeriesTerms, SeriesType
from portal_api.domain.series_terms import naming_reasons, terms_reasons
from portal_api.ids import global_id
from portal_api.planner.names import camel
from portal_api.queries import organisations as organisation_queries
from portal_api.queries import series as series_queries
from portal_api.queries.series import SeriesContent, SeriesRow
from portal_api.services.bulk import Decided
from portal_api.services.shelves import shelve
from portal_api.work import Answer, Work


@dataclass(frozen=True, slots=True)
class SeriesInput:
    """What a client gives of a new series."""

    external_ref: str | None
    title: str
    terms: SeriesTerms


async def create(work: Work, given: Sequence[SeriesInput]) -> Answer:
    """Makes series. A row without a reference gets its own identifier as one."""
    await work.lock(organisation_queries.lock, [])
    today = day_of(work.now, await organisation_queries.time_zone(work.connection, work.organisation_id))
    against = [_against_new(row, today, "series", str(index)) for index, row in enumerate(given)]
    named = [row.external_ref for row, reasons in zip(given, against, strict=True) if row.external_ref and not reasons]
    taken = await series_queries.ids_of_references(work.connection, work.organisation_id, named)
    refs = set(taken)
    made: list[SeriesContent] = []
    results: list[RowResult] = []
    for index, (row, reasons) in enumerate(zip(given, against, strict=True)):
        if row.external_ref in refs:
            reasons = (*reasons, _taken("series", str(index)))
        if reasons:
            results.append(RowResult(index, None, None, Outcome.REFUSED, reasons))
            continue
        id_ = work.new_id(work.now)
        content = SeriesContent(id_, row.external_ref or global_id("ser", id_), row.title, row.terms)
        refs.add(content.external_ref)
        made.append(content)
        results.append(RowResult(index, None, id_, Outcome.CHANGED))
    await series_queries.create(work.connection, work.organisation_id, made, at=work.now)
    await work.record(
        [
            work.entry(
                HistoryAction.SERIES_CREATED,
                (SubjectKind.SERIES, content.id),
                None,
                version=1,
                statuses=(None, LibraryStatus.ACTIVE.name),
            )
            for content in made
        ]
    )
    return Answer(results)


def _against_new(row: SeriesInput, today: date, *path: str) -> tuple[Reason, ...]:
    return (*naming_reasons(row.external_ref, row.title, *path), *terms_reasons(row.terms, today, *path))


def _taken(*path: str) -> Reason:
    return PlainError(
        ErrorCode.EXTERNAL_REF_TAKEN,
        "Another series of the organisation has this reference. Give another one.",
        ("input", *path, "externalRef"),
    )


async def update(work: Work, id_: UUID, given: Mapping[str, Any], *, expected: Mapping[UUID, int]) -> Answer:
    """Changes what a series says of itself and of enrolments to come; running ones keep their dates.

    Args:
        work: the transaction.
        id_: the series.
        given: the fields that the client gave, by their Python names.
        expected: the version that the series is expected to have, if any.

    Returns:
        One result.
    """
    await work.lock(organisation_queries.lock, [])
    rows = await series_queries.terms(work.connection, work.bound, [id_])
    decided = Decided(SERIES[SeriesAction.UPDATE], work.role, [id_], rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    [row] = decided.granted
    before = SeriesContent(row.id, row.external_ref, row.title, row.terms)
    content = SeriesContent(
        row.id,
        row.external_ref if given.get("external_ref") is None else given["external_ref"],
        row.title if given.get("title") is None else given["title"],
        _changed_terms(row.terms, given),
    )
    changed = _changed_fields(before, content)
    if not changed:
        return Answer(decided.results((), [id_]))
    decided.refuse({id_: await _against(work, row, content, given)})
    if not decided.granted:
        return Answer(decided.results(()))
    versions = await series_queries.change(work.connection, work.organisation_id, content, version=row.version)
    await work.record(
        [
            work.entry(
                HistoryAction.SERIES_UPDATED,
                (SubjectKind.SERIES, id_),
                None,
                version=version,
                statuses=(row.facts.status.name, row.facts.status.name),
                changed=changed,
            )
            for version in versions.values()
        ]
    )
    return Answer(decided.results(versions))


def _changed_terms(terms: SeriesTerms, given: Mapping[str, Any]) -> SeriesTerms:
    """The terms with what was given; what no longer goes with the type or duration is dropped unless it was given."""
    type_ = given.get("type") or terms.type
    duration = given.get("duration") or terms.duration
    kept = {
        "duration_days": terms.duration_days if duration is SeriesDuration.FIXED else None,
        "ends_on": terms.ends_on if duration is SeriesDuration.END_DATE else None,
        "question_count": None if type_ is SeriesType.PREVIEW else terms.question_count,
        "mastery_percent": None if type_ is SeriesType.PREVIEW else terms.mastery_percent,
    }
    named = {name: given.get(name, value) for name, value in kept.items()}
    return replace(terms, type=type_, duration=duration, **named)


def _changed_fields(before: SeriesContent, after: SeriesContent) -> list[str]:
    names = [name for name in ("external_ref", "title") if getattr(before, name) != getattr(after, name)]
    names += [
        each.name for each in fields(SeriesTerms) if getattr(before.terms, each.name) != getattr(after.terms, each.name)
    ]
    return [camel(name) for name in names]


async def _against(work: Work, row: SeriesRow, content: SeriesContent, given: Mapping[str, Any]) -> list[Reason]:
    """What stands against a change of a series that is open to changes."""
    today = day_of(work.now, await organisation_queries.time_zone(work.connection, work.organisation_id))
    reasons = [
        *naming_reasons(given.get("external_ref"), given.get("title")),
        *terms_reasons(content.terms, today, is_new_end=content.terms.ends_on != row.terms.ends_on),
    ]
    if reasons:
        return reasons
    found = await series_queries.ids_of_references(work.connection, work.organisation_id, [content.external_ref])
    if found.get(content.external_ref, row.id) != row.id:
        reasons.append(_taken())
    in_pathways = await series_queries.in_pathways(work.connection, work.organisation_id, [row.id])
    if in_pathways and not content.terms.fits_pathways:
        reasons.append(
            PlainError(
                ErrorCode.PATHWAY_NEEDS_MASTERY,
                "The series is a step of a learning pathway: its duration stays MASTERY, and it becomes no preview. "
                "Take it out of the pathway first, or make another series.",
                ("input", "type" if content.terms.type is SeriesType.PREVIEW else "duration"),
            )
        )
    return reasons


async def retire(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes series out of use: nobody is enrolled any more, running enrolments go on."""
    return await _shelve(work, SeriesAction.RETIRE, HistoryAction.SERIES_RETIRED, ids, expected)


async def reinstate(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes series into use again."""
    return await _shelve(work, SeriesAction.REINSTATE, HistoryAction.SERIES_REINSTATED, ids, expected)


async def _shelve(
    work: Work, action: SeriesAction, act: HistoryAction, ids: Sequence[UUID], expected: Mapping[UUID, int]
) -> Answer:
    await work.lock(organisation_queries.lock, [])
    rows = await series_queries.terms(work.connection, work.bound, ids)
    return await shelve(work, SERIES, action, act, ids, rows, expected, series_queries.shelve)
