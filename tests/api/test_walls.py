"""The walls: what somebody may not see is answered as what does not exist, on every path that the schema has.

The paths are read from the schema itself, so that a new one fails here until somebody says what it leads to.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)

from portal_api.domain.pathways import PathwayEnrolmentStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.ids import global_id
from portal_api.models import (
    history_entries,
    learners,
    pathway_enrolments,
    pathway_steps,
    pathways,
    resources,
    series,
    series_enrolments,
    users,
)
from portal_api.schema import executable_schema
from tests.api.cases import CASES, case_of
from tests.client import Client, Json, codes
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import PREFIXES, Organisation, Record

SCHEMA = executable_schema()
NODE = SCHEMA.type_map["Node"]
MUTATIONS = SCHEMA.mutation_type.fields if SCHEMA.mutation_type else {}
by_role = pytest.mark.parametrize("role", list(Role))


@dataclass(frozen=True)
class Place:
    """An argument, or a field of an input below it, that takes an id or a text."""

    parent: str
    field: str
    path: tuple[str, ...]
    key: str
    """What says where it leads: the argument itself, or the input's field, wherever that input is taken."""
    takes_list: bool

    def __str__(self) -> str:
        return f"{self.parent}.{self.field}({'.'.join(self.path)})"


def _objects() -> Iterator[GraphQLObjectType]:
    for type_ in SCHEMA.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            yield type_


def _leaves(type_: Any, path: tuple[str, ...], key: str) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    named = get_named_type(type_)
    if named.name in ("ID", "String"):
        yield path, key, "[" in str(type_)
    elif isinstance(named, GraphQLInputObjectType):
        for name, field in named.fields.items():
            below = key if named.name.endswith("Comparison") else f"{named.name}.{name}"
            yield from _leaves(field.type, (*path, name), below)


def _places() -> list[Place]:
    return [
        Place(type_.name, name, path, key, takes_list)
        for type_ in _objects()
        for name, field in type_.fields.items()
        for argument, given in field.args.items()
        for path, key, takes_list in _leaves(
            given.type, (argument,), argument if argument in ("after", "before") else f"{type_.name}.{name}({argument})"
        )
    ]


PLACES = _places()
ANY = (
    "organisation",
    "user",
    "learner",
    "series",
    "enrolment",
    "pathway",
    "step",
    "walk",
    "resource",
    "entry",
)
OF_PREFIX = {
    "lrn": "learner",
    "ser": "series",
    "sen": "enrolment",
    "pth": "pathway",
    "pen": "walk",
    "res": "resource",
}
"""What is called here by its kind; a walk is an enrolment in a pathway."""
LEADS_TO: dict[str, tuple[str, ...]] = {
    "Query.node(id)": ANY,
    "Query.nodes(ids)": ANY,
    "Query.learner(id)": ("learner",),
    "Query.series(id)": ("series",),
    "Query.seriesEnrolment(id)": ("enrolment",),
    "LearnerFilter.id": ("learner",),
    "ReportsTo.manager": ("learner",),
    "SeriesFilter.id": ("series",),
    "SeriesEnrolmentFilter.id": ("enrolment",),
    "SeriesEnrolmentFilter.learnerId": ("learner",),
    "SeriesEnrolmentFilter.seriesId": ("series",),
    "HistoryEntryFilter.learnerId": ("learner",),
    "HistoryEntryFilter.actorId": ("user",),
    "WithdrawSeriesEnrolmentsInput.ids": ("enrolment",),
    "DeactivateLearnersInput.ids": ("learner",),
    "ReactivateLearnersInput.ids": ("learner",),
    "ExpectedVersion.id": tuple(OF_PREFIX.values()),
    "Query.resource(id)": ("resource",),
    "Query.pathway(id)": ("pathway",),
    "Query.pathwayEnrolment(id)": ("walk",),
    "SeriesEnrolmentFilter.pathwayEnrolmentId": ("walk",),
    "ResourceFilter.id": ("resource",),
    "ResourceFilter.seriesId": ("series",),
    "ResourceFilter.reachedBy": ("learner",),
    "PathwayFilter.id": ("pathway",),
    "PathwayEnrolmentFilter.id": ("walk",),
    "PathwayEnrolmentFilter.learnerId": ("learner",),
    "PathwayEnrolmentFilter.pathwayId": ("pathway",),
    "UpdateSeriesInput.id": ("series",),
    "RetireSeriesInput.ids": ("series",),
    "ReinstateSeriesInput.ids": ("series",),
    "EnrolInSeriesInput.seriesId": ("series",),
    "EnrolInSeriesInput.learnerIds": ("learner",),
    "ExtendSeriesEnrolmentsInput.ids": ("enrolment",),
    "RecordSignInsInput.ids": ("learner",),
    "SeriesActivityInput.enrolmentId": ("enrolment",),
    "NewResourceInput.seriesId": ("series",),
    "UpdateResourceInput.id": ("resource",),
    "RetireResourcesInput.ids": ("resource",),
    "ReinstateResourcesInput.ids": ("resource",),
    "CreatePathwayInput.seriesIds": ("series",),
    "UpdatePathwayInput.id": ("pathway",),
    "UpdatePathwayInput.seriesIds": ("series",),
    "RetirePathwaysInput.ids": ("pathway",),
    "ReinstatePathwaysInput.ids": ("pathway",),
    "EnrolInPathwayInput.pathwayId": ("pathway",),
    "EnrolInPathwayInput.learnerIds": ("learner",),
    "WithdrawPathwayEnrolmentsInput.ids": ("walk",),
}
"""Where an id leads."""
NAMED_BY_REF = {
    "Query.learner(externalRef)": "learner",
    "Query.series(externalRef)": "series",
    "Query.seriesEnrolment(externalRef)": "enrolment",
    "LearnerFilter.externalRef": "learner",
    "LearnerFilter.search": "learner",
    "SeriesFilter.externalRef": "series",
    "SeriesFilter.search": "series",
    "SeriesEnrolmentFilter.externalRef": "enrolment",
    "SeriesEnrolmentFilter.search": "learner",
    "SeriesEnrolmentFilter.trackingCode": "enrolment",
    "ResourceFilter.search": "resource",
    "Query.pathway(externalRef)": "pathway",
    "Query.pathwayEnrolment(externalRef)": "walk",
    "PathwayFilter.externalRef": "pathway",
    "PathwayFilter.search": "pathway",
    "PathwayEnrolmentFilter.externalRef": "walk",
    "PathwayEnrolmentFilter.trackingCode": "walk",
    "PathwayEnrolmentFilter.search": "learner",
}
"""Where a reference, or a word of one, leads."""
CURSORS = {"after", "before"}
LEADS_NOWHERE = {
    *(f"{name[0].upper()}{name[1:]}Input.idempotencyKey" for name in MUTATIONS),
    "WithdrawSeriesEnrolmentsInput.note",
    "WithdrawPathwayEnrolmentsInput.note",
    "DeactivateLearnersInput.note",
    "NewSeriesInput.title",
    "NewSeriesInput.externalRef",
    "UpdateSeriesInput.title",
    "UpdateSeriesInput.externalRef",
    "EnrolInSeriesInput.trackingCode",
    "NewResourceInput.title",
    "NewResourceInput.url",
    "UpdateResourceInput.title",
    "UpdateResourceInput.url",
    "CreatePathwayInput.title",
    "CreatePathwayInput.externalRef",
    "UpdatePathwayInput.title",
    "UpdatePathwayInput.externalRef",
    "EnrolInPathwayInput.trackingCode",
}
"""Texts that are kept as they are. A reference that is given to a record is compared with the organisation's own alone."""


