"""The status tables as data, read from the domain a second time."""

from typing import Any

from portal_api.domain import tables
from portal_api.domain.credentials import CANCELLATION_REASON_LABELS
from portal_api.domain.learners import DEACTIVATION_REASON_LABELS
from portal_api.domain.series import WITHDRAWAL_REASON_LABELS
from tests.oracle.rows import camel

TABLES: dict[str, Any] = {table.kind.upper(): table for table in tables.TABLES}
CANCELLING = {each: label for each, label in CANCELLATION_REASON_LABELS.items() if each.name != "REPLACED"}
"""What somebody can give for a reason: that a credential is replaced comes of replacing it."""
REASONS: dict[str, Any] = {
    "DEACTIVATE": DEACTIVATION_REASON_LABELS,
    "WITHDRAW": WITHDRAWAL_REASON_LABELS,
    "CANCEL": CANCELLING,
}


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
        "conditions": _conditions(rule),
        "reasons": [{"reason": reason.name, "label": label} for reason, label in reasons.items()],
        "needsActiveLearner": rule.needs_active_learner,
    }


def _conditions(rule: Any) -> list[str]:
    """Who may, then what is asked for at some statuses, each said once, then what is asked for at all."""
    at_some = list[str]()
    for cell in rule.cells.values():
        at_some += [each.text for each in cell.footnotes if each.text not in at_some]
    return [*([rule.narrowing.text] if rule.narrowing else []), *at_some, *(each.text for each in rule.footnotes)]
