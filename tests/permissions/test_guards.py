"""Guards: who may try each mutation, before anything is looked at."""

import importlib
import pkgutil
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from portal_api import permissions
from portal_api.context import Viewer
from portal_api.domain.roles import Role
from portal_api.permissions import Guard
from portal_api.planner.errors import RequestError

GUARDS = """
                                OWNER  ADMIN  MANAGER  TRAINER  LEARNER  INTEGRATION
  MayWithdrawSeriesEnrolments   yes    yes    no       no       no       no
  MayDeactivateLearners         yes    yes    no       no       no       no
  MayReactivateLearners         yes    yes    no       no       no       no
  MayUpdateOrganisation         yes    no     no       no       no       no
  MayCreateUsers                yes    no     no       no       no       no
  MayCreateIntegrations         yes    no     no       no       no       no
  MayAssignRole                 yes    no     no       no       no       no
  MayRemoveRole                 yes    no     no       no       no       no
  MayLinkLearner                yes    no     no       no       no       no
  MayIssueIntegrationToken      yes    no     no       no       no       no
  MayRevokeIntegrationTokens    yes    no     no       no       no       no
  MayCreateGroup                yes    no     no       no       no       no
  MayUpdateGroup                yes    no     no       no       no       no
  MayRetireGroups               yes    no     no       no       no       no
  MayReinstateGroups            yes    no     no       no       no       no
  MayCreateLearners             yes    yes    no       no       no       no
  MayUpdateLearner              yes    yes    no       no       no       no
  MaySetLearnerAppAccess        yes    yes    no       no       no       no
  MayReadLearnerUsage           yes    yes    no       no       no       no
  MayCreateSeries               yes    yes    no       no       no       no
  MayUpdateSeries               yes    yes    no       no       no       no
  MayRetireSeries               yes    yes    no       no       no       no
  MayReinstateSeries            yes    yes    no       no       no       no
  MayEnrolInSeries              yes    yes    no       no       no       no
  MayExtendSeriesEnrolments     yes    yes    no       no       no       no
  MayCreatePathway              yes    yes    no       no       no       no
  MayUpdatePathway              yes    yes    no       no       no       no
  MayRetirePathways             yes    yes    no       no       no       no
  MayReinstatePathways          yes    yes    no       no       no       no
  MayEnrolInPathway             yes    yes    no       no       no       no
  MayWithdrawPathwayEnrolments  yes    yes    no       no       no       no
  MayCreateResources            yes    yes    no       no       no       no
  MayUpdateResource             yes    yes    no       no       no       no
  MayRetireResources            yes    yes    no       no       no       no
  MayReinstateResources         yes    yes    no       no       no       no
  MayCreateCourses              yes    yes    no       no       no       no
  MayUpdateCourse               yes    yes    no       no       no       no
  MayRetireCourses              yes    yes    no       no       no       no
  MayReinstateCourses           yes    yes    no       no       no       no
  MayCreateUnits                yes    yes    no       no       no       no
  MayUpdateUnit                 yes    yes    no       no       no       no
  MayRetireUnits                yes    yes    no       no       no       no
  MayReinstateUnits             yes    yes    no       no       no       no
  MayCreateCourseOffers         yes    yes    no       no       no       no
  MayUpdateCourseOffer          yes    yes    no       no       no       no
  MaySetCourseOfferTrainers     yes    yes    no       no       no       no
  MayRetireCourseOffers         yes    yes    no       no       no       no
  MayReinstateCourseOffers      yes    yes    no       no       no       no
  MayAddStatusReasons           yes    no     no       no       no       no
  MayRetireStatusReasons        yes    no     no       no       no       no
  MayReinstateStatusReasons     yes    no     no       no       no       no
  MayCreateLearncycle           yes    no     no       no       no       no
  MayUpdateLearncycle           yes    no     no       no       no       no
  MaySwitchLearncyclesOn        yes    no     no       no       no       no
  MaySwitchLearncyclesOff       yes    no     no       no       no       no
  MayRetireLearncycles          yes    no     no       no       no       no
  MayReinstateLearncycles       yes    no     no       no       no       no
  MayCreateWebhookEndpoint      yes    no     no       no       no       no
  MayUpdateWebhookEndpoint      yes    no     no       no       no       no
  MayRotateWebhookSecret        yes    no     no       no       no       no
  MayRetireWebhookEndpoints     yes    no     no       no       no       no
  MayReinstateWebhookEndpoints  yes    no     no       no       no       no
  MayRetryWebhookDeliveries     yes    no     no       no       no       no
  MaySimulateLearncycle         yes    yes    no       no       no       no
  MayCreateTasks                yes    yes    no       no       no       no
  MayCompleteTasks              yes    yes    yes      yes      yes      no
  MayDropTasks                  yes    yes    yes      yes      yes      no
  MayMarkNotificationsRead      yes    yes    yes      yes      yes      no
  MayCreateCertification        yes    yes    no       no       no       no
  MayUpdateCertification        yes    yes    no       no       no       no
  MayRetireCertifications       yes    yes    no       no       no       no
  MayReinstateCertifications    yes    yes    no       no       no       no
  MayDraftCertificationVersion  yes    yes    no       no       no       no
  MayPublishCertificationVersion yes   yes    no       no       no       no
  MayRetireCertificationVersion yes    yes    no       no       no       no
  MayAssignCertification        yes    yes    no       no       no       no
  MayRemoveAssignments          yes    yes    no       no       no       no
  MayOverridePayment            yes    yes    no       no       no       no
  MayOverrideTraining           yes    yes    no       no       no       no
  MayOverrideExam               yes    yes    no       no       no       no
  MayRevokeAccess               yes    yes    no       no       no       no
  MayForceRecertification       yes    yes    no       no       no       no
  MayPermanentlyRevoke          yes    yes    no       no       no       no
  MayRestoreAccess              yes    yes    no       no       no       no
  MayEnrolInCertification       yes    yes    yes      yes      yes      no
  MayRequestAccess              yes    yes    yes      yes      yes      no
  MayStartCertification         yes    yes    yes      yes      yes      no
  MaySubmitEvidence             yes    yes    yes      yes      yes      no
  MayStartExam                  yes    yes    yes      yes      yes      no
  MayStartRecertification       yes    yes    yes      yes      yes      no
  MayRequestMoreAttempts        yes    yes    yes      yes      yes      no
  MayRequestExport              yes    yes    yes      no       no       no
  MayRecordSignIns              yes    yes    no       no       no       yes
  MayRecordSeriesActivity       yes    yes    no       no       no       yes
  MayRecordStepCompletions      yes    yes    no       no       no       yes
  MayRecordExamResults          yes    yes    no       no       no       yes
  MayRecordPayments             yes    yes    no       no       no       yes
  MayDecideApprovals            yes    yes    yes      no       no       no
  MayEnrolInCourse              yes    yes    no       no       no       no
  MayUpdateCourseEnrolment      yes    yes    no       no       no       no
  MaySetCourseEnrolmentStatus   yes    yes    no       no       no       no
  MayFinaliseCourseEnrolments   yes    yes    no       no       no       no
  MayFlagForReconnect           yes    yes    no       no       no       no
  MayTransitionCourseEnrolments yes    yes    no       no       no       no
  MayAddUnitEnrolments          yes    yes    no       no       no       no
  MayUpdateUnitEnrolments       yes    yes    no       yes      no       no
  MayReportUnitEnrolments       yes    yes    no       no       no       no
  MayRequestSurveys             yes    yes    no       no       no       no
  MayReadLearnersWithInactiveEnrolments yes yes no no no no
  MayDeactivateLearnersWithInactiveEnrolments yes yes no no no no
  MayRecordSurveyAnswers        yes    yes    no       no       no       yes
  MayRequestCredentials         yes    yes    no       no       no       no
  MayIssueCredentials           yes    yes    no       no       no       no
  MayCancelCredentials          yes    yes    no       no       no       no
  MayReissueCredentials         yes    yes    no       no       no       no
  MayAddDocuments               yes    yes    no       no       no       no
  MayArchiveDocuments           yes    yes    no       no       no       no
"""
HEAD, *ROWS = [line.split() for line in GUARDS.strip().splitlines()]
for module in pkgutil.iter_modules(permissions.__path__, f"{permissions.__name__}."):
    importlib.import_module(module.name)  # a guard is known once its module is
BY_NAME: dict[str, type[Guard]] = {guard.__name__: guard for guard in Guard.__subclasses__()}
ALLOWED = {name: [role for role, cell in zip(HEAD, row, strict=True) if cell == "yes"] for name, *row in ROWS}


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
        *others, last = ALLOWED[name]
        in_words = f"{', '.join(others)} or {last}" if others else last
        assert refused.value.message == f"{guard.rule.label} needs the role {in_words}; yours is {role.name}."
        assert refused.value.extensions == {"code": "FORBIDDEN", "requiredRoles": ALLOWED[name]}
