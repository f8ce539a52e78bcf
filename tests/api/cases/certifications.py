"""The mutations of certifications and their versions."""

from portal_api.domain.certifications import CertificationVersionStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.models import certification_versions, certifications
from tests.api.cases.shapes import ADMINISTRATORS, CallCase, MutationCase

DRAFT = CertificationVersionStatus.DRAFT
CONTENT = {"examTitle": "Final exam", "steps": [{"title": "Reading", "paths": ["ONLINE"]}]}
MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="createCertification",
        roles=ADMINISTRATORS,
        changes=lambda made: {"title": "Fire warden", "groupIds": [made.group().gid]},
        refuses=lambda made: {"title": "Fire warden", "groupIds": [made.group(is_active=False).gid]},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.CERTIFICATION_CREATED,
        subject=SubjectKind.CERTIFICATION,
        moves=(None, "ACTIVE"),
        other={"title": "Another"},
    ),
    CallCase(
        mutation="updateCertification",
        table=certifications,
        roles=ADMINISTRATORS,
        changes=lambda made: {
            "id": made.certification().gid,
            "title": "Called otherwise",
            "groupIds": [made.group().gid],
        },
        refuses=lambda made: {"id": made.certification(is_active=False).gid, "title": "Called otherwise"},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.CERTIFICATION_UPDATED,
        subject=SubjectKind.CERTIFICATION,
        moves=("ACTIVE", "ACTIVE"),
        changed_fields=("title", "groups"),
    ),
    MutationCase(
        mutation="retireCertifications",
        table=certifications,
        roles=ADMINISTRATORS,
        changes=lambda made: made.certification(),
        refuses=lambda made: made.certification(is_active=False),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.CERTIFICATION_RETIRED,
        subject=SubjectKind.CERTIFICATION,
        moves=("ACTIVE", "RETIRED"),
    ),
    MutationCase(
        mutation="reinstateCertifications",
        table=certifications,
        roles=ADMINISTRATORS,
        changes=lambda made: made.certification(is_active=False),
        refuses=lambda made: made.certification(),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.CERTIFICATION_REINSTATED,
        subject=SubjectKind.CERTIFICATION,
        moves=("RETIRED", "ACTIVE"),
    ),
    CallCase(
        mutation="draftCertificationVersion",
        roles=ADMINISTRATORS,
        changes=lambda made: {"certificationId": made.certification().gid, **CONTENT},
        refuses=lambda made: {"certificationId": made.certification(is_active=False).gid, **CONTENT},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.CERTIFICATION_VERSION_DRAFTED,
        subject=SubjectKind.CERTIFICATION_VERSION,
        moves=(None, "DRAFT"),
        other={"examTitle": "Another exam"},
    ),
    CallCase(
        mutation="publishCertificationVersion",
        table=certification_versions,
        roles=ADMINISTRATORS,
        changes=lambda made: {"id": made.certification_version(made.certification(), DRAFT).gid},
        refuses=lambda made: {"id": made.certification_version(made.certification(is_published=False)).gid},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.CERTIFICATION_VERSION_PUBLISHED,
        subject=SubjectKind.CERTIFICATION_VERSION,
        moves=("DRAFT", "PUBLISHED"),
    ),
    CallCase(
        mutation="retireCertificationVersion",
        table=certification_versions,
        roles=ADMINISTRATORS,
        changes=lambda made: {"id": made.certification_version(made.certification(is_published=False)).gid},
        refuses=lambda made: {"id": made.certification_version(made.certification(), DRAFT).gid},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.CERTIFICATION_VERSION_RETIRED,
        subject=SubjectKind.CERTIFICATION_VERSION,
        moves=("PUBLISHED", "RETIRED"),
    ),
)
