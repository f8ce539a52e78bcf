"""The portal and the oracle, asked the same: over HTTP the one, in plain Python the other, and not a byte may differ."""

import base64
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from random import Random
from typing import Any

import orjson

from portal_api.context import Viewer
from portal_api.database import Database
from portal_api.domain.roles import Role
from tests.client import Client
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record
from tests.operations.documents import text_of
from tests.operations.filling import Stock, reading
from tests.oracle import generator, life, rows, world
from tests.oracle.answering import Answer, Reference
from tests.oracle.engine import Asking
from tests.oracle.generator import Material, Query
from tests.oracle.reference import reference
from tests.oracle.rows import camel, folded
from tests.oracle.world import World

INVALID = 0.1
"""The share of queries that are made to be refused."""
AGAIN = 0.15
"""The share of queries that were asked before, perhaps by somebody else, and so are answered by plans that are kept."""
ENOUGH = 0.7
"""The share of valid answers that must have rows in them: a proof on empty lists proves nothing."""

SHARED = {
    type_: (type_, "OpenRecord")
    for type_ in (
        *("SeriesEnrolment", "PathwayEnrolment", "LearnerCertification", "Approval"),
        *("CourseEnrolment", "Credential"),
    )
} | {"Learner": ("Learner", "LearnerWithInactiveEnrolments")}
"""The lists in which records of a type have places: open records are listed by the keys of their subjects."""

FOR_ADMINISTRATORS = frozenset({"learnerUsage", "learnersWithInactiveEnrolments", "simulateLearncycle"})
"""The root fields that others are refused."""


@dataclass(frozen=True)
class Difference:
    """A query on which the two did not agree."""

    where: str
    """The portal that was asked."""
    asker: Record
    role: Role
    query: Query
    portal: Answer
    oracle: Answer

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self.where}, as {self.role.name}:",
                self.query.document,
                f"variables: {orjson.dumps(self.query.variables).decode()}",
                f"errors of the portal: {sorted(self.portal.errors, key=str)}, of the oracle: "
                f"{sorted(self.oracle.errors, key=str)}",
                f"where the data differ: {next(_apart(self.portal.data, self.oracle.data, 'data'), 'nowhere')}",
            ]
        )


SIMULATING = "admin_console/simulate_learncycle"
"""The oracle simulates nothing: it is asked of learncycles that are not there."""

CALLED = {"commitment_ref": "commitmentId"}
"""Columns that clients know by another name."""


@dataclass
class Report:
    """What a run has found."""

    engine: str
    seed: int
    compared: int = 0
    valid: int = 0
    with_rows: int = 0
    codes: Counter[str | None] = field(default_factory=Counter)
    """How many answers were refused with which code."""
    roles: Counter[Role] = field(default_factory=Counter[Role])
    """How many queries were asked as whom."""
    seconds: float = 0
    differences: list[Difference] = field(default_factory=list)

    def count(self, oracle: Answer, role: Role) -> None:
        """Counts an answer."""
        self.compared += 1
        self.roles[role] += 1
        self.valid += not oracle.errors
        self.with_rows += oracle.has_rows and not oracle.errors
        self.codes.update({code for _, code in oracle.errors})

    @property
    def share_with_rows(self) -> float:
        return self.with_rows / max(1, self.valid)

    def __str__(self) -> str:
        return (
            f"oracle on {self.engine}, seed {self.seed}: {self.compared} queries, {len(self.differences)} differences; "
            f"{self.valid} valid, {self.share_with_rows:.0%} of them with rows; {self.compared - self.valid} refused "
            f"({', '.join(f'{code} {times}' for code, times in self.codes.most_common())}); {self.seconds:.1f} s"
        )

    def check(self) -> None:
        """Fails on the first difference, and where too many answers were empty."""
        assert not self.differences, f"{self}\n{self.differences[0]}"
        assert self.share_with_rows >= ENOUGH, str(self)
        assert self.valid < self.compared, str(self)


