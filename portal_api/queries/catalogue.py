"""All that can be read: every source, every value with records below it, and every root field."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from portal_api.models import learners, series, series_enrolments
from portal_api.planner.declare import (
    MOST_AT_ROOT,
    Catalogue,
    Linked,
    Listed,
    RootConnection,
    RootIds,
    RootNode,
    RootNodes,
    RootRecord,
    RootValue,
    Total,
    ValueType,
)
from portal_api.queries.history import HISTORY_ENTRY
from portal_api.queries.learners import LEARNER
from portal_api.queries.open_records import OPEN_RECORD
from portal_api.queries.organisations import ORGANISATION, USER
from portal_api.queries.series import SERIES, SERIES_ENROLMENT


def _row_result(type_: str, record: str) -> ValueType:
    return ValueType(type_, {"node": Linked(record, "record_id")})


class _Usage(Protocol):
    """A month's usage."""

    from_: datetime
    until: datetime
    is_running: bool


def _counted(usage: _Usage) -> Mapping[str, Any]:
    """Who is counted for the month."""
    return {"activeIn": (usage.from_, usage.until)}


def _quiet(usage: _Usage) -> Mapping[str, Any] | None:
    """Who of them has done nothing in the month; of a month that is not the running one nobody asks."""
    return {**_counted(usage), "quietSince": usage.from_} if usage.is_running else None


CATALOGUE = Catalogue(
    sources={
        source.type: source
        for source in (ORGANISATION, USER, LEARNER, OPEN_RECORD, SERIES, SERIES_ENROLMENT, HISTORY_ENTRY)
    },
    values={
        value.type: value
        for value in (
            ValueType(
                "Viewer",
                {
                    "organisation": Linked("Organisation", "organisation_id"),
                    "user": Linked("User", "user_id"),
                    "learner": Linked("Learner", "learner_id"),
                },
            ),
            _row_result("LearnerResult", "Learner"),
            ValueType(
                "LearnerUsage",
                {
                    "count": Total("Learner", _counted),
                    "learners": Listed("Learner", _counted, most=MOST_AT_ROOT),
                    "quiet": Listed("Learner", _quiet, most=MOST_AT_ROOT),
                },
            ),
            _row_result("SeriesEnrolmentResult", "SeriesEnrolment"),
        )
    },
    roots={
        "Query.viewer": RootValue(),
        "Query.node": RootNode(),
        "Query.nodes": RootNodes(),
        "Query.learners": RootConnection("Learner"),
        "Query.learner": RootRecord("Learner", {"externalRef": learners.c.external_ref}),
        "Query.seriesLibrary": RootConnection("Series"),
        "Query.series": RootRecord("Series", {"externalRef": series.c.external_ref}),
        "Query.seriesEnrolments": RootConnection("SeriesEnrolment"),
        "Query.seriesEnrolment": RootRecord("SeriesEnrolment", {"externalRef": series_enrolments.c.external_ref}),
        "Query.seriesEnrolmentIds": RootIds("SeriesEnrolment"),
        "Query.historyEntries": RootConnection("HistoryEntry"),
        "Query.stateMachine": RootValue(),
        "Query.learnerUsage": RootValue(),
        "Mutation.withdrawSeriesEnrolments": RootValue(),
        "Mutation.createLearners": RootValue(),
        "Mutation.updateLearner": RootValue(),
        "Mutation.setLearnerAppAccess": RootValue(),
        "Mutation.deactivateLearners": RootValue(),
        "Mutation.reactivateLearners": RootValue(),
    },
)
