"""When an enrolment is inactive, and when a learner is to be set inactive for it: against the article's own list."""

from datetime import date

import pytest

from portal_api.domain.courses.inactivity import (
    DEACTIVATE_ENROLLED,
    EnrolledLearnerFacts,
    InactivityReason,
    inactivity_of,
    latest_end_of,
)
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.machine import Granted, Refused
from portal_api.domain.refusals import ErrorCode
from portal_api.domain.roles import Role

TODAY = date(2026, 3, 2)
YESTERDAY, TOMORROW = date(2026, 3, 1), date(2026, 3, 3)
INACTIVE_WHATEVER_ITS_DAYS = {
    "COMPLETED",
    "WITHDRAWN",
    "CANCELLED_NO_PENALTY",
    "CANCELLED_PENALTY",
    "PARTIAL_ATTENDANCE",
    "DECLINED",
}


@pytest.mark.parametrize("status", CourseEnrolmentStatus)
@pytest.mark.parametrize("end", [None, YESTERDAY, TODAY, TOMORROW])
def test_an_enrolment_is_inactive_by_its_status_or_else_once_its_last_day_is_over(
    status: CourseEnrolmentStatus, end: date | None
) -> None:
    why = inactivity_of(status, end, TODAY)

    if status.name in INACTIVE_WHATEVER_ITS_DAYS:
        assert why is not None
        assert why.reason is InactivityReason.STATUS
    elif end == YESTERDAY:
        assert why is not None
        assert why.reason is InactivityReason.PAST_END
    else:
        assert why is None
    if why:
        assert (why.status, why.latest_end_on) == (status, end)


@pytest.mark.parametrize(
    ("units", "own", "latest"),
    [
        ([], None, None),
        ([], TODAY, TODAY),
        ([None], YESTERDAY, None),
        ([YESTERDAY], TOMORROW, YESTERDAY),
        ([YESTERDAY, TOMORROW, TODAY], YESTERDAY, TOMORROW),
        ([None, TODAY, None], TOMORROW, TODAY),
    ],
)
def test_units_say_the_latest_end_and_the_enrolment_itself_only_where_it_has_none(
    units: list[date | None], own: date | None, latest: date | None
) -> None:
    assert latest_end_of(units, own) == latest


def _facts(
    *, has_enrolments: bool = True, active: tuple[str, ...] = (), is_active: bool = True
) -> EnrolledLearnerFacts:
    status = LearnerStatus.ACTIVE if is_active else LearnerStatus.INACTIVE
    return EnrolledLearnerFacts(status, False, has_enrolments=has_enrolments, active_enrolments=active)


def test_a_learner_all_of_whose_enrolments_are_inactive_may_be_set_inactive() -> None:
    assert DEACTIVATE_ENROLLED.decide(Role.ADMIN, _facts()) == Granted()


def test_a_learner_without_enrolments_is_left_alone() -> None:
    decision = DEACTIVATE_ENROLLED.decide(Role.ADMIN, _facts(has_enrolments=False))

    assert isinstance(decision, Refused)
    [reason] = decision.reasons
    assert reason.code is ErrorCode.NOT_INACTIVE_ENROLMENTS
    assert "no course enrolments" in reason.message


@pytest.mark.parametrize(
    ("active", "named"),
    [
        (("cen_1",), "1 that is active: cen_1."),
        (("cen_1", "cen_2", "cen_3"), "3 that are active: cen_1, cen_2, cen_3."),
        (("cen_1", "cen_2", "cen_3", "cen_4"), "4 that are active: cen_1, cen_2, cen_3 and others."),
    ],
)
def test_a_learner_with_an_active_enrolment_is_refused_with_its_name(active: tuple[str, ...], named: str) -> None:
    decision = DEACTIVATE_ENROLLED.decide(Role.OWNER, _facts(active=active))

    assert isinstance(decision, Refused)
    [reason] = decision.reasons
    assert reason.code is ErrorCode.NOT_INACTIVE_ENROLMENTS
    assert named in reason.message


def test_the_reasons_come_in_the_order_of_every_refusal() -> None:
    decision = DEACTIVATE_ENROLLED.decide(Role.TRAINER, _facts(active=("cen_1",), is_active=False))

    assert isinstance(decision, Refused)
    assert [reason.code.name for reason in decision.reasons] == [
        "FORBIDDEN",
        "LEARNER_INACTIVE",
        "STATUS_NOT_ALLOWED",
        "NOT_INACTIVE_ENROLMENTS",
    ]
