"""The reaction: what learncycles do about what a transaction has written, in that transaction and after all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from portal_api.domain.automations.chains import Chains, Firing
from portal_api.domain.automations.learncycles import RunOutcome
from portal_api.domain.automations.rules import (
    CONDITION_NOT_MET,
    Action,
    ConditionKind,
    Learncycle,
    LearncycleActionKind,
    Standing,
)
from portal_api.domain.automations.triggers import may_trigger
from portal_api.domain.history import SubjectKind
from portal_api.domain.refusals import Reason, reason_data
from portal_api.queries.automations import rules as rule_queries
from portal_api.queries.automations import runs as run_queries
from portal_api.queries.automations import standings as standing_queries
from portal_api.queries.automations.runs import Run
from portal_api.queries.history import Entry
from portal_api.services.automations import acting
from portal_api.work import Work

MOST_TOLD = 1_000
"""How many runs an answer tells; how many there are, it says beside them."""


async def react(work: Work) -> Mapping[str, Any]:
    """Follows up what a transaction has written, and says what has fired; without a rule that is on, next to nothing.

    Where nothing was written that any rule could wait for, the database is not asked at all.
    """
    entries = [entry for entry in work.written if may_trigger(entry)]
    if not entries:
        return {}
    rules = await rule_queries.that_are_on(work.connection, work.organisation_id)
    if not rules:
        return {}
    runs = await Following(work, rules).follow(entries)
    return {"fired": [_told(run) for run in runs[:MOST_TOLD]], "fired_count": len(runs)}


def _told(run: Run) -> dict[str, Any]:
    """A run as a fact of an answer."""
    return {
        "learncycle": run.learncycle_id.hex,
        "subject_kind": run.subject_kind,
        "subject": run.subject_id.hex,
        "action": run.action,
        "outcome": run.outcome,
        "reasons": [reason_data(each) for each in run.reasons],
    }


@dataclass(frozen=True, slots=True)
class OnDay:
    """The day of a record that has triggered a rule: its date, and its first instant and the first after it."""

    date: date
    begins_at: datetime
    ends_at: datetime


class Following:
    """What follows in one transaction: rules, the changes that they make, the rules that wait for those, and so on.

    Who is set inactive is so last of all, since nothing can be changed of them then.
    """

    def __init__(self, work: Work, rules: Sequence[Learncycle]) -> None:
        self._work = work
        self._rules = rules
        self._chains = Chains()
        self._runs: list[Run] = []
        self._last: dict[tuple[UUID, int], tuple[Action, list[Firing]]] = {}
        self._days: dict[tuple[UUID, UUID], OnDay] = {}

    async def follow(self, entries: Sequence[Entry]) -> list[Run]:
        """Follows up entries, and writes down what became of it."""
        while entries:
            standings = await self._standings(entries)
            entries = await self._carry_out(list(self._chains.firings(self._rules, entries, standings)))
        return await self._finish()

    async def follow_days(self, due: Sequence[tuple[Learncycle, SubjectKind, UUID, Standing, OnDay]]) -> list[Run]:
        """Follows up days of records that have come, and writes down what became of it."""
        standings = await self._with_groups({subject: standing for _, _, subject, standing, _ in due})
        firings: list[Firing] = []
        for rule, kind, subject, _, day in due:
            self._days[rule.id, subject] = day
            firing = Firing(rule, None, kind, subject, standings[subject])
            if rule.has_conditions_met(firing.standing):
                firings.append(firing)
            else:
                self._note(firing, RunOutcome.SKIPPED, (CONDITION_NOT_MET,))
        return await self.follow(await self._carry_out(firings))

    async def _standings(self, entries: Sequence[Entry]) -> dict[UUID, Standing]:
        ids: dict[SubjectKind, list[UUID]] = {}
        for entry in entries:
            ids.setdefault(entry.subject_kind, []).append(entry.subject_id)
        work = self._work
        return await self._with_groups(
            await standing_queries.by_ids(work.connection, work.organisation_id, ids, now=work.now)
        )

    async def _with_groups(self, standings: Mapping[UUID, Standing]) -> dict[UUID, Standing]:
        """The same with the groups of the learners, if any rule asks for them."""
        if not any(ConditionKind.GROUP in rule.conditions for rule in self._rules):
            return dict(standings)
        learners = list({standing.learner_id for standing in standings.values()})
        groups = await standing_queries.groups_of(self._work.connection, self._work.organisation_id, learners)
        return {id_: standing.in_groups(groups.get(standing.learner_id)) for id_, standing in standings.items()}

    async def _carry_out(self, firings: Sequence[Firing]) -> list[Entry]:
        """Takes the actions of rules, each once for all that it fires for; says what that has written."""
        before = len(self._work.written)
        by_rule: dict[UUID, list[Firing]] = {}
        for firing in firings:
            if firing.is_loop:
                self._note(firing, RunOutcome.LOOP_STOPPED)
            else:
                by_rule.setdefault(firing.rule.id, []).append(firing)
        for same in by_rule.values():
            for place, action in enumerate(same[0].rule.actions):
                if action.kind is LearncycleActionKind.DEACTIVATE_LEARNER:
                    self._last.setdefault((same[0].rule.id, place), (action, []))[1].extend(same)
                else:
                    await self._take(place, action, same)
        return [entry for entry in self._work.written[before:] if may_trigger(entry)]

    async def _take(self, place: int, action: Action, firings: Sequence[Firing]) -> None:
        for firing, reasons in zip(firings, await acting.take(self._work, action, firings), strict=True):
            self._note_one(place, action, firing, RunOutcome.SKIPPED if reasons else RunOutcome.FIRED, reasons)

    async def _finish(self) -> list[Run]:
        for (_, place), (action, firings) in self._last.items():
            await self._take(place, action, firings)
        await run_queries.keep(self._work.connection, self._runs)
        return self._runs

    def _note(self, firing: Firing, outcome: RunOutcome, reasons: tuple[Reason, ...] = ()) -> None:
        for place, action in enumerate(firing.rule.actions):
            self._note_one(place, action, firing, outcome, reasons)

    def _note_one(
        self, place: int, action: Action, firing: Firing, outcome: RunOutcome, reasons: tuple[Reason, ...]
    ) -> None:
        work, day = self._work, self._days.get((firing.rule.id, firing.subject_id))
        self._runs.append(
            Run(
                organisation_id=work.organisation_id,
                id=work.new_id(work.now),
                learncycle_id=firing.rule.id,
                cause_id=firing.cause_id,
                subject_kind=firing.subject_kind,
                subject_id=firing.subject_id,
                learner_id=firing.standing.learner_id,
                action=action.kind,
                position=place,
                outcome=outcome,
                reasons=reasons,
                on_date=day.date if day else None,
                day_from=day.begins_at if day else None,
                day_until=day.ends_at if day else None,
                at=work.now,
            )
        )
