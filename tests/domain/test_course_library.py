"""Courses, units, offers and status reasons: the grids, cell by cell."""

from typing import Any

import pytest

from portal_api.domain.courses.library import (
    COURSE_OFFERS,
    COURSES,
    STATUS_REASONS,
    UNITS,
    CourseAction,
    CourseOfferAction,
    CourseOfferFacts,
    StatusReasonAction,
    UnitAction,
)
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import FAR_FUTURE, RecordFacts, Table
from portal_api.domain.refusals import StatusNotAllowed
from portal_api.domain.roles import Role
from tests.domain.grids import Grid, assert_covered, assert_decided, every_cell, leads

WHILE_ACTIVE = """
           OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE   ok     ok     R        R        R        R
  RETIRED  S      S      RS       RS       RS       RS
"""
WHILE_RETIRED = """
           OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE   S      S      RS       RS       RS       RS
  RETIRED  ok     ok     R        R        R        R
"""
OWNER_WHILE_ACTIVE = """
           OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE   ok     R      R        R        R        R
  RETIRED  S      RS     RS       RS       RS       RS
"""
OWNER_WHILE_RETIRED = """
           OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE   S      RS     RS       RS       RS       RS
  RETIRED  ok     R      R        R        R        R
"""
ENROL_INACTIVE = """
           OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE   I      I      RI       RI       RI       RI
  RETIRED  IS     IS     RIS      RIS      RIS      RIS
"""
ENROL_RETIRED_COURSE = """
           OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE   S      S      RS       RS       RS       RS
  RETIRED  SS     SS     RSS      RSS      RSS      RSS
"""
ENROL_INACTIVE_RETIRED_COURSE = """
           OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE   IS     IS     RIS      RIS      RIS      RIS
  RETIRED  ISS    ISS    RISS     RISS     RISS     RISS
"""
INACTIVE, RETIRED_COURSE = {"learner_is_active": False}, {"course_status": LibraryStatus.RETIRED}
BOTH = {**INACTIVE, **RETIRED_COURSE}
COURSE_GRIDS = (
    Grid(CourseAction.UPDATE, WHILE_ACTIVE),
    Grid(CourseAction.RETIRE, WHILE_ACTIVE),
    Grid(CourseAction.REINSTATE, WHILE_RETIRED),
    Grid(CourseAction.CREATE_OFFER, WHILE_ACTIVE),
)
UNIT_GRIDS = (
    Grid(UnitAction.UPDATE, WHILE_ACTIVE),
    Grid(UnitAction.RETIRE, WHILE_ACTIVE),
    Grid(UnitAction.REINSTATE, WHILE_RETIRED),
)
OFFER_GRIDS = (
    Grid(CourseOfferAction.UPDATE, WHILE_ACTIVE),
    Grid(CourseOfferAction.UPDATE, WHILE_ACTIVE, BOTH, "inactive-retired-course"),
    Grid(CourseOfferAction.SET_TRAINERS, WHILE_ACTIVE),
    Grid(CourseOfferAction.SET_TRAINERS, WHILE_ACTIVE, BOTH, "inactive-retired-course"),
    Grid(CourseOfferAction.ENROL, WHILE_ACTIVE),
    Grid(CourseOfferAction.ENROL, ENROL_INACTIVE, INACTIVE, "inactive"),
    Grid(CourseOfferAction.ENROL, ENROL_RETIRED_COURSE, RETIRED_COURSE, "retired-course"),
    Grid(CourseOfferAction.ENROL, ENROL_INACTIVE_RETIRED_COURSE, BOTH, "inactive-retired-course"),
    Grid(CourseOfferAction.RETIRE, WHILE_ACTIVE),
    Grid(CourseOfferAction.RETIRE, WHILE_ACTIVE, BOTH, "inactive-retired-course"),
    Grid(CourseOfferAction.REINSTATE, WHILE_RETIRED),
    Grid(CourseOfferAction.REINSTATE, WHILE_RETIRED, BOTH, "inactive-retired-course"),
)
REASON_GRIDS = (
    Grid(StatusReasonAction.RETIRE, OWNER_WHILE_ACTIVE),
    Grid(StatusReasonAction.REINSTATE, OWNER_WHILE_RETIRED),
)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*COURSE_GRIDS))
def test_what_is_decided_of_a_course_is_what_the_grid_says(
    grid: Grid, status: str, role: Role, expected: list[Any]
) -> None:
    assert_decided(COURSES, grid.action, role, RecordFacts(LibraryStatus[status]), expected)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*UNIT_GRIDS))
def test_what_is_decided_of_a_unit_is_what_the_grid_says(
    grid: Grid, status: str, role: Role, expected: list[Any]
) -> None:
    assert_decided(UNITS, grid.action, role, RecordFacts(LibraryStatus[status]), expected)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*OFFER_GRIDS))
def test_what_is_decided_of_an_offer_is_what_the_grid_says(
    grid: Grid, status: str, role: Role, expected: list[Any]
) -> None:
    assert_decided(COURSE_OFFERS, grid.action, role, CourseOfferFacts(LibraryStatus[status], **grid.facts), expected)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*REASON_GRIDS))
def test_what_is_decided_of_a_status_reason_is_what_the_grid_says(
    grid: Grid, status: str, role: Role, expected: list[Any]
) -> None:
    assert_decided(STATUS_REASONS, grid.action, role, RecordFacts(LibraryStatus[status]), expected)


SHELVED = {"RETIRE": {"ACTIVE": "RETIRED"}, "REINSTATE": {"RETIRED": "ACTIVE"}}
STAYS = {"ACTIVE": None}


@pytest.mark.parametrize(
    ("table", "actions", "grids", "others"),
    [
        (COURSES, CourseAction, COURSE_GRIDS, ("UPDATE", "CREATE_OFFER")),
        (UNITS, UnitAction, UNIT_GRIDS, ("UPDATE",)),
        (COURSE_OFFERS, CourseOfferAction, OFFER_GRIDS, ("UPDATE", "SET_TRAINERS", "ENROL")),
        (STATUS_REASONS, StatusReasonAction, REASON_GRIDS, ()),
    ],
    ids=["course", "unit", "offer", "reason"],
)
def test_the_grids_and_the_tables_know_the_same_statuses_and_actions(
    table: Table[Any, Any, Any], actions: Any, grids: tuple[Grid, ...], others: tuple[str, ...]
) -> None:
    assert_covered(table, *grids)
    assert [rule.action for rule in table.rules] == list(actions)
    assert {status: meaning.is_ended for status, meaning in table.statuses.items()} == {
        LibraryStatus.ACTIVE: False,
        LibraryStatus.RETIRED: True,
    }
    assert leads(table) == SHELVED | dict.fromkeys(others, STAYS)
    assert all(table.due_at(status, {}) == FAR_FUTURE for status in LibraryStatus)


def test_an_offer_of_a_retired_course_says_that_it_is_the_course() -> None:
    facts = CourseOfferFacts(LibraryStatus.ACTIVE, LibraryStatus.RETIRED)
    [enrol] = [each for each in COURSE_OFFERS.actions(Role.ADMIN, facts) if each.action is CourseOfferAction.ENROL]
    [reason] = enrol.reasons
    assert isinstance(reason, StatusNotAllowed)
    assert reason.allowed_statuses == ("ACTIVE",)
    assert reason.message.startswith("The course of this offer is retired")
