"""Series enrolments: the grid of every action, cell by cell, and what time does to each status."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from portal_api.domain.machine import FAR_FUTURE
from portal_api.domain.refusals import LearnerInactive, PathwayOwned, RoleRequired, StatusNotAllowed
from portal_api.domain.roles import Role
from portal_api.domain.series import (
    ACTIVE_STATUSES,
    SERIES_ENROLMENTS,
    WITHDRAWAL_REASON_LABELS,
    SeriesEnrolmentAction,
    SeriesEnrolmentFacts,
    SeriesEnrolmentStatus,
    WithdrawalReason,
)
from tests.domain.grids import Grid, assert_covered, assert_decided, every_cell, leads

S = SeriesEnrolmentStatus
A = SeriesEnrolmentAction

WITHDRAW_LEARNER_ACTIVE = """
                     OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  WAITING_TO_START   ok     ok     R        R        R        R
  NOT_SIGNED_IN      ok     ok     R        R        R        R
  NO_ATTEMPTS        ok     ok     R        R        R        R
  IN_PROGRESS        ok     ok     R        R        R        R
  MASTERED           S      S      RS       RS       RS       RS
  INCOMPLETE         S      S      RS       RS       RS       RS
  DID_NOT_START      S      S      RS       RS       RS       RS
  NEVER_SIGNED_IN    S      S      RS       RS       RS       RS
  WITHDRAWN          S      S      RS       RS       RS       RS
"""
WITHDRAW_LEARNER_INACTIVE = """
                     OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  WAITING_TO_START   I      I      RI       RI       RI       RI
  NOT_SIGNED_IN      I      I      RI       RI       RI       RI
  NO_ATTEMPTS        I      I      RI       RI       RI       RI
  IN_PROGRESS        I      I      RI       RI       RI       RI
  MASTERED           IS     IS     RIS      RIS      RIS      RIS
  INCOMPLETE         IS     IS     RIS      RIS      RIS      RIS
  DID_NOT_START      IS     IS     RIS      RIS      RIS      RIS
  NEVER_SIGNED_IN    IS     IS     RIS      RIS      RIS      RIS
  WITHDRAWN          IS     IS     RIS      RIS      RIS      RIS
"""


WITHDRAW_OF_A_PATHWAY = """
                     OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  WAITING_TO_START   P      P      RP       RP       RP       RP
  NOT_SIGNED_IN      P      P      RP       RP       RP       RP
  NO_ATTEMPTS        P      P      RP       RP       RP       RP
  IN_PROGRESS        P      P      RP       RP       RP       RP
  MASTERED           SP     SP     RSP      RSP      RSP      RSP
  INCOMPLETE         SP     SP     RSP      RSP      RSP      RSP
  DID_NOT_START      SP     SP     RSP      RSP      RSP      RSP
  NEVER_SIGNED_IN    SP     SP     RSP      RSP      RSP      RSP
  WITHDRAWN          SP     SP     RSP      RSP      RSP      RSP
"""
EXTEND_LEARNER_ACTIVE = """
                     OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  WAITING_TO_START   ok     ok     R        R        R        R
  NOT_SIGNED_IN      ok     ok     R        R        R        R
  NO_ATTEMPTS        ok     ok     R        R        R        R
  IN_PROGRESS        ok     ok     R        R        R        R
  MASTERED           S      S      RS       RS       RS       RS
  INCOMPLETE         S      S      RS       RS       RS       RS
  DID_NOT_START      S      S      RS       RS       RS       RS
  NEVER_SIGNED_IN    S      S      RS       RS       RS       RS
  WITHDRAWN          S      S      RS       RS       RS       RS
"""
EXTEND_LEARNER_INACTIVE = """
                     OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  WAITING_TO_START   I      I      RI       RI       RI       RI
  NOT_SIGNED_IN      I      I      RI       RI       RI       RI
  NO_ATTEMPTS        I      I      RI       RI       RI       RI
  IN_PROGRESS        I      I      RI       RI       RI       RI
  MASTERED           IS     IS     RIS      RIS      RIS      RIS
  INCOMPLETE         IS     IS     RIS      RIS      RIS      RIS
  DID_NOT_START      IS     IS     RIS      RIS      RIS      RIS
  NEVER_SIGNED_IN    IS     IS     RIS      RIS      RIS      RIS
  WITHDRAWN          IS     IS     RIS      RIS      RIS      RIS
