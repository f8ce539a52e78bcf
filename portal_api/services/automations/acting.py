"""How each action of a learncycle is taken: by the services of the house, as anybody would, and never past their tables."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from portal_api.domain.automations.chains import Firing
from portal_api.domain.automations.rules import Action, LearncycleActionKind
from portal_api.domain.automations.tasks import SENDING
from portal_api.domain.automations.webhooks import OutboxKind
from portal_api.domain.calendar import day_of
from portal_api.domain.outcomes import Outcome
from portal_api.domain.refusals import Reason
from portal_api.queries import learners as learner_queries
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.automations import outbox
from portal_api.queries.automations.outbox import Message
from portal_api.services import learners as learner_services
from portal_api.services.bulk import Decided
from portal_api.services.courses import statuses as status_services
from portal_api.work import Answer, Work

Kind = LearncycleActionKind
Refusals = Mapping[UUID, tuple[Reason, ...]]
"""Why an action was refused, by learner or record; whoever is not in it was not refused."""


async def take(work: Work, action: Action, firings: Sequence[Firing]) -> list[tuple[Reason, ...]]:
    """Takes an action of a rule for all that it fires for, in a number of statements that does not grow with them.

    Returns:
        Why it was refused, for each firing; nothing where it was not.
    """
    refusals = await _TAKERS[action.kind](work, action, firings)
    return [refusals.get(each.standing.learner_id, refusals.get(each.subject_id, ())) for each in firings]


def _learners(firings: Sequence[Firing]) -> list[UUID]:
    return list(dict.fromkeys(each.standing.learner_id for each in firings))


def _caused(firings: Sequence[Firing]) -> dict[UUID, UUID]:
    """The first cause of what is done to each learner."""
    causes: dict[UUID, UUID] = {}
    for each in firings:
        if each.cause_id is not None:
            causes.setdefault(each.standing.learner_id, each.cause_id)
    return causes


def _refused(answer: Answer) -> Refusals:
    return {row.given_id: row.errors for row in answer.results if row.given_id and row.outcome is Outcome.REFUSED}


async def _deactivate(work: Work, action: Action, firings: Sequence[Firing]) -> Refusals:
    assert action.deactivation_reason is not None  # noqa: S101  the database holds it
    return _refused(
        await learner_services.deactivate(
            await work.by_learncycle(_caused(firings)),
            _learners(firings),
            reason=action.deactivation_reason,
            note=None,
            expected={},
        )
    )


async def _set_app_access(work: Work, action: Action, firings: Sequence[Firing]) -> Refusals:
    return _refused(
        await learner_services.set_app_access(
            await work.by_learncycle(_caused(firings)),
            _learners(firings),
            has_app_access=bool(action.has_app_access),
            expected={},
        )
    )


async def _set_course_status(work: Work, action: Action, firings: Sequence[Firing]) -> Refusals:
    """Sets the status of course enrolments: of those that a rule is about, or whose units it is about.

    No note comes with it, so that a rule takes back no status that has ended an enrolment (a reading).
    """
    assert action.course_status is not None  # noqa: S101  the database holds it
    enrolments = {each.subject_id: each.standing.course_enrolment_id or each.subject_id for each in firings}
    causes = {enrolments[each.subject_id]: each.cause_id for each in firings if each.cause_id}
    answer = await status_services.set_status(
        await work.by_learncycle(causes),
        list(dict.fromkeys(enrolments.values())),
        status=action.course_status,
        reason_id=action.status_reason_id,
        note=None,
        expected={},
    )
    refused = _refused(answer)
    return {subject: refused[id_] for subject, id_ in enrolments.items() if id_ in refused}


async def _send(work: Work, action: Action, firings: Sequence[Firing]) -> Refusals:
    """Leaves messages in the outbox, of learners who are active now."""
    owner = await work.by_learncycle({})
    ids = _learners(firings)
    rows = await learner_queries.facts(owner.connection, owner.bound, ids)
    decided = Decided(SENDING, owner.role, ids, rows, {})
    granted = set(decided.granted_ids)
    due_on: date | None = None
    if action.due_in_days is not None:
        zone = await organisation_queries.time_zone(work.connection, work.organisation_id)
        due_on = day_of(work.now, zone) + timedelta(days=action.due_in_days)
    messages = [
        Message(work.new_id(work.now), OUTBOX_KINDS[action.kind], payload_of(work.now, action, each, due_on))
        for each in firings
        if each.standing.learner_id in granted
    ]
    await outbox.leave(work.connection, work.organisation_id, messages, at=work.now)
    return _refused(Answer(decided.results(granted)))


OUTBOX_KINDS = {
    Kind.CREATE_TASK: OutboxKind.TASK,
    Kind.NOTIFY: OutboxKind.NOTIFICATION,
    Kind.CALL_WEBHOOK: OutboxKind.WEBHOOK,
}
"""What the messages of each action lead to."""


def payload_of(now: datetime, action: Action, firing: Firing, due_on: date | None) -> dict[str, Any]:
    """What is to be delivered: a task with its day, a notification, or what webhooks tell."""
    about = {
        "learncycle": firing.rule.id.hex,
        "cause": firing.cause_id and firing.cause_id.hex,
        "learner": firing.standing.learner_id.hex,
        "subject_kind": firing.subject_kind,
        "subject": firing.subject_id.hex,
    }
    if action.kind is Kind.CALL_WEBHOOK:
        trigger = firing.rule.trigger
        return {**about, "event": trigger.kind, "value": trigger.value, "at": now.isoformat()}
    told = {"title": action.title, "body": action.body}
    if action.kind is Kind.NOTIFY:
        return {**about, **told}
    assignee = action.assignee_id and action.assignee_id.hex
    return {**about, **told, "due_on": due_on and due_on.isoformat(), "assignee": assignee}


_TAKERS: Mapping[Kind, Callable[[Work, Action, Sequence[Firing]], Awaitable[Refusals]]] = {
    Kind.DEACTIVATE_LEARNER: _deactivate,
    Kind.SET_APP_ACCESS: _set_app_access,
    Kind.SET_COURSE_STATUS: _set_course_status,
    Kind.CREATE_TASK: _send,
    Kind.NOTIFY: _send,
    Kind.CALL_WEBHOOK: _send,
}
