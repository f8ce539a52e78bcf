"""Who sees credentials and learners' documents."""

from sqlalchemy import and_, or_

from portal_api.models import credentials, documents
from portal_api.queries.scope.viewer import (
    ORGANISATION,
    SEES_ORGANISATION,
    VIEWER_LEARNER,
    alternatives_of_learner,
    of_learner,
    of_viewer,
    ways_to,
)

CREDENTIALS = and_(
    credentials.c.organisation_id == ORGANISATION, of_learner(credentials.c.learner_id, SEES_ORGANISATION)
)
CREDENTIAL_WAYS = ways_to(credentials, *alternatives_of_learner(credentials.c.learner_id, SEES_ORGANISATION))
DOCUMENTS = and_(
    documents.c.organisation_id == ORGANISATION, or_(SEES_ORGANISATION, documents.c.learner_id == VIEWER_LEARNER)
)
"""One's own, and for administrators all: what is kept of a learner is no business of whom they report to (a reading)."""
DOCUMENT_WAYS = ways_to(documents, SEES_ORGANISATION, of_viewer(documents.c.learner_id))
