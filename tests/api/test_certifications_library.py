"""Certifications over HTTP: how they are made, changed and retired, and what each of their readers is shown."""

from datetime import timedelta
from typing import Any

import pytest

from portal_api.domain.certifications import (
    CertificationJoining,
    CertificationVersionStatus,
    LearnerCertificationStatus,
)
from portal_api.domain.roles import Role
from portal_api.models import certification_groups, certifications
from tests.api.calls import call, codes_and_paths, told
from tests.api.cases import outcomes, row_codes
from tests.client import Client, Json
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

J, S, V = CertificationJoining, LearnerCertificationStatus, CertificationVersionStatus


async def test_a_certification_is_made_for_those_assigned_under_its_own_identifier_unless_something_else_is_said(
    organisation: Organisation, sign_in: SignIn
) -> None:
    admin, group = sign_in(Role.ADMIN), organisation.group()
    asked = "id externalRef title joining status version newestVersion { id } versions(first: 1) { totalCount } groups(first: 3) { nodes { id } }"

    plain = await call(admin, "createCertification", asked, title="Fire warden")
    said = await call(
        admin,
        "createCertification",
        asked,
        title="First aid",
        joining="ON_REQUEST",
        externalRef="FA",
        groupIds=[group.gid, group.gid],
    )

    [one], [other] = plain["results"], said["results"]
    assert (one["id"], outcomes(plain), outcomes(said)) == (None, ["CHANGED"], ["CHANGED"])
    assert one["node"] == {
        "id": one["node"]["id"],
        "externalRef": one["node"]["id"],
        "title": "Fire warden",
        "joining": "ASSIGNED_ONLY",
        "status": "ACTIVE",
        "version": 1,
        "newestVersion": None,
        "versions": {"totalCount": 0},
        "groups": {"nodes": []},
    }
    assert (other["node"]["externalRef"], other["node"]["joining"]) == ("FA", "ON_REQUEST")
    assert other["node"]["groups"] == {"nodes": [{"id": group.gid}]}
    assert await told(organisation) == [("CERTIFICATION_CREATED", None, "ACTIVE", 1)] * 2


async def test_everything_that_is_wrong_with_a_certification_is_told_at_once(
    organisation: Organisation, sign_in: SignIn
) -> None:
    admin = sign_in(Role.ADMIN)
    taken, other = organisation.certification(external_ref="TAKEN"), organisation.certification()
    twin = organisation.twin()
    theirs = twin.group()
    foreign = twin.certification(external_ref="THEIRS")
    await twin.save()
    wrong = {
        "title": " ",
        "externalRef": "TAKEN",
        "groupIds": [organisation.group().gid, theirs.gid, organisation.group(is_active=False).gid],
    }
    await organisation.save()
    before = await organisation.everything()

    made = await call(admin, "createCertification", **wrong)
    changed = await call(admin, "updateCertification", id=other.gid, **wrong)
    kept = await call(admin, "updateCertification", id=taken.gid, externalRef="TAKEN", title=None, groupIds=[])
    many = await call(admin, "createCertification", title="Many", groupIds=[theirs.gid] * 101)
    long = await call(admin, "createCertification", title="x" * 201, externalRef="x\x00" * 51)

    assert (
        codes_and_paths(made)
        == codes_and_paths(changed)
        == [
            [
                ("INPUT_INVALID", "input.title"),
                ("EXTERNAL_REF_TAKEN", "input.externalRef"),
                ("NOT_FOUND", "input.groupIds.1"),
                ("STATUS_NOT_ALLOWED", "input.groupIds.2"),
            ]
        ]
    )
    assert outcomes(kept) == ["UNCHANGED"]
    assert codes_and_paths(many) == [[("LIMIT_EXCEEDED", "input.groupIds")]]
    assert codes_and_paths(long) == [[("INPUT_INVALID", "input.externalRef"), ("INPUT_INVALID", "input.title")]]
    assert await organisation.everything() == before
    assert outcomes(await call(admin, "createCertification", title="Free", externalRef=foreign["external_ref"])) == [
        "CHANGED"
    ]


