"""The documents about certifications and their versions."""

from tests.operations.cases.shape import Case, on

CONTENT = {"examTitle": "Final exam", "steps": [{"title": "Reading", "paths": ["ONLINE", "TEST_OUT"]}]}
CASES: dict[str, Case] = {
    "admin_console/certifications": Case(
        ("certifications.nodes", "certifications.totalCount"), lambda scene: {"filter": {"search": "certification"}}
    ),
    "admin_console/certification": Case(
        ("certification.versions.nodes", "certification.groups.nodes", "certification.actions"),
        lambda scene: {"externalRef": scene.open_certification["external_ref"]},
    ),
    "admin_console/create_certification": Case(
        ("createCertification.results", "createCertification.counts.changed"),
        lambda scene: {"input": {"title": "Fire warden", "joining": "ON_REQUEST", "groupIds": [scene.group.gid]}},
    ),
    "admin_console/update_certification": Case(
        ("updateCertification.results", "updateCertification.counts.changed"),
        lambda scene: {"input": {"id": scene.open_certification.gid, "title": "Called otherwise"}},
    ),
    "admin_console/retire_certifications": Case(
        ("retireCertifications.results", "retireCertifications.counts.changed"),
        on(lambda scene: scene.open_certification),
    ),
    "admin_console/reinstate_certifications": Case(
        ("reinstateCertifications.results", "reinstateCertifications.counts.changed"),
        on(lambda scene: scene.retired_certification),
    ),
    "admin_console/draft_certification_version": Case(
        ("draftCertificationVersion.results", "draftCertificationVersion.counts.changed"),
        lambda scene: {"input": {"certificationId": scene.open_certification.gid, **CONTENT}},
    ),
    "admin_console/publish_certification_version": Case(
        ("publishCertificationVersion.results", "publishCertificationVersion.counts.changed"),
        lambda scene: {"input": {"id": scene.draft.gid}},
    ),
    "admin_console/retire_certification_version": Case(
        ("retireCertificationVersion.results", "retireCertificationVersion.counts.changed"),
        lambda scene: {"input": {"id": scene.published.gid}},
    ),
    "learner_app/certifications": Case(("certifications.nodes", "certifications.totalCount")),
}
