"""The oracle, whole: every noun, and the root fields that belong to none."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.oracle import (
    automations,
    certification_insights,
    certifications,
    course_enrolments,
    courses,
    credentials,
    exports,
    groups,
    history,
    inactive_enrolments,
    insights,
    integration_tokens,
    learner_certifications,
    learners,
    lifecycle,
    machines,
    open_records,
    organisations,
    pathway_enrolments,
    pathways,
    resources,
    series,
    series_enrolments,
    simulations,
    usage,
)
from tests.oracle.answering import Reference
from tests.oracle.engine import MOST_AT_ROOT, MOST_NODES, Asking, Noun, Value, chosen, refuse
from tests.oracle.rows import Row

SDL = Path(__file__).parents[2] / "schema.graphql"
NOUNS = (
    organisations.ORGANISATION,
    organisations.USER,
    integration_tokens.INTEGRATION_TOKEN,
    groups.GROUP,
    learners.LEARNER,
    inactive_enrolments.LEARNER_WITH_INACTIVE_ENROLMENTS,
    open_records.OPEN_RECORD,
    series.SERIES,
    series_enrolments.SERIES_ENROLMENT,
    pathways.PATHWAY,
    pathways.PATHWAY_STEP,
    pathway_enrolments.PATHWAY_ENROLMENT,
    certifications.CERTIFICATION,
    certifications.CERTIFICATION_VERSION,
    certifications.CERTIFICATION_STEP,
    *learner_certifications.NOUNS,
    resources.RESOURCE,
    *courses.NOUNS,
    *course_enrolments.NOUNS,
    credentials.CREDENTIAL,
    credentials.DOCUMENT,
    *automations.NOUNS,
    history.HISTORY_ENTRY,
    exports.EXPORT,
)
VALUES: tuple[Value, ...] = (
    usage.LEARNER_USAGE,
    insights.SERIES_INSIGHTS,
    certification_insights.CERTIFICATION_INSIGHTS,
    certification_insights.APPROVAL_INSIGHTS,
    lifecycle.LIFECYCLE_COLUMN,
)
"""The types that are no records and lead to some."""
BY_PREFIX = {noun.prefix: noun for noun in NOUNS if noun.prefix}


def _node(_: Any, info: Any, id: str) -> Row | None:
    asking: Asking = info.context
    if not re.fullmatch("[a-z]{3}_[0-9a-f]{32}", id) or id[:3] not in BY_PREFIX:
        raise refuse("ID_INVALID")
    found = next((row for row in asking.seen(BY_PREFIX[id[:3]].type) if row.id.hex == id[4:]), None)
    asking.served += found is not None
    return found


def _nodes(_: Any, info: Any, ids: list[str]) -> list[Row | None]:
    if len(ids) > MOST_NODES:
        raise refuse("LIMIT_EXCEEDED")
    return [_node(_, info, each) for each in ids]


def _ids(noun: Noun) -> Callable[..., dict[str, Any]]:
    def ids_of(_: Any, info: Any, limit: int, filter: Any = None) -> dict[str, Any]:
        asking: Asking = info.context
        if not 1 <= limit <= MOST_AT_ROOT:
            raise refuse("PAGE_INVALID")
        rows = chosen(asking, noun, asking.seen(noun.type), filter)
        ids = sorted(row.id.hex for row in rows)[:limit]
        asking.served += len(ids)
        return {"ids": [f"{noun.prefix}_{each}" for each in ids], "totalCount": len(rows)}

    return ids_of


def reference() -> Reference:
    """The oracle for the schema as it is printed."""
    roots = {
        "viewer": organisations.viewer,
        "node": _node,
        "nodes": _nodes,
        "seriesEnrolmentIds": _ids(series_enrolments.SERIES_ENROLMENT),
        "pathwayEnrolmentIds": _ids(pathway_enrolments.PATHWAY_ENROLMENT),
        "learnerCertificationIds": _ids(learner_certifications.LEARNER_CERTIFICATION),
        "courseEnrolmentIds": _ids(course_enrolments.COURSE_ENROLMENT),
        "unitEnrolmentIds": _ids(course_enrolments.UNIT_ENROLMENT),
        "learnersWithInactiveEnrolments": inactive_enrolments.learners_with_inactive_enrolments,
        "lifecycleBoard": lifecycle.lifecycle_board,
        "learnerUsage": usage.learner_usage,
        "seriesInsights": insights.series_insights,
        "certificationInsights": certification_insights.report_on(learner_certifications.LEARNER_CERTIFICATION),
        "approvalInsights": certification_insights.report_on(learner_certifications.APPROVAL),
        "verifyCredential": credentials.verify_credential,
        "simulateLearncycle": simulations.simulate_learncycle,
        "stateMachine": machines.state_machine,
    }
    return Reference(SDL.read_text(encoding="utf-8"), NOUNS, roots, VALUES)
