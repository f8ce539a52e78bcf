"""The demonstration has courses with enrolments at every status, stage and step of the checklist, and their histories."""

from collections import Counter
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal_api.database import Database
from portal_api.domain.courses.needs import ChecklistStep, EnrolmentState, Need, StepState, checklist, needs_of
from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.stages import LifecycleStage, ReconnectPurpose, stage_of
from portal_api.domain.courses.statuses import ENDED, CourseEnrolmentStatus
from portal_api.domain.courses.surveys import SurveyStatus
from portal_api.domain.credentials import CredentialStatus
from portal_api.domain.history import HistoryAction
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.roles import Role
from portal_api.importers.demo import DEMO, FEWEST_LEARNERS, TWIN
from portal_api.models import (
    course_enrolments,
    course_offer_trainers,
    course_offers,
    courses,
    credentials,
    history_entries,
    learners,
    organisations,
    roles,
    status_reasons,
    surveys,
    unit_enrolments,
    units,
)
from portal_api.queries.courses.states import states
from tests.importers.conftest import rows

_S, _C, _O = CourseEnrolmentStatus, ChecklistStep, Outcome
TODAY = date(2026, 3, 2)
"""The organisation's day; Sydney is ten hours ahead."""
COUNTS = pytest.mark.parametrize("count", [FEWEST_LEARNERS, 60])


async def all_states(database: Database) -> list[EnrolmentState]:
    """The states of all enrolments in courses, as the portal works them out."""
    made = await rows(database, course_enrolments)
    async with database.engine.connect() as connection:
        chosen = select(organisations.c.id).where(organisations.c.external_ref == DEMO.ref)
        organisation_id = (await connection.execute(chosen)).scalar_one()
        return list((await states(connection, organisation_id, [row["id"] for row in made])).values())


@COUNTS
async def test_every_status_and_stage_is_there(seeded: Database) -> None:
    made = await rows(seeded, course_enrolments)
    outcomes: dict[Any, list[Outcome | None]] = {row["id"]: [] for row in made}
    for row in await rows(seeded, unit_enrolments):
        outcomes[row["course_enrolment_id"]].append(row["outcome"])

    assert {row["status"] for row in made} == set(_S)
    finalised = {row["status"] for row in made if row["finalised_at"]}
    assert finalised == {
        *(_S.COMPLETED, _S.WITHDRAWN, _S.CANCELLED_NO_PENALTY, _S.CANCELLED_PENALTY, _S.PARTIAL_ATTENDANCE)
    }
    stages = Counter(
        stage_of(row["status"], outcomes[row["id"]], is_flagged=row["reconnect_for"] is not None) for row in made
    )
    assert stages.keys() == {None, *LifecycleStage}
    assert {row["reconnect_for"] for row in made} == {None, *ReconnectPurpose}
    assert not all(outcomes.values()), "somebody has no units yet"
    assert {each for own in outcomes.values() for each in own} >= {
        *(None, _O.NOT_COMMENCED, _O.COMPETENT, _O.NOT_COMPETENT, _O.WITHDRAWN, _O.CONTINUING),
        _O.PRIOR_LEARNING_GRANTED,
    }


@COUNTS
async def test_every_step_of_the_checklist_stands_in_every_way(seeded: Database) -> None:
    found = {(entry.step, entry.state) for state in await all_states(seeded) for entry in checklist(state)}

    assert found == {(step, state) for step in _C for state in StepState}
    needs = {
        each.need for state in await all_states(seeded) for stage in LifecycleStage for each in needs_of(state, stage)
    }
    on_checklist_alone = {Need.STATUS, Need.APP_ACCESS_OFF, Need.LEARNER_INACTIVE}
    assert needs == set(Need) - on_checklist_alone - {Need.START, Need.END}


@COUNTS
async def test_somebody_is_done_with_everything(seeded: Database) -> None:
    done = [
        state for state in await all_states(seeded) if {each.state for each in checklist(state)} == {StepState.DONE}
    ]

    assert done
    assert not any(state.learner_is_active for state in done)


@COUNTS
async def test_deferred_ones_return_late_or_have_returned(seeded: Database) -> None:
    made = await rows(seeded, course_enrolments)
    deferred = [row for row in made if row["status"] is _S.DEFERRED]
    returned = {
        entry["subject_id"]
        for entry in await rows(seeded, history_entries)
        if (entry["from_status"], entry["to_status"]) == ("DEFERRED", "CURRENT")
    }

    assert {row["returns_on"] < TODAY for row in deferred} == {True, False}
    assert {row["status"] for row in made if row["id"] in returned} == {_S.CURRENT}
    not_commenced = {
        row["course_enrolment_id"] for row in await rows(seeded, unit_enrolments) if row["outcome"] is _O.NOT_COMMENCED
    }
    assert returned & not_commenced


