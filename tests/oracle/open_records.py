"""What stands open with a learner, in plain Python: a list over two types of record."""

from types import SimpleNamespace

from tests.oracle import pathway_enrolments, series_times
from tests.oracle.engine import Asking, Noun
from tests.oracle.rows import Row

TYPES = (
    ("SeriesEnrolment", "SERIES_ENROLMENT", series_times.status_at, series_times.RUNNING),
    ("PathwayEnrolment", "PATHWAY_ENROLMENT", pathway_enrolments.status_at, pathway_enrolments.RUNNING),
)


def _rows(asking: Asking) -> list[Row]:
    return [
        SimpleNamespace(
            record_type="OpenRecord",
            id=row.id,
            learner_id=row.learner_id,
            kind=kind,
            type=type_,
            status=status_at(asking.now, row),
            since=row.enrolled_at,
        )
        for type_, kind, status_at, running in TYPES
        for row in asking.rows[type_]
        if status_at(asking.now, row) in running
    ]


OPEN_RECORD = Noun(
    "OpenRecord",
    "",
    sees=lambda asking, row: asking.knows(row.learner_id),
    rows=_rows,
    fields={"subject": lambda asking, row: asking.record(row.type, row.id)},
)
