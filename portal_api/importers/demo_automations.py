"""The learncycles of the demonstration and all that came of them, as if the clock had seen to them until today.

For whom a learncycle has fired since it was switched on, the portal's own simulation says: so time finds nothing left to be
done, and the days that are over are answered for.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from portal_api.domain.automations.learncycles import LEARNCYCLES, LearncycleAction, LearncycleStatus
from portal_api.domain.automations.rules import Action, ConditionKind, Learncycle, LearncycleActionKind
from portal_api.domain.automations.tasks import TaskStatus
from portal_api.domain.automations.triggers import Trigger, TriggerKind
from portal_api.domain.courses.stages import LifecycleStage
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.learners import DeactivationReason
from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.importers.days import Days
from portal_api.importers.demo_automated import Aftermath, ByHand, Ledger
from portal_api.importers.demo_courses import CourseLibrary, Offer, Programme, Reason, When
from portal_api.importers.demo_groups import MadeGroup
from portal_api.importers.demo_history import Chronicle
from portal_api.importers.demo_people import Participant
from portal_api.importers.demo_series import TIMED_OUT
from portal_api.importers.demo_webhooks import MADE_ON, Webhooks
from portal_api.importers.writing import NewUser, Writer
from portal_api.queries.automations import learncycles as learncycle_queries
from portal_api.services.automations.simulating import simulate
from portal_api.work import Work

_A, _C, _H, _L, _T = LearncycleActionKind, ConditionKind, HistoryAction, LearncycleAction, TriggerKind
SWITCHED_ON = -28
ACTS = {
    _L.SWITCH_ON: _H.LEARNCYCLE_SWITCHED_ON,
    _L.SWITCH_OFF: _H.LEARNCYCLE_SWITCHED_OFF,
    _L.RETIRE: _H.LEARNCYCLE_RETIRED,
}
NO_LIMIT = 1_000_000

OF_THE_LEARNER = (
    ByHand("Send us a copy of your licence", Role.LEARNER, -20, -6, LifecycleStage.PROGRESSION, "Front and back."),
    ByHand("Choose your elective units", Role.LEARNER, -9, 12, LifecycleStage.PROGRESSION),
    ByHand("Tell us how to reach you", Role.LEARNER, -50, -40, status=TaskStatus.DONE),
    ByHand("Agree on time to study", Role.MANAGER, -14, -3, LifecycleStage.PROGRESSION, "Four hours a week."),
    ByHand("Confirm the cost centre", Role.MANAGER, -40, -30, LifecycleStage.SALES, status=TaskStatus.DROPPED),
    ByHand("Observe at the workplace", Role.TRAINER, -10, 5, LifecycleStage.PROGRESSION),
    ByHand("File the signed agreement", Role.ADMIN, -33, -25, LifecycleStage.SALES, status=TaskStatus.DONE),
    ByHand("Ask about another course", Role.OWNER, -12, None, LifecycleStage.RECONNECT),
)
"""Tasks about the learner who is a user."""


class _New(NamedTuple):
    """A learncycle to be made, and what was done to it afterwards."""

    name: str
    trigger: Trigger
    actions: tuple[Action, ...]
    offers: frozenset[UUID] = frozenset()
    conditions: Mapping[ConditionKind, frozenset[str]] = {}
    moves: tuple[LearncycleAction, ...] = (_L.SWITCH_ON,)


def _invented(library: CourseLibrary, groups: Sequence[MadeGroup], of_role: Mapping[Role, UUID]) -> Iterator[_New]:
    """The learncycles of an organisation: the first is the one that the article on inactive learners recommends."""
    support = library.offers[Offer(Programme.SUPPORT, When.RUNNING)].new
    cookery = library.offers[Offer(Programme.COOKERY, When.RUNNING)].new
    last_cookery = library.offers[Offer(Programme.COOKERY, When.OVER)].new
    yield _New(
        "Moved away: set the learner inactive",
        Trigger(_T.COURSE_ENROLMENT_REASON, global_id("srn", library.reasons[Reason.MOVED])),
        (Action(_A.DEACTIVATE_LEARNER, deactivation_reason=DeactivationReason.ENROLMENTS_ENDED),),
        frozenset({support.id}),
    )
    yield _New(
        "Three days after a unit: outcomes and feedback",
        Trigger(_T.UNIT_ENDS, offset_days=3),
        (
            Action(_A.CREATE_TASK, title="Record the outcome", due_in_days=4, assignee_id=of_role[Role.TRAINER]),
            Action(_A.NOTIFY, title="How was your unit?", body="Tell us in two minutes what we could do better."),
        ),
        conditions={_C.COURSE: frozenset({support.course.id.hex})},
    )
    yield _New(
        "Twelve weeks before a course ends: what comes next",
        Trigger(_T.COURSE_ENROLMENT_ENDS, offset_days=-84),
        (
            Action(_A.NOTIFY, title="Your course ends in twelve weeks", body="Let us talk about what comes next."),
            Action(
                _A.CREATE_TASK,
                title="Talk about the next course",
                body="Before the last unit begins.",
                due_in_days=28,
                assignee_id=of_role[Role.MANAGER],
            ),
        ),
        conditions={_C.STATUS: frozenset({CourseEnrolmentStatus.CURRENT.name})},
    )
    yield _New(
        "Seventeen weeks after a course: how are they doing",
        Trigger(_T.COURSE_ENROLMENT_FINALISED, offset_days=119),
        (Action(_A.NOTIFY, title="How are you doing?", body="We would like to hear where the course has taken you."),),
        frozenset({last_cookery.id}),
    )
    yield _New(
        "The time of a series is over: call them",
        Trigger(_T.SERIES_ENROLMENT_ENDS, offset_days=1),
        (Action(_A.CREATE_TASK, title="Offer them another go", due_in_days=7, assignee_id=of_role[Role.ADMIN]),),
        conditions={_C.STATUS: frozenset(each.name for each in TIMED_OUT)},
    )
    yield _New(
        "Withdrawn from a series: tell the other systems",
        Trigger(_T.SERIES_ENROLMENT_STATUS, "WITHDRAWN"),
        (Action(_A.CALL_WEBHOOK),),
    )
    yield _New(
        "A week before they return: get everything ready",
        Trigger(_T.COURSE_ENROLMENT_RETURNS, offset_days=-7),
        (
            Action(_A.SET_COURSE_STATUS, course_status=CourseEnrolmentStatus.CURRENT),
            Action(_A.SET_APP_ACCESS, has_app_access=True),
            Action(_A.CREATE_TASK, title="Welcome them back", assignee_id=of_role[Role.TRAINER]),
        ),
        frozenset({support.id, cookery.id}),
        {_C.GROUP: frozenset({groups[0].id.hex}), _C.STATUS: frozenset({CourseEnrolmentStatus.DEFERRED.name})},
        (_L.SWITCH_ON, _L.SWITCH_OFF),
    )
    yield _New(
        "A certificate has expired (before the move)",
        Trigger(_T.CERTIFICATE_EXPIRES, offset_days=0),
        (Action(_A.NOTIFY, title="Your certificate has expired", body="Ask us how to renew it."),),
        moves=(_L.RETIRE,),
    )


async def write_automations(
    writer: Writer,
    people: Sequence[Participant],
    staff: Sequence[NewUser],
    groups: Sequence[MadeGroup],
    library: CourseLibrary,
    chronicle: Chronicle,
    domain: str,
    seed: int,
    days: Days,
    now: datetime,
) -> None:
    """Writes the learncycles of an organisation and what came of them, with the history of that.

    Args:
        writer: the organisation, in which all that learncycles are about comes first.
        people: its learners.
        staff: its users.
        groups: its groups.
        library: its course offers, and the reasons for statuses.
        chronicle: tells its history.
        domain: where its other systems are.
        seed: what all that is invented is invented from.
        days: its days.
        now: the instant of the seeding; a webhook that failed is tried again after it.
    """
    of_role = {user.role: user.id for user in staff}
    linked = {user.learner_id: user.id for user in staff if user.learner_id}
    inactive_since = {each.learner.id: each.learner.deactivation.at for each in people if each.learner.deactivation}
    ledger = Ledger(chronicle, days, of_role)
    aftermath = Aftermath(ledger, linked, inactive_since)
    webhooks = Webhooks(ledger, domain, _T.SERIES_ENROLMENT_STATUS, seed + 4, now)
    for new in _invented(library, groups, of_role):
        rule, status = await _learncycle(writer, ledger, new)
        if status is LearncycleStatus.ON:
            webhooks.send(await _followed(writer, aftermath, rule))
    [learner_id] = [user.learner_id for user in staff if user.role is Role.LEARNER and user.learner_id]
    for made in OF_THE_LEARNER:
        aftermath.by_hand(made, learner_id)
    for table, rows in ledger.rows.items():
        await writer.rows(table, table.name.replace("_", " "), rows, len(rows))
    await writer.history(ledger.entries)


async def _learncycle(writer: Writer, ledger: Ledger, new: _New) -> tuple[Learncycle, LearncycleStatus]:
    """Makes a learncycle, and what was done to it: one thing an hour."""
    connection, organisation_id, owner = writer.connection, writer.organisation_id, ledger.of_role[Role.OWNER]
    at, status = ledger.days.at(MADE_ON, 9), LearncycleStatus.OFF
    rule = Learncycle(ledger.chronicle.ids(at), new.trigger, new.actions, new.offers, new.conditions)
    subject = (SubjectKind.LEARNCYCLE, rule.id)
    await learncycle_queries.create(connection, organisation_id, rule, name=new.name, at=at)
    ledger.tell(_H.LEARNCYCLE_CREATED, subject, (None, status), at, owner)
    for place, action in enumerate(new.moves):
        at, before = ledger.days.at(SWITCHED_ON, 10 + place), status
        since = at if action is _L.SWITCH_ON else None
        await learncycle_queries.take(connection, organisation_id, [rule.id], action, switched_on_at=since)
        status = LearncycleStatus(LEARNCYCLES[action].after(status))
        ledger.tell(ACTS[action], subject, (before, status), at, owner, version=place + 2)
    return rule, status


async def _followed(writer: Writer, aftermath: Aftermath, rule: Learncycle) -> list[tuple[UUID, datetime]]:
    """Writes down what a rule has done since it was switched on; says what webhooks are to be sent of it."""
    days, chronicle = aftermath.ledger.days, aftermath.ledger.chronicle
    work = Work.of_clock(writer.connection, writer.organisation_id, lambda: days.at(0), chronicle.ids)
    told = await simulate(work, rule, days.at(SWITCHED_ON, 10), days.at(1), most=NO_LIMIT)
    sent = [aftermath.run(rule, number % len(rule.actions), done) for number, done in enumerate(told or ())]
    return [each for each in sent if each]
