"""Every filter and every order that clients have is read by an index, on both engines; what scans is listed, with its reason."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Boolean, Date, Integer, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.database import Database
from portal_api.domain.courses.stages import LifecycleStage
from portal_api.domain.documents import DocumentStatus, MediaType
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesType
from portal_api.ids import global_id, new_id
from portal_api.importers.demo import DEMO, seed_demo
from portal_api.models import documents, learners, organisations, users
from portal_api.models.base import Enumerated, Instant
from portal_api.planner.conditions import filter_clauses, select_page, select_total
from portal_api.planner.declare import Source
from portal_api.planner.dialects import AnySelect, Dialect, dialect_of
from portal_api.planner.filters import Comparison, Filter, Flag, Search, TimedStatus
from portal_api.planner.paging import order_of
from portal_api.queries.catalogue import CATALOGUE
from portal_api.queries.courses.enrolments import OfCourse
from portal_api.queries.courses.sources import TrainedBy
from portal_api.queries.courses.stages import Enrolled, Stages
from portal_api.queries.groups import InGroup
from portal_api.queries.learners.read import ForAdministrators, HasAttribute, ReportsTo
from portal_api.queries.ordering import AsSorted
from portal_api.queries.resources import ReachedBy
from portal_api.queries.rows import gather_statistics
from portal_api.queries.scope import bound
from portal_api.queries.series.read import OfSeries
from tests.clock import START

_ONE_KEY = re.compile(r"(?<![a-z_])(id|user_id|register_number) ?=")
SOMETHING = UUID(int=0x01A2_0357_9080_71FF_B05D_2389_A8BF_DED2)
LEARNERS = 120


@dataclass(frozen=True)
class Asker:
    """An administrator, who sees all: for nobody else is there more to read."""

    organisation_id: UUID
    user_id: UUID
    role: Role = Role.ADMIN
    learner_id: UUID | None = None
    time_zone: str = "Europe/Vienna"


def value_for(given: Filter) -> Any:
    """What a client could give to a filter."""
    match given:
        case Comparison():
            return _compared(given)
        case ForAdministrators():
            return value_for(given.comparison)
        case Enrolled():
            return value_for(given.enrolment)
        case Flag():
            return {"eq": True}
        case TimedStatus():
            return _compared(Comparison(given.stored))
        case AsSorted():
            return _compared(Comparison(given.column))
        case Search():
            return "ana"
        case ReportsTo():
            return {"manager": global_id("lrn", SOMETHING)}
        case HasAttribute():
            return {"name": "Site", "value": "North"}
        case ReachedBy():
            return global_id("lrn", SOMETHING)
        case InGroup():
            return {"eq": global_id("grp", SOMETHING)}
        case OfCourse():
            return {"eq": global_id("crs", SOMETHING)}
        case TrainedBy():
            return {"eq": global_id("usr", SOMETHING)}
        case Stages():
            return {"eq": LifecycleStage.RECONNECT}
        case OfSeries():
            return {"eq": SeriesType.BURST}
        case _:
            raise LookupError(f"say what a client gives to {given}")


def _compared(given: Comparison) -> Mapping[str, Any]:
    if given.prefix:
        return {"eq": global_id(given.prefix, SOMETHING)}
    match given.column.type:
        case Instant():
            return {"gte": START, "lt": START + timedelta(hours=1)}
        case Date():
            return {"gte": START.date(), "lt": START.date() + timedelta(days=1)}
        case Boolean():
            return {"eq": True}
        case Integer():
            return {"eq": 1}
        case Enumerated(enum=enum):
            return {"eq": next(iter(enum))}
        case _:
            return {"eq": "something"}


@dataclass(frozen=True)
class Scan:
    """One table as a plan reads it."""

    name: str
    """What it is called in the statement."""
    asked: str
    """What its index is asked for; nothing, where it is read whole."""

    @property
    def is_keyed(self) -> bool:
        """Whether no more is read of it than one organisation, or one key."""
        return "organisation_id" in self.asked or _ONE_KEY.search(self.asked) is not None

    @property
    def is_selective(self) -> bool:
        """Whether less is read of it than all that the organisation has."""
        return " AND " in self.asked or _ONE_KEY.search(self.asked) is not None


@dataclass(frozen=True)
class Plan:
    """How an engine means to answer."""

    text: str
    scans: tuple[Scan, ...]
    sorts: bool


class Explainer:
    """Asks an engine for its plans."""

    def __init__(self, database: Database, connection: Any, asker: Asker) -> None:
        self._is_sqlite = database.is_sqlite
        self.dialect: Dialect = dialect_of(database.engine.url.render_as_string())
        self._connection = connection
        self._bound = {name: self.dialect.encode(value) for name, value in bound(asker, START).items()}

    async def plan(self, statement: AnySelect, given: Mapping[str, Any]) -> Plan:
        """How it means to answer a statement."""
        compiled = self.dialect.statement(statement)
        values = tuple(compiled.values({"page_size": 25, **given}, self._bound))
        if self._is_sqlite:
            rows = await self._connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled.text}", values)
            return _of_sqlite([row.detail for row in rows])
        told = await self._connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {compiled.text}", values)
        said = told.scalar_one()
        return _of_postgresql(json.loads(said) if isinstance(said, str) else said)


def _of_sqlite(lines: list[str]) -> Plan:
    # What a plan makes for itself on the way is no table.
    made = {line.split()[1] for line in lines if line.startswith(("MATERIALIZE", "CO-ROUTINE"))}
    scans: list[Scan] = []
    for line in lines:
        kind, name, *_ = line.split()
        if kind in ("SCAN", "SEARCH") and name not in made and not _is_no_table(line):
            scans.append(Scan(name, line.partition(" (")[2] if "AUTOMATIC" not in line else ""))
    return Plan("\n".join(lines), tuple(scans), any("TEMP B-TREE FOR" in line and "ORDER BY" in line for line in lines))


def _is_no_table(line: str) -> bool:
    return "VIRTUAL TABLE" in line or "CONSTANT ROW" in line or "(subquery" in line


def _of_postgresql(said: Any) -> Plan:
    scans: list[Scan] = []
    sorts = False
    waiting = [(said[0]["Plan"], "")]
    while waiting:
        node, table = waiting.pop()
        kind, name = node["Node Type"], node.get("Alias", table)
        sorts |= "Sort" in kind
        if kind in ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Index Scan"):
            scans.append(Scan(name, node.get("Index Cond", "")))
        waiting += [(each, name) for each in node.get("Plans", ())]
    return Plan(json.dumps(said, indent=1), tuple(scans), sorts)


@dataclass(frozen=True)
class Case:
    """A filter or an order that clients have."""

    source: Source
    name: str
    is_order: bool

    @property
    def title(self) -> str:
        return f"{self.source.type} {'order' if self.is_order else 'filter'} {self.name}"


CASES = [
    Case(source, name, is_order)
    for source in CATALOGUE.sources.values()
    for is_order, names in ((False, source.filters), (True, source.orders))
    for name in names
]


OFFICE = {
    *("User", "IntegrationToken", "Group", "Export", "Learncycle", "WebhookEndpoint", "StatusReason", "Resource"),
    *("Series", "Pathway", "PathwayStep", "Certification", "CertificationVersion", "CertificationStep"),
    *("Course", "Unit", "CourseOffer"),
}
"""What an organisation has hundreds of, however many learners it has: walking through its own costs next to nothing."""

WALKING = {
    # A word may stand anywhere in a name; no index of both engines finds it there.
    "Learner filter search",
    *("Task filter search", "Document filter search"),
    # Yes or no, or one of a few kinds: so much of the organisation passes that an index would hardly spare anything.
    *("Learner filter hasAppAccess", "Learner filter hasSpecialRequirements"),
    *("SeriesEnrolment filter withdrawalReason", "PathwayEnrolment filter withdrawalReason"),
    *("LearnerCertification filter isArchived", "LearnerCertification filter isAwaitingApproval"),
    *("LearnerCertification filter isCertificateValid", "LearnerCertification filter isFeeDue"),
    *("CourseEnrolment filter reconnectFor", "Credential filter cancellationReason", "Approval filter kind"),
    *("HistoryEntry filter subjectKind", "LearncycleRun filter subjectKind", "LearncycleRun filter action"),
    *("LearncycleRun filter outcome", "Notification filter status", "Survey filter status"),
    *("Task filter stage", "Task filter subjectKind", "WebhookDelivery filter eventKind"),
    *("Document filter mediaType", "Document filter status"),
    # Days and instants that are asked for beside something else, if at all; each index more would be paid by every write.
    *("SeriesEnrolment filter dueOn", "SeriesEnrolment filter masteredAt", "SeriesEnrolment filter lastAnsweredAt"),
    *("PathwayEnrolment filter completedAt", "HistoryEntry filter recordedAt", "Notification filter readAt"),
    *("CourseEnrolment filter deferredOn", "CourseEnrolment filter finalisedAt", "CourseEnrolment filter endsOn"),
    *("UnitEnrolment filter reportedAt", "UnitEnrolment filter actualHours", "UnitEnrolment filter scheduledHours"),
    *("UnitEnrolment filter programIdentifier", "Survey filter answeredAt", "Task filter endedAt"),
    *("Credential filter issuedOn", "Credential filter cancelledAt", "Document filter archivedAt"),
    *("LearncycleRun filter onDate", "WebhookDelivery filter deliveredAt"),
    # By the day alone, whatever their status: the lists of tasks ask for those that are open, and an index begins with that.
    *("Task filter dueOn", "Task order DUE_ON"),
    # The last of the days of its units: it stands in no column.
    *("CourseEnrolment filter latestEndOn", "CourseEnrolment order LATEST_END_ON"),
    # What time and other tables tell: sorted where a certification, a team or a group has been chosen before.
    *("LearnerCertification order STATUS", "LearnerCertification order CERTIFICATION_TITLE"),
    *("LearnerCertification order FAMILY_NAME", "LearnerCertification order GIVEN_NAME"),
    # By an index on both names: only those of one family name are sorted.
    *("Learner order FAMILY_NAME", "LearnerWithInactiveEnrolments order FAMILY_NAME"),
    # A handful, and always below the record that they belong to.
    *("CertificationCycle order NUMBER", "StepProgress order POSITION"),
}
"""What walks through all of one organisation's own, and why that may be."""

