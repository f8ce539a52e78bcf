"""What happens to learncycles: made, changed, switched on and off, retired, reinstated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from portal_api.domain.automations.learncycles import LEARNCYCLES, LearncycleAction, LearncycleStatus
from portal_api.domain.automations.rules import ConditionKind, Learncycle, reasons_against
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import LONGEST_NAME, text_reasons
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import ErrorCode, NotFound, PlainError, Reason
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.automations import learncycles as learncycle_queries
from portal_api.queries.automations import rules as rule_queries
from portal_api.queries.automations import tasks as task_queries
from portal_api.services.bulk import Decided
from portal_api.services.shelves import shelve
from portal_api.work import Answer, Work

MOST_LEARNCYCLES = 200


def learncycle_reasons(name: str | None, rule: Learncycle | None) -> list[Reason]:
    """What is wrong with a learncycle as it is given; what is not given is never wrong."""
    named = list(text_reasons(name, "name", longest=LONGEST_NAME, least=1))
    return [*named, *(reasons_against(rule) if rule else ())]


async def create(work: Work, *, name: str, rule: Learncycle) -> Answer:
    """Makes a learncycle; it is off."""
    await work.lock(organisation_queries.lock, ())
    reasons = await _not_found(work, rule)
    if await learncycle_queries.count(work.connection, work.organisation_id) >= MOST_LEARNCYCLES:
        message = f"An organisation has {MOST_LEARNCYCLES} learncycles at the most, retired ones too. Change one."
        reasons.append(PlainError(ErrorCode.LIMIT_EXCEEDED, message))
    if reasons:
        return Answer([RowResult(0, None, None, Outcome.REFUSED, tuple(reasons))])
    made = replace(rule, id=work.new_id(work.now))
    await learncycle_queries.create(work.connection, work.organisation_id, made, name=name, at=work.now)
    act, statuses = HistoryAction.LEARNCYCLE_CREATED, (None, LearncycleStatus.OFF.name)
    await work.record([work.entry(act, (SubjectKind.LEARNCYCLE, made.id), None, version=1, statuses=statuses)])
    return Answer([RowResult(0, None, made.id, Outcome.CHANGED)])


async def update(
    work: Work, id_: UUID, *, name: str | None, rule: Learncycle | None, expected: Mapping[UUID, int]
) -> Answer:
    """Changes a learncycle that is off: its name, or the rule as a whole."""
    await work.lock(learncycle_queries.lock, [id_])
    rows = await learncycle_queries.facts(work.connection, work.bound, [id_])
    decided = Decided(LEARNCYCLES[LearncycleAction.UPDATE], work.role, [id_], rows, expected)
    if decided.granted and rule:
        decided.refuse({id_: await _not_found(work, rule)})
    if not decided.granted:
        return Answer(decided.results(()))
    [row] = decided.granted
    stored = (await rule_queries.by_ids(work.connection, work.organisation_id, [id_]))[id_]
    after = stored if rule is None else replace(rule, id=id_)
    changed = [
        *(["name"] if name is not None and name != row.name else []),
        *(shown for part, shown in _PARTS.items() if getattr(after, part) != getattr(stored, part)),
    ]
    if not changed:
        return Answer(decided.results((), [id_]))
    versions = await learncycle_queries.change(
        work.connection, work.organisation_id, after, name=name or row.name, version=row.version
    )
    status = row.facts.status.name
    await work.record(
        [
            work.entry(
                HistoryAction.LEARNCYCLE_UPDATED,
                (SubjectKind.LEARNCYCLE, id_),
                None,
                version=version,
                statuses=(status, status),
                changed=changed,
            )
            for version in versions.values()
        ]
    )
    return Answer(decided.results(versions))


_PARTS = {"trigger": "trigger", "offers": "offerIds", "conditions": "conditions", "actions": "then"}
"""What a rule is made of, and what clients call it."""


async def switch_on(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Switches learncycles on: they fire for what happens from this instant on."""
    return await _move(work, LearncycleAction.SWITCH_ON, HistoryAction.LEARNCYCLE_SWITCHED_ON, ids, expected)


async def switch_off(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Switches learncycles off."""
    return await _move(work, LearncycleAction.SWITCH_OFF, HistoryAction.LEARNCYCLE_SWITCHED_OFF, ids, expected)


async def retire(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Puts learncycles away; their runs are kept."""
    return await _move(work, LearncycleAction.RETIRE, HistoryAction.LEARNCYCLE_RETIRED, ids, expected)


async def reinstate(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes retired learncycles back; they are off."""
    return await _move(work, LearncycleAction.REINSTATE, HistoryAction.LEARNCYCLE_REINSTATED, ids, expected)


async def _move(
    work: Work, action: LearncycleAction, act: HistoryAction, ids: Sequence[UUID], expected: Mapping[UUID, int]
) -> Answer:
    await work.lock(learncycle_queries.lock, ids)
    rows = await learncycle_queries.facts(work.connection, work.bound, ids)
    since: datetime | None = work.now if action is LearncycleAction.SWITCH_ON else None
    take = partial(learncycle_queries.take, switched_on_at=since)
    return await shelve(work, LEARNCYCLES, action, act, ids, rows, expected, take)  # type: ignore[arg-type]  it takes the actions of its own table


async def _not_found(work: Work, rule: Learncycle) -> list[Reason]:
    """What a rule names that the organisation does not have."""
    reasons: list[Reason] = []
    trigger = rule.trigger
    if trigger.kind is TriggerKind.COURSE_ENROLMENT_REASON and trigger.value:
        wanted = [UUID(trigger.value.partition("_")[2])]
        if await _missing(work, "reasons", wanted):
            reasons.append(_no("status reason", "trigger", "reasonId"))
    if await _missing(work, "offers", rule.offers):
        reasons.append(_no("course offer", "offerIds"))
    for kind, name in _NAMED.items():
        if await _missing(work, name, map(UUID, rule.conditions.get(kind, ()))):
            reasons.append(_no(kind.name.lower(), "conditions"))
    if await _missing(work, "reasons", (each.status_reason_id for each in rule.actions if each.status_reason_id)):
        reasons.append(_no("status reason", "then"))
    assignees = {each.assignee_id for each in rule.actions if each.assignee_id}
    found = await task_queries.assignable(work.connection, work.organisation_id, list(assignees))
    if assignees - found:
        reasons.append(_no("person", "then"))
    return reasons


_NAMED = {
    ConditionKind.COURSE: "courses",
    ConditionKind.SERIES: "series",
    ConditionKind.CERTIFICATION: "certifications",
    ConditionKind.GROUP: "groups",
}


async def _missing(work: Work, nouns: str, ids: Iterable[UUID]) -> set[UUID]:
    return await learncycle_queries.missing(work.connection, work.organisation_id, nouns, list(ids))


def _no(what: str, *path: str) -> NotFound:
    return NotFound(ErrorCode.NOT_FOUND, f"There is no such {what}. Check the id.", ("input", *path))
