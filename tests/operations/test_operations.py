"""The documents of the three frontends: each answers whoever sends it, and shows everybody else no more than they may see."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from graphql import FieldNode, OperationDefinitionNode, parse
from starlette.applications import Starlette

from portal_api.domain.exports import ExportStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.roles import ADMINISTRATORS, Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.ids import global_id
from portal_api.models import (
    exports,
    history_entries,
    learners,
    pathway_enrolments,
    pathway_steps,
    pathways,
    series,
    series_enrolments,
    users,
)
from tests.client import codes, portal_of
from tests.clock import START
from tests.conftest import SignIn
from tests.factories import Organisation, Record

FOLDER = Path(__file__).parents[2] / "operations"
SENDERS: dict[str, tuple[Role, ...]] = {
    "learner_app": (Role.LEARNER,),
    "manager_dashboard": (Role.MANAGER,),
    "admin_console": (Role.ADMIN, Role.OWNER),
    "integration": (Role.INTEGRATION,),
}
GID = re.compile(r"[a-z]{3}_[0-9a-f]{32}")


@dataclass(frozen=True)
class Scene:
    """An organisation with something to see for everybody, and the records that the documents are sent about."""

    organisation: Organisation
    team: list[Record]
    """The learners who report to the Manager, the Learner among them."""
    series: Record
    retired: Record
    enrolments: list[Record]
    """Those of the Learner, every status among them."""
    withdrawn: Record
    inactive: Record
    export: Record
    """An Admin's."""
    token: Record
    group: Record
    """Holds the Learner."""
    past: Record
    """A retired group."""
    other: Record
    """A series that nobody takes."""
    resource: Record
    retired_resource: Record
    pathway: Record
    """One that the Learner is in."""
    fresh: Record
    """One that nobody has ever been in."""
    retired_pathway: Record
    walk: Record
    """The Learner's enrolment in the first of these."""

    @property
    def learner(self) -> Record:
        return self.organisation.own[Role.LEARNER]

    @property
    def active(self) -> Record:
        return next(each for each in self.enrolments if each["status"] is SeriesEnrolmentStatus.IN_PROGRESS)


