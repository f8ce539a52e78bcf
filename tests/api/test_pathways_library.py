"""Pathways themselves: made, changed while nobody is in them, retired and reinstated."""

from datetime import timedelta
from typing import Any

import pytest

from portal_api.domain.pathways import MOST_STEPS, PathwayEnrolmentStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesDuration, SeriesType
from portal_api.models import pathway_steps, pathways
from tests.api.calls import call, codes_and_paths, told
from tests.api.cases import outcomes, row_codes
from tests.client import Json
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation, Record

STEPS = "title kind status version externalRef steps(first: 3) { nodes { position series { id } } }"


async def _steps(organisation: Organisation, pathway: Record) -> list[Any]:
    rows = [row for row in await organisation.stored(pathway_steps) if row["pathway_id"] == pathway.id]
    return [row["series_id"] for row in sorted(rows, key=lambda row: row["position"])]


async def test_a_pathway_is_made_with_its_series_in_their_order(organisation: Organisation, sign_in: SignIn) -> None:
    given = [organisation.series() for _ in range(3)]
    order = [given[2].gid, given[0].gid, given[1].gid]

    payload = await call(
        sign_in(Role.ADMIN),
        "createPathway",
        f"id {STEPS} history(first: 2) {{ nodes {{ action toStatus }} }}",
        title="First steps",
        kind="INTERLEAVED",
        seriesIds=order,
    )

    [result] = payload["results"]
    assert result["id"] is None
    node = result["node"]
    assert node.pop("externalRef") == node.pop("id")
    assert node == {
        "title": "First steps",
        "kind": "INTERLEAVED",
        "status": "ACTIVE",
        "version": 1,
        "steps": {"nodes": [{"position": n, "series": {"id": id_}} for n, id_ in enumerate(order, start=1)]},
        "history": {"nodes": [{"action": "PATHWAY_CREATED", "toStatus": "ACTIVE"}]},
    }


async def test_a_pathway_takes_fifty_series_and_no_more(organisation: Organisation, sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMIN)
    ids = [organisation.series().gid for _ in range(MOST_STEPS + 1)]

    most = await call(admin, "createPathway", title="Long", kind="LINEAR", seriesIds=ids[:MOST_STEPS])
    more = await call(admin, "createPathway", title="Too long", kind="LINEAR", seriesIds=ids)
    none = await call(admin, "createPathway", title="Empty", kind="LINEAR", seriesIds=[])

    assert outcomes(most) == ["CHANGED"]
    assert len(await organisation.stored(pathway_steps)) == MOST_STEPS
    assert codes_and_paths(more) == codes_and_paths(none) == [[("INPUT_INVALID", "input.seriesIds")]]


@pytest.mark.parametrize(
    "columns",
    [
        {"duration": SeriesDuration.FIXED},
        {"duration": SeriesDuration.END_DATE},
        {"type": SeriesType.PREVIEW, "question_count": None, "mastery_percent": None},
    ],
)
async def test_a_pathway_takes_series_only_that_wait_for_mastery_and_names_the_others(
    columns: Json, organisation: Organisation, sign_in: SignIn
) -> None:
    fit, unfit = organisation.series(), organisation.series(title="Does not fit", **columns)

    payload = await call(
        sign_in(Role.ADMIN), "createPathway", title="Mixed", kind="LINEAR", seriesIds=[fit.gid, unfit.gid]
    )

    assert codes_and_paths(payload) == [[("PATHWAY_NEEDS_MASTERY", "input.seriesIds")]]
    [error] = payload["results"][0]["errors"]
    assert "'Does not fit'" in error["message"]
    assert await organisation.stored(pathways) == []


async def test_each_series_of_a_pathway_is_seen_active_and_named_once(
    organisation: Organisation, sign_in: SignIn
) -> None:
    fit, retired = organisation.series(), organisation.series(is_active=False)
    twin = organisation.twin()
    theirs = twin.series()
    await twin.save()

    payload = await call(
        sign_in(Role.OWNER),
        "createPathway",
        title="Wrong",
        kind="LINEAR",
        seriesIds=[fit.gid, retired.gid, fit.gid, theirs.gid],
    )

    assert codes_and_paths(payload) == [
        [
            ("STATUS_NOT_ALLOWED", "input.seriesIds.1"),
            ("INPUT_INVALID", "input.seriesIds.2"),
            ("NOT_FOUND", "input.seriesIds.3"),
        ]
    ]
    assert payload["results"][0]["errors"][0]["allowedStatuses"] == ["ACTIVE"]


async def test_a_reference_belongs_to_one_pathway_of_an_organisation(
    organisation: Organisation, sign_in: SignIn
) -> None:
    admin, series = sign_in(Role.ADMIN), organisation.series()
    taken = organisation.pathway(series, external_ref="TAKEN")
    other = organisation.pathway(series)
    twin = organisation.twin()
    theirs = twin.pathway(twin.series(), external_ref="THEIRS")
    await twin.save()
    new = {"title": "New", "kind": "LINEAR", "seriesIds": [series.gid]}

    made = await call(admin, "createPathway", **new, externalRef="TAKEN")
    changed = await call(admin, "updatePathway", id=other.gid, externalRef="TAKEN")
    kept = await call(admin, "updatePathway", id=taken.gid, externalRef="TAKEN")
    free = await call(admin, "createPathway", **new, externalRef=theirs["external_ref"])

    assert codes_and_paths(made) == codes_and_paths(changed) == [[("EXTERNAL_REF_TAKEN", "input.externalRef")]]
    assert outcomes(kept) == ["UNCHANGED"]
    assert outcomes(free) == ["CHANGED"]


