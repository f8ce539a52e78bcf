"""The long proof, in parts: each lays one organisation out on both engines, and puts every query to all portals there.

The oracle answers a query once. Whatever engine a portal is on, and whether it answers by plans alone or has an executor
ask each plan, it has to say the same. A part is a seed and a number; parts run beside each other, in processes.
"""

import asyncio
import dataclasses
import gc
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import insert, select, text

from portal_api.app import Portal, create_app
from portal_api.auth import Tokens
from portal_api.database import Database, open_database
from portal_api.migrations import migrate_up
from portal_api.models import metadata
from portal_api.planner.documents import Document
from tests.client import http_client, portal_of
from tests.clock import ManualClock, RepeatableIds
from tests.conftest import ENGINES, SIGNING_KEY, SignIn, new_database_url, settings_for, signing_in
from tests.factories import Organisation, organisation_with_everybody
from tests.oracle.comparison import Comparison, Difference, Report
from tests.oracle.shrinking import smallest, variables_in

QUERIES_A_PART = 2_000
BY_PLANS, EXECUTED = "by plans", "executed"
MOST_SHOWN = 3
"""Differences of a part that are cut down and shown."""


@dataclass
class Part:
    """What a part has found, or several together."""

    seeds: list[int] = field(default_factory=list[int])
    generated: Counter[str] = field(default_factory=Counter[str])
    """Of the generated queries: how many, as whom, with rows, refused with which code."""
    operations: Counter[str] = field(default_factory=Counter[str])
    """The same of the frontends' documents."""
    ways: Counter[str] = field(default_factory=Counter[str])
    """How each engine answered where it was free to answer by plans alone."""
    asked: Counter[str] = field(default_factory=Counter[str])
    """How many queries each portal was asked."""
    differences: list[str] = field(default_factory=list[str])
    seconds: float = 0
    """Of computing, whatever else the machine had to do."""

    def add(self, other: "Part") -> None:
        """Counts in what another part has found."""
        self.seeds += other.seeds
        self.differences += other.differences
        self.seconds += other.seconds
        for mine, others in (
            (self.generated, other.generated),
            (self.operations, other.operations),
            (self.ways, other.ways),
            (self.asked, other.asked),
        ):
            mine.update(others)

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{len(self.seeds)} parts, {len(self.differences)} differences shown, {self.seconds:.0f} s of computing",
                f"  generated queries: {_figures(self.generated)}",
                f"  documents of the frontends: {_figures(self.operations)}",
                f"  asked: {_figures(self.asked)}",
                f"  where plans alone may answer: {_figures(self.ways)}",
            ]
        )


def _figures(counted: Counter[str]) -> str:
    return ", ".join(f"{what} {times}" for what, times in counted.items())


def counted(report: Report) -> Counter[str]:
    """The figures of a report, by name."""
    found = Counter({"queries": report.compared, "valid": report.valid, "valid with rows": report.with_rows})
    found.update({f"as {role.name}": times for role, times in report.roles.items()})
    found.update({f"refused {code}": times for code, times in report.codes.most_common()})
    return found


async def part(seed: int, number: int) -> Part:
    """Asks all documents of the frontends and so many generated queries, in an organisation of their own."""
    begun = time.process_time()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="portal-oracle-")))
        laid_out_on, *copied_to = ENGINES if seed % 2 else reversed(ENGINES)
        clock, new_id = ManualClock(), RepeatableIds(str(seed))
        database = await stack.enter_async_context(_database(laid_out_on, folder))
        organisation = organisation_with_everybody(database, clock, new_id)
        own = await stack.enter_async_context(_side(database, organisation, clock, new_id))
        comparison = await Comparison.of(database, organisation, clock, own.ways[BY_PLANS], seed)
        own.portals[0].planner.ways.clear()
        sides = [own]
        for engine in copied_to:
            other = await stack.enter_async_context(_database(engine, folder))
            await _copy(database, other)
            sides.append(await stack.enter_async_context(_side(other, organisation, clock, new_id)))
        comparison.others = {
            f"{side.engine} {way}": sign_in
            for side in sides
            for way, sign_in in side.ways.items()
            if (side, way) != (own, BY_PLANS)
        }
        share_documents(sides)
        documents, generated = await comparison.run_operations(), await comparison.run(number)
        found = Part([seed], counted(generated), counted(documents))
        for report in (documents, generated):
            shown = [await _smallest(comparison, each) for each in report.differences[:MOST_SHOWN]]
            found.differences += [f"seed {seed}, {each}" for each in shown]
            if len(report.differences) > MOST_SHOWN:
                found.differences.append(f"seed {seed}: {len(report.differences) - MOST_SHOWN} more")
        asked = documents.compared + generated.compared
        found.asked.update({f"{side.engine} {way}": asked for side in sides for way in side.ways})
        for side in sides:
            planner = side.portals[0].planner
            found.ways.update({f"{side.engine}: {way}": times for way, times in planner.ways.items()})
        found.seconds = time.process_time() - begun
        return found


