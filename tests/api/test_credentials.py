"""Credentials: requested, issued under a register number, cancelled with a reason, replaced; said once and for ever."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.credentials import CancellationReason, CredentialStatus
from portal_api.domain.register_numbers import read_register_number
from portal_api.domain.roles import Role
from portal_api.models import courses, credentials, learners
from tests.api.calls import call, codes_and_paths, told
from tests.api.cases import outcomes, row_codes
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation

_S, _R = CredentialStatus, CancellationReason
SAID = "learnerName courseTitle programIdentifier units { identifier title outcome }"
NODE = f"id status version registerNumber issuedOn {SAID} courseEnrolment {{ id }} learner {{ id }}"
ALL = """
    query($filter: CredentialFilter, $orderBy: [CredentialOrder!]) {
      credentials(first: 100, filter: $filter, orderBy: $orderBy) { nodes { id } totalCount }
    }
"""


async def test_what_is_issued_says_what_was_true_then(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner = organisation.learner(given_name="Tāne", family_name="Mahuta")
    enrolment = organisation.trained(
        learner, Outcome.COMPETENT, Outcome.NOT_COMPETENT, Outcome.PRIOR_LEARNING_GRANTED, Outcome.CREDIT_TRANSFER
    )
    client = sign_in(Role.ADMIN)

    asked = await call(client, "requestCredentials", NODE, courseEnrolmentIds=[enrolment.gid])

    [requested] = asked["results"]
    assert requested["id"] == enrolment.gid
    assert requested["node"] == {
        "id": requested["node"]["id"],
        "status": "REQUESTED",
        "version": 1,
        "registerNumber": None,
        "issuedOn": None,
        "learnerName": None,
        "courseTitle": None,
        "programIdentifier": None,
        "units": [],
        "courseEnrolment": {"id": enrolment.gid},
        "learner": {"id": learner.gid},
    }
    clock.advance(timedelta(hours=20))  # in Auckland the day after

    payload = await call(client, "issueCredentials", NODE, ids=[requested["node"]["id"]])

    [result] = payload["results"]
    node = result["node"]
    assert read_register_number(node["registerNumber"]) == node["registerNumber"]
    assert (node["status"], node["version"], node["issuedOn"]) == ("ISSUED", 2, "2026-03-03")
    assert node["learnerName"] == "Tāne Mahuta"
    assert [unit["outcome"] for unit in node["units"]] == ["20", "51", "60"]
    async with organisation.database.engine.begin() as connection:
        await connection.execute(update(learners).where(learners.c.id == learner.id).values(family_name="Otherwise"))
        await connection.execute(
            update(courses).where(courses.c.organisation_id == organisation.id).values(title="Otherwise")
        )
    later = await client.query(f"query($id: ID!) {{ credential(id: $id) {{ {SAID} }} }}", {"id": node["id"]})
    assert later["credential"] == {name: node[name] for name in later["credential"]}
    assert await told(organisation) == [
        ("CREDENTIAL_REQUESTED", None, "REQUESTED", 1),
        ("CREDENTIAL_ISSUED", "REQUESTED", "ISSUED", 2),
    ]


async def test_one_call_asks_and_issues(organisation: Organisation, sign_in: SignIn) -> None:
    trained = organisation.trained(organisation.learner())
    untrained = organisation.trained(organisation.learner(), Outcome.CONTINUING)
    ids = [trained.gid, untrained.gid]

    payload = await call(sign_in(Role.ADMIN), "requestCredentials", NODE, courseEnrolmentIds=ids, issueAtOnce=True)

    assert row_codes(payload) == [[], ["NO_CREDENTIALLED_OUTCOME"]]
    assert payload["results"][0]["node"]["status"] == "ISSUED"
    assert payload["results"][1]["node"] is None
    assert await told(organisation) == [("CREDENTIAL_ISSUED", None, "ISSUED", 1)]


@pytest.mark.parametrize("outcome", Outcome)
async def test_a_credential_needs_one_unit_with_20_51_or_60(
    organisation: Organisation, sign_in: SignIn, outcome: Outcome
) -> None:
    requested = organisation.credential(organisation.trained(organisation.learner(), outcome), _S.REQUESTED)
    issued = organisation.credential(organisation.trained(organisation.learner(), outcome))
    expected = [] if outcome in {"20", "51", "60"} else ["NO_CREDENTIALLED_OUTCOME"]
    client = sign_in(Role.ADMIN)

    assert row_codes(await call(client, "issueCredentials", ids=[requested.gid])) == [expected]
    assert row_codes(await call(client, "reissueCredentials", ids=[issued.gid])) == [expected]


async def test_a_preview_uses_up_no_number(organisation: Organisation, sign_in: SignIn) -> None:
    requested = organisation.credential(organisation.trained(organisation.learner()), _S.REQUESTED)
    client = sign_in(Role.ADMIN)

    seen = await call(client, "issueCredentials", "registerNumber", ids=[requested.gid], preview=True)
    [row] = await organisation.stored(credentials)
    assert (row["status"], row["register_number"]) == (_S.REQUESTED, None)
    verified = await client.query(
        "query($number: String!) { verifyCredential(number: $number) { status } }",
        {"number": seen["results"][0]["node"]["registerNumber"]},
    )
    meant = await call(client, "issueCredentials", "registerNumber", ids=[requested.gid])

    assert verified["verifyCredential"] == {"status": "NOT_FOUND"}
    assert meant["results"][0]["node"] != seen["results"][0]["node"]
    [row] = await organisation.stored(credentials)
    assert row["register_number"] == meant["results"][0]["node"]["registerNumber"]


async def test_a_reissue_replaces_and_links_and_says_what_is_true_now(
    organisation: Organisation, sign_in: SignIn
) -> None:
    old = organisation.credential(organisation.trained(organisation.learner(given_name="Now")))
    node = "id status version registerNumber cancellationReason replacedBy { id status version registerNumber learnerName }"

    payload = await call(sign_in(Role.ADMIN), "reissueCredentials", node, ids=[old.gid], note="Misspelt")

    [result] = payload["results"]
    new = result["node"].pop("replacedBy")
    assert result["node"] == {
        "id": old.gid,
        "status": "CANCELLED",
        "version": 2,
        "registerNumber": old["register_number"],
        "cancellationReason": "REPLACED",
    }
    assert (new["status"], new["version"]) == ("ISSUED", 1)
    assert new["learnerName"].startswith("Now ")
    assert new["registerNumber"] != old["register_number"]
    assert await told(organisation) == [
        ("CREDENTIAL_ISSUED", None, "ISSUED", 1),
        ("CREDENTIAL_REPLACED", "ISSUED", "CANCELLED", 2),
    ]
    history = "query($id: ID!) { credential(id: $id) { history { nodes { cause { subject { id } } note } } } }"
    data = await sign_in(Role.ADMIN).query(history, {"id": new["id"]})
    assert data["credential"]["history"]["nodes"] == [{"cause": {"subject": {"id": old.gid}}, "note": None}]
    data = await sign_in(Role.ADMIN).query(history, {"id": old.gid})
    assert data["credential"]["history"]["nodes"] == [{"cause": None, "note": "Misspelt"}]


async def test_after_a_cancellation_another_may_be_asked_for(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.trained(organisation.learner())
    organisation.credential(enrolment, _S.CANCELLED, _R.REVOKED)
    client = sign_in(Role.ADMIN)
    ids = [enrolment.gid]

    assert outcomes(await call(client, "requestCredentials", courseEnrolmentIds=ids)) == ["CHANGED"]
    again = await call(client, "requestCredentials", courseEnrolmentIds=ids)

    assert row_codes(again) == [["CREDENTIAL_STANDS"]]


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        (_S.REQUESTED, "REQUEST_WITHDRAWN", []),
        (_S.REQUESTED, "REVOKED", [("INPUT_INVALID", "input.reason")]),
        (_S.ISSUED, "REQUEST_WITHDRAWN", [("INPUT_INVALID", "input.reason")]),
        (_S.ISSUED, "ISSUED_IN_ERROR", []),
        (_S.ISSUED, "REVOKED", []),
        (_S.ISSUED, "REPLACED", [("INPUT_INVALID", "input.reason")]),
    ],
)
async def test_a_reason_fits_what_is_cancelled(
    organisation: Organisation, sign_in: SignIn, status: CredentialStatus, reason: str, expected: list[Any]
) -> None:
    made = organisation.credential(organisation.trained(organisation.learner()), status)

    payload = await call(sign_in(Role.ADMIN), "cancelCredentials", ids=[made.gid], reason=reason, note="Why")

    assert codes_and_paths(payload) == [expected]
    [row] = await organisation.stored(credentials)
    assert row["cancellation_note"] == (None if expected else "Why")
    assert row["register_number"] == made["register_number"], "what was issued is kept"


@pytest.mark.parametrize(
    ("mutation", "status", "given"),
    [
        ("issueCredentials", _S.REQUESTED, {}),
        ("cancelCredentials", _S.ISSUED, {"reason": "REVOKED"}),
        ("reissueCredentials", _S.ISSUED, {}),
    ],
)
async def test_nothing_is_done_to_the_credentials_of_an_inactive_learner(
    organisation: Organisation, sign_in: SignIn, mutation: str, status: CredentialStatus, given: Any
) -> None:
    enrolment = organisation.trained(organisation.learner(is_active=False))
    made = organisation.credential(enrolment, status)
    await organisation.save()
    before = await organisation.everything()
    client = sign_in(Role.OWNER)

    assert row_codes(await call(client, mutation, ids=[made.gid], **given)) == [["LEARNER_INACTIVE"]]
    asked = await call(client, "requestCredentials", courseEnrolmentIds=[enrolment.gid])
    assert row_codes(asked) == [["LEARNER_INACTIVE", "CREDENTIAL_STANDS"]]
    assert await organisation.everything() == before


async def test_two_administrators_at_once_issue_one_credential(organisation: Organisation, sign_in: SignIn) -> None:
    requested = organisation.credential(organisation.trained(organisation.learner()), _S.REQUESTED)
    enrolment = organisation.trained(organisation.learner())
    await organisation.save()
    owner, admin = sign_in(Role.OWNER), sign_in(Role.ADMIN)

    issued = await asyncio.gather(*(call(each, "issueCredentials", ids=[requested.gid]) for each in (owner, admin)))
    at_once = await asyncio.gather(
        *(
            call(each, "requestCredentials", courseEnrolmentIds=[enrolment.gid], issueAtOnce=True)
            for each in (owner, admin)
        )
    )

    assert sorted(row_codes(each)[0] for each in issued) == [[], ["STATUS_NOT_ALLOWED"]]
    assert sorted(row_codes(each)[0] for each in at_once) == [[], ["CREDENTIAL_STANDS"]]
    rows = await organisation.stored(credentials)
    assert len(rows) == 2
    assert len({row["register_number"] for row in rows}) == 2


async def test_what_is_not_seen_is_not_found(organisation: Organisation, sign_in: SignIn) -> None:
    twin = organisation.twin()
    theirs = twin.trained(twin.learner())
    standing = twin.credential(theirs)
    await twin.save()
    client = sign_in(Role.OWNER)

    assert row_codes(await call(client, "requestCredentials", courseEnrolmentIds=[theirs.gid])) == [["NOT_FOUND"]]
    assert row_codes(await call(client, "reissueCredentials", ids=[standing.gid])) == [["NOT_FOUND"]]
    assert (await client.query("query($id: ID!) { credential(id: $id) { id } }", {"id": standing.gid})) == {
        "credential": None
    }


async def test_who_sees_which_credentials(organisation: Organisation, sign_in: SignIn) -> None:
    own = {role: organisation.credential(organisation.trained(organisation.own[role])) for role in organisation.own}
    stranger = organisation.credential(organisation.trained(organisation.learner()))
    every = {each.gid for each in (*own.values(), stranger)}
    expected = {
        Role.OWNER: every,
        Role.ADMIN: every,
        Role.MANAGER: {own[Role.MANAGER].gid, own[Role.LEARNER].gid},
        Role.LEARNER: {own[Role.LEARNER].gid},
        Role.TRAINER: set[str](),
        Role.INTEGRATION: set[str](),
    }
    for role, seen in expected.items():
        data = await sign_in(role).query(ALL)
        assert {each["id"] for each in data["credentials"]["nodes"]} == seen, role
        assert data["credentials"]["totalCount"] == len(seen)


async def test_lists_are_filtered_and_sorted(organisation: Organisation, sign_in: SignIn, clock: ManualClock) -> None:
    learner = organisation.learner(given_name="Anahera")
    of = organisation.trained(learner)
    cancelled = organisation.credential(of, _S.CANCELLED, _R.REVOKED, requested_at=clock() - timedelta(days=30))
    days = {"issued_at": clock() - timedelta(days=1), "issued_on": clock().date()}
    issued = organisation.credential(of, **days, requested_at=clock() - timedelta(days=21))
    requested = organisation.credential(organisation.trained(organisation.learner()), _S.REQUESTED)
    client = sign_in(Role.ADMIN)

    called = {cancelled.gid: "cancelled", issued.gid: "issued", requested.gid: "requested"}

    async def listed(order: str | None = None, **filter: Any) -> list[str]:
        order_by = [{"field": order}] if order else None
        data = await client.query(ALL, {"filter": filter, "orderBy": order_by})
        return [called[each["id"]] for each in data["credentials"]["nodes"]]

    async def found(**filter: Any) -> set[str]:
        return set(await listed(**filter))

    assert await listed("REQUESTED_AT") == ["cancelled", "issued", "requested"]
    assert await listed("ISSUED_AT") == ["cancelled", "issued", "requested"]
    assert await found(status={"eq": "REQUESTED"}) == {"requested"}
    assert await found(learnerId={"eq": learner.gid}) == {"cancelled", "issued"}
    assert await found(courseEnrolmentId={"eq": of.gid}) == {"cancelled", "issued"}
    assert await found(registerNumber={"eq": issued["register_number"]}) == {"issued"}
    assert await found(issuedAt={"isNull": True}) == {"requested"}
    assert await found(issuedOn={"gte": clock().date().isoformat()}) == {"issued"}
    assert await found(cancelledAt={"isNull": False}) == {"cancelled"}
    assert await found(cancellationReason={"in": ["REVOKED"]}) == {"cancelled"}
    assert await found(requestedAt={"lt": (clock() - timedelta(days=25)).isoformat()}) == {"cancelled"}
    assert await found(search="anaHERA") == {"cancelled", "issued"}


async def test_the_note_on_a_cancellation_is_for_administrators(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.trained(organisation.own[Role.LEARNER])
    made = organisation.credential(enrolment, _S.CANCELLED, cancellation_note="Between us")
    document = "query($id: ID!) { credential(id: $id) { cancellationReason cancellationNote } }"
    for role, note in ((Role.ADMIN, "Between us"), (Role.MANAGER, None), (Role.LEARNER, None)):
        data = await sign_in(role).query(document, {"id": made.gid})
        assert data["credential"] == {"cancellationReason": "ISSUED_IN_ERROR", "cancellationNote": note}


async def test_a_requested_credential_stands_open_with_its_learner(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner()
    requested = organisation.credential(organisation.trained(learner), _S.REQUESTED, requested_at=organisation.clock())
    organisation.credential(organisation.trained(learner))
    document = """
        query($id: ID!) { learner(id: $id) {
          openRecords { nodes { kind status subject { id } } }
          credentials { totalCount }
        } }
    """
    data = await sign_in(Role.ADMIN).query(document, {"id": learner.gid})
    open_records = data["learner"]["openRecords"]["nodes"]
    assert {"kind": "CREDENTIAL", "status": "REQUESTED", "subject": {"id": requested.gid}} in open_records
    assert [each["kind"] for each in open_records].count("CREDENTIAL") == 1
    assert data["learner"]["credentials"]["totalCount"] == 2


async def test_actions_say_what_a_call_then_does(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.trained(organisation.learner())
    organisation.credential(enrolment, _S.CANCELLED)
    standing = organisation.credential(enrolment)
    document = "{ credentials { nodes { id actions { action available reasons { code } } } } }"

    data = await sign_in(Role.ADMIN).query(document)

    shown = {
        each["id"] == standing.gid: {one["action"]: [why["code"] for why in one["reasons"]] for one in each["actions"]}
        for each in data["credentials"]["nodes"]
    }
    assert shown == {
        True: {"REQUEST": ["STATUS_NOT_ALLOWED"], "ISSUE": ["STATUS_NOT_ALLOWED"], "CANCEL": [], "REISSUE": []},
        False: {
            "REQUEST": ["CREDENTIAL_STANDS"],
            "ISSUE": ["STATUS_NOT_ALLOWED"],
            "CANCEL": ["STATUS_NOT_ALLOWED"],
            "REISSUE": ["STATUS_NOT_ALLOWED"],
        },
    }
