"""The documents about credentials, documents of learners, and register numbers."""

from base64 import b64encode

from tests.operations.cases.shape import Case

CASES: dict[str, Case] = {
    "admin_console/credentials": Case(("credentials.nodes", "credentials.totalCount")),
    "admin_console/documents": Case(("documents.nodes", "documents.totalCount")),
    "admin_console/verify_credential": Case(
        ("verifyCredential.status", "verifyCredential.title"),
        lambda scene: {"number": scene.issued["register_number"]},
    ),
    "admin_console/request_credentials": Case(
        ("requestCredentials.results", "requestCredentials.counts.changed"),
        lambda scene: {"input": {"courseEnrolmentIds": [scene.trained.gid], "issueAtOnce": True}},
    ),
    "admin_console/issue_credentials": Case(
        ("issueCredentials.results", "issueCredentials.counts.changed"),
        lambda scene: {"input": {"ids": [scene.requested.gid]}},
    ),
    "admin_console/cancel_credentials": Case(
        ("cancelCredentials.results", "cancelCredentials.counts.changed"),
        lambda scene: {"input": {"ids": [scene.issued.gid], "reason": "REVOKED"}},
    ),
    "admin_console/reissue_credentials": Case(
        ("reissueCredentials.results", "reissueCredentials.counts.changed"),
        lambda scene: {"input": {"ids": [scene.issued.gid]}},
    ),
    "admin_console/add_documents": Case(
        ("addDocuments.results", "addDocuments.counts.changed"),
        lambda scene: {
            "input": {
                "documents": [
                    {
                        "learnerId": scene.learner.gid,
                        "title": "Passport",
                        "fileName": "passport.pdf",
                        "mediaType": "PDF",
                        "content": b64encode(b"%PDF-1.7 a passport").decode(),
                    }
                ]
            }
        },
    ),
    "admin_console/archive_documents": Case(
        ("archiveDocuments.results", "archiveDocuments.counts.changed"),
        lambda scene: {"input": {"ids": [scene.document.gid]}},
    ),
    "learner_app/my_credentials": Case(("credentials.nodes", "documents.nodes")),
}
