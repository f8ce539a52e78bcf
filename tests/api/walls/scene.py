"""The records that the table is about, laid out in an organisation and in its twin, and who asks for them."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import pytest

from portal_api.domain.certifications import CertificationJoining, CertificationVersionStatus
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.exports import ExportStatus
from portal_api.domain.pathways import PathwayEnrolmentStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.ids import global_id
from portal_api.models import (
    certification_steps,
    certification_versions,
    exports,
    history_entries,
    integration_tokens,
    pathway_enrolments,
    pathway_steps,
    series_enrolments,
)
from tests.api.cases import CALL_CASES, call_of, case_of
from tests.api.walls import automating
from tests.api.walls.automating import inputs_of_learncycles
from tests.api.walls.certifying import inputs_of_the_scene, lay_out_certifications, tell_of_certifications
from tests.api.walls.paths import Place, document, variables
from tests.api.walls.seen import seen_by
from tests.api.walls.training import (
    CHANGES,
    lay_out_courses,
    name_by_reference,
    named_together,
    only_theirs,
    tell_of_surveys,
)
from tests.client import Client, Json
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import Lasting, SignIn
from tests.factories import Organisation, Record

AN_ID = re.compile("[a-z]{3}_[0-9a-f]{32}")


def key(id_: str) -> UUID:
    """The key in an identifier."""
    return UUID(id_.partition("_")[2])


@dataclass(frozen=True)
class World:
    """An organisation with its people, and its twin beside it: what each record is called, and who asks."""

    ids: dict[str, str]
    """By what a record is called here."""
    theirs: dict[str, str]
    """The twin's."""
    refs: dict[str, str]
    inputs: dict[str, Json]
    """What each mutation that has one row is given."""
    clients: dict[Role, Client]
    their_owner: Client
    new_id: RepeatableIds
    clock: ManualClock

    def kind(self, *kinds: str) -> list[str]:
        """What the records of some kinds are called."""
        return [label for label in self.ids if label.split()[0] in kinds]

    def keys(self, *kinds: str) -> set[UUID]:
        """The keys of all records here, or of those of some kinds."""
        return {key(id_) for label, id_ in self.ids.items() if not kinds or label.split()[0] in kinds}

    def keys_seen_by(self, role: Role) -> set[UUID]:
        """The keys of the records that a role sees."""
        return {key(self.ids[label]) for label in seen_by(role)}

    def random_id(self, like: str) -> str:
        """An identifier of the same type, of no record."""
        return global_id(like.partition("_")[0], self.new_id(self.clock()))

    async def answer(self, client: Client, place: Place, value: str) -> str:
        """The answer, with the value that was given struck out, and the ids of what the call would make."""
        sent = {"query": document(place), "variables": variables(place, value, self.inputs)}
        response = await client.post_raw(orjson.dumps(sent))
        told = response.text.replace(value, "…")
        if place.parent == "Mutation":
            known = {*self.ids.values(), *self.theirs.values()}
            told = AN_ID.sub(lambda found: found[0] if found[0] in known else "made", told)
        return f"{response.status_code} {told}"


def lay_out(made: Organisation) -> dict[str, Record]:
    """Lays out what is asked for, before anything happens to it."""
    boss = made.learner()
    manager = made.learner(reports_to=boss)
    report, leaver = made.learner(reports_to=manager), made.learner(reports_to=manager)
    stranger = made.learner(reports_to=boss)
    made.staff[Role.MANAGER] = made.user(Role.MANAGER, manager)
    made.staff[Role.LEARNER] = made.user(Role.LEARNER, report)
    taken, foreign, retired = made.series(), made.series(), made.series()
    ways = [made.series() for _ in range(3)]
    walked, spare, shelved = made.pathway(*ways), made.pathway(ways[0]), made.pathway(ways[2])
    walk = made.pathway_enrolment(report, walked)
    [first_way] = [row for row in made.rows[series_enrolments] if row["pathway_enrolment_id"] == walk.id]
    records = {
        "user spare": made.user(Role.TRAINER),
        "token held": made.token(),
        "token revoked": made.token(),
        "group team": made.group(report, stranger),
        "group past": made.group(),
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
        "enrolment withdrawn": made.enrolment(report, made.series()),
        "enrolment leaver": made.enrolment(leaver, foreign),
        "enrolment stranger": made.enrolment(stranger, foreign),
        "enrolment walk": made.record(first_way["id"]),
        "pathway taken": walked,
        "pathway spare": spare,
        "pathway retired": shelved,
        "walk boss": made.pathway_enrolment(boss, walked),
        "walk report": walk,
        "walk retired": made.pathway_enrolment(report, shelved, PathwayEnrolmentStatus.COMPLETED),
        "walk stranger": made.pathway_enrolment(stranger, walked, PathwayEnrolmentStatus.INCOMPLETE),
        "resource open": made.resource(),
        "resource taken": made.resource(taken),
        "resource foreign": made.resource(foreign),
        "resource retired": made.resource(),
        **_certifications(made, report, stranger),
        "export OWNER": made.export(made.staff[Role.OWNER], ExportStatus.READY),
    }
    for label in ("team", "past"):
        made.assigns(records[f"group {label}"], records["certification held"])
    made.assigned_by_groups()
    for label in ("held", "past", "draft", "open", "asked", "closed", "retired"):
        first = next(
            row
            for row in made.rows[certification_steps]
            if row["certification_version_id"] == records[f"edition {label}"].id
        )
        records[f"stage {label}"] = made.record(first["id"])
    records |= lay_out_courses(made, boss, report, stranger)
    made.course_enrolment(manager, records["offer foreign"], CourseEnrolmentStatus.WITHDRAWN)
    records |= lay_out_certifications(made, boss, report, stranger, records["group team"])
    people = {"report": report, "stranger": stranger, "manager": manager}
    records |= automating.lay_out_automations(made, people, records)
    for label in ("taken", "spare", "retired"):
        first = next(row for row in made.rows[pathway_steps] if row["pathway_id"] == records[f"pathway {label}"].id)
        records[f"step {label}"] = made.record(first["id"])
    for row in (*made.rows[series_enrolments], *made.rows[pathway_enrolments]):
        row["tracking_code"] = row["external_ref"]
    name_by_reference(made)
    return records


