"""Certifications and their versions: who sees them, what each field reads, the facts that decide, and the writes."""

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

__all__ = [
    "CERTIFICATION",
    "CERTIFICATION_STEP",
    "CERTIFICATION_VERSION",
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
