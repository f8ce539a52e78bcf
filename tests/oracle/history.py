"""History entries, in plain Python."""

from portal_api import models
from portal_api.domain.history import HistoryAction, SubjectKind
from tests.oracle.engine import Asking, Noun
from tests.oracle.rows import Row, snake, wire


def _sees(asking: Asking, row: Row) -> bool:
    """Entries about a learner are for whoever knows the learner, those of an export for whoever sees it."""
    if row.subject_kind is SubjectKind.EXPORT:
        return asking.record("Export", row.subject_id) is not None
    return asking.is_administrator if row.learner_id is None else asking.knows(row.learner_id)


def _subject(asking: Asking, row: Row) -> Row | None:
    """The record that the entry is about, if it is of a noun that can be read."""
    [*type_] = [noun.type for noun in asking.nouns.values() if snake(noun.type) == f"_{row.subject_kind.value}"]
    return asking.record(type_[0], row.subject_id) if type_ else None


def _reason(asking: Asking, row: Row) -> str | None:
    """Why somebody was deactivated is for administrators."""
    return None if row.action is HistoryAction.LEARNER_DEACTIVATED and not asking.is_administrator else row.reason


HISTORY_ENTRY = Noun(
    "HistoryEntry",
    "his",
    sees=_sees,
    tables={"HistoryEntry": models.history_entries},
    root_list="historyEntries",
    fields={
        "actor": lambda asking, row: asking.record("User", row.actor_id),
        "subject": _subject,
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
