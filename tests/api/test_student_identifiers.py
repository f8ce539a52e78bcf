"""The identifier that learners are reported by, and the stage that an organisation may do without."""

import pytest

from portal_api.domain.roles import Role
from portal_api.models import history_entries
from tests.api.calls import call, codes_and_paths
from tests.api.cases import outcomes, row_codes
from tests.conftest import SignIn
from tests.factories import Organisation

USI = "LSF92SBKSV"
NEW = {"givenName": "Ngaio", "familyName": "Marsh", "email": "ngaio@example.org"}


async def test_learners_are_made_and_edited_with_the_identifier_that_they_are_reported_by(
    organisation: Organisation, sign_in: SignIn
) -> None:
    admin = sign_in(Role.ADMIN)
    given = ("INDIV", "INTOFF", None, "", "indiv", "LSF92SBKSW", f"{USI}X")
    rows = [{**NEW, "studentIdentifier": each} for each in given]

    made = await call(admin, "createLearners", "id studentIdentifier", learners=rows)
    learner = made["results"][0]["node"]["id"]
    same = await call(admin, "updateLearner", "id", id=learner, studentIdentifier="INDIV")
    wrong = await call(admin, "updateLearner", "id", id=learner, studentIdentifier="INDIVI")
    changed = await call(admin, "updateLearner", "studentIdentifier", id=learner, studentIdentifier="INTOFF")
    other = await call(admin, "updateLearner", "studentIdentifier", id=learner, givenName="Edith")
    gone = await call(admin, "updateLearner", "studentIdentifier", id=learner, studentIdentifier=None)

    assert [each["node"] and each["node"]["studentIdentifier"] for each in made["results"][:3]] == [
        "INDIV",
        "INTOFF",
        None,
    ]
    assert codes_and_paths(made)[3:] == [
        [("INPUT_INVALID", f"input.learners.{place}.studentIdentifier")] for place in range(3, 7)
    ]
    assert outcomes(same) == ["UNCHANGED"]
    assert codes_and_paths(wrong) == [[("INPUT_INVALID", "input.studentIdentifier")]]
    told = [each["results"][0]["node"]["studentIdentifier"] for each in (changed, other, gone)]
    assert told == ["INTOFF", "INTOFF", None]
    entries = [str(each) for each in await organisation.stored(history_entries)]
    assert any("studentIdentifier" in each for each in entries)
    assert not any("INDIV" in each or "INTOFF" in each for each in entries)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.INTEGRATION])
async def test_the_identifier_is_for_administrators_and_the_learner(
    organisation: Organisation, sign_in: SignIn, role: Role
) -> None:
    own = organisation.learner(student_identifier="OWN")
    organisation.learner(student_identifier="BELOW", reports_to=own)
    client = sign_in(organisation.user(role, own))
    filtered = 'learners(filter: {studentIdentifier: {in: ["OWN", "BELOW"]}}) { totalCount }'

    data = await client.query(f"{{ learners {{ nodes {{ id studentIdentifier }} }} filtered: {filtered} }}")

    told = {node["studentIdentifier"] for node in data["learners"]["nodes"]} - {None}
    is_administrator = role in (Role.OWNER, Role.ADMIN)
    assert told == ({"OWN", "BELOW"} if is_administrator else {"OWN"})
    assert data["filtered"]["totalCount"] == (2 if is_administrator else 0)


async def test_an_owner_does_without_the_stage_of_reconnecting(organisation: Organisation, sign_in: SignIn) -> None:
    owner, own = sign_in(Role.OWNER), organisation.itself.gid
    asked = "hasReconnectStage version history { nodes { changedFields } }"

    same = await call(owner, "updateOrganisation", asked, id=own, hasReconnectStage=True)
    off = await call(owner, "updateOrganisation", asked, id=own, hasReconnectStage=False)
    named = await call(owner, "updateOrganisation", asked, id=own, name="Te Kura", hasReconnectStage=None)
    late = await call(owner, "updateOrganisation", "id", id=own, hasReconnectStage=True, expectedVersion=1)

    assert outcomes(same) == ["UNCHANGED"]
    first, second = (each["results"][0]["node"] for each in (off, named))
    assert (first["hasReconnectStage"], second["hasReconnectStage"], second["version"]) == (False, False, 3)
    assert first["history"]["nodes"] == [{"changedFields": ["hasReconnectStage"]}]
    assert row_codes(late) == [["CHANGED_MEANWHILE"]]
