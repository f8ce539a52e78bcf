"""An id, a reference or a cursor of what is not seen is answered as one of nothing, at every place that takes one."""

import base64
import json
from collections.abc import Iterator
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest
from graphql import get_named_type

from portal_api.domain.roles import Role
from tests.api.walls.kinds import KINDS
from tests.api.walls.paths import (
    PLACES,
    ROOT_LISTS,
    Place,
    document,
    id_leads_to,
    is_turn_of,
    object_type,
    tells_nothing,
    text_leads_to,
    variables,
)
from tests.api.walls.scene import World
from tests.api.walls.seen import seen_by
from tests.client import Client

by_role = pytest.mark.parametrize("role", list(Role))
how_far = pytest.mark.parametrize("everywhere", [False, pytest.param(True, marks=pytest.mark.soak)])
"""Asked for one record of a kind at each place whose turn it is, or for all of them at every place."""


def _asked_by(role: Role, *, everywhere: bool) -> list[Place]:
    return [place for place in PLACES if everywhere or is_turn_of(role, place)]


def test_between_them_the_roles_ask_at_every_place() -> None:
    assert {place for role in Role for place in _asked_by(role, everywhere=False)} == set(PLACES)


@how_far
@by_role
async def test_an_id_that_may_not_be_seen_is_answered_as_one_that_does_not_exist(
    role: Role, world: World, *, everywhere: bool
) -> None:
    client, seen = world.clients[role], seen_by(role)
    most = len(world.ids) if everywhere else 1
    silent: set[str] = set()

    for place in _asked_by(role, everywhere=everywhere):
        told_of_one = not place.is_id or tells_nothing(place)
        for kind in id_leads_to(place) if place.is_id else ():
            labels = world.kind(kind)
            nothing = await world.answer(client, place, world.random_id(world.ids[labels[0]]))
            theirs = [id_ for label, id_ in world.theirs.items() if label.split()[0] == kind]
            assert await world.answer(client, place, theirs[-1]) == nothing, f"{place} tells of their {kind}"
            hidden = sorted(set(labels) - seen)
            for label in Random(f"{role} {place} {kind}").sample(hidden, min(most, len(hidden))):
                assert await world.answer(client, place, world.ids[label]) == nothing, f"{place} tells of {label}"
            if role is Role.OWNER and not told_of_one:
                told_of_one = await _tells(client, place, world, labels, nothing)
        if not told_of_one:
            silent.add(str(place))

    assert role is not Role.OWNER or silent == set(), "these tell nothing of a record that is seen"


async def _tells(client: Client, place: Place, world: World, labels: list[str], nothing: str) -> bool:
    """Whether a place says anything of a record that is seen."""
    for label in labels:
        if await world.answer(client, place, world.ids[label]) != nothing:
            return True
    return False


@how_far
@by_role
async def test_a_reference_that_may_not_be_seen_is_answered_as_one_that_does_not_exist(
    role: Role, world: World, *, everywhere: bool
) -> None:
    client, seen = world.clients[role], seen_by(role)
    silent: set[str] = set()

    for place in _asked_by(role, everywhere=everywhere):
        if place.is_id or not (kind := text_leads_to(place)):
            continue
        tells = tells_nothing(place)
        nothing = await world.answer(client, place, "NOWHERE")
        assert await world.answer(client, place, world.refs[f"{kind} theirs"]) == nothing, f"{place} tells of theirs"
        for label in world.kind(kind):
            if label in seen and tells:
                continue
            told = await world.answer(client, place, world.refs[label])
            assert not any(id_ in told for id_ in world.theirs.values())
            assert label in seen or told == nothing, f"{place} tells of {label}"
            tells = tells or told != nothing
        if not tells:
            silent.add(str(place))

    assert role is not Role.OWNER or silent == set(), "these tell nothing of a record that is seen"


def _neighbours(cursor: str) -> list[str]:
    """The cursors on both sides of another, where no record is: that of one side tells in each direction."""
    *values, key = json.loads(base64.urlsafe_b64decode(cursor))
    beside = ([*values, f"{UUID(key).int + step:032x}"] for step in (-1, 1))
    return [base64.urlsafe_b64encode(json.dumps(each, separators=(",", ":")).encode()).decode() for each in beside]


