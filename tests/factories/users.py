"""Users, their roles, and the tokens of machine clients."""

from typing import Any

from portal_api.domain.organisations import INTEGRATION_TOKENS, IntegrationTokenStatus
from portal_api.domain.roles import Role
from portal_api.models import integration_tokens, roles, users
from portal_api.queries.folding import fold
from tests.factories.learners import Learners
from tests.factories.records import Record
from tests.factories.tables import DAY


def with_user_keys(row: dict[str, Any]) -> dict[str, Any]:
    """A user with what they are sorted and searched by."""
    row["name_key"] = fold(row["name"])
    row["search_key"] = fold(f"{row['name']} {row['email']} {row['external_ref']}")
    return row


class Users(Learners):
    """Lays out users."""

    def user(self, role: Role, learner: Record | None = None, **columns: Any) -> Record:
        """Somebody with a role, linked to a learner record or to none; `columns` overrules any column."""
        now, number = self.clock(), self._number()
        id_ = self.new_id(now)
        row: dict[str, Any] = {
            "is_machine": role is Role.INTEGRATION,
            "id": id_,
            "external_ref": f"user-{id_.hex}",
            "name": f"{role.name.title()} {number}",
            "email": f"{role}.{number}@example.org",
            "created_at": now - 60 * DAY,
            **columns,
        }
        user = self._add(users, with_user_keys(row))
        self.joined_by(user, role, learner)
        self.staff.setdefault(role, user)
        if learner:
            self.own.setdefault(role, learner)
        return user

    def joined_by(self, user: Record, role: Role, learner: Record | None = None) -> None:
        """Gives a role here to a user who may have one elsewhere."""
        self._add(
            roles,
            {
                "organisation_id": self.id,
                "user_id": user.id,
                "role": role,
                "learner_id": learner.id if learner else None,
                "created_at": self.clock() - 60 * DAY,
            },
        )

    def a_user_of_each_role(self) -> None:
        """Owner, Admin, Trainer and Integration; a Manager with a learner record, and a Learner who reports to it."""
        manager = self.learner(given_name="Mana", family_name="Ger", external_ref="MANAGER")
        learner = self.learner(given_name="Lea", family_name="Rner", external_ref="LEARNER", reports_to=manager)
        linked = {Role.MANAGER: manager, Role.LEARNER: learner}
        for role in Role:
            self.user(role, linked.get(role))

    def everybody_learns(self) -> None:
        """Puts somebody of each role in the place of the staff who is linked to the Learner's record; no machine learns."""
        learner = self.own[Role.LEARNER]
        linked = {row["user_id"] for row in self.rows[roles] if row["learner_id"] == learner.id}
        for role in set(Role) - {Role.INTEGRATION}:
            if self.staff[role].id not in linked:
                self.staff[role] = self.user(role, learner)

    def token(self, user: Record | None = None, **columns: Any) -> Record:
        """A token of a machine client, the organisation's first without one; `columns` overrules any column."""
        now = self.clock()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "user_id": (user or self.staff[Role.INTEGRATION]).id,
            "name": f"Token {self._number():04}",
            "status": IntegrationTokenStatus.ACTIVE,
            "created_at": now - 10 * DAY,
            "expires_at": now + 30 * DAY,
            "version": 1,
            **columns,
        }
        if row["status"] is IntegrationTokenStatus.REVOKED:
            row.setdefault("revoked_at", now - DAY)
        row.setdefault("due_at", INTEGRATION_TOKENS.due_at(row["status"], row))
        return self._add(integration_tokens, row)
