"""Organisations, users, tokens of machine clients and groups: their grids, cell by cell, the last Owner included."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import FAR_FUTURE, RecordFacts
from portal_api.domain.organisations import (
    GROUPS,
    INTEGRATION_TOKENS,
    ORGANISATIONS,
    USERS,
    GroupAction,
    IntegrationTokenAction,
    IntegrationTokenStatus,
    OrganisationAction,
    OrganisationStatus,
    UserAction,
    UserFacts,
    UserStatus,
)
from portal_api.domain.refusals import PlainError
from portal_api.domain.roles import Role
from tests.domain.grids import Cell, Grid, assert_covered, assert_decided, cells, every_cell, leads, named

WHAT_IS_MADE = """
                        OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  UPDATE                ok     R      R        R        R        R
  CREATE_USERS          ok     R      R        R        R        R
  CREATE_INTEGRATIONS   ok     R      R        R        R        R
  CREATE_GROUP          ok     R      R        R        R        R
  CREATE_LEARNERS       ok     ok     R        R        R        R
  CREATE_SERIES         ok     ok     R        R        R        R
  CREATE_PATHWAY        ok     ok     R        R        R        R
  CREATE_RESOURCES      ok     ok     R        R        R        R
  CREATE_CERTIFICATION  ok     ok     R        R        R        R
  CREATE_COURSES        ok     ok     R        R        R        R
  CREATE_UNITS          ok     ok     R        R        R        R
  CREATE_STATUS_REASONS ok     R      R        R        R        R
  REQUEST_EXPORT        ok     ok     ok       R        R        R
  CREATE_LEARNCYCLE     ok     R      R        R        R        R
  CREATE_TASKS          ok     ok     R        R        R        R
  CREATE_WEBHOOK_ENDPOINT ok   R      R        R        R        R
"""
"""An organisation has one status: here a row is an action."""


@pytest.mark.parametrize("cell", cells(WHAT_IS_MADE), ids=named)
def test_what_can_be_made_in_an_organisation_hangs_on_the_role(cell: Cell) -> None:
    action, role, expected = cell
    facts = RecordFacts(OrganisationStatus.OPEN)
    assert_decided(ORGANISATIONS, OrganisationAction[action], role, facts, expected)


def test_the_grid_and_the_table_know_the_same_actions_and_one_status() -> None:
    rows = [action for action, role, _ in cells(WHAT_IS_MADE) if role is Role.OWNER]
    assert rows == [action.name for action in OrganisationAction] == [rule.action.name for rule in ORGANISATIONS.rules]
    assert list(ORGANISATIONS.statuses) == list(OrganisationStatus) == [OrganisationStatus.OPEN]
    assert leads(ORGANISATIONS) == {action: {"OPEN": None} for action in rows}


ASSIGN_ROLE = """
               OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  OWNER        ok     R      R        R        R        R
  ADMIN        ok     R      R        R        R        R
  MANAGER      ok     R      R        R        R        R
  TRAINER      ok     R      R        R        R        R
  LEARNER      ok     R      R        R        R        R
  INTEGRATION  S      RS     RS       RS       RS       RS
  REMOVED      ok     R      R        R        R        R
"""
REMOVE_ROLE = """
               OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  OWNER        ok     R      R        R        R        R
  ADMIN        ok     R      R        R        R        R
  MANAGER      ok     R      R        R        R        R
  TRAINER      ok     R      R        R        R        R
  LEARNER      ok     R      R        R        R        R
  INTEGRATION  ok     R      R        R        R        R
  REMOVED      S      RS     RS       RS       RS       RS
"""
LINK_LEARNER = """
               OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  OWNER        ok     R      R        R        R        R
  ADMIN        ok     R      R        R        R        R
  MANAGER      ok     R      R        R        R        R
  TRAINER      ok     R      R        R        R        R
  LEARNER      ok     R      R        R        R        R
  INTEGRATION  S      RS     RS       RS       RS       RS
  REMOVED      S      RS     RS       RS       RS       RS
"""
ISSUE_TOKEN = """
               OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  OWNER        S      RS     RS       RS       RS       RS
  ADMIN        S      RS     RS       RS       RS       RS
  MANAGER      S      RS     RS       RS       RS       RS
  TRAINER      S      RS     RS       RS       RS       RS
  LEARNER      S      RS     RS       RS       RS       RS
  INTEGRATION  ok     R      R        R        R        R
  REMOVED      S      RS     RS       RS       RS       RS
"""
LAST_OWNER = """
               OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  OWNER        L      RL     RL       RL       RL       RL
"""
NOT_OF_THE_LAST_OWNER = """
               OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  OWNER        ok     R      R        R        R        R
