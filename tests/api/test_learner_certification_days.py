"""When a certificate that is earned runs out: leap days, nights that clocks change, no grace, no end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal_api.domain.certifications import LearnerCertificationStatus
from portal_api.domain.roles import Role
from portal_api.models.base import instant_text
from tests.api.calls import call
from tests.client import Client, Json
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import DAY, Organisation
from tests.ticking import ticked

S = LearnerCertificationStatus
SECOND = timedelta(seconds=1)
CHATHAM, SANTIAGO, AUCKLAND = "Pacific/Chatham", "America/Santiago", "Pacific/Auckland"
# zone, certified at, terms of the version, expires, lapses, window opens
EARNED = [
    # a leap day, whose anniversary is the last of February
    pytest.param(
        AUCKLAND, "2028-02-29T23:59:59+13:00", {"validity_months": 12, "grace_days": 30, "window_days": 30},
        "2029-03-01T00:00+13:00", "2029-03-31T00:00+13:00", "2029-01-30T00:00+13:00", id="leap day",
    ),
    # one second later it is another day, and so is the expiry
    pytest.param(
        AUCKLAND, "2028-03-01T00:00:00+13:00", {"validity_months": 12, "grace_days": 30, "window_days": 30},
        "2029-03-02T00:00+13:00", "2029-04-01T00:00+13:00", "2029-01-31T00:00+13:00", id="a second after it",
    ),
    # midnight does not exist in the night of 6 September 2026: the day begins at one
    pytest.param(
        SANTIAGO, "2025-09-05T12:00-04:00", {"validity_months": 12, "grace_days": 0, "window_days": 0},
        "2026-09-06T01:00-03:00", "2026-09-06T01:00-03:00", "2026-09-06T01:00-03:00", id="no midnight",
    ),
    # grace and window over nights of 23 and 25 hours are counted in days
    pytest.param(
        CHATHAM, "2026-03-20T08:00+13:45", {"validity_months": 6, "grace_days": 10, "window_days": 180},
        "2026-09-21T00:00+12:45", "2026-10-01T00:00+13:45", "2026-03-25T00:00+13:45", id="changing nights",
    ),
]  # a row a case, in the order above  # fmt: skip


@pytest.fixture
def at_work(organisation: Organisation, clock: ManualClock) -> Any:
    """Lays out a record at work in a zone, under a version with some terms, at an instant."""

    async def laid_out(zone: str, at: datetime, **terms: Any) -> str:
        clock.now = at
        await organisation.move_to(zone)
        certification = organisation.certification(is_published=False)
        organisation.certification_version(certification, steps=0, **terms)
        return organisation.learner_certification(
            organisation.learner(has_app_access=True), certification, S.IN_PROGRESS
        ).gid

    return laid_out


async def read(client: Client, id_: str, status: str) -> Json:
    """A record, and whether it is found at a status; at the same instant."""
    data = await client.query(
        """query($id: ID!, $status: LearnerCertificationStatus!) {
          learnerCertification(id: $id) {
            status expiresAt lapsesAt windowOpensAt certificate { status }
            actions { action available }
            nextTransitions { status at }
          }
          learnerCertifications(filter: {id: {eq: $id}, status: {eq: $status}}) { totalCount }
        }""",
        {"id": id_, "status": status},
    )
    assert data["learnerCertifications"]["totalCount"] == 1
    node = data["learnerCertification"]
    assert node["status"] == status
    forced = next(each for each in node["actions"] if each["action"] == "FORCE_RECERTIFICATION")
    barred = next(each for each in node["actions"] if each["action"] == "PERMANENTLY_REVOKE")
    assert forced["available"]
    assert barred["available"] is (status == "CERTIFIED")
    return node


def instant(text: str) -> str:
    return instant_text(datetime.fromisoformat(text).astimezone(UTC))


@pytest.mark.parametrize(("zone", "at", "terms", "expires", "lapses", "opens"), EARNED)
async def test_a_certificate_runs_out_with_a_day_of_the_organisation(
    at_work: Any,
    sign_in: SignIn,
    clock: ManualClock,
    zone: str,
    at: str,
    terms: dict[str, int],
    expires: str,
    lapses: str,
    opens: str,
) -> None:
    id_ = await at_work(zone, datetime.fromisoformat(at), **terms)
    admin = sign_in(Role.ADMIN)

    payload = await call(admin, "overrideExam", "status", ids=[id_])
    assert payload["results"][0]["node"] == {"status": "CERTIFIED"}

    node = await read(admin, id_, "CERTIFIED")
    assert (node["expiresAt"], node["lapsesAt"], node["windowOpensAt"]) == (
        instant(expires),
        instant(lapses),
        instant(opens),
    )
    has_grace = expires != lapses
    clock.now = datetime.fromisoformat(expires) - SECOND
    assert (await read(admin, id_, "CERTIFIED"))["certificate"] == {"status": "VALID"}
    clock.advance(SECOND)
    assert (await read(admin, id_, "EXPIRED" if has_grace else "LAPSED"))["certificate"] is None
    clock.now = datetime.fromisoformat(lapses) - SECOND
    await read(admin, id_, "EXPIRED" if has_grace else "CERTIFIED")
    clock.advance(SECOND)
    assert (await read(admin, id_, "LAPSED"))["nextTransitions"] == []


async def test_without_validity_a_certificate_holds_for_ever(
    at_work: Any, sign_in: SignIn, clock: ManualClock, new_id: RepeatableIds, organisation: Organisation
) -> None:
    id_ = await at_work(AUCKLAND, clock.now, validity_months=None, grace_days=30, window_days=30)
    admin = sign_in(Role.ADMIN)
    await call(admin, "overrideExam", ids=[id_])

    clock.now += 36_500 * DAY
    await ticked(organisation, clock, new_id)

    node = await read(admin, id_, "CERTIFIED")
    assert (node["expiresAt"], node["lapsesAt"], node["nextTransitions"]) == (None, None, [])
    assert node["certificate"] == {"status": "VALID"}
