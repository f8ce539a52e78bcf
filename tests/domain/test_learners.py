"""Learners: the grids of deactivation and reactivation, cell by cell, an Owner's own record included."""

import pytest

from portal_api.domain.learners import (
    DEACTIVATION_REASON_LABELS,
    LEARNERS,
    DeactivationReason,
    LearnerAction,
    LearnerFacts,
    LearnerStatus,
)
from portal_api.domain.machine import FAR_FUTURE
from portal_api.domain.refusals import RoleRequired
from portal_api.domain.roles import ADMINISTRATORS, Role
from tests.domain.grids import Cell, assert_decided, cells, named

DEACTIVATE = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE     ok     ok     R        R        R        R
  INACTIVE   IS     IS     RIS      RIS      RIS      RIS
"""
REACTIVATE = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE     S      S      RS       RS       RS       RS
  INACTIVE   ok     ok     R        R        R        R
"""
DEACTIVATE_OWNER_RECORD = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE     ok     R      R        R        R        R
  INACTIVE   IS     RIS    RIS      RIS      RIS      RIS
"""
REACTIVATE_OWNER_RECORD = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE     S      RS     RS       RS       RS       RS
  INACTIVE   ok     R      R        R        R        R
"""


@pytest.mark.parametrize("cell", cells(DEACTIVATE), ids=named)
def test_deactivating(cell: Cell) -> None:
    status, role, expected = cell
    facts = LearnerFacts(LearnerStatus[status], is_owner_record=False)
    assert_decided(LEARNERS, LearnerAction.DEACTIVATE, role, facts, expected)


@pytest.mark.parametrize("cell", cells(REACTIVATE), ids=named)
def test_reactivating(cell: Cell) -> None:
    status, role, expected = cell
    facts = LearnerFacts(LearnerStatus[status], is_owner_record=False)
    assert_decided(LEARNERS, LearnerAction.REACTIVATE, role, facts, expected)


@pytest.mark.parametrize("cell", cells(DEACTIVATE_OWNER_RECORD), ids=named)
def test_deactivating_the_record_of_an_owner(cell: Cell) -> None:
    status, role, expected = cell
    facts = LearnerFacts(LearnerStatus[status], is_owner_record=True)
    assert_decided(LEARNERS, LearnerAction.DEACTIVATE, role, facts, expected)


@pytest.mark.parametrize("cell", cells(REACTIVATE_OWNER_RECORD), ids=named)
def test_reactivating_the_record_of_an_owner(cell: Cell) -> None:
    status, role, expected = cell
    facts = LearnerFacts(LearnerStatus[status], is_owner_record=True)
    assert_decided(LEARNERS, LearnerAction.REACTIVATE, role, facts, expected)


def test_an_owner_record_names_the_one_role_that_reaches_it() -> None:
    [deactivate, _] = LEARNERS.actions(Role.ADMIN, LearnerFacts(LearnerStatus.ACTIVE, is_owner_record=True))
    [reason] = deactivate.reasons
    assert isinstance(reason, RoleRequired)
    assert reason.required_roles == (Role.OWNER,)
    assert reason.message == "Deactivating needs the role OWNER; yours is ADMIN. Ask somebody who holds it."


def test_the_grids_and_the_table_know_the_same_statuses_and_actions() -> None:
    for grid in (DEACTIVATE, REACTIVATE, DEACTIVATE_OWNER_RECORD, REACTIVATE_OWNER_RECORD):
        rows = [status for status, role, _ in cells(grid) if role is Role.OWNER]
        assert rows == [status.name for status in LearnerStatus]
    assert list(LEARNERS.statuses) == list(LearnerStatus)
    assert [rule.action for rule in LEARNERS.rules] == list(LearnerAction)
    assert list(LearnerAction) == [LearnerAction.DEACTIVATE, LearnerAction.REACTIVATE]


def test_where_the_actions_lead() -> None:
    leads = {rule.action: {status: cell.to for status, cell in rule.cells.items()} for rule in LEARNERS.rules}
    assert leads == {
        LearnerAction.DEACTIVATE: {LearnerStatus.ACTIVE: LearnerStatus.INACTIVE},
        LearnerAction.REACTIVATE: {LearnerStatus.INACTIVE: LearnerStatus.ACTIVE},
    }


@pytest.mark.parametrize("status", LearnerStatus)
def test_time_alone_does_nothing_to_a_learner(status: LearnerStatus) -> None:
    assert LEARNERS.clock == ()
    assert LEARNERS.due_at(status, {}) == FAR_FUTURE
    assert LEARNERS.status_at(FAR_FUTURE, status, {}) is status


def test_every_reason_has_a_label() -> None:
    assert {reason.name: label for reason, label in DEACTIVATION_REASON_LABELS.items()} == {
        "NO_ACTIVITY": "No activity",
        "LEFT_ORGANISATION": "Has left the organisation",
        "DEPORTED": "Deported",
        "DISMISSED": "Dismissed",
        "DECEASED": "Deceased",
        "ENROLMENTS_ENDED": "All enrolments have ended",
        "OTHER": "Other",
    }
    assert list(DEACTIVATION_REASON_LABELS) == list(DeactivationReason)


def test_administrators_are_owner_and_admin() -> None:
    assert {Role.OWNER, Role.ADMIN} == ADMINISTRATORS
