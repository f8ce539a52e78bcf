"""One learner's certification: its actions, its sources, its open cycle."""

from typing import Any

from portal_api.domain.certifications import (
    AssignmentSourceKind,
    Cycle,
    FeeDue,
    FeeStatus,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
)
from portal_api.domain.roles import Role
from portal_api.models import certification_cycles, certification_versions
from tests.api.certifying import CYCLES, granted, told
from tests.client import Json
from tests.clock import START
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

_S = LearnerCertificationStatus


async def test_actions_know_all_that_decides(engine: str, organisation: Organisation, sign_in: SignIn) -> None:
    """Each record differs in one thing; its actions are those of the table for exactly that."""
    with_fee = organisation.certification(is_published=False)
    organisation.certification_version(
        with_fee, initial_fee=9_900, fee_due=FeeDue.BEFORE_START, attempt_limit=None, allows_exam_before_training=True
    )
    retired = organisation.certification(is_active=False)
    plain = organisation.certification()

    def made(of: Record = plain, status: _S = _S.IN_PROGRESS, **columns: Any) -> Record:
        return organisation.learner_certification(organisation.learner(has_app_access=True), of, status, **columns)

    working = CYCLES[_S.IN_PROGRESS]
    in_fee = Cycle(
        is_started=True,
        steps_open=2,
        fee=FeeStatus.UNPAID,
        fee_due=FeeDue.BEFORE_START,
        allows_exam_before_training=True,
    )
    cases: list[tuple[Record, LearnerCertificationFacts]] = [
        (made(), LearnerCertificationFacts(_S.IN_PROGRESS, cycle=working)),
        (made(with_fee), LearnerCertificationFacts(_S.IN_PROGRESS, cycle=in_fee)),
        (
            made(with_fee, cycle={"fee_status": FeeStatus.WAIVED}),
            LearnerCertificationFacts(
                _S.IN_PROGRESS,
                cycle=Cycle(
                    is_started=True,
                    steps_open=2,
                    fee=FeeStatus.WAIVED,
                    fee_due=FeeDue.BEFORE_START,
                    allows_exam_before_training=True,
                ),
            ),
        ),
        (
            made(cycle={"steps_open": 0, "attempts_used": 3}),
            LearnerCertificationFacts(
                _S.IN_PROGRESS, cycle=Cycle(is_started=True, attempts_used=3, attempts_allowed=3)
            ),
        ),
        (
            made(cycle={"steps_open": 0, "attempts_used": 3, "attempts_granted": 2}),
            LearnerCertificationFacts(
                _S.IN_PROGRESS, cycle=Cycle(is_started=True, attempts_used=3, attempts_allowed=5)
            ),
        ),
        (
            made(retired, _S.EXPIRED),
            LearnerCertificationFacts(_S.EXPIRED, is_certification_active=False),
        ),
        (
            made(status=_S.ASSIGNED, source=AssignmentSourceKind.SELF),
            LearnerCertificationFacts(_S.ASSIGNED, has_manual_source=False, is_window_open=False),
        ),
        (
            made(status=_S.NOT_STARTED, archived_at=START - DAY),
            LearnerCertificationFacts(_S.NOT_STARTED, is_archived=True, has_manual_source=False),
        ),
    ]
    await organisation.save()
    for client, role in ((sign_in(Role.ADMIN), Role.ADMIN), (sign_in(Role.OWNER), Role.OWNER)):
        data = await client.query(
            """query($ids: [ID!]!) {
              nodes(ids: $ids) { ... on LearnerCertification { actions { action available reasons { code } } } }
            }""",
            {"ids": [record.gid for record, _ in cases]},
        )
        for node, (record, facts) in zip(data["nodes"], cases, strict=True):
            assert told(node) == granted(role, facts), record["external_ref"]