Variables = Callable[[Scene], dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """A document, the variables that it is sent with, and the places of its answer where something must be."""

    filled: tuple[str, ...]
    variables: Variables = lambda scene: {}
    senders: tuple[Role, ...] | None = None
    """Who sends it, where that is not everybody who works with the frontend."""
    others_who_may: tuple[Role, ...] = ()
    """Roles for which it changes something too, though another frontend sends it."""


def _owners(mutation: str, given: Variables) -> Case:
    """A change that an Owner alone makes."""
    filled = (f"{mutation}.results", f"{mutation}.counts.changed")
    return Case(filled, lambda scene: {"input": {"idempotencyKey": "from the console", **given(scene)}}, (Role.OWNER,))


def _staff(scene: Scene, role: Role) -> str:
    return scene.organisation.staff[role].gid


SOON = "2026-05-01T00:00:00Z"
TESTS = [{"attribute": "region", "values": ["North"]}]


def _input(ids: Callable[[Scene], Record], **given: Any) -> Variables:
    return lambda scene: {"input": {"ids": [ids(scene).gid], "idempotencyKey": "from the console", **given}}


CASES = {
    "learner_app/my_page": Case(("viewer.organisation", "viewer.learner.seriesEnrolments.nodes")),
    "learner_app/my_enrolment": Case(
        ("seriesEnrolment.series", "seriesEnrolment.actions", "seriesEnrolment.history.nodes"),
        lambda scene: {"id": scene.withdrawn.gid},
    ),
    "manager_dashboard/team": Case(
        ("learners.nodes", "learners.pageInfo.endCursor"), lambda scene: {"filter": {"status": {"eq": "ACTIVE"}}}
    ),
    "manager_dashboard/team_member": Case(
        ("learner.manager", "learner.seriesEnrolments.nodes", "learner.seriesEnrolments.totalCount"),
        lambda scene: {"id": scene.learner.gid},
    ),
    "manager_dashboard/direct_reports": Case(("viewer.learner.reports.nodes", "viewer.learner.reports.totalCount")),
    "manager_dashboard/search": Case(
        ("learners.nodes", "seriesEnrolments.nodes"), lambda scene: {"words": scene.learner["family_name"]}
    ),
    "admin_console/viewer": Case(("viewer.user.name", "viewer.limits.pageSize")),
    "admin_console/organisation": Case(("viewer.organisation.name", "viewer.organisation.actions")),
    "admin_console/users": Case(
        ("users.nodes", "users.totalCount"),
        lambda scene: {"filter": {"hasRole": {"eq": True}, "search": "ADM example"}, "orderBy": [{"field": "NAME"}]},
    ),
    "admin_console/user": Case(
        ("user.actions", "user.tokens.nodes"), lambda scene: {"id": _staff(scene, Role.INTEGRATION)}
    ),
    "admin_console/integration_tokens": Case(("integrationTokens.nodes", "integrationTokens.totalCount")),
    "admin_console/groups": Case(("groups.nodes", "groups.totalCount")),
    "admin_console/group": Case(
        ("group.conditions", "group.learners.nodes", "group.learners.totalCount"),
        lambda scene: {"id": scene.group.gid},
    ),
    "admin_console/update_organisation": _owners(
        "updateOrganisation", lambda scene: {"id": scene.organisation.itself.gid, "timeZone": "Europe/Paris"}
    ),
    "admin_console/create_users": _owners(
        "createUsers", lambda scene: {"users": [{"name": "Ana", "email": "ana@example.org", "role": "ADMIN"}]}
    ),
    "admin_console/create_integrations": _owners(
        "createIntegrations", lambda scene: {"integrations": [{"name": "Player"}]}
    ),
    "admin_console/assign_role": _owners(
        "assignRole", lambda scene: {"id": _staff(scene, Role.TRAINER), "role": "ADMIN"}
    ),
    "admin_console/remove_role": _owners("removeRole", lambda scene: {"id": _staff(scene, Role.TRAINER)}),
    "admin_console/link_learner": _owners(
        "linkLearner", lambda scene: {"id": _staff(scene, Role.TRAINER), "learnerId": scene.team[1].gid}
    ),
    "admin_console/issue_integration_token": _owners(
        "issueIntegrationToken",
        lambda scene: {"id": _staff(scene, Role.INTEGRATION), "name": "Player", "expiresAt": SOON},
    ),
    "admin_console/revoke_integration_tokens": _owners(
        "revokeIntegrationTokens", lambda scene: {"ids": [scene.token.gid]}
    ),
    "admin_console/create_group": _owners("createGroup", lambda scene: {"name": "Up", "conditions": TESTS}),
    "admin_console/update_group": _owners("updateGroup", lambda scene: {"id": scene.group.gid, "conditions": TESTS}),
    "admin_console/retire_groups": _owners("retireGroups", lambda scene: {"ids": [scene.group.gid]}),
    "admin_console/reinstate_groups": _owners("reinstateGroups", lambda scene: {"ids": [scene.past.gid]}),
    "admin_console/learners": Case(
        ("learners.nodes", "learners.totalCount"),
        lambda scene: {
            "first": 100,
            "filter": {"search": "family"},
            "orderBy": [{"field": "FAMILY_NAME"}, {"field": "CREATED_AT", "direction": "DESC"}],
        },
    ),
    "admin_console/learner": Case(
        ("learner.seriesEnrolments.nodes", "learner.actions"), lambda scene: {"externalRef": "LEARNER"}
    ),
    "admin_console/series_library": Case(("seriesLibrary.nodes", "seriesLibrary.totalCount")),
    "admin_console/enrolments_of_series": Case(
        ("seriesEnrolments.nodes", "seriesEnrolments.pageInfo.endCursor"),
        lambda scene: {"series": scene.series.gid, "statuses": ["IN_PROGRESS", "WITHDRAWN"]},
    ),
    "admin_console/series_enrolment": Case(
        ("seriesEnrolment.learner", "seriesEnrolment.history.nodes"), lambda scene: {"id": scene.withdrawn.gid}
    ),
    "admin_console/series_enrolment_ids": Case(
        ("seriesEnrolmentIds.ids", "seriesEnrolmentIds.totalCount"),
        lambda scene: {"filter": {"seriesId": {"eq": scene.series.gid}}},
    ),
    "admin_console/withdraw_series_enrolments": Case(
        ("withdrawSeriesEnrolments.results", "withdrawSeriesEnrolments.counts.changed"),
        _input(lambda scene: scene.active, reason="NO_LONGER_REQUIRED"),
    ),
    "admin_console/deactivate_learners": Case(
        ("deactivateLearners.results", "deactivateLearners.counts.changed"),
        _input(lambda scene: scene.learner, reason="LEFT_ORGANISATION"),
    ),
    "admin_console/reactivate_learners": Case(
        ("reactivateLearners.results", "reactivateLearners.counts.changed"), _input(lambda scene: scene.inactive)
    ),
    "manager_dashboard/series_insights": Case(
        ("seriesInsights.totalCount", "seriesInsights.byStatus", "seriesInsights.enrolments.nodes"),
        lambda scene: {"filter": {"status": {"notIn": ["WITHDRAWN"]}}},
    ),
    "admin_console/series_insights": Case(
        ("seriesInsights.bySeries", "seriesInsights.enrolments.pageInfo.endCursor"), lambda scene: {}
    ),
    "admin_console/request_export": Case(
        ("requestExport.results", "requestExport.counts.changed"),
        lambda scene: {
            "input": {
                "seriesEnrolments": {"filter": {"status": {"notIn": ["WITHDRAWN"]}}, "orderBy": [{"field": "ENDS_AT"}]},
                "idempotencyKey": "from the console",
            }
        },
        others_who_may=(Role.MANAGER,),
    ),
    "admin_console/export": Case(("export.status", "export.requestedBy.name"), lambda scene: {"id": scene.export.gid}),
    "admin_console/create_learners": Case(
        ("createLearners.results", "createLearners.counts.changed"),
        lambda scene: {
            "input": {
                "learners": [{"givenName": "New", "familyName": "Learner", "email": "new@example.org"}],
                "idempotencyKey": "from the console",
            }
        },
    ),
    "admin_console/update_learner": Case(
        ("updateLearner.results", "updateLearner.counts.changed"),
        lambda scene: {"input": {"id": scene.learner.gid, "familyName": "Other", "idempotencyKey": "from the console"}},
    ),
    "admin_console/set_learner_app_access": Case(
        ("setLearnerAppAccess.results", "setLearnerAppAccess.counts.changed"),
        _input(lambda scene: scene.learner, hasAppAccess=False),
    ),
    "admin_console/learner_usage": Case(
        ("learnerUsage.count", "learnerUsage.learners.nodes", "learnerUsage.quiet.nodes"),
        lambda scene: {"month": f"{START:%Y-%m}-01"},
    ),
    "admin_console/active_learners": Case(("learners.totalCount", "learners.nodes")),
    "admin_console/create_series": Case(
        ("createSeries.results", "createSeries.counts.changed"),
        lambda scene: {
            "input": {"series": [{"title": "Fire", "type": "BURST", "duration": "FIXED", "durationDays": 3}]}
        },
    ),
    "admin_console/update_series": Case(
        ("updateSeries.results", "updateSeries.counts.changed"),
        lambda scene: {"input": {"id": scene.series.gid, "title": "Anew"}},
    ),
    "admin_console/retire_series": Case(
        ("retireSeries.results", "retireSeries.counts.changed"),
        lambda scene: {"input": {"ids": [scene.series.gid]}},
    ),
    "admin_console/reinstate_series": Case(
        ("reinstateSeries.results", "reinstateSeries.counts.changed"),
        lambda scene: {"input": {"ids": [scene.retired.gid]}},
    ),
    "admin_console/enrol_in_series": Case(
        ("enrolInSeries.results", "enrolInSeries.counts.changed"),
        lambda scene: {"input": {"seriesId": scene.other.gid, "learnerIds": [scene.learner.gid]}},
    ),
    "admin_console/extend_series_enrolments": Case(
        ("extendSeriesEnrolments.results", "extendSeriesEnrolments.counts.changed"),
        lambda scene: {"input": {"ids": [scene.active.gid], "endsAt": "2026-12-01T00:00:00Z"}},
    ),
    "admin_console/create_resources": Case(
        ("createResources.results", "createResources.counts.changed"),
        lambda scene: {"input": {"resources": [{"title": "Plan", "url": "https://files.example.org/plan"}]}},
    ),
    "admin_console/update_resource": Case(
        ("updateResource.results", "updateResource.counts.changed"),
        lambda scene: {"input": {"id": scene.resource.gid, "title": "Anew"}},
    ),
    "admin_console/retire_resources": Case(
        ("retireResources.results", "retireResources.counts.changed"),
        lambda scene: {"input": {"ids": [scene.resource.gid]}},
    ),
    "admin_console/reinstate_resources": Case(
        ("reinstateResources.results", "reinstateResources.counts.changed"),
        lambda scene: {"input": {"ids": [scene.retired_resource.gid]}},
    ),
    "admin_console/resources": Case(("resources.nodes", "resources.totalCount")),
    "learner_app/my_resources": Case(("resources.nodes",)),
    "manager_dashboard/overdue": Case(("seriesEnrolments.nodes", "seriesEnrolments.totalCount")),
    "integration/record_sign_ins": Case(
        ("recordSignIns.results", "recordSignIns.counts.changed"),
        lambda scene: {"input": {"ids": [scene.learner.gid]}},
    ),
    "integration/record_series_activity": Case(
        ("recordSeriesActivity.results", "recordSeriesActivity.counts.changed"),
        lambda scene: {
            "input": {"activities": [{"enrolmentId": scene.active.gid, "questionsAnswered": 5, "questionsCorrect": 3}]}
        },
    ),
    "admin_console/create_pathway": Case(
        ("createPathway.results", "createPathway.counts.changed"),
        lambda scene: {"input": {"title": "Induction", "kind": "LINEAR", "seriesIds": [scene.other.gid]}},
    ),
    "admin_console/update_pathway": Case(
        ("updatePathway.results", "updatePathway.counts.changed"),
        lambda scene: {"input": {"id": scene.fresh.gid, "kind": "INTERLEAVED"}},
    ),
    "admin_console/retire_pathways": Case(
        ("retirePathways.results", "retirePathways.counts.changed"), _input(lambda scene: scene.pathway)
    ),
    "admin_console/reinstate_pathways": Case(
        ("reinstatePathways.results", "reinstatePathways.counts.changed"), _input(lambda scene: scene.retired_pathway)
    ),
    "admin_console/enrol_in_pathway": Case(
        ("enrolInPathway.results", "enrolInPathway.counts.changed"),
        lambda scene: {"input": {"pathwayId": scene.fresh.gid, "learnerIds": [scene.learner.gid]}},
    ),
    "admin_console/withdraw_pathway_enrolments": Case(
        ("withdrawPathwayEnrolments.results", "withdrawPathwayEnrolments.counts.changed"),
        _input(lambda scene: scene.walk, reason="NO_LONGER_REQUIRED"),
    ),
    "admin_console/pathways": Case(
        ("pathways.nodes", "pathways.totalCount"), lambda scene: {"filter": {"search": "pathway"}}
    ),
    "admin_console/pathway": Case(
        ("pathway.steps.nodes", "pathway.actions"), lambda scene: {"externalRef": scene.pathway["external_ref"]}
    ),
    "admin_console/enrolments_of_pathway": Case(
        ("pathwayEnrolments.nodes", "pathwayEnrolments.pageInfo.endCursor"),
        lambda scene: {"pathway": scene.pathway.gid, "statuses": ["IN_PROGRESS"]},
    ),
    "admin_console/pathway_enrolment": Case(
        ("pathwayEnrolment.seriesEnrolments.nodes", "pathwayEnrolment.actions"), lambda scene: {"id": scene.walk.gid}
    ),
    "admin_console/pathway_enrolment_ids": Case(
        ("pathwayEnrolmentIds.ids", "pathwayEnrolmentIds.totalCount"),
        lambda scene: {"filter": {"pathwayId": {"eq": scene.pathway.gid}}},
    ),
    "learner_app/my_pathways": Case(
        ("viewer.learner.pathwayEnrolments.nodes", "viewer.learner.pathwayEnrolments.totalCount")
    ),
    "manager_dashboard/team_pathways": Case(
        ("pathwayEnrolments.nodes", "pathwayEnrolments.totalCount"), lambda scene: {"statuses": ["IN_PROGRESS"]}
    ),
    "admin_console/history": Case(("historyEntries.nodes",)),
    "admin_console/state_machine": Case(
        ("stateMachine.statuses", "stateMachine.rules"), lambda scene: {"kind": "SERIES_ENROLMENT"}
    ),
}


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.graphql").read_text()


def senders(name: str) -> tuple[Role, ...]:
    return CASES[name].senders or SENDERS[name.partition("/")[0]]


SENT_AS_MEANT = [(name, role) for name in CASES for role in senders(name)]
SENT_BY_OTHERS = [(name, role) for name in CASES for role in Role if role not in senders(name)]


def may_change(name: str, role: Role) -> bool:
    """Whether a document can change something for a role that another frontend serves."""
    return role in (*ADMINISTRATORS, *CASES[name].others_who_may)


@pytest.fixture
async def scene(organisation: Organisation, sign_in: SignIn) -> Scene:
    """The Learner has enrolments of every status; another was withdrawn by an Admin, so it has a history."""
    manager, learner = organisation.own[Role.MANAGER], organisation.own[Role.LEARNER]
    team = [learner, *organisation.chain(3, reports_to=learner), *organisation.chain(2, reports_to=manager)]
    outsider, inactive = organisation.learner(), organisation.learner(is_active=False)
    running, retired = organisation.series(), organisation.series(is_active=False)
    enrolments = [case.enrolment for case in organisation.every_status(learner)]
    withdrawn = organisation.enrolment(learner, running)
    for each in (*team[1:], outsider, inactive, manager):
        organisation.enrolment(each, running)
        organisation.enrolment(each, retired, SeriesEnrolmentStatus.MASTERED)
    token, group, past = organisation.token(), organisation.group(learner), organisation.group(is_active=False)
    data = await sign_in(Role.ADMIN).query(
        text_of("admin_console/withdraw_series_enrolments"),
        {"input": {"ids": [withdrawn.gid], "reason": "ENROLMENT_ERROR", "note": "for administrators"}},
    )
    assert data["withdrawSeriesEnrolments"]["counts"]["changed"] == 1
    export = organisation.export(organisation.staff[Role.ADMIN], ExportStatus.READY)
    organisation.enrolment(
        learner, organisation.series(), due_on=date(2026, 3, 1), overdue_at=datetime(2026, 3, 1, 11, tzinfo=UTC)
    )
    resource, gone = organisation.resource(running), organisation.resource(is_active=False)
    other = organisation.series()
    steps = organisation.series(), organisation.series()
    pathway, fresh = organisation.pathway(*steps), organisation.pathway(organisation.series())
    shelved = organisation.pathway(steps[0], is_active=False)
    walk = organisation.pathway_enrolment(learner, pathway)
    organisation.pathway_enrolment(outsider, pathway)
    await organisation.save()
    return Scene(
        organisation,
        team,
        running,
        retired,
        enrolments,
        withdrawn,
        inactive,
        export,
        token,
        group,
        past,
        other,
        resource,
        gone,
        pathway,
        fresh,
        shelved,
        walk,
    )


def test_every_document_is_sent_here() -> None:
    documents = {file.relative_to(FOLDER).with_suffix("").as_posix() for file in FOLDER.rglob("*.graphql")}

    assert documents == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_document_has_one_operation_named_as_its_file(name: str) -> None:
    operation = _operation(name)

    assert operation.name is not None
    assert re.sub(r"(?<!^)(?=[A-Z])", "_", operation.name.value).lower() == Path(name).name


@pytest.mark.parametrize(("name", "role"), SENT_AS_MEANT)
async def test_a_document_answers_whoever_sends_it_by_its_plans(
    scene: Scene, sign_in: SignIn, app: Starlette, name: str, role: Role
) -> None:
    case, text = CASES[name], text_of(name)

    data = await sign_in(role).query(text, case.variables(scene))

    for path in case.filled:
        assert _at(data, path), f"nothing at {path}"
    planned = {response_key for _, response_key, _ in portal_of(app).documents.document(text).plans}
    fields = [node for node in _operation(name).selection_set.selections if isinstance(node, FieldNode)]
    assert planned == {(field.alias or field.name).value for field in fields}


@pytest.mark.parametrize("role", [role for role in Role if role not in ADMINISTRATORS])
async def test_documents_show_others_no_more_than_they_may_see_and_change_nothing(
    scene: Scene, sign_in: SignIn, role: Role
) -> None:
    others = [name for name, sender in SENT_BY_OTHERS if sender is role and role not in CASES[name].others_who_may]
    visible, before = await _visible(scene, role), await scene.organisation.everything()

    for name in others:
        answer = await sign_in(role).execute(text_of(name), CASES[name].variables(scene))

        assert set(codes(answer)) <= {"FORBIDDEN", "APP_ACCESS_OFF"}, name
        assert set(GID.findall(str(answer.get("data")))) <= visible, name
        assert "for administrators" not in str(answer), name
    assert await scene.organisation.everything() == before


@pytest.mark.parametrize(("name", "role"), [sent for sent in SENT_BY_OTHERS if may_change(*sent)])
async def test_a_document_of_another_frontend_shows_no_more_than_the_sender_may_see(
    scene: Scene, sign_in: SignIn, name: str, role: Role
) -> None:
    before = await scene.organisation.everything()

    answer = await sign_in(role).execute(text_of(name), CASES[name].variables(scene))

    assert set(codes(answer)) <= {"FORBIDDEN", "APP_ACCESS_OFF"}
    assert set(GID.findall(str(answer.get("data")))) <= await _visible(scene, role)
    if codes(answer):
        assert await scene.organisation.everything() == before


async def test_the_pages_of_a_list_follow_one_another(scene: Scene, sign_in: SignIn) -> None:
    """`endCursor` and `after`, as the document has them, lead to every learner of a team of two pages, once."""
    for _ in range(60):
        scene.organisation.learner(reports_to=scene.organisation.own[Role.MANAGER])
    client, seen, after = sign_in(Role.MANAGER), list[str](), None

    while True:
        data = await client.query(text_of("manager_dashboard/team"), {"after": after})
        seen += [node["id"] for node in data["learners"]["nodes"]]
        page = data["learners"]["pageInfo"]
        if not page["hasNextPage"]:
            break
        after = page["endCursor"]

    assert len(seen) == len(set(seen)) == 60 + len(scene.team) + 1


def _operation(name: str) -> OperationDefinitionNode:
    [operation] = parse(text_of(name)).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation


def _at(data: Any, path: str) -> Any:
    for step in path.split("."):
        data = data[step]
    return data


def _visible_pathways(
    organisation: Organisation, role: Role, own: set[UUID], learners_seen: set[UUID]
) -> Iterator[str]:
    walks = organisation.rows[pathway_enrolments]
    held = {row["pathway_id"] for row in walks if row["learner_id"] in own}
    library = role in (*ADMINISTRATORS, Role.MANAGER, Role.INTEGRATION)
    seen = {
        row["id"]
        for row in organisation.rows[pathways]
        if role in ADMINISTRATORS or (row["status"] is LibraryStatus.ACTIVE and (library or row["id"] in held))
    }
    yield from (global_id("pth", id_) for id_ in seen)
    yield from (global_id("pst", row["id"]) for row in organisation.rows[pathway_steps] if row["pathway_id"] in seen)
    yield from (global_id("pen", row["id"]) for row in walks if row["learner_id"] in learners_seen)


async def _visible(scene: Scene, role: Role) -> set[str]:
    """The identifiers of all that a role may see in the scene, written down anew from the rule book."""
    organisation = scene.organisation
    own = {organisation.own[role].id} if role in organisation.own else set[UUID]()
    learners_seen = {
        Role.MANAGER: own | {each.id for each in scene.team},
        Role.LEARNER: own,
        Role.TRAINER: set[UUID](),
    }.get(role, {row["id"] for row in organisation.rows[learners]})
    held = {row["series_id"] for row in organisation.rows[series_enrolments] if row["learner_id"] in own}
    series_seen = {
        row["id"]
        for row in organisation.rows[series]
        if role in ADMINISTRATORS
        or (
            row["status"] is LibraryStatus.ACTIVE
            and (role in (Role.MANAGER, Role.INTEGRATION) or (role is Role.LEARNER and row["id"] in held))
        )
    }
    users_seen = organisation.rows[users] if role in ADMINISTRATORS else [organisation.staff[role].row]
    return {
        global_id("org", organisation.id),
        *(global_id("usr", row["id"]) for row in users_seen),
        *(global_id("lrn", id_) for id_ in learners_seen),
        *(global_id("ser", id_) for id_ in series_seen),
        *(
            global_id("exp", row["id"])
            for row in await organisation.stored(exports)
            if role in ADMINISTRATORS or row["user_id"] == organisation.staff[role].id
        ),
        *({scene.token.gid, scene.group.gid, scene.past.gid} if role in ADMINISTRATORS else set[str]()),
        *(
            each.gid
            for each in (scene.resource, scene.retired_resource)
            if role in ADMINISTRATORS or (each is scene.resource and role in (Role.MANAGER, Role.LEARNER))
        ),
        *_visible_pathways(organisation, role, own, learners_seen),
        *(
            global_id("sen", row["id"])
            for row in organisation.rows[series_enrolments]
            if row["learner_id"] in learners_seen
        ),
        *(
            global_id("his", row["id"])
            for row in await organisation.stored(history_entries)
            if row["learner_id"] in learners_seen and role is not Role.INTEGRATION
        ),
    }
