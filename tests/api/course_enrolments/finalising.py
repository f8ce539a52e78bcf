"""Finalising over HTTP as the tests of it ask: one call, and what a payload tells."""

from datetime import date
from typing import Any

from tests.client import Client, Json
from tests.factories import Record

FINALISE = """
mutation($input: FinaliseCourseEnrolmentsInput!) { finaliseCourseEnrolments(input: $input) {
    isPreview errors { code message path }
    results { id outcome errors { code message path } node {
        status finalisedOn finalisedAt deferredOn returnsOn trainingOrganisationOutcome version
        statusReason { id } reconnectFor reconnectOn learner { status hasAppAccess }
        units(first: 12, orderBy: {field: STARTS_ON}) { nodes { id outcome startsOn endsOn actualHours trainingOrganisationOutcome version } }
    } }
    warnings { courseEnrolmentId unitEnrolmentId step message }
    billing { month change }
} }
"""


async def finalise(client: Client, status: str, *rows: Json, **given: Any) -> Json:
    """The payload of a finalisation."""
    answered = await client.execute(FINALISE, {"input": {"status": status, "enrolments": list(rows), **given}})
    assert "errors" not in answered, answered["errors"]
    return answered["data"]["finaliseCourseEnrolments"]


def row(
    enrolment: Record, on: date | None = None, returns_on: date | None = None, *, units: Json | None = None
) -> Json:
    """An enrolment in the input; `units` by their identifiers."""
    given: Json = {"id": enrolment.gid}
    if on:
        given["on"] = str(on)
    if returns_on:
        given["returnsOn"] = str(returns_on)
    if units:
        given["units"] = [{"unitEnrolmentId": id_, **each} for id_, each in units.items()]
    return given


def refusals(payload: Json) -> list[list[tuple[str, str]]]:
    """The codes of each row, with the places that are meant."""
    return [[(each["code"], ".".join(each["path"])) for each in result["errors"]] for result in payload["results"]]


def units_of(payload: Json, place: int = 0) -> list[tuple[Any, ...]]:
    """Outcome, start, end and hours of the units of a row, the earliest first."""
    nodes = payload["results"][place]["node"]["units"]["nodes"]
    return [(each["outcome"], each["startsOn"], each["endsOn"], each["actualHours"]) for each in nodes]
