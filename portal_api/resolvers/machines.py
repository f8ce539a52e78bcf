"""The status tables as data: every status, action, cell, reason and clock move, with its label."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal_api.domain.credentials import CANCELLATION_REASON_LABELS, CancellationReason
from portal_api.domain.learners import DEACTIVATION_REASON_LABELS
from portal_api.domain.machine import Table
from portal_api.domain.roles import Role
from portal_api.domain.series import WITHDRAWAL_REASON_LABELS
from portal_api.domain.tables import TABLES
from portal_api.planner.execution import Completed
from portal_api.planner.names import camel
from portal_api.resolvers.planned import PortalInfo, planned


class StateMachineKind(StrEnum):
    """The tables there are."""

    ORGANISATION = "organisation"
    USER = "user"
    INTEGRATION_TOKEN = "integration_token"  # noqa: S105  the name of a table
    GROUP = "group"
    LEARNER = "learner"
    SERIES = "series"
    SERIES_ENROLMENT = "series_enrolment"
    PATHWAY = "pathway"
    PATHWAY_ENROLMENT = "pathway_enrolment"
    RESOURCE = "resource"
    CERTIFICATION = "certification"
    CERTIFICATION_VERSION = "certification_version"
    LEARNER_CERTIFICATION = "learner_certification"
    APPROVAL = "approval"
    CERTIFICATE = "certificate"
    COURSE = "course"
    UNIT = "unit"
    COURSE_OFFER = "course_offer"
    STATUS_REASON = "status_reason"
    COURSE_ENROLMENT = "course_enrolment"
    UNIT_ENROLMENT = "unit_enrolment"
    SURVEY = "survey"
    EXPORT = "export"
    CREDENTIAL = "credential"
    DOCUMENT = "document"
    LEARNCYCLE = "learncycle"
    TASK = "task"
    NOTIFICATION = "notification"
    WEBHOOK_ENDPOINT = "webhook_endpoint"
    WEBHOOK_DELIVERY = "webhook_delivery"


@dataclass(frozen=True, slots=True)
class StatusValue:
    """A status and what it means."""

    status: str
    label: str
    description: str
    is_ended: bool


@dataclass(frozen=True, slots=True)
class CellValue:
    """A status that allows an action."""

    status: str
    next_status: str | None
    source: str
    is_reading: bool


@dataclass(frozen=True, slots=True)
class ReasonValue:
    """A reason that can be given."""

    reason: str
    label: str


@dataclass(frozen=True, slots=True)
class RuleValue:
    """An action and what it takes."""

    action: str
    label: str
    roles: Sequence[Role]
    cells: Sequence[CellValue]
    conditions: Sequence[str]
    reasons: Sequence[ReasonValue]
    needs_active_learner: bool


@dataclass(frozen=True, slots=True)
class ClockMoveValue:
    """What time alone does."""

    status: str
    next_status: str
    at: str
    source: str


@dataclass(frozen=True, slots=True)
class StateMachineValue:
    """A table, whole."""

    kind: StateMachineKind
    statuses: Sequence[StatusValue]
    rules: Sequence[RuleValue]
    clock_moves: Sequence[ClockMoveValue]


_REASONS: dict[str, dict[Any, str]] = {
    "deactivate": DEACTIVATION_REASON_LABELS,
    "withdraw": WITHDRAWAL_REASON_LABELS,
    "cancel": {
        reason: label
        for reason, label in CANCELLATION_REASON_LABELS.items()
        if reason is not CancellationReason.REPLACED
    },
}


def _machine(kind: StateMachineKind, table: Table[Any, Any, Any]) -> StateMachineValue:
    return StateMachineValue(
        kind=kind,
        statuses=[
            StatusValue(status.name, meaning.label, meaning.description, meaning.is_ended)
            for status, meaning in table.statuses.items()
        ],
        rules=[
            RuleValue(
                action=rule.action.name,
                label=rule.label,
                roles=rule.roles,
                cells=[
                    CellValue(status.name, cell.to.name if cell.to else None, cell.source, cell.is_reading)
                    for status, cell in rule.cells.items()
                ],
                conditions=[
                    *([rule.narrowing.text] if rule.narrowing else []),
                    *dict.fromkeys(each.text for cell in rule.cells.values() for each in cell.footnotes),
                    *(each.text for each in rule.footnotes),
                ],
                reasons=[ReasonValue(reason.name, label) for reason, label in _REASONS.get(rule.action, {}).items()],
                needs_active_learner=rule.needs_active_learner,
            )
            for rule in table.rules
        ],
        clock_moves=[
            ClockMoveValue(move.status.name, move.to.name, camel(move.at), move.source) for move in table.clock
        ],
    )


MACHINES = {StateMachineKind(table.kind): _machine(StateMachineKind(table.kind), table) for table in TABLES}


async def state_machine(info: PortalInfo, kind: StateMachineKind) -> Completed:
    """Answers `stateMachine`."""
    return await planned(info, MACHINES[kind])
