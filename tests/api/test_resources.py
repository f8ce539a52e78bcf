"""Resources: made and changed by administrators, reached by whoever may learn from them."""

from typing import Any

import pytest

from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from tests.api.calls import call, codes_and_paths, told
from tests.api.cases import outcomes, row_codes
from tests.client import Client
from tests.conftest import SignIn
from tests.factories import Organisation, Record

_S = SeriesEnrolmentStatus
NODE = "id title url series { id } status version"
ALL = "query($filter: ResourceFilter) { resources(first: 100, filter: $filter) { nodes { title } totalCount } }"


async def _titles(client: Client, **filter: Any) -> set[str]:
    data = await client.query(ALL, {"filter": filter})
    titles = {each["title"] for each in data["resources"]["nodes"]}
    assert data["resources"]["totalCount"] == len(titles)
    return titles


async def test_resources_of_a_series_and_of_the_organisation_are_made(
    organisation: Organisation, sign_in: SignIn
) -> None:
    of = organisation.series()
    rows = [
        {"title": "Plan", "url": "https://files.example.org/plan"},
        {"seriesId": of.gid, "title": "Slides", "url": "https://files.example.org/slides?page=1"},
    ]

    payload = await call(sign_in(Role.ADMIN), "createResources", NODE, resources=rows)

    assert outcomes(payload) == ["CHANGED", "CHANGED"]
    assert [each["node"]["series"] for each in payload["results"]] == [None, {"id": of.gid}]
    assert await told(organisation) == [("RESOURCE_CREATED", None, "ACTIVE", 1)] * 2
    data = await sign_in(Role.ADMIN).query(
        "query($id: ID!) { series(id: $id) { resources { nodes { title history { nodes { action } } } } } }",
        {"id": of.gid},
    )
    assert data["series"]["resources"]["nodes"] == [
        {"title": "Slides", "history": {"nodes": [{"action": "RESOURCE_CREATED"}]}}
    ]


async def test_what_cannot_be_is_told_at_its_place(organisation: Organisation, sign_in: SignIn) -> None:
    twin = organisation.twin()
    theirs = twin.series()
    await twin.save()
    good = {"title": "Plan", "url": "https://files.example.org/plan"}
    rows: list[dict[str, Any]] = [
        {**good, "title": ""},
        {**good, "url": "http://files.example.org/plan"},
        {**good, "url": "https://user@files.example.org/plan"},
        {**good, "seriesId": theirs.gid},
    ]

    payload = await call(sign_in(Role.OWNER), "createResources", NODE, resources=rows)

    assert codes_and_paths(payload) == [
        [("INPUT_INVALID", "input.resources.0.title")],
        [("INPUT_INVALID", "input.resources.1.url")],
        [("INPUT_INVALID", "input.resources.2.url")],
        [("NOT_FOUND", "input.resources.3.seriesId")],
    ]
    assert await told(organisation) == []


async def test_resources_are_changed_retired_and_reinstated(organisation: Organisation, sign_in: SignIn) -> None:
    made = organisation.resource(title="Plan")
    admin = sign_in(Role.ADMIN)

    unchanged = await call(admin, "updateResource", NODE, id=made.gid, title="Plan")
    empty = await call(admin, "updateResource", NODE, id=made.gid, title="")
    changed = await call(admin, "updateResource", NODE, id=made.gid, title="Anew", expectedVersion=1)
    late = await call(admin, "updateResource", NODE, id=made.gid, title="Again", expectedVersion=1)
    retired = await call(admin, "retireResources", NODE, ids=[made.gid])
    closed = await call(admin, "updateResource", NODE, id=made.gid, title="Again")
    reinstated = await call(admin, "reinstateResources", NODE, ids=[made.gid])

    assert (outcomes(unchanged), row_codes(empty), row_codes(late)) == (
        ["UNCHANGED"],
        [["INPUT_INVALID"]],
        [["CHANGED_MEANWHILE"]],
    )
    assert (changed["results"][0]["node"]["title"], retired["results"][0]["node"]["status"]) == ("Anew", "RETIRED")
    assert row_codes(closed) == [["STATUS_NOT_ALLOWED"]]
    assert reinstated["results"][0]["node"]["version"] == 4


