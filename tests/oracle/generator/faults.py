"""What can be wrong with a query, and where."""

from typing import Any

from tests.oracle.generator.limits import MOST_AT_ROOT

PAGE_FAULTS: tuple[dict[str, Any], ...] = (
    {"first": 0},
    {"last": 0},
    {"first": -1},
    {"first": MOST_AT_ROOT + 1},
    {"last": MOST_AT_ROOT + 1},
    {"first": 2, "last": 2},
    {"first": 2, "before": "x"},
    {"last": 2, "after": "x"},
    {"after": "x", "before": "x"},
)
NO_CURSORS = ("", "!", "bm9uc2Vuc2U=", "bnVsbA==", "WyJJRCJd", "WyJ4IiwieSJd", "WyItSUQiLCIwIl0=", "é")
NO_IDENTIFIERS = (
    "",
    "lrn_",
    "nonsense",
    "xyz_0123456789abcdef0123456789abcdef",
    "lrn_0123456789ABCDEF0123456789abcdef",
)
NO_MONTHS = ("2026-03-02", "2026-02-28", "1899-12-01", "3000-01-01")
NO_NUMBERS = ("", "-", "nonsense", "00000-00000-00000", "U" * 15, "0" * 200, "é1234-56789-ABCDE")
FAULTS = ("page", "cursor", "order", "search", "identifier", "root", "closed")
FAULTY_ROOTS = {
    "search": (
        *("users", "groups", "learners", "seriesLibrary", "seriesEnrolments", "seriesEnrolmentIds", "seriesInsights"),
        *("pathways", "pathwayEnrolments", "pathwayEnrolmentIds", "resources", "certifications"),
        *("learnerCertifications", "learnerCertificationIds", "approvals"),
        *("certificationInsights", "approvalInsights"),
        *("courses", "units", "courseOffers", "statusReasons", "courseEnrolments", "courseEnrolmentIds"),
        *("credentials", "documents", "learnersWithInactiveEnrolments", "lifecycleBoard"),
    ),
    "identifier": (
        *("user", "group", "learner", "series", "seriesEnrolment", "pathway", "pathwayEnrolment", "resource", "export"),
        *("node", "nodes", "users", "integrationTokens", "groups", "learners", "resources", "exports"),
        *("pathwayEnrolments", "seriesEnrolmentIds", "pathwayEnrolmentIds", "seriesInsights"),
        *("certification", "certifications"),
        *("course", "courses", "unit", "units", "courseOffer", "courseOffers", "statusReasons"),
        *("courseEnrolment", "courseEnrolments", "courseEnrolmentIds", "unitEnrolment", "unitEnrolments", "surveys"),
        *("learnerCertification", "learnerCertifications", "learnerCertificationIds", "approval", "approvals"),
        *("certificationInsights", "approvalInsights"),
        *("credential", "credentials", "document", "documents", "learnersWithInactiveEnrolments", "lifecycleBoard"),
    ),
    "root": (
        *("user", "learner", "seriesEnrolment", "pathway", "certification", "resource", "nodes", "nodes", "nodes"),
        *("course", "unit", "courseOffer", "courseEnrolment", "courseEnrolmentIds", "unitEnrolmentIds"),
        *("seriesEnrolmentIds", "pathwayEnrolmentIds", "learnerUsage", "simulateLearncycle"),
        *("learnerCertification", "learnerCertificationIds"),
    ),
    "closed": (
        *("learners", "seriesEnrolments", "pathwayEnrolments", "learner", "seriesEnrolment", "pathwayEnrolment"),
        *("courseEnrolment", "courseEnrolments", "surveys", "lifecycleBoard"),
        *("node", "seriesLibrary", "pathways", "learnerCertifications", "learnerCertification"),
        "certificationInsights",
    ),
}
"""Where a fault can be made at all; the others in any list."""
