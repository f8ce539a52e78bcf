"""Learning resources, in plain Python: learners reach those of the organisation, and of every series they ever took."""

from collections.abc import Callable

from portal_api import models
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.machine import RecordFacts
from portal_api.domain.resources import RESOURCES
from portal_api.domain.roles import Role
from tests.oracle.engine import Asking, Noun, key_of, owned, searching
from tests.oracle.rows import Row, folded, wire


def _reaches(asking: Asking, learner: Row, row: Row) -> bool:
    """In the app, while they have access to it."""
    return (
        learner.status is LearnerStatus.ACTIVE
        and learner.has_app_access
        and row.status is LibraryStatus.ACTIVE
        and (row.series_id is None or any(_takes(learner, row, each) for each in asking.rows["SeriesEnrolment"]))
    )


def _takes(learner: Row, resource: Row, enrolment: Row) -> bool:
    return enrolment.series_id == resource.series_id and enrolment.learner_id == learner.id


def _sees(asking: Asking, row: Row) -> bool:
    """Administrators see all; others what they reach, or whoever reports to them."""
    if asking.is_administrator:
        return True
    own, is_manager = asking.viewer.learner_id, asking.viewer.role is Role.MANAGER
    return any(
        _reaches(asking, learner, row)
        for learner in asking.rows["Learner"]
        if learner.id == own or (is_manager and own in asking.above(learner.id))
    )


def _reached_by(asking: Asking, given: str) -> Callable[[Row], bool]:
    """What a learner reaches hangs on their records, of which a trainer is told nothing."""
    learner = asking.record("Learner", key_of(given, "lrn"))
    is_told = learner is not None and asking.shows_whole(learner.id)
    return lambda row: is_told and _reaches(asking, learner, row)


RESOURCE = Noun(
    "Resource",
    "res",
    sees=_sees,
    tables={"Resource": models.resources},
    root="resource",
    root_list="resources",
    fields={
        "series": lambda asking, row: asking.record("Series", row.series_id),
        "actions": lambda asking, row: RESOURCES.actions(asking.viewer.role, RecordFacts(row.status)),
    },
    lists={"history": ("HistoryEntry", owned("subject_id"))},
    keys={"id": "res", "seriesId": "ser"},
    conditions={"reachedBy": _reached_by, "search": searching(lambda _, row: [row.title])},
    orders={"TITLE": lambda row: folded(row.title), "CREATED_AT": lambda row: wire(row.created_at)},
)
