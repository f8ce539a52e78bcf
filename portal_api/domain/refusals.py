"""Why something is refused: every code there is, and one value per shape of refusal."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from portal_api.domain.roles import Role


class ErrorCode(StrEnum):
    """Every code that a client can meet, in `actions`, in a payload or at the top level of an answer."""

    ALREADY_DECIDED = "already_decided"
    ALREADY_ENROLLED = "already_enrolled"
    ALREADY_FINALISED = "already_finalised"
    ALREADY_PAID = "already_paid"
    ALREADY_REQUESTED = "already_requested"
    ALREADY_TRANSITIONED = "already_transitioned"
    ALREADY_WAIVED = "already_waived"
    APP_ACCESS_OFF = "app_access_off"
    ATTEMPTS_LEFT = "attempts_left"
    BUSY = "busy"
    CALL_REJECTED = "call_rejected"
    CERTIFICATION_INACTIVE = "certification_inactive"
    CHANGED_MEANWHILE = "changed_meanwhile"
    CREDENTIAL_STANDS = "credential_stands"
    COMMITMENT_MISSING = "commitment_missing"
    CONDITION_NOT_MET = "condition_not_met"
    CURSOR_INVALID = "cursor_invalid"
    DATE_IN_FUTURE = "date_in_future"
    DOCUMENT_INVALID = "document_invalid"
    DOCUMENT_NOT_TRUSTED = "document_not_trusted"
    END_IN_FUTURE = "end_in_future"
    END_MISSING = "end_missing"
    EXAM_AWAITING_APPROVAL = "exam_awaiting_approval"
    EXAM_PASSED = "exam_passed"
    EXAM_STARTED = "exam_started"
    EXTERNAL_REF_TAKEN = "external_ref_taken"
    FILE_TOO_LARGE = "file_too_large"
    FORBIDDEN = "forbidden"
    HOURS_MISSING = "hours_missing"
    IDENTIFIER_TAKEN = "identifier_taken"
    IDEMPOTENCY_IN_PROGRESS = "idempotency_in_progress"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    ID_INVALID = "id_invalid"
    INPUT_INVALID = "input_invalid"
    INTERNAL = "internal"
    INVALID_DATES = "invalid_dates"
    LAST_OWNER = "last_owner"
    LEARNER_BARRED = "learner_barred"
    LEARNER_INACTIVE = "learner_inactive"
    LIMIT_EXCEEDED = "limit_exceeded"
    LIST_EMPTY = "list_empty"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    MISSING_DATES = "missing_dates"
    NOTE_MISSING = "note_missing"
    NOTHING_TO_OVERRIDE = "nothing_to_override"
    NOT_A_TRAINER = "not_a_trainer"
    NOT_FINALISED = "not_finalised"
    NOT_FOUND = "not_found"
    NOT_INACTIVE_ENROLMENTS = "not_inactive_enrolments"
    NOT_MANUAL_SOURCE = "not_manual_source"
    NOT_OPEN_TO_JOIN = "not_open_to_join"
    NOT_SUPERSEDED = "not_superseded"
    NO_ATTEMPTS_LEFT = "no_attempts_left"
    NO_CREDENTIALLED_OUTCOME = "no_credentialled_outcome"
    NO_PUBLISHED_VERSION = "no_published_version"
    OUTCOME_MISSING = "outcome_missing"
    OWN_APPROVAL = "own_approval"
    OWN_RECORD = "own_record"
    PAGE_INVALID = "page_invalid"
    PATHWAY_IN_USE = "pathway_in_use"
    PATHWAY_NEEDS_MASTERY = "pathway_needs_mastery"
    PATHWAY_OWNED = "pathway_owned"
    PAYMENT_NOT_REQUIRED = "payment_not_required"
    PAYMENT_REQUIRED = "payment_required"
    PERSISTED_QUERY_NOT_FOUND = "persisted_query_not_found"
    QUERY_TOO_COSTLY = "query_too_costly"
    RECERTIFICATION_NOT_OPEN = "recertification_not_open"
    RECONNECT_OFF = "reconnect_off"
    RECORD_ARCHIVED = "record_archived"
    REPORTING_CIRCLE = "reporting_circle"
    REQUEST_INVALID = "request_invalid"
    REQUEST_TOO_LARGE = "request_too_large"
    STATUS_NOT_ALLOWED = "status_not_allowed"
    STEP_AWAITING_APPROVAL = "step_awaiting_approval"
    STEP_DONE = "step_done"
    STEP_PATH_NOT_OFFERED = "step_path_not_offered"
    SUPERSESSION_CIRCLE = "supersession_circle"
    TEST_OUT_TAKEN = "test_out_taken"
    TITLE_TAKEN = "title_taken"
    TOO_MANY_PROGRAMS = "too_many_programs"
    TRAINING_OPEN = "training_open"
    TRAINING_STARTED = "training_started"
    UNAUTHENTICATED = "unauthenticated"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why an action is closed or a row refused; says its cause and what would help."""

    code: ErrorCode
    message: str
    path: tuple[str, ...] = ()

    @property
    def allowed_statuses(self) -> Sequence[str]:
        """The statuses that would allow the action, where the status is the cause."""
        return ()

    @property
    def required_roles(self) -> Sequence[Role]:
        """The roles that may do it, where the role is the cause."""
        return ()


