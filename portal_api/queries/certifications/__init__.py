"""Certifications and learners' records of them: who sees them, what each field reads, the facts that decide, the writes."""

from portal_api.queries.certifications.approvals import APPROVAL
from portal_api.queries.certifications.authoring import (
    CertificationContent,
    CertificationRow,
    change,
    create,
    facts,
    groups_of,
    hold,
    id_of_ref,
    lock,
    set_groups,
    shelve,
)
from portal_api.queries.certifications.certificates import CERTIFICATE
from portal_api.queries.certifications.cycles import CERTIFICATION_CYCLE, EXAM_ATTEMPT, STEP_PROGRESS
from portal_api.queries.certifications.drafting import (
    Drafts,
    VersionRow,
    change_draft,
    create_draft,
    drafts_of,
    lock_of_versions,
    move_versions,
    replace_steps,
    version_facts,
)
from portal_api.queries.certifications.library import CERTIFICATION, CERTIFICATION_STEP, CERTIFICATION_VERSION
from portal_api.queries.certifications.records import LEARNER_CERTIFICATION
from portal_api.queries.certifications.sources import ASSIGNMENT_SOURCE

__all__ = [
    "APPROVAL",
    "ASSIGNMENT_SOURCE",
    "CERTIFICATE",
    "CERTIFICATION",
    "CERTIFICATION_CYCLE",
    "CERTIFICATION_STEP",
    "CERTIFICATION_VERSION",
    "EXAM_ATTEMPT",
    "LEARNER_CERTIFICATION",
    "STEP_PROGRESS",
    "CertificationContent",
    "CertificationRow",
    "Drafts",
    "VersionRow",
    "change",
    "change_draft",
    "create",
    "create_draft",
    "drafts_of",
    "facts",
    "groups_of",
    "hold",
    "id_of_ref",
    "lock",
    "lock_of_versions",
    "move_versions",
    "replace_steps",
    "set_groups",
    "shelve",
    "version_facts",
]
