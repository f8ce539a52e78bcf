"""Filters, condition by condition."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from graphql import GraphQLField, GraphQLInputObjectType, get_named_type

from tests.oracle.generator.draft import Draft
from tests.oracle.generator.pieces import Word

OUTCOMES = ("00", "20", "30", "40", "41", "51", "52", "60", "61", "70", "81", "82", "85")
NUMBERS = (0, 11, 12, 40)


class Filters(Draft):
    """Writes what records are filtered by."""

    def _filter(self, definition: GraphQLField, type_: str) -> dict[str, Any]:
        if "filter" not in definition.args:
            return {}
        own: Any = get_named_type(definition.args["filter"].type)
        names = [name for name in own.fields if self.material.is_open(type_, name)]
        counts = [4 if name in ("status", "search", "reportsTo", "groupId") else 1 for name in names]
        chosen = list(dict.fromkeys(self.random.sample(names, self.random.choice([0, 1, 1, 1, 2]), counts=counts)))
        if self.fault == "search" and "search" in names:
            chosen = ["search"]
        if self.fault == "identifier":
            chosen = [name for name in names if name == "id" or (type_, name) in self.material.keys][:1] or chosen
        if type_ in self.material.open_fields and self._makes("closed"):
            chosen.append(self.random.choice([name for name in own.fields if name not in names]))
        is_whole = not self.fault and self._chance(0.15)
        self.is_in_variable = is_whole
        given = {name: self._condition(own.fields[name], name, type_) for name in chosen}
        self.is_in_variable = False
        if self._chance(0.05):
            given |= {name: None for name in names if name not in given}
        return {"filter": self._variable(own.name, given) if is_whole else given}

    def _condition(self, definition: Any, name: str, type_: str) -> Any:
        own = get_named_type(definition.type)
        match own.name:
            case "String":
                return self._value("String", self._sought())
            case "ID":
                return self._value("ID", self._identifier("Learner"))
            case "AttributeTest":
                known, value = self.random.choice(self.material.attributes)
                return {"name": self._value("String!", known), "value": self._value("String!", value)}
            case "DayComparison":
                return self._days()
            case "ReportsTo":
                manager = self._identifier("Learner") if self.fault else self.random.choice(self.material.managers)
                given: dict[str, Any] = {"manager": self._value("ID!", manager)}
                depth = self.random.choice([None, "absent", "absent", 0, 1, 1, 2, 3, 9, -1])
                return given if depth == "absent" else {**given, "depth": self._value("Int", depth)}
            case "InstantComparison":
                return self._instants()
            case "NumberComparison":
                return self._numbers()
            case "OutcomeCodeComparison" if self._chance(0.2):
                return {"isNull": self._value("Boolean", self._chance(0.5))}
            case "BooleanComparison":
                return {"eq": self._value("Boolean", self._chance(0.6))}
            case _:
                return self._comparison(own, self._candidates(own, name, type_))

    def _candidates(self, own: Any, name: str, type_: str) -> list[Any]:
        """Values that a comparison can be with."""
        match own.name:
            case "IdComparison":
                kind = self.material.keys.get((type_, name), type_)
                return [self._identifier(kind) for _ in range(self.random.randint(1, 8))]
            case "TextComparison":
                return self.random.choices(self.material.texts[type_, name], k=self.random.randint(1, 8))
            case "OutcomeCodeComparison":
                return self.random.sample(OUTCOMES, self.random.randint(1, 8))
            case _:
                values = list(get_named_type(own.fields["eq"].type).values)
                return [Word(each) for each in self.random.sample(values, self.random.randint(1, len(values)))]

    def _comparison(self, own: GraphQLInputObjectType, values: list[Any]) -> dict[str, Any]:
        item = get_named_type(own.fields["eq"].type).name
        comparator = self.random.choices(["eq", "in", "notIn", "both"], [2, 5, 4, 1])[0]
        few = values[: max(1, len(values) // 3)]
        match comparator:
            case "eq":
                return {"eq": self._value(item, values[0])}
            case "in":
                return {"in": self._items(item, values)}
            case "notIn":
                return {"notIn": self._items(item, [] if self._chance(0.1) else few)}
            case _:
                return {"in": self._items(item, values), "notIn": self._items(item, few), "eq": None}

    def _items(self, item: str, values: list[Any]) -> Any:
        """A list: as a variable, of variables, or a single value that stands for a list of one."""
        if len(values) == 1 and self._chance(0.3):
            return values[0]
        if self._chance(0.2):
            return [self._value(f"{item}!", each) for each in values]
        return self._value(f"[{item}!]", values)

    def _instants(self) -> dict[str, Any]:
        if self._chance(0.15):
            return {"isNull": self._value("Boolean", self._chance(0.5))}
        first, second = sorted(self.random.choices(self.material.instants, k=2))
        given: dict[str, Any] = {}
        if self._chance(0.6):
            given[self.random.choice(["gt", "gte"])] = self._value("DateTime", self._instant(first))
        if not given or self._chance(0.3):
            given[self.random.choice(["lt", "lte"])] = self._value("DateTime", self._instant(second))
        return given

    def _numbers(self) -> dict[str, Any]:
        if self._chance(0.2):
            return {"isNull": self._value("Boolean", self._chance(0.5))}
        number = self.random.choice(NUMBERS)
        return {self.random.choice(["eq", "gt", "gte", "lt", "lte"]): self._value("Int", number)}

    def _days(self) -> dict[str, Any]:
        if self._chance(0.2):
            return {"isNull": self._value("Boolean", self._chance(0.5))}
        day = self.random.choice(self.material.days).isoformat()
        return {self.random.choice(["gt", "gte", "lt", "lte"]): self._value("Date", day)}

    def _instant(self, at: datetime) -> str:
        """An instant, near one that something happened at, in one of the forms that are taken."""
        at += timedelta(microseconds=self.random.choice([0, 0, 0, 1, -1]))
        match self.random.randint(0, 3):
            case 0:
                return at.astimezone(timezone(timedelta(hours=13))).isoformat()
            case 1:
                return at.astimezone(timezone(-timedelta(hours=9, minutes=30))).isoformat(timespec="microseconds")
            case _:
                return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"

    def _sought(self) -> str:
        if self._makes("search"):
            return "one two three four five six seven"
        words = self.random.choice(self.material.words)
        words = self.random.sample(words, min(len(words), self.random.choice([0, 1, 1, 2, 2, 3])))
        if self._chance(0.1):
            words.append(self.random.choice(self.random.choice(self.material.words)))
        cut = [word[: self.random.randint(1, len(word))] if self._chance(0.7) else word for word in words]
        if cut and self._chance(0.3):  # what is a wildcard to the database is a character to us
            cut[0] = cut[0].replace(self.random.choice(cut[0]), self.random.choice("%_"), 1)
        return self.random.choice([" ", "  "]).join(word.upper() if self._chance(0.3) else word for word in cut)
