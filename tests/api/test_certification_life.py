"""The life of one certification, as its page tells it: what the page asks is asked here, and answered as it says."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from portal_api.domain.certifications import ApprovalStatus, CertificationJoining, FeeDue
from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.models import approvals, certification_steps, learner_certifications
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation

MINUTE = timedelta(minutes=1)
PAGE = Path(__file__).parents[2] / "docs" / "certification_life.md"
ASKED = re.compile(r"```graphql\n((?:query|mutation) (\w+).*?)```\n+```json\n(.*?)```", re.DOTALL)


@dataclass
class Life:
    """Asks what the page asks, one after the other."""

    sign_in: SignIn
    clock: ManualClock
    known: dict[str, str] = field(default_factory=dict[str, str])
    asked: list[str] = field(default_factory=list[str])

    async def asks(self, role: Role, name: str, **given: str) -> None:
        """Somebody asks what the page calls so, and gets what the page says; a minute later somebody goes on."""
        document, answer = _PAGE[name]
        variables = {key: value for key, value in (self.known | given).items() if f"${key}:" in document}
        self.asked.append(name)
        assert await self.sign_in(role).query(document, variables) == answer, name
        self.clock.advance(MINUTE)


_PAGE: dict[str, tuple[str, Any]] = {
    name: (document, orjson.loads(answer)) for document, name, answer in ASKED.findall(PAGE.read_text())
}


def day(text: str) -> datetime:
    """An instant in Auckland."""
    return datetime.fromisoformat(text)


@pytest.fixture
def life(organisation: Organisation, sign_in: SignIn, clock: ManualClock) -> Life:
    """Ana, who reports to the manager, and the certification of forklift operators."""
    ana = organisation.own[Role.LEARNER]
    certification = organisation.certification(
        is_published=False, title="Forklift operator", joining=CertificationJoining.ASSIGNED_ONLY
    )
    version = organisation.certification_version(
        certification,
        initial_fee=9_900,
        recertification_fee=4_900,
        fee_due=FeeDue.BEFORE_START,
        exam_needs_approval=True,
    )
    first, second = (
        global_id("cts", step["id"])
        for step in organisation.rows[certification_steps]
        if step["certification_version_id"] == version.id
    )
    return Life(sign_in, clock, {"ana": ana.gid, "certification": certification.gid, "first": first, "second": second})


async def test_the_life_of_one_certification(organisation: Organisation, clock: ManualClock, life: Life) -> None:
    async def waiting() -> str:
        [row] = [row for row in await organisation.stored(approvals) if row["status"] is ApprovalStatus.PENDING]
        return global_id("apr", row["id"])

    # assigned, enrolled, let in without paying
    clock.now = day("2026-03-02T09:00+13:00")
    await life.asks(Role.ADMIN, "Assign")
    [record] = await organisation.stored(learner_certifications)
    life.known["record"] = global_id("lct", record["id"])
    await life.asks(Role.LEARNER, "Enrol")
    await life.asks(Role.LEARNER, "StartUnpaid")
    await life.asks(Role.ADMIN, "Waive")
    await life.asks(Role.LEARNER, "Start")

    # the first step, in two ways; the second, at the second attempt
    await life.asks(Role.INTEGRATION, "TestOut")
    await life.asks(Role.INTEGRATION, "Online")
    await life.asks(Role.LEARNER, "Submit", text="Loading with a guide.")
    await life.asks(Role.MANAGER, "Queue")
    await life.asks(Role.MANAGER, "Deny", approval=await waiting())
    await life.asks(Role.LEARNER, "Submit", text="Loading and reversing with a guide.")
    await life.asks(Role.MANAGER, "Approve", approval=await waiting())

    # the exam, and its sign-off
    await life.asks(Role.LEARNER, "StartExam")
    await life.asks(Role.INTEGRATION, "Pass")
    await life.asks(Role.MANAGER, "SignOff", approval=await waiting())
    await life.asks(Role.LEARNER, "Ahead")

    # time passes
    clock.now = day("2027-03-03T00:00+13:00")
    await life.asks(Role.ADMIN, "Expired")
    clock.now = day("2027-04-02T00:00+13:00")
    await life.asks(Role.ADMIN, "Lapsed")

    # once more
    await life.asks(Role.LEARNER, "Again")
    await life.asks(Role.INTEGRATION, "Pay")
    await life.asks(Role.ADMIN, "CountTraining")
    await life.asks(Role.ADMIN, "CountExam")

    # barred, and restored
    await life.asks(Role.ADMIN, "Bar")
    await life.asks(Role.ADMIN, "AssignAgain")
    await life.asks(Role.LEARNER, "AgainBarred")
    await life.asks(Role.ADMIN, "Restore")
    await life.asks(Role.ADMIN, "History")

    assert list(dict.fromkeys(life.asked)) == list(_PAGE), "the page asks what nobody asks here, or in another order"
