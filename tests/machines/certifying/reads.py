"""All records of certifications as they are read over HTTP, held against a world, and the history as it is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from portal_api.auth import Tokens
from portal_api.database import Database
from portal_api.models import history_entries
from tests.client import Client, Json
from tests.clock import ManualClock, RepeatableIds
from tests.factories import Organisation
from tests.machines.certifying.model import World
from tests.machines.certifying.reading import ALLOWED, against
from tests.machines.certifying.records import ADMIN, APPROVAL, CERTIFICATE, RECORD, Entry

LEARNER, CERTIFICATION, VERSION, SOURCE = "LEARNER", "CERTIFICATION", "VERSION", "SOURCE"
STALE = timedelta(seconds=5)
"""So long a reader may be known as they were."""
_EVERYTHING = """query($archived: Boolean!) { learnerCertifications(first: 60, filter: {isArchived: {eq: $archived}}) { nodes {
    id status archivedAt isPaymentWaived learner { id } certification { id }
    nextTransitions { status at } actions { action available reasons { code } } certificate { id }
    cycle { id }
    cycles(first: 15) { nodes {
      id number isRecertification outcome feeStatus stepsOpen attemptsUsed attemptsAllowed examPassedAt startedAt
      isExamOverridden certificationVersion { id }
      steps(first: 3) { nodes { status testOut isOverridden step { id } } }
    } }
    sources(first: 30) { nodes { id kind endedAt removable group { id } } }
    attempts(first: 40) { nodes { number status cycle { number } } }
    certificates(first: 15) { nodes { id status expiresAt } }
} } }"""
_APPROVALS = """{ approvals(first: 200) { nodes {
    id kind status learner { id } certification { id } learnerCertification { id }
    actions { action available reasons { code } }
} } }"""
_OWN = "{ learnerCertifications(first: 100) { nodes { id status actions { action reasons { code } } } } }"


@dataclass
class AsRead:
    """The organisation of a world in the portal, what its records are called there, and how they are read."""

    database: Database
    organisation: Organisation
    clock: ManualClock
    new_id: RepeatableIds
    tokens: Tokens
    http: httpx.AsyncClient
    world: World
    keys: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """By the kind of record: the key in the world of each identifier."""
    users: dict[int, Client] = field(default_factory=dict[int, Client])
    steps: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    """By record: the training steps of its last cycle."""
    told_apart_at: dict[int, datetime] = field(default_factory=dict[int, datetime])
    """By learner: when their access was changed last."""

    async def compare(self) -> None:
        """Holds all that an administrator reads against the world, and the history as it is written so far."""
        nodes = [
            node
            for archived in (False, True)
            for node in (await self.users[ADMIN].query(_EVERYTHING, {"archived": archived}))["learnerCertifications"][
                "nodes"
            ]
        ]
        for node in nodes:
            self._recognise(node)
        asked = (await self.users[ADMIN].query(_APPROVALS))["approvals"]["nodes"]
        for node in asked:
            self._recognise_approval(node)
        read = sorted((self._record(node) for node in nodes), key=lambda row: row[0])
        for told, meant in zip(read, map(self._as_read, self.world.records), strict=True):
            assert told == meant
        decisions = sorted(self._approval(node) for node in asked)
        assert decisions == [self._approval_as_read(each.key) for each in self.world.approvals]
        told = [entry for entry in await self.history() if entry.subject[0] in (RECORD, APPROVAL, CERTIFICATE)]
        assert _by_people(told) == _by_people(self.world.history)

    async def compare_as(self, learner: int) -> None:
        """Holds against the world what somebody with a learner record reads: their own records, and whose they see."""
        who, changed_at = self.world.learners[learner], self.told_apart_at.get(learner)
        if not who.has_app_access or (changed_at and self.clock() < changed_at + STALE):
            return
        nodes = (await self.users[learner].query(_OWN))["learnerCertifications"]["nodes"]
        seen = [each for each in self.world.records if self.world.sees(learner, each.learner) and not each.is_archived]
        assert sorted((self.keys[RECORD][node["id"]], node["status"], _actions(node)) for node in nodes) == [
            (each.key, each.status, self._actions_as_read(each.key, learner)) for each in seen
        ]

    def _recognise(self, node: Json) -> None:
        """Finds out which record of the world one is that was not seen before, and so for all that hangs on it."""
        learner, of = self.keys[LEARNER][node["learner"]["id"]], self.keys[CERTIFICATION][node["certification"]["id"]]
        pairs = [(each.key, (each.learner, each.certification)) for each in self.world.records]
        key = self._matched(RECORD, node["id"], (learner, of), pairs)
        for each in node["sources"]["nodes"]:
            group = each["group"] and self.keys["GROUP"][each["group"]["id"]]
            known = [(own.key, (own.record, own.kind, own.group)) for own in self.world.sources]
            self._matched(SOURCE, each["id"], (key, each["kind"], group), known)
        for each in sorted(node["certificates"]["nodes"], key=lambda certificate: certificate["id"]):
            held = [(own.key, own.record) for own in self.world.certificates]
            self._matched(CERTIFICATE, each["id"], key, held)
        cycles = node["cycles"]["nodes"]
        last = max(cycles, key=lambda cycle: cycle["number"], default=None)
        self.steps[key] = [step["step"]["id"] for step in last["steps"]["nodes"]] if last else []

    def _recognise_approval(self, node: Json) -> None:
        about = (self.keys[LEARNER][node["learner"]["id"]], self.keys[CERTIFICATION][node["certification"]["id"]])
        known = [(each.key, (each.kind, each.learner, each.certification)) for each in self.world.approvals]
        self._matched(APPROVAL, node["id"], (node["kind"], *about), known)

    def _matched(self, kind: str, id_: str, like: Any, among: Sequence[tuple[int, Any]]) -> int:
        """The key of a record: one step makes only one of its like."""
        keys = self.keys[kind]
        if id_ not in keys:
            new = [key for key, each in among if each == like and key not in keys.values()]
            assert len(new) == 1, f"{kind} {like}: {len(new)} in the world where the portal has one"
            keys[id_] = new[0]
        return keys[id_]

    def _record(self, node: Json) -> tuple[Any, ...]:
        attempts = sorted(
            (each["cycle"]["number"], each["number"], each["status"]) for each in node["attempts"]["nodes"]
        )
        return (
            self.keys[RECORD][node["id"]],
            node["status"],
            node["archivedAt"] is not None,
            [(each["status"], datetime.fromisoformat(each["at"])) for each in node["nextTransitions"]],
            _actions(node),
            sorted(self._cycle(each) for each in node["cycles"]["nodes"]),
            attempts,
            sorted(
                (self.keys[SOURCE][each["id"]], each["endedAt"] is not None, each["removable"])
                for each in node["sources"]["nodes"]
            ),
            sorted(
                (self.keys[CERTIFICATE][each["id"]], each["status"], _instant(each["expiresAt"]))
                for each in node["certificates"]["nodes"]
            ),
            node["certificate"] and self.keys[CERTIFICATE][node["certificate"]["id"]],
            node["cycle"] is not None,
        )

    def _cycle(self, node: Json) -> tuple[Any, ...]:
        return (
            node["number"],
            node["isRecertification"],
            node["outcome"],
            node["feeStatus"],
            node["stepsOpen"],
            (node["attemptsUsed"], node["attemptsAllowed"]),
            (node["examPassedAt"] is not None, node["isExamOverridden"]),
            self.keys[VERSION][node["certificationVersion"]["id"]],
            [(each["status"], each["testOut"], each["isOverridden"]) for each in node["steps"]["nodes"]],
        )

    def _as_read(self, record: Any) -> tuple[Any, ...]:
        """A record of the world as an administrator has to read it."""
        world, in_force = self.world, self.world.in_force(record)
        return (
            record.key,
            record.status,
            record.is_archived,
            [] if record.is_archived else record.transitions,
            self._actions_as_read(record.key, ADMIN),
            [
                (
                    each.number,
                    each.is_recertification,
                    each.outcome,
                    each.fee,
                    sum(step.status != "DONE" for step in each.steps),
                    (len(each.attempts), each.allowed),
                    (each.is_exam_passed, each.is_exam_overridden),
                    each.version,
                    [(step.status, step.test_out, step.is_overridden) for step in each.steps],
                )
                for each in record.cycles
            ],
            [
                (each.number, number, status)
                for each in record.cycles
                for number, status in enumerate(each.attempts, start=1)
            ],
            [
                (each.key, each.has_ended, not world.against("REMOVE_ASSIGNMENT", record, ADMIN, each))
                for each in world.sources
                if each.record == record.key
            ],
            [(each.key, each.status, each.expires_at) for each in world.certificates if each.record == record.key],
            in_force[0].key if in_force else None,
            record.cycle is not None,
        )

    def _actions_as_read(self, key: int, actor: int) -> list[tuple[str, list[str]]]:
        scene = self.world.scene(self.world.records[key], actor)
        return [(action, against(action, scene)) for action in ALLOWED]

    def _approval(self, node: Json) -> tuple[Any, ...]:
        return self.keys[APPROVAL][node["id"]], node["kind"], node["status"], _actions(node)

    def _approval_as_read(self, key: int) -> tuple[Any, ...]:
        asked = self.world.approvals[key]
        actions = [
            (action, self.world.against_deciding(ADMIN, asked, is_approved=action == "APPROVE"))
            for action in ("APPROVE", "DENY")
        ]
        return key, asked.kind, asked.status, actions

    async def history(self) -> list[Entry]:
        """The history of records, approvals and certificates as it is stored, each record's in its order."""
        stored = await self.organisation.stored(history_entries)
        names = {kind: {id_.partition("_")[2]: key for id_, key in keys.items()} for kind, keys in self.keys.items()}
        told: list[Entry] = []
        for entry in sorted(stored, key=lambda each: (each["version"], each["occurred_at"])):
            kind, action = entry["subject_kind"].name, entry["action"].name
            by_clock = action.endswith(("_EXPIRED", "_LAPSED"))
            assert (entry["actor_kind"].name == "CLOCK") is by_clock, f"{action} by {entry['actor_kind']}"
            if kind in (RECORD, APPROVAL, CERTIFICATE):
                subject = (kind, names[kind][entry["subject_id"].hex])
                told.append(Entry(subject, action, entry["from_status"], entry["to_status"], entry["occurred_at"]))
        return told


def _actions(node: Json) -> list[tuple[str, list[str]]]:
    assert all(each.get("available", not each["reasons"]) is (not each["reasons"]) for each in node["actions"])
    return [(each["action"], [reason["code"] for reason in each["reasons"]]) for each in node["actions"]]


def _by_people(history: Sequence[Entry]) -> list[Entry]:
    """What is written at once: time is written down when somebody looks."""
    return sorted(entry for entry in history if not entry.action.endswith(("_EXPIRED", "_LAPSED")))


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
