"""History entries, in plain Python."""

from uuid import UUID

from portal_api import models
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.roles import Role
from tests.oracle.engine import Asking, Noun
from tests.oracle.rows import Row, snake, wire

SEEN_WITH = (
    *(SubjectKind.USER, SubjectKind.SERIES, SubjectKind.PATHWAY, SubjectKind.RESOURCE, SubjectKind.EXPORT),
    *(SubjectKind.CERTIFICATION, SubjectKind.CERTIFICATION_VERSION),
    *(SubjectKind.COURSE, SubjectKind.UNIT, SubjectKind.COURSE_OFFER, SubjectKind.STATUS_REASON),
    *(SubjectKind.TASK, SubjectKind.NOTIFICATION),
)


TAUGHT = (SubjectKind.COURSE_ENROLMENT, SubjectKind.UNIT_ENROLMENT)


def _sees(asking: Asking, row: Row) -> bool:
    """Whoever knows the learner sees the entry; where there is none, whoever sees the record, or an administrator."""
    if row.subject_kind is SubjectKind.DOCUMENT:
        return asking.is_administrator or row.learner_id == asking.viewer.learner_id
    if row.learner_id is not None:
        is_taught = asking.viewer.role is Role.TRAINER and row.subject_kind in TAUGHT
        return asking.knows(row.learner_id) or (is_taught and _subject(asking, row) is not None)
    return asking.is_administrator or (row.subject_kind in SEEN_WITH and _subject(asking, row) is not None)


def _subject(asking: Asking, row: Row) -> Row | None:
    return record_of(asking, row.subject_kind, row.subject_id)


def record_of(asking: Asking, kind: SubjectKind, id_: UUID) -> Row | None:
    """The record of a kind, if it is of a noun that can be read."""
    [*type_] = [noun.type for noun in asking.nouns.values() if snake(noun.type) == f"_{kind.value}"]
    return asking.record(type_[0], id_) if type_ else None


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
