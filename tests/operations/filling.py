"""Variables for the documents that read, made of whatever records there are: what a proof on other data sends them with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from graphql import FieldNode, GraphQLSchema, NamedTypeNode, NonNullTypeNode, OperationType, get_named_type

from tests.operations.documents import FOLDER, operation_of

TYPES = {"pathway": "Pathway", "series": "Series", "certification": "Certification", "record": "LearnerCertification"}
"""What variables are about that are named for it; `id` and `externalRef` are of what the root field gives."""
PERIOD = timedelta(days=30)


@cache
def reading() -> tuple[str, ...]:
    """The documents that read, by frontend and name."""
    names = (file.relative_to(FOLDER).with_suffix("").as_posix() for file in FOLDER.rglob("*.graphql"))
    return tuple(sorted(name for name in names if operation_of(name).operation is OperationType.QUERY))


@dataclass(frozen=True)
class Stock:
    """What there is to fill in."""

    ids: Mapping[str, Sequence[str]]
    """Identifiers by type: one at least of each that a document is about."""
    refs: Mapping[str, Sequence[str]]
    """External references by type."""
    words: Sequence[str]
    """To be searched for."""
    numbers: Sequence[str]
    """Of the register of credentials."""
    now: datetime

    def variables(self, schema: GraphQLSchema, name: str, random: Random) -> dict[str, Any]:
        """What a document needs to be asked, taken at random; all else stays as the document has it.

        Raises:
            KeyError: if it needs something that nobody has thought of here.
        """
        operation = operation_of(name)
        [root, *_] = [each.name.value for each in operation.selection_set.selections if isinstance(each, FieldNode)]
        given: dict[str, Any] = {}
        for each in operation.variable_definitions or ():
            variable, type_ = each.variable.name.value, each.type
            is_required = isinstance(type_, NonNullTypeNode) and each.default_value is None
            named = type_.type if isinstance(type_, NonNullTypeNode) else type_
            is_id = isinstance(named, NamedTypeNode) and named.name.value == "ID"
            if is_required or is_id:
                given[variable] = self._value(schema, root, variable, random, is_id=is_id)
        return given

    def _value(self, schema: GraphQLSchema, root: str, variable: str, random: Random, *, is_id: bool) -> Any:
        now, own = self.now, TYPES.get(variable)
        if own or variable in ("id", "externalRef"):
            assert schema.query_type
            about = "learncycle" if root == "simulateLearncycle" else root
            type_ = own or get_named_type(schema.query_type.fields[about].type).name
            return random.choice((self.ids if is_id else self.refs)[type_])
        match variable:
            case "month":
                return f"{now:%Y-%m}-01"
            case "since" | "until":
                return f"{now - PERIOD if variable == 'since' else now:%Y-%m-%dT%H:%M:%SZ}"
            case "kind":
                kinds: Any = schema.type_map["StateMachineKind"]
                return random.choice(list(kinds.values))
            case "number":
                return random.choice(self.numbers)
            case "words":
                return random.choice(self.words)
            case _:
                raise KeyError(f"the variable {variable} of a document with the root field {root}")
