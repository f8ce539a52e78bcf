"""What has ended awaits nothing, and what time does at one instant is told once: found by the machine of certifications."""

import pytest

from portal_api.domain.certifications import LearnerCertificationStatus
from portal_api.domain.history import HistoryAction
from portal_api.domain.roles import Role
from portal_api.models import certification_cycles, exam_attempts, history_entries
from tests.api.calls import call
from tests.api.certifying import ahead
from tests.clock import START, ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record
from tests.ticking import ticked

S = LearnerCertificationStatus


def _at_work(organisation: Organisation) -> Record:
    """The Learner's record, whose exam may be taken before the training and wants a sign-off."""
    certification = organisation.certification(is_published=False)
    organisation.certification_version(certification, allows_exam_before_training=True, exam_needs_approval=True)
    return organisation.learner_certification(organisation.own[Role.LEARNER], certification, S.IN_PROGRESS)


@pytest.mark.parametrize("is_waiting", [False, True])
async def test_a_cycle_that_ends_awaits_no_exam(
    organisation: Organisation, sign_in: SignIn, engine: str, *, is_waiting: bool
) -> None:
    record = _at_work(organisation)
    await call(sign_in(Role.LEARNER), "startExam", id=record.gid)
    if is_waiting:
        result = {"learnerCertificationId": record.gid, "passed": True}
        await call(sign_in(Role.INTEGRATION), "recordExamResults", results=[result])

    payload = await call(sign_in(Role.ADMIN), "revokeAccess", ids=[record.gid])

    assert payload["results"][0]["outcome"] == "CHANGED"
    [cycle] = await organisation.stored(certification_cycles)
    assert (cycle["has_attempt_open"], cycle["is_exam_waiting"]) == (False, False)
    [attempt] = await organisation.stored(exam_attempts)
    assert attempt["status"].name == ("AWAITING_APPROVAL" if is_waiting else "STARTED")


async def test_an_override_leaves_the_exam_history_as_it_is(organisation: Organisation, sign_in: SignIn) -> None:
    record = _at_work(organisation)
    await call(sign_in(Role.LEARNER), "startExam", id=record.gid)
    result = {"learnerCertificationId": record.gid, "passed": True}
    await call(sign_in(Role.INTEGRATION), "recordExamResults", results=[result])

    payload = await call(sign_in(Role.ADMIN), "overrideExam", "id status", ids=[record.gid])

    assert payload["results"][0]["node"]["status"] == "IN_PROGRESS"
    [attempt] = await organisation.stored(exam_attempts)
    assert attempt["status"].name == "AWAITING_APPROVAL"


async def test_without_grace_the_history_tells_of_the_lapse_alone(
    organisation: Organisation, clock: ManualClock, new_id: RepeatableIds
) -> None:
    times = {**ahead(), "lapses_at": START + 10 * DAY}
    certification = organisation.certification()
    record = organisation.learner_certification(organisation.learner(), certification, S.CERTIFIED, **times)
    await organisation.save()
    clock.now = times["expires_at"]

    await ticked(organisation, clock, new_id)

    told = [entry for entry in await organisation.stored(history_entries) if entry["subject_id"] == record.id]
    assert [(entry["action"], entry["from_status"], entry["to_status"]) for entry in told] == [
        (HistoryAction.LEARNER_CERTIFICATION_LAPSED, "CERTIFIED", "LAPSED")
    ]
