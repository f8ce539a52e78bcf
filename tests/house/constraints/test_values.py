"""The database refuses values outside their set, and rows that contradict themselves."""

import re
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, String, Table, literal
from sqlalchemy.exc import IntegrityError

from portal_api.domain.exports import ExportStatus
from portal_api.domain.history import ActorKind
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.organisations import IntegrationTokenStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesDuration, WithdrawalReason
from portal_api.models import (
    activity_intervals,
    certification_steps,
    certification_versions,
    certifications,
    exports,
    groups,
    history_entries,
    integration_tokens,
    learner_attributes,
    learners,
    metadata,
    pathway_enrolments,
    pathway_steps,
    pathways,
    reporting_lines,
    resources,
    roles,
    series,
    series_enrolments,
)
from portal_api.models.base import Enumerated
from tests.clock import START
from tests.factories import Organisation
from tests.house import automation_constraints as automating
from tests.house import certifying_constraints as certifying
from tests.house import course_constraints as training
from tests.house import credential_constraints as papers
from tests.house import enrolment_constraints as enrolling
from tests.house.constraints.rows import DAY, P, S, V, copied, of_everything, without_a_role, writable, write

CONTRADICTIONS: dict[str, tuple[Table, dict[str, Any], str]] = {
    "an inactive learner with app access": (
        learners,
        {"status": LearnerStatus.INACTIVE, "deactivated_at": START, "has_app_access": True},
        "no_app_access_when_inactive",
    ),
    "an inactive learner since never": (
        learners,
        {"status": LearnerStatus.INACTIVE, "has_app_access": False},
        "deactivated_at_when_inactive",
    ),
    "a learner who manages themselves": (learners, {}, "not_own_manager"),
    "an active learner inactive since": (learners, {"deactivated_at": START}, "deactivated_at_when_inactive"),
    "a reference taken already": (learners, {"external_ref": "L"}, "(?i)unique"),
    "an enrolment that ends when it starts": (
        series_enrolments,
        {"starts_at": START, "ends_at": START},
        "ck_series_enrolments_in_order",
    ),
    "a withdrawal without a reason": (
        series_enrolments,
        {"status": S.WITHDRAWN, "withdrawn_at": START},
        "withdrawal_when_withdrawn",
    ),
    "a withdrawal without an instant": (
        series_enrolments,
        {"status": S.WITHDRAWN, "withdrawal_reason": WithdrawalReason.ENROLMENT_ERROR},
        "withdrawal_when_withdrawn",
    ),
    "an instant without a withdrawal": (
        series_enrolments,
        {"withdrawn_at": START, "withdrawal_reason": WithdrawalReason.ENROLMENT_ERROR},
        "withdrawal_when_withdrawn",
    ),
    "mastered at no instant": (series_enrolments, {"status": S.MASTERED}, "mastered_at_when_mastered"),
    "an instant of mastery without mastery": (
        series_enrolments,
        {"mastered_at": START},
        "mastered_at_when_mastered",
    ),
    "a fixed duration without days": (series, {"duration": SeriesDuration.FIXED}, "days_when_fixed"),
    "days without a fixed duration": (series, {"duration_days": 30}, "days_when_fixed"),
    "an end date without a day": (series, {"duration": SeriesDuration.END_DATE}, "day_when_end_date"),
    "an interval that ends before it begins": (
        activity_intervals,
        {"active_from": START, "active_until": START - DAY},
        "ck_activity_intervals_in_order",
    ),
    "a second open interval": (activity_intervals, {"active_from": START}, "(?i)unique"),
    "a learner who reports to themselves": (reporting_lines, {}, "no_circle"),
    "a line of no length": (reporting_lines, {"depth": 0}, "depth_positive"),
    "a share to be mastered of no questions": (series, {"question_count": None}, "goal_whole"),
    "questions of which no share is to be mastered": (series, {"mastery_percent": None}, "goal_whole"),
    "a goal of no questions": (series, {"question_count": 0}, "goal_in_bounds"),
    "a goal of nothing": (series, {"mastery_percent": 0}, "goal_in_bounds"),
    "a goal of more than everything": (series, {"mastery_percent": 101}, "goal_in_bounds"),
    "a day to be done by without the instant": (series_enrolments, {"due_on": START.date()}, "overdue_at_when_due_on"),
    "overdue at no day": (series_enrolments, {"overdue_at": START}, "overdue_at_when_due_on"),
    "more right than answered": (
        series_enrolments,
        {"questions_answered": 3, "questions_correct": 4},
        "questions_correct_answered",
    ),
    "less than none right": (series_enrolments, {"questions_correct": -1}, "questions_correct_answered"),
    "a second active enrolment in a series": (series_enrolments, {}, "(?i)unique"),
    "a reference of an enrolment taken already": (
        series_enrolments,
        {"status": S.INCOMPLETE, "external_ref": "E"},
        "(?i)unique",
    ),
    "a reference of a series taken already": (series, {"external_ref": "S"}, "(?i)unique"),
    "a reference of a pathway taken already": (pathways, {"external_ref": "P"}, "(?i)unique"),
    "a reference of an enrolment in a pathway taken already": (
        pathway_enrolments,
        {"external_ref": "PE"},
        "(?i)unique",
    ),
    "a step before the first": (pathway_steps, {"position": 0}, "position_positive"),
    "two steps at one place": (pathway_steps, {"position": 1}, "(?i)unique"),
    "one series at two steps": (pathway_steps, {}, "(?i)unique"),
    "a pathway withdrawn without a reason": (
        pathway_enrolments,
        {"status": P.WITHDRAWN, "withdrawn_at": START},
        "withdrawal_when_withdrawn",
    ),
    "a pathway withdrawn at no instant": (
        pathway_enrolments,
        {"status": P.WITHDRAWN, "withdrawal_reason": WithdrawalReason.ENROLMENT_ERROR},
        "withdrawal_when_withdrawn",
    ),
    "a reason without a withdrawal from a pathway": (
        pathway_enrolments,
        {"withdrawal_reason": WithdrawalReason.ENROLMENT_ERROR},
        "withdrawal_when_withdrawn",
    ),
    "a pathway completed at no instant": (
        pathway_enrolments,
        {"status": P.COMPLETED},
        "completed_at_when_completed",
    ),
    "an instant of completion without it": (
        pathway_enrolments,
        {"completed_at": START},
        "completed_at_when_completed",
    ),
    "a reference of a certification taken already": (certifications, {"external_ref": "C"}, "(?i)unique"),
    "two versions of one number": (certification_versions, {"number": 1}, "(?i)unique"),
    "a second draft": (certification_versions, {}, "(?i)unique"),
    "a draft that was published": (certification_versions, {"status": V.DRAFT}, "published_when_no_draft"),
    "a version published at no instant": (certification_versions, {"published_at": None}, "published_when_no_draft"),
    "a version retired at no instant": (certification_versions, {"status": V.RETIRED}, "retired_at_when_retired"),
    "an instant of retirement without it": (certification_versions, {"retired_at": START}, "retired_at_when_retired"),
    "a fee without a currency": (certification_versions, {"initial_fee": 100}, "currency_of_fees"),
    "a currency without a fee": (certification_versions, {"currency": "NZD"}, "currency_of_fees"),
    "a fee of nothing": (certification_versions, {"initial_fee": 0, "currency": "NZD"}, "fees_positive"),
    "a recertification fee of nothing": (
        certification_versions,
        {"recertification_fee": 0, "currency": "NZD"},
        "fees_positive",
    ),
    "an exam without an attempt": (certification_versions, {"attempt_limit": 0}, "attempts_positive"),
    "a certificate that is never valid": (certification_versions, {"validity_months": 0}, "days_positive"),
    "less than no grace": (certification_versions, {"grace_days": -1}, "days_positive"),
    "less than no window": (certification_versions, {"window_days": -1}, "days_positive"),
    "a training step before the first": (certification_steps, {"position": 0}, "position_positive"),
    "two training steps at one place": (certification_steps, {"position": 1}, "(?i)unique"),
    "a training step without a way": (certification_steps, {"paths": ()}, "paths_some"),
    "a token revoked at no instant": (
        integration_tokens,
        {"status": IntegrationTokenStatus.REVOKED},
        "revoked_at_when_revoked",
    ),
    "an instant of revocation without it": (integration_tokens, {"revoked_at": START}, "revoked_at_when_revoked"),
    "an export that is ready for ever": (exports, {"status": ExportStatus.READY}, "expires_at_when_ready"),
    "an export that expires before it is ready": (exports, {"expires_at": START}, "expires_at_when_ready"),
    "a second value of an attribute": (learner_attributes, {}, "(?i)unique"),
    **certifying.CONTRADICTIONS,
    **training.CONTRADICTIONS,
    **papers.CONTRADICTIONS,
    **enrolling.CONTRADICTIONS,
    **automating.CONTRADICTIONS,
    "a person's act by nobody": (history_entries, {"actor_id": None}, "actor_when_person"),
    "the clock's act by somebody": (history_entries, {"actor_kind": ActorKind.CLOCK}, "actor_when_person"),
}


