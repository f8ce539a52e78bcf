"""What happens to units: made, changed, retired, reinstated."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from portal_api.domain.courses.identifiers import is_unit_identifier
from portal_api.domain.courses.library import MOST_HOURS, UNITS, UnitAction
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import LONGEST_NAME, invalid, text_reasons
from portal_api.domain.refusals import ErrorCode, Reason
from portal_api.models import units
from portal_api.planner.names import camel
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.courses import units as unit_queries
from portal_api.queries.courses.units import SHELF, UnitContent
from portal_api.services.bulk import Decided
from portal_api.services.courses.telling import answered, record_edited, record_made, taken
from portal_api.services.shelves import shelve
from portal_api.work import Answer, Work

PLACE = "units"
"""The input's field that new units are rows of."""


async def create(work: Work, given: Sequence[UnitContent]) -> Answer:
    """Makes units. Of two rows with one identifier the first has it."""
    await work.lock(organisation_queries.lock, ())
    against = [list(_content_reasons(row, PLACE, str(index))) for index, row in enumerate(given)]
    named = [row.identifier for row, reasons in zip(given, against, strict=True) if not reasons]
    held = set(await SHELF.holders(work.connection, work.organisation_id, units.c.identifier, named))
    made: list[UUID | None] = []
    new: dict[UUID, UnitContent] = {}
    for index, (row, reasons) in enumerate(zip(given, against, strict=True)):
        if row.identifier in held:
            reasons.append(_taken(PLACE, str(index)))
        made.append(None if reasons else work.new_id(work.now))
        if id_ := made[-1]:
            new[id_] = row
            held.add(row.identifier)
    await unit_queries.create(work.connection, work.organisation_id, new, at=work.now)
    await record_made(work, HistoryAction.UNIT_CREATED, SubjectKind.UNIT, new)
    return Answer(answered(made, against))


async def update(work: Work, id_: UUID, given: Mapping[str, Any], *, expected: Mapping[UUID, int]) -> Answer:
    """Changes what a unit says; enrolments in it keep what was planned for them.

    Args:
        work: the transaction.
        id_: the unit.
        given: the fields that the client gave, by their Python names.
        expected: the version that the unit is expected to have, if any.

    Returns:
        One result.
    """
    await work.lock(organisation_queries.lock, ())
    await work.lock(SHELF.lock, [id_])
    rows = await unit_queries.facts(work.connection, work.bound, [id_])
    decided = Decided(UNITS[UnitAction.UPDATE], work.role, [id_], rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    [row] = decided.granted
    meant = replace(row.content, **given)
    changed = [camel(name) for name in given if getattr(meant, name) != getattr(row.content, name)]
    if not changed:
        return Answer(decided.results((), [id_]))
    reasons = list(_content_reasons(meant))
    if not reasons:
        holders = await SHELF.holders(work.connection, work.organisation_id, units.c.identifier, [meant.identifier])
        reasons += [_taken()] if holders.get(meant.identifier, id_) != id_ else []
    decided.refuse({id_: reasons})
    if not decided.granted:
        return Answer(decided.results(()))
    versions = await unit_queries.change(work.connection, work.organisation_id, row, meant)
    await record_edited(work, HistoryAction.UNIT_UPDATED, SubjectKind.UNIT, versions, changed)
    return Answer(decided.results(versions))


def _content_reasons(given: UnitContent, *path: str) -> Iterator[Reason]:
    if not is_unit_identifier(given.identifier):
        yield invalid("`identifier` has 1 to 12 capital letters and digits.", *path, "identifier")
    yield from text_reasons(given.title, *path, "title", longest=LONGEST_NAME, least=1)
    if given.scheduled_hours is not None and not 0 <= given.scheduled_hours <= MOST_HOURS:
        yield invalid(f"`scheduledHours` is a number from 0 to {MOST_HOURS}.", *path, "scheduledHours")


def _taken(*path: str) -> Reason:
    message = "Another unit of the organisation has this identifier."
    return taken(ErrorCode.IDENTIFIER_TAKEN, message, *path, "identifier")


async def retire(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes units out of use: they stay in the courses that have them."""
    return await _shelve(work, UnitAction.RETIRE, HistoryAction.UNIT_RETIRED, ids, expected)


async def reinstate(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes units into use again."""
    return await _shelve(work, UnitAction.REINSTATE, HistoryAction.UNIT_REINSTATED, ids, expected)


async def _shelve(
    work: Work, action: UnitAction, act: HistoryAction, ids: Sequence[UUID], expected: Mapping[UUID, int]
) -> Answer:
    await work.lock(SHELF.lock, ids)
    rows = await unit_queries.facts(work.connection, work.bound, ids)
    return await shelve(work, UNITS, action, act, ids, rows, expected, unit_queries.shelve)
