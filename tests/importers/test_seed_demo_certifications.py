"""The certifications of the demonstration: every status, every footnote both ways, and groups that keep their word."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import RowMapping

from portal_api.context import Viewer
from portal_api.database import Database
from portal_api.domain.certifications import (
    APPROVALS,
    CERTIFICATES,
    LEARNER_CERTIFICATIONS,
    ApprovalAction,
    ApprovalFacts,
    ApprovalKind,
    ApprovalStatus,
    AssignmentSourceKind,
    CertificateStatus,
    CertificationJoining,
    CertificationVersionStatus,
    CycleOutcome,
    ExamAttemptStatus,
    FeeDue,
    FeeStatus,
    LearnerCertificationAction,
    LearnerCertificationStatus,
    StepPath,
    StepStatus,
    TestOutResult,
)
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import Granted
from portal_api.domain.refusals import ErrorCode
from portal_api.domain.roles import Role
from portal_api.importers.demo import FEWEST_LEARNERS, seed_demo
from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    certification_groups,
    certification_steps,
    certification_versions,
    certifications,
    exam_attempts,
    group_members,
    groups,
    history_entries,
    learner_certifications,
    learners,
    reporting_lines,
    roles,
    step_progress,
)
from portal_api.queries import scope
from portal_api.queries.certifications import found
from portal_api.queries.certifications.found import RecordRow
from tests.clock import START
from tests.importers.conftest import rows

_A, _S, _C = LearnerCertificationAction, LearnerCertificationStatus, ErrorCode
LEAP_DAY = datetime.fromisoformat("2028-02-29T12:00:00+00:00")
MOMENTS = pytest.mark.parametrize("now", [START, LEAP_DAY], ids=["ordinary day", "leap day"])
EVERY_FOOTNOTE = {
    (_A.OVERRIDE_PAYMENT, _S.NOT_STARTED): {None, _C.PAYMENT_NOT_REQUIRED, _C.ALREADY_PAID, _C.ALREADY_WAIVED},
    (_A.OVERRIDE_PAYMENT, _S.IN_PROGRESS): {
        None,
        _C.PAYMENT_NOT_REQUIRED,
        _C.ALREADY_PAID,
        _C.ALREADY_WAIVED,
        _C.EXAM_STARTED,
    },
    (_A.OVERRIDE_PAYMENT, _S.RECERTIFYING): {None, _C.PAYMENT_NOT_REQUIRED, _C.ALREADY_PAID, _C.ALREADY_WAIVED},
    (_A.REMOVE_ASSIGNMENT, _S.ASSIGNED): {None, _C.NOT_MANUAL_SOURCE, _C.RECORD_ARCHIVED},
    (_A.REMOVE_ASSIGNMENT, _S.NOT_STARTED): {None, _C.NOT_MANUAL_SOURCE, _C.ALREADY_PAID, _C.RECORD_ARCHIVED},
    (_A.OVERRIDE_TRAINING, _S.IN_PROGRESS): {None, _C.NOTHING_TO_OVERRIDE},
    (_A.OVERRIDE_EXAM, _S.IN_PROGRESS): {None, _C.NOTHING_TO_OVERRIDE},
    (_A.FORCE_RECERTIFICATION, _S.CERTIFIED): {None, _C.CERTIFICATION_INACTIVE, _C.NO_PUBLISHED_VERSION},
    (_A.RESTORE_ACCESS, _S.REVOKED): {None, _C.CERTIFICATION_INACTIVE},
    (_A.RESTORE_ACCESS, _S.DISALLOWED): {None, _C.CERTIFICATION_INACTIVE},
    (_A.RECORD_EXAM_RESULT, _S.IN_PROGRESS): {None, _C.EXAM_PASSED, _C.NO_ATTEMPTS_LEFT},
}
"""What administrators are told of active learners, None where they may: a status is stored, another it may be by now."""


async def facts_at(database: Database, now: datetime) -> list[RecordRow]:
    """All records of the demo organisation as an administrator's change finds them."""
    [held] = [row for row in await rows(database, roles) if row["role"] is Role.ADMIN]
    admin = Viewer(held["organisation_id"], held["user_id"], Role.ADMIN, None)
    ids = [row["id"] for row in await rows(database, learner_certifications)]
    async with database.engine.connect() as connection:
        return list((await found.facts(connection, scope.bound(admin, now), ids)).values())