BEYOND = {
    # Users can be of several organisations and have none of their own: each is looked up in the roles of this one.
    *(each.title for each in CASES if each.source.type == "User"),
}

WALKING_ON_SQLITE = {"Learner filter lifecycleStage", "CourseEnrolment filter stage"}
"""Several statuses at once, beside conditions on what else there is: PostgreSQL asks an index for each."""


def whole(source: Source) -> Source:
    """A source as it is to whoever sees all: the first of its ways, where it has several."""
    return replace(source, scope=source.ways[0], ways=()) if source.ways else source


async def explained(explainer: Explainer, case: Case) -> tuple[Plan, Plan]:
    """The plans of what the portal asks, and of what shows whether an index serves."""
    source, dialect = case.source, explainer.dialect
    if case.is_order:
        order = order_of(source, [{"field": case.name, "direction": "ASC"}])
        asked = await explainer.plan(select_page(source, [source.key], [], order, dialect), {})
        return asked, await explainer.plan(select_page(whole(source), [source.key], [], order, dialect), {})
    shape, given = source.filters[case.name].parse(value_for(source.filters[case.name]))
    named = ((("", case.name, shape),), {f"{case.name}_{each}": dialect.encode(own) for each, own in given.items()})
    clauses = filter_clauses(source, named[0], dialect)
    page = select_page(source, [source.key], clauses, order_of(source, None), dialect)
    return (
        await explainer.plan(page, named[1]),
        await explainer.plan(select_total(whole(source), named[0], dialect), named[1]),
    )


