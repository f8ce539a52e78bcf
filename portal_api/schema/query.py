"""What can be read."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from portal_api.domain.refusals import in_words
from portal_api.permissions import MayReadLearnerUsage
from portal_api.permissions.automations import MaySimulateLearncycle
from portal_api.permissions.inactive_enrolments import MayReadLearnersWithInactiveEnrolments
from portal_api.planner.execution import Completed
from portal_api.resolvers import credentials as credential_resolvers
from portal_api.resolvers import insights as insight_resolvers
from portal_api.resolvers import learncycles as learncycle_resolvers
from portal_api.resolvers import learners as learner_resolvers
from portal_api.resolvers import machines as machine_resolvers
from portal_api.resolvers import organisations as organisation_resolvers
from portal_api.resolvers.planned import PortalInfo, planned
from portal_api.schema.approvals import Approval, ApprovalFilter, ApprovalOrder
from portal_api.schema.certification_insights import ApprovalInsights, CertificationInsights
from portal_api.schema.certifications import Certification, CertificationFilter, CertificationOrder
from portal_api.schema.course_enrolments import (
    CourseEnrolment,
    CourseEnrolmentFilter,
    CourseEnrolmentIds,
    CourseEnrolmentOrder,
)
from portal_api.schema.course_offers import CourseOffer, CourseOfferFilter, CourseOfferOrder
from portal_api.schema.courses import Course, CourseFilter, CourseOrder, Unit, UnitFilter, UnitOrder
from portal_api.schema.credentials import Credential, CredentialFilter, CredentialOrder
from portal_api.schema.documents import Document, DocumentFilter, DocumentOrder
from portal_api.schema.enums import StateMachineKind
from portal_api.schema.exports import Export, ExportFilter, ExportOrder
from portal_api.schema.groups import Group, GroupFilter, GroupOrder
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.inactive_enrolments import (
    LearnerWithInactiveEnrolments,
    LearnerWithInactiveEnrolmentsFilter,
    LearnerWithInactiveEnrolmentsOrder,
)
from portal_api.schema.insights import SeriesInsights
from portal_api.schema.integration_tokens import IntegrationToken, IntegrationTokenFilter, IntegrationTokenOrder
from portal_api.schema.learncycles import (
    Learncycle,
    LearncycleFilter,
    LearncycleOrder,
    LearncycleRun,
    LearncycleRunFilter,
    LearncycleRunOrder,
    LearncycleSimulation,
)
from portal_api.schema.learner_certifications import (
    LearnerCertification,
    LearnerCertificationFilter,
    LearnerCertificationIds,
    LearnerCertificationOrder,
)
from portal_api.schema.learners import Learner, LearnerFilter, LearnerOrder, LearnerUsage
from portal_api.schema.lifecycle import LifecycleBoard
from portal_api.schema.lists import Connection
from portal_api.schema.machines import StateMachine
from portal_api.schema.nodes import Node
from portal_api.schema.organisations import Viewer
from portal_api.schema.pathways import (
    Pathway,
    PathwayEnrolment,
    PathwayEnrolmentFilter,
    PathwayEnrolmentIds,
    PathwayEnrolmentOrder,
    PathwayFilter,
    PathwayOrder,
)
from portal_api.schema.resources import Resource, ResourceFilter, ResourceOrder
from portal_api.schema.roots import all_of, ids_of, one_of
from portal_api.schema.series import (
    Series,
    SeriesEnrolment,
    SeriesEnrolmentFilter,
    SeriesEnrolmentIds,
    SeriesEnrolmentOrder,
    SeriesFilter,
    SeriesOrder,
)
from portal_api.schema.status_reasons import StatusReason, StatusReasonFilter, StatusReasonOrder
from portal_api.schema.surveys import Survey, SurveyFilter, SurveyOrder
from portal_api.schema.tasks import Notification, NotificationFilter, NotificationOrder, Task, TaskFilter, TaskOrder
from portal_api.schema.unit_enrolments import (
    UnitEnrolment,
    UnitEnrolmentFilter,
    UnitEnrolmentIds,
    UnitEnrolmentOrder,
)
from portal_api.schema.users import User, UserFilter, UserOrder
from portal_api.schema.verification import CredentialVerification
from portal_api.schema.webhooks import (
    WebhookDelivery,
    WebhookDeliveryFilter,
    WebhookDeliveryOrder,
    WebhookEndpoint,
    WebhookEndpointFilter,
    WebhookEndpointOrder,
)


@strawberry.type(
    description="What can be read. A record that the caller may not see is answered as one that does not exist."
)
class Query:
    @strawberry.field(graphql_type=Viewer | None, description="Who asks, and where.")
    async def viewer(self, info: PortalInfo) -> Completed:
        return await organisation_resolvers.viewer(info)

    @strawberry.field(
        graphql_type=Node | None, description="Any record by its identifier; null for one that is not seen."
    )
    async def node(
        self, info: PortalInfo, id: Annotated[strawberry.ID, strawberry.argument(description="Its identifier.")]
    ) -> Completed:
        return await planned(info)

    @strawberry.field(
        graphql_type=list[Node | None] | None,
        description="Up to 100 records by their identifiers, in the order asked; null for each not seen.",
    )
    async def nodes(
        self,
        info: PortalInfo,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="Their identifiers.")],
    ) -> Completed:
        return await planned(info)

    user: User | None = one_of(User, "user")
    users: Connection[User] | None = all_of(
        User, "Users; who is no administrator sees themselves.", filter=UserFilter, order_by=UserOrder
    )
    integration_tokens: Connection[IntegrationToken] | None = all_of(
        IntegrationToken,
        "Tokens of machine clients; for administrators.",
        filter=IntegrationTokenFilter,
        order_by=IntegrationTokenOrder,
    )
    group: Group | None = one_of(Group, "group", by_ref=False)
    groups: Connection[Group] | None = all_of(
        Group, "Groups of learners; for administrators.", filter=GroupFilter, order_by=GroupOrder
    )

    learner: Learner | None = one_of(Learner, "learner")
    learners: Connection[Learner] | None = all_of(Learner, "Learners.", filter=LearnerFilter, order_by=LearnerOrder)

    @strawberry.field(
        graphql_type=LearnerUsage | None,
        permission_classes=[MayReadLearnerUsage],
        description="Who is counted for a calendar month, and so billed; for a month to come, who is if nothing changes. "
        f"Requires {in_words(MayReadLearnerUsage.rule.roles)}.",
    )
    async def learner_usage(
        self,
        info: PortalInfo,
        month: Annotated[date, strawberry.argument(description="The month, by its first day: `2026-02-01`.")],
    ) -> Completed:
        return await learner_resolvers.learner_usage(info, month)

    learners_with_inactive_enrolments: Connection[LearnerWithInactiveEnrolments] | None = all_of(
        LearnerWithInactiveEnrolments,
        "Active learners who have course enrolments, all of them inactive, by name when nothing is said: to be given to "
        "`deactivateLearnersWithInactiveEnrolments`. Learners without any are not among them.",
        filter=LearnerWithInactiveEnrolmentsFilter,
        order_by=LearnerWithInactiveEnrolmentsOrder,
        guard=MayReadLearnersWithInactiveEnrolments,
    )

    series: Series | None = one_of(Series, "series")
    series_library: Connection[Series] | None = all_of(Series, "Series.", filter=SeriesFilter, order_by=SeriesOrder)
    series_enrolment: SeriesEnrolment | None = one_of(SeriesEnrolment, "enrolment")
    series_enrolments: Connection[SeriesEnrolment] | None = all_of(
        SeriesEnrolment, "Enrolments in series.", filter=SeriesEnrolmentFilter, order_by=SeriesEnrolmentOrder
    )
    series_enrolment_ids: SeriesEnrolmentIds | None = ids_of(
        SeriesEnrolmentIds, "enrolments", filter=SeriesEnrolmentFilter
    )

    @strawberry.field(
        graphql_type=SeriesInsights | None,
        description="A report on enrolments in series: counted and listed. Previews are never in it; withdrawn ones are, "
        "unless the filter leaves them out.",
    )
    async def series_insights(
        self,
        info: PortalInfo,
        filter: Annotated[
            SeriesEnrolmentFilter | None, strawberry.argument(description="Which enrolments; all conditions must hold.")
        ] = strawberry.UNSET,
    ) -> Completed:
        return await insight_resolvers.series_insights(info)

    pathway: Pathway | None = one_of(Pathway, "pathway")
    pathways: Connection[Pathway] | None = all_of(
        Pathway, "Learning pathways.", filter=PathwayFilter, order_by=PathwayOrder
    )
    pathway_enrolment: PathwayEnrolment | None = one_of(PathwayEnrolment, "enrolment in a pathway")
    pathway_enrolments: Connection[PathwayEnrolment] | None = all_of(
        PathwayEnrolment,
        "Enrolments in learning pathways.",
        filter=PathwayEnrolmentFilter,
        order_by=PathwayEnrolmentOrder,
    )
    pathway_enrolment_ids: PathwayEnrolmentIds | None = ids_of(
        PathwayEnrolmentIds, "enrolments in pathways", filter=PathwayEnrolmentFilter
    )
    learner_certification: LearnerCertification | None = one_of(LearnerCertification, "learner's certification")
    learner_certifications: Connection[LearnerCertification] | None = all_of(
        LearnerCertification,
        "Learners' certifications.",
        filter=LearnerCertificationFilter,
        order_by=LearnerCertificationOrder,
    )
    learner_certification_ids: LearnerCertificationIds | None = ids_of(
        LearnerCertificationIds, "learners' certifications", filter=LearnerCertificationFilter
    )
    approval: Approval | None = one_of(Approval, "approval", by_ref=False)
    approvals: Connection[Approval] | None = all_of(
        Approval,
        "Approvals, the oldest first when nothing is said.",
        filter=ApprovalFilter,
        order_by=ApprovalOrder,
    )

    @strawberry.field(
        graphql_type=CertificationInsights | None,
        description="A report on learners' certifications: counted and listed. Archived ones are never in it.",
    )
    async def certification_insights(
        self,
        info: PortalInfo,
        filter: Annotated[
            LearnerCertificationFilter | None,
            strawberry.argument(description="Which learners' certifications; all conditions must hold."),
        ] = strawberry.UNSET,
    ) -> Completed:
        return await insight_resolvers.certification_insights(info)

    @strawberry.field(
        graphql_type=ApprovalInsights | None,
        description="A report on the approvals that await a decision: counted and listed.",
    )
    async def approval_insights(
        self,
        info: PortalInfo,
        filter: Annotated[
            ApprovalFilter | None, strawberry.argument(description="Which approvals; all conditions must hold.")
        ] = strawberry.UNSET,
    ) -> Completed:
        return await insight_resolvers.approval_insights(info)

    resource: Resource | None = one_of(Resource, "resource", by_ref=False)
    resources: Connection[Resource] | None = all_of(
        Resource, "Learning resources.", filter=ResourceFilter, order_by=ResourceOrder
    )

    certification: Certification | None = one_of(Certification, "certification")
    certifications: Connection[Certification] | None = all_of(
        Certification, "Certifications.", filter=CertificationFilter, order_by=CertificationOrder
    )

    credential: Credential | None = one_of(Credential, "credential", by_ref=False)
    credentials: Connection[Credential] | None = all_of(
        Credential,
        "Credentials of enrolments in courses.",
        filter=CredentialFilter,
        order_by=CredentialOrder,
    )
    document: Document | None = one_of(Document, "document", by_ref=False)
    documents: Connection[Document] | None = all_of(
        Document,
        "Learners' documents: for administrators all, for learners their own.",
        filter=DocumentFilter,
        order_by=DocumentOrder,
    )

    @strawberry.field(
        graphql_type=CredentialVerification | None,
        description="How things stand with a register number, whoever issued it. Anybody may ask, without a token: numbers "
        "cannot be guessed, and the answer says nothing about whose they are.",
    )
    async def verify_credential(
        self,
        info: PortalInfo,
        number: Annotated[
            str,
            strawberry.argument(
                description="The number as it is printed; case, spaces and hyphens make no difference."
            ),
        ],
    ) -> Completed:
        return await credential_resolvers.verify_credential(info, number)

    course: Course | None = one_of(Course, "course")
    courses: Connection[Course] | None = all_of(Course, "Courses.", filter=CourseFilter, order_by=CourseOrder)
    unit: Unit | None = one_of(Unit, "unit", by_ref=False)
    units: Connection[Unit] | None = all_of(Unit, "Units of courses.", filter=UnitFilter, order_by=UnitOrder)
    course_offer: CourseOffer | None = one_of(CourseOffer, "offer of a course")
    course_enrolment: CourseEnrolment | None = one_of(CourseEnrolment, "enrolment in a course")
    course_enrolments: Connection[CourseEnrolment] | None = all_of(
        CourseEnrolment, "Enrolments in courses.", filter=CourseEnrolmentFilter, order_by=CourseEnrolmentOrder
    )
    course_enrolment_ids: CourseEnrolmentIds | None = ids_of(
        CourseEnrolmentIds, "enrolments in courses", filter=CourseEnrolmentFilter
    )

    @strawberry.field(
        graphql_type=LifecycleBoard | None,
        description="Course enrolments by stage of the lifecycle: counted and listed, with what each still needs.",
    )
    async def lifecycle_board(
        self,
        info: PortalInfo,
        filter: Annotated[
            CourseEnrolmentFilter | None, strawberry.argument(description="Which enrolments; all conditions must hold.")
        ] = strawberry.UNSET,
    ) -> Completed:
        return await insight_resolvers.lifecycle_board(info)

    unit_enrolment: UnitEnrolment | None = one_of(UnitEnrolment, "unit of an enrolment", by_ref=False)
    unit_enrolments: Connection[UnitEnrolment] | None = all_of(
        UnitEnrolment, "Units of enrolments in courses.", filter=UnitEnrolmentFilter, order_by=UnitEnrolmentOrder
    )
    unit_enrolment_ids: UnitEnrolmentIds | None = ids_of(
        UnitEnrolmentIds, "units of enrolments", filter=UnitEnrolmentFilter
    )
    surveys: Connection[Survey] | None = all_of(
        Survey, "Surveys on completion of courses.", filter=SurveyFilter, order_by=SurveyOrder
    )
    course_offers: Connection[CourseOffer] | None = all_of(
        CourseOffer, "Offers of courses.", filter=CourseOfferFilter, order_by=CourseOfferOrder
    )
    status_reasons: Connection[StatusReason] | None = all_of(
        StatusReason,
        "The organisation's own reasons for the statuses of its enrolments.",
        filter=StatusReasonFilter,
        order_by=StatusReasonOrder,
    )

    history_entries: Connection[HistoryEntry] | None = all_of(
        HistoryEntry,
        "What was done, the latest first when nothing is said.",
        filter=HistoryEntryFilter,
        order_by=HistoryEntryOrder,
    )
    export: Export | None = one_of(Export, "export", by_ref=False)
    exports: Connection[Export] | None = all_of(
        Export, "Exports: one's own, and for administrators all.", filter=ExportFilter, order_by=ExportOrder
    )

    learncycle: Learncycle | None = one_of(Learncycle, "learncycle", by_ref=False)
    learncycles: Connection[Learncycle] | None = all_of(
        Learncycle,
        "What the portal does by itself; for administrators.",
        filter=LearncycleFilter,
        order_by=LearncycleOrder,
    )
    learncycle_runs: Connection[LearncycleRun] | None = all_of(
        LearncycleRun,
        "What learncycles did, the latest first when nothing is said; for administrators.",
        filter=LearncycleRunFilter,
        order_by=LearncycleRunOrder,
    )

    @strawberry.field(
        graphql_type=LearncycleSimulation | None,
        permission_classes=[MaySimulateLearncycle],
        description="What a learncycle would have done in a past period, had it been on: whom, why, and what would have "
        "been skipped. Nothing is changed, and what its changes would have triggered is left out; null for a learncycle "
        f"that is not seen. Requires {in_words(MaySimulateLearncycle.rule.roles)}.",
    )
    async def simulate_learncycle(
        self,
        info: PortalInfo,
        id: Annotated[strawberry.ID, strawberry.argument(description="The learncycle, on or off.")],
        since: Annotated[datetime, strawberry.argument(description="The first instant of the period.")],
        until: Annotated[
            datetime, strawberry.argument(description="The first instant after it, 366 days later at the most.")
        ],
        first: Annotated[int, strawberry.argument(description="How many runs, 1 to 1,000.")] = 100,
        after: Annotated[str | None, strawberry.argument(description="Begin after this cursor.")] = strawberry.UNSET,
    ) -> Completed:
        return await learncycle_resolvers.simulate_learncycle(info, id, since, until, first, after or None)

    task: Task | None = one_of(Task, "task", by_ref=False)
    tasks: Connection[Task] | None = all_of(
        Task, "Tasks: for administrators all, for others what is theirs to do.", filter=TaskFilter, order_by=TaskOrder
    )
    notifications: Connection[Notification] | None = all_of(
        Notification,
        "What learners were told, the latest first when nothing is said: one's own, and for administrators all.",
        filter=NotificationFilter,
        order_by=NotificationOrder,
    )
    webhook_endpoint: WebhookEndpoint | None = one_of(WebhookEndpoint, "webhook endpoint", by_ref=False)
    webhook_endpoints: Connection[WebhookEndpoint] | None = all_of(
        WebhookEndpoint,
        "Where messages are sent to; for administrators.",
        filter=WebhookEndpointFilter,
        order_by=WebhookEndpointOrder,
    )
    webhook_deliveries: Connection[WebhookDelivery] | None = all_of(
        WebhookDelivery,
        "Messages on their way to webhook endpoints, the latest first when nothing is said; for administrators.",
        filter=WebhookDeliveryFilter,
        order_by=WebhookDeliveryOrder,
    )

    @strawberry.field(
        graphql_type=StateMachine | None,
        description="A status table as data: labels, rules, reasons, moves of the clock.",
    )
    async def state_machine(
        self, info: PortalInfo, kind: Annotated[StateMachineKind, strawberry.argument(description="Which table.")]
    ) -> Completed:
        return await machine_resolvers.state_machine(info, kind)
