"""Learners: the grid of every action, cell by cell; an Owner's own record, one's own record, and app access that is off."""

from typing import Any

import pytest

from portal_api.domain.learners import (
    DEACTIVATION_REASON_LABELS,
    LEARNERS,
    DeactivationReason,
    LearnerAction,
    LearnerFacts,
    LearnerStatus,
    NoticeCode,
    notices,
)
from portal_api.domain.machine import FAR_FUTURE
from portal_api.domain.refusals import PlainError, RoleRequired
from portal_api.domain.roles import ADMINISTRATORS, Role
from tests.clock import START
from tests.domain.grids import Grid, assert_covered, assert_decided, every_cell, leads

A = LearnerAction
WHILE_ACTIVE = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE     ok     ok     R        R        R        R
  INACTIVE   IS     IS     RIS      RIS      RIS      RIS
"""
WHILE_ACTIVE_OWNER_RECORD = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE     ok     R      R        R        R        R
  INACTIVE   IS     RIS    RIS      RIS      RIS      RIS
"""
RECORD_SIGN_IN = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE     ok     ok     R        R        R        ok
  INACTIVE   IS     IS     RIS      RIS      RIS      IS
"""
RECORD_SIGN_IN_OF_ONESELF = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE     O      O      RO       RO       RO       O
  INACTIVE   ISO    ISO    RISO     RISO     RISO     ISO
"""
RECORD_SIGN_IN_WITHOUT_ACCESS = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE     A      A      RA       RA       RA       A
  INACTIVE   ISA    ISA    RISA     RISA     RISA     ISA
"""
RECORD_SIGN_IN_OF_ONESELF_WITHOUT_ACCESS = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE     OA     OA     ROA      ROA      ROA      OA
  INACTIVE   ISOA   ISOA   RISOA    RISOA    RISOA    ISOA
"""
REACTIVATE = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE     S      S      RS       RS       RS       RS
  INACTIVE   ok     ok     R        R        R        R
"""
REACTIVATE_OWNER_RECORD = """
             OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE     S      RS     RS       RS       RS       RS
  INACTIVE   ok     R      R        R        R        R
"""
OWNERS = {"is_owner_record": True}
GRIDS = (
    Grid(A.UPDATE, WHILE_ACTIVE),
    Grid(A.UPDATE, WHILE_ACTIVE_OWNER_RECORD, OWNERS, "owner"),
    Grid(A.UPDATE, WHILE_ACTIVE, {"has_app_access": False, "is_own_record": True}, "own-without-access"),
    Grid(A.SET_APP_ACCESS, WHILE_ACTIVE),
    Grid(A.SET_APP_ACCESS, WHILE_ACTIVE, {"has_app_access": False, "is_own_record": True}, "own-without-access"),
    Grid(A.SET_APP_ACCESS, WHILE_ACTIVE_OWNER_RECORD, OWNERS, "owner"),
    Grid(A.RECORD_SIGN_IN, RECORD_SIGN_IN),
    Grid(A.RECORD_SIGN_IN, RECORD_SIGN_IN, OWNERS, "owner"),
    Grid(A.RECORD_SIGN_IN, RECORD_SIGN_IN_OF_ONESELF, {"is_own_record": True}, "own"),
    Grid(A.RECORD_SIGN_IN, RECORD_SIGN_IN_WITHOUT_ACCESS, {"has_app_access": False}, "without-access"),
    Grid(
        A.RECORD_SIGN_IN,
        RECORD_SIGN_IN_OF_ONESELF_WITHOUT_ACCESS,
        {"is_own_record": True, "has_app_access": False},
        "own-without-access",
    ),
    Grid(A.DEACTIVATE, WHILE_ACTIVE),
    Grid(A.DEACTIVATE, WHILE_ACTIVE_OWNER_RECORD, OWNERS, "owner"),
    Grid(A.REACTIVATE, REACTIVATE),
    Grid(A.REACTIVATE, REACTIVATE_OWNER_RECORD, OWNERS, "owner"),
    Grid(A.ADD_DOCUMENTS, WHILE_ACTIVE),
    Grid(A.ADD_DOCUMENTS, WHILE_ACTIVE, OWNERS, "owner"),
)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*GRIDS))
def test_what_is_decided_is_what_the_grid_says(grid: Grid, status: str, role: Role, expected: list[Any]) -> None:
    facts = LearnerFacts(LearnerStatus[status], **{"is_owner_record": False, **grid.facts})
    assert_decided(LEARNERS, grid.action, role, facts, expected)


def test_the_grids_and_the_table_know_the_same_statuses_and_actions() -> None:
    assert_covered(LEARNERS, *GRIDS)
    assert list(LEARNERS.statuses) == list(LearnerStatus)
    assert [rule.action for rule in LEARNERS.rules] == list(LearnerAction)


def test_an_owner_record_names_the_one_role_that_reaches_it() -> None:
    facts = LearnerFacts(LearnerStatus.ACTIVE, is_owner_record=True)
    states = {state.action: state for state in LEARNERS.actions(Role.ADMIN, facts)}
    [reason] = states[LearnerAction.DEACTIVATE].reasons
    assert isinstance(reason, RoleRequired)
    assert reason.required_roles == (Role.OWNER,)
    assert reason.message == "Deactivating needs the role OWNER; yours is ADMIN. Ask somebody who holds it."


def test_footnotes_say_what_would_help() -> None:
    facts = LearnerFacts(LearnerStatus.ACTIVE, is_owner_record=False, has_app_access=False, is_own_record=True)
    states = {state.action: state for state in LEARNERS.actions(Role.ADMIN, facts)}
    own, access = states[LearnerAction.RECORD_SIGN_IN].reasons
    assert type(own) is type(access) is PlainError
    assert own.message == "This is your own learner record. Somebody else has to record results on it."
    assert access.message == "The learner's app access is off. Switch it on first."


def test_where_the_actions_lead() -> None:
    assert leads(LEARNERS) == {
        "UPDATE": {"ACTIVE": None},
        "SET_APP_ACCESS": {"ACTIVE": None},
        "RECORD_SIGN_IN": {"ACTIVE": None},
        "DEACTIVATE": {"ACTIVE": "INACTIVE"},
        "REACTIVATE": {"INACTIVE": "ACTIVE"},
        "ADD_DOCUMENTS": {"ACTIVE": None},
    }


@pytest.mark.parametrize("status", LearnerStatus)
def test_time_alone_does_nothing_to_a_learner(status: LearnerStatus) -> None:
    assert LEARNERS.clock == ()
    assert LEARNERS.due_at(status, {}) == FAR_FUTURE
    assert LEARNERS.status_at(FAR_FUTURE, status, {}) is status


def test_a_notice_says_that_a_learner_is_inactive_and_since_when() -> None:
    assert notices(LearnerStatus.ACTIVE, None) == ()
    [notice] = notices(LearnerStatus.INACTIVE, START)
    assert (notice.code, notice.since) == (NoticeCode.INACTIVE, START)
    assert "reactivate" in notice.message


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