def _leads_to_records(type_: GraphQLNamedType) -> bool:
    if type_ is NODE or (isinstance(type_, GraphQLObjectType) and NODE in type_.interfaces):
        return True
    return isinstance(type_, GraphQLObjectType) and type_.name.endswith(("Connection", "Payload"))


LINKS = {
    f"{type_.name}.{name}"
    for type_ in _objects()
    if not type_.name.endswith(("Connection", "Edge")) and type_.name not in ("Query", "Mutation")
    for name, field in type_.fields.items()
    if _leads_to_records(get_named_type(field.type))
}
"""Every field that leads from a record, or from the viewer, to others."""
ROOT_LISTS = {
    "Learner": "learners",
    "Series": "seriesLibrary",
    "SeriesEnrolment": "seriesEnrolments",
    "Pathway": "pathways",
    "PathwayEnrolment": "pathwayEnrolments",
    "Resource": "resources",
    "HistoryEntry": "historyEntries",
}
KINDS = {
    "Learner": "learner",
    "Series": "series",
    "SeriesEnrolment": "enrolment",
    "Pathway": "pathway",
    "PathwayEnrolment": "walk",
    "Resource": "resource",
    "HistoryEntry": "entry",
}
TABLES = {
    "Learner": learners,
    "Series": series,
    "SeriesEnrolment": series_enrolments,
    "Pathway": pathways,
    "PathwayStep": pathway_steps,
    "PathwayEnrolment": pathway_enrolments,
    "Resource": resources,
    "HistoryEntry": history_entries,
}
ROOTS_THAT_NAME = {
    "node",
    "nodes",
    "learner",
    "series",
    "seriesEnrolment",
    "pathway",
    "pathwayEnrolment",
    "resource",
}


def test_every_place_that_takes_an_id_or_a_text_has_a_case() -> None:
    keys = {place.key for place in PLACES}

    assert keys == set(LEADS_TO) | set(NAMED_BY_REF) | CURSORS | LEADS_NOWHERE


def test_every_way_from_a_record_to_others_has_a_case() -> None:
    assert set(RELATED) | {"Viewer.organisation", "Viewer.user", "Viewer.learner"} == LINKS - {
        link for link in LINKS if link.endswith("Result.node")
    }


def test_every_root_that_leads_to_records_has_a_case() -> None:
    query = SCHEMA.query_type
    assert query is not None
    leading = {name for name, field in query.fields.items() if _leads_to_records(get_named_type(field.type))}

    assert leading == set(ROOT_LISTS.values()) | ROOTS_THAT_NAME


