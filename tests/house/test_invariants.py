"""The invariants themselves: each one sees what breaks it, and a sound organisation breaks none."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from portal_api.database import Database
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.pathways import PathwayEnrolmentStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.models import (
    activity_intervals,
    history_entries,
    learners,
    pathway_enrolments,
    reporting_lines,
    series_enrolments,
)
from tests import invariants
from tests.clock import START, ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import Organisation, Record, organisation_with_everybody

DAY = timedelta(days=1)


class Broken:
    """An organisation that a test may break: nothing checks it in the end."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self.top, self.middle, self.low = organisation.chain(3)
        self.inactive = organisation.learner(is_active=False)
        self.enrolment = organisation.enrolment(self.low, organisation.series())
        self.of_inactive = organisation.enrolment(self.inactive, organisation.series())
        self.walk = organisation.pathway_enrolment(self.low, organisation.pathway(organisation.series()))
        self.ended = organisation.enrolment(self.low, organisation.series(), SeriesEnrolmentStatus.INCOMPLETE)

    def withdrawal(self, enrolment: Record, **columns: Any) -> Any:
        org = self.organisation
        return insert(history_entries).values(
            {
                "organisation_id": org.id,
                "id": org.new_id(START),
                "actor_kind": ActorKind.USER,
                "actor_id": org.staff[Role.ADMIN].id,
                "action": HistoryAction.SERIES_ENROLMENT_WITHDRAWN,
                "subject_kind": SubjectKind.SERIES_ENROLMENT,
                "subject_id": enrolment.id,
                "learner_id": enrolment["learner_id"],
                "from_status": "IN_PROGRESS",
                "to_status": "IN_PROGRESS",  # as far as the record goes, nothing happened
                "version": 1,
                "occurred_at": START,
                "recorded_at": START,
                **columns,
            }
        )

    def breaches(self) -> dict[str, list[Any]]:
        """What to do to the database, by the rule that it breaks."""
        here, new_id = self.organisation.id, self.organisation.new_id
        ours = learners.c.organisation_id == here
        enrolment = series_enrolments.c.id == self.enrolment.id
        walk = pathway_enrolments.c.id == self.walk.id
        intervals = activity_intervals.c
        lines = reporting_lines.c
        interval = {"organisation_id": here, "learner_id": self.inactive.id}
        line = {"organisation_id": here, "manager_id": self.top.id, "learner_id": self.inactive.id, "depth": 1}
        clock = {"actor_kind": ActorKind.CLOCK, "actor_id": None}
        return {
            "an active learner has exactly one open activity interval": [
                update(activity_intervals).where(intervals.learner_id == self.low.id).values(active_until=START)
            ],
            "an inactive one has none": [
                insert(activity_intervals).values(**interval, id=new_id(START), active_from=START)
            ],
            "the activity intervals of a learner never overlap": [
                insert(activity_intervals).values(
                    **interval, id=new_id(START), active_from=START - 6 * DAY, active_until=START
                )
            ],
            "what is withdrawn, and nothing else": [
                update(series_enrolments).where(enrolment).values(withdrawal_note="Why?")
            ],
            "an enrolment is due when its next clock move comes": [
                update(series_enrolments).where(enrolment).values(due_at=START)
            ],
            "has a version of its own": [
                self.withdrawal(self.enrolment),
                self.withdrawal(self.enrolment, **clock),
            ],
            "have no gap and end at the record's own": [
                update(series_enrolments).where(enrolment).values(version=3),
                self.withdrawal(self.enrolment),
                self.withdrawal(self.enrolment, version=3),
            ],
            "end at the record's own": [
                update(series_enrolments).where(enrolment).values(version=2),
                self.withdrawal(self.enrolment),
            ],
            "a later version was not recorded earlier": [
                update(series_enrolments).where(enrolment).values(version=2),
                self.withdrawal(self.enrolment),
                self.withdrawal(self.enrolment, version=2, recorded_at=START - DAY),
            ],
            "says the status that the record has": [self.withdrawal(self.enrolment, to_status="WITHDRAWN")],
            "begins at the status where the one before it ended": [
                update(series_enrolments).where(enrolment).values(version=2),
                self.withdrawal(self.enrolment),
                self.withdrawal(self.enrolment, version=2, from_status="NO_ATTEMPTS"),
            ],
            "every entry is about a record that exists": [self.withdrawal(self.enrolment, subject_id=new_id(START))],
            "is one up the chain of managers": [insert(reporting_lines).values(line)],
            "every reporting line is one up the chain": [
                update(reporting_lines)
                .where(lines.manager_id == self.top.id, lines.learner_id == self.low.id)
                .values(depth=3)
            ],
            "the whole chain of managers is in the reporting lines": [
                delete(reporting_lines).where(lines.manager_id == self.top.id, lines.learner_id == self.low.id)
            ],
            "the whole chain of managers is in": [
                update(learners).where(ours, learners.c.id == self.inactive.id).values(manager_id=self.top.id)
            ],
            "is withdrawn while its learner is active": [self.withdrawal(self.of_inactive)],
            "whatever somebody does to an enrolment": [
                self.withdrawal(self.of_inactive, action=HistoryAction.SERIES_ENROLMENT_EXTENDED)
            ],
            "an enrolment in a pathway is due when its end comes": [
                update(pathway_enrolments).where(walk).values(due_at=START)
            ],
            "has one in the series at its position": [update(pathway_enrolments).where(walk).values(position=2)],
            "which ends with it": [update(pathway_enrolments).where(walk).values(ends_at=START, due_at=START)],
            "nothing of an enrolment in a pathway that has ended is active": [
                update(pathway_enrolments)
                .where(walk)
                .values(status=PathwayEnrolmentStatus.COMPLETED, completed_at=START, due_at=invariants.FAR_FUTURE)
            ],
        }


