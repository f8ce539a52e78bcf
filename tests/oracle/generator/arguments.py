"""What is given to a field: which records, which page, in which order."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from graphql import GraphQLField, get_named_type

from tests.oracle.generator.faults import NO_CURSORS, NO_MONTHS, NO_NUMBERS, PAGE_FAULTS
from tests.oracle.generator.filters import Filters
from tests.oracle.generator.limits import (
    LIST_SIZES,
    MOST_AT_ROOT,
    MOST_BELOW,
    MOST_NODES,
    PAGES,
    USUAL_PAGE,
    USUAL_SIMULATION,
)
from tests.oracle.generator.pieces import Word

USUAL_ORDERS = ("ID", "POSITION,ID", "NUMBER,ID")
"""The orders of lists that cannot be ordered otherwise."""


def _sizes(page: Mapping[str, Any]) -> list[int]:
    return [size for name in ("first", "last") if isinstance(size := page.get(name), int)]


class Arguments(Filters):
    """Writes the arguments of fields."""

    def _arguments(
        self, place: str, definition: GraphQLField, level: int, records: float
    ) -> tuple[dict[str, Any], int]:
        """What is given to a field at a place (`Type.field`), and how many records it gives at the most."""
        target = get_named_type(definition.type).name
        if "first" in definition.args and target.endswith("Connection"):
            most = self.material.page_sizes.get(place, MOST_AT_ROOT if level == 1 else MOST_BELOW)
            return self._list_arguments(definition, level, records, most)
        if place in self.material.page_sizes:
            return self._group_arguments(definition, self.material.page_sizes[place])
        if level == 1 and "id" in definition.args and target not in ("Node", "LearncycleSimulation"):
            return self._record_arguments(definition, target), 1
        match place.removeprefix("Query."):
            case "node":
                return {"id": self._value("ID!", self._identifier(self.random.choice(list(self.material.prefixes))))}, 1
            case "nodes":
                return {"ids": self._value("[ID!]!", self._many_ids())}, MOST_NODES
            case _ if target.endswith("Ids"):
                return self._ids_arguments(definition, target.removesuffix("Ids")), 1
            case "seriesInsights":
                return self._filter(definition, "SeriesEnrolment") if self.fault or self._chance(0.6) else {}, 1
            case "certificationInsights" | "approvalInsights":
                type_ = "Approval" if target == "ApprovalInsights" else "LearnerCertification"
                return self._filter(definition, type_) if self.fault or self._chance(0.6) else {}, 1
            case "lifecycleBoard":
                return self._filter(definition, "CourseEnrolment") if self.fault or self._chance(0.6) else {}, 1
            case "verifyCredential":
                return {"number": self._value("String!", self._register_number())}, 1
            case "simulateLearncycle":
                return self._simulation_arguments(records)
            case "learnerUsage":
                month = self.random.choice(NO_MONTHS) if self._makes("root") else self._month()
                return {"month": self._value("Date!", month)}, 1
            case "stateMachine":
                kind = self.random.choice(list(self.schema.type_map["StateMachineKind"].values))
                return {"kind": self._value("StateMachineKind!", Word(kind))}, 1
            case _:
                return {}, LIST_SIZES.get(place, 1)

    def _month(self) -> str:
        return self.random.choice(self.material.instants).date().replace(day=1).isoformat()

    def _simulation_arguments(self, records: float) -> tuple[dict[str, Any], int]:
        """Of a learncycle that nobody has, in a period of the past; what can be wrong with it goes one at a time."""
        until = self.material.instants[0] - timedelta(days=self.random.randint(1, 9))
        given: dict[str, Any] = {
            "id": f"lcy_{self.random.getrandbits(128):032x}",
            "since": (until - timedelta(days=self.random.randint(1, 366))).isoformat(),
            "until": until.isoformat(),
        }
        size = USUAL_SIMULATION
        if size > records or self._chance(0.5):
            size = self.random.choice([page for page in PAGES if page <= records])
            given |= {"first": size, "after": self.random.choice([None, "0", "7"])}
        if self._makes("root"):
            given |= self.random.choice(
                [
                    {"id": "lcy_1"},
                    {"first": 0},
                    {"after": "x"},
                    {"since": given["until"]},
                    {"until": "2999-01-01T00:00:00Z"},
                ]
            )
        types = {"id": "ID!", "since": "DateTime!", "until": "DateTime!", "after": "String"}
        written = {name: self._value(types[name], value) if name in types else value for name, value in given.items()}
        return written, size

    def _register_number(self) -> str:
        """A number as somebody may type it; now and then one that nothing bears, or that cannot be one."""
        texts = self.material.texts
        number = self.random.choice([*texts["Credential", "registerNumber"], *texts["Certificate", "registerNumber"]])
        match self.random.randint(0, 9):
            case 0:
                return self.random.choice(NO_NUMBERS)
            case 1:
                return number[:-1] + self.random.choice("0A")
            case 2:
                return f" {number.replace('-', ' ').lower()} "
            case 3:
                return number.replace("-", "").replace("0", "o").replace("1", "l")
            case _:
                return number

    def _record_arguments(self, definition: GraphQLField, type_: str) -> dict[str, Any]:
        id_, has_ref = str(definition.args["id"].type), "externalRef" in definition.args
        if not id_.endswith("!") and self._makes("root"):
            ways = {"id": self._some_id(type_), "externalRef": "x"}
            return self.random.choice([{}, ways, {"id": None}] if has_ref else [{}, {"id": None}])
        if not has_ref or self.fault == "identifier" or self._chance(0.6):
            given = {"id": self._value(id_, self._identifier(type_))}
            return {**given, "externalRef": None} if has_ref and self._chance(0.2) else given
        return {"externalRef": self._value("String", self.random.choice(self.material.texts[type_, "externalRef"]))}

    def _many_ids(self) -> list[str]:
        if self._makes("root"):
            return [self._some_id("Learner")] * (MOST_NODES + 1)
        types = [type_ for type_, ids in self.material.ids.items() if ids]
        ids = [self._identifier(self.random.choice(types)) for _ in range(self.random.randint(0, 8))]
        if self._chance(0.5):
            ids += self.random.choices(self.material.strange_ids, k=2)
        return [*ids, *ids[:1]]

    def _ids_arguments(self, definition: GraphQLField, type_: str) -> dict[str, Any]:
        if self._makes("root"):
            return {"limit": self.random.choice([0, -1, MOST_AT_ROOT + 1])}
        given: dict[str, Any] = {}
        if self.fault or self._chance(0.7):
            given |= self._filter(definition, type_)
        if self._chance(0.7):
            given["limit"] = self._value("Int!", self.random.choice(PAGES))
        return given

    def _group_arguments(self, definition: GraphQLField, most: int) -> tuple[dict[str, Any], int]:
        """Those of a list of groups: how many at the most."""
        if "first" not in definition.args or self._chance(0.4):
            return {}, most
        size = self.random.randint(1, most)
        return {"first": self._value("Int", size)}, most

    def _list_arguments(
        self, definition: GraphQLField, level: int, records: float, most: int
    ) -> tuple[dict[str, Any], int]:
        type_ = str(get_named_type(definition.type)).removesuffix("Connection")
        is_here = level > 1 or self._chance(0.6)
        if is_here and self._makes("page"):
            sizes = [min(most, max([USUAL_PAGE, *_sizes(each)])) for each in PAGE_FAULTS]
            fitting = [(dict(each), size) for each, size in zip(PAGE_FAULTS, sizes, strict=True) if size <= records]
            return self.random.choice(fitting or [({"first": 0}, 1)])
        given, size = self._page(most, records)
        cursors = {order: own for order, own in self.material.cursors.get(type_, {}).items() if own}
        usual = ["PLACE"] if "in the order of the course" in (definition.description or "") else []
        cursors = {order: own for order, own in cursors.items() if _is_given_here(order.split(",")[:-1], usual)}
        if "orderBy" not in definition.args:
            cursors = {order: own for order, own in cursors.items() if order in USUAL_ORDERS}
        if is_here and self._makes("cursor"):
            given["before" if "last" in given else "after"] = self.random.choice(
                [*NO_CURSORS, *(own[0] for order, own in cursors.items() if order != "ID")][-12:]
            )
        elif cursors and self._chance(0.35):
            order = self.random.choice(list(cursors))
            given["before" if "last" in given else "after"] = self._value("String", self.random.choice(cursors[order]))
            given |= self._order_by(definition, [term for term in order.split(",")[:-1] if term != "PLACE"])
        elif self._chance(0.4) or (is_here and self.fault in ("order", "closed")):
            given |= self._order_by(definition, self._terms(definition, type_))
        if self._chance(0.4 if level == 1 else 0.6) or (is_here and self.fault in ("search", "identifier", "closed")):
            given |= self._filter(definition, type_)
        if self._chance(0.05):
            absent = [name for name in ("filter", "orderBy", "after") if name in definition.args and name not in given]
            given |= {name: None for name in absent if "before" not in given}
        items = list(given.items())
        self.random.shuffle(items)
        return dict(items), size

    def _page(self, most: int, records: float) -> tuple[dict[str, Any], int]:
        if records >= 2 * USUAL_PAGE and self._chance(0.3):
            return {}, min(USUAL_PAGE, most)
        name = self.random.choice(["first", "first", "last"])
        fitting = [size for size in PAGES if size <= min(most, records)] or [1]
        size = self.random.choice(fitting[-6:])
        if most <= records and self._chance(0.7):
            return {name: self._variable("Int", size)}, most
        return {name: size}, size

    def _terms(self, definition: GraphQLField, type_: str) -> list[str]:
        """An order as cursors have it: `-` before what falls."""
        if "orderBy" not in definition.args:
            return []
        order: Any = get_named_type(definition.args["orderBy"].type)
        names = list(get_named_type(order.fields["field"].type).values)
        if not self.material.is_open(type_, "createdAt") and not self._makes("closed"):
            return []
        terms = self.random.sample(names, min(len(names), self.random.choice([1, 1, 2, 3])))
        if self._makes("order"):
            terms = names if len(names) > 3 and self._chance(0.5) else [*terms[:2], terms[0]]
        return [f"{self.random.choice(['', '-'])}{name}" for name in terms]

    def _order_by(self, definition: GraphQLField, terms: Sequence[str]) -> dict[str, Any]:
        if "orderBy" not in definition.args:
            return {}
        if not terms:
            return {} if self._chance(0.8) or "HistoryEntry" in str(definition.type) else {"orderBy": []}
        given: list[Any] = []
        for term in terms:
            one: dict[str, Any] = {"field": Word(term.removeprefix("-"))}
            if term.startswith("-") or self._chance(0.5):
                one["direction"] = Word("DESC" if term.startswith("-") else "ASC")
            given.append(one)
        type_ = get_named_type(definition.args["orderBy"].type).name
        return {"orderBy": given[0] if len(given) == 1 and self._chance(0.3) else self._value(f"[{type_}!]", given)}


def _is_given_here(terms: Sequence[str], usual: Sequence[str]) -> bool:
    """Whether a list gives cursors of an order: those of what can be asked, and of the order that it has by itself."""
    return list(terms) == list(usual) or list(terms) not in ([], ["PLACE"])
