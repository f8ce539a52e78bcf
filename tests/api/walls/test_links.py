"""Lists and links lead to the records that are seen, and to no others."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from graphql import get_named_type
from sqlalchemy import Table

from portal_api.domain.certifications import CertificateStatus, CertificationVersionStatus
from portal_api.domain.roles import Role
from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    certification_groups,
    certification_steps,
    certification_versions,
    course_enrolments,
    course_offer_trainers,
    course_offers,
    course_units,
    credentials,
    documents,
    exam_attempts,
    group_members,
    history_entries,
    integration_tokens,
    learncycle_runs,
    learner_certifications,
    learners,
    notifications,
    pathway_enrolments,
    pathway_steps,
    resources,
    roles,
    series_enrolments,
    step_progress,
    surveys,
    tasks,
    unit_enrolments,
    users,
    webhook_deliveries,
)
from tests.api.walls.kinds import KINDS, NARROWED, TABLES
from tests.api.walls.paths import ROOT_LISTS, below, object_type
from tests.api.walls.scene import World, key
from tests.api.walls.seen import seen_by
from tests.client import codes
from tests.factories import PREFIXES

by_role = pytest.mark.parametrize("role", list(Role))
Row = dict[str, Any]
Rows = dict[Table, list[Row]]
Related = Callable[[Row, Rows], list[UUID | None]]


def _in(column: str) -> Related:
    """The record that a column of the row names."""
    return lambda row, _: [row[column]]


def _of(table: Table, column: str, key_: str = "id") -> Related:
    """The rows of a table that name the row in a column."""
    return lambda row, rows: [each[key_] for each in rows[table] if each[column] == row["id"]]


def _newest_version(row: Row, rows: Rows) -> list[UUID | None]:
    """The published version with the highest number."""
    own = [each for each in rows[certification_versions] if each["certification_id"] == row["id"]]
    published = [each for each in own if each["status"] is CertificationVersionStatus.PUBLISHED]
    return [max(published, key=lambda each: each["number"])["id"]] if published else []


def _open_cycle(row: Row, rows: Rows) -> list[UUID | None]:
    cycles = rows[certification_cycles]
    return [each["id"] for each in cycles if each["learner_certification_id"] == row["id"] and not each["closed_at"]]


def _in_force(row: Row, rows: Rows) -> list[UUID | None]:
    own = [each for each in rows[certificates] if each["learner_certification_id"] == row["id"]]
    return [each["id"] for each in own if each["status"] is CertificateStatus.VALID]


HISTORY = _of(history_entries, "subject_id")
RELATED: dict[str, Related] = {
    "User.learner": _of(roles, "user_id", "learner_id"),
    "User.tokens": _of(integration_tokens, "user_id"),
    "User.history": HISTORY,
    "IntegrationToken.user": _in("user_id"),
    "IntegrationToken.history": HISTORY,
    "Group.learners": _of(group_members, "group_id", "learner_id"),
    "Group.history": HISTORY,
    "Learner.groups": _of(group_members, "learner_id", "group_id"),
    "Learner.manager": _in("manager_id"),
    "Learner.reports": _of(learners, "manager_id"),
    "Learner.seriesEnrolments": _of(series_enrolments, "learner_id"),
    "Learner.pathwayEnrolments": _of(pathway_enrolments, "learner_id"),
    "Learner.history": HISTORY,
    "Series.enrolments": _of(series_enrolments, "series_id"),
    "Series.resources": _of(resources, "series_id"),
    "Series.history": HISTORY,
    "SeriesEnrolment.learner": _in("learner_id"),
    "SeriesEnrolment.series": _in("series_id"),
    "SeriesEnrolment.pathwayEnrolment": _in("pathway_enrolment_id"),
    "SeriesEnrolment.history": HISTORY,
    "Pathway.steps": _of(pathway_steps, "pathway_id"),
    "Pathway.enrolments": _of(pathway_enrolments, "pathway_id"),
    "Pathway.history": HISTORY,
    "PathwayStep.pathway": _in("pathway_id"),
    "PathwayStep.series": _in("series_id"),
    "PathwayEnrolment.learner": _in("learner_id"),
    "PathwayEnrolment.pathway": _in("pathway_id"),
    "PathwayEnrolment.seriesEnrolments": _of(series_enrolments, "pathway_enrolment_id"),
    "PathwayEnrolment.history": HISTORY,
    "Learner.certifications": _of(learner_certifications, "learner_id"),
    "LearnerCertification.learner": _in("learner_id"),
    "LearnerCertification.certification": _in("certification_id"),
    "LearnerCertification.cycle": _open_cycle,
    "LearnerCertification.certificate": _in_force,
    "LearnerCertification.cycles": _of(certification_cycles, "learner_certification_id"),
    "LearnerCertification.sources": _of(assignment_sources, "learner_certification_id"),
    "LearnerCertification.attempts": _of(exam_attempts, "learner_certification_id"),
    "LearnerCertification.approvals": _of(approvals, "learner_certification_id"),
    "LearnerCertification.certificates": _of(certificates, "learner_certification_id"),
    "LearnerCertification.history": HISTORY,
    "CertificationCycle.certificationVersion": _in("certification_version_id"),
    "CertificationCycle.feeSettledBy": _in("fee_settled_by"),
    "CertificationCycle.steps": _of(step_progress, "certification_cycle_id"),
    "StepProgress.step": _in("certification_step_id"),
    "ExamAttempt.cycle": _in("certification_cycle_id"),
    "AssignmentSource.group": _in("group_id"),
    "AssignmentSource.createdBy": _in("created_by"),
    "Approval.learner": _in("learner_id"),
    "Approval.certification": _in("certification_id"),
    "Approval.learnerCertification": _in("learner_certification_id"),
    "Approval.decidedBy": _in("decided_by"),
    "Approval.step": _in("step_progress_id"),
    "Approval.attempt": _in("exam_attempt_id"),
    "Approval.history": HISTORY,
    "Certificate.learnerCertification": _in("learner_certification_id"),
    "Certificate.history": HISTORY,
    "Learner.credentials": _of(credentials, "learner_id"),
    "Learner.documents": _of(documents, "learner_id"),
    "CourseEnrolment.credentials": _of(credentials, "course_enrolment_id"),
    "Credential.learner": _in("learner_id"),
    "Credential.courseEnrolment": _in("course_enrolment_id"),
    "Credential.replacedBy": _in("replaced_by"),
    "Credential.history": HISTORY,
    "Document.learner": _in("learner_id"),
    "Document.courseEnrolment": _in("course_enrolment_id"),
    "Document.history": HISTORY,
    "Resource.series": _in("series_id"),
    "Resource.history": HISTORY,
    "Certification.groups": _of(certification_groups, "certification_id", "group_id"),
    "Certification.versions": _of(certification_versions, "certification_id"),
    "Certification.learnerCertifications": _of(learner_certifications, "certification_id"),
    "Certification.approvals": _of(approvals, "certification_id"),
    "Certification.newestVersion": _newest_version,
    "Certification.history": HISTORY,
    "CertificationVersion.certification": _in("certification_id"),
    "CertificationVersion.steps": _of(certification_steps, "certification_version_id"),
    "CertificationVersion.history": HISTORY,
    "CertificationStep.certificationVersion": _in("certification_version_id"),
    "Course.supersededBy": _in("superseded_by"),
    "Course.units": _of(course_units, "course_id", "unit_id"),
    "Course.offers": _of(course_offers, "course_id"),
    "Course.history": HISTORY,
    "Unit.courses": _of(course_units, "unit_id", "course_id"),
    "Unit.history": HISTORY,
    "CourseOffer.course": _in("course_id"),
    "CourseOffer.trainers": _of(course_offer_trainers, "course_offer_id", "user_id"),
    "CourseOffer.history": HISTORY,
    "StatusReason.history": HISTORY,
    "Learner.courseEnrolments": _of(course_enrolments, "learner_id"),
    "CourseOffer.enrolments": _of(course_enrolments, "course_offer_id"),
    "CourseEnrolment.learner": _in("learner_id"),
    "CourseEnrolment.courseOffer": _in("course_offer_id"),
    "CourseEnrolment.statusReason": _in("status_reason_id"),
    "CourseEnrolment.transitionedTo": _in("transitioned_to"),
    "CourseEnrolment.units": _of(unit_enrolments, "course_enrolment_id"),
    "CourseEnrolment.surveys": _of(surveys, "course_enrolment_id"),
    "CourseEnrolment.history": HISTORY,
    "UnitEnrolment.courseEnrolment": _in("course_enrolment_id"),
    "UnitEnrolment.learner": _in("learner_id"),
    "UnitEnrolment.unit": _in("unit_id"),
    "UnitEnrolment.history": HISTORY,
    "Survey.courseEnrolment": _in("course_enrolment_id"),
    "Survey.learner": _in("learner_id"),
    "Survey.history": HISTORY,
    "Learner.tasks": _of(tasks, "learner_id"),
    "Learner.notifications": _of(notifications, "learner_id"),
    "Learncycle.runs": _of(learncycle_runs, "learncycle_id"),
    "Learncycle.history": HISTORY,
    "LearncycleRun.learncycle": _in("learncycle_id"),
    "LearncycleRun.cause": _in("cause_id"),
    "LearncycleRun.subject": _in("subject_id"),
    "LearncycleRun.learner": _in("learner_id"),
    "Task.subject": _in("subject_id"),
    "Task.learner": _in("learner_id"),
    "Task.assignee": _in("assignee_id"),
    "Task.learncycle": _in("learncycle_id"),
    "Task.history": HISTORY,
    "Notification.learner": _in("learner_id"),
    "Notification.history": HISTORY,
    "WebhookEndpoint.deliveries": _of(webhook_deliveries, "webhook_endpoint_id"),
    "WebhookEndpoint.history": HISTORY,
    "WebhookDelivery.endpoint": _in("webhook_endpoint_id"),
    "WebhookDelivery.history": HISTORY,
    "HistoryEntry.actor": _in("actor_id"),
    "HistoryEntry.subject": _in("subject_id"),
    "HistoryEntry.learner": _in("learner_id"),
    "HistoryEntry.cause": _in("cause_id"),
    "Export.requestedBy": _in("user_id"),
    "Export.history": HISTORY,
}
"""From a record to the keys of others, by the rows in the database."""
LISTS_OF_THE_ORGANISATION = {"users": "user", "groups": "group", "history": "entry organisation own"}
BESIDE_RECORDS = {
    "Viewer.organisation",
    "Viewer.user",
    "Viewer.learner",
    *(f"Organisation.{name}" for name in LISTS_OF_THE_ORGANISATION),
    "Learner.openRecords",
    "OpenRecord.subject",
    "LearnerUsage.learners",
    "LearnerUsage.quiet",
    "SeriesInsights.enrolments",
    "SeriesCount.series",
    "CertificationInsights.learnerCertifications",
    "ApprovalInsights.approvals",
    "CertificationCount.certification",
    "FiredLearncycle.learncycle",
    "SimulatedRun.cause",
    "SimulatedRun.learner",
    "LifecycleColumn.enrolments",
    "LearnerWithInactiveEnrolments.learner",
}
"""What leads to records from elsewhere than a record in a list at the root; each has a test of its own below."""
WHOLE_LIST = "{ totalCount nodes { id } edges { node { id } } }"


def _keys_in(value: Any) -> list[UUID]:
    """The records that a link came to; a list says the same in its edges and its count as in its nodes."""
    if value is None:
        return []
    if "nodes" not in value:
        return [key(value["id"])]
    keys = [key(node["id"]) for node in value["nodes"]]
    assert keys == [key(edge["node"]["id"]) for edge in value["edges"]]
    assert value["totalCount"] == len(keys)
    return keys


@by_role
async def test_lists_at_the_root_have_the_records_that_are_seen_and_no_others(role: Role, world: World) -> None:
    seen = world.keys_seen_by(role)

    for type_, root in ROOT_LISTS.items():
        listed = _keys_in((await world.clients[role].query(f"{{ {root}(first: 100) {WHOLE_LIST} }}"))[root])
        played = world.keys(KINDS[type_])
        assert set(listed) & world.keys() == played & seen, root
        assert not set(listed) & {key(id_) for id_ in world.theirs.values()}


@by_role
async def test_links_lead_to_the_records_that_are_seen_and_to_no_others(role: Role, world: World) -> None:
    organisation = world.clients[role].organisation
    rows = {
        table: await organisation.stored(table)
        for table in (*TABLES.values(), roles, group_members, certification_groups, course_units, course_offer_trainers)
    }
    seen, played = world.keys_seen_by(role), world.keys()

    for link, related_to in RELATED.items():
        type_, name = link.split(".")
        is_list = get_named_type(object_type(type_).fields[name].type).name.endswith("Connection")
        asked = f"id {name}(first: 50) {WHOLE_LIST}" if is_list else f"id {name} {{ id }}"
        ids = [world.ids[label] for label in world.kind(KINDS[type_])]
        by_key = {row["id"]: row for row in rows[TABLES[type_]]}

        answer = await world.clients[role].execute(
            f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {type_} {{ {asked} }} }} }}", {"ids": ids}
        )

        if role is Role.INTEGRATION and type_ in NARROWED:
            assert codes(answer) == ["FORBIDDEN"]
            continue
        assert "errors" not in answer, f"{link}: {answer['errors']}"
        found = [node for node in answer["data"]["nodes"] if node]
        assert {key(node["id"]) for node in found} == world.keys(KINDS[type_]) & seen
        for node in found:
            came_to, related = set(_keys_in(node[name])), set(related_to(by_key[key(node["id"])], rows))
            assert came_to & played == related & played & seen, f"{link} of {node['id']}"
            assert came_to <= related


@by_role
async def test_what_stands_open_with_a_learner_is_what_is_seen(role: Role, world: World) -> None:
    asked = below("Learner", "openRecords(first: 50) { totalCount nodes { subject { id } } }")
    open_now = {  # a Trainer sees no more of a learner than name, state and what hangs on their own offers
        "learner boss": {
            *("enrolment boss", "walk boss", "record boss", "approval boss"),
            *("attendance boss", "attendance taught"),
        },
        "learner report": {
            *("enrolment report", "record report", "record retired", "approval report"),
            *("attendance report", "attendance retired"),
        },
        "learner leaver": {"enrolment leaver"},
        "learner stranger": {"enrolment stranger", "record stranger", "approval stranger", "attendance stranger"},
        "learner manager": set[str](),
    }

    answer = await world.clients[role].execute(f"{{ {asked} }}")

    if role is Role.INTEGRATION:
        assert codes(answer) == ["FORBIDDEN"]
        return
    labels = {id_: label for label, id_ in world.ids.items()}
    for node in answer["data"]["learners"]["nodes"]:
        subjects = [each["subject"]["id"] for each in node["openRecords"]["nodes"]]
        assert node["openRecords"]["totalCount"] == len(subjects)
        if node["id"] in labels:
            told = set[str]() if role is Role.TRAINER else open_now[labels[node["id"]]]
            assert {labels[id_] for id_ in subjects if id_ in labels} == told


@by_role
async def test_the_usage_of_a_month_leads_administrators_to_all_learners_and_nobody_else_to_any(
    role: Role, world: World
) -> None:
    asked = f"count learners(first: 100) {WHOLE_LIST} quiet(first: 100) {WHOLE_LIST}"

    answer = await world.clients[role].execute(f"{{ {below('LearnerUsage', asked)} }}")

    if role not in (Role.OWNER, Role.ADMIN):
        assert codes(answer) == ["FORBIDDEN"]
        return
    usage = answer["data"]["learnerUsage"]
    assert set(_keys_in(usage["learners"])) & world.keys() == world.keys("learner")
    assert set(_keys_in(usage["quiet"])) & world.keys() == world.keys("learner")
    assert usage["count"] == usage["learners"]["totalCount"]


@by_role
async def test_insights_count_and_name_what_is_seen(role: Role, world: World) -> None:
    document = f"""
        {{ seriesInsights {{
          totalCount byStatus {{ count }} bySeries(first: 100) {{ count series {{ id }} }}
          byTrackingCode(first: 100) {{ trackingCode count }} enrolments(first: 100) {WHOLE_LIST}
        }} }}
    """

    answer = await world.clients[role].execute(document)

    if role is Role.INTEGRATION:
        assert codes(answer) == ["FORBIDDEN"]
        return
    seen, insights = seen_by(role), answer["data"]["seriesInsights"]
    played = {label for label in world.kind("enrolment") if label in seen}
    counted = set(_keys_in(insights["enrolments"]))
    assert counted & world.keys() == {key(world.ids[label]) for label in played}
    assert insights["totalCount"] == len(counted) == sum(each["count"] for each in insights["byStatus"])
    named = {key(each["series"]["id"]) for each in insights["bySeries"] if each["series"]}
    assert named & world.keys() <= world.keys_seen_by(role)
    assert sum(each["count"] for each in insights["bySeries"]) == len(counted)
    codes_told = {each["trackingCode"] for each in insights["byTrackingCode"]}
    assert codes_told & {world.refs[label] for label in world.kind("enrolment")} == {
        world.refs[label] for label in played
    }


@by_role
async def test_insights_into_certifications_count_and_name_what_is_seen(role: Role, world: World) -> None:
    certification = "byCertification(first: 100) { count certification { id } }"
    document = f"""
        {{
          certificationInsights {{
            totalCount byStatus {{ count }} {certification} learnerCertifications(first: 100) {WHOLE_LIST}
          }}
          approvalInsights {{ totalCount byKind {{ count }} {certification} approvals(first: 100) {WHOLE_LIST} }}
        }}
    """

    answer = await world.clients[role].execute(document)

    cases = [("approvalInsights", "approvals", "approval", "byKind")]
    if role is Role.INTEGRATION:
        assert codes(answer) == ["FORBIDDEN"]
    else:
        cases.append(("certificationInsights", "learnerCertifications", "record", "byStatus"))
    for report, list_, called, facet in cases:
        insights = answer["data"][report]
        counted = set(_keys_in(insights[list_]))
        assert counted & world.keys() == world.keys(called) & world.keys_seen_by(role)
        assert insights["totalCount"] == len(counted) == sum(each["count"] for each in insights[facet])
        named = {key(each["certification"]["id"]) for each in insights["byCertification"] if each["certification"]}
        assert named & world.keys() <= world.keys_seen_by(role)
        assert sum(each["count"] for each in insights["byCertification"]) == len(counted)


@by_role
async def test_the_organisation_leads_to_the_users_groups_and_entries_that_are_seen(role: Role, world: World) -> None:
    lists = " ".join(f"{name}(first: 100) {WHOLE_LIST}" for name in LISTS_OF_THE_ORGANISATION)

    data = await world.clients[role].query(f"{{ viewer {{ organisation {{ {lists} }} }} }}")

    for name, called in LISTS_OF_THE_ORGANISATION.items():
        wanted = {key(id_) for label, id_ in world.ids.items() if called in (label.split()[0], label)}
        came_to = set(_keys_in(data["viewer"]["organisation"][name]))
        assert came_to & world.keys() == wanted & world.keys_seen_by(role), name


@by_role
async def test_the_viewer_links_to_their_own_organisation_user_and_learner(role: Role, world: World) -> None:
    data = await world.clients[role].query("{ viewer { role organisation { id } user { id } learner { id } } }")

    own = {Role.MANAGER: "learner manager", Role.LEARNER: "learner report"}
    assert data["viewer"] == {
        "role": role.name,
        "organisation": {"id": world.ids["organisation own"]},
        "user": {"id": world.ids[f"user {role.name}"]},
        "learner": {"id": world.ids[own[role]]} if role in own else None,
    }


@by_role
async def test_users_are_seen_by_administrators_and_by_themselves(role: Role, world: World) -> None:
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    labels = world.kind("user")

    data = await world.clients[role].query(document, {"ids": [world.ids[label] for label in labels]})

    seen = {node["id"] for node in data["nodes"] if node}
    assert seen == {world.ids[label] for label in labels if label in seen_by(role)}
    assert world.ids[f"user {role.name}"] in seen
    assert len(seen) == (len(labels) if role in (Role.OWNER, Role.ADMIN) else 1)
    assert PREFIXES[users] == "usr"


@by_role
async def test_the_link_of_an_export_is_given_to_whoever_asked_for_it_alone(role: Role, world: World) -> None:
    document = "query($id: ID!) { export(id: $id) { url } }"

    data = await world.clients[role].query(document, {"id": world.ids["export OWNER"]})

    match role:
        case Role.OWNER:
            assert data["export"]["url"]
        case Role.ADMIN:
            assert data == {"export": {"url": None}}
        case _:
            assert data == {"export": None}


@by_role
async def test_the_list_of_inactive_enrolments_leads_administrators_to_learners_and_nobody_else(
    role: Role, world: World
) -> None:
    document = f"{{ {below('LearnerWithInactiveEnrolments', 'learner { id } enrolments { courseEnrolmentId }')} }}"

    answer = await world.clients[role].execute(document)

    if role not in (Role.OWNER, Role.ADMIN):
        assert codes(answer) == ["FORBIDDEN"]
        return
    nodes = answer["data"]["learnersWithInactiveEnrolments"]["nodes"]
    assert {key(node["learner"]["id"]) for node in nodes} & world.keys() == world.keys("learner") & {
        key(world.ids["learner manager"])
    }
    named = {key(each["courseEnrolmentId"]) for node in nodes for each in node["enrolments"]}
    assert not named & {key(id_) for id_ in world.theirs.values()}


@by_role
async def test_the_board_of_the_lifecycle_has_the_enrolments_that_are_seen(role: Role, world: World) -> None:
    asked = f"stage enrolmentCount enrolments(first: 100) {WHOLE_LIST}"

    answer = await world.clients[role].execute(f"{{ {below('LifecycleColumn', asked)} }}")

    if role is Role.INTEGRATION:
        assert codes(answer) == ["FORBIDDEN"]
        return
    seen = await world.clients[role].query(f"{{ courseEnrolments(first: 100) {WHOLE_LIST} }}")
    stages = answer["data"]["lifecycleBoard"]["stages"]
    told = [each for stage in stages for each in _keys_in(stage["enrolments"])]
    assert sorted(told) == sorted(_keys_in(seen["courseEnrolments"]))
    assert [stage["enrolmentCount"] for stage in stages] == [len(_keys_in(stage["enrolments"])) for stage in stages]
