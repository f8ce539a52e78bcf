"""A small schema of reports over enrolments, and what tests ask of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus, WithdrawalReason
from portal_api.models import series, series_enrolments
from portal_api.planner.declare import (
    Catalogue,
    Column,
    Connection,
    Derived,
    Facet,
    Key,
    Linked,
    Listed,
    RootConnection,
    RootNode,
    RootValue,
    Source,
    ToOne,
    Total,
    ValueType,
)
from portal_api.planner.filters import Comparison
from portal_api.queries import series as series_queries
from tests.factories import StatusCase

_S = SeriesEnrolmentStatus
SDL = """
interface Node { id: ID! }
type Query {
  node(id: ID!): Node
  report: Report
  reports: [Report!]!
  enrolments(first: Int): SeriesEnrolmentConnection
}
type Report {
  title: String!
  series: Series
  enrolments(
    first: Int, after: String, last: Int, before: String, filter: SeriesEnrolmentFilter, orderBy: [SeriesEnrolmentOrder!]
  ): SeriesEnrolmentConnection!
  few(first: Int, filter: SeriesEnrolmentFilter): SeriesEnrolmentConnection!
  number: Int!
  numberOfSeries: Int!
  byStatus(first: Int): [StatusCount!]!
  bySeries: [SeriesCount!]!
  byReason: [ReasonCount!]!
  parts: [Report!]!
}
type StatusCount { status: Status! count: Int! }
type SeriesCount { series: Series count: Int! }
type ReasonCount { reason: Reason! count: Int! }
type SeriesEnrolment implements Node {
  id: ID! externalRef: String! status: Status! series: Series may: [Permission!]! grade: String!
}
type Permission { name: String! isGiven: Boolean! }
type Series implements Node { id: ID! title: String! enrolments: SeriesEnrolmentConnection! may: [Permission!]! }
type SeriesEnrolmentConnection {
  nodes: [SeriesEnrolment!]! edges: [SeriesEnrolmentEdge!]! pageInfo: PageInfo! totalCount: Int!
}
type SeriesEnrolmentEdge { node: SeriesEnrolment! cursor: String! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
enum Status { STATUSES }
enum Reason { REASONS }
input SeriesEnrolmentFilter { status: StatusComparison seriesId: IdComparison externalRef: TextComparison }
input StatusComparison { eq: String in: [String!] notIn: [String!] }
input IdComparison { eq: ID in: [ID!] }
input TextComparison { eq: String in: [String!] }
input SeriesEnrolmentOrder { field: SeriesEnrolmentOrderField! direction: Direction! = ASC }
enum SeriesEnrolmentOrderField { EXTERNAL_REF }
enum Direction { ASC DESC }
""".replace("STATUSES", " ".join(_S.__members__)).replace("REASONS", " ".join(WithdrawalReason.__members__))


@dataclass(frozen=True)
class Permission:
    """Something that a role may or may not do."""

    name: str
    is_given: bool


def permissions(role: str) -> list[Permission]:
    """What a role may do, whatever it looks at."""
    return [Permission("see", is_given=True), Permission("write", is_given=role == Role.ADMIN)]


ENROLMENT = replace(
    series_queries.SERIES_ENROLMENT,
    fields={
        "id": Key(),
        "externalRef": Column(series_enrolments.c.external_ref),
        "status": series_queries.SERIES_ENROLMENT.fields["status"],
        "series": ToOne("Series", series_enrolments.c.series_id),
        "may": Derived((), permissions),
        "grade": Derived((), lambda role: f"grade of {role}"),
    },
    filters={name: series_queries.SERIES_ENROLMENT.filters[name] for name in ("status", "seriesId", "externalRef")},
    conditions={"reason": Comparison(series_enrolments.c.withdrawal_reason)},
    orders={"EXTERNAL_REF": series_enrolments.c.external_ref},
    default_order=(("EXTERNAL_REF", False),),
    narrowed={Role.INTEGRATION: frozenset({"id", "status", "externalRef"})},
)
SERIES = Source(
    type="Series",
    prefix="ser",
    table=series,
    scope=series_queries.SERIES.scope,
    fields={
        "id": Key(),
        "title": Column(series.c.title),
        "enrolments": Connection("SeriesEnrolment", series_enrolments.c.series_id),
        "may": Derived((), permissions),
    },
)


@dataclass(frozen=True)
class Report:
    """A value with enrolments below it: those under its conditions."""

    title: str = "All"
    conditions: Mapping[str, Any] = field(default_factory=dict[str, Any])
    series_id: Any = None
    parts: tuple["Report", ...] = ()


def own(report: Report) -> Mapping[str, Any]:
    """The conditions of a report."""
    return report.conditions


STATUS = Column(series_queries.STATUS_NOW)
CATALOGUE = Catalogue(
    sources={"SeriesEnrolment": ENROLMENT, "Series": SERIES},
    values={
        "Report": ValueType(
            "Report",
            {
                "series": Linked("Series", "series_id"),
                "enrolments": Listed("SeriesEnrolment", own),
                "few": Listed("SeriesEnrolment", own, most=3),
                "number": Total("SeriesEnrolment", own),
                "numberOfSeries": Total("Series", lambda _: {}),
                "byStatus": Facet("SeriesEnrolment", {"status": STATUS}, own, limit=4),
                "bySeries": Facet(
                    "SeriesEnrolment", {"series": ToOne("Series", series_enrolments.c.series_id)}, own, limit=20
                ),
                "byReason": Facet(
                    "SeriesEnrolment", {"reason": Column(series_enrolments.c.withdrawal_reason)}, own, limit=20
                ),
            },
        )
    },
    roots={
        "Query.node": RootNode(),
        "Query.report": RootValue(),
        "Query.reports": RootValue(),
        "Query.enrolments": RootConnection("SeriesEnrolment"),
    },
)


def refs(cases: list[StatusCase], *statuses: SeriesEnrolmentStatus) -> list[str]:
    """The references of the enrolments that stand at one of the statuses now."""
    return sorted(each.enrolment["external_ref"] for each in cases if each.now in statuses)


def series_of(cases: list[StatusCase]) -> list[str]:
    """The identifiers of the series that the enrolments are in."""
    return [f"ser_{each.enrolment['series_id'].hex}" for each in cases]


def found(connection: Any) -> list[str]:
    """The references of a list."""
    return [each["externalRef"] for each in connection["nodes"]]