@dataclass
class Comparison:
    """One organisation at one instant, and the queries put to it."""

    database: Database
    world: World
    rows: rows.Rows
    reference: Reference
    sign_in: SignIn
    now: datetime
    seed: int
    wanted_roots: frozenset[str] = frozenset()
    """What is asked for more than all else."""
    others: Mapping[str, SignIn] = field(default_factory=dict[str, SignIn])
    """Further portals, by what they are called: on the same database or on one with the same rows, they answer alike."""

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._cursors: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._types = {
            row.id.hex: type_ for type_, noun in self.reference.nouns.items() if noun.prefix for row in self.rows[type_]
        }
        self._known: dict[Any, tuple[Asking, Material]] = {}

    @classmethod
    async def of(
        cls, database: Database, organisation: Organisation, clock: ManualClock, sign_in: SignIn, seed: int
    ) -> "Comparison":
        """Lays out an organisation and lets it live up to an instant at which its day begins: what was due by then is due."""
        random, zone = Random(seed), organisation.time_zone
        clock.now = world.midnight(world.local_day(clock.now, zone) + DAY, zone)
        made = world.lay_out(organisation, random)
        await life.live_through(made, clock, sign_in, random)
        oracle = reference()
        return cls(
            database=database,
            world=made,
            rows=await rows.load(database, organisation.id, oracle.tables),
            reference=oracle,
            sign_in=sign_in,
            now=clock.now,
            seed=seed,
        )

    async def run(self, number: int, *, until_different: bool = False) -> Report:
        """Puts so many queries to both, the roles in turn."""
        return await self._run(islice(self._queries(), number), until_different=until_different)

    async def run_operations(self) -> Report:
        """Puts every document of the frontends that reads to both, as a user of every role."""
        return await self._run(self._operations(), until_different=False)

    async def _run(self, queries: Iterable[tuple[Record, Query]], *, until_different: bool) -> Report:
        report = Report(self.database.engine.dialect.name, self.seed)
        begun = time.perf_counter()
        for asker, query in queries:
            difference = await self.differs(asker, query, report)
            if difference:
                report.differences.append(difference)
                if until_different:
                    break
        report.seconds = time.perf_counter() - begun
        return report

    def _queries(self) -> Iterator[tuple[Record, Query]]:
        known: deque[Query] = deque(maxlen=40)
        while True:
            for role in Role:
                askers = self.world.askers[role]
                asker = self._random.choices(askers, [9, 2, 1][: len(askers)])[0]
                _, material = self._as(asker)
                faults = [each for each in generator.FAULTS if each != "closed" or role is Role.INTEGRATION]
                fault = self._random.choice(faults) if self._random.random() < INVALID else None
                if known and self._random.random() < AGAIN:
                    yield asker, self._random.choice(known).again(self._random)
                    continue
                query = generator.query(self.reference.schema, self._random, material, fault)
                yield asker, query
                if not query.is_faulty:
                    known.append(query)

    def _operations(self) -> Iterator[tuple[Record, Query]]:
        numbers = [each.register_number for each in self.rows["Credential"] if each.register_number]
        for asker in (self._random.choice(askers) for askers in self.world.askers.values()):
            _, material = self._as(asker)
            stock = Stock(
                ids={
                    type_: [*own, *(each for each in material.strange_ids if each.startswith(material.prefixes[type_]))]
                    for type_, own in material.ids.items()
                },
                refs={type_: material.texts[type_, "externalRef"] for type_ in material.ids},
                words=[" ".join(each[:2]) for each in material.words],
                numbers=numbers,
                now=self.now,
            )
            for name in reading():
                given = stock.variables(self.reference.schema, name, self._random)
                if name == SIMULATING:
                    strange = [each for each in self.world.foreign_ids() if each.startswith("lcy")]
                    given["id"] = self._random.choice(strange)
                yield asker, Query(text_of(name), given)

    async def differs(self, asker: Record, query: Query, report: Report | None = None) -> Difference | None:
        """Whether the two answer a query differently; keeps count in the report."""
        asking, _ = self._as(asker)
        oracle = self.reference.answer(asking, query.document, query.variables)
        if report:
            report.count(oracle, asking.viewer.role)
        for where, sign_in in {self.database.engine.dialect.name: self.sign_in, **self.others}.items():
            portal = await self._ask(sign_in(asker), query)
            if orjson.dumps(portal.data) != orjson.dumps(oracle.data) or portal.errors != oracle.errors:
                return Difference(where, asker, asking.viewer.role, query, portal, oracle)
        self._gather_cursors(oracle.data)  # of a wrong answer they could be anybody's
        return None

    async def _ask(self, client: Client, query: Query) -> Answer:
        answer = await client.execute(query.document, query.variables)
        errors = answer.get("errors", ())
        assert "data" in answer, f"{errors}\n{query.document}\n{query.variables}"
        found = {((error.get("path") or [None])[0], error["extensions"]["code"]) for error in errors}
        return Answer(answer["data"], frozenset(found))

    def _as(self, asker: Record) -> tuple[Asking, Material]:
        """What a user asks with: their rights, and what queries of theirs are made of."""
        if asker.id not in self._known:
            [held] = [each for each in self.rows["Role"] if each.user_id == asker.id]
            viewer = Viewer(held.organisation_id, held.user_id, held.role, held.learner_id)
            asking = self.reference.asking(self.rows, viewer, self.now)
            self._known[asker.id] = asking, self._material(asking)
        return self._known[asker.id]

    def _material(self, asking: Asking) -> Material:
        nouns = {type_: noun for type_, noun in self.reference.nouns.items() if noun.prefix}
        ids, strange = dict[str, list[str]](), list(self.world.foreign_ids())
        for type_, noun in nouns.items():
            ids[type_] = [f"{noun.prefix}_{row.id.hex}" for row in asking.seen(type_)]
            own = set(ids[type_])
            strange += [gid for row in self.rows[type_] if (gid := f"{noun.prefix}_{row.id.hex}") not in own]
        instants, days = [self.now], [self.now.date()]
        words = list[list[str]]()
        for type_ in nouns:
            for row in asking.seen(type_):
                instants += [at for name, at in vars(row).items() if isinstance(at, datetime) and name != "due_at"]
                days += [on for on in vars(row).values() if isinstance(on, date) and not isinstance(on, datetime)]
                texts = [value for name, value in vars(row).items() if name in world.SEARCHED]
                words += [own] if (own := [word for text in texts for word in folded(text).split()]) else []
        return Material(
            ids=ids,
            strange_ids=strange,
            managers=sorted({f"lrn_{row.manager_id.hex}" for row in self.rows["Learner"] if row.manager_id}),
            texts={
                (type_, CALLED.get(name, camel(name))): [
                    text for row in asking.all(type_) if (text := getattr(row, name, None))
                ]
                for type_ in self.reference.nouns
                for name in (
                    *("external_ref", "tracking_code", "register_number"),
                    *("identifier", "program_identifier", "student_identifier", "commitment_ref"),
                )
            },
            attributes=[(each.name, each.value) for each in self.rows["LearnerAttribute"]],
            instants=instants,
            days=days,
            words=words,
            open_fields={
                type_: noun.for_integration
                for type_, noun in nouns.items()
                if noun.for_integration and asking.viewer.role is Role.INTEGRATION
            },
            cursors=self._cursors,
            prefixes={type_: noun.prefix for type_, noun in nouns.items()},
            keys=self.reference.keys,
            page_sizes=self.reference.page_sizes,
            refused_roots=frozenset() if asking.is_administrator else FOR_ADMINISTRATORS,
            wanted_roots=self.wanted_roots,
        )

    def _gather_cursors(self, value: Any) -> None:
        """Keeps the cursors of an answer, to be given back in later queries: no other text in an answer reads like one."""
        match value:
            case dict():
                for each in value.values():
                    self._gather_cursors(each)
            case list():
                for each in value:
                    self._gather_cursors(each)
            case str() if len(value) > 40:
                try:
                    order, *_, id_ = orjson.loads(base64.urlsafe_b64decode(value))
                except ValueError:
                    return
                for type_ in self._types_in_order(self._types[id_], order):
                    known = self._cursors[type_][order]
                    known.append(value)
                    del known[:-40]

    def _types_in_order(self, type_: str, order: str) -> Sequence[str]:
        """The types whose lists have places for a record of a type in an order."""
        asked = {term.removeprefix("-") for term in order.split(",")} - {"ID", "POSITION", "NUMBER", "PLACE"}
        shared = SHARED.get(type_, (type_,))
        nouns = [self.reference.nouns[each] for each in shared]
        return [each.type for each in nouns if each.type == type_ or asked <= {*each.orders, *each.orders_asking}]


def _apart(portal: Any, oracle: Any, path: str) -> Iterator[str]:
    """The places at which two answers part, and what stands there."""
    if isinstance(portal, dict) and isinstance(oracle, dict) and list(portal) == list(oracle):
        for name, each in portal.items():
            yield from _apart(each, oracle[name], f"{path}.{name}")
    elif isinstance(portal, list) and isinstance(oracle, list) and len(portal) == len(oracle):
        for number, (each, other) in enumerate(zip(portal, oracle, strict=True)):
            yield from _apart(each, other, f"{path}[{number}]")
    elif orjson.dumps(portal) != orjson.dumps(oracle):
        yield f"{path}\nportal: {str(portal)[:2_000]}\noracle: {str(oracle)[:2_000]}"
