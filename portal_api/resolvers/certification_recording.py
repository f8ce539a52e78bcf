"""Mutations that record what learners did for their certifications."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from portal_api.domain.certifications import RECORDED_PATHS, StepPath
from portal_api.domain.inputs import LONGEST_REFERENCE, invalid, text_reasons
from portal_api.domain.refusals import Reason
from portal_api.permissions import MayRecordExamResults, MayRecordPayments, MayRecordStepCompletions
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.resolvers.changes import Selected, against_twice, change, given_or_none, text_given
from portal_api.resolvers.planned import PortalInfo
from portal_api.services.certifications import recording
from portal_api.services.certifications.recording import Completion, ExamResult
from portal_api.work import Answer, Work

HIGHEST_SCORE = 100
_RECORD = "learner_certification_id"


async def record_step_completions(info: PortalInfo, given: Any) -> Completed:
    """Answers `recordStepCompletions`."""

    selected = Selected.of_named("lct", given, "completions", _RECORD)
    completions = [
        Completion(
            record_id=record_id,
            step_id=parse_id(row.step_id, "cts"),
            path=StepPath(row.path),
            is_done=given_or_none(row.passed) is not False,
        )
        for record_id, row in zip(selected.ids, given.completions, strict=True)
    ]
    wrong = [
        *_against_rows(given.completions),
        *against_twice([(each.record_id, each.step_id) for each in completions], "completions", name="stepId"),
    ]

    async def body(work: Work) -> Answer:
        return await recording.record_steps(work, completions, expected=selected.expected)

    return await change(info, MayRecordStepCompletions, given, selected, body, refusals=wrong)


def _against_rows(rows: Sequence[Any]) -> Iterator[Reason]:
    """Evidence comes from the learner; only a test-out can be failed, and always says how it ended."""
    for place, row in enumerate(rows):
        at = ("completions", str(place))
        passed = given_or_none(row.passed)
        if StepPath(row.path) not in RECORDED_PATHS:
            paths = ", ".join(sorted(path.name for path in RECORDED_PATHS))
            yield invalid(f"`path` is one of {paths}: evidence is submitted by the learner.", *at, "path")
        elif StepPath(row.path) is StepPath.TEST_OUT and passed is None:
            yield invalid("`passed` says how the test-out exam ended. Give it.", *at, "passed")
        elif StepPath(row.path) is not StepPath.TEST_OUT and passed is not None:
            yield invalid("`passed` is for the path TEST_OUT alone. Leave it out.", *at, "passed")


async def record_exam_results(info: PortalInfo, given: Any) -> Completed:
    """Answers `recordExamResults`."""

    selected = Selected.of_named("lct", given, "results", _RECORD)
    results: dict[UUID, ExamResult] = {}
    wrong = list(against_twice(selected.ids, "results", name="learnerCertificationId"))
    for place, (record_id, row) in enumerate(zip(selected.ids, given.results, strict=True)):
        score = given_or_none(row.score)
        results[record_id] = ExamResult(row.passed, score)
        if score is not None and not 0 <= score <= HIGHEST_SCORE:
            wrong.append(invalid(f"`score` is 0 to {HIGHEST_SCORE}, in percent.", "results", str(place), "score"))

    async def body(work: Work) -> Answer:
        return await recording.record_exams(work, selected.ids, results, expected=selected.expected)

    return await change(info, MayRecordExamResults, given, selected, body, refusals=wrong)


async def record_payments(info: PortalInfo, given: Any) -> Completed:
    """Answers `recordPayments`."""

    selected = Selected.of_named("lct", given, "payments", _RECORD)
    refs = {record_id: text_given(row.payment_ref) for record_id, row in zip(selected.ids, given.payments, strict=True)}
    wrong = [
        *against_twice(selected.ids, "payments", name="learnerCertificationId"),
        *(
            reason
            for place, row in enumerate(given.payments)
            for reason in text_reasons(
                row.payment_ref, "payments", str(place), "paymentRef", longest=LONGEST_REFERENCE, least=1
            )
        ),
    ]

    async def body(work: Work) -> Answer:
        return await recording.record_payments(work, selected.ids, refs, expected=selected.expected)

    return await change(info, MayRecordPayments, given, selected, body, refusals=wrong)
