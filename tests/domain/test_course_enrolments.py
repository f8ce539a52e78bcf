"""Enrolments in courses, their units and surveys: every action at every status, for every role."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from portal_api.domain.courses.enrolments import COURSE_ENROLMENTS, FINALISED_BY, CourseEnrolmentFacts
from portal_api.domain.courses.outcomes import FINAL, Outcome
from portal_api.domain.courses.statuses import (
    TrainingOrganisationOutcome,
    reported_by,
)
from portal_api.domain.courses.surveys import SURVEYS, SurveyAction, SurveyFacts, SurveyStatus
from portal_api.domain.courses.unit_enrolments import (
    UNIT_ENROLMENTS,
    UnitEnrolmentAction,
    UnitEnrolmentFacts,
    UnitEnrolmentStatus,
    status_of,
)
from portal_api.domain.refusals import ErrorCode, RoleRequired
from portal_api.domain.roles import Role
from tests.domain import course_grids
from tests.domain.course_grids import LEADS, A, S, grid
from tests.domain.grids import Grid, assert_covered, assert_decided, every_cell, leads

DAY = date(2026, 5, 4)
SITUATIONS: dict[str, tuple[course_grids.Grid, dict[str, Any]]] = {
    "not finalised": (grid(course_grids.NOT_FINALISED), {"is_reconnecting": False, "is_superseded": True}),
    "finalised": (grid(course_grids.FINALISED), {"finalised_on": DAY, "asked_on": DAY}),
    "finalised, asked as a whole": (grid(course_grids.FINALISED), {"finalised_on": DAY}),
    "with another day": (
        grid(course_grids.WITH_ANOTHER_DAY),
        {"finalised_on": DAY, "asked_on": DAY + timedelta(days=1)},
    ),
}


@pytest.mark.parametrize("active", [True, False], ids=["active", "inactive"])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_cell_of_the_grids_decides_for_every_role(situation: str, active: bool) -> None:
    cells, facts = SITUATIONS[situation]
    for ((action, status), codes), role in product(cells.items(), Role):
        expected = [
            *([] if role in (Role.OWNER, Role.ADMIN) else [ErrorCode.FORBIDDEN]),
            *([] if active else [ErrorCode.LEARNER_INACTIVE]),
            *codes,
        ]
        at = CourseEnrolmentFacts(status, learner_is_active=active, **facts)
        assert_decided(COURSE_ENROLMENTS, action, role, at, expected)


def test_the_grids_and_the_table_know_the_same_statuses_actions_and_ways() -> None:
    assert [rule.action for rule in COURSE_ENROLMENTS.rules] == list(A)
    assert list(COURSE_ENROLMENTS.statuses) == list(S)
    open_to = grid(course_grids.NOT_FINALISED) | {
        cell: codes for cell, codes in grid(course_grids.FINALISED).items() if cell[0] is A.FLAG_FOR_RECONNECT
    }
    assert set(open_to) == set(product(A, S))
    assert leads(COURSE_ENROLMENTS) == {
        action.name: {
            status.name: LEADS[action].name if action in LEADS else None for status in S if not open_to[action, status]
        }
        for action in A
    }
    assert {action: status for status, action in FINALISED_BY.items()} == LEADS


def test_a_status_reports_that_training_was_not_completed_or_is_deferred_and_else_nothing() -> None:
    not_completed = {S.WITHDRAWN, S.CANCELLED_NO_PENALTY, S.CANCELLED_PENALTY, S.PARTIAL_ATTENDANCE}
    assert {status for status in S if reported_by(status) is TrainingOrganisationOutcome.TNC} == not_completed
    assert {status for status in S if reported_by(status) is TrainingOrganisationOutcome.D} == {S.DEFERRED}


UNITS_TAUGHT = """
         OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  OPEN   ok     ok     R        ok       R        R
  FINAL  ok     ok     R        ok       R        R
"""
UNITS_OF_OTHERS = """
         OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  OPEN   ok     ok     R        R        R        R
  FINAL  ok     ok     R        R        R        R
"""
UNITS_INACTIVE = """
         OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  OPEN   I      I      RI       RI       RI       RI
  FINAL  I      I      RI       RI       RI       RI
"""
UNITS_OWN = """
         OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  OPEN   O      O      RO       O        RO       RO
  FINAL  O      O      RO       O        RO       RO
"""
PROGRAMS_OWN = """
         OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  OPEN   O      O      RO       RO       RO       RO
  FINAL  O      O      RO       RO       RO       RO
"""
UNITS_FINALISED = """
         OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  OPEN   F      F      RF       RF       RF       RF
  FINAL  F      F      RF       RF       RF       RF
"""
UNITS_WITH_EVERYTHING = """
         OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  OPEN   IOF    IOF    RIOF     IOF      RIOF     RIOF
  FINAL  IOF    IOF    RIOF     IOF      RIOF     RIOF
