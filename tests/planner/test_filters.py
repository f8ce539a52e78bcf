"""Filters at their edges: what has no value, what says nothing, what a database would read as a pattern."""

from typing import Any

import pytest

from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus, WithdrawalReason
from tests.client import codes
from tests.conftest import SignIn
from tests.factories import DAY, Organisation

_S = SeriesEnrolmentStatus
ENROLMENTS = "query ($filter: SeriesEnrolmentFilter) { seriesEnrolments(filter: $filter) { nodes { externalRef } } }"
LEARNERS = "query ($search: String) { learners(filter: {search: $search}) { nodes { externalRef } } }"
ALL = {"running", "mistaken", "unwanted"}


async def found(organisation: Organisation, sign_in: SignIn, given: Any) -> set[str]:
    """The references that a filter finds among one enrolment running and two withdrawn."""
    learner, series = organisation.learner(), organisation.series()
    organisation.enrolment(learner, series, _S.IN_PROGRESS, external_ref="running")
    for ref, reason in (
        ("mistaken", WithdrawalReason.ENROLMENT_ERROR),
        ("unwanted", WithdrawalReason.NO_LONGER_REQUIRED),
    ):
        organisation.enrolment(learner, series, _S.WITHDRAWN, external_ref=ref, withdrawal_reason=reason)
    data = await sign_in(Role.ADMIN).query(ENROLMENTS, {"filter": given})
    return {each["externalRef"] for each in data["seriesEnrolments"]["nodes"]}


@pytest.mark.parametrize(
    ("given", "refs"),
    [
        (None, ALL),
        ({}, ALL),
        ({"status": None}, ALL),
        ({"status": {}}, ALL),
        ({"status": {"eq": None}}, ALL),
        ({"withdrawalReason": {"in": ["ENROLMENT_ERROR"]}}, {"mistaken"}),
        ({"withdrawalReason": {"in": []}}, set()),
        ({"withdrawalReason": {"notIn": []}}, ALL),
        ({"withdrawalReason": {"notIn": ["ENROLMENT_ERROR"]}}, {"running", "unwanted"}),
        ({"withdrawalReason": {"notIn": ["ENROLMENT_ERROR", "NO_LONGER_REQUIRED"]}}, {"running"}),
        (
            {"withdrawalReason": {"in": ["ENROLMENT_ERROR", "NO_LONGER_REQUIRED"], "notIn": ["ENROLMENT_ERROR"]}},
            {"unwanted"},
        ),
        ({"withdrawnAt": {"isNull": True}}, {"running"}),
        ({"withdrawnAt": {"isNull": False}}, {"mistaken", "unwanted"}),
        ({"withdrawnAt": {"gt": "2000-01-01T00:00:00Z"}}, {"mistaken", "unwanted"}),
        ({"withdrawnAt": {"lt": "9999-01-01T00:00:00Z", "isNull": None}}, {"mistaken", "unwanted"}),
        ({"status": {"notIn": ["WITHDRAWN"]}}, {"running"}),
        ({"status": {"eq": "WITHDRAWN", "in": ["IN_PROGRESS"]}}, set()),
        ({"externalRef": {"in": ["running", "unwanted"]}, "status": {"in": ["IN_PROGRESS", "MASTERED"]}}, {"running"}),
    ],
)
async def test_all_conditions_that_are_given_hold(
    given: Any, refs: set[str], organisation: Organisation, sign_in: SignIn
) -> None:
    assert await found(organisation, sign_in, given) == refs


@pytest.mark.parametrize(
    ("search", "refs"),
    [
        ("", {"accents", "signs", "MANAGER", "LEARNER"}),
        ("  ", {"accents", "signs", "MANAGER", "LEARNER"}),
        ("zoe", {"accents"}),
        ("ZOË", {"accents"}),
        ("Zoe\u0308", {"accents"}),
        ("strasse zoe", {"accents"}),
        ("tel", {"accents"}),
        ("℡", {"accents"}),
        ("zoe nobody", set()),
        ("%", {"signs"}),
        ("_", {"signs"}),
        ("\\", {"signs"}),
        ("10_%", {"signs"}),
        ("1__", set()),
        ("z%e", set()),
        ("mana ger", {"MANAGER"}),
        ("managerrr", set()),
    ],
)
async def test_a_search_finds_its_words_and_nothing_else(
    search: str, refs: set[str], organisation: Organisation, sign_in: SignIn
) -> None:
    organisation.learner(given_name="Zoë", family_name="Straße ℡", email="z@a", external_ref="accents")
    organisation.learner(given_name="10_%", family_name="Back\\slash", email="s@a", external_ref="signs")

    data = await sign_in(Role.ADMIN).query(LEARNERS, {"search": search})

    assert {each["externalRef"] for each in data["learners"]["nodes"]} == refs


@pytest.mark.parametrize(
    ("search", "code"),
    [
        ("one two three four five six seven", "INPUT_INVALID"),
        ("a" * 201, "INPUT_INVALID"),
        ("a\x00b", "INPUT_INVALID"),
    ],
)
async def test_a_search_that_cannot_be_meant_is_refused(search: str, code: str, sign_in: SignIn) -> None:
    answer = await sign_in(Role.ADMIN).execute(LEARNERS, {"search": search})

    assert codes(answer) == [code]


@pytest.mark.parametrize("ref", ["a\x00b", "\x00"])
async def test_a_text_with_a_null_character_is_refused_wherever_it_is_given(ref: str, sign_in: SignIn) -> None:
    document = """query ($ref: String!) {
        learner(externalRef: $ref) { id } learners(filter: {externalRef: {eq: $ref}}) { totalCount }
        seriesEnrolmentIds(filter: {externalRef: {in: [$ref]}}) { totalCount }
    }"""

    answer = await sign_in(Role.ADMIN).execute(document, {"ref": ref})

    assert codes(answer) == ["INPUT_INVALID"] * 3


async def test_a_filter_takes_a_thousand_values_and_no_more(sign_in: SignIn) -> None:
    document = "query ($refs: [String!]) { learners(filter: {externalRef: {in: $refs}}) { totalCount } }"
    refs = [f"R{number}" for number in range(1_001)]

    assert await sign_in(Role.ADMIN).query(document, {"refs": refs[:1_000]}) == {"learners": {"totalCount": 0}}
    assert codes(await sign_in(Role.ADMIN).execute(document, {"refs": refs})) == ["LIMIT_EXCEEDED"]


async def test_a_status_is_filtered_by_as_it_stands_at_the_instant(organisation: Organisation, sign_in: SignIn) -> None:
    cases = organisation.every_status()
    document = (
        "query ($status: SeriesEnrolmentStatus) { seriesEnrolments(filter: {status: {eq: $status}}) { nodes { id } } }"
    )
    admin = sign_in(Role.ADMIN)

    for status in _S:
        data = await admin.query(document, {"status": status.name})

        expected = {case.enrolment.gid for case in cases if case.now is status}
        assert {each["id"] for each in data["seriesEnrolments"]["nodes"]} == expected


async def test_an_instant_may_be_given_with_any_offset(organisation: Organisation, sign_in: SignIn) -> None:
    now = organisation.clock()
    learner = organisation.learner(created_at=now - 60 * DAY)
    document = "query ($at: DateTime) { learners(filter: {createdAt: {lte: $at}}) { nodes { id } } }"

    data = await sign_in(Role.ADMIN).query(document, {"at": "2026-01-01T22:30:15.250001+13:00"})

    assert data == {"learners": {"nodes": [{"id": learner.gid}]}}
