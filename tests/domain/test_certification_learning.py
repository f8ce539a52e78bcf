"""What learning does to a learner's certification, and what stands in the way of a training step."""

from dataclasses import replace
from typing import Any

import pytest

from portal_api.domain.certifications import (
    CertificateChange,
    Cycle,
    CycleOutcome,
    FeeStatus,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
    Step,
    StepPath,
    StepStatus,
    TestOutResult,
    advanced,
    evidence_reasons,
    learning,
    words_reasons,
)
from portal_api.domain.certifications.evidence import LONGEST_EVIDENCE, MOST_LINKS
from portal_api.domain.inputs import LONGEST_URL, evidence_link_reasons
from portal_api.domain.refusals import ErrorCode

S = LearnerCertificationStatus
WORKING = Cycle(is_started=True, steps_open=2, attempts_allowed=3)


def test_who_enrols_has_a_cycle_and_has_not_started() -> None:
    effect = learning.enrolled(LearnerCertificationFacts(S.ASSIGNED))

    assert (effect.status, effect.opens_cycle, effect.cycle, effect.certificate) == (S.NOT_STARTED, True, None, None)


def test_who_starts_works_on_the_cycle_that_is_open() -> None:
    effect = learning.started(LearnerCertificationFacts(S.NOT_STARTED, cycle=replace(WORKING, is_started=False)))

    assert (effect.status, effect.cycle, effect.opens_cycle) == (S.IN_PROGRESS, WORKING, False)


@pytest.mark.parametrize(("was_certified", "status"), [(True, S.RECERTIFYING), (False, S.NOT_STARTED)])
def test_a_new_cycle_is_a_recertification_of_whoever_was_ever_certified(
    was_certified: bool, status: LearnerCertificationStatus
) -> None:
    effect = learning.recertification_started(LearnerCertificationFacts(S.REVOKED, was_certified=was_certified))

    assert (effect.status, effect.opens_cycle, effect.certificate) == (status, True, None)


def test_a_payment_settles_the_fee_and_nothing_else() -> None:
    cycle = replace(WORKING, fee=FeeStatus.UNPAID)

    effect = learning.paid(LearnerCertificationFacts(S.PENDING_APPROVAL, cycle=cycle))

    assert (effect.status, effect.cycle) == (S.PENDING_APPROVAL, replace(cycle, fee=FeeStatus.PAID))


def test_a_step_that_is_done_is_open_no_more() -> None:
    assert learning.step_completed(WORKING) == replace(WORKING, steps_open=1)


def test_evidence_waits_or_completes_its_step() -> None:
    assert learning.evidence_submitted(WORKING, needs_approval=True) == replace(WORKING, steps_waiting=1)
    assert learning.evidence_submitted(WORKING, needs_approval=False) == replace(WORKING, steps_open=1)


def test_a_decision_over_evidence_completes_its_step_or_opens_it_again() -> None:
    waiting = replace(WORKING, steps_waiting=1)

    assert learning.evidence_decided(waiting, is_approved=True) == replace(WORKING, steps_open=1)
    assert learning.evidence_decided(waiting, is_approved=False) == WORKING


def test_an_attempt_counts_from_its_start() -> None:
    assert learning.attempt_started(WORKING) == replace(WORKING, attempts_used=1, has_attempt_open=True)


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize(
    ("is_passed", "needs_approval", "ended"),
    [
        (True, False, {"is_exam_passed": True}),
        (True, True, {"is_exam_waiting": True}),
        (False, False, {}),
        (False, True, {}),
    ],
)
def test_a_result_closes_the_open_attempt_or_makes_one(
    is_passed: bool, needs_approval: bool, ended: dict[str, Any], is_open: bool
) -> None:
    cycle = learning.attempt_started(WORKING) if is_open else WORKING

    after = learning.attempt_ended(cycle, is_passed=is_passed, needs_approval=needs_approval)

    assert after == replace(WORKING, attempts_used=1, **ended)


@pytest.mark.parametrize("is_approved", [True, False])
def test_a_pass_counts_once_it_is_approved(is_approved: bool) -> None:
    waiting = replace(WORKING, attempts_used=1, is_exam_waiting=True)

    after = learning.attempt_decided(waiting, is_approved=is_approved)

    assert after == replace(waiting, is_exam_waiting=False, is_exam_passed=is_approved)


def test_the_last_thing_to_be_done_certifies() -> None:
    last = learning.step_completed(replace(WORKING, steps_open=1, is_exam_passed=True))

    effect = advanced(last)

    assert (effect.status, effect.outcome) == (S.CERTIFIED, CycleOutcome.CERTIFIED)
    assert effect.certificate is CertificateChange.ISSUED
    assert advanced(replace(last, steps_open=1)).certificate is None


EVERY = frozenset(StepPath)


@pytest.mark.parametrize("path", list(StepPath))
def test_an_open_step_is_completed_in_the_ways_that_it_offers(path: StepPath) -> None:
    assert Step(StepStatus.OPEN, EVERY).against(path) is None

    reason = Step(StepStatus.OPEN, EVERY - {path}).against(path)

    assert reason is not None
    assert reason.code is ErrorCode.STEP_PATH_NOT_OFFERED
    assert all(each.name in reason.message for each in StepPath)