SEEN = """
    record               | OWNER | ADMIN | MANAGER | TRAINER | LEARNER | INTEGRATION
    organisation own     | yes   | yes   | yes     | yes     | yes     | yes
    user OWNER           | yes   | yes   |         |         |         |
    user ADMIN           | yes   | yes   |         |         |         |
    user MANAGER         | yes   | yes   | yes     |         |         |
    user TRAINER         | yes   | yes   |         | yes     |         |
    user LEARNER         | yes   | yes   |         |         | yes     |
    user INTEGRATION     | yes   | yes   |         |         |         | yes
    learner boss         | yes   | yes   |         |         |         | yes
    learner manager      | yes   | yes   | yes     |         |         | yes
    learner report       | yes   | yes   | yes     |         | yes     | yes
    learner leaver       | yes   | yes   | yes     |         |         | yes
    learner stranger     | yes   | yes   |         |         |         | yes
    series taken         | yes   | yes   | yes     |         | yes     | yes
    series foreign       | yes   | yes   | yes     |         |         | yes
    series retired       | yes   | yes   |         |         |         |
    series way          | yes   | yes   | yes     |         | yes     | yes
    enrolment boss       | yes   | yes   |         |         |         | yes
    enrolment report     | yes   | yes   | yes     |         | yes     | yes
    enrolment retired    | yes   | yes   | yes     |         | yes     | yes
    enrolment withdrawn  | yes   | yes   | yes     |         | yes     | yes
    enrolment leaver     | yes   | yes   | yes     |         |         | yes
    enrolment stranger   | yes   | yes   |         |         |         | yes
    enrolment walk      | yes   | yes   | yes     |         | yes     | yes
    pathway taken       | yes   | yes   | yes     |         | yes     | yes
    pathway spare       | yes   | yes   | yes     |         |         | yes
    pathway retired     | yes   | yes   |         |         |         |
    step taken          | yes   | yes   | yes     |         | yes     | yes
    step spare          | yes   | yes   | yes     |         |         | yes
    step retired        | yes   | yes   |         |         |         |
    walk report         | yes   | yes   | yes     |         | yes     | yes
    walk retired        | yes   | yes   | yes     |         | yes     | yes
    walk stranger       | yes   | yes   |         |         |         | yes
    resource open       | yes   | yes   | yes     |         | yes     |
    resource taken      | yes   | yes   | yes     |         | yes     |
    resource foreign    | yes   | yes   |         |         |         |
    resource retired    | yes   | yes   |         |         |         |
    entry withdrawn      | yes   | yes   | yes     |         | yes     |
    entry leaver         | yes   | yes   | yes     |         |         |
    entry stranger       | yes   | yes   |         |         |         |
"""


def _seen_by(role: Role) -> set[str]:
    head, *rows = ([cell.strip() for cell in line.split("|")] for line in SEEN.strip().splitlines())
    return {row[0] for row in rows if row[head.index(role.name)] == "yes"}


@dataclass(frozen=True)
class World:
    """An organisation with its people, and its twin beside it: what each record is called, and who asks."""

    ids: dict[str, str]
    """By what a record is called here."""
    theirs: dict[str, str]
    """The twin's."""
    refs: dict[str, str]
    clients: dict[Role, Client]
    their_owner: Client
    new_id: RepeatableIds
    clock: ManualClock

    def kind(self, *kinds: str) -> list[str]:
        return [label for label in self.ids if label.split()[0] in kinds]

    def random_id(self, like: str) -> str:
        return global_id(like.partition("_")[0], self.new_id(self.clock()))


def _lay_out(made: Organisation) -> dict[str, Record]:
    boss = made.learner()
    manager = made.learner(reports_to=boss)
    report, leaver = made.learner(reports_to=manager), made.learner(reports_to=manager)
    stranger = made.learner(reports_to=boss)
    made.staff[Role.MANAGER] = made.user(Role.MANAGER, manager)
    made.staff[Role.LEARNER] = made.user(Role.LEARNER, report)
    taken, foreign, retired = made.series(), made.series(), made.series(is_active=False)
    ways = [made.series() for _ in range(3)]
    walked, spare = made.pathway(*ways), made.pathway(ways[0], external_ref="SPARE")
    shelved = made.pathway(ways[2], is_active=False)
    walk = made.pathway_enrolment(report, walked)
    [first_way] = [row for row in made.rows[series_enrolments] if row["pathway_enrolment_id"] == walk.id]
    laid_out = {
        "learner boss": boss,
        "learner manager": manager,
        "learner report": report,
        "learner leaver": leaver,
        "learner stranger": stranger,
        "series taken": taken,
        "series foreign": foreign,
        "series retired": retired,
        "series way": ways[0],
        "enrolment boss": made.enrolment(boss, taken),
        "enrolment report": made.enrolment(report, taken),
        "enrolment retired": made.enrolment(report, retired, SeriesEnrolmentStatus.MASTERED),
        "enrolment withdrawn": made.enrolment(report, retired),
        "enrolment leaver": made.enrolment(leaver, foreign),
        "enrolment stranger": made.enrolment(stranger, foreign),
        "enrolment walk": made.record(first_way["id"]),
        "pathway taken": walked,
        "pathway spare": spare,
        "pathway retired": shelved,
        "walk report": walk,
        "walk retired": made.pathway_enrolment(report, shelved, PathwayEnrolmentStatus.COMPLETED),
        "walk stranger": made.pathway_enrolment(stranger, walked, PathwayEnrolmentStatus.INCOMPLETE),
        "resource open": made.resource(),
        "resource taken": made.resource(taken),
        "resource foreign": made.resource(foreign),
        "resource retired": made.resource(is_active=False),
    }
    for label in ("taken", "spare", "retired"):
        steps = [row for row in made.rows[pathway_steps] if row["pathway_id"] == laid_out[f"pathway {label}"].id]
        laid_out[f"step {label}"] = made.record(steps[0]["id"])
    for record in laid_out.values():
        if "tracking_code" in record.row:
            record.row["tracking_code"] = record["external_ref"]  # type: ignore[index]  nothing is saved yet
    return laid_out


