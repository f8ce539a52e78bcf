"""Versions of certifications over HTTP: how they are drafted, published and retired."""

from datetime import timedelta
from typing import Any

import pytest

from portal_api.domain.certifications import (
    CertificationVersionStatus,
)
from portal_api.domain.roles import Role
from portal_api.models import certification_steps, certification_versions, certifications
from tests.api.calls import call, codes_and_paths
from tests.api.cases import outcomes, row_codes
from tests.client import Client, Json, codes
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation

V = CertificationVersionStatus


STEPS = [{"title": "Reading", "paths": ["TEST_OUT", "ONLINE"]}, {"title": "Drill", "paths": ["CLASSROOM"]}]


CONTENT: Json = {"examTitle": "Final exam", "steps": STEPS}


WHOLE = """
    id number status version createdAt publishedAt retiredAt evidenceNeedsApproval validityMonths graceDays windowDays
    exam { title attemptLimit allowsExamBeforeTraining needsApproval }
    initialFee { amount currency due } recertificationFee { amount currency due }
    steps(first: 10) { nodes { position title paths } }
    history(first: 5) { nodes { action changedFields subjectVersion } }
"""


FULL: Json = {
    "examTitle": "Oral exam",
    "attemptLimit": 20,
    "allowsExamBeforeTraining": True,
    "examNeedsApproval": True,
    "evidenceNeedsApproval": False,
    "initialFee": 100_000_000,
    "recertificationFee": 1,
    "currency": "NZD",
    "feeDue": "BEFORE_EXAM",
    "validityMonths": 120,
    "graceDays": 3650,
    "windowDays": 3650,
    "steps": [],
}


async def draft(client: Client, of: str, node: str = WHOLE, **given: Any) -> Json:
    """The row of a call that drafts."""
    [row] = (await call(client, "draftCertificationVersion", node, certificationId=of, **CONTENT | given))["results"]
    return row


