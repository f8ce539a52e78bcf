"""What the tests of the learner's own way share."""

from typing import Any

from tests.api.calls import call
from tests.client import Client, Json
from tests.factories import Organisation, Record

WHOLE = """
  id status enrolledAt version expiresAt
  cycle { number isRecertification feeStatus fee stepsOpen attemptsUsed startedAt }
  certificate { status expiresAt }
"""


async def changed(client: Client, mutation: str, **given: Any) -> Json:
    payload = await call(client, mutation, WHOLE, **given)
    [result] = payload["results"]
    assert result["outcome"] == "CHANGED", result
    return result["node"]


def step_of(made: Organisation, record: Record, place: int = 0) -> str:
    return made.steps_of(made.version_of(record))[place].gid