async def problems(
    database: Database, asker: Asker, cases: Sequence[Case] = CASES
) -> tuple[dict[str, str], dict[str, str]]:
    """What reads past one organisation, and what walks through all of one; each with its plan."""
    beyond: dict[str, str] = {}
    walking: dict[str, str] = {}
    async with database.engine.connect() as connection:
        explainer = Explainer(database, connection, asker)
        if not database.is_sqlite:
            # Each table is so small here that reading it whole, or sorting it, would cost less than any index.
            for setting in ("enable_seqscan", "enable_sort", "enable_incremental_sort"):
                await connection.exec_driver_sql(f"SET LOCAL {setting} = off")
        for case in cases:
            asked, by_index = await explained(explainer, case)
            if not all(scan.is_keyed for plan in (asked, by_index) for scan in plan.scans):
                beyond[case.title] = f"{asked.text}\n{by_index.text}"
            own = [scan for scan in by_index.scans if scan.name == str(case.source.table)]
            if by_index.sorts if case.is_order else not any(scan.is_selective for scan in own):
                walking[case.title] = by_index.text
    return beyond, walking


async def _settle_statistics(connection: AsyncConnection) -> None:
    """SQLite would see two organisations, and read a table whole for either: it has to take them for some of many."""
    if connection.dialect.name == "sqlite":
        await connection.exec_driver_sql("DELETE FROM sqlite_stat1")
        await connection.exec_driver_sql("DELETE FROM sqlite_stat4")
        await connection.exec_driver_sql("ANALYZE sqlite_schema")
    else:
        await gather_statistics(connection)


