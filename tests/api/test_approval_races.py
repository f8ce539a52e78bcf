"""Decisions, recordings and overrides of one record at once: each happens once, one after the other."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from typing import Any

from portal_api.auth import Tokens
from portal_api.database import Database
from portal_api.domain.certifications import ApprovalKind
from portal_api.domain.history import HistoryAction
from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    exam_attempts,
    history_entries,
    learner_certifications,
)
from tests.api.calls import call
from tests.api.cases.certification_recording import steps_of
from tests.api.deciding import asked
from tests.api.test_races import STAGGER, Race, _after, _race
from tests.client import Json
from tests.clock import RepeatableIds
from tests.factories import Record

ROUNDS = 8
K, H = ApprovalKind, HistoryAction


async def _at_once(race: Race, *calls: Awaitable[Json]) -> list[str]:
    """Calls at once; what became of each row: an outcome, or the code that refused it."""
    answers = await asyncio.gather(*(_after(race.random.random() * STAGGER, each) for each in calls))
    assert [error for payload in answers for error in payload["errors"]] == []
    return [
        result["errors"][0]["code"] if result["errors"] else result["outcome"]
        for payload in answers
        for result in payload["results"]
    ]


async def _counted(race: Race) -> Counter[HistoryAction]:
    return Counter(entry["action"] for entry in await race.organisation.stored(history_entries))


def _decision(owner: Any, approval: Record, decision: str) -> Awaitable[Json]:
    comment = "So be it."
    return call(owner, "decideApprovals", ids=[approval.gid], decision=decision, comment=comment)


async def test_of_two_decisions_at_once_exactly_one_counts(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    async with _race(own_database, tokens, new_id, seed=11) as race:
        made, (one, two) = race.organisation, race.owners
        for number in range(ROUNDS):
            approval = asked(made, made.learner(), list(K)[number % len(K)])
            await made.save()

            told = await _at_once(race, _decision(one, approval, "APPROVE"), _decision(two, approval, "DENY"))

            assert sorted(told) == ["ALREADY_DECIDED", "CHANGED"]
        counted = await _counted(race)
        assert counted[H.APPROVAL_APPROVED] + counted[H.APPROVAL_DENIED] == ROUNDS
        assert {row["version"] for row in await made.stored(approvals)} == {2}


async def test_a_decision_and_an_override_at_once_certify_once(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    async with _race(own_database, tokens, new_id, seed=12) as race:
        made, (one, two) = race.organisation, race.owners
        for _ in range(ROUNDS):
            approval = asked(made, made.learner(), K.EXAM, steps=0)
            record = made.record(approval["learner_certification_id"])
            await made.save()

            told = await _at_once(
                race,
                _decision(one, approval, "APPROVE"),
                call(two, "overrideExam", ids=[record.gid]),
            )

            assert sorted(told) in (["ALREADY_DECIDED", "CHANGED"], ["CHANGED", "STATUS_NOT_ALLOWED"])
        counted = await _counted(race)
        assert counted[H.CERTIFICATE_ISSUED] == len(await made.stored(certificates)) == ROUNDS
        assert {row["version"] for row in await made.stored(learner_certifications)} == {2}


async def test_of_two_passes_at_once_one_certifies_and_one_attempt_is_made(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    async with _race(own_database, tokens, new_id, seed=13) as race:
        made, (one, two) = race.organisation, race.owners
        for _ in range(ROUNDS):
            certification = made.certification(is_published=False)
            made.certification_version(certification, steps=0)
            record = made.learner_certification(made.learner(), certification)
            await made.save()
            passed = [{"learnerCertificationId": record.gid, "passed": True}]

            told = await _at_once(race, *(call(each, "recordExamResults", results=passed) for each in (one, two)))

            assert sorted(told) == ["CHANGED", "STATUS_NOT_ALLOWED"]
        assert len(await made.stored(certificates)) == len(await made.stored(exam_attempts)) == ROUNDS


async def test_two_failures_at_once_are_two_attempts_one_after_the_other(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    async with _race(own_database, tokens, new_id, seed=14) as race:
        made, (one, two) = race.organisation, race.owners
        for _ in range(ROUNDS):
            record = made.learner_certification(made.learner(), made.certification())
            await made.save()
            failed = [{"learnerCertificationId": record.gid, "passed": False}]

            told = await _at_once(race, *(call(each, "recordExamResults", results=failed) for each in (one, two)))

            assert told == ["CHANGED", "CHANGED"]
            attempts = await made.stored(exam_attempts)
            own = [row["number"] for row in attempts if row["learner_certification_id"] == record.id]
            assert sorted(own) == [1, 2]


async def test_the_last_step_and_the_sign_off_of_the_exam_at_once_certify_once(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    async with _race(own_database, tokens, new_id, seed=15) as race:
        made, (one, two) = race.organisation, race.owners
        for _ in range(ROUNDS):
            approval = asked(made, made.learner(), K.EXAM, steps=1)
            record = made.record(approval["learner_certification_id"])
            [step] = steps_of(made, record)
            await made.save()
            completion = {"learnerCertificationId": record.gid, "stepId": step.gid, "path": "ONLINE"}

            told = await _at_once(
                race,
                _decision(one, approval, "APPROVE"),
                call(two, "recordStepCompletions", completions=[completion]),
            )

            assert told == ["CHANGED", "CHANGED"]
        assert {row["status"].name for row in await made.stored(learner_certifications)} == {"CERTIFIED"}
        assert (await _counted(race))[H.CERTIFICATE_ISSUED] == len(await made.stored(certificates)) == ROUNDS


async def test_access_granted_while_somebody_assigns_by_hand_makes_one_record(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    async with _race(own_database, tokens, new_id, seed=16) as race:
        made, (one, two) = race.organisation, race.owners
        for _ in range(ROUNDS):
            learner, certification = made.learner(), made.certification()
            approval = asked(made, learner, K.ACCESS, certification=certification)
            await made.save()

            told = await _at_once(
                race,
                _decision(one, approval, "APPROVE"),
                call(two, "assignCertification", certificationId=certification.gid, learnerIds=[learner.gid]),
            )

            assert told == ["CHANGED", "CHANGED"]
        records = await made.stored(learner_certifications)
        assert [row["status"].name for row in records] == ["NOT_STARTED"] * ROUNDS
        sources = Counter(row["kind"].name for row in await made.stored(assignment_sources))
        assert sources == {"SELF": ROUNDS, "MANUAL": ROUNDS}


async def test_no_access_is_granted_under_a_version_that_is_retired_at_the_same_moment(
    own_database: Database, tokens: Tokens, new_id: RepeatableIds
) -> None:
    """Whichever comes first: a cycle under the version, or nothing for want of one."""
    async with _race(own_database, tokens, new_id, seed=17) as race:
        made, (one, two) = race.organisation, race.owners
        for _ in range(ROUNDS):
            certification = made.certification(is_published=False)
            version = made.certification_version(certification)
            approval = asked(made, made.learner(), K.ACCESS, certification=certification)
            await made.save()

            told = await _at_once(
                race,
                _decision(one, approval, "APPROVE"),
                call(two, "retireCertificationVersion", id=version.gid),
            )

            assert told in (["CHANGED", "CHANGED"], ["NO_PUBLISHED_VERSION", "CHANGED"])
