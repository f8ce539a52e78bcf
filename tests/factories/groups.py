"""Groups, with their conditions and members."""

from portal_api.domain.library import LibraryStatus
from portal_api.models import group_conditions, group_members, groups
from portal_api.queries.folding import fold
from tests.factories.learners import Learners
from tests.factories.records import Record
from tests.factories.tables import DAY


class Groups(Learners):
    """Lays out groups."""

    def group(self, *members: Record, is_active: bool = True, **attributes: str) -> Record:
        """A group that tests for attributes; its members get them, and so they are in it."""
        number = self._number()
        attributes = attributes or {"team": f"Team {number:04}"}
        name = f"Group {number:04}"
        made = self._add(
            groups,
            {
                "organisation_id": self.id,
                "id": self.new_id(self.clock()),
                "name": name,
                "name_key": fold(name),
                "status": LibraryStatus.ACTIVE if is_active else LibraryStatus.RETIRED,
                "created_at": self.clock() - 100 * DAY,
                "version": 1,
            },
        )
        key = {"organisation_id": self.id, "group_id": made.id}
        for attribute, value in attributes.items():
            self._add(group_conditions, {**key, "attribute": attribute, "value": value})
        for member in members:
            for attribute, value in attributes.items():
                self.attribute(member, attribute, value)
            if is_active:
                self._add(group_members, {**key, "learner_id": member.id})
        return made
