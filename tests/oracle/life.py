"""The life of the organisation: changes made over the API, so that there is history, then what no mutation writes yet."""

from random import Random
from typing import Any

from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.models import (
    certifications,
    course_offers,
    courses,
    history_entries,
    integration_tokens,
    learners,
    pathway_enrolments,
    pathways,
    resources,
    series,
    series_enrolments,
    status_reasons,
    units,
)
from portal_api.models import groups as group_table
from portal_api.queries import history as history_queries
from portal_api.queries.history import Entry
from tests.client import Client, Json
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, PREFIXES, Organisation
from tests.oracle.world import MICROSECOND, SECOND, World

TESTS = [{"attribute": "site", "values": ["Ōtaki", "Otaki", "Ångström Hall"]}]


async def live_through(world: World, clock: ManualClock, sign_in: SignIn, random: Random) -> None:
    """Saves the world, and gives it a history."""
    organisation, start = world.organisation, clock.now
    await organisation.save()
    await world.twin.save()
    admin, owner = sign_in(Role.ADMIN), sign_in(Role.OWNER)
    enrolments = _ids(organisation, series_enrolments)
    active = [row["id"] for row in organisation.rows[learners] if row["status"] is LearnerStatus.ACTIVE]
    idle = [global_id("lrn", id_) for id_ in random.sample(active, 9) if id_ != organisation.own[Role.LEARNER].id]

    clock.now = start - 12 * DAY
    await change(admin, "withdrawSeriesEnrolments", ids=random.sample(enrolments, 40), **_error("Wrong series"))
    await _library(organisation, admin)
    await _trained(organisation, owner)
    await _certified(organisation, admin)
    await _people(world, owner)
    clock.now = start - 5 * DAY + MICROSECOND
    await change(owner, "deactivateLearners", ids=idle, reason="NO_ACTIVITY", note="Since 1 March")
    clock.now = start - 2 * DAY
    await change(admin, "reactivateLearners", ids=idle[:4])
    await _learning(organisation, admin, sign_in(Role.INTEGRATION), random)
    clock.now = start - SECOND / 2
    await change(owner, "deactivateLearners", ids=idle[:2], reason="OTHER")
    await _exports(world, sign_in)
    clock.now = start
    await change(owner, "withdrawSeriesEnrolments", ids=random.sample(enrolments, 80), reason="NO_LONGER_REQUIRED")
    await _by_machines(organisation)


def _ids(organisation: Organisation, table: Any) -> list[str]:
    return [global_id(PREFIXES[table], row["id"]) for row in organisation.rows[table]]


def _error(note: str) -> Json:
    return {"reason": "ENROLMENT_ERROR", "note": note}


async def change(client: Client, mutation: str, **given: Any) -> list[str]:
    """Makes a change, and gives the ids of the records that were changed: one at the least."""
    document = f"""
        mutation ($input: {mutation[0].upper()}{mutation[1:]}Input!) {{
          {mutation}(input: $input) {{ results {{ outcome errors {{ message }} node {{ id }} }} }}
        }}
    """
    results = (await client.query(document, {"input": given}))[mutation]["results"]
    changed = [each["node"]["id"] for each in results if each["outcome"] == "CHANGED"]
    assert changed, (mutation, results)
    return changed


async def _library(organisation: Organisation, admin: Client) -> None:
    """Something becomes of series, pathways and resources."""
    shelf, paths, files = (_ids(organisation, table) for table in (series, pathways, resources))
    await change(admin, "updateSeries", id=shelf[0], title="Ångströms, anew")
    await change(admin, "retireSeries", ids=[shelf[4], shelf[5]])
    await change(admin, "reinstateSeries", ids=[shelf[5]])
    await change(admin, "updatePathway", id=paths[0], title="Zuerst 100%")
    await change(admin, "retirePathways", ids=paths[:2])
    await change(admin, "reinstatePathways", ids=paths[:2])
    await change(admin, "updateResource", id=files[1], title="Plan, anew")
    await change(admin, "retireResources", ids=files[2:4])
    await change(admin, "createResources", resources=[{"title": "Bücher", "url": "https://files.example.org/b"}])


