"""A learncycle and what came of it that a test may break, and what breaks each of their invariants."""

from typing import Any

from sqlalchemy import update

from portal_api.models import learncycle_runs
from tests.factories import Organisation, Record


class Automating:
    """One of each: a learncycle, what it did for an enrolment in a series, a task, a notification, a delivery."""

    def __init__(self, organisation: Organisation, enrolment: Record, learner: Record) -> None:
        self.learncycle = organisation.learncycle()
        self.run = organisation.learncycle_run(self.learncycle, enrolment)
        self.task = organisation.task(learner)
        self.notification = organisation.notification(learner)
        self.endpoint = organisation.webhook_endpoint()
        self.delivery = organisation.webhook_delivery(self.endpoint)

    def breaches(self) -> dict[str, list[Any]]:
        """What to do to the database, by the rule that it breaks."""
        run = update(learncycle_runs).where(learncycle_runs.c.id == self.run.id)
        return {
            "a run of a learncycle says why exactly when it was skipped": [run.values(reasons='[{"code":"forbidden"}]')]
        }
