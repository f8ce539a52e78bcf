"""Who sees credentials and learners' documents."""

from sqlalchemy import and_, or_

from portal_api.models import credentials, documents
from portal_api.queries.scope.viewer import ORGANISATION, SEES_ORGANISATION, VIEWER_LEARNER, of_learner

CREDENTIALS = and_(
    credentials.c.organisation_id == ORGANISATION, of_learner(credentials.c.learner_id, SEES_ORGANISATION)
)
DOCUMENTS = and_(
    documents.c.organisation_id == ORGANISATION, or_(SEES_ORGANISATION, documents.c.learner_id == VIEWER_LEARNER)
)
"""One's own, and for administrators all: what is kept of a learner is no business of whom they report to (a reading)."""
