"""Mutations on learncycles, and their simulation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal_api.domain.automations.learncycles import RunOutcome
from portal_api.domain.automations.rules import Action, ConditionKind, Learncycle, LearncycleActionKind
from portal_api.domain.automations.triggers import Trigger
from portal_api.domain.history import SubjectKind
from portal_api.domain.learners import DeactivationReason
from portal_api.domain.refusals import ErrorCode, Reason
from portal_api.ids import global_id
from portal_api.models.base import instant_text
from portal_api.permissions.automations import (
    MayCreateLearncycle,
    MayReinstateLearncycles,
    MayRetireLearncycles,
    MaySwitchLearncyclesOff,
    MaySwitchLearncyclesOn,
    MayUpdateLearncycle,
)
from portal_api.planner.errors import RequestError
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.queries.automations import rules as rule_queries
from portal_api.queries.automations.learncycles import PREFIXES
from portal_api.queries.automations.standings import SUBJECT_PREFIXES
from portal_api.resolvers.changes import Selected, change, given_or_none
from portal_api.resolvers.planned import PortalInfo, planned
from portal_api.services.automations import learncycles as learncycle_services
from portal_api.services.automations import simulating
from portal_api.services.automations.simulating import Simulated
from portal_api.work import Answer, Work

MOST_SIMULATED = 1_000
USUAL_REASON = DeactivationReason.ENROLMENTS_ENDED
"""Why learners are set inactive where a rule does not say it."""
_NEW = UUID(int=0)
"""Stands for the identifier that a rule has not been given yet."""


async def create_learncycle(info: PortalInfo, given: Any) -> Completed:
    """Answers `createLearncycle`."""

    rule = _rule(given.rule)

    async def body(work: Work) -> Answer:
        return await learncycle_services.create(work, name=given.name, rule=rule)

    refusals = learncycle_services.learncycle_reasons(given.name, rule)
    return await change(info, MayCreateLearncycle, given, Selected("input", 1), body, refusals=refusals)


async def update_learncycle(info: PortalInfo, given: Any) -> Completed:
    """Answers `updateLearncycle`."""

    selected = Selected.of_one("lcy", given)
    name, asked = given_or_none(given.name), given_or_none(given.rule)
    rule = None if asked is None else _rule(asked)

    async def body(work: Work) -> Answer:
        return await learncycle_services.update(work, selected.ids[0], name=name, rule=rule, expected=selected.expected)

    refusals = learncycle_services.learncycle_reasons(name, rule)
    return await change(info, MayUpdateLearncycle, given, selected, body, refusals=refusals)


def _rule(given: Any) -> Learncycle:
    """The rule that an input describes.

    Raises:
        RequestError: `ID_INVALID`.
    """
    when = given.trigger
    reason_id = given_or_none(when.reason_id)
    value = given_or_none(when.to) if reason_id is None else global_id("srn", parse_id(reason_id, "srn"))
    conditions: dict[ConditionKind, frozenset[str]] = {}
    for each in given_or_none(given.conditions) or ():
        prefix = PREFIXES.get(each.kind)
        values = (parse_id(value, prefix).hex if prefix else value for value in each.values)
        conditions[each.kind] = conditions.get(each.kind, frozenset()) | frozenset(values)
    return Learncycle(
        _NEW,
        Trigger(when.kind, value, given_or_none(when.offset_days)),
        tuple(map(_action, given.then)),
        frozenset(parse_id(each, "off") for each in given_or_none(given.offer_ids) or ()),
        conditions,
    )


def _action(given: Any) -> Action:
    return Action(
        LearncycleActionKind(given.kind),
        given_or_none(given.reason) or _usual_reason(given.kind),
        given_or_none(given.has_app_access),
        given_or_none(given.status),
        _key(given.status_reason_id, "srn"),
        given_or_none(given.title),
        given_or_none(given.body),
        given_or_none(given.due_in_days),
        _key(given.assignee_id, "usr"),
    )


def _key(given: Any, prefix: str) -> UUID | None:
    return parse_id(given, prefix) if given_or_none(given) else None


def _usual_reason(kind: LearncycleActionKind) -> Any:
    return USUAL_REASON if kind is LearncycleActionKind.DEACTIVATE_LEARNER else None


async def _moved(info: PortalInfo, given: Any, guard: Any, move: Any) -> Completed:
    selected = Selected.of_ids("lcy", given)

    async def body(work: Work) -> Answer:
        return await move(work, selected.ids, expected=selected.expected)

    return await change(info, guard, given, selected, body)


async def switch_learncycles_on(info: PortalInfo, given: Any) -> Completed:
    """Answers `switchLearncyclesOn`."""
    return await _moved(info, given, MaySwitchLearncyclesOn, learncycle_services.switch_on)


async def switch_learncycles_off(info: PortalInfo, given: Any) -> Completed:
    """Answers `switchLearncyclesOff`."""
    return await _moved(info, given, MaySwitchLearncyclesOff, learncycle_services.switch_off)


async def retire_learncycles(info: PortalInfo, given: Any) -> Completed:
    """Answers `retireLearncycles`."""
    return await _moved(info, given, MayRetireLearncycles, learncycle_services.retire)


async def reinstate_learncycles(info: PortalInfo, given: Any) -> Completed:
    """Answers `reinstateLearncycles`."""
    return await _moved(info, given, MayReinstateLearncycles, learncycle_services.reinstate)


@dataclass(frozen=True, slots=True)
class SimulatedRunValue:
    """One action that would have been taken, or skipped."""

    at: str
    on_date: str | None
    cause_id: UUID | None
    subject_kind: SubjectKind
    subject_id: str
    learner_id: UUID
    action: LearncycleActionKind
    outcome: RunOutcome
    reasons: Sequence[Reason]

    @classmethod
    def of(cls, run: Simulated) -> "SimulatedRunValue":
        """One, as clients read it."""
        return cls(
            instant_text(run.at),
            run.on_date.isoformat() if run.on_date else None,
            run.cause_id,
            run.subject_kind,
            global_id(SUBJECT_PREFIXES[run.subject_kind], run.subject_id),
            run.learner_id,
            run.action,
            run.outcome,
            run.reasons,
        )


@dataclass(frozen=True, slots=True)
class SimulationValue:
    """A page of a simulation."""

    runs: Sequence[SimulatedRunValue]
    total_count: int
    end_cursor: str | None
    has_next_page: bool


async def simulate_learncycle(
    info: PortalInfo, id_: str, since: datetime, until: datetime, first: int, after: str | None
) -> Completed:
    """Answers `simulateLearncycle`, on a connection that can only read.

    Raises:
        RequestError: `PAGE_INVALID`, `CURSOR_INVALID`, `INVALID_DATES`, `LIMIT_EXCEEDED`.
    """
    context, key = info.context, parse_id(id_, "lcy")
    if not 1 <= first <= MOST_SIMULATED:
        raise RequestError(ErrorCode.PAGE_INVALID, f"`first` is 1 to {MOST_SIMULATED}; {first} was given.")
    if after is not None and not (after.isascii() and after.isdigit() and len(after) < 10):
        raise RequestError(ErrorCode.CURSOR_INVALID, "`after` is no cursor that this simulation has given.")
    is_in_order = simulating.EARLIEST <= since < until <= context.now
    if not is_in_order or until - since > simulating.LONGEST:
        days = simulating.LONGEST.days
        message = f"A simulation is of the past, and of {days} days at the most: give another `since` or `until`."
        raise RequestError(ErrorCode.INVALID_DATES, message)
    async with context.database.onlooker() as connection:
        work = Work.of_viewer(connection, context.known_viewer, context)
        rules = await rule_queries.by_ids(connection, work.organisation_id, [key])
        runs = await simulating.simulate(work, rules[key], since, until) if rules else []
    if not rules:
        return await planned(info)
    if runs is None:
        most = simulating.MOST_CHANGES
        message = f"More than {most} changes lie in this period. Give a shorter one."
        raise RequestError(ErrorCode.LIMIT_EXCEEDED, message)
    begin = int(after or 0)
    page = runs[begin : begin + first]
    end = begin + len(page)
    value = SimulationValue(
        [SimulatedRunValue.of(run) for run in page], len(runs), str(end) if page else None, end < len(runs)
    )
    return await planned(info, value)