async def _trained(organisation: Organisation, owner: Client) -> None:
    """Something becomes of courses, units, offers and status reasons."""
    shelf, parts = (_ids(organisation, table) for table in (courses, units))
    await change(owner, "updateCourse", id=shelf[0], title="Ångströms, anew", unitIds=parts[6:9])
    await change(owner, "retireCourses", ids=shelf[2:4])
    await change(owner, "reinstateCourses", ids=shelf[3:4])
    await change(owner, "updateUnit", id=parts[1], title="Élan", scheduledHours=12)
    await change(owner, "retireUnits", ids=parts[7:9])
    running = [
        global_id("off", row["id"]) for row in organisation.rows[course_offers] if row["status"] is LibraryStatus.ACTIVE
    ]
    await change(owner, "updateCourseOffer", id=running[0], title="Ōtaki, winter", endsOn="2027-01-01")
    await change(owner, "retireCourseOffers", ids=running[1:3])
    await change(owner, "retireStatusReasons", ids=_ids(organisation, status_reasons)[1:2])
    await change(owner, "addStatusReasons", reasons=[{"title": "Dismissed"}])


async def _certified(organisation: Organisation, admin: Client) -> None:
    """Something becomes of certifications and their versions."""
    shelf = _ids(organisation, certifications)
    groups = _ids(organisation, group_table)[:2]
    await change(admin, "updateCertification", id=shelf[0], title="Ångströms, anew", groupIds=groups)
    await change(admin, "retireCertifications", ids=shelf[2:5])
    await change(admin, "reinstateCertifications", ids=shelf[3:5])
    [made] = await change(admin, "createCertification", title="Ōtaki", joining="OPEN", groupIds=groups[:1])
    for number, of in enumerate([made, shelf[0], shelf[1], made]):
        content = {"examTitle": f"Exam {number}", "steps": [{"title": "é", "paths": ["TEST_OUT", "ONLINE"]}] * number}
        [draft] = await change(admin, "draftCertificationVersion", certificationId=of, **content)
        if number:
            await change(admin, "publishCertificationVersion", id=draft)
        if number == 2:
            await change(admin, "retireCertificationVersion", id=draft)
    await change(admin, "draftCertificationVersion", certificationId=made, examTitle="Last", steps=[])


async def _people(world: World, owner: Client) -> None:
    """Users come and go, groups are made, and somebody comes and goes at one and the same instant."""
    organisation = world.organisation
    await change(owner, "updateOrganisation", id=organisation.itself.gid, name="Te Kura")
    people = [
        {"name": name, "email": "somebody@example.org", "role": "TRAINER"} for name in ("Zed", "Ömer", "omer", "ana")
    ]
    made = await change(owner, "createUsers", users=people)
    await change(owner, "removeRole", id=made[0])
    await change(owner, "assignRole", id=made[1], role="LEARNER")
    await change(owner, "linkLearner", id=made[1], learnerId=organisation.own[Role.LEARNER].gid)
    machines = await change(owner, "createIntegrations", integrations=[{"name": "Content player"}])
    await change(owner, "issueIntegrationToken", id=machines[0], name="Key", expiresAt="2026-05-01T00:00:00Z")
    await change(owner, "revokeIntegrationTokens", ids=_ids(organisation, integration_tokens)[:1])
    groups = await change(owner, "createGroup", name="Ōtaki", conditions=TESTS)
    groups += await change(owner, "createGroup", name="otaki", conditions=[{"attribute": "site", "values": ["Otaki"]}])
    groups += await change(owner, "createGroup", name="Nobody", conditions=TESTS)
    await change(owner, "updateGroup", id=groups[1], conditions=[{"attribute": "site", "values": ["Ōtaki", "x"]}])
    await change(owner, "retireGroups", ids=groups[2:])
    new = {"givenName": "Ngaio", "familyName": "Marsh", "email": "ngaio@example.org"}
    [brief] = await change(owner, "createLearners", learners=[new])
    await change(owner, "deactivateLearners", ids=[brief], reason="OTHER")
    await change(owner, "reactivateLearners", ids=[brief])
    note = {"text": "Large print", "isPrivate": True}
    site = [{"name": "site", "value": "Ōtaki"}]
    await change(owner, "updateLearner", id=brief, familyName="Mårsh", specialRequirements=note, attributes=site)