@dataclass(frozen=True, slots=True)
class PlainError(Reason):
    """A refusal with nothing to add to its code and message."""


@dataclass(frozen=True, slots=True)
class InputInvalid(Reason):
    """An input that cannot be meant."""


@dataclass(frozen=True, slots=True)
class NotFound(Reason):
    """A record that does not exist, or that the caller may not see: the two are answered alike."""


@dataclass(frozen=True, slots=True)
class LearnerInactive(Reason):
    """The learner is inactive, and so view-only (S1 "After you have set the Learner to Inactive")."""


@dataclass(frozen=True, slots=True)
class ChangedMeanwhile(Reason):
    """Somebody else changed the record after it was read."""

    current_version: int | None = None


@dataclass(frozen=True, slots=True)
class StatusNotAllowed(Reason):
    """The record's status does not allow the action; names those that would."""

    statuses: tuple[str, ...] = ()

    @property
    def allowed_statuses(self) -> Sequence[str]:
        return self.statuses


@dataclass(frozen=True, slots=True)
class RoleRequired(Reason):
    """The caller's role may not do this here; names those that may."""

    roles: tuple[Role, ...] = ()

    @property
    def required_roles(self) -> Sequence[Role]:
        return self.roles


@dataclass(frozen=True, slots=True)
class AlreadyEnrolled(Reason):
    """The learner takes the series already, or has it ahead in a running pathway; names each such series."""

    series_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PathwayOwned(Reason):
    """The enrolment belongs to a pathway and ends with it only; names the enrolment in the pathway."""

    pathway_enrolment_id: str = ""


def in_words(values: Sequence[StrEnum]) -> str:
    """Lists enum values as a sentence does: `A`, `A or B`, `A, B or C`."""
    names = [value.name for value in values]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


_SHAPES: dict[str, type[Reason]] = {
    shape.__name__: shape
    for shape in (
        PlainError,
        InputInvalid,
        NotFound,
        LearnerInactive,
        ChangedMeanwhile,
        StatusNotAllowed,
        RoleRequired,
        AlreadyEnrolled,
        PathwayOwned,
    )
}


def reason_data(reason: Reason) -> dict[str, Any]:
    """A reason as plain data, to be kept."""
    return {"shape": type(reason).__name__, **asdict(reason)}


def reason_of_data(data: dict[str, Any]) -> Reason:
    """The reason that was kept as plain data."""
    values = {name: _READ.get(name, _as_it_is)(value) for name, value in data.items() if name != "shape"}
    return _SHAPES[data["shape"]](**values)


def _as_it_is(value: Any) -> Any:
    return value


def _roles(values: list[str]) -> tuple[Role, ...]:
    return tuple(map(Role, values))


_READ: dict[str, Callable[[Any], Any]] = {
    "code": ErrorCode,
    "path": tuple,
    "statuses": tuple,
    "series_ids": tuple,
    "roles": _roles,
}