async def _make_history(owner: Client, admin: Client, ids: dict[str, str]) -> dict[str, str]:
    """Writes the entries, one actor each."""
    await case_of("withdrawSeriesEnrolments").payload(owner, ids["enrolment withdrawn"])
    await case_of("withdrawPathwayEnrolments").payload(owner, ids["walk report"])
    await case_of("retireSeries").payload(owner, ids["series foreign"])
    await case_of("reinstateSeries").payload(owner, ids["series foreign"])
    await case_of("retirePathways").payload(owner, ids["pathway spare"])
    await case_of("reinstatePathways").payload(owner, ids["pathway spare"])
    await case_of("retireResources").payload(owner, ids["resource foreign"])
    await case_of("reinstateResources").payload(owner, ids["resource foreign"])
    await case_of("deactivateLearners").payload(admin, ids["learner leaver"])
    await case_of("deactivateLearners").payload(admin, ids["learner stranger"])
    entries = {entry["subject_id"]: entry["id"] for entry in await owner.organisation.stored(history_entries)}
    subjects = ("enrolment withdrawn", "learner leaver", "learner stranger")
    return {f"entry {each.split()[1]}": global_id("his", entries[_key(ids[each])]) for each in subjects}


@pytest.fixture
async def world(organisation: Organisation, sign_in: SignIn, new_id: RepeatableIds, clock: ManualClock) -> World:
    """The organisation as SEEN has it. Those who came with it and play no part here are left out of what is compared."""
    records = _lay_out(organisation)
    twin = organisation.twin()
    their_learner, their_series = twin.learner(external_ref="THEIR-LEARNER"), twin.series(external_ref="THEIR-SERIES")
    their_pathway = twin.pathway(their_series, external_ref="THEIR-PATHWAY")
    only_theirs = {
        "learner theirs": their_learner,
        "series theirs": their_series,
        "enrolment theirs": twin.enrolment(
            their_learner, their_series, external_ref="THEIR-ENROLMENT", tracking_code="THEIR-ENROLMENT"
        ),
        "pathway theirs": their_pathway,
        "walk theirs": twin.pathway_enrolment(
            their_learner,
            their_pathway,
            PathwayEnrolmentStatus.COMPLETED,
            external_ref="THEIR-WALK",
            tracking_code="THEIR-WALK",
        ),
        "resource theirs": twin.resource(their_series, title="THEIR-RESOURCE"),
    }
    await twin.save()
    clients = {role: sign_in(role) for role in Role}
    ids = {label: record.gid for label, record in records.items()}
    theirs = {label: twin.counterpart(record).gid for label, record in records.items()}
    their_owner = sign_in(Role.OWNER, twin)
    ids |= await _make_history(clients[Role.OWNER], clients[Role.ADMIN], ids)
    theirs |= await _make_history(their_owner, sign_in(Role.ADMIN, twin), theirs)
    ids |= {f"user {role.name}": user.gid for role, user in organisation.staff.items()}
    theirs |= {f"user {role.name}": user.gid for role, user in twin.staff.items()}
    ids["organisation own"] = global_id("org", organisation.id)
    theirs["organisation own"] = global_id("org", twin.id)
    theirs |= {label: record.gid for label, record in only_theirs.items()}
    refs = {
        label: record["title"] if label.startswith("resource") else record["external_ref"]
        for label, record in (records | only_theirs).items()
        if not label.startswith("step")
    }
    return World(ids, theirs, refs, clients, their_owner, new_id, clock)


def test_what_is_written_down_is_what_is_laid_out() -> None:
    rows = [line.split("|")[0].strip() for line in SEEN.strip().splitlines()[1:]]

    assert len(rows) == len(set(rows))
    assert {row.split()[0] for row in rows} == set(ANY)


def _selected(type_: GraphQLNamedType) -> str:
    """All that a field can tell, down to the records."""
    if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return ""
    if type_ is NODE or NODE in type_.interfaces:
        return "{ __typename id }"
    return (
        f"{{ {' '.join(f'{name} {_selected(get_named_type(field.type))}' for name, field in type_.fields.items())} }}"
    )


def _document(place: Place) -> str:
    """Asks at a place: at the root, or below all records that the viewer can list."""
    parent = SCHEMA.type_map[place.parent]
    assert isinstance(parent, GraphQLObjectType)
    field = parent.fields[place.field]
    argument = place.path[0]
    asked = f"{place.field}({argument}: $given) {_selected(get_named_type(field.type))}"
    given = f"($given: {str(field.args[argument].type).rstrip('!')}!)"
    match place.parent:
        case "Query":
            return f"query{given} {{ {asked} }}"
        case "Mutation":
            return f"mutation{given} {{ {asked} }}"
        case _:
            return f"query{given} {{ {ROOT_LISTS[place.parent]} {{ nodes {{ id {asked} }} }} }}"


