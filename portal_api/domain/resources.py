"""Learning resources: of a series, or of the organisation (S3, the note that follows the opening list)."""

from enum import StrEnum

from portal_api.domain.library import REINSTATING, RETIRING, WHILE_ACTIVE, LibraryStatus, meanings
from portal_api.domain.machine import RecordFacts, Rule, Table
from portal_api.domain.roles import Role

_ADMINISTRATORS = (Role.OWNER, Role.ADMIN)


class ResourceAction(StrEnum):
    """What can be done to a resource."""

    UPDATE = "update"
    RETIRE = "retire"
    REINSTATE = "reinstate"


RESOURCES = Table[LibraryStatus, ResourceAction, RecordFacts[LibraryStatus]](
    kind="resource",
    statuses=meanings("Learners find it.", "Only administrators find it."),
    rules=(
        Rule(ResourceAction.UPDATE, "Changing a resource", _ADMINISTRATORS, WHILE_ACTIVE, needs_active_learner=False),
        Rule(ResourceAction.RETIRE, "Retiring a resource", _ADMINISTRATORS, RETIRING, needs_active_learner=False),
        Rule(
            ResourceAction.REINSTATE,
            "Reinstating a resource",
            _ADMINISTRATORS,
            REINSTATING,
            needs_active_learner=False,
        ),
    ),
)
