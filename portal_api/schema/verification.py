"""What anybody may ask about a register number."""

from datetime import date

import strawberry

from portal_api.schema.enums import VerificationKind, VerificationStatus


@strawberry.type(
    description="How things stand with what bears a register number. It says what was issued and never to whom, or by whom."
)
class CredentialVerification:
    status: VerificationStatus = strawberry.field(description="How it stands, at the instant of the request.")
    kind: VerificationKind | None = strawberry.field(
        description="What bears the number; this and the following are null where nothing does."
    )
    title: str | None = strawberry.field(
        description="The course that a credential was issued for, or the certification of a certificate."
    )
    issued_on: date | None = strawberry.field(
        description="The day on which it was issued, in the organisation's time zone."
    )
    expires_on: date | None = strawberry.field(
        description="The last day on which it is valid; null for what never expires."
    )
