"""What an export writes of each list: its columns, in their order, each with the field that it is read from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from graphql import DocumentNode, GraphQLSchema, parse, validate

from portal_api.domain.exports import ExportList
from portal_api.planner.names import camel

PAGE = 1_000


@dataclass(frozen=True, slots=True)
class ExportedList:
    """One list: the types of its filter and order, and its columns as (heading, path from the record)."""

    filter_type: str
    order_type: str
    columns: tuple[tuple[str, str], ...]

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(heading for heading, _ in self.columns)

    @property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(path.split(".")) for _, path in self.columns)

    def document(self, root: str) -> str:
        """What is asked of the list, page by page: just as a client would ask it."""
        fields = " ".join(f"{' { '.join(path)}{' }' * (len(path) - 1)}" for path in self.paths)
        return f"""
            query Export($after: String, $filter: {self.filter_type}, $orderBy: [{self.order_type}!], $counts: Boolean!) {{
              {root}(first: {PAGE}, after: $after, filter: $filter, orderBy: $orderBy) {{
                nodes {{ {fields} }}
                pageInfo {{ hasNextPage endCursor }}
                totalCount @include(if: $counts)
              }}
            }}
        """


def _person(heading: str, path: str) -> tuple[tuple[str, str], ...]:
    return (
        (f"{heading} reference", f"{path}.externalRef"),
        (f"{heading} given name", f"{path}.givenName"),
        (f"{heading} family name", f"{path}.familyName"),
    )


LISTS: Mapping[ExportList, ExportedList] = {
    ExportList.USERS: ExportedList(
        "UserFilter",
        "UserOrder",
        (
            ("ID", "id"),
            ("Reference", "externalRef"),
            ("Name", "name"),
            ("E-mail", "email"),
            ("Role", "role"),
            ("Machine client", "isMachine"),
            *_person("Learner", "learner"),
            ("Created at", "createdAt"),
        ),
    ),
    ExportList.GROUPS: ExportedList(
        "GroupFilter",
        "GroupOrder",
        (("ID", "id"), ("Name", "name"), ("Status", "status"), ("Created at", "createdAt")),
    ),
    ExportList.LEARNERS: ExportedList(
        "LearnerFilter",
        "LearnerOrder",
        (
            ("ID", "id"),
            ("Reference", "externalRef"),
            ("Given name", "givenName"),
            ("Family name", "familyName"),
            ("E-mail", "email"),
            ("Status", "status"),
            ("App access", "hasAppAccess"),
            *_person("Manager", "manager"),
            ("First signed in at", "firstSignedInAt"),
            ("Created at", "createdAt"),
            ("Deactivated at", "deactivatedAt"),
            ("Deactivation reason", "deactivationReason"),
            ("Deactivation note", "deactivationNote"),
        ),
    ),
    ExportList.SERIES_LIBRARY: ExportedList(
        "SeriesFilter",
        "SeriesOrder",
        (
            ("ID", "id"),
            ("Reference", "externalRef"),
            ("Title", "title"),
            ("Type", "type"),
            ("Duration", "duration"),
            ("Duration in days", "durationDays"),
            ("Ends on", "endsOn"),
            ("Status", "status"),
            ("Created at", "createdAt"),
        ),
    ),
    ExportList.SERIES_ENROLMENTS: ExportedList(
        "SeriesEnrolmentFilter",
        "SeriesEnrolmentOrder",
        (
            ("ID", "id"),
            ("Reference", "externalRef"),
            *_person("Learner", "learner"),
            ("Learner e-mail", "learner.email"),
            ("Learner status", "learner.status"),
            ("Series reference", "series.externalRef"),
            ("Series", "series.title"),
            ("Series type", "series.type"),
            ("Status", "status"),
            ("Enrolled at", "enrolledAt"),
            ("Starts at", "startsAt"),
            ("Ends at", "endsAt"),
            ("Due on", "dueOn"),
            ("Overdue", "isOverdue"),
            ("Tracking code", "trackingCode"),
            ("Mastered at", "masteredAt"),
            ("Withdrawn at", "withdrawnAt"),
            ("Withdrawal reason", "withdrawalReason"),
            ("Withdrawal note", "withdrawalNote"),
        ),
    ),
    ExportList.PATHWAYS: ExportedList(
        "PathwayFilter",
        "PathwayOrder",
        (
            ("ID", "id"),
            ("Reference", "externalRef"),
            ("Title", "title"),
            ("Kind", "kind"),
            ("Status", "status"),
            ("Created at", "createdAt"),
        ),
    ),
    ExportList.PATHWAY_ENROLMENTS: ExportedList(
        "PathwayEnrolmentFilter",
        "PathwayEnrolmentOrder",
        (
            ("ID", "id"),
            ("Reference", "externalRef"),
            *_person("Learner", "learner"),
            ("Learner e-mail", "learner.email"),
            ("Learner status", "learner.status"),
            ("Pathway reference", "pathway.externalRef"),
            ("Pathway", "pathway.title"),
            ("Status", "status"),
            ("Position", "position"),
            ("Enrolled at", "enrolledAt"),
            ("Ends at", "endsAt"),
            ("Tracking code", "trackingCode"),
            ("Completed at", "completedAt"),
            ("Withdrawn at", "withdrawnAt"),
            ("Withdrawal reason", "withdrawalReason"),
            ("Withdrawal note", "withdrawalNote"),
        ),
    ),
    ExportList.RESOURCES: ExportedList(
        "ResourceFilter",
        "ResourceOrder",
        (
            ("ID", "id"),
            ("Title", "title"),
            ("Link", "url"),
            ("Series reference", "series.externalRef"),
            ("Series", "series.title"),
            ("Status", "status"),
            ("Created at", "createdAt"),
        ),
    ),
    ExportList.CERTIFICATIONS: ExportedList(
        "CertificationFilter",
        "CertificationOrder",
        (
            ("ID", "id"),
            ("Reference", "externalRef"),
            ("Title", "title"),
            ("Joining", "joining"),
            ("Status", "status"),
            ("Newest version", "newestVersion.number"),
            ("Published at", "newestVersion.publishedAt"),
            ("Validity in months", "newestVersion.validityMonths"),
            ("Grace in days", "newestVersion.graceDays"),
            ("Window in days", "newestVersion.windowDays"),
            ("Initial fee", "newestVersion.initialFee.amount"),
            ("Initial fee currency", "newestVersion.initialFee.currency"),
            ("Recertification fee", "newestVersion.recertificationFee.amount"),
            ("Recertification fee currency", "newestVersion.recertificationFee.currency"),
            ("Created at", "createdAt"),
        ),
    ),
    ExportList.LEARNER_CERTIFICATIONS: ExportedList(
        "LearnerCertificationFilter",
        "LearnerCertificationOrder",
        (
            ("ID", "id"),
            ("Reference", "externalRef"),
            *_person("Learner", "learner"),
            ("Learner e-mail", "learner.email"),
            ("Learner status", "learner.status"),
            ("Certification reference", "certification.externalRef"),
            ("Certification", "certification.title"),
            ("Status", "status"),
            ("Assigned at", "assignedAt"),
            ("Enrolled at", "enrolledAt"),
            ("Certified at", "certifiedAt"),
            ("Window opens at", "windowOpensAt"),
            ("Expires at", "expiresAt"),
            ("Lapses at", "lapsesAt"),
            ("Certificate valid until", "certificate.expiresAt"),
            ("Certificate status", "certificate.status"),
            ("Cycle", "cycle.number"),
            ("Recertification", "cycle.isRecertification"),
            ("Steps open", "cycle.stepsOpen"),
            ("Attempts used", "cycle.attemptsUsed"),
            ("Attempts allowed", "cycle.attemptsAllowed"),
            ("Fee status", "cycle.feeStatus"),
            ("Fee", "cycle.fee"),
            ("Currency", "cycle.currency"),
            ("Archived at", "archivedAt"),
        ),
    ),
    ExportList.APPROVALS: ExportedList(
        "ApprovalFilter",
        "ApprovalOrder",
        (
            ("ID", "id"),
            ("Kind", "kind"),
            ("Status", "status"),
            *_person("Learner", "learner"),
            ("Learner e-mail", "learner.email"),
            ("Certification reference", "certification.externalRef"),
            ("Certification", "certification.title"),
            ("Record reference", "learnerCertification.externalRef"),
            ("Requested at", "requestedAt"),
            ("Decided at", "decidedAt"),
            ("Decided by", "decidedBy.name"),
            ("Comment", "comment"),
            ("Step", "step.step.title"),
            ("Evidence", "evidenceText"),
            ("Links", "evidenceLinks"),
            ("Attempt", "attempt.number"),
            ("Score", "score"),
        ),
    ),
    ExportList.COURSE_ENROLMENTS: ExportedList(
        "CourseEnrolmentFilter",
        "CourseEnrolmentOrder",
        (
            ("ID", "id"),
            ("Reference", "externalRef"),
            *_person("Learner", "learner"),
            ("Learner e-mail", "learner.email"),
            ("Learner status", "learner.status"),
            ("Course reference", "courseOffer.course.externalRef"),
            ("Course", "courseOffer.course.title"),
            ("Offer reference", "courseOffer.externalRef"),
            ("Offer", "courseOffer.title"),
            ("Stage", "stage"),
            ("Status", "status"),
            ("Status reason", "statusReason.title"),
            ("Training organisation outcome", "trainingOrganisationOutcome"),
            ("Commitment", "commitmentId"),
            ("Cancelled commitment", "cancelledCommitmentId"),
            ("Enrolled at", "enrolledAt"),
            ("Starts on", "startsOn"),
            ("Ends on", "endsOn"),
            ("Latest end on", "latestEndOn"),
            ("Deferred on", "deferredOn"),
            ("Returns on", "returnsOn"),
            ("Finalised on", "finalisedOn"),
            ("Finalised at", "finalisedAt"),
            ("Reconnect for", "reconnectFor"),
            ("Reconnect on", "reconnectOn"),
        ),
    ),
    # A report of our own, with every outcome, `00` included: no file for the government is made of it.
    ExportList.UNIT_ENROLMENTS: ExportedList(
        "UnitEnrolmentFilter",
        "UnitEnrolmentOrder",
        (
            ("ID", "id"),
            ("Enrolment reference", "courseEnrolment.externalRef"),
            ("Enrolment status", "courseEnrolment.status"),
            *_person("Learner", "learner"),
            ("Unit identifier", "unit.identifier"),
            ("Unit", "unit.title"),
            ("Program identifier", "programIdentifier"),
            ("Starts on", "startsOn"),
            ("Ends on", "endsOn"),
            ("Outcome", "outcome"),
            ("Training organisation outcome", "trainingOrganisationOutcome"),
            ("Scheduled hours", "scheduledHours"),
            ("Actual hours", "actualHours"),
            ("Reported at", "reportedAt"),
        ),
    ),
    ExportList.LEARNERS_WITH_INACTIVE_ENROLMENTS: ExportedList(
        "LearnerWithInactiveEnrolmentsFilter",
        "LearnerWithInactiveEnrolmentsOrder",
        (
            ("ID", "learner.id"),
            ("Reference", "learner.externalRef"),
            ("Given name", "learner.givenName"),
            ("Family name", "learner.familyName"),
            ("E-mail", "learner.email"),
            ("App access", "learner.hasAppAccess"),
            ("Last activity at", "lastActivityAt"),
            ("Inactive enrolments", "reasons"),
        ),
    ),
    ExportList.HISTORY_ENTRIES: ExportedList(
        "HistoryEntryFilter",
        "HistoryEntryOrder",
        (
            ("ID", "id"),
            ("Occurred at", "occurredAt"),
            ("Recorded at", "recordedAt"),
            ("Actor kind", "actorKind"),
            ("Actor", "actor.name"),
            ("Actor e-mail", "actor.email"),
            ("Action", "action"),
            ("Subject kind", "subjectKind"),
            ("Subject ID", "subject.id"),
            *_person("Learner", "learner"),
            ("From status", "fromStatus"),
            ("To status", "toStatus"),
            ("Reason", "reason"),
            ("Note", "note"),
            ("Changed fields", "changedFields"),
            ("Version", "subjectVersion"),
            ("Request ID", "requestId"),
            ("Caused by", "cause.id"),
        ),
    ),
}


def root_of(list_: ExportList) -> str:
    """The root field that answers a list."""
    return camel(list_)


@cache
def trees(schema: GraphQLSchema) -> Mapping[ExportList, DocumentNode]:
    """What is asked of each list, parsed and held against a schema: once, however many portals a process has.

    Raises:
        ValueError: if the schema does not have what is to be written.
    """
    made = {list_: parse(exported.document(root_of(list_))) for list_, exported in LISTS.items()}
    for list_, tree in made.items():
        if faults := validate(schema, tree):
            raise ValueError(f"{list_.name} cannot be exported: {'; '.join(fault.message for fault in faults)}")
    return made
