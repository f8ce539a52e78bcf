"""Offers of courses, who trains in them, and status reasons: made, changed, retired and reinstated."""

from typing import Any

from portal_api.domain.roles import Role
from portal_api.models import course_offer_trainers
from tests.api.calls import call, codes_and_paths, told
from tests.api.cases import outcomes, row_codes
from tests.conftest import SignIn
from tests.factories import Organisation

OFFER = """
    id externalRef title startsOn endsOn needsCommitment version course { id } trainers(first: 5) { totalCount nodes { id } }
    history(first: 5) { nodes { action changedFields } }
"""


def _trainers(node: dict[str, Any]) -> set[str]:
    return {each["id"] for each in node["trainers"]["nodes"]}


async def test_a_course_is_offered_with_trainers(organisation: Organisation, sign_in: SignIn) -> None:
    course, trainer = organisation.course(), organisation.staff[Role.TRAINER]
    rows = [
        {
            "courseId": course.gid,
            "title": "Winter",
            "externalRef": "W26",
            "startsOn": "2026-06-01",
            "endsOn": "2026-06-01",
            "needsCommitment": True,
            "trainerIds": [trainer.gid, trainer.gid],
        },
        {"courseId": course.gid, "title": "Bare"},
    ]

    payload = await call(sign_in(Role.ADMIN), "createCourseOffers", OFFER, offers=rows)

    made, bare = (each["node"] for each in payload["results"])
    assert (made["externalRef"], made["startsOn"], made["endsOn"]) == ("W26", "2026-06-01", "2026-06-01")
    assert (made["needsCommitment"], made["course"], _trainers(made)) == (True, {"id": course.gid}, {trainer.gid})
    assert (bare["externalRef"], bare["startsOn"], bare["needsCommitment"]) == (bare["id"], None, False)
    assert _trainers(bare) == set()
    assert await told(organisation) == [("COURSE_OFFER_CREATED", None, "ACTIVE", 1)] * 2


async def test_an_offer_that_cannot_be_meant_is_refused_in_its_row(organisation: Organisation, sign_in: SignIn) -> None:
    course, retired = organisation.course(), organisation.course(is_active=False)
    taken, twin = organisation.course_offer(course), organisation.twin()
    await twin.save()
    good = {"courseId": course.gid, "title": "Winter"}
    rows = [
        {**good, "title": ""},
        {**good, "courseId": retired.gid},
        {**good, "courseId": twin.counterpart(course).gid},
        {**good, "startsOn": "2026-06-02", "endsOn": "2026-06-01"},
        {**good, "externalRef": taken["external_ref"]},
        {**good, "trainerIds": [organisation.staff[Role.TRAINER].gid, organisation.staff[Role.ADMIN].gid]},
        {**good, "trainerIds": [twin.staff[Role.TRAINER].gid]},
        {**good, "trainerIds": [organisation.staff[Role.TRAINER].gid] * 51},
        {**good, "externalRef": "ONE"},
        {**good, "externalRef": "ONE"},
    ]

    payload = await call(sign_in(Role.OWNER), "createCourseOffers", "id", offers=rows)

    assert codes_and_paths(payload) == [
        [("INPUT_INVALID", "input.offers.0.title")],
        [("STATUS_NOT_ALLOWED", "input.offers.1.courseId")],
        [("NOT_FOUND", "input.offers.2.courseId")],
        [("INVALID_DATES", "input.offers.3.endsOn")],
        [("EXTERNAL_REF_TAKEN", "input.offers.4.externalRef")],
        [("NOT_A_TRAINER", "input.offers.5.trainerIds.1")],
        [("NOT_FOUND", "input.offers.6.trainerIds.0")],
        [("LIMIT_EXCEEDED", "input.offers.7.trainerIds")],
        [],
        [("EXTERNAL_REF_TAKEN", "input.offers.9.externalRef")],
    ]
    assert await told(organisation) == [("COURSE_OFFER_CREATED", None, "ACTIVE", 1)]