def _variables(place: Place, value: str, made: Organisation) -> Json:
    given: Any = [value] if place.takes_list else value
    if place.parent == "Mutation":
        whole = {**_whole_input(place.field, value, made), "preview": True}
        if place.key == "ExpectedVersion.id":
            whole["expectedVersions"] = [{"id": value, "version": 1}]
        else:
            within = whole if len(place.path) == 2 else whole[place.path[1]][0]
            within[place.path[-1]] = given
        return {"given": whole}
    for name in reversed(place.path[1:]):
        given = {name: given}
    return {"given": given}


def _whole_input(mutation: str, value: str, made: Organisation) -> dict[str, Any]:
    """All that a mutation wants beside the value that a place takes; a record of its own kind, where it fits."""
    learner = value if value.startswith("lrn_") else made.own[Role.LEARNER].gid
    pathway = made.by_ref(pathways, "SPARE")
    [step] = [row for row in made.rows[pathway_steps] if row["pathway_id"] == pathway.id]
    series_id = made.record(step["series_id"]).gid
    match mutation:
        case "createPathway":
            return {"title": "New", "kind": "LINEAR", "seriesIds": [series_id]}
        case "updatePathway":
            return {"id": pathway.gid}
        case "enrolInPathway":
            return {"pathwayId": pathway.gid, "learnerIds": [learner]}
        case "createSeries":
            return {"series": [{"title": "New", "type": "STANDARD", "duration": "FIXED", "durationDays": 1}]}
        case "updateSeries":
            return {"id": series_id}
        case "enrolInSeries":
            return {"seriesId": series_id, "learnerIds": [learner]}
        case "extendSeriesEnrolments":
            return {"ids": [value], "endsAt": "2026-12-01T00:00:00Z"}
        case "recordSeriesActivity":
            return {"activities": [{"enrolmentId": value, "questionsAnswered": 2, "questionsCorrect": 1}]}
        case "createResources":
            return {"resources": [{"title": "New", "url": "https://files.example.org/new"}]}
        case "updateResource":
            return {"id": value}
        case "recordSignIns":
            return {"ids": [value]}
        case _:
            return {"ids": [value], **case_of(mutation).input}


async def _answer(client: Client, place: Place, value: str) -> str:
    """The answer, with the value that was given struck out."""
    body = orjson.dumps({"query": _document(place), "variables": _variables(place, value, client.organisation)})
    response = await client.post_raw(body)
    return f"{response.status_code} {response.text.replace(value, '…')}"


def _fits(place: Place, label: str) -> bool:
    """Whether a record is of the type that a mutation takes versions of."""
    if place.key != "ExpectedVersion.id":
        return True
    tables = {case.mutation: case.table for case in CASES} | VERSIONED
    return OF_PREFIX[PREFIXES[tables[place.field]]] == label.split()[0]


VERSIONED = {
    "enrolInSeries": learners,
    "enrolInPathway": learners,
    "extendSeriesEnrolments": series_enrolments,
    "recordSignIns": learners,
    "recordSeriesActivity": series_enrolments,
}
"""Of which records a mutation takes versions, where its case does not say it."""


OF_NO_LEARNER = {"Series", "Pathway", "Resource"}
"""Their history is nobody's own, so that asking there for a learner's finds nothing."""


@by_role
async def test_an_id_that_may_not_be_seen_is_answered_as_one_that_does_not_exist(role: Role, world: World) -> None:
    client, seen = world.clients[role], _seen_by(role)
    telling: set[str] = set()
    asked = [place for place in PLACES if place.key in LEADS_TO]

    for place in asked:
        for kind in LEADS_TO[place.key]:
            labels = [label for label in world.kind(kind) if _fits(place, label)]
            if not labels:
                continue
            nothing = await _answer(client, place, world.random_id(world.ids[labels[0]]))
            assert await _answer(client, place, world.theirs[labels[-1]]) == nothing, f"{place} tells of their {kind}"
            for label in set(labels) - seen:
                assert await _answer(client, place, world.ids[label]) == nothing, f"{place} tells of {label}"
            for label in seen.intersection(labels) if role is Role.OWNER else ():
                if await _answer(client, place, world.ids[label]) != nothing:
                    telling.add(str(place))

    if role is Role.OWNER:
        asked = [
            place
            for place in asked
            if not (place.key == "HistoryEntryFilter.learnerId" and place.parent in OF_NO_LEARNER)
        ]
        assert {str(place) for place in asked} - telling == set(), "these tell nothing of a record that is seen"


@by_role
async def test_a_reference_that_may_not_be_seen_is_answered_as_one_that_does_not_exist(
    role: Role, world: World
) -> None:
    client, seen = world.clients[role], _seen_by(role)
    telling: set[str] = set()
    asked = [place for place in PLACES if place.key in NAMED_BY_REF]

    for place in asked:
        nothing = await _answer(client, place, "NOWHERE")
        kind = NAMED_BY_REF[place.key]
        assert await _answer(client, place, world.refs[f"{kind} theirs"]) == nothing, f"{place} tells of theirs"
        for label in world.kind(kind):
            told = await _answer(client, place, world.refs[label])
            for id_ in world.theirs.values():
                assert id_ not in told
            if label not in seen:
                assert told == nothing, f"{place} tells of {label}"
            elif told != nothing:
                telling.add(str(place))

    if role is Role.OWNER:
        assert {str(place) for place in asked} - telling == set(), "these tell nothing of a record that is seen"


