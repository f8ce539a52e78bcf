"""History entries, in plain Python."""

from portal_api.domain.history import HistoryAction
from tests.oracle.engine import Asking, Noun
from tests.oracle.rows import Row, wire

SUBJECTS = {"learner": "Learner", "series_enrolment": "SeriesEnrolment"}


def _sees(asking: Asking, row: Row) -> bool:
    return asking.knows(row.learner_id)


def _reason(asking: Asking, row: Row) -> str | None:
    """Why somebody was deactivated is for administrators."""
    return None if row.action is HistoryAction.LEARNER_DEACTIVATED and not asking.is_administrator else row.reason


HISTORY_ENTRY = Noun(
    "HistoryEntry",
    "his",
    sees=_sees,
    root_list="historyEntries",
    fields={
        "actor": lambda asking, row: asking.record("User", row.actor_id),
        "subject": lambda asking, row: asking.record(SUBJECTS[row.subject_kind.value], row.subject_id),
        "learner": lambda asking, row: asking.record("Learner", row.learner_id),
        "reason": _reason,
        "note": lambda asking, row: row.note if asking.is_administrator else None,
        "subjectVersion": lambda _, row: row.version,
        "cause": lambda asking, row: asking.record("HistoryEntry", row.cause_id),
    },
    keys={"learnerId": "lrn", "actorId": "usr"},
    orders={"OCCURRED_AT": lambda row: wire(row.occurred_at)},
    usual_order=(("OCCURRED_AT", True),),
)