@MOMENTS
@pytest.mark.parametrize("count", [FEWEST_LEARNERS, 60])
async def test_every_status_is_shown_and_every_footnote_both_ways(seeded: Database, count: int, now: datetime) -> None:
    told: dict[tuple[LearnerCertificationAction, LearnerCertificationStatus], set[ErrorCode | None]]
    told = defaultdict(set)

    records = await facts_at(seeded, now)
    for record in records:
        if record.facts.learner_is_active:
            for action in _A:
                decision = LEARNER_CERTIFICATIONS[action].decide(Role.ADMIN, record.facts)
                codes = [None] if isinstance(decision, Granted) else [each.code for each in decision.reasons]
                told[action, record.facts.status].update(codes)

    assert {record.facts.status for record in records} == {record.stored for record in records} == set(_S)
    assert {place: codes - told[place] for place, codes in EVERY_FOOTNOTE.items() if codes - told[place]} == {}
    overdue = {(record.stored, record.facts.status) for record in records if record.stored is not record.facts.status}
    assert overdue == {(_S.CERTIFIED, _S.EXPIRED), (_S.CERTIFIED, _S.LAPSED), (_S.EXPIRED, _S.LAPSED)}
    assert {record.facts.is_archived for record in records} == {False, True}
    assert {record.facts.learner_is_active for record in records} == {False, True}
    windows = {record.facts.is_window_open for record in records if record.facts.status is _S.CERTIFIED}
    assert windows == {False, True}
    fees = {(row.facts.cycle.is_recertification, row.facts.cycle.fee) for row in records if row.cycle_id}
    assert fees == {(again, fee) for again in (False, True) for fee in FeeStatus}


@MOMENTS
@pytest.mark.parametrize("count", [FEWEST_LEARNERS, 60])
async def test_every_kind_of_certification_is_shown(seeded: Database, count: int, now: datetime) -> None:
    library = await rows(seeded, certifications)
    assert {row["joining"] for row in library} == set(CertificationJoining)
    assert Counter(row["status"] for row in library) == {LibraryStatus.ACTIVE: 9, LibraryStatus.RETIRED: 1}
    versions = await rows(seeded, certification_versions)
    assert {row["status"] for row in versions} == set(CertificationVersionStatus)
    assert {row["fee_due"] for row in versions if row["currency"]} == set(FeeDue)
    assert {(row["initial_fee"] is None, row["recertification_fee"] is None) for row in versions} == {
        (first, again) for first in (False, True) for again in (False, True)
    }
    assert {row["attempt_limit"] is None for row in versions} == {False, True}
    assert {row["exam_needs_approval"] for row in versions} == {False, True}
    assert {row["evidence_needs_approval"] for row in versions} == {False, True}
    assert {row["allows_exam_before_training"] for row in versions} == {False, True}
    assert {(row["validity_months"], row["grace_days"]) for row in versions} == {(None, 0), (12, 0), (12, 30)}
    steps = await rows(seeded, certification_steps)
    assert {path for row in steps for path in row["paths"]} == set(StepPath)