def _library(organisation: Organisation) -> tuple[Record, Record]:
    """One resource of the organisation, one of each of two series, and retired ones beside them."""
    taken, other = organisation.series(), organisation.series()
    organisation.resource(title="own")
    organisation.resource(title="own retired", is_active=False)
    organisation.resource(taken, title="taken")
    organisation.resource(taken, title="taken retired", is_active=False)
    organisation.resource(other, title="other")
    return taken, other


EVERYTHING = {"own", "own retired", "taken", "taken retired", "other"}


@pytest.mark.parametrize("status", [None, *SeriesEnrolmentStatus])
@pytest.mark.parametrize(
    ("columns", "reaches"),
    [({}, True), ({"has_app_access": False}, False), ({"is_active": False}, False)],
    ids=["active", "without app access", "inactive"],
)
async def test_a_learner_reaches_the_resources_of_every_series_that_they_ever_took(
    organisation: Organisation,
    sign_in: SignIn,
    status: SeriesEnrolmentStatus | None,
    columns: dict[str, Any],
    *,
    reaches: bool,
) -> None:
    """Asked by an administrator of somebody, and by somebody of themselves where the token is taken at all."""
    taken, _ = _library(organisation)
    manager = organisation.own[Role.MANAGER]
    learner = organisation.learner(reports_to=manager, **columns)
    if status is not None:
        organisation.enrolment(learner, taken, status)
    reached = ({"own", "taken"} if status is not None else {"own"}) if reaches else set[str]()

    assert await _titles(sign_in(Role.ADMIN), reachedBy=learner.gid) == reached
    assert await _titles(sign_in(Role.MANAGER), reachedBy=learner.gid) == reached
    assert await _titles(sign_in(organisation.user(Role.TRAINER, learner))) == reached
    if reaches:
        assert await _titles(sign_in(organisation.user(Role.LEARNER, learner))) == reached


async def test_each_role_sees_what_it_reaches(organisation: Organisation, sign_in: SignIn) -> None:
    taken, other = _library(organisation)
    organisation.enrolment(organisation.own[Role.LEARNER], taken, _S.WITHDRAWN)
    organisation.enrolment(organisation.learner(), other)

    assert {role.name: await _titles(sign_in(role)) for role in Role} == {
        "OWNER": EVERYTHING,
        "ADMIN": EVERYTHING,
        "MANAGER": {"own", "taken"},
        "TRAINER": set[str](),
        "LEARNER": {"own", "taken"},
        "INTEGRATION": set[str](),
    }


async def test_a_manager_sees_nothing_by_a_report_who_is_inactive(organisation: Organisation, sign_in: SignIn) -> None:
    taken, _ = _library(organisation)
    organisation.enrolment(organisation.learner(reports_to=organisation.own[Role.MANAGER], is_active=False), taken)

    assert await _titles(sign_in(Role.MANAGER)) == {"own"}


async def test_reached_by_somebody_unseen_is_nothing(organisation: Organisation, sign_in: SignIn) -> None:
    _library(organisation)
    stranger = organisation.learner()
    twin = organisation.twin()
    theirs = twin.learner()
    await twin.save()

    assert await _titles(sign_in(Role.MANAGER), reachedBy=stranger.gid) == set()
    assert await _titles(sign_in(Role.ADMIN), reachedBy=theirs.gid) == set()


async def test_one_resource_is_read_by_those_who_reach_it(organisation: Organisation, sign_in: SignIn) -> None:
    of = organisation.series()
    made = organisation.resource(of)
    one = "query($id: ID!) { resource(id: $id) { id } node(id: $id) { id } }"

    assert await sign_in(Role.ADMIN).query(one, {"id": made.gid}) == {
        "resource": {"id": made.gid},
        "node": {"id": made.gid},
    }
    assert await sign_in(Role.LEARNER).query(one, {"id": made.gid}) == {"resource": None, "node": None}
