"""Who sees learncycles with their runs, webhooks, tasks and notifications."""

from sqlalchemy import and_, or_

from portal_api.models import (
    learncycle_runs,
    learncycles,
    notifications,
    tasks,
    webhook_deliveries,
    webhook_endpoints,
)
from portal_api.queries.scope.viewer import (
    ORGANISATION,
    SEES_ORGANISATION,
    VIEWER_LEARNER,
    VIEWER_USER,
    of_viewer,
    ways_to,
)

LEARNCYCLES = and_(learncycles.c.organisation_id == ORGANISATION, SEES_ORGANISATION)
LEARNCYCLE_RUNS = and_(learncycle_runs.c.organisation_id == ORGANISATION, SEES_ORGANISATION)
WEBHOOK_ENDPOINTS = and_(webhook_endpoints.c.organisation_id == ORGANISATION, SEES_ORGANISATION)
WEBHOOK_DELIVERIES = and_(webhook_deliveries.c.organisation_id == ORGANISATION, SEES_ORGANISATION)
TASKS = and_(tasks.c.organisation_id == ORGANISATION, or_(SEES_ORGANISATION, tasks.c.assignee_id == VIEWER_USER))
TASK_WAYS = ways_to(tasks, SEES_ORGANISATION, tasks.c.assignee_id == VIEWER_USER)
NOTIFICATIONS = and_(
    notifications.c.organisation_id == ORGANISATION,
    or_(SEES_ORGANISATION, notifications.c.learner_id == VIEWER_LEARNER),
)
NOTIFICATION_WAYS = ways_to(notifications, SEES_ORGANISATION, of_viewer(notifications.c.learner_id))
