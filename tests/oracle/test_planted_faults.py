"""The oracle can fail: faults are planted in the planner and the queries, and each turns the comparison red.

This is the one place where our own code is replaced in a test. A proof counts only when it has been seen to fail.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import BindParameter, ColumnElement, select, true
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression
from sqlalchemy.sql.visitors import replacement_traverse

from portal_api.app import create_app
from portal_api.auth import Tokens
from portal_api.database import Database
from portal_api.models import certifications, groups, learner_certifications, learners, series_enrolments
from portal_api.models.base import Instant
from portal_api.planner.collect import Collector
from portal_api.planner.declare import Column, Derived
from portal_api.planner.dialects import PostgresDialect, SqliteDialect
from portal_api.planner.filters import Flag, TimedStatus
from portal_api.planner.paging import Order
from portal_api.queries import scope
from portal_api.queries.catalogue import CATALOGUE
from portal_api.settings import Settings
from tests.client import http_client
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import Lasting, signing_in
from tests.oracle.comparison import Comparison

SPOILT = frozenset({"learners", "seriesEnrolments", "seriesInsights"})
SPOILT_OF_CERTIFICATIONS = frozenset({"learnerCertifications", "certificationInsights", "approvalInsights"})
SPOILT_OF_COURSES = frozenset({"learnersWithInactiveEnrolments", "lifecycleBoard"})
"""Where the faults are planted."""
SPOILT_IN_INSTANTS = frozenset({"seriesEnrolments"})
"""Where lists are found by instants most often."""
PATIENCE = 300
"""Queries within which each fault must have shown."""
Plant = Callable[[pytest.MonkeyPatch], None]


def learners_of_everybody(patch: pytest.MonkeyPatch) -> None:
    """A scope left out: enrolments are seen without regard to their learner."""
    everybody = series_enrolments.c.organisation_id == scope.ORGANISATION
    source = CATALOGUE.sources["SeriesEnrolment"]
    patch.setitem(_sources(), "SeriesEnrolment", replace(source, scope=everybody))


def every_organisation(patch: pytest.MonkeyPatch) -> None:
    """A scope left out: learners are seen across the wall between organisations."""
    anywhere = scope.of_learner(learners.c.id, scope.SEES_RECORDS)
    patch.setitem(_sources(), "Learner", replace(CATALOGUE.sources["Learner"], scope=anywhere, ways=()))


def a_way_left_open(patch: pytest.MonkeyPatch) -> None:
    """A way to learners that is closed to nobody of the organisation."""
    source = CATALOGUE.sources["Learner"]
    patch.setitem(_sources(), "Learner", replace(source, ways=(*source.ways, scope.ways_to(learners, true())[0])))


def instants_answered_to_the_second(patch: pytest.MonkeyPatch) -> None:
    """A cut fraction of a second, on the way out."""
    for dialect in (SqliteDialect, PostgresDialect):

        def decoder(self: Any, type_: Any, whole: Callable[..., Any] = dialect.decoder) -> Any:
            decode = whole(self, type_)
            if not isinstance(type_, Instant):
                return decode
            return lambda value: f"{(decode or str)(value)[:19]}.000000Z"

        patch.setattr(dialect, "decoder", decoder)


def instants_asked_to_the_second(patch: pytest.MonkeyPatch) -> None:
    """A cut fraction of a second, on the way in."""
    for dialect in (SqliteDialect, PostgresDialect):

        def encode(self: Any, value: Any, whole: Callable[..., Any] = dialect.encode) -> Any:
            return whole(self, value.replace(microsecond=0) if isinstance(value, datetime) else value)

        patch.setattr(dialect, "encode", encode)


def fields_under_their_own_names(patch: pytest.MonkeyPatch) -> None:
    """An alias lost."""
    whole = Collector.fields

    def fields(self: Collector, *given: Any) -> Mapping[str, Any]:
        return {nodes[0].name.value: nodes for nodes in whole(self, *given).values()}

    patch.setattr(Collector, "fields", fields)


def statuses_shown_late(patch: pytest.MonkeyPatch) -> None:
    """A status off by its due instant, where it is shown: `<` for `<=`."""
    source = CATALOGUE.sources["SeriesEnrolment"]
    shown, actions = source.fields["status"], source.fields["actions"]
    assert isinstance(shown, Column)
    assert isinstance(actions, Derived)
    late = _after_now(shown.expression)
    fields = {
        **source.fields,
        "status": replace(shown, expression=late),
        "actions": replace(actions, needs=(late, *actions.needs[1:])),
    }
    patch.setitem(_sources(), "SeriesEnrolment", replace(source, fields=fields))


def statuses_found_late(patch: pytest.MonkeyPatch) -> None:
    """A status off by its due instant, where it is filtered by."""
    whole = TimedStatus.where
    patch.setattr(TimedStatus, "where", lambda self, shape, bind: _after_now(whole(self, shape, bind)))


def orders_without_id(patch: pytest.MonkeyPatch) -> None:
    """An order without id: rows that are equal in it come as they like."""
    whole = Order.clauses

    def clauses(self: Order, *, backwards: bool) -> Sequence[Any]:
        return whole(self, backwards=backwards)[:-1]

    patch.setattr(Order, "clauses", clauses)


def groups_of_everybody(patch: pytest.MonkeyPatch) -> None:
    """A scope left out: whoever may read a learner is told their groups."""
    everybody = groups.c.organisation_id == scope.ORGANISATION
    patch.setitem(_sources(), "Group", replace(CATALOGUE.sources["Group"], scope=everybody))


def overdue_late(patch: pytest.MonkeyPatch) -> None:
    """Overdue an instant too late: `<` for `<=`, where it is shown."""
    source = CATALOGUE.sources["SeriesEnrolment"]
    shown = source.fields["isOverdue"]
    assert isinstance(shown, Column)
    late = {**source.fields, "isOverdue": replace(shown, expression=_after_now(shown.expression))}
    patch.setitem(_sources(), "SeriesEnrolment", replace(source, fields=late))


def previews_reported(patch: pytest.MonkeyPatch) -> None:
    """Enrolments in previews counted in insights."""
    source = CATALOGUE.sources["SeriesEnrolment"]
    conditions = {**source.conditions, "reported": Flag(true())}
    patch.setitem(_sources(), "SeriesEnrolment", replace(source, conditions=conditions))


def titles_of_everybody(patch: pytest.MonkeyPatch) -> None:
    """A scope left out: records sorted by the titles of certifications that are not seen."""
    source, own = CATALOGUE.sources["LearnerCertification"], learner_certifications.c
    title = (
        select(certifications.c.title_key)
        .where(certifications.c.organisation_id == own.organisation_id, certifications.c.id == own.certification_id)
        .correlate(learner_certifications)
        .scalar_subquery()
    )
    patch.setitem(
        _sources(), "LearnerCertification", replace(source, orders={**source.orders, "CERTIFICATION_TITLE": title})
    )


def decided_still_waiting(patch: pytest.MonkeyPatch) -> None:
    """Approvals counted that are decided."""
    source = CATALOGUE.sources["Approval"]
    patch.setitem(_sources(), "Approval", replace(source, conditions={"waiting": Flag(true())}))


def over_on_the_last_day(patch: pytest.MonkeyPatch) -> None:
    """Enrolments over a day too soon: on their last day, and not after it."""
    source = CATALOGUE.sources["LearnerWithInactiveEnrolments"]

    def sooner(element: Any, **_: Any) -> Any:
        is_compared = isinstance(element, BinaryExpression) and element.operator is operators.ge
        return element.left > element.right if is_compared else None

    spoilt: Any = replacement_traverse(source.scope, {}, sooner)
    patch.setitem(_sources(), "LearnerWithInactiveEnrolments", replace(source, scope=spoilt))


def enrolments_for_learners(patch: pytest.MonkeyPatch) -> None:
    """A board that counts whoever stands twice in a stage twice."""
    column, values = CATALOGUE.values["LifecycleColumn"], CATALOGUE.values
    assert isinstance(values, dict)
    each = {**column.fields, "learnerCount": column.fields["enrolmentCount"]}
    patch.setitem(values, "LifecycleColumn", replace(column, fields=each))


ROOTS: dict[Plant, frozenset[str]] = {
    titles_of_everybody: SPOILT_OF_CERTIFICATIONS,
    decided_still_waiting: SPOILT_OF_CERTIFICATIONS,
    instants_asked_to_the_second: SPOILT_IN_INSTANTS,
    previews_reported: frozenset({"seriesInsights"}),
    over_on_the_last_day: SPOILT_OF_COURSES,
    enrolments_for_learners: SPOILT_OF_COURSES,
}
"""Where a fault is planted, if not at the places where most are."""


def _sources() -> dict[str, Any]:
    sources = CATALOGUE.sources
    assert isinstance(sources, dict)
    return sources


def _after_now(expression: ColumnElement[Any]) -> Any:
    """An expression in which what comes true at the present instant comes true only after it."""

    def later(element: Any, **_: Any) -> Any:
        if not isinstance(element, BinaryExpression) or not _is_now(element.right):
            return None
        match element.operator:
            case operators.le:
                return element.left < element.right
            case operators.gt:
                return element.left >= element.right
            case _:
                return None

    return replacement_traverse(expression, {}, later)


def _is_now(element: Any) -> bool:
    return isinstance(element, BindParameter) and element.key == scope.NOW.key


@pytest.fixture(scope="module")
async def sound(database: Database, _clock: ManualClock, lasting: Lasting) -> AsyncIterator[Comparison]:
    """A comparison without a fault; queries change nothing, and so all faults share what is laid out for it."""
    async with lasting(__name__) as (organisation, sign_in):
        yield await Comparison.of(database, organisation, _clock, sign_in, seed=2)


@asynccontextmanager
async def on_a_fresh_portal(
    comparison: Comparison, settings: Settings, tokens: Tokens, clock: ManualClock, new_id: RepeatableIds
) -> AsyncIterator[Comparison]:
    """The comparison with a portal that has compiled nothing yet, and keeps nothing: plans are kept with their faults."""
    clock.now = comparison.now
    async with http_client(create_app(settings, database=comparison.database, clock=clock, new_id=new_id)) as http:
        yield replace(comparison, sign_in=signing_in(http, tokens, clock, comparison.world.organisation))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # the comparison is the same on both
@pytest.mark.parametrize(
    "plant",
    [
        learners_of_everybody,
        every_organisation,
        a_way_left_open,
        instants_answered_to_the_second,
        instants_asked_to_the_second,
        fields_under_their_own_names,
        statuses_shown_late,
        statuses_found_late,
        orders_without_id,
        groups_of_everybody,
        overdue_late,
        previews_reported,
        titles_of_everybody,
        decided_still_waiting,
        over_on_the_last_day,
        enrolments_for_learners,
    ],
)
async def test_a_planted_fault_turns_the_comparison_red(
    plant: Plant, sound: Comparison, settings: Settings, tokens: Tokens, clock: ManualClock, new_id: RepeatableIds
) -> None:
    asked = replace(sound, wanted_roots=ROOTS.get(plant, SPOILT))

    with pytest.MonkeyPatch.context() as patch:
        plant(patch)
        async with on_a_fresh_portal(asked, settings, tokens, clock, new_id) as spoilt:
            report = await spoilt.run(PATIENCE, until_different=True)

    [difference] = report.differences
    async with on_a_fresh_portal(asked, settings, tokens, clock, new_id) as mended:
        assert await mended.differs(difference.asker, difference.query) is None
