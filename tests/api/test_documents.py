"""Documents: kept with a learner, read by administrators and the learner, given back byte for byte."""

import hashlib
from base64 import b64encode
from typing import Any

import httpx
import pytest

from portal_api.domain.documents import MOST_BYTES
from portal_api.domain.roles import Role
from portal_api.models import document_pieces, documents
from portal_api.queries.documents import PIECE
from tests.api.calls import call, codes_and_paths, told
from tests.api.cases import outcomes, row_codes
from tests.conftest import SignIn
from tests.factories import Organisation, Record

NODE = "id title fileName mediaType size sha256 status version download { url } courseEnrolment { id } learner { id }"
LINK = "query($id: ID!) { document(id: $id) { download { url } } }"
ALL = "query($filter: DocumentFilter) { documents(filter: $filter) { nodes { title } totalCount } }"


def _row(learner: Record, content: bytes = b"%PDF-1.7 a passport", **given: Any) -> dict[str, Any]:
    row = {"learnerId": learner.gid, "title": "Passport", "fileName": "passport.pdf", "mediaType": "PDF"}
    return {**row, "content": b64encode(content).decode(), **given}


@pytest.mark.parametrize("size", [5, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 17])
async def test_a_document_comes_back_byte_for_byte(
    organisation: Organisation, sign_in: SignIn, http: httpx.AsyncClient, size: int
) -> None:
    enrolment = organisation.trained(organisation.learner())
    learner = organisation.record(enrolment["learner_id"])
    content = b"%PDF-" + bytes(place * 7 % 251 for place in range(size - 5))
    row = _row(learner, content, courseEnrolmentId=enrolment.gid, fileName="Lebenslauf März.pdf")

    payload = await call(sign_in(Role.ADMIN), "addDocuments", NODE, documents=[row])

    assert outcomes(payload) == ["CHANGED"]
    node = payload["results"][0]["node"]
    response = await http.get(node.pop("download")["url"])
    assert node == {
        "id": node["id"],
        "title": "Passport",
        "fileName": "Lebenslauf März.pdf",
        "mediaType": "PDF",
        "size": size,
        "sha256": hashlib.sha256(content).hexdigest(),
        "status": "ACTIVE",
        "version": 1,
        "courseEnrolment": {"id": enrolment.gid},
        "learner": {"id": learner.gid},
    }
    assert response.content == content
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-length"] == str(size)
    assert response.headers["content-disposition"] == (
        "attachment; filename=\"Lebenslauf M_rz.pdf\"; filename*=UTF-8''Lebenslauf%20M%C3%A4rz.pdf"
    )
    assert "sandbox" in response.headers["content-security-policy"]
    pieces = await organisation.stored(document_pieces)
    assert [len(each["content"]) <= PIECE for each in pieces] == [True] * -(-size // PIECE)
    assert await told(organisation) == [("DOCUMENT_ADDED", None, "ACTIVE", 1)]


async def test_what_cannot_be_kept_is_told_at_its_place(organisation: Organisation, sign_in: SignIn) -> None:
    learner, inactive = organisation.learner(), organisation.learner(is_active=False)
    other = organisation.trained(organisation.learner())
    twin = organisation.twin()
    theirs = twin.learner()
    await twin.save()
    rows = [
        _row(learner, title=""),
        _row(learner, fileName="../passport.pdf"),
        {**_row(learner), "content": "no base64"},
        _row(learner, b"GIF89a"),
        _row(learner, b"%PDF-".ljust(MOST_BYTES + 1, b" ")),
        _row(inactive),
        _row(theirs),
        _row(learner, courseEnrolmentId=other.gid),
        _row(learner),
    ]

    payload = await call(sign_in(Role.ADMIN), "addDocuments", documents=rows)

    at = "input.documents"
    assert codes_and_paths(payload) == [
        [("INPUT_INVALID", f"{at}.0.title")],
        [("INPUT_INVALID", f"{at}.1.fileName")],
        [("INPUT_INVALID", f"{at}.2.content")],
        [("INPUT_INVALID", f"{at}.3.content")],
        [("FILE_TOO_LARGE", f"{at}.4.content")],
        [("LEARNER_INACTIVE", ""), ("STATUS_NOT_ALLOWED", "")],
        [("NOT_FOUND", f"{at}.6.learnerId")],
        [("NOT_FOUND", f"{at}.7.courseEnrolmentId")],
        [],
    ]
    assert len(await organisation.stored(documents)) == 1


async def test_five_hundred_documents_cost_as_many_statements_as_one(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner()
    client, tally = sign_in(Role.ADMIN), organisation.database.tally

    async def statements(number: int) -> int:
        before = tally.statements
        payload = await call(client, "addDocuments", documents=[_row(learner) for _ in range(number)])
        assert payload["counts"]["changed"] == number
        return tally.statements - before

    await organisation.save()
    assert await statements(1) == await statements(500) <= 10


async def test_archived_documents_are_kept_and_can_be_fetched(
    organisation: Organisation, sign_in: SignIn, http: httpx.AsyncClient
) -> None:
    made = organisation.document(organisation.learner(), b"%PDF- as it was")
    client = sign_in(Role.ADMIN)

    payload = await call(client, "archiveDocuments", "status archivedAt version download { url }", ids=[made.gid])

    node = payload["results"][0]["node"]
    assert (node["status"], node["version"]) == ("ARCHIVED", 2)
    assert (await http.get(node["download"]["url"])).content == b"%PDF- as it was"
    assert row_codes(await call(client, "archiveDocuments", ids=[made.gid])) == [["STATUS_NOT_ALLOWED"]]
    assert await told(organisation) == [("DOCUMENT_ARCHIVED", "ACTIVE", "ARCHIVED", 2)]


async def test_documents_of_an_inactive_learner_are_fetched_and_not_changed(
    organisation: Organisation, sign_in: SignIn, http: httpx.AsyncClient
) -> None:
    made = organisation.document(organisation.learner(is_active=False), b"%PDF- still there")
    client = sign_in(Role.OWNER)

    assert row_codes(await call(client, "archiveDocuments", ids=[made.gid])) == [["LEARNER_INACTIVE"]]
    data = await client.query(LINK, {"id": made.gid})
    assert (await http.get(data["document"]["download"]["url"])).content == b"%PDF- still there"


async def test_documents_are_seen_by_administrators_and_the_learner_alone(
    organisation: Organisation, sign_in: SignIn
) -> None:
    own = {role: organisation.document(organisation.own[role], title=role.name) for role in organisation.own}
    organisation.document(organisation.learner(), title="of a stranger")
    every = {*(role.name for role in own), "of a stranger"}
    expected = {
        Role.OWNER: every,
        Role.ADMIN: every,
        Role.MANAGER: {"MANAGER"},
        Role.LEARNER: {"LEARNER"},
        Role.TRAINER: set[str](),
        Role.INTEGRATION: set[str](),
    }
    for role, seen in expected.items():
        data = await sign_in(role).query(ALL)
        assert {each["title"] for each in data["documents"]["nodes"]} == seen, role
        assert data["documents"]["totalCount"] == len(seen)


async def test_what_was_done_to_a_document_is_told_to_whom_sees_it(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.own[Role.LEARNER]
    await call(sign_in(Role.ADMIN), "addDocuments", documents=[_row(learner)])
    document = "{ historyEntries(filter: {action: {eq: DOCUMENT_ADDED}}) { totalCount nodes { subject { id } } } }"
    for role, number in ((Role.OWNER, 1), (Role.ADMIN, 1), (Role.MANAGER, 0), (Role.LEARNER, 1), (Role.TRAINER, 0)):
        data = await sign_in(role).query(document)
        assert data["historyEntries"]["totalCount"] == number, role


async def test_lists_are_filtered_and_sorted(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.trained(organisation.learner())
    learner = organisation.record(enrolment["learner_id"])
    organisation.document(learner, title="Visa", course_enrolment_id=enrolment.id)
    organisation.document(learner, title="Álbum", is_active=False)
    organisation.document(organisation.learner(), title="Passport", media_type="png")
    client = sign_in(Role.ADMIN)

    async def found(**filter: Any) -> list[str]:
        data = await client.query(ALL, {"filter": filter})
        return sorted(each["title"] for each in data["documents"]["nodes"])

    assert await found(learnerId={"eq": learner.gid}) == ["Visa", "Álbum"]
    assert await found(courseEnrolmentId={"eq": enrolment.gid}) == ["Visa"]
    assert await found(mediaType={"in": ["PNG"]}) == ["Passport"]
    assert await found(status={"eq": "ARCHIVED"}) == ["Álbum"]
    assert await found(archivedAt={"isNull": False}) == ["Álbum"]
    assert await found(search="album") == ["Álbum"]
    data = await client.query("{ documents(orderBy: [{field: TITLE}]) { nodes { title } } }")
    assert [each["title"] for each in data["documents"]["nodes"]] == ["Álbum", "Passport", "Visa"]