def _certifications(made: Organisation, report: Record, stranger: Record) -> dict[str, Record]:
    """What is held may be assigned only; what is open or on request is seen by whoever learns; the rest by the staff."""
    joinings = {"open": CertificationJoining.OPEN, "asked": CertificationJoining.ON_REQUEST}
    labels = ("held", "open", "asked", "closed", "retired")
    shelf = {
        label: made.certification(
            joining=joinings.get(label, CertificationJoining.ASSIGNED_ONLY), is_published=label != "held"
        )
        for label in labels
    }
    editions = {
        "past": made.certification_version(shelf["held"]),
        "held": made.certification_version(shelf["held"]),
    }
    for each in labels[1:]:
        own = next(row for row in made.rows[certification_versions] if row["certification_id"] == shelf[each].id)
        editions[each] = made.record(own["id"])
    for label in ("held", "retired"):
        made.learner_certification(report, shelf[label])
    made.learner_certification(stranger, shelf["closed"])
    editions["draft"] = made.certification_version(shelf["held"], CertificationVersionStatus.DRAFT)
    return {f"certification {label}": each for label, each in shelf.items()} | {
        f"edition {label}": each for label, each in editions.items()
    }


async def make_history(of: dict[Role, Client], ids: dict[str, str]) -> dict[str, str]:
    """Has the staff do things, one entry about each record; what was asked for is named as it was made."""
    owner, admin = of[Role.OWNER], of[Role.ADMIN]
    asked = await call_of("requestExport").payload(of[Role.MANAGER], {"learners": {}})
    made = {"export MANAGER": asked["results"][0]["node"]["id"]}
    subjects = ["export MANAGER"]

    async def changed(mutation: str, label: str, **given: Any) -> None:
        client = admin if label.startswith("learner") else owner
        if given:
            payload = await call_of(mutation).payload(client, {"id": ids[label], **given})
        else:
            payload = await case_of(mutation).payload(client, ids[label])
        assert payload["counts"]["changed"] == 1, f"{mutation} does not change {label}"
        subjects.append(label)

    await changed("updateOrganisation", "organisation own", name="Renamed")
    await changed("assignRole", "user spare", role="MANAGER")
    await changed("assignRole", "user TRAINER", role="MANAGER")
    await changed("assignRole", "user TRAINER", role="TRAINER")
    await changed("revokeIntegrationTokens", "token revoked")
    await changed("retireGroups", "group past")
    await changed("updateSeries", "series taken", title="Taken")
    await changed("updateSeries", "series foreign", title="Foreign")
    await changed("retireSeries", "series retired")
    await changed("withdrawSeriesEnrolments", "enrolment withdrawn")
    await changed("updatePathway", "pathway taken", title="Taken")
    await changed("updatePathway", "pathway spare", title="Spare")
    await changed("retirePathways", "pathway retired")
    await changed("withdrawPathwayEnrolments", "walk report")
    await changed("updateResource", "resource open", url="https://files.example.org/open")
    await changed("updateResource", "resource taken", url="https://files.example.org/taken")
    await changed("updateResource", "resource foreign", url="https://files.example.org/foreign")
    await changed("retireResources", "resource retired")
    await changed("updateCertification", "certification held", title="Held")
    await changed("updateCertification", "certification open", title="Open")
    await changed("updateCertification", "certification closed", title="Closed")
    await changed("retireCertifications", "certification retired")
    await changed("retireCertificationVersion", "edition past", expectedVersion=1)
    await changed("retireCertificationVersion", "edition closed", expectedVersion=1)
    drafted = {"certificationId": ids["certification closed"], "examTitle": "Exam", "steps": []}
    draft = await call_of("draftCertificationVersion").payload(owner, drafted)
    made["edition made"] = draft["results"][0]["node"]["id"]
    subjects.append("edition made")
    for mutation, label, given in (*CHANGES, *automating.CHANGES):
        await changed(mutation, label, **given)
    await changed("deactivateLearners", "learner leaver")
    await changed("deactivateLearners", "learner stranger")
    entries = {entry["subject_id"]: entry["id"] for entry in await owner.organisation.stored(history_entries)}
    named = ids | made
    keys = {label: key(id_) for label, id_ in ids.items()}
    told = await tell_of_certifications(owner.organisation, keys) | await tell_of_surveys(owner.organisation, keys)
    told |= await automating.tell_of_notifications(owner.organisation, keys)
    return made | told | {f"entry {each}": global_id("his", entries[key(named[each])]) for each in subjects}


