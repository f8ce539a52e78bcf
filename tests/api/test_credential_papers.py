"""What is fetched and shown: PDFs with a code that leads to their verification, by links that hold for minutes."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
import jwt
import pytest

from portal_api.auth import ALGORITHM, LINK_AUDIENCE, DownloadLinks
from portal_api.domain.certifications import LearnerCertificationStatus
from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.credentials import CancellationReason, CredentialStatus
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.roles import Role
from portal_api.models import certificates
from tests import papers
from tests.api.calls import call
from tests.client import Client, Json, codes
from tests.clock import ManualClock
from tests.conftest import SIGNING_KEY, SignIn
from tests.factories import Organisation, Record

VERIFY = """
    query($number: String!) { verifyCredential(number: $number) { status kind title issuedOn expiresOn } }
"""
LINK = "query($id: ID!) { %s(id: $id) { download { url expiresAt } } }"
TTL = timedelta(minutes=5)


async def _link(client: Client, record: Record, root: str = "credential") -> str:
    data = await client.query(LINK % root, {"id": record.gid})
    return data[root]["download"]["url"]


async def _pdf(http: httpx.AsyncClient, client: Client, record: Record) -> bytes:
    response = await http.get(await _link(client, record))
    assert response.status_code == 200
    return response.content


async def _verified(http: httpx.AsyncClient, number: str) -> Json:
    """What somebody is told who is signed in as nobody."""
    response = await http.post("/graphql", json={"query": VERIFY, "variables": {"number": number}})
    assert response.status_code == 200
    return response.json()["data"]["verifyCredential"]


async def test_the_code_on_a_credential_leads_to_what_is_true_of_it(
    organisation: Organisation, sign_in: SignIn, http: httpx.AsyncClient
) -> None:
    learner = organisation.learner(given_name="Tāne", family_name="#panic() *bold* $x$ \\")
    enrolment = organisation.trained(learner, Outcome.COMPETENT, Outcome.PRIOR_LEARNING_GRANTED)
    client = sign_in(Role.ADMIN)
    node = "id registerNumber courseTitle units { identifier title }"
    issued = await call(client, "requestCredentials", node, courseEnrolmentIds=[enrolment.gid], issueAtOnce=True)
    credential = issued["results"][0]["node"]
    query = "query($id: ID!) { credential(id: $id) { download { url } } }"

    async def fetched() -> bytes:
        data = await client.query(query, {"id": credential["id"]})
        response = await http.get(data["credential"]["download"]["url"])
        assert response.headers["content-type"] == "application/pdf"
        return response.content

    pdf = await fetched()
    words = papers.words(pdf)
    assert "Tāne #panic() *bold* $x$ \\" in words, "a name is a name, and never markup"
    assert credential["courseTitle"] in words
    for unit in credential["units"]:
        assert unit["identifier"] in words
        assert unit["title"] in words
    assert "valid" not in words.casefold()
    [address] = papers.codes(pdf)
    assert address == f"http://127.0.0.1:8000/verify/{credential['registerNumber']}"
    page = await http.get(urlsplit(address).path)
    assert (page.status_code, "<h1>Valid</h1>" in page.text) == (200, True)
    assert (await _verified(http, credential["registerNumber"]))["status"] == "VALID"

    await call(client, "cancelCredentials", ids=[credential["id"]], reason="REVOKED")

    pdf = await fetched()
    assert "No longer valid: revoked" in papers.words(pdf)
    [address] = papers.codes(pdf)
    page = await http.get(urlsplit(address).path)
    assert (page.status_code, "<h1>Revoked</h1>" in page.text) == (200, True)
    assert (await _verified(http, credential["registerNumber"]))["status"] == "REVOKED"


@pytest.mark.parametrize(
    ("reason", "status", "label"),
    [
        (CancellationReason.ISSUED_IN_ERROR, "CANCELLED", "cancelled"),
        (CancellationReason.REVOKED, "REVOKED", "revoked"),
        (CancellationReason.REPLACED, "REPLACED", "replaced by a newer one"),
    ],
)
async def test_what_is_cancelled_says_so_everywhere(
    organisation: Organisation,
    sign_in: SignIn,
    http: httpx.AsyncClient,
    reason: CancellationReason,
    status: str,
    label: str,
) -> None:
    enrolment = organisation.trained(organisation.learner())
    successor = organisation.credential(enrolment)
    replaced = {"replaced_by": successor.id, "cancelled_at": successor["issued_at"]}
    made = organisation.credential(
        enrolment, CredentialStatus.CANCELLED, reason, **(replaced if status == "REPLACED" else {})
    )

    assert f"No longer valid: {label}" in papers.words(await _pdf(http, sign_in(Role.ADMIN), made))
    assert await _verified(http, made["register_number"]) == {
        "status": status,
        "kind": "CREDENTIAL",
        "title": "First aid",
        "issuedOn": made["issued_on"].isoformat(),
        "expiresOn": None,
    }
    page = await http.get(f"/verify/{made['register_number']}")
    assert f"<h1>{label.capitalize()}</h1>" in page.text


async def test_a_certificate_is_verified_by_the_clock(
    organisation: Organisation, sign_in: SignIn, http: httpx.AsyncClient, clock: ManualClock
) -> None:
    learner = organisation.learner(family_name="Certified")
    of = organisation.certification(title="Forklift")
    organisation.learner_certification(learner, of, LearnerCertificationStatus.CERTIFIED)
    [row] = organisation.rows[certificates]
    made = Record(certificates, row)
    client = sign_in(Role.ADMIN)
    last_day = (
        (row["expires_at"] - timedelta(microseconds=1)).astimezone(ZoneInfo(organisation.time_zone)).date().isoformat()
    )

    async def told() -> tuple[Any, ...]:
        data = await client.query(
            "query($id: ID!) { node(id: $id) { ... on Certificate { download { url } } } }", {"id": made.gid}
        )
        words = papers.words((await http.get(data["node"]["download"]["url"])).content)
        page = await http.get(f"/verify/{row['register_number']}")
        assert "Certified" in words
        assert "Forklift" in words
        return (
            (await _verified(http, row["register_number"])),
            "No longer valid: expired" in words,
            "Expired" in page.text,
        )

    facts = {
        "kind": "CERTIFICATE",
        "title": "Forklift",
        "issuedOn": row["issued_on"].isoformat(),
        "expiresOn": last_day,
    }
    assert await told() == ({"status": "VALID", **facts}, False, False)
    clock.now = row["expires_at"] - timedelta(microseconds=1)
    assert (await _verified(http, row["register_number"]))["status"] == "VALID"
    clock.now = row["expires_at"]
    assert await told() == ({"status": "EXPIRED", **facts}, True, True)


async def test_verifying_takes_a_number_as_people_type_it(organisation: Organisation, http: httpx.AsyncClient) -> None:
    made = organisation.credential(organisation.trained(organisation.learner()))
    await organisation.save()
    number = made["register_number"]
    for typed in (number.lower(), number.replace("-", ""), f" {number.replace('-', ' ')} "):
        assert (await _verified(http, typed))["status"] == "VALID"
    for typed in ("", "nothing", number[:-1], "0" * 15, "'; DROP TABLE credentials", "x" * 10_000):
        assert await _verified(http, typed) == {
            "status": "NOT_FOUND",
            "kind": None,
            "title": None,
            "issuedOn": None,
            "expiresOn": None,
        }
    page, other = await http.get("/verify/%3Cscript%3Ealert(1)"), await http.get("/verify/Call%20+64%209%20555%200100")
    assert page.status_code == other.status_code == 404
    assert page.text == other.text, "what is no number is not said back"
    assert "alert" not in page.text


async def test_verifying_names_nobody(organisation: Organisation, http: httpx.AsyncClient) -> None:
    learner = organisation.learner(given_name="Tāne", family_name="Mahuta")
    made = organisation.credential(organisation.trained(learner), learner_name="Tāne Mahuta", organisation_name="Whose")
    await organisation.save()

    page = await http.get(f"/verify/{made['register_number']}")
    asked = {"query": VERIFY, "variables": {"number": made["register_number"]}}
    answer = await http.post("/graphql", json=asked)

    for text in (page.text, answer.text):
        assert "First aid" in text
        for secret in ("Tāne", "Mahuta", "Whose", organisation.name, learner["email"], learner.id.hex, made.id.hex):
            assert secret not in text
    described = await http.post(
        "/graphql", json={"query": '{ __type(name: "CredentialVerification") { fields { name } } }'}
    )
    names = {each["name"] for each in described.json()["data"]["__type"]["fields"]}
    assert names == {"status", "kind", "title", "issuedOn", "expiresOn"}


async def test_the_page_needs_no_script_and_is_shown_by_nobody_else(http: httpx.AsyncClient) -> None:
    page = await http.get("/verify/nothing")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script" not in page.text
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-type"].startswith("text/html; charset=utf-8")


async def test_anybody_verifies_and_nobody_asks_anything_else(
    organisation: Organisation, sign_in: SignIn, http: httpx.AsyncClient
) -> None:
    made = organisation.credential(organisation.trained(organisation.learner()))
    await organisation.save()
    number = made["register_number"]
    both = f'{{ verifyCredential(number: "{number}") {{ status }} %s }}'
    for beside in ("learners { totalCount }", "viewer { role }", f'credential(id: "{made.gid}") {{ id }}'):
        response = await http.post("/graphql", json={"query": both % beside})
        assert response.status_code == 401
        assert codes(response.json()) == ["UNAUTHENTICATED"]
        assert "data" not in response.json()
    spread = f'{{ ...f }} fragment f on Query {{ a: verifyCredential(number: "{number}") {{ status __typename }} }}'
    response = await http.post("/graphql", json={"query": spread})
    assert response.json()["data"] == {"a": {"status": "VALID", "__typename": "CredentialVerification"}}
    hidden = "{ ...f } fragment f on Query { verifyCredential: learners { totalCount } }"
    assert (await http.post("/graphql", json={"query": hidden})).status_code == 401
    for role in Role:
        data = await sign_in(role).query(VERIFY, {"number": number})
        assert data["verifyCredential"]["status"] == "VALID", role


async def test_a_link_holds_for_five_minutes_and_for_inactive_learners(
    organisation: Organisation, sign_in: SignIn, http: httpx.AsyncClient, clock: ManualClock
) -> None:
    learner = organisation.learner(is_active=False)
    assert learner["status"] is LearnerStatus.INACTIVE
    made = organisation.credential(organisation.trained(learner))
    client = sign_in(Role.ADMIN)
    data = await client.query(LINK % "credential", {"id": made.gid})
    link = data["credential"]["download"]
    assert link["expiresAt"] == (clock() + TTL).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    clock.advance(TTL - timedelta(microseconds=1))
    response = await http.get(link["url"])
    assert response.status_code == 200
    assert response.headers["content-disposition"].startswith(
        f'attachment; filename="credential-{made["register_number"]}.pdf"'
    )
    assert response.headers["cache-control"] == "no-store"
    clock.advance(timedelta(microseconds=1))
    assert (await http.get(link["url"])).status_code == 404


def _signed_for_exports(organisation: Organisation, record: Record, now: datetime) -> str:
    """What names a record as a link to it does, and is meant for another door."""
    claims = {"sub": record.gid, "org": organisation.id.hex, "exp": (now + TTL).timestamp(), "aud": LINK_AUDIENCE}
    return jwt.encode(claims, SIGNING_KEY, ALGORITHM)


async def test_a_link_that_does_not_hold_leads_nowhere(
    organisation: Organisation, sign_in: SignIn, http: httpx.AsyncClient, clock: ManualClock
) -> None:
    enrolment = organisation.trained(organisation.learner())
    made = organisation.credential(enrolment)
    requested = organisation.credential(organisation.trained(organisation.learner()), CredentialStatus.REQUESTED)
    twin = organisation.twin()
    await twin.save()
    good = await _link(sign_in(Role.ADMIN), made)
    links, others = DownloadLinks(SIGNING_KEY), DownloadLinks("another key that is as long as the first one")
    now, token = clock(), good.rpartition("/")[2]

    wrong = {
        "changed": f"{good[:-2]}AA",
        "of another key": others.sign_file("crd", organisation.id, made.id, now)[0],
        "of another organisation": links.sign_file("crd", twin.id, made.id, now)[0],
        "to another kind": links.sign_file("cer", organisation.id, made.id, now)[0],
        "to a document": links.sign_file("doc", organisation.id, made.id, now)[0],
        "to a record without a file": links.sign_file("cen", organisation.id, enrolment.id, now)[0],
        "to what was not issued": links.sign_file("crd", organisation.id, requested.id, now)[0],
        "to an export": f"/files/{links.sign(organisation.id, made.id, now).rpartition('/')[2]}",
        "for an export": f"/exports/{token}",
        "that is a token": f"/files/{sign_in(Role.ADMIN).token}",
        "of another audience": f"/files/{_signed_for_exports(organisation, made, now)}",
        "that is nothing": "/files/nothing",
    }
    assert (await http.get(good)).status_code == 200
    for why, link in wrong.items():
        response = await http.get(link)
        assert response.status_code == 404, why
        assert response.text.startswith("There is no such file"), why
    data = await sign_in(Role.ADMIN).query(LINK % "credential", {"id": requested.gid})
    assert data["credential"]["download"] is None
    as_token = await http.post(
        "/graphql", json={"query": "{ viewer { role } }"}, headers={"authorization": f"Bearer {token}"}
    )
    assert as_token.status_code == 401


async def test_a_paper_with_many_units_has_its_code_on_the_last_page(
    organisation: Organisation, sign_in: SignIn, http: httpx.AsyncClient
) -> None:
    units = ",".join(f'{{"identifier":"U{n:03}","title":"Unit {n}","outcome":"20"}}' for n in range(120))
    made = organisation.credential(organisation.trained(organisation.learner()), units=f"[{units}]")

    pdf = await _pdf(http, sign_in(Role.ADMIN), made)

    assert "U119" in papers.words(pdf)
    assert papers.codes(pdf) == [f"http://127.0.0.1:8000/verify/{made['register_number']}"]
    assert len(re.findall("Register number", papers.words(pdf))) >= 4, "at the foot of every page"
