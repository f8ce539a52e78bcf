"""What is asked at each size: the operations that must not grow, every filter and order of the large lists, totals, reports."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks import data, load
from benchmarks.data import HOME, Subject
from benchmarks.questions import GRAPHQL, READS, token
from portal_api.clock import system_clock
from portal_api.database import Database
from portal_api.domain.history import HistoryAction
from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.models import (
    certifications,
    group_members,
    learner_attributes,
    learner_certifications,
    learners,
    pathway_enrolments,
    roles,
    series_enrolments,
)

PAGE, DEEP = 25, 100
"""Records on a page, and which page is the deep one."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is asked about: the same of each size, since each begins as the demonstration."""

    subject: Subject
    manager: UUID
    """The learner record of the Manager."""
    learner: UUID
    reference: str
    enrolment: UUID
    enrolment_reference: str
    journey: UUID
    record: UUID
    record_reference: str
    certification: UUID
    group: UUID
    identifier: str
    attribute: tuple[str, str]
    family_name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and what it is called in the table."""

    part: str
    name: str
    role: Role
    text: str
    variables: dict[str, Any]

    def request(self, subject: Subject) -> bytes:
        """As it goes over the wire."""
        body = orjson.dumps({"query": self.text, "variables": self.variables})
        return load.request(GRAPHQL, body, token(subject, self.role))


async def find(database: Database) -> Found:
    """Finds whom and what to ask about."""
    subject = await data.find_subject(database, changes_certified=False)
    async with database.engine.connect() as connection:

        async def first(*columns: Any, where: tuple[ColumnElement[bool], ...] = (), by: Any = None) -> Any:
            return await _first(connection, subject.organisation, *columns, where=where, by=by)

        member = subject.team_member
        [manager] = await first(roles.c.learner_id, where=(roles.c.role == Role.MANAGER,))
        learner = await first(learners.c.external_ref, learners.c.family_name, where=(learners.c.id == member,))
        own = series_enrolments.c.learner_id == member
        enrolment = await first(
            series_enrolments.c.id, series_enrolments.c.external_ref, where=(own,), by=series_enrolments.c.id
        )
        [journey] = await first(pathway_enrolments.c.id, by=pathway_enrolments.c.id)
        record = await first(
            learner_certifications.c.id, learner_certifications.c.external_ref, by=learner_certifications.c.id
        )
        [certification] = await first(certifications.c.id, by=certifications.c.id)
        [group] = await first(group_members.c.group_id, by=group_members.c.learner_id)
        [identifier] = await first(
            learners.c.student_identifier, where=(learners.c.student_identifier > "INTOFF",), by=learners.c.id
        )
        attribute = await first(
            learner_attributes.c.name, learner_attributes.c.value, by=learner_attributes.c.learner_id
        )
    return Found(
        subject=subject,
        manager=manager,
        learner=member,
        reference=learner.external_ref,
        enrolment=enrolment.id,
        enrolment_reference=enrolment.external_ref,
        journey=journey,
        record=record.id,
        record_reference=record.external_ref,
        certification=certification,
        group=group,
        identifier=identifier,
        attribute=(attribute.name, attribute.value),
        family_name=learner.family_name,
    )


async def _first(
    connection: AsyncConnection, organisation: UUID, *columns: Any, where: tuple[ColumnElement[bool], ...], by: Any
) -> Any:
    table = columns[0].table
    found = (
        select(*columns)
        .where(table.c.organisation_id == organisation, *where)
        .order_by(columns[0] if by is None else by)
        .limit(1)
    )
    return (await connection.execute(found)).one()


def asked_of(found: Found) -> Iterator[Asked]:
    """All that is asked, but for the change and the deep pages."""
    subject = found.subject
    for question in READS:
        if question.name in MUST_NOT_GROW:
            yield Asked("must", question.name, question.role, question.text, question.variables(subject))
    yield from _lists(found)
    yield from _totals()
    yield from _reports(found)
    yield from _of_the_manager(found)


MUST_NOT_GROW = ("Q1", "Q2", "Q3")
"""Of the questions that are measured beside the floor; the others are reports, or count."""
LISTS = ("learners", "seriesEnrolments", "learnerCertifications", "historyEntries")
_TYPES = {
    "learners": "Learner",
    "seriesEnrolments": "SeriesEnrolment",
    "learnerCertifications": "LearnerCertification",
    "historyEntries": "HistoryEntry",
}
ORDERS = {
    "learners": ("FAMILY_NAME", "GIVEN_NAME", "CREATED_AT", "LAST_ACTIVITY_AT", "DEACTIVATED_AT"),
    "seriesEnrolments": ("ENROLLED_AT", "STARTS_AT", "ENDS_AT", "DUE_ON", "WITHDRAWN_AT"),
    "learnerCertifications": (
        "ASSIGNED_AT",
        "ENROLLED_AT",
        "EXPIRES_AT",
        "CERTIFIED_AT",
        "STATUS",
        "FAMILY_NAME",
        "GIVEN_NAME",
        "CERTIFICATION_TITLE",
    ),
    "historyEntries": ("OCCURRED_AT",),
}


def page_of(name: str) -> str:
    """The document for a page of a list, with no more of each record than its key: the list is what is measured."""
    type_ = _TYPES[name]
    return (
        f"query Page($filter: {type_}Filter, $orderBy: [{type_}Order!], $after: String) {{ {name}(first: {PAGE}, "
        f"after: $after, filter: $filter, orderBy: $orderBy) {{ nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"
    )


def _lists(found: Found) -> Iterator[Asked]:
    for name in LISTS:
        yield Asked(name, "no filter", Role.ADMIN, page_of(name), {})
        for filter_, value in _filters(found)[name]:
            yield Asked(name, f"by {filter_}", Role.ADMIN, page_of(name), {"filter": {filter_: value}})
        for order in ORDERS[name]:
            for direction in ("ASC", "DESC"):
                terms = [{"field": order, "direction": direction}]
                yield Asked(name, f"order {order} {direction}", Role.ADMIN, page_of(name), {"orderBy": terms})
        for filter_, value, order, direction in _together(found)[name]:
            terms = [{"field": order, "direction": direction}]
            given = {"filter": {filter_: value}, "orderBy": terms}
            yield Asked(name, f"by {filter_}, order {order} {direction}", Role.ADMIN, page_of(name), given)


def _filters(found: Found) -> dict[str, list[tuple[str, Any]]]:
    """Each filter once, with a value that finds something."""
    now = system_clock()
    month = {"gte": (now - timedelta(days=30)).isoformat(), "lt": now.isoformat()}
    next_month = {"gte": now.isoformat(), "lt": (now + timedelta(days=30)).isoformat()}
    days = {"gte": now.date().isoformat(), "lt": (now + timedelta(days=7)).date().isoformat()}
    learner, series = global_id("lrn", found.learner), global_id("ser", found.subject.series)
    below = {"manager": global_id("lrn", found.manager)}
    group = {"eq": global_id("grp", found.group)}
    return {
        "learners": [
            ("id", {"eq": learner}),
            ("externalRef", {"eq": found.reference}),
            ("status", {"eq": "INACTIVE"}),
            ("hasAppAccess", {"eq": False}),
            ("managerId", {"eq": global_id("lrn", found.manager)}),
            ("lastActivityAt", month),
            ("createdAt", {"gte": (now - timedelta(days=760)).isoformat()}),
            ("deactivatedAt", month),
            ("hasSpecialRequirements", {"eq": True}),
            ("studentIdentifier", {"eq": found.identifier}),
            ("attribute", {"name": found.attribute[0], "value": found.attribute[1]}),
            ("reportsTo", below),
            ("groupId", group),
            ("lifecycleStage", {"eq": "RECONNECT"}),
            ("search", found.family_name),
            ("search", found.reference),
        ],
        "seriesEnrolments": [
            ("id", {"eq": global_id("sen", found.enrolment)}),
            ("externalRef", {"eq": found.enrolment_reference}),
            ("learnerId", {"eq": learner}),
            ("seriesId", {"eq": series}),
            ("status", {"eq": "IN_PROGRESS"}),
            ("status", {"in": ["WAITING_TO_START", "NEVER_SIGNED_IN"]}),
            ("enrolledAt", month),
            ("startsAt", next_month),
            ("endsAt", next_month),
            ("dueOn", days),
            ("isOverdue", {"eq": True}),
            ("trackingCode", {"eq": "LICENCE-RENEWAL"}),
            ("seriesType", {"eq": "BURST"}),
            ("pathwayEnrolmentId", {"eq": global_id("pen", found.journey)}),
            ("masteredAt", month),
            ("lastAnsweredAt", month),
            ("withdrawnAt", month),
            ("withdrawalReason", {"eq": "ENROLMENT_ERROR"}),
            ("reportsTo", below),
            ("groupId", group),
            ("search", found.family_name),
            ("search", found.reference),
        ],
        "learnerCertifications": [
            ("id", {"eq": global_id("lct", found.record)}),
            ("externalRef", {"eq": found.record_reference}),
            ("learnerId", {"eq": learner}),
            ("certificationId", {"eq": global_id("crt", found.certification)}),
            ("status", {"eq": "LAPSED"}),
            ("groupId", group),
            ("reportsTo", below),
            ("assignedAt", month),
            ("enrolledAt", month),
            ("certifiedAt", month),
            ("expiresAt", next_month),
            ("isFeeDue", {"eq": True}),
            ("isAwaitingApproval", {"eq": True}),
            ("isCertificateValid", {"eq": True}),
            ("isArchived", {"eq": True}),
            ("search", found.family_name),
            ("search", found.reference),
        ],
        "historyEntries": [
            ("subjectKind", {"eq": "LEARNER"}),
            ("learnerId", {"eq": learner}),
            ("action", {"eq": HistoryAction.SERIES_ENROLMENT_WITHDRAWN.upper()}),
            ("action", {"eq": HistoryAction.EXPORT_REQUESTED.upper()}),
            ("actorId", {"eq": global_id("usr", found.subject.users[Role.ADMIN])}),
            ("occurredAt", month),
            ("recordedAt", month),
        ],
    }


def _together(found: Found) -> dict[str, list[tuple[str, Any, str, str]]]:
    """Filters with an order beside them, as the frontends have them."""
    series = {"eq": global_id("ser", found.subject.series)}
    certification = {"eq": global_id("crt", found.certification)}
    return {
        "learners": [("status", {"eq": "ACTIVE"}, "FAMILY_NAME", "ASC")],
        "seriesEnrolments": [
            ("seriesId", series, "ENROLLED_AT", "DESC"),
            ("status", {"eq": "IN_PROGRESS"}, "ENDS_AT", "ASC"),
            ("isOverdue", {"eq": True}, "DUE_ON", "ASC"),
        ],
        "learnerCertifications": [
            ("certificationId", certification, "FAMILY_NAME", "ASC"),
            ("certificationId", certification, "STATUS", "ASC"),
            ("status", {"eq": "CERTIFIED"}, "EXPIRES_AT", "ASC"),
        ],
        "historyEntries": [],
    }


def _totals() -> Iterator[Asked]:
    for name in LISTS:
        yield Asked("totals", f"{name} {{ totalCount }}", Role.ADMIN, f"{{ {name} {{ totalCount }} }}", {})


def _reports(found: Found) -> Iterator[Asked]:
    for name, text, variables in (
        ("series insights", "admin_console/series_insights", {}),
        (
            "series insights of one series",
            "admin_console/series_insights",
            {"filter": {"seriesId": {"eq": global_id("ser", found.subject.series)}}},
        ),
        ("certification insights", "admin_console/certification_insights", {}),
        ("approval insights", "admin_console/approval_insights", {}),
        ("lifecycle board", "admin_console/lifecycle_board", {}),
        ("history", "admin_console/history", {}),
        ("a certification's learners", "admin_console/certification_learners_tab", _tab(found)),
    ):
        yield Asked("reports", name, Role.ADMIN, _document(text), dict(variables))


def _tab(found: Found) -> dict[str, Any]:
    [tab] = [question for question in READS if question.document == "admin_console/certification_learners_tab"]
    return tab.variables(found.subject)


def _of_the_manager(found: Found) -> Iterator[Asked]:
    """What the Manager sees is of the same size however large the organisation is."""
    for name in LISTS:
        yield Asked("manager", name, Role.MANAGER, page_of(name), {})
        yield Asked("manager", f"{name} {{ totalCount }}", Role.MANAGER, f"{{ {name} {{ totalCount }} }}", {})
    for name, text, variables in (
        ("search by name", "manager_dashboard/search", {"words": found.family_name}),
        ("series insights", "manager_dashboard/series_insights", {}),
        ("certification insights", "manager_dashboard/certification_insights", {}),
        ("overdue", "manager_dashboard/overdue", {}),
        ("team in certifications", "manager_dashboard/team_certifications", {}),
        ("team in courses", "manager_dashboard/team_courses", {}),
        ("team in pathways", "manager_dashboard/team_pathways", {}),
    ):
        yield Asked("manager", name, Role.MANAGER, _document(text), dict(variables))


def _document(name: str) -> str:
    return (HOME / "operations" / f"{name}.graphql").read_text()
