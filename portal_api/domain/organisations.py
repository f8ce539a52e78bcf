"""Organisations, the users in them, the tokens of machine clients, and groups of learners (readings throughout)."""

from dataclasses import dataclass
from enum import StrEnum

from portal_api.domain.library import REINSTATING, RETIRING, WHILE_ACTIVE, LibraryStatus, meanings
from portal_api.domain.machine import Cell, ClockMove, Footnote, RecordFacts, Rule, StatusMeaning, Table
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.domain.roles import Role

OWNER = (Role.OWNER,)
OWNER_OR_ADMIN = (Role.OWNER, Role.ADMIN)


class OrganisationStatus(StrEnum):
    """An organisation is open: it has one status only, and what can be made in it hangs on the role alone."""

    OPEN = "open"


class OrganisationAction(StrEnum):
    """What can be done to an organisation, and made in it."""

    UPDATE = "update"
    CREATE_USERS = "create_users"
    CREATE_INTEGRATIONS = "create_integrations"
    CREATE_GROUP = "create_group"
    CREATE_LEARNERS = "create_learners"
    CREATE_SERIES = "create_series"
    CREATE_PATHWAY = "create_pathway"
    CREATE_RESOURCES = "create_resources"
    CREATE_CERTIFICATION = "create_certification"
    CREATE_COURSES = "create_courses"
    CREATE_UNITS = "create_units"
    CREATE_STATUS_REASONS = "create_status_reasons"
    REQUEST_EXPORT = "request_export"
    CREATE_LEARNCYCLE = "create_learncycle"
    CREATE_TASKS = "create_tasks"
    CREATE_WEBHOOK_ENDPOINT = "create_webhook_endpoint"


_OPEN = {OrganisationStatus.OPEN: Cell("reading", is_reading=True)}


def _creation(
    action: OrganisationAction, label: str, roles: tuple[Role, ...]
) -> Rule[OrganisationStatus, OrganisationAction, RecordFacts[OrganisationStatus]]:
    return Rule(action=action, label=label, roles=roles, cells=_OPEN, needs_active_learner=False)


ORGANISATIONS = Table[OrganisationStatus, OrganisationAction, RecordFacts[OrganisationStatus]](
    kind="organisation",
    statuses={OrganisationStatus.OPEN: StatusMeaning("Open", "At work.")},
    rules=(
        _creation(OrganisationAction.UPDATE, "Changing settings", OWNER),
        _creation(OrganisationAction.CREATE_USERS, "Adding users", OWNER),
        _creation(OrganisationAction.CREATE_INTEGRATIONS, "Adding machine clients", OWNER),
        _creation(OrganisationAction.CREATE_GROUP, "Making a group", OWNER),
        _creation(OrganisationAction.CREATE_LEARNERS, "Adding learners", OWNER_OR_ADMIN),
        _creation(OrganisationAction.CREATE_SERIES, "Making a series", OWNER_OR_ADMIN),
        _creation(OrganisationAction.CREATE_PATHWAY, "Making a pathway", OWNER_OR_ADMIN),
        _creation(OrganisationAction.CREATE_RESOURCES, "Adding resources", OWNER_OR_ADMIN),
        _creation(OrganisationAction.CREATE_CERTIFICATION, "Making a certification", OWNER_OR_ADMIN),
        _creation(OrganisationAction.CREATE_COURSES, "Making courses", OWNER_OR_ADMIN),
        _creation(OrganisationAction.CREATE_UNITS, "Making units", OWNER_OR_ADMIN),
        _creation(OrganisationAction.CREATE_STATUS_REASONS, "Adding status reasons", OWNER),
        _creation(OrganisationAction.REQUEST_EXPORT, "Exporting", (Role.OWNER, Role.ADMIN, Role.MANAGER)),
        _creation(OrganisationAction.CREATE_LEARNCYCLE, "Making a learncycle", OWNER),
        _creation(OrganisationAction.CREATE_TASKS, "Making tasks", OWNER_OR_ADMIN),
        _creation(OrganisationAction.CREATE_WEBHOOK_ENDPOINT, "Making a webhook endpoint", OWNER),
    ),
)


class UserStatus(StrEnum):
    """What a user is in an organisation: the role held, or none any more."""

    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    TRAINER = "trainer"
    LEARNER = "learner"
    INTEGRATION = "integration"
    REMOVED = "removed"


class UserAction(StrEnum):
    """What can be done to a user."""

    ASSIGN_ROLE = "assign_role"
    REMOVE_ROLE = "remove_role"
    LINK_LEARNER = "link_learner"
    ISSUE_TOKEN = "issue_token"  # noqa: S105  the name of an action


