"""The closing steps that can be asked for with a finalisation: app access off, reconnect flag, inactive last of all (S2)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from portal_api.domain.courses.enrolments import COURSE_ENROLMENTS
from portal_api.domain.courses.stages import ReconnectPurpose
from portal_api.domain.courses.statuses import CourseEnrolmentAction, CourseEnrolmentStatus
from portal_api.domain.history import HistoryAction
from portal_api.domain.learners import LEARNERS, DeactivationReason, LearnerAction
from portal_api.domain.machine import Refused
from portal_api.domain.refusals import Reason
from portal_api.queries import learners as learner_queries
from portal_api.queries.courses import found
from portal_api.queries.courses.found import EnrolmentRow
from portal_api.queries.learners import LearnerRow
from portal_api.services import learners as learner_services
from portal_api.services.courses.writing import EnrolmentChange, write_enrolments
from portal_api.work import Work


@dataclass(frozen=True, slots=True)
class Flag:
    """What an enrolment is to be come back to for, and when."""

    purpose: ReconnectPurpose
    on: date


@dataclass(frozen=True, slots=True)
class Deactivation:
    """Why learners are set inactive."""

    reason: DeactivationReason
    note: str | None


@dataclass(frozen=True, slots=True)
class Closing:
    """The closing steps that a call asks for."""

    takes_app_access: bool = False
    flag: Flag | None = None
    deactivation: Deactivation | None = None

    @property
    def learner_actions(self) -> dict[str, LearnerAction]:
        """What is done to learners, by the input's fields."""
        access = {"appAccessOff": LearnerAction.SET_APP_ACCESS} if self.takes_app_access else {}
        return access | ({"deactivation": LearnerAction.DEACTIVATE} if self.deactivation else {})


async def learners_to_close(work: Work, closing: Closing, rows: Sequence[EnrolmentRow]) -> dict[UUID, LearnerRow]:
    """The learners of enrolments, where something is to be done to them."""
    if not closing.learner_actions:
        return {}
    ids = sorted({row.learner_id for row in rows})
    return await learner_queries.facts(work.connection, work.bound, ids)


def against_closing(
    work: Work, closing: Closing, row: EnrolmentRow, to: CourseEnrolmentStatus, learners: Mapping[UUID, LearnerRow]
) -> list[Reason]:
    """What stands against the closing steps of an enrolment: each is refused as it would be alone."""
    reasons: list[Reason] = []
    for place, action in closing.learner_actions.items():
        decision = LEARNERS[action].decide(work.role, learners[row.learner_id].facts)
        if isinstance(decision, Refused):
            reasons += [replace(reason, path=("input", "closing", place)) for reason in decision.reasons]
    if closing.flag:
        facts = replace(row.facts, status=to, finalised_on=closing.flag.on)
        rule = COURSE_ENROLMENTS[CourseEnrolmentAction.FLAG_FOR_RECONNECT]
        decision = rule.decide(work.role, facts)
        if isinstance(decision, Refused):
            reasons += [replace(reason, path=("input", "closing", "reconnect")) for reason in decision.reasons]
    return reasons


async def close(
    work: Work,
    closing: Closing,
    rows: Sequence[EnrolmentRow],
    learners: Mapping[UUID, LearnerRow],
    causes: Mapping[UUID, UUID],
) -> Collection[UUID]:
    """Takes the closing steps, in the article's order; learners are set inactive last, since afterwards nothing can be.

    Args:
        work: the transaction.
        closing: the steps.
        rows: the enrolments.
        learners: their learners.
        causes: the history entry of each enrolment that was finalised by the call.

    Returns:
        The enrolments with which something was done.
    """
    by_learner = {row.learner_id: causes[row.id] for row in rows if row.id in causes}
    touched = dict.fromkeys(learners[row.learner_id].id for row in rows) if learners else dict[UUID, None]()
    changed = set[UUID]()
    if closing.takes_app_access:
        on = [learners[id_] for id_ in touched if learners[id_].facts.has_app_access]
        changed |= set(await learner_services.switch_app_access(work, on, has_app_access=False, causes=by_learner))
    flagged = await _flag(work, closing.flag, [row.id for row in rows])
    if closing.deactivation:
        # Read again: their versions have moved if their app access has.
        present = await learner_queries.facts(work.connection, work.bound, list(touched))
        changed |= set(
            await learner_services.deactivate_rows(
                work,
                list(present.values()),
                reason=closing.deactivation.reason,
                note=closing.deactivation.note,
                causes=by_learner,
            )
        )
    return {*flagged, *(row.id for row in rows if row.learner_id in changed)}


async def _flag(work: Work, flag: Flag | None, ids: Sequence[UUID]) -> Collection[UUID]:
    if flag is None or not ids:
        return ()
    rows = await found.facts(work.connection, work.bound, ids)
    given = {"reconnect_for": flag.purpose, "reconnect_on": flag.on}
    changes = [EnrolmentChange(row, given) for row in rows.values()]
    return await write_enrolments(work, changes, HistoryAction.COURSE_ENROLMENT_FLAGGED)
