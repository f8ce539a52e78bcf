"""Pathways and their steps, in plain Python."""

from portal_api import models
from portal_api.domain.library import LibraryStatus
from portal_api.domain.pathways import PATHWAYS, PathwayFacts
from portal_api.domain.roles import Role
from tests.oracle.engine import Asking, Noun, owned, searching
from tests.oracle.rows import Row, folded, wire


def _sees(asking: Asking, row: Row) -> bool:
    if asking.is_administrator:
        return True
    own = asking.viewer.learner_id
    is_taken = any(each.pathway_id == row.id and each.learner_id == own for each in asking.rows["PathwayEnrolment"])
    return row.status is LibraryStatus.ACTIVE and (asking.viewer.role in (Role.MANAGER, Role.INTEGRATION) or is_taken)


PATHWAY = Noun(
    "Pathway",
    "pth",
    sees=_sees,
    tables={"Pathway": models.pathways},
    root="pathway",
    root_list="pathways",
    fields={"actions": lambda asking, row: PATHWAYS.actions(asking.viewer.role, PathwayFacts(row.status))},
    lists={
        "steps": ("PathwayStep", owned("pathway_id")),
        "enrolments": ("PathwayEnrolment", owned("pathway_id")),
        "history": ("HistoryEntry", owned("subject_id")),
    },
    keys={"id": "pth"},
    conditions={"search": searching(lambda _, row: [row.title, row.external_ref])},
    orders={"TITLE": lambda row: folded(row.title), "CREATED_AT": lambda row: wire(row.created_at)},
)
PATHWAY_STEP = Noun(
    "PathwayStep",
    "pst",
    sees=lambda asking, row: asking.record("Pathway", row.pathway_id) is not None,
    tables={"PathwayStep": models.pathway_steps},
    fields={
        "series": lambda asking, row: asking.record("Series", row.series_id),
        "pathway": lambda asking, row: asking.record("Pathway", row.pathway_id),
    },
    orders={"POSITION": lambda row: str(row.position)},
    numbers=frozenset({"POSITION"}),
    usual_order=(("POSITION", False),),
)
