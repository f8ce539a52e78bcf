"""The mutation that decides what learners wait for."""

from collections.abc import Iterator
from typing import Any

from portal_api.domain.certifications import MOST_ATTEMPTS_GRANTED, ApprovalAction
from portal_api.domain.inputs import LONGEST_NOTE, invalid, text_reasons
from portal_api.domain.refusals import Reason
from portal_api.permissions import MayDecideApprovals
from portal_api.planner.execution import Completed
from portal_api.resolvers.changes import Selected, change, given_or_none, text_given
from portal_api.resolvers.planned import PortalInfo
from portal_api.services.certifications import deciding
from portal_api.services.certifications.deciding import Decision
from portal_api.work import Answer, Work


async def decide_approvals(info: PortalInfo, given: Any) -> Completed:
    """Answers `decideApprovals`."""

    selected = Selected.of_ids("apr", given)
    attempts = given_or_none(given.attempts)
    decision = Decision(ApprovalAction(given.decision), text_given(given.comment), 1 if attempts is None else attempts)

    async def body(work: Work) -> Answer:
        return await deciding.decide(work, selected.ids, decision, expected=selected.expected)

    wrong = list(_against(decision, attempts))
    return await change(info, MayDecideApprovals, given, selected, body, refusals=wrong)


def _against(decision: Decision, attempts: int | None) -> Iterator[Reason]:
    """Whoever is denied something is told why; attempts are granted, never denied."""
    if not decision.is_approved and decision.comment is None:
        yield invalid("`comment` tells the learner why it was denied. Give it.", "comment")
    yield from text_reasons(decision.comment, "comment", longest=LONGEST_NOTE, least=1)
    if attempts is None:
        return
    if not decision.is_approved:
        yield invalid("`attempts` are granted with APPROVE alone. Leave it out.", "attempts")
    elif not 1 <= attempts <= MOST_ATTEMPTS_GRANTED:
        yield invalid(f"`attempts` is 1 to {MOST_ATTEMPTS_GRANTED}.", "attempts")