def _neighbour(cursor: str) -> str:
    """A cursor beside another, where no record is."""
    *values, key = json.loads(base64.urlsafe_b64decode(cursor))
    beside = [*values, f"{UUID(key).int + 1:032x}"]
    return base64.urlsafe_b64encode(json.dumps(beside, separators=(",", ":")).encode()).decode()


async def _cursors(owner: Client) -> dict[str, dict[str, str]]:
    """The cursors of all records of an organisation, in the usual order of their lists."""
    found: dict[str, dict[str, str]] = {}
    for type_name, root in ROOT_LISTS.items():
        data = await owner.query(f"{{ {root} {{ edges {{ cursor node {{ id }} }} }} }}")
        found[type_name] = {edge["node"]["id"]: edge["cursor"] for edge in data[root]["edges"]}
    data = await owner.query("{ pathways { nodes { steps { edges { cursor node { id } } } } } }")
    edges = [edge for node in data["pathways"]["nodes"] for edge in node["steps"]["edges"]]
    found["PathwayStep"] = {edge["node"]["id"]: edge["cursor"] for edge in edges}
    return found


async def _here_and_beside(client: Client, place: Place, cursor: str) -> tuple[str, str]:
    return await _answer(client, place, cursor), await _answer(client, place, _neighbour(cursor))


@by_role
async def test_a_cursor_says_a_place_in_an_order_and_nothing_of_the_record_that_stands_there(
    role: Role, world: World
) -> None:
    client, seen = world.clients[role], {world.ids[label] for label in _seen_by(role)}
    played = set(world.ids.values())
    telling: set[str] = set()
    asked = [place for place in PLACES if place.key in CURSORS]
    ours, theirs = [await _cursors(owner) for owner in (world.clients[Role.OWNER], world.their_owner)]

    for place in asked:
        parent = SCHEMA.type_map[place.parent]
        assert isinstance(parent, GraphQLObjectType)
        listed = get_named_type(parent.fields[place.field].type).name.removesuffix("Connection")
        for cursor in theirs[listed].values():
            here, beside = await _here_and_beside(client, place, cursor)
            assert here == beside
        for id_, cursor in ours[listed].items():
            if id_ in played - seen:
                here, beside = await _here_and_beside(client, place, cursor)
                assert here == beside, f"{place} tells of {id_}"
            elif role is Role.OWNER:
                here, beside = await _here_and_beside(client, place, cursor)
                if here != beside:
                    telling.add(f"{place.parent}.{place.field}")

    if role is Role.OWNER:
        assert telling == {f"{place.parent}.{place.field}" for place in asked}, "a place in these tells nothing at all"


async def test_nobody_comes_to_a_record_without_signing_in(world: World, http: httpx.AsyncClient) -> None:
    refusals: set[bytes] = set()
    for place in PLACES:
        value = world.ids[world.kind(*LEADS_TO.get(place.key, ANY))[0]]
        made = world.their_owner.organisation
        asked = {"query": _document(place), "variables": _variables(place, value, made)}

        response = await http.post("/graphql", json=asked)

        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith("Bearer")
        refusals.add(response.content)
    assert len(refusals) == 1


RELATED = {
    "Learner.manager": lambda row, _: [row["manager_id"]],
    "Learner.reports": lambda row, rows: [each["id"] for each in rows[learners] if each["manager_id"] == row["id"]],
    "Learner.seriesEnrolments": lambda row, rows: _keys_where(rows[series_enrolments], "learner_id", row),
    "Learner.history": lambda row, rows: _keys_where(rows[history_entries], "subject_id", row),
    "Series.enrolments": lambda row, rows: _keys_where(rows[series_enrolments], "series_id", row),
    "SeriesEnrolment.learner": lambda row, _: [row["learner_id"]],
    "SeriesEnrolment.series": lambda row, _: [row["series_id"]],
    "SeriesEnrolment.history": lambda row, rows: _keys_where(rows[history_entries], "subject_id", row),
    "SeriesEnrolment.pathwayEnrolment": lambda row, _: [row["pathway_enrolment_id"]],
    "Learner.pathwayEnrolments": lambda row, rows: _keys_where(rows[pathway_enrolments], "learner_id", row),
    "Series.history": lambda row, rows: _keys_where(rows[history_entries], "subject_id", row),
    "Series.resources": lambda row, rows: _keys_where(rows[resources], "series_id", row),
    "Resource.series": lambda row, _: [row["series_id"]],
    "Resource.history": lambda row, rows: _keys_where(rows[history_entries], "subject_id", row),
    "Pathway.steps": lambda row, rows: _keys_where(rows[pathway_steps], "pathway_id", row),
    "Pathway.enrolments": lambda row, rows: _keys_where(rows[pathway_enrolments], "pathway_id", row),
    "Pathway.history": lambda row, rows: _keys_where(rows[history_entries], "subject_id", row),
    "PathwayStep.pathway": lambda row, _: [row["pathway_id"]],
    "PathwayStep.series": lambda row, _: [row["series_id"]],
    "PathwayEnrolment.learner": lambda row, _: [row["learner_id"]],
    "PathwayEnrolment.pathway": lambda row, _: [row["pathway_id"]],
    "PathwayEnrolment.seriesEnrolments": lambda row, rows: _keys_where(
        rows[series_enrolments], "pathway_enrolment_id", row
    ),
    "PathwayEnrolment.history": lambda row, rows: _keys_where(rows[history_entries], "subject_id", row),
    "HistoryEntry.actor": lambda row, _: [row["actor_id"]],
    "HistoryEntry.subject": lambda row, _: [row["subject_id"]],
    "HistoryEntry.learner": lambda row, _: [row["learner_id"]],
    "HistoryEntry.cause": lambda row, _: [row["cause_id"]],
}
"""From a record to the keys of others, by the rows in the database."""


