"""The oracle, whole: every noun, and the root fields that belong to none."""

import re
from pathlib import Path
from typing import Any

from tests.oracle import history, learners, machines, organisations, series, series_enrolments
from tests.oracle.engine import MOST_AT_ROOT, MOST_NODES, Asking, Reference, Value, chosen, refuse
from tests.oracle.rows import Row

SDL = Path(__file__).parents[2] / "schema.graphql"
NOUNS = (
    organisations.ORGANISATION,
    organisations.USER,
    learners.LEARNER,
    series.SERIES,
    series_enrolments.SERIES_ENROLMENT,
    history.HISTORY_ENTRY,
)
VALUES: tuple[Value, ...] = ()
"""The types that are no records and lead to some."""
BY_PREFIX = {noun.prefix: noun for noun in NOUNS}


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


def _series_enrolment_ids(_: Any, info: Any, limit: int, filter: Any = None) -> dict[str, Any]:
    asking: Asking = info.context
    if not 1 <= limit <= MOST_AT_ROOT:
        raise refuse("PAGE_INVALID")
    rows = chosen(asking, series_enrolments.SERIES_ENROLMENT, asking.seen("SeriesEnrolment"), filter)
    ids = sorted(row.id.hex for row in rows)[:limit]
    asking.served += len(ids)
    return {"ids": [f"sen_{each}" for each in ids], "totalCount": len(rows)}


def reference() -> Reference:
    """The oracle for the schema as it is printed."""
    roots = {
        "viewer": organisations.viewer,
        "node": _node,
        "nodes": _nodes,
        "seriesEnrolmentIds": _series_enrolment_ids,
        "stateMachine": machines.state_machine,
    }
    return Reference(SDL.read_text(encoding="utf-8"), NOUNS, roots, VALUES)