@MOMENTS
@pytest.mark.parametrize("count", [FEWEST_LEARNERS, 60])
async def test_everything_that_hangs_on_records_is_shown(seeded: Database, count: int, now: datetime) -> None:
    cycles = await rows(seeded, certification_cycles)
    assert {row["outcome"] for row in cycles} == {None, *CycleOutcome}
    assert {row["number"] for row in cycles if row["is_recertification"]} >= {1, 2}
    assert {row["number"] for row in cycles if not row["is_recertification"]} == {0, 1}
    assert {row["fee_status"] for row in cycles} == set(FeeStatus)
    assert any(row["attempts_granted"] for row in cycles)
    assert {row["has_attempt_open"] for row in cycles} == {False, True}
    steps = await rows(seeded, step_progress)
    assert {row["status"] for row in steps} == set(StepStatus)
    assert {row["path"] for row in steps} == {None, *StepPath}
    assert {row["test_out"] for row in steps} == {None, *TestOutResult}
    assert {row["is_overridden"] for row in steps} == {False, True}
    assert {row["status"] for row in await rows(seeded, exam_attempts)} == set(ExamAttemptStatus)
    asked = await rows(seeded, approvals)
    assert {(row["kind"], row["status"]) for row in asked} >= {
        (kind, status)
        for kind in ApprovalKind
        for status in (ApprovalStatus.PENDING, ApprovalStatus.APPROVED, ApprovalStatus.DENIED)
    }
    assert {row["status"] for row in asked} == set(ApprovalStatus)
    assert all(row["comment"] for row in asked if row["status"] is ApprovalStatus.DENIED)
    of_evidence = [row for row in asked if row["kind"] is ApprovalKind.EVIDENCE]
    assert all(row["evidence_text"] for row in of_evidence)
    assert {len(row["evidence_links"] or ()) for row in of_evidence} >= {0, 1}
    held = await rows(seeded, certificates)
    assert {row["status"] for row in held} == set(CertificateStatus)
    late = {CERTIFICATES.status_at(now, row["status"], row) for row in held if row["status"] is CertificateStatus.VALID}
    assert late == {CertificateStatus.VALID, CertificateStatus.EXPIRED}
    sources = await rows(seeded, assignment_sources)
    assert {(row["kind"], row["ended_at"] is None) for row in sources} == {
        (AssignmentSourceKind.MANUAL, True),
        (AssignmentSourceKind.MANUAL, False),
        (AssignmentSourceKind.GROUP, True),
        (AssignmentSourceKind.GROUP, False),
        (AssignmentSourceKind.SELF, True),
    }


@MOMENTS
async def test_groups_assign_to_exactly_those_whom_they_hold(own_database: Database, now: datetime) -> None:
    await seed_demo(own_database, learners=400, now=now)
    records = {row["id"]: row for row in await rows(own_database, learner_certifications)}
    in_use = {row["id"] for row in await rows(own_database, groups) if row["status"] is LibraryStatus.ACTIVE}
    assigns = [(row["group_id"], row["certification_id"]) for row in await rows(own_database, certification_groups)]
    members = await rows(own_database, group_members)

    standing = Counter(
        (row["group_id"], record["certification_id"], record["learner_id"])
        for row in await rows(own_database, assignment_sources)
        if row["kind"] is AssignmentSourceKind.GROUP and row["ended_at"] is None
        for record in [records[row["learner_certification_id"]]]
        if record["archived_at"] is None
    )

    expected = [
        (group_id, certification_id, row["learner_id"])
        for group_id, certification_id in assigns
        for row in members
        if row["group_id"] == group_id and group_id in in_use
    ]
    assert standing == Counter(expected)
    assert len({group_id for group_id, _ in assigns}) == 3


@MOMENTS
async def test_the_learner_who_is_a_user_has_a_telling_page(seeded: Database, now: datetime) -> None:
    own = await _linked_to(seeded, Role.LEARNER)
    records = [row for row in await rows(seeded, learner_certifications) if row["learner_id"] == own]
    cycles = {row["learner_certification_id"]: row for row in await rows(seeded, certification_cycles)}

    by_status = {row["status"]: row for row in records}

    assert set(by_status) == {_S.CERTIFIED, _S.IN_PROGRESS, _S.ASSIGNED}
    assert cycles[by_status[_S.IN_PROGRESS]["id"]]["fee_status"] is FeeStatus.WAIVED
    taken = {row["certification_id"] for row in records}
    assert any(
        row["joining"] is CertificationJoining.OPEN and row["id"] not in taken
        for row in await rows(seeded, certifications)
        if row["status"] is LibraryStatus.ACTIVE
    )


