"""What every guard is: the caller's role against a rule of a table."""

from typing import Any, ClassVar

from strawberry.permission import BasePermission

from portal_api.context import Viewer
from portal_api.domain.machine import Rule
from portal_api.domain.refusals import ErrorCode, in_words
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