@dataclass(frozen=True, slots=True)
class UserFacts:
    """What decides over a user's actions."""

    status: UserStatus
    is_last_owner: bool
    """Whether nobody else in the organisation is an Owner."""
    learner_is_active: bool = True


def _last_owner(facts: UserFacts) -> Reason | None:
    if facts.is_last_owner:
        return PlainError(
            ErrorCode.LAST_OWNER,
            "This is the organisation's only Owner, and it always keeps one. Make somebody else an Owner first.",
        )
    return None


_KEEPS_AN_OWNER = Footnote("somebody else is an OWNER too, if this user is one (reading)", _last_owner)
_PEOPLE = (UserStatus.OWNER, UserStatus.ADMIN, UserStatus.MANAGER, UserStatus.TRAINER, UserStatus.LEARNER)
_READING = Cell("reading", is_reading=True)

USERS = Table[UserStatus, UserAction, UserFacts](
    kind="user",
    statuses={
        UserStatus.OWNER: StatusMeaning("Owner", "Sees and changes everything; alone changes settings and roles."),
        UserStatus.ADMIN: StatusMeaning("Admin", "Sees everything and changes everything that is not the Owner's own."),
        UserStatus.MANAGER: StatusMeaning("Manager", "Sees the learners who report to them, directly or further down."),
        UserStatus.TRAINER: StatusMeaning("Trainer", "Sees the learners of the course offers that they teach."),
        UserStatus.LEARNER: StatusMeaning("Learner", "Sees only themselves."),
        UserStatus.INTEGRATION: StatusMeaning("Integration", "A machine client: records what it measures."),
        UserStatus.REMOVED: StatusMeaning("Removed", "Holds no role here any more.", is_ended=True),
    },
    rules=(
        Rule(
            action=UserAction.ASSIGN_ROLE,
            label="Assigning a role",
            roles=OWNER,
            cells=dict.fromkeys((*_PEOPLE, UserStatus.REMOVED), _READING),
            footnotes=(_KEEPS_AN_OWNER,),
            needs_active_learner=False,
        ),
        Rule(
            action=UserAction.REMOVE_ROLE,
            label="Removing a role",
            roles=OWNER,
            cells=dict.fromkeys(
                (*_PEOPLE, UserStatus.INTEGRATION), Cell("reading", to=UserStatus.REMOVED, is_reading=True)
            ),
            footnotes=(_KEEPS_AN_OWNER,),
            needs_active_learner=False,
        ),
        Rule(
            action=UserAction.LINK_LEARNER,
            label="Linking a learner record",
            roles=OWNER,
            cells=dict.fromkeys(_PEOPLE, _READING),
            needs_active_learner=False,
        ),
        Rule(
            action=UserAction.ISSUE_TOKEN,
            label="Issuing a token",
            roles=OWNER,
            cells={UserStatus.INTEGRATION: _READING},
            needs_active_learner=False,
        ),
    ),
)


class IntegrationTokenStatus(StrEnum):
    """Whether a machine client's token still opens the door."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class IntegrationTokenAction(StrEnum):
    """What can be done to a machine client's token."""

    REVOKE = "revoke"


_T = IntegrationTokenStatus

INTEGRATION_TOKENS = Table[IntegrationTokenStatus, IntegrationTokenAction, RecordFacts[IntegrationTokenStatus]](
    kind="integration_token",
    statuses={
        _T.ACTIVE: StatusMeaning("Active", "Opens the door for its machine client."),
        _T.EXPIRED: StatusMeaning("Expired", "Its time ran out.", is_ended=True),
        _T.REVOKED: StatusMeaning("Revoked", "Taken back by an Owner.", is_ended=True),
    },
    rules=(
        Rule(
            action=IntegrationTokenAction.REVOKE,
            label="Revoking a token",
            roles=OWNER,
            cells={_T.ACTIVE: Cell("reading", to=_T.REVOKED, is_reading=True)},
            needs_active_learner=False,
        ),
    ),
    clock=(ClockMove(_T.ACTIVE, "expires_at", _T.EXPIRED, "reading"),),
)


class GroupAction(StrEnum):
    """What can be done to a group."""

    UPDATE = "update"
    RETIRE = "retire"
    REINSTATE = "reinstate"


GROUPS = Table[LibraryStatus, GroupAction, RecordFacts[LibraryStatus]](
    kind="group",
    statuses=meanings("Holds every learner whose attributes pass its tests.", "Holds nobody."),
    rules=(
        Rule(GroupAction.UPDATE, "Changing a group", OWNER, WHILE_ACTIVE, needs_active_learner=False),
        Rule(GroupAction.RETIRE, "Retiring a group", OWNER, RETIRING, needs_active_learner=False),
        Rule(GroupAction.REINSTATE, "Reinstating a group", OWNER, REINSTATING, needs_active_learner=False),
    ),
)
