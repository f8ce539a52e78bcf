"""What a Trainer sees and does: the learners of their own offers, by name and state, and results there (section 1 of the roles)."""

from typing import Any

import pytest

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.roles import Role
from tests.api.calls import call
from tests.api.cases import outcomes, row_codes
from tests.conftest import SignIn
from tests.factories import Organisation, Record

LEARNERS = """
query($filter: LearnerFilter) { learners(first: 5, filter: $filter) { totalCount nodes {
    id givenName familyName status hasAppAccess email firstSignedInAt lastActivityAt
    specialRequirements { text isPrivate } manager { id } reports { totalCount }
    seriesEnrolments { totalCount } certifications { totalCount } history { totalCount }
    courseEnrolments { nodes { id units { nodes { id } } history { totalCount } } }
} } }
"""


@pytest.fixture
def taught(organisation: Organisation) -> Record:
    """A learner in an offer of the Trainer, and in one of somebody else, with all that a record can tell."""
    manager = organisation.learner()
    learner = organisation.learner(
        given_name="Aroha", family_name="Kea", reports_to=manager, special_requirements="Large print"
    )
    organisation.learner(reports_to=learner)
    organisation.enrolment(learner, organisation.series())
    own = organisation.course_offer(organisation.course(), organisation.staff[Role.TRAINER])
    for offer in (own, organisation.course_offer(organisation.course())):
        organisation.unit_enrolment(organisation.course_enrolment(learner, offer))
    return learner


async def test_a_trainer_sees_name_and_state_of_those_whom_they_train(
    organisation: Organisation, taught: Record, sign_in: SignIn
) -> None:
    [seen] = (await sign_in(Role.TRAINER).query(LEARNERS))["learners"]["nodes"]

    [enrolment] = seen.pop("courseEnrolments")["nodes"]
    assert len(enrolment["units"]["nodes"]) == 1
    assert seen == {
        "id": taught.gid,
        "givenName": "Aroha",
        "familyName": "Kea",
        "status": "ACTIVE",
        "hasAppAccess": True,
        "email": None,
        "firstSignedInAt": None,
        "lastActivityAt": None,
        "specialRequirements": None,
        "manager": None,
        "reports": {"totalCount": 0},
        "seriesEnrolments": {"totalCount": 0},
        "certifications": {"totalCount": 0},
        "history": {"totalCount": 0},
    }
    [whole] = (await sign_in(Role.ADMIN).query(LEARNERS, {"filter": {"id": {"eq": taught.gid}}}))["learners"]["nodes"]
    assert whole["email"] == taught["email"]
    assert (whole["reports"]["totalCount"], len(whole["courseEnrolments"]["nodes"])) == (1, 2)
    assert whole["specialRequirements"]["text"] == "Large print"


@pytest.mark.parametrize(("word", "found"), [("aroha", 1), ("kea", 1), ("example", 0), ("L-", 0)])
async def test_a_trainer_finds_them_by_name_alone(taught: Record, sign_in: SignIn, word: str, found: int) -> None:
    trainer = sign_in(Role.TRAINER)

    assert (await trainer.query(LEARNERS, {"filter": {"search": word}}))["learners"]["totalCount"] == found
    enrolments = await trainer.query(
        "query($word: String) { courseEnrolments(filter: {search: $word}) { totalCount } }", {"word": word}
    )
    assert enrolments["courseEnrolments"]["totalCount"] == found
    assert (await sign_in(Role.ADMIN).query(LEARNERS, {"filter": {"search": word}}))["learners"]["totalCount"] > 0


@pytest.mark.parametrize(
    "asked",
    [
        "learners(filter: {lastActivityAt: {isNull: true}})",
        "learners(filter: {hasSpecialRequirements: {eq: true}})",
        "learners(orderBy: {field: LAST_ACTIVITY_AT})",
    ],
)
async def test_what_is_not_shown_of_all_is_no_way_to_filter_or_sort(
    taught: Record, sign_in: SignIn, asked: str
) -> None:
    answered = await sign_in(Role.TRAINER).execute(f"{{ {asked} {{ totalCount }} }}")

    assert [error["extensions"]["code"] for error in answered["errors"]] == ["FORBIDDEN"]


async def test_their_own_record_is_shown_whole(organisation: Organisation, sign_in: SignIn) -> None:
    own = organisation.learner()
    trainer = organisation.user(Role.TRAINER, own)

    [seen] = (await sign_in(trainer).query(LEARNERS))["learners"]["nodes"]

    assert (seen["id"], seen["email"]) == (own.gid, own["email"])


async def test_results_are_recorded_in_their_own_offers_alone(
    organisation: Organisation, taught: Record, sign_in: SignIn
) -> None:
    own, other = organisation.learner(), organisation.course_offer(organisation.course())
    trainer = organisation.user(Role.TRAINER, own)
    own_offer = organisation.course_offer(organisation.course(), trainer)
    of_others = organisation.unit_enrolment(organisation.course_enrolment(own, other))
    of_oneself = organisation.unit_enrolment(organisation.course_enrolment(own, own_offer))
    unseen = organisation.unit_enrolment(organisation.course_enrolment(taught, other))
    finalised = organisation.unit_enrolment(
        organisation.course_enrolment(
            taught, own_offer, CourseEnrolmentStatus.WITHDRAWN, finalised_on=organisation.day(-5)
        ),
        starts=5,
        outcome=Outcome.NOT_COMMENCED,
        hours=0,
    )
    free = organisation.unit_enrolment(organisation.course_enrolment(organisation.learner(), own_offer))
    rows: list[dict[str, Any]] = [
        {"id": each.gid, "outcome": "20", "endsOn": str(organisation.today), "actualHours": 12}
        for each in (free, of_others, of_oneself, unseen, finalised)
    ]

    payload = await call(sign_in(trainer), "updateUnitEnrolments", "outcome actualHours", units=rows)

    assert outcomes(payload) == ["CHANGED", "REFUSED", "REFUSED", "REFUSED", "REFUSED"]
    assert row_codes(payload)[1:] == [["FORBIDDEN", "OWN_RECORD"], ["OWN_RECORD"], ["NOT_FOUND"], ["ALREADY_FINALISED"]]
    assert payload["results"][0]["node"] == {"outcome": "20", "actualHours": 12}
