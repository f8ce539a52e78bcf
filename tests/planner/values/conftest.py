"""A portal of reports, and enrolments at every status."""

import pytest

from portal_api.database import Database
from portal_api.domain.roles import Role
from tests.factories import Organisation, Record, StatusCase
from tests.planner.small import SmallPortal
from tests.planner.values.reports import _S, CATALOGUE, SDL


@pytest.fixture
def small(database: Database, organisation: Organisation) -> SmallPortal:
    """A portal of reports over enrolments."""
    return SmallPortal(database, organisation, SDL, CATALOGUE)


@pytest.fixture
def cases(organisation: Organisation) -> list[StatusCase]:
    """An enrolment at every status, and at every one that time has moved."""
    return organisation.every_status()


@pytest.fixture
def shared(organisation: Organisation) -> tuple[Record, Record]:
    """A series that is active and one that is not, with both of which the manager's report is enrolled."""
    active, inactive = organisation.series(), organisation.series(is_active=False)
    report = organisation.own[Role.LEARNER]
    organisation.enrolment(report, active)
    organisation.enrolment(report, inactive, _S.MASTERED)
    organisation.enrolment(organisation.learner(), inactive)
    return active, inactive
