"""What every resolver is given: who asks, at which instant, and the means to answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from portal_api.clock import Clock
from portal_api.database import Database, Steps
from portal_api.domain.roles import Role
from portal_api.ids import IdMaker
from portal_api.planner.documents import Document
from portal_api.planner.execution import Planner
from portal_api.planner.selections import Run
from portal_api.queries import scope
from portal_api.work import Reaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody, in one organisation, with the role and the learner record that the database gives them there."""

    organisation_id: UUID
    user_id: UUID
    role: Role
    learner_id: UUID | None
    token_id: UUID | None = None
    """The integration token that a machine client signed in with, if it is one that is kept."""
    time_zone: str = "UTC"
    """The time zone that the organisation's days are days in."""


@dataclass(frozen=True, slots=True)
class Context:
    """One request."""

    viewer: Viewer | None
    document: Document
    planner: Planner
    database: Database
    clock: Clock
    now: datetime
    new_id: IdMaker
    request_id: str
    sign: Callable[..., str]
    """Signs the token of a machine client."""
    react: Reaction
    """What follows a change in its own transaction."""
    allows_inside: bool = False
    """Whether webhooks may lead inside, as in development."""

    @property
    def known_viewer(self) -> Viewer:
        """The viewer of a request that was let in."""
        if self.viewer is None:
            raise LookupError("an anonymous request came past the door")
        return self.viewer

    async def read(self, steps: Callable[[], Steps[T]], *, is_one_statement: bool = False) -> T:
        """Answers what a query asks: where its viewer finds what they have written. No mutation decides by it."""
        who = (self.viewer.organisation_id, self.viewer.user_id) if self.viewer else None
        return await self.database.read(who, steps, is_one_statement=is_one_statement)

    def public_run(self, variables: dict[str, Any]) -> Run:
        """One execution of a plan that reads no record: for whoever asks, signed in or not."""
        return Run("", {}, variables)

    def run(self, variables: dict[str, Any], *, viewer: scope.Viewer | None = None, now: datetime | None = None) -> Run:
        """One execution of a plan, for the request's viewer and instant or for those given."""
        asking = viewer or self.known_viewer
        encode = self.planner.dialect.encode
        bound = {name: encode(value) for name, value in scope.bound(asking, now or self.now).items()}
        return Run(str(asking.role), bound, variables)
