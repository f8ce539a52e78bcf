"""Learners' certifications as tests of several nouns hold them against the table."""

from typing import Any

from portal_api.domain.certifications import (
    LEARNER_CERTIFICATIONS,
    Cycle,
    LearnerCertificationFacts,
    LearnerCertificationStatus,
)
from portal_api.domain.roles import Role
from tests.client import Json
from tests.clock import START
from tests.factories import DAY

_S = LearnerCertificationStatus
CYCLES = {
    _S.NOT_STARTED: Cycle(steps_open=2, attempts_allowed=3),
    _S.IN_PROGRESS: Cycle(is_started=True, steps_open=2, attempts_allowed=3),
    _S.PENDING_APPROVAL: Cycle(is_started=True, steps_open=2, steps_waiting=1, attempts_allowed=3),
    _S.RECERTIFYING: Cycle(is_recertification=True, is_started=True, steps_open=2, attempts_allowed=3),
}
"""What the factories lay out of the cycle that is open at each status."""


def ahead(days: int = 10) -> dict[str, Any]:
    """An expiry that lies ahead."""
    at = START + days * DAY
    return {"expires_at": at, "lapses_at": at + 30 * DAY, "window_opens_at": at - 30 * DAY}


def granted(role: Role, facts: LearnerCertificationFacts) -> list[tuple[str, bool, list[str]]]:
    """The actions as the table has them."""
    return [
        (each.action.name, each.available, [reason.code.name for reason in each.reasons])
        for each in LEARNER_CERTIFICATIONS.actions(role, facts)
    ]


def told(node: Json) -> list[tuple[str, bool, list[str]]]:
    """The actions as they are answered."""
    return [
        (each["action"], each["available"], [reason["code"] for reason in each["reasons"]]) for each in node["actions"]
    ]