async def test_an_offer_is_changed_field_by_field(organisation: Organisation, sign_in: SignIn) -> None:
    taken = organisation.course_offer(organisation.course())
    offer = organisation.course_offer(organisation.course(), title="Old", needs_commitment=True)
    admin = sign_in(Role.ADMIN)

    async def change(**given: Any) -> Any:
        return await call(admin, "updateCourseOffer", OFFER, id=offer.gid, **given)

    same = await change(title="Old", startsOn=None, needsCommitment=None)
    dated = await change(title="New", startsOn="2026-06-01", endsOn="2026-07-01", needsCommitment=False)
    crossed = await change(endsOn="2026-05-31")
    reference = await change(externalRef=taken["external_ref"])
    late = await change(title="Newer", expectedVersion=1)
    freed = await change(endsOn=None)

    assert outcomes(same) == ["UNCHANGED"]
    node = dated["results"][0]["node"]
    assert (node["title"], node["startsOn"], node["endsOn"]) == ("New", "2026-06-01", "2026-07-01")
    assert (node["needsCommitment"], node["version"]) == (False, 2)
    assert sorted(node["history"]["nodes"][0]["changedFields"]) == ["endsOn", "needsCommitment", "startsOn", "title"]
    assert codes_and_paths(crossed) == [[("INVALID_DATES", "input.endsOn")]]
    assert codes_and_paths(reference) == [[("EXTERNAL_REF_TAKEN", "input.externalRef")]]
    assert row_codes(late) == [["CHANGED_MEANWHILE"]]
    node = freed["results"][0]["node"]
    assert (node["startsOn"], node["endsOn"], node["version"]) == ("2026-06-01", None, 3)


async def test_an_offer_is_given_other_trainers(organisation: Organisation, sign_in: SignIn) -> None:
    one, two = organisation.staff[Role.TRAINER], organisation.user(Role.TRAINER)
    offer = organisation.course_offer(organisation.course(), one)
    retired = organisation.course_offer(organisation.course(), is_active=False)
    admin = sign_in(Role.ADMIN)

    async def given(*ids: str, **more: Any) -> Any:
        return await call(admin, "setCourseOfferTrainers", OFFER, id=offer.gid, trainerIds=list(ids), **more)

    same = await given(one.gid)
    preview = await given(preview=True)
    both = await given(two.gid, one.gid)
    wrong = await given(two.gid, organisation.staff[Role.OWNER].gid)
    late = await given(expectedVersion=1)
    none = await given()
    closed = await call(admin, "setCourseOfferTrainers", "id", id=retired.gid, trainerIds=[one.gid])

    assert outcomes(same) == ["UNCHANGED"]
    assert _trainers(preview["results"][0]["node"]) == set()
    node = both["results"][0]["node"]
    assert (_trainers(node), node["version"]) == ({one.gid, two.gid}, 2)
    assert node["history"]["nodes"] == [{"action": "COURSE_OFFER_TRAINERS_SET", "changedFields": ["trainers"]}]
    assert codes_and_paths(wrong) == [[("NOT_A_TRAINER", "input.trainerIds.1")]]
    assert row_codes(late) == [["CHANGED_MEANWHILE"]]
    assert _trainers(none["results"][0]["node"]) == set()
    assert row_codes(closed) == [["STATUS_NOT_ALLOWED"]]
    assert await organisation.stored(course_offer_trainers) == []
    assert await told(organisation) == [
        ("COURSE_OFFER_TRAINERS_SET", "ACTIVE", "ACTIVE", 2),
        ("COURSE_OFFER_TRAINERS_SET", "ACTIVE", "ACTIVE", 3),
    ]


async def test_an_offer_says_why_nobody_can_be_enrolled(organisation: Organisation, sign_in: SignIn) -> None:
    organisation.course_offer(organisation.course(), title="open")
    organisation.course_offer(organisation.course(), title="retired", is_active=False)
    organisation.course_offer(organisation.course(is_active=False), title="of a retired course")

    data = await sign_in(Role.ADMIN).query(
        "{ courseOffers { nodes { title actions { action available reasons { code } } } } }"
    )

    enrolling = {
        node["title"]: (state["available"], [each["code"] for each in state["reasons"]])
        for node in data["courseOffers"]["nodes"]
        for state in node["actions"]
        if state["action"] == "ENROL"
    }
    assert enrolling == {
        "open": (True, []),
        "retired": (False, ["STATUS_NOT_ALLOWED"]),
        "of a retired course": (False, ["STATUS_NOT_ALLOWED"]),
    }


async def test_the_owner_adds_status_reasons_of_titles_of_their_own(
    organisation: Organisation, sign_in: SignIn
) -> None:
    organisation.status_reason(title="Zoë's, moved", is_active=False)
    rows = [{"title": title} for title in ("ZOE'S,  MOVED", "Ill", "ILL", " ", "x" * 201, "Null\x00")]

    payload = await call(sign_in(Role.OWNER), "addStatusReasons", "title status version", reasons=rows)

    assert codes_and_paths(payload) == [
        [("TITLE_TAKEN", "input.reasons.0.title")],
        [],
        [("TITLE_TAKEN", "input.reasons.2.title")],
        [("INPUT_INVALID", "input.reasons.3.title")],
        [("INPUT_INVALID", "input.reasons.4.title")],
        [("INPUT_INVALID", "input.reasons.5.title")],
    ]
    assert payload["results"][1]["node"] == {"title": "Ill", "status": "ACTIVE", "version": 1}
    assert await told(organisation) == [("STATUS_REASON_CREATED", None, "ACTIVE", 1)]