"""
RECORD_LEARNER_ACTIVE = """
                     OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  WAITING_TO_START   S      S      RS       RS       RS       S
  NOT_SIGNED_IN      ok     ok     R        R        R        ok
  NO_ATTEMPTS        ok     ok     R        R        R        ok
  IN_PROGRESS        ok     ok     R        R        R        ok
  MASTERED           S      S      RS       RS       RS       S
  INCOMPLETE         S      S      RS       RS       RS       S
  DID_NOT_START      S      S      RS       RS       RS       S
  NEVER_SIGNED_IN    S      S      RS       RS       RS       S
  WITHDRAWN          S      S      RS       RS       RS       S
"""
RECORD_LEARNER_INACTIVE_WITHOUT_ACCESS = """
                     OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  WAITING_TO_START   ISA    ISA    RISA     RISA     RISA     ISA
  NOT_SIGNED_IN      IA     IA     RIA      RIA      RIA      IA
  NO_ATTEMPTS        IA     IA     RIA      RIA      RIA      IA
  IN_PROGRESS        IA     IA     RIA      RIA      RIA      IA
  MASTERED           ISA    ISA    RISA     RISA     RISA     ISA
  INCOMPLETE         ISA    ISA    RISA     RISA     RISA     ISA
  DID_NOT_START      ISA    ISA    RISA     RISA     RISA     ISA
  NEVER_SIGNED_IN    ISA    ISA    RISA     RISA     RISA     ISA
  WITHDRAWN          ISA    ISA    RISA     RISA     RISA     ISA
"""
RECORD_ON_ONESELF = """
                     OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  WAITING_TO_START   SO     SO     RSO      RSO      RSO      SO
  NOT_SIGNED_IN      O      O      RO       RO       RO       O
  NO_ATTEMPTS        O      O      RO       RO       RO       O
  IN_PROGRESS        O      O      RO       RO       RO       O
  MASTERED           SO     SO     RSO      RSO      RSO      SO
  INCOMPLETE         SO     SO     RSO      RSO      RSO      SO
  DID_NOT_START      SO     SO     RSO      RSO      RSO      SO
  NEVER_SIGNED_IN    SO     SO     RSO      RSO      RSO      SO
  WITHDRAWN          SO     SO     RSO      RSO      RSO      SO
"""
RECORD_WITHOUT_ACCESS = """
                     OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  WAITING_TO_START   SA     SA     RSA      RSA      RSA      SA
  NOT_SIGNED_IN      A      A      RA       RA       RA       A
  NO_ATTEMPTS        A      A      RA       RA       RA       A
  IN_PROGRESS        A      A      RA       RA       RA       A
  MASTERED           SA     SA     RSA      RSA      RSA      SA
  INCOMPLETE         SA     SA     RSA      RSA      RSA      SA
  DID_NOT_START      SA     SA     RSA      RSA      RSA      SA
  NEVER_SIGNED_IN    SA     SA     RSA      RSA      RSA      SA
  WITHDRAWN          SA     SA     RSA      RSA      RSA      SA
"""
RECORD_ON_ONESELF_WITHOUT_ACCESS = """
                     OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  WAITING_TO_START   SOA    SOA    RSOA     RSOA     RSOA     SOA
  NOT_SIGNED_IN      OA     OA     ROA      ROA      ROA      OA
  NO_ATTEMPTS        OA     OA     ROA      ROA      ROA      OA
  IN_PROGRESS        OA     OA     ROA      ROA      ROA      OA
  MASTERED           SOA    SOA    RSOA     RSOA     RSOA     SOA
  INCOMPLETE         SOA    SOA    RSOA     RSOA     RSOA     SOA
  DID_NOT_START      SOA    SOA    RSOA     RSOA     RSOA     SOA
  NEVER_SIGNED_IN    SOA    SOA    RSOA     RSOA     RSOA     SOA
  WITHDRAWN          SOA    SOA    RSOA     RSOA     RSOA     SOA