"""
LAST = {"is_last_owner": True}
USER_GRIDS = (
    Grid(UserAction.ASSIGN_ROLE, ASSIGN_ROLE),
    Grid(UserAction.ASSIGN_ROLE, ASSIGN_ROLE, {"learner_is_active": False}, "inactive"),
    Grid(UserAction.REMOVE_ROLE, REMOVE_ROLE),
    Grid(UserAction.REMOVE_ROLE, REMOVE_ROLE, {"learner_is_active": False}, "inactive"),
    Grid(UserAction.LINK_LEARNER, LINK_LEARNER),
    Grid(UserAction.LINK_LEARNER, LINK_LEARNER, {"learner_is_active": False}, "inactive"),
    Grid(UserAction.ISSUE_TOKEN, ISSUE_TOKEN),
)
LAST_OWNER_GRIDS = (
    Grid(UserAction.ASSIGN_ROLE, LAST_OWNER, LAST, "last"),
    Grid(UserAction.REMOVE_ROLE, LAST_OWNER, LAST, "last"),
    Grid(UserAction.LINK_LEARNER, NOT_OF_THE_LAST_OWNER, LAST, "last"),
)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*USER_GRIDS, *LAST_OWNER_GRIDS))
def test_what_is_decided_of_a_user_is_what_the_grid_says(
    grid: Grid, status: str, role: Role, expected: list[Any]
) -> None:
    facts = UserFacts(UserStatus[status], **{"is_last_owner": False, **grid.facts})
    assert_decided(USERS, grid.action, role, facts, expected)


def test_the_grids_of_users_and_the_table_know_the_same_statuses_and_actions() -> None:
    assert_covered(USERS, *USER_GRIDS)
    assert list(USERS.statuses) == list(UserStatus)
    assert [rule.action for rule in USERS.rules] == list(UserAction)
    assert [status.name for status in UserStatus] == [*(role.name for role in Role), "REMOVED"]


def test_only_taking_a_role_away_leads_anywhere_by_itself() -> None:
    assert leads(USERS)["REMOVE_ROLE"] == dict.fromkeys((role.name for role in Role), "REMOVED")
    assert {to for action, cells_ in leads(USERS).items() if action != "REMOVE_ROLE" for to in cells_.values()} == {
        None
    }


def test_the_last_owner_is_told_what_would_help() -> None:
    facts = UserFacts(UserStatus.OWNER, is_last_owner=True)
    assign, *_ = USERS.actions(Role.OWNER, facts)
    [reason] = assign.reasons
    assert type(reason) is PlainError
    assert reason.message == (
        "This is the organisation's only Owner, and it always keeps one. Make somebody else an Owner first."
    )


REVOKE = """
           OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE   ok     R      R        R        R        R
  EXPIRED  S      RS     RS       RS       RS       RS
  REVOKED  S      RS     RS       RS       RS       RS
"""
TOKEN_GRIDS = (Grid(IntegrationTokenAction.REVOKE, REVOKE),)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*TOKEN_GRIDS))
def test_what_is_decided_of_a_token_is_what_the_grid_says(
    grid: Grid, status: str, role: Role, expected: list[Any]
) -> None:
    assert_decided(INTEGRATION_TOKENS, grid.action, role, RecordFacts(IntegrationTokenStatus[status]), expected)


def test_the_grid_of_tokens_and_the_table_know_the_same() -> None:
    assert_covered(INTEGRATION_TOKENS, *TOKEN_GRIDS)
    assert list(INTEGRATION_TOKENS.statuses) == list(IntegrationTokenStatus)
    assert leads(INTEGRATION_TOKENS) == {"REVOKE": {"ACTIVE": "REVOKED"}}


EXPIRY = datetime.fromisoformat("2026-03-02T00:00:00.000000+13:00")
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("status", "before", "at", "due"),
    [
        ("ACTIVE", "ACTIVE", "EXPIRED", EXPIRY),
        ("EXPIRED", "EXPIRED", "EXPIRED", FAR_FUTURE),
        ("REVOKED", "REVOKED", "REVOKED", FAR_FUTURE),
    ],
)
def test_a_token_expires_at_its_very_instant(status: str, before: str, at: str, due: datetime) -> None:
    stored, row = IntegrationTokenStatus[status], {"expires_at": EXPIRY}
    assert INTEGRATION_TOKENS.status_at(EXPIRY - TICK, stored, row).name == before
    assert INTEGRATION_TOKENS.status_at(EXPIRY, stored, row).name == at
    assert INTEGRATION_TOKENS.due_at(stored, row) == due


WHILE_ACTIVE = """
           OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE   ok     R      R        R        R        R
  RETIRED  S      RS     RS       RS       RS       RS
"""
WHILE_RETIRED = """
           OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  ACTIVE   S      RS     RS       RS       RS       RS
  RETIRED  ok     R      R        R        R        R
"""
GROUP_GRIDS = (
    Grid(GroupAction.UPDATE, WHILE_ACTIVE),
    Grid(GroupAction.RETIRE, WHILE_ACTIVE),
    Grid(GroupAction.REINSTATE, WHILE_RETIRED),
)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*GROUP_GRIDS))
def test_what_is_decided_of_a_group_is_what_the_grid_says(
    grid: Grid, status: str, role: Role, expected: list[Any]
) -> None:
    assert_decided(GROUPS, grid.action, role, RecordFacts(LibraryStatus[status]), expected)


def test_the_grids_of_groups_and_the_table_know_the_same() -> None:
    assert_covered(GROUPS, *GROUP_GRIDS)
    assert leads(GROUPS) == {
        "UPDATE": {"ACTIVE": None},
        "RETIRE": {"ACTIVE": "RETIRED"},
        "REINSTATE": {"RETIRED": "ACTIVE"},
    }