UNKNOWN_VALUES = [
    (learners, "status"),
    (learners, "deactivation_reason"),
    (roles, "role"),
    (series, "type"),
    (series, "duration"),
    (series, "status"),
    (series_enrolments, "status"),
    (series_enrolments, "withdrawal_reason"),
    (pathways, "kind"),
    (pathways, "status"),
    (pathway_enrolments, "status"),
    (pathway_enrolments, "withdrawal_reason"),
    (resources, "status"),
    *certifying.UNKNOWN_VALUES,
    *training.UNKNOWN_VALUES,
    *papers.UNKNOWN_VALUES,
    *enrolling.UNKNOWN_VALUES,
    *automating.UNKNOWN_VALUES,
    (groups, "status"),
    (integration_tokens, "status"),
    (certifications, "joining"),
    (certifications, "status"),
    (certification_versions, "status"),
    (certification_versions, "fee_due"),
    (exports, "status"),
    (history_entries, "actor_kind"),
]


VOCABULARIES = [
    (history_entries, "action"),
    (history_entries, "subject_kind"),
    (exports, "list"),
    *automating.VOCABULARIES,
]
"""Closed sets that grow with what the portal can do; the database lets them."""


def test_every_closed_set_is_told_of() -> None:
    sets = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Enumerated)
    }
    assert {(table.name, column) for table, column in (*UNKNOWN_VALUES, *VOCABULARIES)} == sets


