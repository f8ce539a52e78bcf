"""Documents: parsed, reckoned and validated once, then kept with their plans."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    validate,
)
from graphql.validation import recommended_rules, specified_rules

from portal_api.domain.refusals import ErrorCode
from portal_api.planner.collect import directive_variables
from portal_api.planner.cost import Limits, check_cost
from portal_api.planner.errors import RequestError
from portal_api.planner.roots import Plan, Whole

MOST_TOKENS = 15_000
MOST_ERRORS = 20


@dataclass(frozen=True)
class Document:
    """A document that may be run, with the plans made of it so far."""

    tree: DocumentNode
    fragments: Mapping[str, FragmentDefinitionNode]
    directive_variables: tuple[str, ...]
    plans: dict[tuple[Any, ...], Plan] = field(default_factory=dict[tuple[Any, ...], Plan])
    wholes: dict[tuple[Any, ...], Whole | None] = field(default_factory=dict[tuple[Any, ...], Whole | None])
    """What answers whole operations; None for those that are executed in the ordinary way."""

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run.

        Raises:
            RequestError: `REQUEST_INVALID`, if there is none of that name, or several and no name.
        """
        operations = [node for node in self.tree.definitions if isinstance(node, OperationDefinitionNode)]
        chosen = [node for node in operations if name is None or (node.name and node.name.value == name)]
        if len(chosen) != 1:
            known = ", ".join(node.name.value for node in operations if node.name) or "none with a name"
            raise RequestError(
                ErrorCode.REQUEST_INVALID, f"Name the operation to run in `operationName`; the document has: {known}."
            )
        return chosen[0]

    def root_fields(self, operation: OperationDefinitionNode) -> set[str]:
        """The names of the root fields that an operation may run."""
        names: set[str] = set()
        visited: set[str] = set()

        def walk(selections: SelectionSetNode) -> None:
            for node in selections.selections:
                match node:
                    case FieldNode():
                        names.add(node.name.value)
                    case InlineFragmentNode():
                        walk(node.selection_set)
                    case FragmentSpreadNode() if node.name.value not in visited:
                        visited.add(node.name.value)
                        walk(self.fragments[node.name.value].selection_set)
                    case _:
                        pass

        walk(operation.selection_set)
        return names


class InvalidDocument(Exception):
    """A document that cannot be run, with every reason found."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


class Documents:
    """The documents of late, by their text; the least recently used makes room."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, most: int, longest: int) -> None:
        """Keeps up to `most` documents of up to `longest` characters for `schema`."""
        self._schema = schema
        self._limits = limits
        self._most = most
        self._longest = longest
        self._known: OrderedDict[str, Document] = OrderedDict()

    def document(self, text: str) -> Document:
        """The document of a text, prepared at its first use.

        Raises:
            InvalidDocument: if it does not parse, asks for too much, or does not fit the schema.
        """
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._prepare(text)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(text)
        return known

    def _prepare(self, text: str) -> Document:
        if len(text) > self._longest:
            raise InvalidDocument(
                [
                    RequestError(
                        ErrorCode.QUERY_TOO_COSTLY,
                        f"The document has {len(text)} characters; {self._longest} are allowed.",
                    )
                ]
            )
        try:
            tree = parse(text, no_location=False, max_tokens=MOST_TOKENS)
            check_cost(tree, self._schema, self._limits)
            errors = validate(self._schema, tree, [*specified_rules, *recommended_rules], max_errors=MOST_ERRORS)
            if not errors:
                fragments = {
                    node.name.value: node for node in tree.definitions if isinstance(node, FragmentDefinitionNode)
                }
                return Document(tree, fragments, directive_variables(tree))
        except RecursionError:
            errors = [
                RequestError(ErrorCode.QUERY_TOO_COSTLY, "The document is nested too deeply; ask for fewer levels.")
            ]
        except GraphQLError as error:
            errors = [error]
        raise InvalidDocument([coded(error, ErrorCode.DOCUMENT_INVALID) for error in errors])


def coded(error: GraphQLError, code: ErrorCode) -> GraphQLError:
    """Gives an error of graphql-core's own a code, if it has none."""
    if "code" not in (error.extensions or {}):
        error.extensions = {**(error.extensions or {}), "code": code.name}
    return error