@MOMENTS
@pytest.mark.parametrize("count", [FEWEST_LEARNERS, 60, 400])
async def test_the_manager_has_approvals_waiting(seeded: Database, count: int, now: datetime) -> None:
    manager = await _linked_to(seeded, Role.MANAGER)
    lines = await rows(seeded, reporting_lines)
    team = {row["learner_id"] for row in lines if row["manager_id"] == manager}

    waiting = {
        row["kind"]
        for row in await rows(seeded, approvals)
        if row["learner_id"] in team and row["status"] is ApprovalStatus.PENDING
        if isinstance(
            APPROVALS[ApprovalAction.APPROVE].decide(Role.MANAGER, ApprovalFacts(row["status"], row["kind"])), Granted
        )
    }

    assert waiting == {ApprovalKind.EVIDENCE, ApprovalKind.EXAM}


@MOMENTS
async def test_what_is_told_of_certifications_fits_together(own_database: Database, now: datetime) -> None:
    await seed_demo(own_database, learners=400, now=now)
    people = {row["id"]: row for row in await rows(own_database, learners)}
    versions = {row["id"]: row for row in await rows(own_database, certification_versions)}
    records = {row["id"]: row for row in await rows(own_database, learner_certifications)}
    told = await rows(own_database, history_entries)

    for row in await rows(own_database, certification_cycles):
        record, version = records[row["learner_certification_id"]], versions[row["certification_version_id"]]
        assert version["certification_id"] == record["certification_id"]
        assert version["published_at"] <= row["opened_at"] < (version["retired_at"] or now)
        assert row["fee"] == version["recertification_fee" if row["is_recertification"] else "initial_fee"]
        assert row["attempts_used"] <= (version["attempt_limit"] or 20) + row["attempts_granted"]
        assert (row["number"] > 0) >= row["is_recertification"]
    for row in records.values():
        assert people[row["learner_id"]]["created_at"] < row["assigned_at"] < now
        assert bool(row["enrolled_at"]) is (row["status"] is not _S.ASSIGNED)
    kinds = (SubjectKind.LEARNER_CERTIFICATION, SubjectKind.APPROVAL, SubjectKind.CERTIFICATE)
    of_records = [row for row in told if row["subject_kind"] in kinds]
    assert all(row["occurred_at"] == row["recorded_at"] <= now for row in of_records)
    assert min(Counter((row["subject_id"], row["version"]) for row in of_records).values()) == 1
    assert _first_versions(of_records) == {1}
    assert {row["action"] for row in told} >= {
        action for action in HistoryAction if action.startswith(("learner_certification_", "approval_", "certificate_"))
    }


def _first_versions(told: list[RowMapping]) -> set[int]:
    first: Mapping[UUID, list[int]] = defaultdict(list)
    for row in told:
        first[row["subject_id"]].append(row["version"])
    return {min(versions) for versions in first.values()}


async def test_records_grow_in_proportion(own_database: Database) -> None:
    shown: list[tuple[int, int]] = []

    def progress(what: str, done: int, of: int) -> None:
        if what == "demo: learners with certifications":
            shown.append((done, of))

    await seed_demo(own_database, learners=1_200, now=START, progress=progress)

    held = await rows(own_database, learner_certifications)
    assert 3_500 < len(held) < 3_700
    assert shown == [(500, 1_200), (1_000, 1_200), (1_200, 1_200)]
    statuses = Counter(row["status"] for row in held)
    assert set(statuses) == set(_S)
    assert statuses[_S.CERTIFIED] > len(held) / 4


@pytest.mark.soak
async def test_ten_thousand_learners_have_twenty_certifications_and_thirty_thousand_records(
    own_database: Database,
) -> None:
    await seed_demo(own_database, learners=10_000, now=START)

    held = Counter(row["certification_id"] for row in await rows(own_database, learner_certifications))
    assert len(await rows(own_database, certifications)) == len(held) == 20
    assert 29_000 < held.total() < 31_000


async def _linked_to(database: Database, role: Role) -> UUID:
    [row] = [row for row in await rows(database, roles) if row["role"] is role]
    return row["learner_id"]
