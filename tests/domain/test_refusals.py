"""Refusals: lists in words, and reasons kept as plain data and read back."""

import json

import pytest

from portal_api.domain.refusals import (
    AlreadyEnrolled,
    ChangedMeanwhile,
    ErrorCode,
    InputInvalid,
    LearnerInactive,
    NotFound,
    PathwayOwned,
    PlainError,
    Reason,
    RoleRequired,
    StatusNotAllowed,
    in_words,
    reason_data,
    reason_of_data,
)
from portal_api.domain.roles import Role


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        ([Role.OWNER], "OWNER"),
        ([Role.OWNER, Role.ADMIN], "OWNER or ADMIN"),
        ([Role.OWNER, Role.ADMIN, Role.MANAGER], "OWNER, ADMIN or MANAGER"),
    ],
)
def test_a_list_in_words(roles: list[Role], words: str) -> None:
    assert in_words(roles) == words


REASONS = [
    PlainError(ErrorCode.CALL_REJECTED, "Another row was refused."),
    InputInvalid(ErrorCode.INPUT_INVALID, "Too long.", path=("input", "note")),
    NotFound(ErrorCode.NOT_FOUND, "There is none."),
    LearnerInactive(ErrorCode.LEARNER_INACTIVE, "View-only."),
    ChangedMeanwhile(ErrorCode.CHANGED_MEANWHILE, "Read it again.", current_version=7),
    ChangedMeanwhile(ErrorCode.CHANGED_MEANWHILE, "Read it again."),
    StatusNotAllowed(ErrorCode.STATUS_NOT_ALLOWED, "Not now.", statuses=("ACTIVE", "INACTIVE")),
    RoleRequired(ErrorCode.FORBIDDEN, "Not you.", roles=(Role.OWNER, Role.ADMIN)),
    AlreadyEnrolled(ErrorCode.ALREADY_ENROLLED, "Taken.", path=("input", "ids", "3"), series_ids=("ser_1", "ser_2")),
    AlreadyEnrolled(ErrorCode.ALREADY_ENROLLED, "Taken."),
    PathwayOwned(ErrorCode.PATHWAY_OWNED, "Of a pathway.", pathway_enrolment_id="pen_1"),
]


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: type(reason).__name__)
def test_a_reason_comes_back_from_plain_data_as_it_was(reason: Reason) -> None:
    kept = json.dumps(reason_data(reason))
    back = reason_of_data(json.loads(kept))
    assert back == reason
    assert type(back) is type(reason)
    assert hash(back) == hash(reason)
    assert type(back.code) is ErrorCode
    assert all(type(role) is Role for role in back.required_roles)


def test_there_is_a_case_for_every_shape() -> None:
    shapes = {shape.__name__ for shape in Reason.__subclasses__()}
    assert {type(reason).__name__ for reason in REASONS} == shapes


def test_only_a_status_or_a_role_as_cause_names_those_that_would_do() -> None:
    for reason in REASONS:
        assert reason.allowed_statuses == (("ACTIVE", "INACTIVE") if isinstance(reason, StatusNotAllowed) else ())
        assert reason.required_roles == ((Role.OWNER, Role.ADMIN) if isinstance(reason, RoleRequired) else ())


def test_codes_are_kept_by_their_names() -> None:
    assert all(code.value == code.name.lower() for code in ErrorCode)