async def test_titles_and_references_have_their_bounds(organisation: Organisation, sign_in: SignIn) -> None:
    admin, pathway = sign_in(Role.ADMIN), organisation.pathway(organisation.series())
    wrong = {"title": " ", "externalRef": "x" * 101}

    made = await call(admin, "createPathway", kind="LINEAR", seriesIds=[organisation.series().gid], **wrong)
    changed = await call(admin, "updatePathway", id=pathway.gid, **wrong)

    expected = [[("INPUT_INVALID", "input.externalRef"), ("INPUT_INVALID", "input.title")]]
    assert codes_and_paths(made) == codes_and_paths(changed) == expected


async def test_what_is_changed_is_told_by_name_and_what_is_not_given_stays(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    one, two = organisation.series(), organisation.series()
    pathway = organisation.pathway(one, two, title="Before")
    admin = sign_in(Role.ADMIN)

    titled = await call(admin, "updatePathway", f"{STEPS}", id=pathway.gid, title="After", kind=None)
    clock.advance(timedelta(minutes=1))
    walked = await call(
        admin,
        "updatePathway",
        f"{STEPS} history(first: 2) {{ nodes {{ action changedFields subjectVersion }} }}",
        id=pathway.gid,
        kind="INTERLEAVED",
        seriesIds=[two.gid],
        externalRef="ELSE",
    )
    again = await call(admin, "updatePathway", id=pathway.gid, title="After", seriesIds=[two.gid])

    assert titled["results"][0]["node"]["title"] == "After"
    assert len(titled["results"][0]["node"]["steps"]["nodes"]) == 2
    node = walked["results"][0]["node"]
    assert node["steps"] == {"nodes": [{"position": 1, "series": {"id": two.gid}}]}
    assert (node["title"], node["kind"], node["version"]) == ("After", "INTERLEAVED", 3)
    assert node["history"]["nodes"] == [
        {"action": "PATHWAY_UPDATED", "changedFields": ["externalRef", "kind", "steps"], "subjectVersion": 3},
        {"action": "PATHWAY_UPDATED", "changedFields": ["title"], "subjectVersion": 2},
    ]
    assert outcomes(again) == ["UNCHANGED"]
    assert len(await told(organisation)) == 2


@pytest.mark.parametrize("status", list(PathwayEnrolmentStatus))
async def test_once_anybody_was_enrolled_the_kind_and_the_series_stay(
    status: PathwayEnrolmentStatus, organisation: Organisation, sign_in: SignIn
) -> None:
    one, two = organisation.series(), organisation.series()
    pathway = organisation.pathway(one)
    organisation.pathway_enrolment(organisation.learner(), pathway, status)
    admin = sign_in(Role.OWNER)

    series = await call(admin, "updatePathway", id=pathway.gid, seriesIds=[one.gid, two.gid])
    kind = await call(admin, "updatePathway", id=pathway.gid, kind="INTERLEAVED", title="Otherwise")
    same = await call(admin, "updatePathway", id=pathway.gid, kind="LINEAR", seriesIds=[one.gid], title="Otherwise")

    assert codes_and_paths(series) == [[("PATHWAY_IN_USE", "input.seriesIds")]]
    assert codes_and_paths(kind) == [[("PATHWAY_IN_USE", "input.kind")]]
    assert outcomes(same) == ["CHANGED"]
    assert await _steps(organisation, pathway) == [one.id]


async def test_a_retired_pathway_is_not_changed_and_nobody_is_enrolled_until_it_is_reinstated(
    organisation: Organisation, sign_in: SignIn
) -> None:
    pathway, learner, admin = organisation.pathway(organisation.series()), organisation.learner(), sign_in(Role.ADMIN)
    enrolling = {"pathwayId": pathway.gid, "learnerIds": [learner.gid]}

    retired = await call(admin, "retirePathways", "status actions { action available }", ids=[pathway.gid])
    changed = await call(admin, "updatePathway", id=pathway.gid, title="No")
    enrolled = await call(admin, "enrolInPathway", **enrolling)
    reinstated = await call(admin, "reinstatePathways", "status actions { action available }", ids=[pathway.gid])
    now = await call(admin, "enrolInPathway", **enrolling)

    open_ = {each["action"] for each in retired["results"][0]["node"]["actions"] if each["available"]}
    assert open_ == {"REINSTATE"}
    assert row_codes(changed) == row_codes(enrolled) == [["STATUS_NOT_ALLOWED"]]
    open_ = {each["action"] for each in reinstated["results"][0]["node"]["actions"] if each["available"]}
    assert open_ == {"UPDATE", "RETIRE", "ENROL"}
    assert outcomes(now) == ["CHANGED"]