@COUNTS
async def test_the_superseded_course_is_left_in_both_ways(seeded: Database) -> None:
    library = {row["id"]: row for row in await rows(seeded, courses)}
    [old] = [row for row in library.values() if row["superseded_by"]]
    offers = {row["id"] for row in await rows(seeded, course_offers) if row["course_id"] == old["id"]}
    programs: dict[Any, set[str]] = {}
    for row in await rows(seeded, unit_enrolments):
        if row["course_offer_id"] in offers:
            programs.setdefault(row["course_enrolment_id"], set()).add(row["program_identifier"])

    both = {old["program_identifier"], library[old["superseded_by"]]["program_identifier"]}
    assert {frozenset(each) for each in programs.values()} == {
        frozenset({old["program_identifier"]}),
        frozenset(both - {old["program_identifier"]}),
        frozenset(both),
    }
    moved = [row for row in await rows(seeded, course_enrolments) if row["cancelled_commitment_ref"]]
    assert all(row["commitment_ref"] not in (None, row["cancelled_commitment_ref"]) for row in moved)
    assert moved


@COUNTS
async def test_the_library_has_retired_parts_and_a_trainer(seeded: Database) -> None:
    for table in (courses, units, course_offers, status_reasons):
        assert {row["status"] for row in await rows(seeded, table)} == set(LibraryStatus), table.name
    [trainer] = [row["user_id"] for row in await rows(seeded, roles) if row["role"] is Role.TRAINER]
    trained = await rows(seeded, course_offer_trainers)
    assert {row["user_id"] for row in trained} == {trainer}
    taught = {row["course_offer_id"] for row in trained}
    acted = {row["actor_id"] for row in await rows(seeded, history_entries) if row["subject_kind"] == "unit_enrolment"}
    assert trainer in acted
    assert taught & {row["course_offer_id"] for row in await rows(seeded, course_enrolments)}


@COUNTS
async def test_surveys_and_credentials_stand_in_every_way(seeded: Database) -> None:
    assert {row["status"] for row in await rows(seeded, surveys)} == set(SurveyStatus)
    made = await rows(seeded, credentials)
    assert {row["status"] for row in made} == set(CredentialStatus)
    [replaced] = {row["replaced_by"] for row in made if row["replaced_by"]} or {None}
    assert replaced in {row["id"] for row in made if row["status"] is CredentialStatus.ISSUED}


@COUNTS
async def test_some_learners_are_candidates_some_are_in_no_course(seeded: Database, count: int) -> None:
    """A candidate is active, and all their enrolments are over: ended, or with a latest end before today."""
    made = await rows(seeded, course_enrolments)
    latest: dict[Any, date] = {row["id"]: row["ends_on"] for row in made}
    of_units: dict[Any, list[date]] = {}
    for row in await rows(seeded, unit_enrolments):
        of_units.setdefault(row["course_enrolment_id"], []).append(row["ends_on"])
    latest |= {id_: max(each) for id_, each in of_units.items()}
    running = {row["learner_id"] for row in made if row["status"] not in ENDED and latest[row["id"]] >= TODAY}
    people = await rows(seeded, learners)
    active = {row["id"] for row in people if row["status"] is LearnerStatus.ACTIVE}
    in_courses = {row["learner_id"] for row in made}

    assert active & in_courses - running
    assert active & running
    assert len(people) - len(in_courses) >= count // 8
    assert {row["student_identifier"] for row in people} >= {None, "INDIV", "INTOFF"}


@COUNTS
async def test_history_tells_of_all_that_befell_them(seeded: Database) -> None:
    told = {row["action"] for row in await rows(seeded, history_entries)}

    prefixes = ("course_enrolment_", "unit_enrolment_", "survey_", "credential_")
    assert {act for act in told if act.startswith(prefixes)} == {
        act for act in HistoryAction if act.startswith(prefixes)
    } - {HistoryAction.COURSE_ENROLMENT_UPDATED, HistoryAction.UNIT_ENROLMENT_CREATED}


@pytest.mark.parametrize("count", [60])
async def test_nobody_is_in_an_offer_twice(seeded: Database) -> None:
    pairs = Counter((row["learner_id"], row["course_offer_id"]) for row in await rows(seeded, course_enrolments))
    assert set(pairs.values()) == {1}
    assert len(await rows(seeded, course_enrolments, TWIN.ref)) > len(_S)
