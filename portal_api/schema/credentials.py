"""Credentials of course enrolments."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import strawberry

from portal_api import permissions, resolvers
from portal_api.schema.changes import ChangeInput, ExpectedVersion, ManyInput, Payload, Result, changing
from portal_api.schema.enums import CancellationReason, CredentialAction, CredentialStatus, described
from portal_api.schema.errors import ActionReason
from portal_api.schema.history import HistoryEntry, HistoryEntryFilter, HistoryEntryOrder
from portal_api.schema.links import Download
from portal_api.schema.lists import (
    Comparison,
    Connection,
    DayComparison,
    IdComparison,
    InstantComparison,
    ReportsTo,
    TextComparison,
    listing,
    order_input,
)
from portal_api.schema.nodes import Node

if TYPE_CHECKING:
    from portal_api.schema.course_enrolments import CourseEnrolment
    from portal_api.schema.learners import Learner


@strawberry.type(description="One action on a credential: open, or closed with every reason.")
class CredentialActionState:
    action: CredentialAction = strawberry.field(description="The action.")
    available: bool = strawberry.field(description="Whether it is open to the caller now; a closed one is refused.")
    reasons: list[ActionReason] = strawberry.field(
        description="Why it is closed: role, inactive learner, status and conditions."
    )


@strawberry.input(description="Which credentials; all conditions must hold.")
class CredentialFilter:
    id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By identifier.")
    status: Comparison[CredentialStatus] | None = strawberry.field(default=strawberry.UNSET, description="By status.")
    learner_id: IdComparison | None = strawberry.field(default=strawberry.UNSET, description="By learner.")
    course_enrolment_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the enrolment in a course."
    )
    register_number: TextComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By register number, as it is printed."
    )
    requested_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was asked for."
    )
    issued_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was issued."
    )
    issued_on: DayComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By the day on which it was issued."
    )
    cancelled_at: InstantComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By when it was cancelled."
    )
    cancellation_reason: Comparison[CancellationReason] | None = strawberry.field(
        default=strawberry.UNSET, description="By why it was cancelled."
    )
    group_id: IdComparison | None = strawberry.field(
        default=strawberry.UNSET, description="By a group that the learner is in."
    )
    reports_to: ReportsTo | None = strawberry.field(
        default=strawberry.UNSET, description="By a manager whom the learner reports to."
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Words that all stand in the learner's name, e-mail address or reference; case and accents are ignored.",
    )


class CredentialOrderField(StrEnum):
    """What credentials can be sorted by."""

    REQUESTED_AT = "requested_at"
    ISSUED_AT = "issued_at"


described(
    CredentialOrderField,
    "What credentials can be sorted by.",
    {
        CredentialOrderField.REQUESTED_AT: "When it was asked for.",
        CredentialOrderField.ISSUED_AT: "When it was issued; those that were not come last.",
    },
)
CredentialOrder = order_input("CredentialOrder", "credentials", CredentialOrderField)


@strawberry.type(description="A unit as a credential names it.")
class CredentialUnit:
    identifier: str = strawberry.field(description="Its identifier, as it is reported.")
    title: str = strawberry.field(description="Its title.")
    outcome: str = strawberry.field(description="Its outcome by the code that is reported: `20`, `51` or `60`.")


@strawberry.type(
    description="A credential of an enrolment in a course. What it says, it says for ever: names and units are those of the "
    "day on which it was issued."
)
class Credential(Node):
    status: CredentialStatus = strawberry.field(description="Where it stands.")
    register_number: str | None = strawberry.field(
        description="By which anybody verifies it; null before it is issued."
    )
    learner: Annotated["Learner", strawberry.lazy("portal_api.schema.learners")] | None = strawberry.field(
        description="The learner."
    )
    course_enrolment: Annotated["CourseEnrolment", strawberry.lazy("portal_api.schema.course_enrolments")] | None = (
        strawberry.field(description="The enrolment that it is for.")
    )
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    issued_at: datetime | None = strawberry.field(description="When it was issued.")
    issued_on: date | None = strawberry.field(
        description="The day on which it was issued, in the organisation's time zone."
    )
    learner_name: str | None = strawberry.field(description="The learner's name, as it was issued.")
    course_title: str | None = strawberry.field(description="The course, as it was called when it was issued.")
    program_identifier: str | None = strawberry.field(description="The qualification of the course, likewise.")
    units: list[CredentialUnit] = strawberry.field(
        description="The units that it was issued for, by their identifiers; none before it is issued."
    )
    cancelled_at: datetime | None = strawberry.field(description="When it was cancelled.")
    cancellation_reason: CancellationReason | None = strawberry.field(description="Why it was cancelled.")
    cancellation_note: str | None = strawberry.field(
        description="The note on the cancellation; for administrators alone."
    )
    replaced_by: Annotated["Credential", strawberry.lazy("portal_api.schema.credentials")] | None = strawberry.field(
        description="The one that was issued in its place."
    )
    download: Download | None = strawberry.field(
        description="A link to it as a PDF, which says so where it is cancelled; null before it is issued."
    )
    version: int = strawberry.field(description="Counts the changes to this record.")
    history: Connection[HistoryEntry] | None = listing(
        Connection[HistoryEntry], "What was done to this record.", filter=HistoryEntryFilter, order_by=HistoryEntryOrder
    )
    actions: list[CredentialActionState] = strawberry.field(
        description="Every action on this credential, open or closed."
    )


@strawberry.input(description="Credentials to be asked for.")
class RequestCredentialsInput(ManyInput):
    course_enrolment_ids: list[strawberry.ID] = strawberry.field(
        description="The enrolments in courses, 1 to 1,000; one named twice is answered once."
    )
    issue_at_once: bool = strawberry.field(
        default=False, description="Whether they are issued in the same call, and so never wait as requested."
    )
    expected_versions: list[ExpectedVersion] | None = strawberry.field(
        default=strawberry.UNSET, description="Refuse the enrolments that are at another version than the caller read."
    )


@strawberry.input(description="Requested credentials to be issued.")
class IssueCredentialsInput(ChangeInput):
    pass


@strawberry.input(description="Credentials to be cancelled.")
class CancelCredentialsInput(ChangeInput):
    reason: CancellationReason = strawberry.field(
        description="Why, for all of them: REQUEST_WITHDRAWN for requested ones, ISSUED_IN_ERROR or REVOKED for issued ones."
    )
    note: str | None = strawberry.field(
        default=strawberry.UNSET, description="A note for administrators, up to 2,000 characters."
    )


@strawberry.input(description="Issued credentials to be replaced by new ones.")
class ReissueCredentialsInput(ChangeInput):
    note: str | None = strawberry.field(
        default=strawberry.UNSET, description="A note for administrators, up to 2,000 characters."
    )


@strawberry.type(description="What happened to one credential, or to the enrolment that one was asked for.")
class CredentialResult(Result[Credential]):
    pass


@strawberry.type(description="The answer to a request for credentials.")
class RequestCredentialsPayload(Payload[CredentialResult]):
    pass


@strawberry.type(description="The answer to an issue of credentials.")
class IssueCredentialsPayload(Payload[CredentialResult]):
    pass


@strawberry.type(description="The answer to the cancelling of credentials.")
class CancelCredentialsPayload(Payload[CredentialResult]):
    pass


@strawberry.type(description="The answer to a reissue of credentials; the new one of each record is its `replacedBy`.")
class ReissueCredentialsPayload(Payload[CredentialResult]):
    pass


@strawberry.type
class CredentialMutations:
    request_credentials: RequestCredentialsPayload | None = changing(
        resolvers.credentials.request_credentials,
        permissions.MayRequestCredentials,
        RequestCredentialsInput,
        RequestCredentialsPayload,
        "Ask for credentials of enrolments in courses, or have them issued at once.",
    )
    issue_credentials: IssueCredentialsPayload | None = changing(
        resolvers.credentials.issue_credentials,
        permissions.MayIssueCredentials,
        IssueCredentialsInput,
        IssueCredentialsPayload,
        "Issue requested credentials, each under a register number. For enrolments that have none, ask with "
        "`requestCredentials` and `issueAtOnce`.",
    )
    cancel_credentials: CancelCredentialsPayload | None = changing(
        resolvers.credentials.cancel_credentials,
        permissions.MayCancelCredentials,
        CancelCredentialsInput,
        CancelCredentialsPayload,
        "Cancel credentials: withdraw requests, or revoke what was issued. They are kept, and verifying them says so.",
    )
    reissue_credentials: ReissueCredentialsPayload | None = changing(
        resolvers.credentials.reissue_credentials,
        permissions.MayReissueCredentials,
        ReissueCredentialsInput,
        ReissueCredentialsPayload,
        "Cancel issued credentials as replaced, and issue new ones with what is true today.",
    )
