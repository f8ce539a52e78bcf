"""Enrolments in pathways: the grid, what time does, and when the next series opens."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portal_api.domain.machine import FAR_FUTURE
from portal_api.domain.pathways import (
    PATHWAY_ENROLMENTS,
    PathwayEnrolmentAction,
    PathwayEnrolmentFacts,
    PathwayEnrolmentStatus,
    PathwayKind,
    next_opening,
)
from portal_api.domain.roles import Role
from tests.domain.grids import Grid, assert_covered, assert_decided, every_cell, leads

S = PathwayEnrolmentStatus
WITHDRAW = """
               OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  IN_PROGRESS  ok     ok     R        R        R        R
  COMPLETED    S      S      RS       RS       RS       RS
  INCOMPLETE   S      S      RS       RS       RS       RS
  WITHDRAWN    S      S      RS       RS       RS       RS
"""
WITHDRAW_INACTIVE = """
               OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  IN_PROGRESS  I      I      RI       RI       RI       RI
  COMPLETED    IS     IS     RIS      RIS      RIS      RIS
  INCOMPLETE   IS     IS     RIS      RIS      RIS      RIS
  WITHDRAWN    IS     IS     RIS      RIS      RIS      RIS
"""
GRIDS = (
    Grid(PathwayEnrolmentAction.WITHDRAW, WITHDRAW, {"learner_is_active": True}),
    Grid(PathwayEnrolmentAction.WITHDRAW, WITHDRAW_INACTIVE, {"learner_is_active": False}, "inactive"),
)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*GRIDS))
def test_what_is_decided_is_what_the_grid_says(grid: Grid, status: str, role: Role, expected: list[Any]) -> None:
    facts = PathwayEnrolmentFacts(S[status], **grid.facts)
    assert_decided(PATHWAY_ENROLMENTS, grid.action, role, facts, expected)


def test_the_grids_and_the_table_know_the_same_statuses_and_actions() -> None:
    assert_covered(PATHWAY_ENROLMENTS, *GRIDS)
    assert list(PATHWAY_ENROLMENTS.statuses) == list(S)
    assert [rule.action for rule in PATHWAY_ENROLMENTS.rules] == list(PathwayEnrolmentAction)
    assert leads(PATHWAY_ENROLMENTS) == {"WITHDRAW": {"IN_PROGRESS": "WITHDRAWN"}}
    assert {status for status, meaning in PATHWAY_ENROLMENTS.statuses.items() if not meaning.is_ended} == {
        S.IN_PROGRESS
    }


END = datetime.fromisoformat("2026-06-30T23:59:59.999999+12:00")
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("status", "before", "at", "due"),
    [
        ("IN_PROGRESS", "IN_PROGRESS", "INCOMPLETE", END),
        ("COMPLETED", "COMPLETED", "COMPLETED", FAR_FUTURE),
        ("INCOMPLETE", "INCOMPLETE", "INCOMPLETE", FAR_FUTURE),
        ("WITHDRAWN", "WITHDRAWN", "WITHDRAWN", FAR_FUTURE),
    ],
)
def test_time_runs_out_at_the_very_instant(status: str, before: str, at: str, due: datetime) -> None:
    stored, row = S[status], {"ends_at": END}
    assert PATHWAY_ENROLMENTS.status_at(END - TICK, stored, row).name == before
    assert PATHWAY_ENROLMENTS.status_at(END, stored, row).name == at
    assert PATHWAY_ENROLMENTS.due_at(stored, row) == due


AUCKLAND, SAO_PAULO = ZoneInfo("Pacific/Auckland"), ZoneInfo("America/Sao_Paulo")


@pytest.mark.parametrize(
    ("kind", "mastered", "zone", "opens"),
    [
        # In a linear pathway at once, whatever the day.
        (PathwayKind.LINEAR, "2026-03-02T10:59:59.999999+00:00", AUCKLAND, "2026-03-02T10:59:59.999999+00:00"),
        # The last microsecond of 2 March in Auckland, then the first of 3 March, though both are 2 March in UTC.
        (PathwayKind.INTERLEAVED, "2026-03-02T10:59:59.999999+00:00", AUCKLAND, "2026-03-02T11:00:00+00:00"),
        (PathwayKind.INTERLEAVED, "2026-03-02T11:00:00+00:00", AUCKLAND, "2026-03-03T11:00:00+00:00"),
        # 3 March in UTC is still 2 March in São Paulo.
        (PathwayKind.INTERLEAVED, "2026-03-03T02:30:00+00:00", SAO_PAULO, "2026-03-03T03:00:00+00:00"),
        # The night of 4 April 2026 in Auckland is an hour longer, that of 26 September an hour shorter.
        (PathwayKind.INTERLEAVED, "2026-04-05T00:30:00+13:00", AUCKLAND, "2026-04-06T00:00:00+12:00"),
        (PathwayKind.INTERLEAVED, "2026-09-27T00:30:00+12:00", AUCKLAND, "2026-09-28T00:00:00+13:00"),
        # On 4 November 2018 the clocks in São Paulo went from midnight to one: the day begins there.
        (PathwayKind.INTERLEAVED, "2018-11-03T12:00:00-03:00", SAO_PAULO, "2018-11-04T01:00:00-02:00"),
    ],
)
def test_the_next_series_opens_at_once_or_with_the_next_local_day(
    kind: PathwayKind, mastered: str, zone: ZoneInfo, opens: str
) -> None:
    opening = next_opening(kind, datetime.fromisoformat(mastered), zone)
    assert opening == datetime.fromisoformat(opens)
