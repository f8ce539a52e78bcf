"""What each role may see in the scene, written down anew from the rule book."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from portal_api.domain.certifications import CertificationJoining, CertificationVersionStatus
from portal_api.domain.library import LibraryStatus
from portal_api.domain.roles import ADMINISTRATORS, Role
from portal_api.ids import global_id
from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    certification_steps,
    certification_versions,
    certifications,
    course_enrolments,
    credentials,
    documents,
    exam_attempts,
    exports,
    history_entries,
    learner_certifications,
    learners,
    pathway_enrolments,
    pathway_steps,
    pathways,
    series,
    series_enrolments,
    step_progress,
    users,
)
from tests.factories import PREFIXES, Organisation
from tests.operations.automating import automated_seen
from tests.operations.scene import Scene
from tests.operations.training import training_seen

Rows = Mapping[Table, Sequence[Mapping[str, Any]]]
CERTIFYING = (
    learner_certifications,
    certifications,
    certification_versions,
    certification_steps,
    certification_cycles,
    exam_attempts,
    assignment_sources,
    approvals,
    certificates,
    step_progress,
)


async def _stored(organisation: Organisation) -> Rows:
    """What the database holds about certifications: learners make records of their own."""
    return {table: await organisation.stored(table) for table in CERTIFYING}


def _pathways(organisation: Organisation, role: Role, own: set[UUID], learners_seen: set[UUID]) -> Iterator[str]:
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


def _certifications(rows_of: Rows, role: Role, own: set[UUID], learners_seen: set[UUID]) -> Iterator[str]:
    records = [row for row in rows_of[learner_certifications] if row["learner_id"] in learners_seen]
    held = {row["certification_id"] for row in records if row["learner_id"] in own}
    is_admin, reads_library = role in ADMINISTRATORS, role in (Role.MANAGER, Role.INTEGRATION)
    seen = {
        row["id"]
        for row in rows_of[certifications]
        if is_admin
        or (
            row["status"] is LibraryStatus.ACTIVE
            and (
                reads_library or row["id"] in held or (own and row["joining"] is not CertificationJoining.ASSIGNED_ONLY)
            )
        )
    }
    versions = {
        row["id"]
        for row in rows_of[certification_versions]
        if row["certification_id"] in seen and (is_admin or row["status"] is not CertificationVersionStatus.DRAFT)
    }
    yield from (global_id("crt", id_) for id_ in seen)
    yield from (global_id("ctv", id_) for id_ in versions)
    steps = rows_of[certification_steps]
    yield from (global_id("cts", row["id"]) for row in steps if row["certification_version_id"] in versions)
    yield from (global_id("lct", row["id"]) for row in records)
    if role is Role.INTEGRATION:
        return
    known = {row["id"] for row in records}
    for table in (certification_cycles, exam_attempts, assignment_sources, certificates):
        rows = rows_of[table]
        yield from (global_id(PREFIXES[table], row["id"]) for row in rows if row["learner_certification_id"] in known)
    asked = rows_of[approvals]
    yield from (global_id("apr", row["id"]) for row in asked if row["learner_id"] in learners_seen)
    cycles = {row["id"] for row in rows_of[certification_cycles] if row["learner_certification_id"] in known}
    progress = rows_of[step_progress]
    yield from (global_id("stp", row["id"]) for row in progress if row["certification_cycle_id"] in cycles)


def _credentials(organisation: Organisation, role: Role, own: set[UUID], learners_seen: set[UUID]) -> Iterator[str]:
    """Credentials with their learners; documents for administrators and for whom they are about."""
    if role is Role.INTEGRATION:
        return
    of_documents = learners_seen if role in ADMINISTRATORS else own
    for table, seen in ((course_enrolments, learners_seen), (credentials, learners_seen), (documents, of_documents)):
        rows = organisation.rows[table]
        yield from (global_id(PREFIXES[table], row["id"]) for row in rows if row["learner_id"] in seen)


async def visible_ids(scene: Scene, role: Role) -> set[str]:
    """The identifiers of all that a role may see in the scene."""
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
        *_credentials(organisation, role, own, learners_seen),
        *automated_seen(organisation, role, own),
        *training_seen(organisation, role, own, learners_seen),
        *_pathways(organisation, role, own, learners_seen),
        *_certifications(await _stored(organisation), role, own, learners_seen),
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
