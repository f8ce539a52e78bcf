"""What a learncycle would have done in a past period: whom it would have concerned and why. Writes nothing; no chains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

from portal_api.domain.automations.chains import Chains
from portal_api.domain.automations.learncycles import RunOutcome
from portal_api.domain.automations.rules import (
    CONDITION_NOT_MET,
    Action,
    ConditionKind,
    Learncycle,
    LearncycleActionKind,
    Standing,
)
from portal_api.domain.automations.tasks import SENDING
from portal_api.domain.automations.triggers import CHANGES, SUBJECTS
from portal_api.domain.calendar import DAY, day_of, start_of
from portal_api.domain.courses.enrolments import COURSE_ENROLMENTS, CourseEnrolmentFacts
from portal_api.domain.courses.statuses import CourseEnrolmentAction, CourseEnrolmentStatus
from portal_api.domain.history import SubjectKind
from portal_api.domain.learners import LEARNERS, LearnerAction, LearnerFacts, LearnerStatus
from portal_api.domain.machine import Refused
from portal_api.domain.refusals import Reason
from portal_api.domain.roles import Role
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.automations import days as day_queries
from portal_api.queries.automations import past as past_queries
from portal_api.queries.automations import standings as standing_queries
from portal_api.queries.automations.past import Statuses
from portal_api.services.automations.days import on_day, window_of
from portal_api.services.courses.statuses import against_leaving
from portal_api.services.courses.writing import against_reason
from portal_api.work import Work

Kind = LearncycleActionKind
MOST_CHANGES = 5_000
WORTH = 500
"""How many records a simulation counts as, beside the runs that it answers with: it looks through many more changes."""
"""How many changes or days a simulation looks at; of a period with more there is no telling."""
LONGEST = 366 * DAY
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""Of a period before it nothing is told: days are reckoned back from there, and there is a first one."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """One action that would have been taken, or skipped."""

    at: datetime
    on_date: date | None
    cause_id: UUID | None
    subject_kind: SubjectKind
    subject_id: UUID
    learner_id: UUID
    action: LearncycleActionKind
    outcome: RunOutcome
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    """One record for which the rule would have fired."""

    at: datetime
    call: datetime
    """When it was written down: what was, together, was one call."""
    on_date: date | None
    cause_id: UUID | None
    subject_kind: SubjectKind
    subject_id: UUID
    standing: Standing
    is_by_deactivation: bool = False

    def lies_in(self, start: datetime, end: datetime | None) -> bool:
        """Whether the learner was active when it came, by an interval: who was set inactive by it was so till then."""
        return start <= self.at and (end is None or self.at < end or (self.at == end and not self.is_by_deactivation))


async def simulate(
    work: Work, rule: Learncycle, since: datetime, until: datetime, *, most: int = MOST_CHANGES
) -> list[Simulated] | None:
    """Says what a rule would have done, had it been on from `since` to `until`; None where it is for more than `most`.

    Whether a learner was active, and the status of a course enrolment, are those of then; groups and reasons are today's.
    """
    rule = replace(rule, switched_on_at=since)
    is_change = rule.trigger.kind in CHANGES
    cases = await (_of_changes if is_change else _of_days)(work, rule, since, until, most)
    if cases is None:
        return None
    against_reasons = await _against_reasons(work, rule)
    learners = list({case.standing.learner_id for case in cases})
    active = await past_queries.active_intervals(work.connection, work.organisation_id, learners)
    ended: dict[UUID, datetime] = {}
    told: list[Simulated] = []
    for case in cases:
        learner_id = case.standing.learner_id
        was_active = any(case.lies_in(start, end) for start, end in active[learner_id])
        is_active = was_active and ended.get(learner_id, case.call) == case.call
        status = case.standing.status
        for place, action in enumerate(rule.actions):
            if not rule.has_conditions_met(case.standing):
                reasons: tuple[Reason, ...] = (CONDITION_NOT_MET,)
            elif action.kind is Kind.SET_COURSE_STATUS:
                reasons = _against_status(action, status, is_active) or against_reasons[place]
            else:
                reasons = _against(action, is_active)
            told.append(_told(case, action, reasons))
            if action.kind is Kind.DEACTIVATE_LEARNER and not reasons:
                ended.setdefault(learner_id, case.call)
            if action.course_status and not reasons:
                status = action.course_status.name
    return told


def _told(case: _Case, action: Action, reasons: tuple[Reason, ...]) -> Simulated:
    outcome = RunOutcome.SKIPPED if reasons else RunOutcome.FIRED
    return Simulated(
        case.at,
        case.on_date,
        case.cause_id,
        case.subject_kind,
        case.subject_id,
        case.standing.learner_id,
        action.kind,
        outcome,
        reasons,
    )


_RULES = {
    Kind.DEACTIVATE_LEARNER: LEARNERS[LearnerAction.DEACTIVATE],
    Kind.SET_APP_ACCESS: LEARNERS[LearnerAction.SET_APP_ACCESS],
}


def _against(action: Action, is_active: bool) -> tuple[Reason, ...]:
    status = LearnerStatus.ACTIVE if is_active else LearnerStatus.INACTIVE
    rule = _RULES.get(action.kind, SENDING)
    decision = rule.decide(Role.OWNER, LearnerFacts(status, is_owner_record=False))
    return decision.reasons if isinstance(decision, Refused) else ()


async def _against_reasons(work: Work, rule: Learncycle) -> list[tuple[Reason, ...]]:
    """What stands against the reason that each action gives, as the library is today."""
    owner = await work.by_learncycle({})
    return [tuple(await against_reason(owner, action.status_reason_id)) for action in rule.actions]


def _against_status(action: Action, status: str | None, is_active: bool) -> tuple[Reason, ...]:
    """What stands against setting the status of an enrolment that is at one."""
    assert action.course_status is not None and status is not None  # noqa: S101, PT018  a course enrolment has one
    before = CourseEnrolmentStatus[status]
    facts = CourseEnrolmentFacts(before, is_active)
    decision = COURSE_ENROLMENTS[CourseEnrolmentAction.SET_STATUS].decide(Role.OWNER, facts)
    if isinstance(decision, Refused):
        return decision.reasons
    return tuple(against_leaving(before, action.course_status, None))


async def _of_changes(work: Work, rule: Learncycle, since: datetime, until: datetime, most: int) -> list[_Case] | None:
    entries = await past_queries.changes(
        work.connection,
        work.organisation_id,
        SUBJECTS[rule.trigger.kind],
        rule.trigger.value,
        since,
        until,
        most + 1,
    )
    if len(entries) > most:
        return None
    subjects = list({entry.subject_id for entry in entries})
    kind = SUBJECTS[rule.trigger.kind]
    found = await standing_queries.by_ids(work.connection, work.organisation_id, {kind: subjects}, now=work.now)
    standings = await _with_groups(work, rule, found)
    statuses = await _statuses(work, standings)
    chains, cases = Chains(), list[_Case]()
    for entry in entries:
        standing = standings.get(entry.subject_id)
        if standing is None:
            continue
        if kind is SubjectKind.UNIT_ENROLMENT:  # of a unit the status above it is asked
            standing = _as_of(statuses, standing, entry.recorded_at)
        else:
            standing = replace(standing, status=entry.to_status)
        cases += [
            _Case(
                entry.occurred_at,
                entry.recorded_at,
                None,
                firing.cause_id,
                firing.subject_kind,
                firing.subject_id,
                firing.standing,
                entry.is_by_deactivation,
            )
            for firing in chains.firings([rule], [entry], {entry.subject_id: standing})
            if not firing.is_loop
        ]
    return cases


async def _statuses(work: Work, standings: Mapping[UUID, Standing]) -> Statuses:
    """The statuses that the course enrolments had, which records are or belong to."""
    enrolments = list({each.course_enrolment_id for each in standings.values() if each.course_enrolment_id})
    return await past_queries.course_statuses(work.connection, work.organisation_id, enrolments)


def _as_of(statuses: Statuses, standing: Standing, instant: datetime) -> Standing:
    """Where a record stood at an instant, by the status of its course enrolment."""
    then = standing.course_enrolment_id and statuses.at(standing.course_enrolment_id, instant)
    return replace(standing, status=then or standing.status)


async def _of_days(work: Work, rule: Learncycle, since: datetime, until: datetime, most: int) -> list[_Case] | None:
    zone = await organisation_queries.time_zone(work.connection, work.organisation_id)
    first, last = day_of(since, zone), day_of(until, zone)
    if start_of(first, zone) < since:
        first += DAY
    if start_of(last, zone) >= until:
        last -= DAY
    window = window_of(rule, first, last, zone)
    if window is None:
        return []
    found = await day_queries.within(
        work.connection, work.organisation_id, rule, window, now=work.now, most=most + 1, open_only=False
    )
    if len(found) > most:
        return None
    standings = await _with_groups(work, rule, {each.id: each.standing for each in found})
    statuses = await _statuses(work, standings)
    cases: list[_Case] = []
    for each in found:
        day = on_day(each, zone)
        at = start_of(rule.trigger.fires_on(day.date), zone)
        standing = _as_of(statuses, standings[each.id], at)
        cases.append(_Case(at, at, day.date, None, SUBJECTS[rule.trigger.kind], each.id, standing))
    return cases


async def _with_groups(work: Work, rule: Learncycle, standings: dict[UUID, Standing]) -> dict[UUID, Standing]:
    if ConditionKind.GROUP not in rule.conditions:
        return standings
    learners: Sequence[UUID] = list({each.learner_id for each in standings.values()})
    groups = await standing_queries.groups_of(work.connection, work.organisation_id, learners)
    return {id_: each.in_groups(groups.get(each.learner_id)) for id_, each in standings.items()}
