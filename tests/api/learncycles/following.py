"""Course enrolments over HTTP as the tests of learncycles ask: what was changed, and what that has fired."""

from collections.abc import Mapping
from typing import Any

from portal_api.domain.automations.learncycles import LearncycleStatus
from portal_api.domain.automations.rules import LearncycleActionKind
from portal_api.domain.automations.triggers import TriggerKind
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from tests.client import Client, Json
from tests.clock import START
from tests.factories import Organisation, Record
from tests.factories.automations import INACTIVE, Does

FIRED = "firedCount fired { learncycle { id } subjectKind subjectId action outcome reasons { code } }"
ROWS = "isPreview counts { changed unchanged refused } results { id errors { code } }"
SIMULATE = """
    query Simulate($id: ID!, $since: DateTime!, $until: DateTime!) {
      simulateLearncycle(id: $id, since: $since, until: $until, first: 100) {
        totalCount
        runs { at onDate cause { id } subjectId learner { id } action outcome reasons { code } }
      }
    }
"""
RUNS = """
    query Runs($id: ID!) {
      learncycleRuns(filter: {learncycleId: {eq: $id}}, first: 100) {
        nodes { subject { id } learner { id } cause { id } action outcome reasons { code } at onDate }
      }
    }
"""
Told = list[tuple[str, ...]]


def by_reason(
    made: Organisation,
    reason: Record,
    *does: Does,
    offers: tuple[Record, ...] = (),
    status: LearncycleStatus = LearncycleStatus.ON,
    **given: Any,
) -> Record:
    """The article's learncycle: the reason of an enrolment changes to one, and the learner is set inactive."""
    return made.learncycle(
        TriggerKind.COURSE_ENROLMENT_REASON,
        None,
        *(does or (INACTIVE,)),
        trigger_reason_id=reason.id,
        offers=offers,
        status=status,
        **given,
    )


def sets(status: CourseEnrolmentStatus, reason: Record | None = None) -> Does:
    """An action that sets the status of a course enrolment."""
    given: Mapping[str, Any] = {"course_status": status}
    if reason is not None:
        given = {**given, "status_reason_id": reason.id}
    return LearncycleActionKind.SET_COURSE_STATUS, given


async def changed(client: Client, mutation: str, **given: Any) -> Json:
    """The payload of a mutation, with what it has fired."""
    name = f"{mutation[0].upper()}{mutation[1:]}Input"
    document = f"mutation Change($input: {name}!) {{ {mutation}(input: $input) {{ {ROWS} {FIRED} }} }}"
    return (await client.query(document, {"input": given}))[mutation]


async def set_status(client: Client, *records: Record, status: str, **given: Any) -> Json:
    return await changed(client, "setCourseEnrolmentStatus", ids=[each.gid for each in records], status=status, **given)


async def finalise(client: Client, *records: Record, status: str = "WITHDRAWN", **given: Any) -> Json:
    """Finalises enrolments as of today, or completes them."""
    on = {} if status.startswith("COMPLET") else {"on": str(client.organisation.today)}
    rows = [{"id": each.gid, **on} for each in records]
    return await changed(client, "finaliseCourseEnrolments", enrolments=rows, status=status, **given)


def told(runs: Any) -> Told:
    """What became of which record, by record and action."""
    return sorted((each["subjectId"], each["action"], each["outcome"], *_codes(each)) for each in runs)


def _codes(run: Any) -> list[str]:
    return [each["code"] for each in run["reasons"]]


async def simulated(client: Client, rule: Record) -> list[Json]:
    """What a learncycle would have done since the beginning, as far as a page tells it."""
    asked = {"id": rule.gid, "since": START.isoformat(), "until": client.organisation.clock().isoformat()}
    answer = (await client.query(SIMULATE, asked))["simulateLearncycle"]
    assert answer["totalCount"] == len(answer["runs"]) or len(answer["runs"]) == 100
    return answer["runs"]


async def happened(client: Client, rule: Record) -> list[Json]:
    """What a learncycle has done."""
    nodes = (await client.query(RUNS, {"id": rule.gid}))["learncycleRuns"]["nodes"]
    return [{**node, "subjectId": node.pop("subject")["id"]} for node in nodes]


def in_full(runs: list[Json]) -> list[tuple[Any, ...]]:
    """Runs with their learner, cause and instant."""
    return sorted(
        (
            each["subjectId"],
            each["learner"]["id"],
            (each["cause"] or {}).get("id"),
            each["at"],
            each["action"],
            each["outcome"],
            *_codes(each),
        )
        for each in runs
    )
