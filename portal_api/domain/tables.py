"""Every status table there is, and how it is printed for people."""

from collections.abc import Iterator
from typing import Any

from portal_api.domain.automations.learncycles import LEARNCYCLES
from portal_api.domain.automations.tasks import NOTIFICATIONS, TASKS
from portal_api.domain.automations.webhooks import WEBHOOK_DELIVERIES, WEBHOOK_ENDPOINTS
from portal_api.domain.certifications import (
    APPROVALS,
    CERTIFICATES,
    CERTIFICATION_VERSIONS,
    CERTIFICATIONS,
    LEARNER_CERTIFICATIONS,
)
from portal_api.domain.courses.enrolments import COURSE_ENROLMENTS
from portal_api.domain.courses.library import COURSE_OFFERS, COURSES, STATUS_REASONS, UNITS
from portal_api.domain.courses.surveys import SURVEYS
from portal_api.domain.courses.unit_enrolments import UNIT_ENROLMENTS
from portal_api.domain.credentials import CREDENTIALS
from portal_api.domain.documents import DOCUMENTS
from portal_api.domain.exports import EXPORTS
from portal_api.domain.learners import LEARNERS
from portal_api.domain.machine import Cell, Rule, Table
from portal_api.domain.organisations import GROUPS, INTEGRATION_TOKENS, ORGANISATIONS, USERS
from portal_api.domain.pathways import PATHWAY_ENROLMENTS, PATHWAYS
from portal_api.domain.resources import RESOURCES
from portal_api.domain.series import SERIES, SERIES_ENROLMENTS

TABLES: tuple[Table[Any, Any, Any], ...] = (
    ORGANISATIONS,
    USERS,
    INTEGRATION_TOKENS,
    GROUPS,
    LEARNERS,
    SERIES,
    SERIES_ENROLMENTS,
    PATHWAYS,
    PATHWAY_ENROLMENTS,
    RESOURCES,
    CERTIFICATIONS,
    CERTIFICATION_VERSIONS,
    LEARNER_CERTIFICATIONS,
    APPROVALS,
    CERTIFICATES,
    COURSES,
    UNITS,
    COURSE_OFFERS,
    STATUS_REASONS,
    COURSE_ENROLMENTS,
    UNIT_ENROLMENTS,
    SURVEYS,
    EXPORTS,
    CREDENTIALS,
    DOCUMENTS,
    LEARNCYCLES,
    TASKS,
    NOTIFICATIONS,
    WEBHOOK_ENDPOINTS,
    WEBHOOK_DELIVERIES,
)


def printed_tables() -> str:
    """All tables as one Markdown page."""
    lines = [
        "# Status tables",
        "",
        "Printed from `portal_api/domain/` by `make tables`; what is shown here is what decides. `S1` to `S5` are the articles",
        "1 to 5 and the place in them; a *reading* is ours, where the articles are silent.",
    ]
    for table in TABLES:
        lines += ["", f"## {table.kind.replace('_', ' ').capitalize()}", "", *_meanings(table), "", *_grid(table)]
        lines += ["", *_rules(table), *_clock(table)]
    return "\n".join(lines) + "\n"


def _meanings(table: Table[Any, Any, Any]) -> Iterator[str]:
    yield "| Status | Ended | Meaning |"
    yield "|---|---|---|"
    for status, meaning in table.statuses.items():
        yield f"| `{status.name}` {meaning.label} | {'yes' if meaning.is_ended else ''} | {meaning.description} |"


def _grid(table: Table[Any, Any, Any]) -> Iterator[str]:
    yield "| Action | " + " | ".join(meaning.label for meaning in table.statuses.values()) + " |"
    yield "|---" * (len(table.statuses) + 1) + "|"
    for rule in table.rules:
        cells = (rule.cells.get(status) for status in table.statuses)
        yield f"| `{rule.action.name}` | " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return ""
    return f"→ `{cell.to.name}`" if cell.to else "allowed"


def _rules(table: Table[Any, Any, Any]) -> Iterator[str]:
    for rule in table.rules:
        yield f"- **`{rule.action.name}`** ({', '.join(role.name for role in rule.roles)}): {'; '.join(_conditions(rule))}."


def _conditions(rule: Rule[Any, Any, Any]) -> Iterator[str]:
    for source in dict.fromkeys(cell.source for cell in rule.cells.values()):
        statuses = [status.name for status, cell in rule.cells.items() if cell.source == source]
        yield f"{', '.join(statuses)} by {source}"
    if rule.needs_active_learner:
        yield "the learner is active"
    if rule.narrowing:
        yield rule.narrowing.text
    for text in dict.fromkeys(footnote.text for cell in rule.cells.values() for footnote in cell.footnotes):
        cells = [
            status.name for status, cell in rule.cells.items() if any(each.text == text for each in cell.footnotes)
        ]
        yield f"at {', '.join(cells)}: {text}"
    for footnote in rule.footnotes:
        yield footnote.text


def _clock(table: Table[Any, Any, Any]) -> Iterator[str]:
    if table.clock:
        yield ""
        yield "| Time alone moves | at | to | if | by |"
        yield "|---|---|---|---|---|"
    for move in table.clock:
        flag = "" if move.when is None else f"`{move.when[0]}` is {'true' if move.when[1] else 'false'}"
        yield f"| `{move.status.name}` | `{move.at}` | `{move.to.name}` | {flag} | {move.source} |"