async def test_a_version_is_drafted_with_all_that_it_asks_or_with_little(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    admin, now = sign_in(Role.ADMIN), clock.now
    plain = await draft(admin, organisation.certification(is_published=False).gid)
    full = await draft(admin, organisation.certification().gid, **FULL)

    assert plain["id"] is None
    made = plain["node"]
    assert made.pop("id").startswith("ctv_")
    assert made.pop("createdAt") == f"{now:%Y-%m-%dT%H:%M:%S.%fZ}"
    assert made == {
        "number": 1,
        "status": "DRAFT",
        "version": 1,
        "publishedAt": None,
        "retiredAt": None,
        "evidenceNeedsApproval": True,
        "validityMonths": None,
        "graceDays": 0,
        "windowDays": 0,
        "exam": {
            "title": "Final exam",
            "attemptLimit": None,
            "allowsExamBeforeTraining": False,
            "needsApproval": False,
        },
        "initialFee": None,
        "recertificationFee": None,
        "steps": {
            "nodes": [
                {"position": 1, "title": "Reading", "paths": ["ONLINE", "TEST_OUT"]},
                {"position": 2, "title": "Drill", "paths": ["CLASSROOM"]},
            ]
        },
        "history": {"nodes": [{"action": "CERTIFICATION_VERSION_DRAFTED", "changedFields": None, "subjectVersion": 1}]},
    }
    assert {name: full["node"][name] for name in ("number", "evidenceNeedsApproval", "validityMonths", "exam")} == {
        "number": 2,
        "evidenceNeedsApproval": False,
        "validityMonths": 120,
        "exam": {"title": "Oral exam", "attemptLimit": 20, "allowsExamBeforeTraining": True, "needsApproval": True},
    }
    assert full["node"]["initialFee"] == {"amount": 100_000_000, "currency": "NZD", "due": "BEFORE_EXAM"}
    assert full["node"]["recertificationFee"] == {"amount": 1, "currency": "NZD", "due": "BEFORE_EXAM"}
    assert full["node"]["steps"] == {"nodes": []}
    assert [row["version"] for row in await organisation.stored(certifications)] == [1, 1]


async def test_a_draft_takes_another_content_in_its_place_and_the_same_again_is_no_change(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    admin, made = sign_in(Role.ADMIN), organisation.certification()
    first = await draft(admin, made.gid)
    clock.advance(timedelta(minutes=1))

    same = await draft(
        admin, made.gid, steps=[{"title": "Reading", "paths": ["ONLINE", "TEST_OUT", "ONLINE"]}, STEPS[1]]
    )
    steps = {row["id"] for row in await organisation.stored(certification_steps)}
    other = await draft(admin, made.gid, WHOLE, **FULL | {"steps": STEPS})
    kept = {row["id"] for row in await organisation.stored(certification_steps)}
    clock.advance(timedelta(minutes=1))
    walked = await draft(admin, made.gid, WHOLE, **FULL | {"steps": STEPS[::-1]})

    assert (same["outcome"], other["outcome"], walked["outcome"]) == ("UNCHANGED", "CHANGED", "CHANGED")
    assert {each["node"]["id"] for each in (same, other, walked)} == {first["node"]["id"]}
    assert same["node"]["version"] == 1
    assert steps == kept
    assert [each["title"] for each in walked["node"]["steps"]["nodes"]] == ["Drill", "Reading"]
    everything = [name for name in FULL if name != "steps"]
    assert walked["node"]["history"]["nodes"] == [
        {"action": "CERTIFICATION_VERSION_UPDATED", "changedFields": ["steps"], "subjectVersion": 3},
        {"action": "CERTIFICATION_VERSION_UPDATED", "changedFields": everything, "subjectVersion": 2},
        {"action": "CERTIFICATION_VERSION_DRAFTED", "changedFields": None, "subjectVersion": 1},
    ]


async def test_a_draft_is_replaced_at_the_version_that_was_read_and_at_no_other(
    organisation: Organisation, sign_in: SignIn
) -> None:
    admin, made = sign_in(Role.ADMIN), organisation.certification()

    gone = await draft(admin, made.gid, expectedVersion=1)
    await draft(admin, made.gid)
    fresh = await draft(admin, made.gid, examTitle="Anew", expectedVersion=1)
    stale = await draft(admin, made.gid, examTitle="Late", expectedVersion=1)

    assert fresh["outcome"] == "CHANGED"
    for row, version in ((gone, None), (stale, 2)):
        assert (row["node"], [each["code"] for each in row["errors"]]) == (None, ["CHANGED_MEANWHILE"])
        assert row["errors"][0]["currentVersion"] == version


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {
                "examTitle": "",
                "attemptLimit": 0,
                "initialFee": 0,
                "recertificationFee": 100_000_001,
                "validityMonths": 121,
                "graceDays": -1,
                "windowDays": 3651,
                "steps": [{"title": "x" * 201, "paths": []}, STEPS[1], {"title": " ", "paths": ["ONLINE"]}],
            },
            [
                ("INPUT_INVALID", "input.examTitle"),
                ("INPUT_INVALID", "input.attemptLimit"),
                ("INPUT_INVALID", "input.initialFee"),
                ("INPUT_INVALID", "input.recertificationFee"),
                ("INPUT_INVALID", "input.currency"),
                ("INPUT_INVALID", "input.validityMonths"),
                ("INPUT_INVALID", "input.graceDays"),
                ("INPUT_INVALID", "input.windowDays"),
                ("INPUT_INVALID", "input.steps.0.title"),
                ("LIST_EMPTY", "input.steps.0.paths"),
                ("INPUT_INVALID", "input.steps.2.title"),
            ],
        ),
        (
            {"attemptLimit": 21, "validityMonths": 0},
            [("INPUT_INVALID", "input.attemptLimit"), ("INPUT_INVALID", "input.validityMonths")],
        ),
        ({"recertificationFee": 1}, [("INPUT_INVALID", "input.currency")]),
        ({"initialFee": 1, "currency": "nzd"}, [("INPUT_INVALID", "input.currency")]),
        ({"initialFee": 1, "currency": "NZDD"}, [("INPUT_INVALID", "input.currency")]),
        ({"currency": "NZD"}, [("INPUT_INVALID", "input.currency")]),
        ({"steps": STEPS[:1] * 51}, [("LIMIT_EXCEEDED", "input.steps")]),
    ],
)
async def test_everything_that_is_wrong_with_a_version_is_told_at_once(
    given: Json, expected: list[tuple[str, str]], organisation: Organisation, sign_in: SignIn
) -> None:
    made, drafted = organisation.certification(), organisation.certification()
    organisation.certification_version(drafted, V.DRAFT)
    await organisation.save()
    before = await organisation.everything()

    for each in (made, drafted):
        asked = {"certificationId": each.gid, **CONTENT, **given}
        payload = await call(sign_in(Role.OWNER), "draftCertificationVersion", **asked)

        assert codes_and_paths(payload) == [expected]
        assert payload["results"][0]["node"] is None
    assert await organisation.everything() == before