async def _learning(organisation: Organisation, admin: Client, player: Client, random: Random) -> None:
    """People sign in, answer, get longer, and pathways go on or not."""
    rows = organisation.rows[series_enrolments]
    somebody = random.sample(_ids(organisation, learners), 12)
    await change(player, "recordSignIns", ids=somebody)
    answers = [
        {"enrolmentId": global_id("sen", row["id"]), "questionsAnswered": 10, "questionsCorrect": number % 11}
        for number, row in enumerate(random.sample(rows, 80))
    ]
    await change(player, "recordSeriesActivity", activities=answers)
    extended = [global_id("sen", row["id"]) for row in random.sample(rows, 60)]
    await change(admin, "extendSeriesEnrolments", ids=extended, endsAt="2026-03-20T00:00:00Z")
    shut_out = [global_id("lrn", row["id"]) for row in organisation.rows[learners] if not row["has_app_access"]]
    await change(admin, "setLearnerAppAccess", ids=[*somebody[:3], *shut_out[::2]], hasAppAccess=True)
    runs = random.sample(_ids(organisation, pathway_enrolments), 12)
    await change(admin, "withdrawPathwayEnrolments", ids=runs, **_error("“Wrong” pathway"))


async def _exports(world: World, sign_in: SignIn) -> None:
    for asker in (*world.askers[Role.MANAGER], *world.askers[Role.ADMIN]):
        await change(sign_in(asker), "requestExport", learners={})


async def _by_machines(organisation: Organisation) -> None:
    """Entries of an integration and a learncycle, which no mutation writes yet, the one caused by the other."""
    known = {row["subject_id"] for row in await organisation.stored(history_entries)}
    now, new_id = organisation.clock(), organisation.new_id
    quiet = [
        row for row in organisation.rows[learners] if row["status"] is LearnerStatus.ACTIVE and row["id"] not in known
    ]
    theirs = {row["id"] for row in quiet}
    [enrolment, *_] = [
        row for row in organisation.rows[series_enrolments] if row["id"] not in known and row["learner_id"] in theirs
    ]
    learner = quiet[0]
    cause = Entry(
        organisation_id=organisation.id,
        id=new_id(now),
        actor_kind=ActorKind.INTEGRATION,
        actor_id=organisation.staff[Role.INTEGRATION].id,
        action=HistoryAction.SERIES_ENROLMENT_STARTED,
        subject_kind=SubjectKind.SERIES_ENROLMENT,
        subject_id=enrolment["id"],
        learner_id=enrolment["learner_id"],
        from_status=None,
        to_status=enrolment["status"].name,
        reason=None,
        note="From the shop",
        version=enrolment["version"],
        request_id=None,
        cause_id=None,
        occurred_at=now - MICROSECOND,
        recorded_at=now,
    )
    effect = cause._replace(
        id=new_id(now),
        actor_kind=ActorKind.LEARNCYCLE,
        actor_id=None,
        action=HistoryAction.LEARNER_REACTIVATED,
        subject_kind=SubjectKind.LEARNER,
        subject_id=learner["id"],
        learner_id=learner["id"],
        to_status=learner["status"].name,
        cause_id=cause.id,
        occurred_at=now,
    )
    async with organisation.database.engine.begin() as connection:
        for entry in (cause, effect):
            await history_queries.record(connection, [entry])