def test_every_check_constraint_refuses_a_row() -> None:
    told = [(table, constraint) for table, _, constraint in CONTRADICTIONS.values()]
    for table in metadata.tables.values():
        for check in table.constraints:
            if isinstance(check, CheckConstraint) and not str(check.name).endswith("_known"):
                assert any(own is table and re.search(text_, str(check.name)) for own, text_ in told), check.name


@pytest.mark.parametrize("contradiction", CONTRADICTIONS)
async def test_the_database_refuses_a_row_that_contradicts_itself(
    organisation: Organisation, contradiction: str
) -> None:
    table, columns, constraint = CONTRADICTIONS[contradiction]
    of_everything(organisation)
    if "external_ref" in columns:
        organisation.rows[table][-1]["external_ref"] = columns["external_ref"]
    await organisation.save()
    match contradiction:
        case "a learner who reports to themselves":
            row = {**writable(organisation, table), "manager_id": organisation.own[Role.MANAGER].id}
        case "a learner who manages themselves":
            row = writable(organisation, table)
            row["manager_id"] = row["id"]
        case "a course that supersedes itself":
            row = writable(organisation, table)
            row["superseded_by"] = row["id"]
        case "a unit of another learner than its enrolment":
            row = {**writable(organisation, table), "learner_id": organisation.own[Role.MANAGER].id}
        case "one series at two steps":
            row = copied(organisation, table, position=2)
        case "a second value of an attribute":
            row = copied(organisation, table, value="another")
        case _ if contradiction in certifying.COPIES | papers.COPIES | enrolling.COPIES | automating.COPIES:
            row = copied(organisation, table, **columns)
        case "a second open interval" | "a second active enrolment in a series":
            row = copied(organisation, table, **columns)
        case "a second draft":
            own = organisation.rows[certifications][0]["id"]
            row = copied(organisation, table, certification_id=own, number=2, status=V.DRAFT, published_at=None)
        case _:
            row = {**writable(organisation, table), **columns}
    with pytest.raises(IntegrityError, match=constraint):
        await write(organisation.database, table, row)


@pytest.mark.parametrize(("table", "column"), UNKNOWN_VALUES, ids=lambda value: getattr(value, "name", value))
async def test_the_database_refuses_a_value_outside_its_set(
    organisation: Organisation, table: Table, column: str
) -> None:
    of_everything(organisation)
    await organisation.save()
    await without_a_role(organisation)
    row = writable(organisation, table)
    if table is learners:
        row["has_app_access"] = False
    if column == "withdrawal_reason":
        withdrawn = P.WITHDRAWN if table is pathway_enrolments else S.WITHDRAWN
        row |= {"status": withdrawn, "withdrawn_at": START}
    if column == "actor_kind":
        row["actor_id"] = None
    for beside in (certifying.BESIDE, papers.BESIDE, enrolling.BESIDE, automating.BESIDE):
        row |= beside.get((table.name, column), {})
    row[column] = literal("unheard_of", String())
    with pytest.raises(IntegrityError, match=f"ck_{table.name}_{column}_known"):
        await write(organisation.database, table, row)
