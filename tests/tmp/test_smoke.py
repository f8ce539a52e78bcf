"""x"""
from portal_api.domain.organisations import Role
from tests.factories import Organisation
from tests.conftest import SignIn
from portal_api.domain.series import SeriesEnrolmentStatus
import pytest

@pytest.mark.parametrize("n", range(60))
async def test_smoke(organisation: Organisation, sign_in: SignIn, n) -> None:
    top, middle, low = organisation.chain(3)
    organisation.enrolment(low, organisation.series(), SeriesEnrolmentStatus.IN_PROGRESS)
    data = await sign_in(Role.ADMIN).query("{ learners { totalCount } }")
    assert data["learners"]["totalCount"] == 5
    a=await organisation.everything()
    assert a == await organisation.everything()
async def test_empty(empty_database): pass