"""
INACTIVE = {"learner_is_active": False}
OF_A_PATHWAY = {"pathway_enrolment": "pen_1", "pathway_title": "Welcome"}
GRIDS = (
    Grid(A.WITHDRAW, WITHDRAW_LEARNER_ACTIVE),
    Grid(A.WITHDRAW, WITHDRAW_LEARNER_ACTIVE, {"is_own_record": True, "has_app_access": False}, "own-without-access"),
    Grid(A.WITHDRAW, WITHDRAW_LEARNER_INACTIVE, INACTIVE, "inactive"),
    Grid(A.WITHDRAW, WITHDRAW_OF_A_PATHWAY, OF_A_PATHWAY, "pathway"),
    Grid(A.EXTEND, EXTEND_LEARNER_ACTIVE),
    Grid(A.EXTEND, EXTEND_LEARNER_ACTIVE, {**OF_A_PATHWAY, "is_own_record": True}, "pathway-own"),
    Grid(A.EXTEND, EXTEND_LEARNER_INACTIVE, INACTIVE, "inactive"),
    Grid(A.RECORD_ACTIVITY, RECORD_LEARNER_ACTIVE),
    Grid(A.RECORD_ACTIVITY, RECORD_LEARNER_ACTIVE, OF_A_PATHWAY, "pathway"),
    Grid(
        A.RECORD_ACTIVITY,
        RECORD_LEARNER_INACTIVE_WITHOUT_ACCESS,
        {**INACTIVE, "has_app_access": False},
        "inactive-without-access",
    ),
    Grid(A.RECORD_ACTIVITY, RECORD_ON_ONESELF, {"is_own_record": True}, "own"),
    Grid(A.RECORD_ACTIVITY, RECORD_WITHOUT_ACCESS, {"has_app_access": False}, "without-access"),
    Grid(
        A.RECORD_ACTIVITY,
        RECORD_ON_ONESELF_WITHOUT_ACCESS,
        {"is_own_record": True, "has_app_access": False},
        "own-without-access",
    ),
)


@pytest.mark.parametrize(("grid", "status", "role", "expected"), every_cell(*GRIDS))
def test_what_is_decided_is_what_the_grid_says(grid: Grid, status: str, role: Role, expected: list[Any]) -> None:
    facts = SeriesEnrolmentFacts(S[status], **{"learner_is_active": True, **grid.facts})
    assert_decided(SERIES_ENROLMENTS, grid.action, role, facts, expected)


def test_the_grids_and_the_table_know_the_same_statuses_and_actions() -> None:
    assert_covered(SERIES_ENROLMENTS, *GRIDS)
    assert list(SERIES_ENROLMENTS.statuses) == list(S)
    assert [rule.action for rule in SERIES_ENROLMENTS.rules] == list(SeriesEnrolmentAction)


def test_every_reason_says_its_cause_and_what_would_help() -> None:
    facts = SeriesEnrolmentFacts(S.MASTERED, learner_is_active=False)
    withdraw, *_ = SERIES_ENROLMENTS.actions(Role.TRAINER, facts)
    role, learner, status = withdraw.reasons

    assert isinstance(role, RoleRequired)
    assert role.required_roles == (Role.OWNER, Role.ADMIN)
    assert role.allowed_statuses == ()
    assert role.message == "Withdrawing needs the role OWNER or ADMIN; yours is TRAINER. Ask somebody who holds it."

    assert isinstance(learner, LearnerInactive)
    assert learner.required_roles == ()
    assert learner.message == (
        "Withdrawing is closed while the learner is inactive, since an inactive learner is view-only. "
        "Reactivate the learner first."
    )

    assert isinstance(status, StatusNotAllowed)
    assert status.allowed_statuses == ("WAITING_TO_START", "NOT_SIGNED_IN", "NO_ATTEMPTS", "IN_PROGRESS")
    assert status.required_roles == ()
    assert status.message == (
        "Withdrawing is not allowed at status MASTERED; "
        "it is at WAITING_TO_START, NOT_SIGNED_IN, NO_ATTEMPTS or IN_PROGRESS."
    )


def test_an_enrolment_of_a_pathway_names_the_one_to_withdraw_instead() -> None:
    facts = SeriesEnrolmentFacts(
        S.IN_PROGRESS, learner_is_active=True, pathway_enrolment="pen_1", pathway_title="Welcome"
    )
    withdraw, *_ = SERIES_ENROLMENTS.actions(Role.ADMIN, facts)
    [reason] = withdraw.reasons
    assert isinstance(reason, PathwayOwned)
    assert reason.pathway_enrolment_id == "pen_1"
    assert (
        reason.message
        == "This enrolment belongs to the pathway 'Welcome'. Withdraw the enrolment in the pathway instead."
    )


def test_where_the_actions_lead() -> None:
    assert leads(SERIES_ENROLMENTS) == {
        "WITHDRAW": {
            "WAITING_TO_START": "WITHDRAWN",
            "NOT_SIGNED_IN": "WITHDRAWN",
            "NO_ATTEMPTS": "WITHDRAWN",
            "IN_PROGRESS": "WITHDRAWN",
        },
        "EXTEND": {"WAITING_TO_START": None, "NOT_SIGNED_IN": None, "NO_ATTEMPTS": None, "IN_PROGRESS": None},
        "RECORD_ACTIVITY": {
            "NOT_SIGNED_IN": "IN_PROGRESS",
            "NO_ATTEMPTS": "IN_PROGRESS",
            "IN_PROGRESS": "IN_PROGRESS",
        },
    }


def test_the_active_statuses_are_those_that_have_not_ended() -> None:
    assert ACTIVE_STATUSES == (S.WAITING_TO_START, S.NOT_SIGNED_IN, S.NO_ATTEMPTS, S.IN_PROGRESS)


def test_the_ended_statuses() -> None:
    ended = {status for status, meaning in SERIES_ENROLMENTS.statuses.items() if meaning.is_ended}
    assert ended == {S.MASTERED, S.INCOMPLETE, S.DID_NOT_START, S.NEVER_SIGNED_IN, S.WITHDRAWN}


def test_the_four_reasons_of_the_article() -> None:
    assert {reason.name: label for reason, label in WITHDRAWAL_REASON_LABELS.items()} == {
        "NO_LONGER_REQUIRED": "Enrolment no longer required",
        "USER_DEACTIVATED": "User deactivated",
        "DOES_NOT_WANT_TO_COMPLETE": "User does not want to complete the enrolment",
        "ENROLMENT_ERROR": "Enrolment error",
    }
    assert list(WITHDRAWAL_REASON_LABELS) == list(WithdrawalReason)


START = datetime.fromisoformat("2026-03-02T00:00:00.000000+13:00")
END = datetime.fromisoformat("2026-06-30T23:59:59.999999+12:00")
TICK = timedelta(microseconds=1)
BEFORE, AT_START, RUNNING, LAST, AT_END, LATER = START - TICK, START, START + TICK, END - TICK, END, END + TICK
INSTANTS = (BEFORE, AT_START, RUNNING, LAST, AT_END, LATER)

# Each row: the stored status, whether the learner has signed in, and the status at each of the INSTANTS.
CLOCK = """
                     SIGNED_IN  BEFORE            AT_START          RUNNING           LAST              AT_END            LATER
  WAITING_TO_START   no         WAITING_TO_START  NOT_SIGNED_IN     NOT_SIGNED_IN     NOT_SIGNED_IN     NEVER_SIGNED_IN   NEVER_SIGNED_IN
  WAITING_TO_START   yes        WAITING_TO_START  NO_ATTEMPTS       NO_ATTEMPTS       NO_ATTEMPTS       DID_NOT_START     DID_NOT_START
  NOT_SIGNED_IN      no         NOT_SIGNED_IN     NOT_SIGNED_IN     NOT_SIGNED_IN     NOT_SIGNED_IN     NEVER_SIGNED_IN   NEVER_SIGNED_IN
  NOT_SIGNED_IN      yes        NOT_SIGNED_IN     NOT_SIGNED_IN     NOT_SIGNED_IN     NOT_SIGNED_IN     NEVER_SIGNED_IN   NEVER_SIGNED_IN
  NO_ATTEMPTS        no         NO_ATTEMPTS       NO_ATTEMPTS       NO_ATTEMPTS       NO_ATTEMPTS       DID_NOT_START     DID_NOT_START
  NO_ATTEMPTS        yes        NO_ATTEMPTS       NO_ATTEMPTS       NO_ATTEMPTS       NO_ATTEMPTS       DID_NOT_START     DID_NOT_START
  IN_PROGRESS        no         IN_PROGRESS       IN_PROGRESS       IN_PROGRESS       IN_PROGRESS       INCOMPLETE        INCOMPLETE
  IN_PROGRESS        yes        IN_PROGRESS       IN_PROGRESS       IN_PROGRESS       IN_PROGRESS       INCOMPLETE        INCOMPLETE
  MASTERED           yes        MASTERED          MASTERED          MASTERED          MASTERED          MASTERED          MASTERED
  INCOMPLETE         yes        INCOMPLETE        INCOMPLETE        INCOMPLETE        INCOMPLETE        INCOMPLETE        INCOMPLETE
  DID_NOT_START      yes        DID_NOT_START     DID_NOT_START     DID_NOT_START     DID_NOT_START     DID_NOT_START     DID_NOT_START
  NEVER_SIGNED_IN    no         NEVER_SIGNED_IN   NEVER_SIGNED_IN   NEVER_SIGNED_IN   NEVER_SIGNED_IN   NEVER_SIGNED_IN   NEVER_SIGNED_IN
  WITHDRAWN          yes        WITHDRAWN         WITHDRAWN         WITHDRAWN         WITHDRAWN         WITHDRAWN         WITHDRAWN
