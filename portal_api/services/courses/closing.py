"""The closing steps that can be asked for with a finalisation: credential, app access, reconnect flag, inactive last (S2)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from portal_api.domain.courses.enrolments import COURSE_ENROLMENTS
from portal_api.domain.courses.outcomes import CREDENTIALLED
from portal_api.domain.courses.stages import ReconnectPurpose
from portal_api.domain.courses.statuses import CourseEnrolmentAction, CourseEnrolmentStatus
from portal_api.domain.courses.units import Unit
from portal_api.domain.credentials import CREDENTIALS, HAS_OUTCOME, CredentialAction, CredentialStatus
from portal_api.domain.history import HistoryAction
from portal_api.domain.learners import LEARNERS, DeactivationReason, LearnerAction
from portal_api.domain.machine import Rule
from portal_api.domain.refusals import Reason
from portal_api.queries import credentials as credential_queries
from portal_api.queries import learners as learner_queries
from portal_api.queries.courses import found
from portal_api.queries.courses.found import EnrolmentRow
from portal_api.queries.credentials import CredentialRow
from portal_api.queries.learners import LearnerRow
from portal_api.services import credentials as credential_services
from portal_api.services import learners as learner_services
from portal_api.services.courses.writing import EnrolmentChange, write_enrolments
from portal_api.work import Work


@dataclass(frozen=True, slots=True)
class CredentialAsked:
    """A credential to be requested, or issued at once."""

    is_issued: bool

    def is_there(self, standing: CredentialStatus | None) -> bool:
        """Whether the one that an enrolment has is the one asked for; what is issued was requested."""
        return standing is CredentialStatus.ISSUED or (standing is CredentialStatus.REQUESTED and not self.is_issued)


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

    credential: CredentialAsked | None = None
    takes_app_access: bool = False
    flag: Flag | None = None
    deactivation: Deactivation | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What decides over the closing steps of enrolments: their learners, and the credentials that they have."""

    learners: Mapping[UUID, LearnerRow]
    credentials: Mapping[UUID, CredentialRow]
    standing: Mapping[UUID, CredentialStatus]
    """Of enrolments that have a credential already."""


async def ground_of(work: Work, closing: Closing, rows: Sequence[EnrolmentRow]) -> Ground:
    """Looks at what the steps that are asked for look at, and at nothing where none is."""
    learners: Mapping[UUID, LearnerRow] = {}
    credentials: Mapping[UUID, CredentialRow] = {}
    standing: Mapping[UUID, CredentialStatus] = {}
    if closing.takes_app_access or closing.deactivation:
        ids = sorted({row.learner_id for row in rows})
        learners = await learner_queries.facts(work.connection, work.bound, ids)
    if closing.credential:
        ids = [row.id for row in rows]
        credentials = await credential_queries.candidates(work.connection, work.bound, ids)
        standing = await credential_queries.standing(work.connection, work.organisation_id, ids)
    return Ground(learners, credentials, standing)


def against_closing(
    work: Work, closing: Closing, row: EnrolmentRow, to: CourseEnrolmentStatus, units: Collection[Unit], ground: Ground
) -> Iterator[Reason]:
    """What stands against the closing steps of an enrolment: each is refused as it would be alone, unless it was taken before.

    Args:
        work: the transaction.
        closing: the steps.
        row: the enrolment.
        to: the status that it is finalised to.
        units: its units as they will be.
        ground: what else decides.
    """
    if closing.credential and not closing.credential.is_there(ground.standing.get(row.id)):
        has_outcome = any(unit.outcome in CREDENTIALLED for unit in units)
        facts = replace(ground.credentials[row.id].facts, has_outcome=has_outcome)
        yield from _refusals(work, CREDENTIALS[CredentialAction.REQUEST], facts, "credential")
        if closing.credential.is_issued and (reason := HAS_OUTCOME.refusal(facts)):
            yield replace(reason, path=("input", "closing", "credential"))
    if closing.takes_app_access:
        facts = ground.learners[row.learner_id].facts
        yield from _refusals(work, LEARNERS[LearnerAction.SET_APP_ACCESS], facts, "appAccessOff")
    if closing.flag:
        facts = replace(row.facts, status=to, finalised_on=closing.flag.on)
        yield from _refusals(work, COURSE_ENROLMENTS[CourseEnrolmentAction.FLAG_FOR_RECONNECT], facts, "reconnect")
    if closing.deactivation:
        facts = ground.learners[row.learner_id].facts
        yield from _refusals(work, LEARNERS[LearnerAction.DEACTIVATE], facts, "deactivation")


def _refusals(work: Work, rule: Rule[Any, Any, Any], facts: Any, place: str) -> Iterator[Reason]:
    for reason in rule.reasons(work.role, facts):
        yield replace(reason, path=("input", "closing", place))


async def close(
    work: Work, closing: Closing, rows: Sequence[EnrolmentRow], ground: Ground, causes: Mapping[UUID, UUID]
) -> Collection[UUID]:
    """Takes the closing steps, in the article's order; learners are set inactive last, since afterwards nothing can be.

    Args:
        work: the transaction.
        closing: the steps.
        rows: the enrolments, with nothing against the steps.
        ground: what was looked at before.
        causes: the history entry of each enrolment that was finalised by the call.

    Returns:
        The enrolments with which something was done.
    """
    if not rows:
        return ()
    touched = set[UUID]()
    if closing.credential:
        ids = [row.id for row in rows if not closing.credential.is_there(ground.standing.get(row.id))]
        await credential_services.request_locked(
            work, ids, issue_at_once=closing.credential.is_issued, expected={}, causes=causes
        )
        touched |= set(ids)
    causes_of_learners = {row.learner_id: causes[row.id] for row in rows if row.id in causes}
    learners = list({row.learner_id: ground.learners.get(row.learner_id) for row in rows}.values())
    changed = set[UUID]()
    if closing.takes_app_access:
        on = [each for each in learners if each and each.facts.has_app_access]
        changed |= set(
            await learner_services.switch_app_access(work, on, has_app_access=False, causes=causes_of_learners)
        )
    if closing.flag:
        touched |= set(await _flag(work, closing.flag, [row.id for row in rows]))
    if closing.deactivation:
        changed |= set(
            await learner_services.deactivate_rows(
                work,
                [each for each in learners if each],
                reason=closing.deactivation.reason,
                note=closing.deactivation.note,
                causes=causes_of_learners,
            )
        )
    return touched | {row.id for row in rows if row.learner_id in changed}


async def _flag(work: Work, flag: Flag, ids: Sequence[UUID]) -> Collection[UUID]:
    rows = await found.facts(work.connection, work.bound, ids)  # read again: finalising has changed them
    given = {"reconnect_for": flag.purpose, "reconnect_on": flag.on}
    changes = [EnrolmentChange(row, given) for row in rows.values()]
    return await write_enrolments(work, changes, HistoryAction.COURSE_ENROLMENT_FLAGGED)