@dataclass(eq=False)
class _Side:
    """The portals on one engine."""

    engine: str
    ways: dict[str, SignIn]
    portals: list[Portal]
    """The one that answers by plans alone comes first."""


@asynccontextmanager
async def _database(engine: str, folder: Path) -> AsyncIterator[Database]:
    async with new_database_url(engine, folder) as url:
        database = open_database(settings_for(url), durable=False)
        await migrate_up(database.engine)
        yield database
        await database.close()


@asynccontextmanager
async def _side(
    database: Database, organisation: Organisation, clock: ManualClock, new_id: RepeatableIds
) -> AsyncIterator[_Side]:
    async with AsyncExitStack() as stack:
        settings = settings_for(database.engine.url.render_as_string(hide_password=False))
        ways, portals = dict[str, SignIn](), list[Portal]()
        for way, answers_from_plans in ((BY_PLANS, True), (EXECUTED, False)):
            given = settings.model_copy(update={"answers_from_plans": answers_from_plans})
            app = create_app(given, database=database, clock=clock, new_id=new_id)
            http = await stack.enter_async_context(http_client(app))
            ways[way] = signing_in(http, Tokens(SIGNING_KEY), clock, organisation)
            portals.append(portal_of(app))
        yield _Side(database.engine.dialect.name, ways, portals)


async def _copy(database: Database, other: Database) -> None:
    """Copies all rows to an empty database: laid out anew they would be alike, and have each other's identifiers."""
    late = "PRAGMA defer_foreign_keys = ON" if other.is_sqlite else "SET LOCAL session_replication_role = replica"
    async with database.engine.connect() as source, other.engine.begin() as target:
        await target.execute(text(late))
        for table in metadata.tables.values():
            rows = (await source.execute(select(table))).mappings().all()
            if rows:
                await target.execute(insert(table), [dict(row) for row in rows])


def share_documents(sides: Sequence[_Side]) -> None:
    """Has a text parsed, reckoned and validated once for both engines, and planned once on each, as a portal does.

    The first hangs on nothing in which they differ; the second not on whether an executor asks the plans.
    """

    def shared(make: Callable[[str], Document]) -> Callable[[str], Document]:
        known: dict[str, Document] = {}

        def document(text: str) -> Document:
            if text not in known:
                made = make(text)
                known.clear()  # the portals are asked one after the other
                known[text] = made
            return known[text]

        return document

    once = shared(sides[0].portals[0].documents._prepare)
    for side in sides:
        own = shared(lambda text: _without_plans(once(text)))
        for portal in side.portals:
            portal.documents._prepare = own  # type: ignore[method-assign]  so that both prepare a document once


def _without_plans(document: Document) -> Document:
    """A copy of a document as it was when it was new."""
    given = {
        each.name: getattr(document, each.name)
        for each in dataclasses.fields(document)
        if each.default is each.default_factory is dataclasses.MISSING
    }
    return Document(**given)


async def _smallest(comparison: Comparison, difference: Difference) -> Difference:
    """The difference on what is left of its query once everything is taken out that it does not take."""
    asker, query, found = difference.asker, difference.query, difference

    async def shows_it(document: str) -> bool:
        nonlocal found
        left = variables_in(document)
        variables = {name: value for name, value in query.variables.items() if name in left}
        another = await comparison.differs(asker, dataclasses.replace(query, document=document, variables=variables))
        found = another or found
        return another is not None

    await smallest(comparison.reference.schema, query.document, shows_it)
    return found


def parts(seed: int, number: int) -> Iterator[Part]:
    """Runs the parts of a proof, as many at a time as there are processors; gives each as it ends."""
    sizes = [min(QUERIES_A_PART, number - begun) for begun in range(0, number, QUERIES_A_PART)]
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), _prepare_process) as processes:
        under_way = [processes.submit(_run, seed + place, size) for place, size in enumerate(sizes)]
        for ended in as_completed(under_way):
            yield ended.result()


def _prepare_process() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _run(seed: int, number: int) -> Part:
    return asyncio.run(part(seed, number))