async def test_an_inactive_learner_and_one_without_app_access_are_told_apart(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    of = organisation.certification()
    inactive = organisation.learner_certification(organisation.learner(is_active=False), of)
    without = organisation.learner_certification(organisation.learner(has_app_access=False), of)
    unpublished = organisation.certification()
    left = organisation.learner_certification(organisation.learner(has_app_access=True), unpublished, _S.LAPSED)
    for row in organisation.rows[certification_versions]:
        if row["certification_id"] == unpublished.id:
            row |= {"status": "retired", "retired_at": START}
    await organisation.save()
    data = await sign_in(Role.ADMIN).query(
        """query($ids: [ID!]!) {
          nodes(ids: $ids) { ... on LearnerCertification { actions { action available reasons { code } } } }
        }""",
        {"ids": [inactive.gid, without.gid, left.gid]},
    )
    working = CYCLES[_S.IN_PROGRESS]
    facts = (
        LearnerCertificationFacts(_S.IN_PROGRESS, learner_is_active=False, has_app_access=False, cycle=working),
        LearnerCertificationFacts(_S.IN_PROGRESS, has_app_access=False, cycle=working),
        LearnerCertificationFacts(_S.LAPSED, has_published_version=False),
    )
    for node, expected in zip(data["nodes"], facts, strict=True):
        assert told(node) == granted(Role.ADMIN, expected)


SOURCES = """
query($id: ID!) {
  learnerCertification(id: $id) {
    sources { nodes { kind removable reasons { code } endedAt group { id } createdBy { id } } }
  }
}
"""


async def test_a_source_says_whether_it_can_be_removed_and_why_not(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    admin = organisation.staff[Role.ADMIN]
    group = organisation.group(organisation.own[Role.LEARNER])
    record = organisation.learner_certification(
        organisation.own[Role.LEARNER], organisation.certification(), _S.NOT_STARTED
    )
    organisation.assigns(group, organisation.record(record["certification_id"]))
    organisation.assignment_source(record, AssignmentSourceKind.MANUAL, created_by=admin.id)
    organisation.assignment_source(record, AssignmentSourceKind.MANUAL, ended_at=START - DAY)
    organisation.assignment_source(record, AssignmentSourceKind.GROUP, group_id=group.id)
    organisation.assignment_source(record, AssignmentSourceKind.SELF)
    tried = organisation.learner_certification(
        organisation.own[Role.LEARNER], organisation.certification(), _S.NOT_STARTED, cycle={"attempts_used": 1}
    )
    certified = organisation.learner_certification(
        organisation.own[Role.LEARNER], organisation.certification(), _S.CERTIFIED
    )
    await organisation.save()

    async def sources(role: Role, of: Record) -> list[Json]:
        data = await sign_in(role).query(SOURCES, {"id": of.gid})
        return data["learnerCertification"]["sources"]["nodes"]

    def told_of(each: Json) -> tuple[str, bool, list[str]]:
        return each["kind"], each["removable"], [reason["code"] for reason in each["reasons"]]

    found = await sources(Role.ADMIN, record)
    assert sorted(told_of(each) for each in found) == [
        ("GROUP", False, ["NOT_MANUAL_SOURCE"]),
        ("MANUAL", False, ["NOT_MANUAL_SOURCE"]),
        ("MANUAL", True, []),
        ("MANUAL", True, []),
        ("SELF", False, ["NOT_MANUAL_SOURCE"]),
    ]
    assert [each["kind"] for each in found if each["endedAt"] and each["kind"] == "MANUAL"] == ["MANUAL"]
    assert all(each["removable"] is (each["kind"] == "MANUAL" and each["endedAt"] is None) for each in found)
    assert [each["group"] for each in found if each["kind"] == "GROUP"] == [{"id": group.gid}]
    assert [each["createdBy"] for each in found if each["createdBy"]] == [{"id": admin.gid}]
    assert [told_of(each) for each in await sources(Role.ADMIN, tried)] == [("MANUAL", False, ["EXAM_STARTED"])]
    assert [told_of(each) for each in await sources(Role.ADMIN, certified)] == [
        ("MANUAL", False, ["STATUS_NOT_ALLOWED"])
    ]
    learner = await sources(Role.LEARNER, record)
    assert ("MANUAL", False, ["FORBIDDEN"]) in [told_of(each) for each in learner]
    assert not any(each["removable"] for each in learner)
    assert all(each["group"] is None and each["createdBy"] is None for each in learner)


async def test_the_cycle_that_is_open_tells_of_its_fee_its_steps_and_its_attempts(
    engine: str, organisation: Organisation, sign_in: SignIn
) -> None:
    of = organisation.certification(is_published=False)
    organisation.certification_version(of, initial_fee=9_900, attempt_limit=2)
    learner = organisation.own[Role.LEARNER]
    record = organisation.learner_certification(
        learner, of, cycle={"steps_open": 1, "attempts_used": 2, "attempts_granted": 3}
    )
    [cycle] = organisation.rows[certification_cycles]
    closed = organisation.learner_certification(learner, organisation.certification(), _S.CERTIFIED)
    document = """
        query($id: ID!, $closed: ID!) {
          learnerCertification(id: $id) {
            cycle {
              id number isRecertification closedAt outcome feeStatus fee currency feeSettledAt
              stepsOpen attemptsUsed attemptsAllowed examPassedAt isExamOverridden
              certificationVersion { number }
              steps { totalCount nodes { status path doneAt isOverridden testOut step { title position } } }
            }
            cycles { nodes { id } }
            attempts { nodes { number status score cycle { id } } }
            certificate { id }
          }
          closed: learnerCertification(id: $closed) {
            cycle { id }
            cycles { nodes { outcome fee currency attemptsAllowed } }
            certificates { nodes { status issuedOn learnerCertification { id } } }
          }
        }
    """
    await organisation.save()
    variables = {"id": record.gid, "closed": closed.gid}

    for role in (Role.ADMIN, Role.MANAGER, Role.LEARNER):
        data = await sign_in(role).query(document, variables)

        read = data["learnerCertification"]
        steps = read["cycle"].pop("steps")
        cycle_id = read["cycle"]["id"]
        assert read["cycle"] == {
            "id": cycle_id,
            "number": 0,
            "isRecertification": False,
            "closedAt": None,
            "outcome": None,
            "feeStatus": "UNPAID",
            "fee": 9_900,
            "currency": "NZD",
            "feeSettledAt": None,
            "stepsOpen": 1,
            "attemptsUsed": 2,
            "attemptsAllowed": 5,
            "examPassedAt": None,
            "isExamOverridden": False,
            "certificationVersion": {"number": 1},
        }
        assert cycle_id.endswith(cycle["id"].hex)
        assert steps["totalCount"] == 2
        assert [(each["step"]["position"], each["status"], each["path"]) for each in steps["nodes"]] == [
            (1, "OPEN", None),
            (2, "DONE", "ONLINE"),
        ]
        assert read["cycles"]["nodes"] == [{"id": cycle_id}]
        assert [(each["number"], each["status"], each["score"]) for each in read["attempts"]["nodes"]] == [
            (1, "FAILED", 40),
            (2, "FAILED", 40),
        ]
        assert {each["cycle"]["id"] for each in read["attempts"]["nodes"]} == {cycle_id}
        assert read["certificate"] is None
        assert data["closed"] == {
            "cycle": None,
            "cycles": {"nodes": [{"outcome": "CERTIFIED", "fee": None, "currency": None, "attemptsAllowed": 3}]},
            "certificates": {
                "nodes": [
                    {
                        "status": "VALID",
                        "issuedOn": (START - 30 * DAY).date().isoformat(),
                        "learnerCertification": {"id": closed.gid},
                    }
                ]
            },
        }
