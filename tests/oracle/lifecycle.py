"""The lifecycle as a board, in plain Python: a column a stage, over the enrolments that pass the filter given."""

from typing import Any

from tests.oracle.course_enrolments import COURSE_ENROLMENT
from tests.oracle.engine import MOST_AT_ROOT, Asking, Count, Listing, Value, chosen, refuse
from tests.oracle.rows import Row
from tests.oracle.stages import has_reconnect_stage, stage

TYPE, STAGES = COURSE_ENROLMENT.type, ("SALES", "PROGRESSION", "COMPLETION", "RECONNECT")


def _stands(asking: Asking, column: Any, row: Row) -> bool:
    own = stage(asking, row)
    return own is not None and own.name == column["stage"] and bool(_passing(asking, column, [row]))


def _passing(asking: Asking, column: Any, rows: list[Row]) -> list[Row]:
    return chosen(asking, COURSE_ENROLMENT, rows, column["filter"])


LIFECYCLE_COLUMN = Value(
    "LifecycleColumn",
    {
        "enrolmentCount": Count(TYPE, _stands, tells="stage"),
        "learnerCount": Count(TYPE, _stands, tells="stage", of=lambda row: row.learner_id),
        "enrolments": Listing(TYPE, _stands, most=MOST_AT_ROOT, tells="stage"),
    },
    check=lambda asking, column: _passing(asking, column, []),
)


def lifecycle_board(_: Any, info: Any, filter: Any = None) -> dict[str, Any]:
    """Answers `lifecycleBoard`: whoever may not read what it filters by is refused it."""
    asking: Asking = info.context
    if any(asking.is_shut(COURSE_ENROLMENT, name) for name, value in (filter or {}).items() if value is not None):
        raise refuse("FORBIDDEN")
    has_last = has_reconnect_stage(asking)
    return {"stages": [{"stage": each, "filter": filter} for each in STAGES if has_last or each != "RECONNECT"]}