def _only_theirs(twin: Organisation) -> dict[str, Record]:
    """What the twin has and the organisation has not, under references that it alone has."""
    learner = twin.learner(external_ref="THEIR-LEARNER", student_identifier="THEIR-LEARNER")
    series = twin.series(external_ref="THEIR-SERIES")
    pathway = twin.pathway(series, external_ref="THEIR-PATHWAY")
    enrolment = twin.enrolment(learner, series, external_ref="THEIR-ENROLMENT", tracking_code="THEIR-ENROLMENT")
    completed = PathwayEnrolmentStatus.COMPLETED
    return {
        "user theirs": twin.user(Role.TRAINER),
        "group theirs": twin.group(),
        "learner theirs": learner,
        "series theirs": series,
        "enrolment theirs": enrolment,
        "pathway theirs": pathway,
        "walk theirs": twin.pathway_enrolment(
            learner, pathway, completed, external_ref="THEIR-WALK", tracking_code="THEIR-WALK"
        ),
        "certification theirs": (certification := twin.certification(external_ref="THEIR-CERTIFICATION")),
        "record theirs": twin.learner_certification(learner, certification, external_ref="THEIR-RECORD"),
        "resource theirs": twin.resource(series, title="THEIR-RESOURCE"),
        **(courses := only_theirs(twin, learner)),
        **automating.only_theirs(twin, learner, courses["attendance theirs"]),
    }


def _ref(record: Record) -> str | None:
    """What a record is found by, if it is found by any text."""
    if record.table in (integration_tokens, exports, pathway_steps, certification_versions, certification_steps):
        return None
    return next(
        (
            record.row[name]
            for name in ("external_ref", "identifier", "register_number", "name", "title", "program_identifier")
            if name in record.row
        ),
        None,
    )


async def _world_of(organisation: Organisation, sign_in: SignIn) -> World:
    """The organisation as the table has it. Those who are in it and play no part there are left out of what is compared."""
    clock, new_id = organisation.clock, organisation.new_id
    assert isinstance(clock, ManualClock)
    assert isinstance(new_id, RepeatableIds)
    records = lay_out(organisation)
    inputs = {case.mutation: case.changes(organisation) for case in CALL_CASES}
    inputs |= inputs_of_the_scene(records) | named_together(organisation, records) | inputs_of_learncycles(records)
    twin = organisation.twin()
    only_theirs = _only_theirs(twin)
    await twin.save()
    people = {f"user {role.name}": user for role, user in organisation.staff.items()}
    records |= people | {"organisation own": organisation.itself}
    clients, theirs_by_role = ({role: sign_in(role, where) for role in Role} for where in (organisation, twin))
    ids = {label: record.gid for label, record in records.items()}
    theirs = {label: twin.counterpart(record).gid for label, record in records.items() if record.table in twin.rows}
    ids |= await make_history(clients, ids)
    theirs |= await make_history(theirs_by_role, theirs)
    theirs |= {label: record.gid for label, record in only_theirs.items()}
    refs = {label: ref for label, record in (records | only_theirs).items() if (ref := _ref(record))}
    return World(ids, theirs, refs, inputs, clients, theirs_by_role[Role.OWNER], new_id, clock)


@pytest.fixture
async def own_world(organisation: Organisation, sign_in: SignIn) -> World:
    """A world of the test's own, to be changed."""
    return await _world_of(organisation, sign_in)


@pytest.fixture(scope="session")
async def _shared_world(lasting: Lasting) -> AsyncIterator[World]:
    async with lasting(__name__) as (organisation, sign_in):
        yield await _world_of(organisation, sign_in)


@pytest.fixture
def world(_shared_world: World, clock: ManualClock, new_id: RepeatableIds) -> World:
    """The world that all tests look at which change nothing."""
    assert (clock, new_id) == (_shared_world.clock, _shared_world.new_id)
    return _shared_world
