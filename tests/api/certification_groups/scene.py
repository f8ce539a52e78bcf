"""A learner, a group and a certification that it assigns, and every way into the group and out of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from portal_api.domain.certifications import (
    LearnerCertificationStatus,
)
from portal_api.domain.roles import Role
from portal_api.models import (
    assignment_sources,
    group_members,
    history_entries,
    learner_certifications,
)
from tests.api.calls import call
from tests.api.cases import outcomes
from tests.client import Client, Json
from tests.conftest import SignIn
from tests.factories import Organisation, Record

S = LearnerCertificationStatus


NORTH, SOUTH = ({"name": "region", "value": value} for value in ("North", "South"))


TESTS, OTHER_TESTS = ([{"attribute": "region", "values": [value]}] for value in ("North", "South"))


@dataclass
class Scene:
    """A learner in the North, a group of the North that assigns a certification, and one of the South that does not."""

    organisation: Organisation
    owner: Client
    group: Record
    other: Record
    certification: Record
    learner: Record

    async def call(self, mutation: str, **given: Any) -> Json:
        payload = await call(self.owner, mutation, "id", **given)
        assert outcomes(payload) == ["CHANGED"] * len(payload["results"]), payload
        return payload

    async def records(self) -> list[dict[str, Any]]:
        """The learner's records, in the order in which they were made."""
        rows = await self.organisation.stored(learner_certifications)
        return sorted(
            (row for row in rows if row["learner_id"] == self.learner.id), key=lambda row: row["external_ref"]
        )

    async def sources(self) -> list[tuple[str, bool]]:
        """The kinds of the sources of the learner's records, and whether each stands."""
        rows = await self.organisation.stored(assignment_sources)
        return sorted((row["kind"].name, row["ended_at"] is None) for row in rows)

    async def told(self, record_id: Any) -> list[tuple[str, str | None]]:
        """What the history tells of a record, each with what caused it."""
        entries = await self.organisation.stored(history_entries)
        by_id = {entry["id"]: entry for entry in entries}
        own = sorted((entry for entry in entries if entry["subject_id"] == record_id), key=lambda each: each["version"])
        return [(entry["action"].name, entry["cause_id"] and by_id[entry["cause_id"]]["action"].name) for entry in own]

    async def set_attributes(self, *attributes: Json) -> Json:
        return await self.call("updateLearner", id=self.learner.gid, attributes=list(attributes))

    async def set_tests(self, conditions: list[Json]) -> Json:
        return await self.call("updateGroup", id=self.group.gid, conditions=conditions)

    async def name(self, *groups: Record) -> Json:
        return await self.call("updateCertification", id=self.certification.gid, groupIds=[each.gid for each in groups])


Turn = Callable[[Scene], Awaitable[Any]]


@dataclass(frozen=True)
class Trigger:
    """A way into a group and out of it again."""

    enter: Turn
    leave: Turn
    causes: tuple[str, str]
    is_named: bool = True
    """Whether the certification names the group before the way in."""


TRIGGERS = {
    "attributes": Trigger(
        lambda scene: scene.set_attributes(NORTH),
        lambda scene: scene.set_attributes(SOUTH),
        ("LEARNER_UPDATED", "LEARNER_UPDATED"),
    ),
    "tests": Trigger(
        lambda scene: scene.set_tests(OTHER_TESTS),
        lambda scene: scene.set_tests([{"attribute": "region", "values": ["East"]}]),
        ("GROUP_UPDATED", "GROUP_UPDATED"),
    ),
    "use": Trigger(
        lambda scene: scene.call("reinstateGroups", ids=[scene.group.gid]),
        lambda scene: scene.call("retireGroups", ids=[scene.group.gid]),
        ("GROUP_REINSTATED", "GROUP_RETIRED"),
    ),
    "names": Trigger(
        lambda scene: scene.name(scene.group, scene.other),
        lambda scene: scene.name(scene.other),
        ("CERTIFICATION_UPDATED", "CERTIFICATION_UPDATED"),
        is_named=False,
    ),
}


async def laid_out(organisation: Organisation, sign_in: SignIn, way: str) -> Scene:
    """The learner outside: only the way in is missing."""
    is_in_use, is_there = way != "use", way in ("names", "use")
    group = organisation.group(is_active=is_in_use, region="North")
    other = organisation.group(region="West")
    learner, certification = organisation.learner(has_app_access=True), organisation.certification()
    organisation.attribute(learner, "region", "North" if is_there else "South")
    scene = Scene(organisation, sign_in(Role.OWNER), group, other, certification, learner)
    if way == "names":
        organisation.rows.setdefault(group_members, []).append(
            {"organisation_id": organisation.id, "group_id": group.id, "learner_id": learner.id}
        )
    if TRIGGERS[way].is_named:
        organisation.assigns(group, certification)
    return scene


WAYS = pytest.mark.parametrize("way", TRIGGERS)