async def test_an_edit_tells_what_it_changed_and_a_group_that_was_named_may_stay_though_it_is_retired_since(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    admin, made = sign_in(Role.ADMIN), organisation.certification()
    past, now = organisation.group(is_active=False), organisation.group()
    organisation.assigns(past, made)

    first = await call(admin, "updateCertification", "version", id=made.gid, groupIds=[now.gid, past.gid])
    clock.advance(timedelta(minutes=1))
    second = await call(
        admin,
        "updateCertification",
        "title joining externalRef version history(first: 1) { nodes { changedFields } }",
        id=made.gid,
        title="Anew",
        joining="OPEN",
        externalRef="NEW",
        groupIds=[],
    )
    again = await call(admin, "updateCertification", id=made.gid, title="Anew", joining="OPEN", groupIds=[])
    same = await call(admin, "updateCertification", id=made.gid, joining=None)

    assert (outcomes(first), first["results"][0]["node"]["version"]) == (["CHANGED"], 2)
    assert second["results"][0]["node"] == {
        "title": "Anew",
        "joining": "OPEN",
        "externalRef": "NEW",
        "version": 3,
        "history": {"nodes": [{"changedFields": ["externalRef", "title", "joining", "groups"]}]},
    }
    assert outcomes(again) == outcomes(same) == ["UNCHANGED"]
    assert await organisation.stored(certification_groups) == []
    assert len(await told(organisation)) == 2


async def test_a_retired_certification_takes_no_draft_until_it_is_reinstated(
    organisation: Organisation, sign_in: SignIn
) -> None:
    admin, made = sign_in(Role.ADMIN), organisation.certification()

    retired = await call(admin, "retireCertifications", "status actions { action available }", ids=[made.gid])
    drafting = {"certificationId": made.gid, "examTitle": "Exam", "steps": []}
    drafted = await call(admin, "draftCertificationVersion", **drafting)
    reinstated = await call(admin, "reinstateCertifications", "status actions { action available }", ids=[made.gid])

    assert _open(retired["results"][0]["node"]) == {"REINSTATE"}
    assert row_codes(drafted) == [["STATUS_NOT_ALLOWED"]]
    assert _open(reinstated["results"][0]["node"]) == {"UPDATE", "DRAFT_VERSION", "RETIRE", "ASSIGN"}
    assert outcomes(await call(admin, "draftCertificationVersion", **drafting)) == ["CHANGED"]


def _open(node: Json) -> set[str]:
    return {each["action"] for each in node["actions"] if each["available"]}


SHOWN = "{ certifications { nodes { externalRef versions { nodes { status steps { totalCount } } } history { totalCount } } } }"


async def test_whoever_learns_sees_the_active_ones_that_they_hold_or_may_join_and_no_drafts(
    organisation: Organisation, sign_in: SignIn
) -> None:
    own, other = organisation.own[Role.LEARNER], organisation.learner()
    for joining in J:
        organisation.certification(external_ref=joining.name, joining=joining)
        organisation.certification(external_ref=f"RETIRED {joining.name}", joining=joining, is_active=False)
    held = organisation.certification(external_ref="HELD")
    organisation.certification_version(held, V.RETIRED)
    organisation.certification_version(held, V.DRAFT)
    organisation.learner_certification(own, held, S.IN_PROGRESS)
    left = organisation.certification(external_ref="LEFT")
    organisation.learner_certification(own, left, S.ASSIGNED, archived_at=organisation.clock() - DAY)
    organisation.learner_certification(other, organisation.certification(external_ref="OTHER'S"), S.IN_PROGRESS)
    linked = organisation.user(Role.TRAINER, own)
    everything = {row["external_ref"] for row in organisation.rows[certifications]}
    active = {each for each in everything if not each.startswith("RETIRED")}
    learning = {"OPEN", "ON_REQUEST", "HELD", "LEFT"}

    async def shown(who: Role | Record) -> dict[str, list[str]]:
        nodes = (await sign_in(who).query(SHOWN))["certifications"]["nodes"]
        return {node["externalRef"]: [each["status"] for each in node["versions"]["nodes"]] for node in nodes}

    seen: list[tuple[Role | Record, set[str]]] = [
        (Role.OWNER, everything),
        (Role.ADMIN, everything),
        (Role.MANAGER, active),
        (Role.INTEGRATION, active),
        (Role.LEARNER, learning),
        (Role.TRAINER, set()),
        (linked, learning),
    ]
    for who, expected in seen:
        found = await shown(who)
        assert set(found) == expected, who
        drafts = ["DRAFT"] if who in (Role.OWNER, Role.ADMIN) else []
        if found:
            assert found["HELD"] == ["PUBLISHED", "RETIRED", *drafts], who


OWN_ACTIONS = """query($id: ID!) { certification(id: $id) { actions { action available reasons { code } } } }"""


async def _own_actions(client: Client, certification: Record) -> dict[str, list[str]]:
    """Why each of the caller's own actions is closed; an open one has no reasons."""
    node = (await client.query(OWN_ACTIONS, {"id": certification.gid}))["certification"]
    shown = {each["action"]: [reason["code"] for reason in each["reasons"]] for each in node["actions"]}
    assert all(each["available"] is (not each["reasons"]) for each in node["actions"])
    return {name: shown[name] for name in ("ENROL", "REQUEST_ACCESS")}


async def test_a_learner_is_shown_whether_they_can_enrol_or_ask_by_their_own_record_as_time_has_it(
    organisation: Organisation, sign_in: SignIn
) -> None:
    own, learner = organisation.own[Role.LEARNER], sign_in(Role.LEARNER)
    made = {joining: organisation.certification(joining=joining) for joining in (J.OPEN, J.ON_REQUEST)}
    unpublished = organisation.certification(joining=J.OPEN, is_published=False)
    asked = organisation.certification(joining=J.ON_REQUEST)
    organisation.access_request(own, asked)
    organisation.access_request(organisation.learner(), made[J.ON_REQUEST])
    assigned, left = organisation.certification(), organisation.certification(joining=J.OPEN)
    organisation.learner_certification(own, assigned, S.ASSIGNED)
    organisation.learner_certification(own, left, S.NOT_STARTED, archived_at=organisation.clock() - DAY)

    assert await _own_actions(learner, made[J.OPEN]) == {"ENROL": [], "REQUEST_ACCESS": ["NOT_OPEN_TO_JOIN"]}
    assert await _own_actions(learner, made[J.ON_REQUEST]) == {"ENROL": ["NOT_OPEN_TO_JOIN"], "REQUEST_ACCESS": []}
    assert await _own_actions(learner, unpublished) == {
        "ENROL": ["NO_PUBLISHED_VERSION"],
        "REQUEST_ACCESS": ["NO_PUBLISHED_VERSION", "NOT_OPEN_TO_JOIN"],
    }
    assert (await _own_actions(learner, asked))["REQUEST_ACCESS"] == ["ALREADY_REQUESTED"]
    assert await _own_actions(learner, assigned) == {"ENROL": [], "REQUEST_ACCESS": ["ALREADY_ENROLLED"]}
    assert (await _own_actions(learner, left))["ENROL"] == []


@pytest.mark.parametrize("status", [status for status in S if status is not S.ASSIGNED])
async def test_whoever_has_a_record_beyond_assigned_is_enrolled_already(
    status: LearnerCertificationStatus, organisation: Organisation, sign_in: SignIn
) -> None:
    own, made = organisation.own[Role.LEARNER], organisation.certification(joining=J.OPEN)
    organisation.learner_certification(own, made, status)

    assert await _own_actions(sign_in(Role.LEARNER), made) == {
        "ENROL": ["ALREADY_ENROLLED"],
        "REQUEST_ACCESS": ["ALREADY_ENROLLED"],
    }


async def test_who_is_linked_to_nobody_or_without_app_access_is_told_so_and_may_assign_all_the_same(
    organisation: Organisation, sign_in: SignIn
) -> None:
    made = organisation.certification(joining=J.OPEN)
    shut_out = organisation.user(Role.ADMIN, organisation.learner(has_app_access=False))
    inactive = organisation.user(Role.ADMIN, organisation.learner(is_active=False))

    assert await _own_actions(sign_in(Role.ADMIN), made) == {
        "ENROL": ["FORBIDDEN"],
        "REQUEST_ACCESS": ["FORBIDDEN", "NOT_OPEN_TO_JOIN"],
    }
    assert (await _own_actions(sign_in(shut_out), made))["ENROL"] == ["APP_ACCESS_OFF"]
    assert "LEARNER_INACTIVE" in (await _own_actions(sign_in(inactive), made))["ENROL"]
    for who in (Role.ADMIN, shut_out, inactive):
        node = (await sign_in(who).query(OWN_ACTIONS, {"id": made.gid}))["certification"]
        assert {"action": "ASSIGN", "available": True, "reasons": []} in node["actions"]


async def test_certifications_are_found_by_joining_status_words_and_reference_and_sorted(
    organisation: Organisation, sign_in: SignIn
) -> None:
    one = organisation.certification(title="Zebra", external_ref="ONE", joining=J.OPEN)
    two = organisation.certification(title="Élan", external_ref="TWO", is_active=False)
    admin = sign_in(Role.ADMIN)
    document = """
        query($filter: CertificationFilter, $orderBy: [CertificationOrder!]) {
          certifications(filter: $filter, orderBy: $orderBy) { nodes { id } totalCount }
        }
    """

    async def found(**asked: Any) -> list[str]:
        return [node["id"] for node in (await admin.query(document, asked))["certifications"]["nodes"]]

    assert await found(orderBy=[{"field": "TITLE"}]) == [two.gid, one.gid]
    assert await found(filter={"joining": {"eq": "OPEN"}}) == [one.gid]
    assert await found(filter={"status": {"eq": "RETIRED"}}) == [two.gid]
    assert await found(filter={"search": "elan two"}) == [two.gid]
    assert await found(filter={"externalRef": {"in": ["ONE"]}}) == [one.gid]
    by_ref = await admin.query('{ certification(externalRef: "TWO") { id } }')
    assert by_ref == {"certification": {"id": two.gid}}


async def test_the_organisation_shows_who_makes_certifications(sign_in: SignIn, organisation: Organisation) -> None:
    asked = "{ viewer { organisation { actions { action available } } } }"

    for role in Role:
        actions = (await sign_in(role).query(asked))["viewer"]["organisation"]["actions"]
        [may] = [each["available"] for each in actions if each["action"] == "CREATE_CERTIFICATION"]
        assert may is (role in (Role.OWNER, Role.ADMIN)), role
