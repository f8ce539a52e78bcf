"""What happens to groups: made, changed, retired and reinstated; each time their members are found anew.

What the members are assigned follows in the same transaction.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from uuid import UUID

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import LONGEST_NAME, LONGEST_REFERENCE, invalid, text_reasons
from portal_api.domain.library import LibraryStatus
from portal_api.domain.organisations import GROUPS, GroupAction
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.queries import groups as group_queries
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.groups import Condition, GroupRow
from portal_api.services.bulk import Decided
from portal_api.services.certifications.grouping import Grouping
from portal_api.work import Answer, Work

MOST_ATTRIBUTES = 20
MOST_VALUES = 100
MOST_GROUPS = 500


def group_reasons(name: str | None, conditions: Sequence[Condition] | None) -> Iterator[Reason]:
    """What is wrong with a group as it is given; what is not given is never wrong."""
    yield from text_reasons(name, "name", longest=LONGEST_NAME, least=1)
    if conditions is None:
        return
    if not conditions:
        message = "`conditions` is empty; name one attribute at least."
        yield PlainError(ErrorCode.LIST_EMPTY, message, ("input", "conditions"))
    if len(conditions) > MOST_ATTRIBUTES:
        yield _too_many(f"A group tests {MOST_ATTRIBUTES} attributes", len(conditions), "conditions")
    named = Counter(each.attribute for each in conditions)
    for index, each in enumerate(conditions[:MOST_ATTRIBUTES]):
        place = ("conditions", str(index))
        yield from text_reasons(each.attribute, *place, "attribute", longest=LONGEST_REFERENCE, least=1)
        if named[each.attribute] > 1:
            yield invalid("Each attribute is named once, with all its values.", *place, "attribute")
        yield from _values_reasons(each.values, place)


def _values_reasons(values: Sequence[str], place: tuple[str, str]) -> Iterator[Reason]:
    if not values:
        message = "`values` is empty; give one value at least."
        yield PlainError(ErrorCode.LIST_EMPTY, message, ("input", *place, "values"))
    if len(values) > MOST_VALUES:
        yield _too_many(f"An attribute is tested for {MOST_VALUES} values", len(values), *place, "values")
    for index, value in enumerate(values[:MOST_VALUES]):
        yield from text_reasons(value, *place, "values", str(index), longest=LONGEST_NAME, least=1)


def _too_many(what: str, given: int, *path: str) -> PlainError:
    return PlainError(ErrorCode.LIMIT_EXCEEDED, f"{what} at the most; {given} were given.", ("input", *path))


def _in_order(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """Tests as they are read back: attributes and values in alphabetical order, each value once."""
    ordered = sorted(conditions, key=lambda each: each.attribute)
    return tuple(Condition(each.attribute, tuple(sorted(set(each.values)))) for each in ordered)


async def create(work: Work, *, name: str, conditions: Sequence[Condition]) -> Answer:
    """Makes a group, and puts everybody in who passes its tests. No certification can name it yet."""
    await work.lock(organisation_queries.lock, ())
    if await group_queries.count(work.connection, work.organisation_id) >= MOST_GROUPS:
        reason = PlainError(
            ErrorCode.LIMIT_EXCEEDED,
            f"An organisation has {MOST_GROUPS} groups at the most, retired ones too. Change one that is there.",
        )
        return Answer([RowResult(0, None, None, Outcome.REFUSED, (reason,))])
    id_ = work.new_id(work.now)
    await group_queries.create(work.connection, work.organisation_id, id_, name=name, now=work.now)
    await _test(work, id_, conditions)
    subject = (SubjectKind.GROUP, id_)
    statuses = (None, LibraryStatus.ACTIVE.name)
    await work.record([work.entry(HistoryAction.GROUP_CREATED, subject, None, version=1, statuses=statuses)])
    return Answer([RowResult(0, None, id_, Outcome.CHANGED)])


async def update(
    work: Work,
    ids: Sequence[UUID],
    *,
    name: str | None,
    conditions: Sequence[Condition] | None,
    expected: Mapping[UUID, int],
) -> Answer:
    """Changes the name or the tests of a group, those that are given."""
    decided = await _decided(work, GroupAction.UPDATE, ids, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    [row] = decided.granted
    tests = None if conditions is None else _in_order(conditions)
    is_retested = tests is not None and tests != row.conditions
    changed = [*(["name"] if name is not None and name != row.name else []), *(["conditions"] if is_retested else [])]
    if not changed:
        return Answer(decided.results((), unchanged=decided.granted_ids))
    versions = await group_queries.rename(work.connection, work.organisation_id, row, name=name or row.name)
    if versions and is_retested:
        await _test(work, row.id, tests or ())
    by_groups = await Grouping.of_groups(work, list(versions) if is_retested else [])
    await _record(work, by_groups, HistoryAction.GROUP_UPDATED, decided.granted, versions, row.facts.status, changed)
    return Answer(decided.results(versions))


async def retire(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Retires groups: they hold nobody any more."""
    return await _shelve(work, GroupAction.RETIRE, HistoryAction.GROUP_RETIRED, ids, expected)


async def reinstate(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes retired groups into use again: they hold whoever passes their tests now."""
    return await _shelve(work, GroupAction.REINSTATE, HistoryAction.GROUP_REINSTATED, ids, expected)


async def _decided(
    work: Work, action: GroupAction, ids: Sequence[UUID], expected: Mapping[UUID, int]
) -> Decided[GroupRow]:
    await work.lock(organisation_queries.lock, ids)
    rows = await group_queries.facts(work.connection, work.bound, ids)
    return Decided(GROUPS[action], work.role, ids, rows, expected)


async def _test(work: Work, group_id: UUID, conditions: Sequence[Condition]) -> None:
    """Has a group test for something, and hold who passes."""
    await group_queries.set_conditions(work.connection, work.organisation_id, group_id, _in_order(conditions))
    await group_queries.refresh_memberships(work.connection, work.organisation_id, group_ids=[group_id])


async def _shelve(
    work: Work, action: GroupAction, act: HistoryAction, ids: Sequence[UUID], expected: Mapping[UUID, int]
) -> Answer:
    decided = await _decided(work, action, ids, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    versions = await group_queries.shelve(work.connection, work.organisation_id, decided.granted_ids, action)
    by_groups = await Grouping.of_groups(work, list(versions))
    [to] = {GROUPS[action].after(row.facts.status) for row in decided.granted}
    await _record(work, by_groups, act, decided.granted, versions, to)
    return Answer(decided.results(versions))


async def _record(
    work: Work,
    by_groups: Grouping,
    act: HistoryAction,
    rows: Sequence[GroupRow],
    versions: Mapping[UUID, int],
    to: StrEnum,
    changed: Sequence[str] = (),
) -> None:
    """Tells what became of groups, and what that does to what their members are assigned."""
    entries = [
        work.entry(
            act,
            (SubjectKind.GROUP, row.id),
            None,
            version=versions[row.id],
            statuses=(row.facts.status.name, to.name),
            changed=changed,
        )
        for row in rows
        if row.id in versions
    ]
    await work.record(entries)
    await by_groups.settle(work, {entry.subject_id: entry.id for entry in entries})