@pytest.mark.parametrize("path", list(StepPath))
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (StepStatus.DONE, ErrorCode.STEP_DONE),
        (StepStatus.AWAITING_APPROVAL, ErrorCode.STEP_AWAITING_APPROVAL),
    ],
)
def test_a_step_that_is_done_or_awaits_approval_is_not_completed(
    status: StepStatus, code: ErrorCode, path: StepPath
) -> None:
    reason = Step(status, EVERY).against(path)

    assert reason is not None
    assert reason.code is code


@pytest.mark.parametrize("result", list(TestOutResult))
@pytest.mark.parametrize("path", list(StepPath))
def test_a_test_out_is_taken_once_and_stands_in_the_way_of_no_other_path(result: TestOutResult, path: StepPath) -> None:
    reason = Step(StepStatus.OPEN, EVERY, result).against(path)

    assert (reason and reason.code) == (ErrorCode.TEST_OUT_TAKEN if path is StepPath.TEST_OUT else None)


GOOD = "https://files.example.org/a/report.pdf?page=2#top"


@pytest.mark.parametrize(
    "link",
    [
        GOOD,
        "https://example.org",
        "https://localhost/x",
        "https://example.org:8443/",
        "https://[2001:db8::1]/x",
        "https://例え.jp/証明",
        "https://example.org/user@home",
        "https://e.org/" + "a" * (LONGEST_URL - 14),
    ],
)
def test_a_link_that_leads_to_a_host_is_taken(link: str) -> None:
    assert list(evidence_link_reasons(link, "links", "0")) == []


@pytest.mark.parametrize(
    "link",
    [
        "http://example.org",
        "HTTPS://example.org",
        "//example.org",
        "example.org",
        "javascript:alert(1)//https://example.org",
        "https:example.org",
        "https://",
        "https:///path",
        "https://:443/",
        "https://somebody@example.org/",
        "https://somebody:secret@example.org/",
        "https://@example.org/",
        "https://example.org\\@elsewhere.org/",
        "https://example.org/a b",
        "https://example.org/\n",
        "https://example.org/\x01",
        "https://example.org/\x7f",
        "https://example.org/\u200b",
        "https://example.org/\u202egnp.exe",
        "https://example.org/\u00a0x",
        " https://example.org",
        "https://example.org:port/",
        "https://example.org:99999/",
        "https://example.org:0/",
        "https://[::1/",
    ],
    ids=repr,
)
def test_what_is_no_plain_link_is_refused_once_at_its_place(link: str) -> None:
    [reason] = evidence_link_reasons(link, "links", "3")

    assert (reason.code, reason.path) == (ErrorCode.INPUT_INVALID, ("input", "links", "3"))


@pytest.mark.parametrize("link", ["", GOOD + "a" * LONGEST_URL])
def test_a_link_of_a_wrong_length_is_refused_once(link: str) -> None:
    [reason] = evidence_link_reasons(link, "links", "0")

    assert "2000 characters" in reason.message


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("x", ()),
        ("x" * LONGEST_EVIDENCE, (GOOD,)),
        (None, (GOOD,)),
        (None, (GOOD,) * MOST_LINKS),
    ],
)
def test_evidence_is_a_text_or_links_or_both(text: str | None, links: tuple[str, ...]) -> None:
    assert list(evidence_reasons(text, links)) == []


@pytest.mark.parametrize(
    ("text", "links", "told"),
    [
        (None, (), [(ErrorCode.INPUT_INVALID, "text")]),
        ("", (), [(ErrorCode.INPUT_INVALID, "text")]),
        (" \n", (GOOD,), [(ErrorCode.INPUT_INVALID, "text")]),
        ("x" * (LONGEST_EVIDENCE + 1), (), [(ErrorCode.INPUT_INVALID, "text")]),
        ("a\x00b", (GOOD,), [(ErrorCode.INPUT_INVALID, "text")]),
        ("x", (GOOD,) * (MOST_LINKS + 1), [(ErrorCode.LIMIT_EXCEEDED, "links")]),
        (
            "",
            (GOOD, "http://example.org", ""),
            [
                (ErrorCode.INPUT_INVALID, "text"),
                (ErrorCode.INPUT_INVALID, "links.1"),
                (ErrorCode.INPUT_INVALID, "links.2"),
            ],
        ),
    ],
)
def test_everything_that_is_wrong_with_evidence_is_told_at_its_place(
    text: str | None, links: tuple[str, ...], told: list[tuple[ErrorCode, str]]
) -> None:
    reasons = list(evidence_reasons(text, links))

    assert [(each.code, ".".join(each.path[1:])) for each in reasons] == told


def test_nobody_has_to_say_why() -> None:
    assert list(words_reasons(None)) == []
    assert [each.path for each in words_reasons("")] == [("input", "text")]
