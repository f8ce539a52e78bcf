"""Who may try: the caller's role against the table, before anything is looked at."""

from typing import Any, ClassVar

from strawberry.permission import BasePermission

from portal_api.context import Viewer
from portal_api.domain.learners import LEARNERS, LearnerAction
from portal_api.domain.machine import Rule
from portal_api.domain.organisations import ORGANISATIONS, OrganisationAction
from portal_api.domain.refusals import ErrorCode, in_words
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesEnrolmentAction
from portal_api.planner.errors import RequestError


class Guard(BasePermission):
    """Lets only the roles pass that a rule of a table can ever allow."""

    rule: ClassVar[Rule[Any, Any, Any]]

    def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:
        self.check(info.context.known_viewer)
        return True

    @classmethod
    def check(cls, viewer: Viewer) -> None:
        """Refuses a role that can never do it.

        Raises:
            RequestError: `FORBIDDEN`, with the roles that can.
        """
        if viewer.role not in cls.rule.roles:
            roles = [role.name for role in cls.rule.roles]
            raise RequestError(
                ErrorCode.FORBIDDEN,
                f"{cls.rule.label} needs the role {in_words(cls.rule.roles)}; yours is {viewer.role.name}.",
                requiredRoles=roles,
            )


class MayDeactivateLearners(Guard):
    rule = LEARNERS[LearnerAction.DEACTIVATE]


class MayReactivateLearners(Guard):
    rule = LEARNERS[LearnerAction.REACTIVATE]


class MayWithdrawSeriesEnrolments(Guard):
    rule = SERIES_ENROLMENTS[SeriesEnrolmentAction.WITHDRAW]


class MayRequestExport(Guard):
    rule = ORGANISATIONS[OrganisationAction.REQUEST_EXPORT]
