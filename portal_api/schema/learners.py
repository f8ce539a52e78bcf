"""Learners."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api.schema.course_enrolments import CourseEnrolment, CourseEnrolmentFilter, CourseEnrolmentOrder
from portal_api.schema.credentials import Credential, CredentialFilter, CredentialOrder
from portal_api.schema.documents import Document, DocumentFilter, DocumentOrder
from portal_api.schema.enums import (
    DeactivationReason,
    LearnerAction,
    LearnerStatus,
    LifecycleStage,
    NoticeCode,
    SubjectKind,
    described,
)
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.learner_certifications import (
    LearnerCertification,
    LearnerCertificationFilter,
    LearnerCertificationOrder,
)
from portal_api.schema.lists import (
    AttributeTest,
    BooleanComparison,
    Comparison,
    Connection,
    IdComparison,
    InstantComparison,
    ReportsTo,
    TextComparison,
    listing,
    order_input,
)
from portal_api.schema.nodes import Node
from portal_api.schema.pathways import PathwayEnrolment, PathwayEnrolmentFilter, PathwayEnrolmentOrder
from portal_api.schema.series import SeriesEnrolment, SeriesEnrolmentFilter, SeriesEnrolmentOrder
from portal_api.schema.tasks import Notification, NotificationFilter, NotificationOrder, Task, TaskFilter, TaskOrder

if TYPE_CHECKING:
    from portal_api.schema.groups import Group


@strawberry.type(description="One action on a learner: open, or closed with every reason.")
class LearnerActionState:
    action: LearnerAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(
        description="Why it is closed: role, status, and what else stands against it."
    )


@strawberry.type(description="An attribute of a learner, which groups can test for.")
class LearnerAttribute:
    name: str = strawberry.field(description="Its name.")
    value: str = strawberry.field(description="Its value.")


@strawberry.type(description="What has to be heeded with a learner.")
class SpecialRequirements:
    text: str | None = strawberry.field(
        description="The note; null for those who may not read a private one: only administrators may."
    )
    is_private: bool = strawberry.field(description="Whether its text is for administrators alone.")


@strawberry.type(description="What a record has to tell whoever opens it.")
class Notice:
    code: NoticeCode = strawberry.field(description="What it is, for programs.")
    message: str = strawberry.field(description="What it means, and what can be done about it, for people.")
    since: datetime | None = strawberry.field(description="Since when it is so.")


@strawberry.type(description="A time in which a learner was active.")
class ActivityInterval:
    active_from: datetime = strawberry.field(description="Its first instant.")
    active_until: datetime | None = strawberry.field(
        description="The first instant after it; null while it goes on. The same as the first for one of no length."
    )


@strawberry.type(description="Something that stands open with a learner.")
class OpenRecord:
    kind: SubjectKind = strawberry.field(description="The kind of record.")
    subject: Node | None = strawberry.field(description="The record.")
    status: str = strawberry.field(description="Its status now.")
    since: datetime = strawberry.field(
        description="When the learner was enrolled, was assigned to it, or asked for it."
    )


@strawberry.input(description="Which learners; all conditions must hold.")
class LearnerFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    external_ref: TextComparison | None = strawberry.field(default=strawberry.UNSET, description="By reference.")
    status: Comparison[LearnerStatus] | None = strawberry.field(default=strawberry.UNSET, description="By status.")
    has_app_access: BooleanComparison | None = strawberry.field(default=strawberry.UNSET, description="By app access.")
    manager_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the manager that they report to directly."
    )
    last_activity_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when they were last active in the portal."
    )
    created_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when they were added."
    )
    deactivated_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By since when they are inactive."
    )
    has_special_requirements: BooleanComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By whether something has to be heeded with them."
    )
    student_identifier: TextComparison | None = strawberry.field(
        default=strawberry.UNSET,
        description="By the identifier that they are reported by; for administrators, others find nobody by it.",
    )
    attribute: AttributeTest | None = strawberry.field(
        default=strawberry.UNSET, description="By an attribute; for administrators, others find nobody by it."
    )
    reports_to: ReportsTo | None = strawberry.field(default=strawberry.UNSET, description="By the manager above them.")
    group_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the groups that hold them; for administrators."
    )
    lifecycle_stage: Comparison[LifecycleStage] | None = strawberry.field(
        default=strawberry.UNSET,
        description="By the stages of the lifecycle in which their course enrolments stand: one of them at least, or with "
        "`notIn` none of them, as far as the caller sees them.",
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words that all stand in the name, e-mail address or reference; case and accents are ignored.",
    )


class LearnerOrderField(StrEnum):
    """What learners can be sorted by."""

    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    CREATED_AT = "created_at"
    LAST_ACTIVITY_AT = "last_activity_at"
    DEACTIVATED_AT = "deactivated_at"


described(
    LearnerOrderField,
    "What learners can be sorted by.",
    {
        LearnerOrderField.FAMILY_NAME: "Family name; case and accents are ignored.",
        LearnerOrderField.GIVEN_NAME: "Given name; case and accents are ignored.",
        LearnerOrderField.CREATED_AT: "When they were added.",
        LearnerOrderField.LAST_ACTIVITY_AT: "When they were last active in the portal; never counts as longest ago.",
        LearnerOrderField.DEACTIVATED_AT: "Since when they are inactive; active learners come as the latest.",
    },
)
LearnerOrder = order_input("LearnerOrder", "learners", LearnerOrderField)


@strawberry.type(description="Somebody who learns. An inactive learner is view-only.")
class Learner(Node):
    external_ref: str = strawberry.field(description="Their reference, as others know it.")
    given_name: str = strawberry.field(description="Their given name.")
    family_name: str = strawberry.field(description="Their family name.")
    email: str | None = strawberry.field(
        description="Their e-mail address; null for a Trainer, who sees name and state of those whom they train."
    )
    status: LearnerStatus = strawberry.field(description="Whether they take part.")
    has_app_access: bool = strawberry.field(
        description="Whether the learner app is open to them; inactive always means off."
    )
    manager: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner record of the manager that they report to."
    )
    first_signed_in_at: datetime | None = strawberry.field(description="When they signed in for the first time.")
    last_activity_at: datetime | None = strawberry.field(
        description="When they were last active in the portal: signed in, answered, worked on a "
        "certification, or had a result."
    )
    special_requirements: SpecialRequirements | None = strawberry.field(
        description="What has to be heeded with them; null when there is nothing."
    )
    student_identifier: str | None = strawberry.field(
        description="The identifier that they are reported by; for administrators and themselves, null for others."
    )
    attributes: list[LearnerAttribute] | None = strawberry.field(
        description="Their attributes, by name; for administrators, null for others."
    )
    deactivated_at: datetime | None = strawberry.field(description="Since when they are inactive.")
    deactivation_reason: DeactivationReason | None = strawberry.field(
        description="Why they are inactive; for administrators."
    )
    deactivation_note: str | None = strawberry.field(description="The note given with it; for administrators.")
    created_at: datetime = strawberry.field(description="When they were added.")
    version: int = strawberry.field(description="Counts the changes to this record.")
    reports: Connection[Annotated["Learner", strawberry.lazy("portal_api.schema.learners")]] | None = listing(
        Connection[Annotated["Learner", strawberry.lazy("portal_api.schema.learners")]],
        "The learners who report directly to them.",
        filter=LearnerFilter,
        order_by=LearnerOrder,
    )
    series_enrolments: Connection[SeriesEnrolment] | None = listing(
        Connection[SeriesEnrolment],
        "Their enrolments in series.",
        filter=SeriesEnrolmentFilter,
        order_by=SeriesEnrolmentOrder,
    )
    groups: Connection[Annotated["Group", strawberry.lazy("portal_api.schema.groups")]] | None = listing(
        Connection[Annotated["Group", strawberry.lazy("portal_api.schema.groups")]],
        "The groups that hold them; for administrators.",
    )
    pathway_enrolments: Connection[PathwayEnrolment] | None = listing(
        Connection[PathwayEnrolment],
        "Their enrolments in pathways.",
        filter=PathwayEnrolmentFilter,
        order_by=PathwayEnrolmentOrder,
    )
    certifications: Connection[LearnerCertification] | None = listing(
        Connection[LearnerCertification],
        "Where they stand in certifications.",
        filter=LearnerCertificationFilter,
        order_by=LearnerCertificationOrder,
    )
    course_enrolments: Connection[CourseEnrolment] | None = listing(
        Connection[CourseEnrolment],
        "Their enrolments in courses.",
        filter=CourseEnrolmentFilter,
        order_by=CourseEnrolmentOrder,
    )
    open_records: Connection[OpenRecord] | None = listing(
        Connection[OpenRecord],
        "What stands open with them now, the oldest first: active enrolments in series, running ones in pathways, "
        "certifications that are not finished, approvals that await a decision, and credentials that wait to be issued.",
    )
    credentials: Connection[Credential] | None = listing(
        Connection[Credential],
        "Their credentials.",
        filter=CredentialFilter,
        order_by=CredentialOrder,
    )
    documents: Connection[Document] | None = listing(
        Connection[Document],
        "Their documents; for administrators and the learner themselves.",
        filter=DocumentFilter,
        order_by=DocumentOrder,
    )
    activity_intervals: list[ActivityInterval] | None = strawberry.field(
        description="When they were active, which is what the usage counts; for administrators, null for others."
    )
    tasks: Connection[Task] | None = listing(
        Connection[Task],
        "What is to be done about them; for administrators all, for others what is theirs to do.",
        filter=TaskFilter,
        order_by=TaskOrder,
    )
    notifications: Connection[Notification] | None = listing(
        Connection[Notification],
        "What they were told, the latest first; for the learner, and for administrators.",
        filter=NotificationFilter,
        order_by=NotificationOrder,
    )
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    notices: list[Notice] = strawberry.field(description="What whoever opens the record has to know.")
    actions: list[LearnerActionState] = strawberry.field(description="Every action on this learner, open or closed.")


@strawberry.type(description="Who is counted for a calendar month of the organisation, in its time zone.")
class LearnerUsage:
    month: date = strawberry.field(description="The month, by its first day.")
    from_: datetime = strawberry.field(name="from", description="Its first instant.")
    until: datetime = strawberry.field(description="The first instant after it.")
    is_running: bool = strawberry.field(description="Whether it is the month of this instant.")
    count: int = strawberry.field(
        description="How many learners are counted: active at any instant of the month, however often they were."
    )
    learners: Connection[Learner] = listing(
        Connection[Learner], "The learners counted.", filter=LearnerFilter, order_by=LearnerOrder, most=1_000
    )
    quiet: Connection[Learner] | None = listing(
        Connection[Learner] | None,
        "Those counted who have not been active in the portal in the running month; null for other months.",
        filter=LearnerFilter,
        order_by=LearnerOrder,
        most=1_000,
    )
