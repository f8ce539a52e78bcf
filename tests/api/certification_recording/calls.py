"""Recordings as tests make them."""

from typing import Any

from portal_api.domain.certifications import (
    LearnerCertificationStatus,
)
from portal_api.domain.history import HistoryAction
from tests.api.calls import call
from tests.client import Client, Json
from tests.factories import Organisation, Record

S, H = LearnerCertificationStatus, HistoryAction


WHOLE = (
    "id status version expiresAt certificate { status } cycle { number stepsOpen attemptsUsed examPassedAt feeStatus }"
)


def done(record: Record, step: Record, path: str = "ONLINE", **given: Any) -> Json:
    """A row of a recording of steps."""
    return {"learnerCertificationId": record.gid, "stepId": step.gid, "path": path, **given}


async def steps(client: Client, *rows: Json, node: str = WHOLE, **given: Any) -> Json:
    """Records steps."""
    return await call(client, "recordStepCompletions", node, completions=list(rows), **given)


async def exam(client: Client, record: Record, *, node: str = WHOLE, **given: Any) -> Json:
    """Records the result of an exam."""
    return await call(client, "recordExamResults", node, results=[{"learnerCertificationId": record.gid, **given}])


async def rows_of(made: Organisation, table: Any, **equal: Any) -> list[dict[str, Any]]:
    rows = sorted(await made.stored(table), key=lambda row: row["id"])
    return [row for row in rows if all(row[name] == value for name, value in equal.items())]
