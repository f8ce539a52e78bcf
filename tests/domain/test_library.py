"""What stands on the shelves (series, pathways, resources) and what is made in it: the grids, cell by cell."""

from typing import Any

import pytest

from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import FAR_FUTURE, RecordFacts, Table
from portal_api.domain.pathways import PATHWAYS, PathwayAction, PathwayFacts
from portal_api.domain.refusals import AlreadyEnrolled
from portal_api.domain.resources import RESOURCES, ResourceAction
from portal_api.domain.roles import Role
from portal_api.domain.series import SERIES, SeriesAction, SeriesFacts
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
ENROL_INACTIVE = """
           OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE   I      I      RI       RI       RI       RI
  RETIRED  IS     IS     RIS      RIS      RIS      RIS
"""
ENROL_TAKEN = """
           OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE   E      E      RE       RE       RE       RE
  RETIRED  SE     SE     RSE      RSE      RSE      RSE
"""
ENROL_INACTIVE_TAKEN = """
           OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE   IE     IE     RIE      RIE      RIE      RIE
  RETIRED  ISE    ISE    RISE     RISE     RISE     RISE
"""
INACTIVE, TAKEN = {"learner_is_active": False}, {"taken": ("ser_1", "ser_2")}
SERIES_GRIDS = (
    Grid(SeriesAction.UPDATE, WHILE_ACTIVE),
    Grid(SeriesAction.UPDATE, WHILE_ACTIVE, {**INACTIVE, **TAKEN}, "inactive-taken"),
    Grid(SeriesAction.RETIRE, WHILE_ACTIVE),
    Grid(SeriesAction.RETIRE, WHILE_ACTIVE, {**INACTIVE, **TAKEN}, "inactive-taken"),
    Grid(SeriesAction.REINSTATE, WHILE_RETIRED),
    Grid(SeriesAction.REINSTATE, WHILE_RETIRED, {**INACTIVE, **TAKEN}, "inactive-taken"),
    Grid(SeriesAction.ENROL, WHILE_ACTIVE),
    Grid(SeriesAction.ENROL, ENROL_INACTIVE, INACTIVE, "inactive"),
    Grid(SeriesAction.ENROL, ENROL_TAKEN, TAKEN, "taken"),
    Grid(SeriesAction.ENROL, ENROL_INACTIVE_TAKEN, {**INACTIVE, **TAKEN}, "inactive-taken"),
)
PATHWAY_TAKEN = {**TAKEN, "taken_titles": ("First aid", "Fire wardens")}
PATHWAY_GRIDS = (
    Grid(PathwayAction.UPDATE, WHILE_ACTIVE),
    Grid(PathwayAction.UPDATE, WHILE_ACTIVE, {**INACTIVE, **PATHWAY_TAKEN}, "inactive-taken"),
    Grid(PathwayAction.RETIRE, WHILE_ACTIVE),
    Grid(PathwayAction.RETIRE, WHILE_ACTIVE, {**INACTIVE, **PATHWAY_TAKEN}, "inactive-taken"),
    Grid(PathwayAction.REINSTATE, WHILE_RETIRED),
    Grid(PathwayAction.REINSTATE, WHILE_RETIRED, {**INACTIVE, **PATHWAY_TAKEN}, "inactive-taken"),
    Grid(PathwayAction.ENROL, WHILE_ACTIVE),
    Grid(PathwayAction.ENROL, ENROL_INACTIVE, INACTIVE, "inactive"),
    Grid(PathwayAction.ENROL, ENROL_TAKEN, PATHWAY_TAKEN, "taken"),
    Grid(PathwayAction.ENROL, ENROL_INACTIVE_TAKEN, {**INACTIVE, **PATHWAY_TAKEN}, "inactive-taken"),
)
RESOURCE_GRIDS = (
    Grid(ResourceAction.UPDATE, WHILE_ACTIVE),
    Grid(ResourceAction.RETIRE, WHILE_ACTIVE),
    Grid(ResourceAction.REINSTATE, WHILE_RETIRED),
)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*SERIES_GRIDS))
def test_what_is_decided_of_a_series_is_what_the_grid_says(
    grid: Grid, status: str, role: Role, expected: list[Any]
) -> None:
    assert_decided(SERIES, grid.action, role, SeriesFacts(LibraryStatus[status], **grid.facts), expected)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*PATHWAY_GRIDS))
def test_what_is_decided_of_a_pathway_is_what_the_grid_says(
    grid: Grid, status: str, role: Role, expected: list[Any]
) -> None:
    assert_decided(PATHWAYS, grid.action, role, PathwayFacts(LibraryStatus[status], **grid.facts), expected)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*RESOURCE_GRIDS))
def test_what_is_decided_of_a_resource_is_what_the_grid_says(
    grid: Grid, status: str, role: Role, expected: list[Any]
) -> None:
    assert_decided(RESOURCES, grid.action, role, RecordFacts(LibraryStatus[status]), expected)


SHELVED = {"UPDATE": {"ACTIVE": None}, "RETIRE": {"ACTIVE": "RETIRED"}, "REINSTATE": {"RETIRED": "ACTIVE"}}


@pytest.mark.parametrize(
    ("table", "actions", "grids", "enrol"),
    [
        (SERIES, SeriesAction, SERIES_GRIDS, {"ENROL": {"ACTIVE": None}}),
        (PATHWAYS, PathwayAction, PATHWAY_GRIDS, {"ENROL": {"ACTIVE": None}}),
        (RESOURCES, ResourceAction, RESOURCE_GRIDS, {}),
    ],
    ids=["series", "pathway", "resource"],
)
def test_the_grids_and_the_tables_know_the_same_statuses_and_actions(
    table: Table[Any, Any, Any], actions: Any, grids: tuple[Grid, ...], enrol: dict[str, Any]
) -> None:
    assert_covered(table, *grids)
    assert [rule.action for rule in table.rules] == list(actions)
    assert list(table.statuses) == list(LibraryStatus)
    assert leads(table) == SHELVED | enrol
    assert all(table.due_at(status, {}) == FAR_FUTURE for status in LibraryStatus)


def test_what_is_retired_has_ended_and_what_is_in_use_has_not() -> None:
    for table in (SERIES, PATHWAYS, RESOURCES):
        assert {status: meaning.is_ended for status, meaning in table.statuses.items()} == {
            LibraryStatus.ACTIVE: False,
            LibraryStatus.RETIRED: True,
        }


def test_a_series_that_is_taken_already_is_named() -> None:
    *_, enrol = SERIES.actions(Role.ADMIN, SeriesFacts(LibraryStatus.ACTIVE, taken=("ser_1",)))
    [reason] = enrol.reasons
    assert isinstance(reason, AlreadyEnrolled)
    assert reason.series_ids == ("ser_1",)
    assert reason.message == (
        "The learner takes this series already, or has it ahead in a pathway. Wait for its end, or withdraw it first."
    )


def test_each_series_of_a_pathway_that_is_taken_already_is_named() -> None:
    facts = PathwayFacts(LibraryStatus.ACTIVE, taken=("ser_1", "ser_2"), taken_titles=("First aid", "Fire wardens"))
    *_, enrol = PATHWAYS.actions(Role.OWNER, facts)
    [reason] = enrol.reasons
    assert isinstance(reason, AlreadyEnrolled)
    assert reason.series_ids == ("ser_1", "ser_2")
    assert reason.message == (
        "The learner takes 'First aid', 'Fire wardens' already, or has it ahead in another pathway. "
        "Wait for its end, or withdraw it first."
    )
