"""The administrator's seven actions on a record as a whole: overrides, revocations, restoration (S5 Actions)."""

from collections.abc import Mapping, Sequence
from functools import cache
from uuid import UUID

from portal_api.domain.certifications import EFFECTS, LEARNER_CERTIFICATIONS, LearnerCertificationAction
from portal_api.domain.history import HistoryAction
from portal_api.queries.certifications import found
from portal_api.services.bulk import Decided
from portal_api.services.certifications.carrying_out import carry_out
from portal_api.work import Answer, Work

_A, _H = LearnerCertificationAction, HistoryAction
_ACTS = {
    _A.OVERRIDE_PAYMENT: _H.LEARNER_CERTIFICATION_FEE_OVERRIDDEN,
    _A.OVERRIDE_TRAINING: _H.LEARNER_CERTIFICATION_STEPS_OVERRIDDEN,
    _A.OVERRIDE_EXAM: _H.LEARNER_CERTIFICATION_EXAM_OVERRIDDEN,
    _A.REVOKE_ACCESS: _H.LEARNER_CERTIFICATION_REVOKED,
    _A.FORCE_RECERTIFICATION: _H.LEARNER_CERTIFICATION_CYCLE_FORCED,
    _A.PERMANENTLY_REVOKE: _H.LEARNER_CERTIFICATION_BARRED,
    _A.RESTORE_ACCESS: _H.LEARNER_CERTIFICATION_RESTORED,
}

_OPENING = frozenset({_A.FORCE_RECERTIFICATION, _A.RESTORE_ACCESS})
"""What opens a cycle needs a published version, which nobody may retire meanwhile."""


async def take(
    work: Work,
    action: LearnerCertificationAction,
    ids: Sequence[UUID],
    *,
    note: str | None,
    expected: Mapping[UUID, int],
) -> Answer:
    """Takes one of the seven actions with many records.

    Args:
        work: the transaction.
        action: which.
        ids: the records, as the caller named them.
        note: a note for administrators.
        expected: the versions that the caller read.

    Returns:
        A result for each of `ids`.
    """
    await work.lock(found.lock_learners, ids)
    if action in _OPENING:
        await work.lock(found.hold_certifications, ids)
    rows = await found.facts(work.connection, work.bound, ids)
    decided = Decided(LEARNER_CERTIFICATIONS[action], work.role, ids, rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    effect_on = cache(EFFECTS[action])  # records mostly have their facts in common
    effects = {row.id: effect_on(row.facts) for row in decided.granted}
    acts = dict.fromkeys(effects, _ACTS[action])
    return Answer(decided.results(await carry_out(work, decided.granted, effects, acts, note=note)))