def _keys_where(rows: list[dict[str, Any]], column: str, row: dict[str, Any]) -> list[UUID]:
    return [each["id"] for each in rows if each[column] == row["id"]]


def _key(id_: str) -> UUID:
    return UUID(id_.partition("_")[2])


def _keys_in(value: Any) -> list[UUID]:
    """The records that a link came to; a list says the same in its edges and its count as in its nodes."""
    if value is None:
        return []
    if "nodes" not in value:
        return [_key(value["id"])]
    keys = [_key(node["id"]) for node in value["nodes"]]
    assert keys == [_key(edge["node"]["id"]) for edge in value["edges"]]
    assert value["totalCount"] == len(keys)
    return keys


@by_role
async def test_lists_and_links_lead_to_the_records_that_are_seen_and_to_no_others(
    role: Role, world: World, organisation: Organisation
) -> None:
    client = world.clients[role]
    seen = {_key(world.ids[label]) for label in _seen_by(role)}
    played = {_key(id_) for id_ in world.ids.values()}
    rows = {table: await organisation.stored(table) for table in TABLES.values()}
    lists = "{ totalCount nodes { id } edges { node { id } } }"

    for type_name, root in ROOT_LISTS.items():
        listed = _keys_in((await client.query(f"{{ {root}(first: 100) {lists} }}"))[root])
        assert set(listed) & played == {_key(world.ids[label]) for label in world.kind(KINDS[type_name])} & seen
        by_key = {row["id"]: row for row in rows[TABLES[type_name]]}
        parent = SCHEMA.type_map[type_name]
        assert isinstance(parent, GraphQLObjectType)
        for link, related in RELATED.items():
            if not link.startswith(f"{type_name}."):
                continue
            name = link.partition(".")[2]
            is_list = get_named_type(parent.fields[name].type).name.endswith("Connection")
            below = f"{name}(first: 100) {lists}" if is_list else f"{name} {{ id }}"
            answer = await client.execute(f"{{ {root}(first: 50) {{ nodes {{ id {below} }} }} }}")
            if role is Role.INTEGRATION and type_name in ("Learner", "SeriesEnrolment", "PathwayEnrolment"):
                assert codes(answer) == ["FORBIDDEN"]
                continue
            for node in answer["data"][root]["nodes"]:
                row = by_key[_key(node["id"])]
                came_to = set(_keys_in(node[name]))
                assert came_to & played == set(related(row, rows)) & played & seen, f"{link} of {node['id']}"
                assert came_to <= set(related(row, rows))


@by_role
async def test_steps_lead_to_their_pathway_and_series_as_far_as_they_are_seen(
    role: Role, world: World, organisation: Organisation
) -> None:
    seen = {_key(world.ids[label]) for label in _seen_by(role)}
    rows = {row["id"]: row for row in await organisation.stored(pathway_steps)}
    active = {row["id"] for row in await organisation.stored(series) if row["status"].name == "ACTIVE"}

    data = await world.clients[role].query(
        "{ pathways { nodes { id steps { nodes { id pathway { id } series { id } } } } } }"
    )

    for node in data["pathways"]["nodes"]:
        for step in node["steps"]["nodes"]:
            row = rows[_key(step["id"])]
            assert step["pathway"]["id"] == node["id"]
            assert row["pathway_id"] == _key(node["id"])
            assert row["pathway_id"] in seen
            if step["series"] is not None:
                assert _key(step["series"]["id"]) == row["series_id"]
            else:
                assert role is Role.LEARNER or row["series_id"] not in active
    assert bool(data["pathways"]["nodes"]) is (role is not Role.TRAINER)


@by_role
async def test_the_viewer_links_to_their_own_organisation_user_and_learner(role: Role, world: World) -> None:
    data = await world.clients[role].query("{ viewer { role organisation { id } user { id } learner { id } } }")

    own = {Role.MANAGER: "learner manager", Role.LEARNER: "learner report"}
    assert data["viewer"] == {
        "role": role.name,
        "organisation": {"id": world.ids["organisation own"]},
        "user": {"id": world.ids[f"user {role.name}"]},
        "learner": {"id": world.ids[own[role]]} if role in own else None,
    }


