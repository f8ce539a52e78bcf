"""How a field is answered: root reads by their plans, and a small module a noun for what can be changed."""

from portal_api.resolvers import (
    approval_decisions,
    certification_recording,
    certifications,
    exports,
    groups,
    integration_tokens,
    learner_certification_learning,
    learner_certifications,
    learners,
    learning,
    organisations,
    pathways,
    resources,
    series,
    users,
)

__all__ = [
    "approval_decisions",
    "certification_recording",
    "certifications",
    "exports",
    "groups",
    "integration_tokens",
    "learner_certification_learning",
    "learner_certifications",
    "learners",
    "learning",
    "organisations",
    "pathways",
    "resources",
    "series",
    "users",
]
