"""Series, in plain Python."""

from portal_api import models
from portal_api.domain.library import LibraryStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SERIES as TABLE
from portal_api.domain.series import SeriesFacts
from tests.oracle.engine import Asking, Noun, owned, searching
from tests.oracle.rows import Row, folded, wire


def _sees_series(asking: Asking, row: Row) -> bool:
    if asking.is_administrator:
        return True
    own = asking.viewer.learner_id
    is_held = any(each.series_id == row.id and each.learner_id == own for each in asking.rows["SeriesEnrolment"])
    return row.status is LibraryStatus.ACTIVE and (asking.viewer.role in (Role.MANAGER, Role.INTEGRATION) or is_held)


SERIES = Noun(
    "Series",
    "ser",
    sees=_sees_series,
    tables={"Series": models.series},
    root="series",
    root_list="seriesLibrary",
    fields={"actions": lambda asking, row: TABLE.actions(asking.viewer.role, SeriesFacts(row.status))},
    lists={
        "enrolments": ("SeriesEnrolment", owned("series_id")),
        "resources": ("Resource", owned("series_id")),
        "history": ("HistoryEntry", owned("subject_id")),
    },
    keys={"id": "ser"},
    conditions={"search": searching(lambda _, row: [row.title, row.external_ref])},
    orders={"TITLE": lambda row: folded(row.title), "CREATED_AT": lambda row: wire(row.created_at)},
)