async def test_a_user_of_two_organisations_sees_in_each_what_they_are_there(
    world: World, organisation: Organisation, sign_in: SignIn
) -> None:
    """The Owner here is a Trainer there: the token's organisation decides, and nothing comes along."""
    twin = world.their_owner.organisation
    both = organisation.staff[Role.OWNER]
    twin.joined_by(both, Role.TRAINER)

    here = await sign_in(both).query("{ viewer { role } learners { totalCount } }")
    there = await sign_in(both, twin).query("{ viewer { role } learners { totalCount } }")

    assert here["viewer"]["role"] == "OWNER"
    assert here["learners"]["totalCount"] > 0
    assert there == {"viewer": {"role": "TRAINER"}, "learners": {"totalCount": 0}}


async def test_a_key_used_in_one_organisation_is_free_in_the_other(world: World, sign_in: SignIn) -> None:
    withdraw = case_of("withdrawSeriesEnrolments")
    twin = world.their_owner.organisation
    both = world.clients[Role.OWNER].user
    twin.joined_by(both, Role.OWNER)

    ours = await withdraw.payload(sign_in(both), world.ids["enrolment boss"], idempotencyKey="one")
    theirs = await withdraw.payload(sign_in(both, twin), world.theirs["enrolment boss"], idempotencyKey="one")

    assert ours["counts"] == theirs["counts"] == {"changed": 1, "unchanged": 0, "refused": 0}


async def test_a_trainer_sees_no_learner_until_there_are_course_offers_to_teach(
    world: World, organisation: Organisation, sign_in: SignIn
) -> None:
    document = """
        {
          learners { totalCount } seriesEnrolments { totalCount } historyEntries { totalCount }
          seriesEnrolmentIds { totalCount }
        }
    """
    own = organisation.learner(reports_to=None)
    linked = sign_in(organisation.user(Role.TRAINER, own))

    unlinked = await world.clients[Role.TRAINER].query(document)

    assert {each["totalCount"] for each in unlinked.values()} == {0}
    assert await linked.query("{ learners { nodes { id } } }") == {"learners": {"nodes": [{"id": own.gid}]}}


async def test_a_manager_without_a_learner_record_sees_nobody(organisation: Organisation, sign_in: SignIn) -> None:
    client = sign_in(organisation.user(Role.MANAGER))

    assert await client.query("{ learners { totalCount } }") == {"learners": {"totalCount": 0}}


READABLE_BY_INTEGRATION = {"id", "externalRef", "status"}


@pytest.mark.parametrize("type_name", ["Learner", "SeriesEnrolment", "PathwayEnrolment"])
async def test_an_integration_reads_of_learners_and_enrolments_id_reference_and_status_alone(
    type_name: str, world: World
) -> None:
    client = world.clients[Role.INTEGRATION]
    type_ = SCHEMA.type_map[type_name]
    assert isinstance(type_, GraphQLObjectType)
    root = ROOT_LISTS[type_name]
    label = f"{KINDS[type_name]} report"

    for name, field in type_.fields.items():
        below = "" if is_leaf_type(get_named_type(field.type)) else "{ __typename }"
        answers = [
            await client.execute(f"{{ {root} {{ nodes {{ {name} {below} }} }} }}"),
            await client.execute(f"{{ {root} {{ edges {{ node {{ other: {name} {below} }} }} }} }}"),
            await client.execute(
                f"query($id: ID!) {{ node(id: $id) {{ ... on {type_name} {{ {name} {below} }} }} }}",
                {"id": world.ids[label]},
            ),
        ]
        for answer in answers:
            assert codes(answer) == ([] if name in READABLE_BY_INTEGRATION else ["FORBIDDEN"]), name


@pytest.mark.parametrize("type_name", ["Learner", "SeriesEnrolment", "PathwayEnrolment"])
async def test_an_integration_cannot_filter_or_sort_by_what_it_may_not_read(type_name: str, world: World) -> None:
    client = world.clients[Role.INTEGRATION]
    root = ROOT_LISTS[type_name]
    filters = SCHEMA.type_map[f"{type_name}Filter"]
    assert isinstance(filters, GraphQLInputObjectType)
    document = f"query($filter: {type_name}Filter) {{ {root}(filter: $filter) {{ totalCount }} }}"
    values = {"search": "a", "reportsTo": {"manager": world.ids["learner boss"]}}

    for name in filters.fields:
        answer = await client.execute(document, {"filter": {name: values.get(name, {})}})
        assert codes(answer) == ([] if name in READABLE_BY_INTEGRATION else ["FORBIDDEN"]), name
    for order in getattr(SCHEMA.type_map[f"{type_name}OrderField"], "values", {}):
        answer = await client.execute(f"{{ {root}(orderBy: [{{field: {order}}}]) {{ totalCount }} }}")
        assert codes(answer) == ["FORBIDDEN"], order


async def test_an_integration_reads_no_history(world: World) -> None:
    data = await world.clients[Role.INTEGRATION].query("{ historyEntries { totalCount } }")

    assert data == {"historyEntries": {"totalCount": 0}}


@by_role
async def test_users_are_seen_by_administrators_and_by_themselves(role: Role, world: World) -> None:
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    labels = world.kind("user")

    data = await world.clients[role].query(document, {"ids": [world.ids[label] for label in labels]})

    seen = {node["id"] for node in data["nodes"] if node}
    assert seen == {world.ids[label] for label in labels if label in _seen_by(role)}
    assert world.ids[f"user {role.name}"] in seen
    assert len(seen) == (len(labels) if role in (Role.OWNER, Role.ADMIN) else 1)
    assert PREFIXES[users] == "usr"