LISTS_WITHIN = {
    "PathwayStep": ("pathways { nodes { steps LIST } }", "id"),
    "CertificationVersion": ("certifications { nodes { versions LIST } }", "id"),
    "CertificationStep": (
        "certifications(first: 20) { nodes { versions(first: 20) { nodes { steps(first: 20) LIST } } } }",
        "id",
    ),
    "OpenRecord": ("learners { nodes { openRecords LIST } }", "subject { id }"),
    "CertificationCycle": ("learnerCertifications { nodes { cycles LIST } }", "id"),
    "StepProgress": ("learnerCertifications { nodes { cycle { steps LIST } } }", "id"),
    "ExamAttempt": ("learnerCertifications { nodes { attempts LIST } }", "id"),
    "AssignmentSource": ("learnerCertifications { nodes { sources LIST } }", "id"),
    "Certificate": ("learnerCertifications { nodes { certificates LIST } }", "id"),
}
"""The lists that are at no root: below which one they are, and what says which record a row is of."""


def _edges_in(value: Any) -> Iterator[Any]:
    """The edges of all lists within an answer."""
    match value:
        case {"edges": edges}:
            yield from edges
        case dict():
            for each in value.values():
                yield from _edges_in(each)
        case list():
            for each in value:
                yield from _edges_in(each)
        case _:
            pass


async def _cursors(owner: Client) -> dict[str, dict[str, str]]:
    """The cursors of all records of an organisation, in the usual order of their lists."""
    found: dict[str, dict[str, str]] = {}
    for type_, root in ROOT_LISTS.items():
        data = await owner.query(f"{{ {root}(first: 100) {{ edges {{ cursor node {{ id }} }} }} }}")
        found[type_] = {edge["node"]["id"]: edge["cursor"] for edge in data[root]["edges"]}
    for type_, (asked, named) in LISTS_WITHIN.items():
        data = await owner.query(f"{{ {asked.replace('LIST', f'{{ edges {{ cursor node {{ {named} }} }} }}')} }}")
        found[type_] = {(edge["node"].get("subject") or edge["node"])["id"]: edge["cursor"] for edge in _edges_in(data)}
    # In an order of the course's own, and so at places of their own.
    data = await owner.query("{ courses(first: 50) { nodes { units { edges { cursor node { id } } } } } }")
    found["Course.units"] = {edge["node"]["id"]: edge["cursor"] for edge in _edges_in(data)}
    data = await owner.query("{ learnersWithInactiveEnrolments { edges { cursor node { learner { id } } } } }")
    candidates = {edge["node"]["learner"]["id"]: edge["cursor"] for edge in _edges_in(data)}
    found["LearnerWithInactiveEnrolments"] = candidates
    return found


def _lists_records(place: Place) -> bool:
    """Whether a cursor is one of a list of records; that of a simulation is a number, and says nothing of any."""
    return get_named_type(object_type(place.parent).fields[place.field].type).name.endswith("Connection")


@how_far
@by_role
async def test_a_cursor_says_a_place_in_an_order_and_nothing_of_the_record_that_stands_there(
    role: Role, world: World, *, everywhere: bool
) -> None:
    client, seen = world.clients[role], {world.ids[label] for label in seen_by(role)}
    unseen = {*world.ids.values(), *world.theirs.values()} - seen
    ours, theirs = [await _cursors(owner) for owner in (world.clients[Role.OWNER], world.their_owner)]
    asked = [place for place in _asked_by(role, everywhere=everywhere) if place.is_cursor and _lists_records(place)]
    telling: set[str] = set()

    for place in asked:
        field = f"{place.parent}.{place.field}"
        listed = get_named_type(object_type(place.parent).fields[place.field].type).name.removesuffix("Connection")
        named = field if field in ours else listed
        places = {**ours[named], **theirs[named]}
        hidden = sorted(unseen & set(places))
        asked_for = hidden if everywhere else Random(f"{role} {place}").sample(hidden, min(1, len(hidden)))
        for id_ in (*asked_for, *(sorted(seen & set(places)) if role is Role.OWNER else ())):
            if id_ in hidden or field not in telling:
                cursor = places[id_]
                here = await world.answer(client, place, cursor)
                beside = {await world.answer(client, place, each) for each in _neighbours(cursor)}
                assert id_ in seen or beside == {here}, f"{place} tells of {id_}"
                if beside != {here}:
                    telling.add(field)

    if role is Role.OWNER:
        assert telling == {f"{place.parent}.{place.field}" for place in asked}, (
            "a place in the others tells nothing at all"
        )


async def test_nobody_comes_to_a_record_without_signing_in(world: World, http: httpx.AsyncClient) -> None:
    refusals: set[bytes] = set()
    for place in PLACES:
        if place.field == "verifyCredential":  # for everybody who holds a number; it tells of nobody
            continue
        kinds = id_leads_to(place) if place.is_id else tuple(KINDS.values())
        sent = variables(place, world.ids[world.kind(*kinds)[0]], world.inputs)

        response = await http.post("/graphql", json={"query": document(place), "variables": sent})

        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith("Bearer")
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        refusals.add(response.content)
    assert len(refusals) == 1
