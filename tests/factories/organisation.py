"""The organisation that a test lays out, with everything that it can have."""

from uuid import UUID

from portal_api.clock import Clock
from portal_api.database import Database
from portal_api.domain.register_numbers import register_number
from portal_api.ids import IdMaker
from portal_api.models import reporting_lines, users
from tests.factories.automations import Automations
from tests.factories.certifications import Certifications
from tests.factories.credentials import Credentials
from tests.factories.exports import Exports
from tests.factories.groups import Groups
from tests.factories.pathways import Pathways
from tests.factories.records import Record
from tests.factories.resources import Resources
from tests.factories.storage import Storage
from tests.factories.tables import WRITTEN_IN_ORDER
from tests.factories.users import Users, with_user_keys


class Organisation(Users, Groups, Pathways, Resources, Certifications, Exports, Credentials, Automations, Storage):
    """One organisation being laid out. Nothing is written before `save`; a `Client` saves before it asks."""

    def twin(self) -> "Organisation":
        """Another organisation with the same records under the same external references, and keys of its own."""
        twin = Organisation(self.database, self.clock, self.new_id, name=self.name, time_zone=self.time_zone)
        keys = {self.id: twin.id}
        for table in WRITTEN_IN_ORDER[1:]:
            for row in self.rows.get(table, ()):
                if table is not reporting_lines and "id" in row:
                    keys[row["id"]] = self.new_id(self.clock())
        for table in WRITTEN_IN_ORDER[1:]:
            if table is not reporting_lines:  # written anew when the twin is saved
                for row in self.rows.get(table, ()):
                    copy = {
                        name: keys.get(value, value) if isinstance(value, UUID) else value
                        for name, value in row.items()
                    }
                    if table is users:  # users belong to no organisation: their references are unique
                        copy["external_ref"] = f"user-{copy['id'].hex}"
                        with_user_keys(copy)
                    if copy.get("register_number"):  # one over all organisations
                        copy["register_number"] = register_number(self.new_id(self.clock()))
                    twin._add(table, copy)
        twin._serial = self._serial
        twin._counterparts = keys
        twin.staff = {role: twin.record(keys[user.id]) for role, user in self.staff.items()}
        twin.own = {role: twin.record(keys[learner.id]) for role, learner in self.own.items()}
        return twin

    def counterpart(self, record: Record) -> Record:
        """In a twin: the copy of a record of the organisation that it was made from."""
        return self.record(self._counterparts[record.id])


def organisation_with_everybody(database: Database, clock: Clock, new_id: IdMaker) -> Organisation:
    """A fresh organisation with a user of each role, not saved yet."""
    made = Organisation(database, clock, new_id)
    made.a_user_of_each_role()
    return made