"""
CLOCK_ROWS = [line.split() for line in CLOCK.strip().splitlines()[1:]]


def row(*, has_signed_in: bool) -> dict[str, object]:
    return {"starts_at": START, "ends_at": END, "has_signed_in": has_signed_in}


@pytest.mark.parametrize("expected", CLOCK_ROWS, ids=lambda cells: f"{cells[0]}-{cells[1]}")
def test_time_moves_a_status_at_its_very_instant(expected: list[str]) -> None:
    stored, signed_in, *statuses = expected
    times = row(has_signed_in=signed_in == "yes")
    assert [SERIES_ENROLMENTS.status_at(now, S[stored], times).name for now in INSTANTS] == statuses


def test_the_clock_knows_every_status() -> None:
    assert list(dict.fromkeys(stored for stored, *_ in CLOCK_ROWS)) == [status.name for status in S]


@pytest.mark.parametrize(
    ("stored", "due"),
    [
        (S.WAITING_TO_START, START),
        (S.NOT_SIGNED_IN, END),
        (S.NO_ATTEMPTS, END),
        (S.IN_PROGRESS, END),
        (S.MASTERED, FAR_FUTURE),
        (S.INCOMPLETE, FAR_FUTURE),
        (S.DID_NOT_START, FAR_FUTURE),
        (S.NEVER_SIGNED_IN, FAR_FUTURE),
        (S.WITHDRAWN, FAR_FUTURE),
    ],
)
@pytest.mark.parametrize("has_signed_in", [True, False])
def test_a_status_is_due_at_its_next_move(stored: S, due: datetime, *, has_signed_in: bool) -> None:
    assert SERIES_ENROLMENTS.due_at(stored, row(has_signed_in=has_signed_in)) == due


@pytest.mark.parametrize(
    ("now", "has_signed_in", "moves"),
    [
        (BEFORE, False, []),
        (AT_START, False, [("WAITING_TO_START", "starts_at", "NOT_SIGNED_IN")]),
        (LAST, True, [("WAITING_TO_START", "starts_at", "NO_ATTEMPTS")]),
        (
            AT_END,
            False,
            [("WAITING_TO_START", "starts_at", "NOT_SIGNED_IN"), ("NOT_SIGNED_IN", "ends_at", "NEVER_SIGNED_IN")],
        ),
        (
            LATER,
            True,
            [("WAITING_TO_START", "starts_at", "NO_ATTEMPTS"), ("NO_ATTEMPTS", "ends_at", "DID_NOT_START")],
        ),
    ],
)
def test_an_enrolment_overdue_by_several_moves_makes_each_of_them(
    now: datetime, moves: list[tuple[str, str, str]], *, has_signed_in: bool
) -> None:
    made = SERIES_ENROLMENTS.moves_until(now, S.WAITING_TO_START, row(has_signed_in=has_signed_in))
    assert [(move.status.name, move.at, move.to.name) for move in made] == moves
