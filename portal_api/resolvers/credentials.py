"""Mutations on credentials, and what anybody may ask about a register number."""

from typing import Any

from portal_api.permissions import (
    MayCancelCredentials,
    MayIssueCredentials,
    MayReissueCredentials,
    MayRequestCredentials,
)
from portal_api.planner.execution import Completed
from portal_api.queries.verification import verification
from portal_api.resolvers.changes import Selected, change, text_given
from portal_api.resolvers.planned import PortalInfo, plan_of
from portal_api.services import credentials as credential_services
from portal_api.work import Answer, Work


async def verify_credential(info: PortalInfo, number: str) -> Completed:
    """Answers `verifyCredential`: for anybody, signed in or not."""
    context = info.context
    found = await context.database.reader.run(verification(context.planner.dialect, number, context.now))
    return Completed(
        await context.database.reader.run(plan_of(info).steps(context.public_run(info.variable_values), found))
    )


async def request_credentials(info: PortalInfo, given: Any) -> Completed:
    """Answers `requestCredentials`."""

    selected = Selected.of_ids("cen", given, "course_enrolment_ids")

    async def body(work: Work) -> Answer:
        return await credential_services.request(
            work, selected.ids, issue_at_once=given.issue_at_once, expected=selected.expected
        )

    return await change(info, MayRequestCredentials, given, selected, body)


async def issue_credentials(info: PortalInfo, given: Any) -> Completed:
    """Answers `issueCredentials`."""

    selected = Selected.of_ids("crd", given)

    async def body(work: Work) -> Answer:
        return await credential_services.issue(work, selected.ids, expected=selected.expected)

    return await change(info, MayIssueCredentials, given, selected, body)


async def cancel_credentials(info: PortalInfo, given: Any) -> Completed:
    """Answers `cancelCredentials`."""

    selected = Selected.of_ids("crd", given)

    async def body(work: Work) -> Answer:
        return await credential_services.cancel(
            work, selected.ids, reason=given.reason, note=text_given(given.note), expected=selected.expected
        )

    return await change(info, MayCancelCredentials, given, selected, body)


async def reissue_credentials(info: PortalInfo, given: Any) -> Completed:
    """Answers `reissueCredentials`."""

    selected = Selected.of_ids("crd", given)

    async def body(work: Work) -> Answer:
        return await credential_services.reissue(
            work, selected.ids, note=text_given(given.note), expected=selected.expected
        )

    return await change(info, MayReissueCredentials, given, selected, body)
