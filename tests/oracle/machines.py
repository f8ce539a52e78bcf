"""The status tables as data, read from the domain a second time."""

from typing import Any

from portal_api.domain import tables
from portal_api.domain.learners import DEACTIVATION_REASON_LABELS
from portal_api.domain.series import WITHDRAWAL_REASON_LABELS
from tests.oracle.rows import camel

TABLES: dict[str, Any] = {table.kind.upper(): table for table in tables.TABLES}
REASONS: dict[str, Any] = {"DEACTIVATE": DEACTIVATION_REASON_LABELS, "WITHDRAW": WITHDRAWAL_REASON_LABELS}


def state_machine(_: Any, __: Any, kind: str) -> dict[str, Any]:
    """Answers `stateMachine`."""
    table = TABLES[kind]
    return {
        "kind": kind,
        "statuses": [
            {
                "status": status.name,
                "label": meaning.label,
                "description": meaning.description,
                "isEnded": meaning.is_ended,
            }
            for status, meaning in table.statuses.items()
        ],
        "rules": [_rule(rule) for rule in table.rules],
        "clockMoves": [
            {"status": move.status.name, "nextStatus": move.to.name, "at": camel(move.at), "source": move.source}
            for move in table.clock
        ],
    }


def _rule(rule: Any) -> dict[str, Any]:
    reasons = REASONS.get(rule.action.name, {})
    return {
        "action": rule.action.name,
        "label": rule.label,
        "roles": [role.name for role in rule.roles],
        "cells": [
            {
                "status": status.name,
                "nextStatus": cell.to.name if cell.to else None,
                "source": cell.source,
                "isReading": cell.is_reading,
            }
            for status, cell in rule.cells.items()
        ],
        "conditions": [each.text for each in (rule.narrowing, *rule.footnotes) if each],
        "reasons": [{"reason": reason.name, "label": label} for reason, label in reasons.items()],
        "needsActiveLearner": rule.needs_active_learner,
    }
