"""Certifications of the learner who signs in, read and changed as the tests of article 5 do."""

from datetime import timedelta
from typing import Any

from portal_api.domain.certifications import (
    LearnerCertificationStatus,
)
from portal_api.domain.roles import Role
from portal_api.models import certification_steps
from tests.api.calls import call
from tests.client import Json
from tests.conftest import SignIn
from tests.factories import Organisation, Record

S = LearnerCertificationStatus
SECOND = timedelta(seconds=1)
WORKED_ON = [S.IN_PROGRESS, S.PENDING_APPROVAL, S.RECERTIFYING]
WHOLE = """
  status enrolledAt expiresAt isPaymentWaived
  cycle {
    number isRecertification feeStatus stepsOpen attemptsUsed isExamOverridden certificationVersion { number }
    steps { nodes { status testOut isOverridden } }
  }
  certificate { status }
"""


def of_the_learner(organisation: Organisation, status: S, **terms: Any) -> Record:
    """A certification of the learner who signs in, at a status, under a version with some terms."""
    certification = organisation.certification(is_published=False)
    organisation.certification_version(certification, **terms)
    return organisation.learner_certification(organisation.own[Role.LEARNER], certification, status)


def steps_of(organisation: Organisation, record: Record) -> list[str]:
    """The training steps of a record's certification, in their order."""
    return [
        organisation.record(step["id"]).gid
        for step in organisation.rows[certification_steps]
        if organisation.record(step["certification_version_id"])["certification_id"] == record["certification_id"]
    ]


async def read(sign_in: SignIn, record: Record, fields: str = WHOLE, role: Role = Role.ADMIN) -> Json:
    """A record as somebody reads it."""
    data = await sign_in(role).query(
        f"query($id: ID!) {{ learnerCertification(id: $id) {{ {fields} }} }}", {"id": record.gid}
    )
    return data["learnerCertification"]


async def done(sign_in: SignIn, role: Role, mutation: str, fields: str = WHOLE, **given: Any) -> Json:
    """The record after a call that changed it, as an administrator reads it."""
    payload = await call(sign_in(role), mutation, **given)
    [result] = payload["results"]
    assert result["outcome"] == "CHANGED", (payload["errors"], result["errors"])
    data = await sign_in(Role.ADMIN).query(
        f"query($id: ID!) {{ node(id: $id) {{ ... on LearnerCertification {{ {fields} }} }} }}",
        {"id": result["node"]["id"]},
    )
    return data["node"]


async def refused(sign_in: SignIn, role: Role, mutation: str, **given: Any) -> list[str]:
    """The codes with which a call is refused."""
    payload = await call(sign_in(role), mutation, **given)
    [result] = payload["results"]
    assert result["outcome"] == "REFUSED"
    return [error["code"] for error in result["errors"]]


async def open_at(organisation: Organisation, sign_in: SignIn, mutation: str, action: str, **terms: Any) -> set[S]:
    """The statuses at which an action is shown as open and goes through; shown as closed, it is refused."""
    opened: set[S] = set()
    for status in S:
        record = of_the_learner(organisation, status, **terms)
        shown = await read(sign_in, record, "actions { action available }")
        is_open = {"action": action, "available": True} in shown["actions"]
        payload = await call(sign_in(Role.ADMIN), mutation, ids=[record.gid])
        assert (payload["counts"]["changed"] == 1) is is_open, status
        if is_open:
            opened.add(status)
    return opened