async def test_fifty_steps_are_not_too_many(organisation: Organisation, sign_in: SignIn) -> None:
    row = await draft(
        sign_in(Role.ADMIN), organisation.certification().gid, "steps(first: 1) { totalCount }", steps=STEPS * 25
    )

    assert row["node"] == {"steps": {"totalCount": 50}}


async def test_a_version_that_was_published_never_changes_and_the_next_draft_is_a_version_of_its_own(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    admin, made = sign_in(Role.ADMIN), organisation.certification(is_published=False)
    first = (await draft(admin, made.gid))["node"]["id"]
    published_at = clock.advance(timedelta(minutes=1))
    published = await call(admin, "publishCertificationVersion", "status publishedAt version", id=first)
    before = await organisation.stored(certification_versions)

    second = await draft(admin, made.gid, examTitle="Another exam")

    assert published["results"][0]["id"] == first
    assert published["results"][0]["node"] == {
        "status": "PUBLISHED",
        "publishedAt": f"{published_at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "version": 2,
    }
    assert (second["node"]["number"], second["node"]["status"]) == (2, "DRAFT")
    assert [row for row in await organisation.stored(certification_versions) if row["number"] == 1] == before
    assert row_codes(await call(admin, "publishCertificationVersion", id=first)) == [["STATUS_NOT_ALLOWED"]]


async def test_new_cycles_begin_under_the_published_version_with_the_highest_number(
    organisation: Organisation, sign_in: SignIn
) -> None:
    admin, made = sign_in(Role.ADMIN), organisation.certification(is_published=False)
    versions = [organisation.certification_version(made, status) for status in (V.PUBLISHED, V.PUBLISHED, V.DRAFT)]

    async def newest() -> int | None:
        asked = "query($id: ID!) { certification(id: $id) { newestVersion { number } } }"
        shown = (await admin.query(asked, {"id": made.gid}))["certification"]["newestVersion"]
        return shown and shown["number"]

    numbers = [await newest()]
    await call(admin, "publishCertificationVersion", id=versions[2].gid)
    numbers.append(await newest())
    for each in versions[::-1]:
        assert outcomes(await call(admin, "retireCertificationVersion", id=each.gid)) == ["CHANGED"]
        numbers.append(await newest())

    assert numbers == [2, 3, 2, 1, None]
    assert row_codes(await call(admin, "retireCertificationVersion", id=versions[0].gid)) == [["STATUS_NOT_ALLOWED"]]


async def test_what_is_not_seen_is_drafted_published_and_retired_as_what_does_not_exist(
    organisation: Organisation, sign_in: SignIn
) -> None:
    made = organisation.certification()
    organisation.certification_version(made, V.DRAFT)
    twin = organisation.twin()
    await twin.save()
    theirs = twin.counterpart(made)
    admin = sign_in(Role.ADMIN)

    row = await draft(admin, theirs.gid)

    assert [each["code"] for each in row["errors"]] == ["NOT_FOUND"]
    assert len(await twin.stored(certification_versions)) == 2
    wrong = {"certificationId": f"ctv_{made.id.hex}", **CONTENT}
    document = (
        "mutation($input: DraftCertificationVersionInput!) { draftCertificationVersion(input: $input) { isPreview } }"
    )
    assert codes(await admin.execute(document, {"input": wrong})) == ["ID_INVALID"]
