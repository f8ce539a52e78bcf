"""Exports: lists written to files."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.approvals import ApprovalFilter, ApprovalOrder
from portal_api.schema.certifications import CertificationFilter, CertificationOrder
from portal_api.schema.changes import CallInput, Payload, Result, changing
from portal_api.schema.course_enrolments import CourseEnrolmentFilter, CourseEnrolmentOrder
from portal_api.schema.enums import ExportList, ExportStatus, described
from portal_api.schema.groups import GroupFilter, GroupOrder
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.inactive_enrolments import (
    LearnerWithInactiveEnrolmentsFilter,
    LearnerWithInactiveEnrolmentsOrder,
)
from portal_api.schema.learner_certifications import LearnerCertificationFilter, LearnerCertificationOrder
from portal_api.schema.learners import LearnerFilter, LearnerOrder
from portal_api.schema.lists import Comparison, Connection, IdComparison, InstantComparison, listing, order_input
from portal_api.schema.nodes import Node
from portal_api.schema.organisations import User
from portal_api.schema.pathways import PathwayEnrolmentFilter, PathwayEnrolmentOrder, PathwayFilter, PathwayOrder
from portal_api.schema.resources import ResourceFilter, ResourceOrder
from portal_api.schema.series import SeriesEnrolmentFilter, SeriesEnrolmentOrder, SeriesFilter, SeriesOrder
from portal_api.schema.unit_enrolments import UnitEnrolmentFilter, UnitEnrolmentOrder
from portal_api.schema.users import UserFilter, UserOrder


@strawberry.type(description="How far an export is.")
class ExportProgress:
    written_count: int = strawberry.field(description="How many rows are written.")
    row_count: int | None = strawberry.field(description="How many rows there are to write; null until it runs.")


@strawberry.input(description="Which exports; all conditions must hold.")
class ExportFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    list: Comparison[ExportList] | None = strawberry.field(default=strawberry.UNSET, description="By the list.")
    status: Comparison[ExportStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="By status, at the instant of the request."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when they were asked for."
    )


class ExportOrderField(StrEnum):
    """What exports can be sorted by."""

    CREATED_AT = "created_at"


described(
    ExportOrderField, "What exports can be sorted by.", {ExportOrderField.CREATED_AT: "When they were asked for."}
)
ExportOrder = order_input("ExportOrder", "exports", ExportOrderField)


@strawberry.type(
    description="A list written to a CSV file: the rows, their order and their scope are those of the list's own pages. "
    "It is kept for 24 hours. A cell that a spreadsheet could take for a formula begins with an apostrophe."
)
class Export(Node):
    list: ExportList = strawberry.field(description="The list.")
    status: ExportStatus = strawberry.field(description="Where it stands, at the instant of the request.")
    progress: ExportProgress = strawberry.field(description="How far it is.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    finished_at: datetime | None = strawberry.field(description="When it was finished, or failed.")
    expires_at: datetime | None = strawberry.field(description="When its file is forgotten.")
    url: str | None = strawberry.field(
        description="A link to the file, relative to this address, made anew each time it is read and good for 5 minutes. "
        "For whoever asked for the export, while it is ready."
    )
    requested_by: User | None = strawberry.field(description="Who asked for it.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )


def _list_input(name: str, root: str, filter_: Any, order: Any) -> Any:
    """What an export takes of a list: the filter and the order that the list itself takes."""
    namespace = {
        "__annotations__": {"filter": filter_ | None, "order_by": list[order] | None},
        "filter": strawberry.field(
            default=strawberry.UNSET, description="Which records; all conditions must hold. All when not given."
        ),
        "order_by": strawberry.field(
            default=strawberry.UNSET, description="How to sort, up to three fields; as the list itself when not given."
        ),
    }
    return strawberry.input(type(name, (), namespace), description=f"What to export of `{root}`.")


UsersExport = _list_input("UsersExport", "users", UserFilter, UserOrder)
GroupsExport = _list_input("GroupsExport", "groups", GroupFilter, GroupOrder)
LearnersExport = _list_input("LearnersExport", "learners", LearnerFilter, LearnerOrder)
SeriesLibraryExport = _list_input("SeriesLibraryExport", "seriesLibrary", SeriesFilter, SeriesOrder)
SeriesEnrolmentsExport = _list_input(
    "SeriesEnrolmentsExport", "seriesEnrolments", SeriesEnrolmentFilter, SeriesEnrolmentOrder
)
PathwaysExport = _list_input("PathwaysExport", "pathways", PathwayFilter, PathwayOrder)
PathwayEnrolmentsExport = _list_input(
    "PathwayEnrolmentsExport", "pathwayEnrolments", PathwayEnrolmentFilter, PathwayEnrolmentOrder
)
ResourcesExport = _list_input("ResourcesExport", "resources", ResourceFilter, ResourceOrder)
CertificationsExport = _list_input("CertificationsExport", "certifications", CertificationFilter, CertificationOrder)
LearnerCertificationsExport = _list_input(
    "LearnerCertificationsExport", "learnerCertifications", LearnerCertificationFilter, LearnerCertificationOrder
)
ApprovalsExport = _list_input("ApprovalsExport", "approvals", ApprovalFilter, ApprovalOrder)
CourseEnrolmentsExport = _list_input(
    "CourseEnrolmentsExport", "courseEnrolments", CourseEnrolmentFilter, CourseEnrolmentOrder
)
UnitEnrolmentsExport = _list_input("UnitEnrolmentsExport", "unitEnrolments", UnitEnrolmentFilter, UnitEnrolmentOrder)
LearnersWithInactiveEnrolmentsExport = _list_input(
    "LearnersWithInactiveEnrolmentsExport",
    "learnersWithInactiveEnrolments",
    LearnerWithInactiveEnrolmentsFilter,
    LearnerWithInactiveEnrolmentsOrder,
)
HistoryEntriesExport = _list_input("HistoryEntriesExport", "historyEntries", HistoryEntryFilter, HistoryEntryOrder)


def _exported(type_: Any, description: str) -> Any:
    return strawberry.field(default=strawberry.UNSET, graphql_type=type_ | None, description=description)


@strawberry.input(description="A list to be exported: exactly one is given.")
class RequestExportInput(CallInput):
    users: Any = _exported(UsersExport, "Users, machine clients among them.")
    groups: Any = _exported(GroupsExport, "Groups.")
    learners: Any = _exported(LearnersExport, "Learners.")
    series_library: Any = _exported(SeriesLibraryExport, "Series.")
    series_enrolments: Any = _exported(SeriesEnrolmentsExport, "Enrolments in series, previews among them.")
    pathways: Any = _exported(PathwaysExport, "Pathways.")
    pathway_enrolments: Any = _exported(PathwayEnrolmentsExport, "Enrolments in pathways.")
    resources: Any = _exported(ResourcesExport, "Learning resources.")
    certifications: Any = _exported(CertificationsExport, "Certifications.")
    learner_certifications: Any = _exported(
        LearnerCertificationsExport, "Learners' certifications; archived ones where the filter asks for them."
    )
    approvals: Any = _exported(ApprovalsExport, "Approvals, decided ones among them.")
    course_enrolments: Any = _exported(CourseEnrolmentsExport, "Enrolments in courses.")
    unit_enrolments: Any = _exported(
        UnitEnrolmentsExport,
        "Units of enrolments in courses, with their outcomes as they are: `00`, which no file for the government has, among "
        "them.",
    )
    learners_with_inactive_enrolments: Any = _exported(
        LearnersWithInactiveEnrolmentsExport,
        "Learners all of whose course enrolments are inactive, with the reasons; for OWNER and ADMIN.",
    )
    history_entries: Any = _exported(HistoryEntriesExport, "What was done.")


@strawberry.type(description="What happened to one export.")
class ExportResult(Result[Export]):
    pass


@strawberry.type(description="The answer to a request for an export.")
class RequestExportPayload(Payload[ExportResult]):
    pass


@strawberry.type
class ExportMutations:
    request_export: RequestExportPayload | None = changing(
        resolvers.exports.request_export,
        permissions.MayRequestExport,
        RequestExportInput,
        RequestExportPayload,
        "Have a list written to a CSV file, with the rights that the caller has when it is written. "
        "Up to 5 of a user wait or run at a time.",
    )
