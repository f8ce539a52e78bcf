"""All that can be read: every source, every value with records below it, and every root field."""

from portal_api.models import learners, series, series_enrolments
from portal_api.planner.declare import (
    Catalogue,
    Linked,
    RootConnection,
    RootIds,
    RootNode,
    RootNodes,
    RootRecord,
    RootValue,
    ValueType,
)
from portal_api.queries.exports import EXPORT
from portal_api.queries.history import HISTORY_ENTRY
from portal_api.queries.insights import SERIES_INSIGHTS
from portal_api.queries.learners import LEARNER
from portal_api.queries.organisations import ORGANISATION, USER
from portal_api.queries.series import SERIES, SERIES_ENROLMENT


def _row_result(type_: str, record: str) -> ValueType:
    return ValueType(type_, {"node": Linked(record, "record_id")})


CATALOGUE = Catalogue(
    sources={
        source.type: source for source in (ORGANISATION, USER, LEARNER, SERIES, SERIES_ENROLMENT, HISTORY_ENTRY, EXPORT)
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
            SERIES_INSIGHTS,
            _row_result("LearnerResult", "Learner"),
            _row_result("SeriesEnrolmentResult", "SeriesEnrolment"),
            _row_result("ExportResult", "Export"),
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
        "Query.seriesInsights": RootValue(),
        "Query.historyEntries": RootConnection("HistoryEntry"),
        "Query.exports": RootConnection("Export"),
        "Query.export": RootRecord("Export"),
        "Query.stateMachine": RootValue(),
        "Mutation.withdrawSeriesEnrolments": RootValue(),
        "Mutation.deactivateLearners": RootValue(),
        "Mutation.reactivateLearners": RootValue(),
        "Mutation.requestExport": RootValue(),
    },
)