@pytest.fixture
async def breakable(database: Database, clock: ManualClock, new_id: RepeatableIds) -> Broken:
    made = Broken(organisation_with_everybody(database, clock, new_id))
    await made.organisation.save()
    return made


BREACHES = 22


@pytest.mark.parametrize("number", range(BREACHES))
async def test_an_invariant_sees_what_breaks_it(breakable: Broken, number: int) -> None:
    organisation, breaches = breakable.organisation, breakable.breaches()
    assert len(breaches) == BREACHES
    expected, statements = list(breaches.items())[number]
    assert await invariants.broken(organisation.database, organisation.id) == {}

    async with organisation.database.engine.begin() as connection:
        for statement in statements:
            await connection.execute(statement)

    found = await invariants.broken(organisation.database, organisation.id)
    assert any(expected in rule for rule in found), found
    with pytest.raises(AssertionError, match=expected):
        await invariants.check(organisation.database, organisation.id)


async def test_the_clock_may_make_several_moves_in_one_version(breakable: Broken) -> None:
    organisation = breakable.organisation
    entries = [
        breakable.withdrawal(
            breakable.ended,
            actor_kind=ActorKind.CLOCK,
            actor_id=None,
            action=action,
            from_status=from_status,
            to_status=to_status,
            occurred_at=occurred_at,
        )
        for action, from_status, to_status, occurred_at in (
            (HistoryAction.SERIES_ENROLMENT_STARTED, "WAITING_TO_START", "NO_ATTEMPTS", START - DAY),
            (HistoryAction.SERIES_ENROLMENT_ENDED, "NO_ATTEMPTS", "INCOMPLETE", START),
        )
    ]
    async with organisation.database.engine.begin() as connection:
        for entry in entries:
            await connection.execute(entry)
    assert await invariants.broken(organisation.database, organisation.id) == {}


async def test_a_life_of_changes_breaks_nothing(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    """Deactivated, reactivated, withdrawn, overdue by several moves: the fixture checks in the end."""
    learner = organisation.learner()
    cases = organisation.every_status(learner)
    admin = sign_in(Role.ADMIN)
    changes = [
        ("deactivateLearners", {"ids": [learner.gid], "reason": "OTHER"}, 1),
        ("reactivateLearners", {"ids": [learner.gid]}, 1),
        (
            "withdrawSeriesEnrolments",
            {"ids": [case.enrolment.gid for case in cases], "reason": "ENROLMENT_ERROR"},
            sum(case.now.name in {"WAITING_TO_START", "NOT_SIGNED_IN", "NO_ATTEMPTS", "IN_PROGRESS"} for case in cases),
        ),
        ("deactivateLearners", {"ids": [learner.gid], "reason": "OTHER"}, 1),
    ]
    for name, given, changed in changes:
        title = f"{name[0].upper()}{name[1:]}Input"
        data = await admin.query(
            f"mutation ($input: {title}!) {{ {name}(input: $input) {{ counts {{ changed }} }} }}", {"input": given}
        )
        assert data[name]["counts"]["changed"] == changed
        clock.advance(timedelta(minutes=5))
    acts = Counter(row["action"].name for row in await organisation.stored(history_entries))
    assert acts == {
        "LEARNER_DEACTIVATED": 2,
        "LEARNER_REACTIVATED": 1,
        "SERIES_ENROLMENT_STARTED": 2,
        "SERIES_ENROLMENT_WITHDRAWN": 6,
    }