async def _add_documents(connection: AsyncConnection, organisation_id: UUID) -> None:
    """Of which the demonstration has none, since each would have a file."""
    found = select(learners.c.id).where(learners.c.organisation_id == organisation_id)
    rows = [
        {
            "organisation_id": organisation_id,
            "id": new_id(START),
            "learner_id": learner,
            "course_enrolment_id": None,
            "title": f"Certificate {number}",
            "title_key": f"certificate {number}",
            "file_name": f"certificate-{number}.pdf",
            "media_type": MediaType.PDF,
            "size": 1,
            "sha256": "0" * 64,
            "status": DocumentStatus.ACTIVE,
            "added_at": START - timedelta(days=number),
            "archived_at": None,
            "version": 1,
        }
        for learner in (await connection.execute(found)).scalars()
        for number in range(3)
    ]
    await connection.execute(insert(documents), rows)


@pytest.fixture
async def seeded(own_database: Database) -> tuple[Database, Asker]:
    """The demonstration, with as many learners as show every status."""
    await seed_demo(own_database, learners=LEARNERS, now=START)
    async with own_database.engine.connect() as connection:
        own = select(organisations.c.id).where(organisations.c.external_ref == DEMO.ref)
        organisation = (await connection.execute(own)).scalar_one()
        user = (await connection.execute(select(users.c.id).where(users.c.external_ref == "demo-admin"))).scalar_one()
        await _add_documents(connection, organisation)
        await _settle_statistics(connection)
        await connection.commit()
    return own_database, Asker(organisation, user)


MISSED = {
    "ix_series_enrolments_organisation_id_tracking_code_id": "SeriesEnrolment filter trackingCode",
    "ix_series_enrolments_overdue_at": "SeriesEnrolment order DUE_ON",
    "ix_learners_organisation_id_given_name_key_id": "Learner order GIVEN_NAME",
    "ix_history_entries_organisation_id_action_occurred_at_id": "HistoryEntry filter action",
}


def _without(found: Mapping[str, str], known: Collection[str]) -> str:
    return "\n\n".join(f"{title}\n{plan}" for title, plan in found.items() if title not in known)


async def test_every_filter_and_order_is_read_by_an_index(seeded: tuple[Database, Asker]) -> None:
    beyond, walking = await problems(*seeded)
    growing = {title: plan for title, plan in walking.items() if title.split()[0] not in OFFICE}
    known = WALKING | WALKING_ON_SQLITE if seeded[0].is_sqlite else WALKING

    assert not _without(beyond, BEYOND)
    assert not _without(growing, known)
    assert known <= set(growing), "less walks than is said"


async def test_a_missing_index_shows(seeded: tuple[Database, Asker]) -> None:
    database, asker = seeded
    asked = [each for each in CASES if each.title in MISSED.values()]
    async with database.engine.begin() as connection:
        for index in MISSED:
            await connection.exec_driver_sql(f"DROP INDEX {index}")
    _, walking = await problems(database, asker, asked)

    assert set(walking) == set(MISSED.values())
