"""Records for tests: an organisation is laid out in Python, then saved in one transaction.

Each noun is laid out in a file of its own, by a class that `Organisation` inherits from.
"""

from tests.factories.organisation import Organisation, organisation_with_everybody
from tests.factories.records import Record
from tests.factories.series import StatusCase
from tests.factories.tables import DAY, PREFIXES, WRITTEN_IN_ORDER

__all__ = ["DAY", "PREFIXES", "WRITTEN_IN_ORDER", "Organisation", "Record", "StatusCase", "organisation_with_everybody"]