"""
U = UnitEnrolmentAction
INACTIVE, TAUGHT, OWN = {"learner_is_active": False}, {"is_taught": True}, {"is_own_record": True}
FINALISED = {"finalised_on": DAY}
UNIT_GRIDS = (
    Grid(U.UPDATE, UNITS_OF_OTHERS),
    Grid(U.UPDATE, UNITS_OF_OTHERS, {"is_reported": True}, "reported"),
    Grid(U.UPDATE, UNITS_TAUGHT, TAUGHT, "taught"),
    Grid(U.UPDATE, UNITS_INACTIVE, INACTIVE, "inactive"),
    Grid(U.UPDATE, UNITS_OWN, {**OWN, **TAUGHT}, "own-taught"),
    Grid(U.UPDATE, UNITS_FINALISED, FINALISED, "finalised"),
    Grid(U.UPDATE, UNITS_WITH_EVERYTHING, {**INACTIVE, **OWN, **TAUGHT, **FINALISED}, "everything"),
    Grid(U.SET_PROGRAM, UNITS_OF_OTHERS),
    Grid(U.SET_PROGRAM, UNITS_OF_OTHERS, {**TAUGHT, "is_reported": True}, "taught-reported"),
    Grid(U.SET_PROGRAM, UNITS_INACTIVE, {**INACTIVE, **TAUGHT}, "inactive"),
    Grid(U.SET_PROGRAM, PROGRAMS_OWN, {**OWN, **TAUGHT}, "own-taught"),
    Grid(U.SET_PROGRAM, UNITS_FINALISED, {**FINALISED, **TAUGHT}, "finalised"),
    Grid(U.REPORT, UNITS_OF_OTHERS),
    Grid(U.REPORT, UNITS_OF_OTHERS, {**TAUGHT, **OWN, **FINALISED, "is_reported": True}, "taught-own-finalised"),
    Grid(U.REPORT, UNITS_INACTIVE, {**INACTIVE, **TAUGHT}, "inactive"),
)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*UNIT_GRIDS))
def test_what_is_decided_over_a_unit_is_what_the_grid_says(
    grid: Grid, status: str, role: Role, expected: list[Any]
) -> None:
    facts = UnitEnrolmentFacts(UnitEnrolmentStatus[status], **grid.facts)
    assert_decided(UNIT_ENROLMENTS, grid.action, role, facts, expected)


def test_the_grids_and_the_table_of_units_know_the_same_statuses_and_actions() -> None:
    assert_covered(UNIT_ENROLMENTS, *UNIT_GRIDS)
    assert list(UNIT_ENROLMENTS.statuses) == list(UnitEnrolmentStatus)
    assert [rule.action for rule in UNIT_ENROLMENTS.rules] == list(U)


def test_a_trainer_of_other_offers_is_told_who_may_work_on_the_unit() -> None:
    [reason] = UNIT_ENROLMENTS[U.UPDATE].reasons(Role.TRAINER, UnitEnrolmentFacts(UnitEnrolmentStatus.OPEN))
    assert isinstance(reason, RoleRequired)
    assert reason.required_roles == (Role.OWNER, Role.ADMIN)


def test_a_unit_is_final_with_an_outcome_that_finalising_leaves_as_it_is() -> None:
    final = {"20", "30", "40", "41", "51", "52", "60", "61", "81", "82"}
    assert {outcome.value for outcome in FINAL} == final
    assert {each.value for each in Outcome} - final == {"00", "70", "85"}
    assert status_of(None) is UnitEnrolmentStatus.OPEN
    for outcome in Outcome:
        assert (status_of(outcome) is UnitEnrolmentStatus.FINAL) is (outcome.value in final)


SURVEYS_WHILE_ACTIVE = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  REQUESTED  ok     ok     R        R        R        ok
  ANSWERED   S      S      RS       RS       RS       S
"""
SURVEYS_WHILE_INACTIVE = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  REQUESTED  I      I      RI       RI       RI       I
  ANSWERED   IS     IS     RIS      RIS      RIS      IS
"""
SURVEY_GRIDS = (
    Grid(SurveyAction.RECORD_ANSWERS, SURVEYS_WHILE_ACTIVE),
    Grid(SurveyAction.RECORD_ANSWERS, SURVEYS_WHILE_INACTIVE, INACTIVE, "inactive"),
)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*SURVEY_GRIDS))
def test_what_is_decided_over_a_survey_is_what_the_grid_says(
    grid: Grid, status: str, role: Role, expected: list[Any]
) -> None:
    assert_decided(SURVEYS, grid.action, role, SurveyFacts(SurveyStatus[status], **grid.facts), expected)


def test_the_grids_and_the_table_of_surveys_know_the_same_statuses_and_actions() -> None:
    assert_covered(SURVEYS, *SURVEY_GRIDS)
    assert [rule.action for rule in SURVEYS.rules] == list(SurveyAction)
    assert leads(SURVEYS) == {"RECORD_ANSWERS": {"REQUESTED": "ANSWERED"}}
