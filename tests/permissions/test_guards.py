"""Guards: who may try each mutation, before anything is looked at."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from portal_api.context import Viewer
from portal_api.domain.roles import Role
from portal_api.permissions import Guard
from portal_api.planner.errors import RequestError

GUARDS = """
                                OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  MayWithdrawSeriesEnrolments   yes    yes    no       no       no       no
  MayDeactivateLearners         yes    yes    no       no       no       no
  MayReactivateLearners         yes    yes    no       no       no       no
  MayCreatePathway              yes    yes    no       no       no       no
  MayUpdatePathway              yes    yes    no       no       no       no
  MayRetirePathways             yes    yes    no       no       no       no
  MayReinstatePathways          yes    yes    no       no       no       no
  MayEnrolInPathway             yes    yes    no       no       no       no
  MayWithdrawPathwayEnrolments  yes    yes    no       no       no       no
  MayCreateSeries               yes    yes    no       no       no       no
  MayUpdateSeries               yes    yes    no       no       no       no
  MayRetireSeries               yes    yes    no       no       no       no
  MayReinstateSeries            yes    yes    no       no       no       no
  MayEnrolInSeries              yes    yes    no       no       no       no
  MayExtendSeriesEnrolments     yes    yes    no       no       no       no
  MayRecordSignIns              yes    yes    no       no       no       yes
  MayRecordSeriesActivity       yes    yes    no       no       no       yes
  MayCreateResources            yes    yes    no       no       no       no
  MayUpdateResource             yes    yes    no       no       no       no
  MayRetireResources            yes    yes    no       no       no       no
  MayReinstateResources         yes    yes    no       no       no       no
"""
HEAD, *ROWS = [line.split() for line in GUARDS.strip().splitlines()]
CELLS = {name: row for name, *row in ROWS}
BY_NAME: dict[str, type[Guard]] = {guard.__name__: guard for guard in Guard.__subclasses__()}
LABELS = {
    "MayDeactivateLearners": "Deactivating",
    "MayReactivateLearners": "Reactivating",
    "MayWithdrawSeriesEnrolments": "Withdrawing",
    "MayCreatePathway": "Making a pathway",
    "MayUpdatePathway": "Changing a pathway",
    "MayRetirePathways": "Retiring a pathway",
    "MayReinstatePathways": "Reinstating a pathway",
    "MayEnrolInPathway": "Enrolling",
    "MayWithdrawPathwayEnrolments": "Withdrawing",
    "MayCreateSeries": "Making a series",
    "MayUpdateSeries": "Changing a series",
    "MayRetireSeries": "Retiring a series",
    "MayReinstateSeries": "Reinstating a series",
    "MayEnrolInSeries": "Enrolling",
    "MayExtendSeriesEnrolments": "Extending",
    "MayRecordSignIns": "Recording a sign-in",
    "MayRecordSeriesActivity": "Recording answers",
    "MayCreateResources": "Adding resources",
    "MayUpdateResource": "Changing a resource",
    "MayRetireResources": "Retiring a resource",
    "MayReinstateResources": "Reinstating a resource",
}


def viewer(role: Role) -> Viewer:
    return Viewer(UUID(int=1), UUID(int=2), role, None)


def test_the_grid_knows_every_role_and_every_guard() -> None:
    assert [role.name for role in Role] == HEAD
    assert {guard.__name__ for guard in Guard.__subclasses__()} == {name for name, *_ in ROWS}


@pytest.mark.parametrize(
    ("name", "role", "may"),
    [(name, Role[role], cell == "yes") for name, *row in ROWS for role, cell in zip(HEAD, row, strict=True)],
)
def test_a_guard_lets_pass_only_the_roles_that_can_ever_do_it(name: str, role: Role, *, may: bool) -> None:
    guard, asking = BY_NAME[name], viewer(role)
    info: Any = SimpleNamespace(context=SimpleNamespace(known_viewer=asking))
    if may:
        guard.check(asking)
        assert guard().has_permission(None, info)
        return
    for ask in (lambda: guard.check(asking), lambda: guard().has_permission(None, info)):
        with pytest.raises(RequestError) as refused:
            ask()
        roles = [each for each, cell in zip(HEAD, CELLS[name], strict=True) if cell == "yes"]
        words = f"{', '.join(roles[:-1])} or {roles[-1]}"
        assert refused.value.message == f"{LABELS[name]} needs the role {words}; yours is {role.name}."
        assert refused.value.extensions == {"code": "FORBIDDEN", "requiredRoles": roles}
