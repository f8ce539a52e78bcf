"""What is left of a query that shows a fault when all is taken out of it that does not matter."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from graphql import (
    REMOVE,
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    Node,
    ObjectFieldNode,
    SelectionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)

MOST_TRIES = 600


async def smallest(schema: GraphQLSchema, document: str, shows_it: Callable[[str], Awaitable[bool]]) -> str:
    """Takes out of a document, bit by bit, whatever it shows the fault without.

    Args:
        schema: what each document has to fit.
        document: one that shows the fault.
        shows_it: whether a document shows it.
    """
    tries, found = 0, document
    while tries < MOST_TRIES:
        for less in _lesser(schema, found):
            tries += 1
            if await shows_it(less):
                found = less
                break
        else:
            return found
    return found


def variables_in(document: str) -> set[str]:
    """The variables that a document declares."""
    return {each.variable.name.value for each in _all(parse(document), VariableDefinitionNode)}


def _lesser(schema: GraphQLSchema, document: str) -> Iterator[str]:
    """The documents that have one thing less each, and whatever that was needed for; the large things first."""
    tree = parse(document, no_location=True)
    parts = _all(tree, (SelectionNode, ArgumentNode, DirectiveNode, ObjectFieldNode))
    for part in sorted(parts, key=lambda each: -len(print_ast(each))):
        less = _tidied(visit(tree, _Without(part)))
        if all(each.selections for each in _all(less, SelectionSetNode)) and not validate(schema, less):
            yield print_ast(less)


def _tidied(tree: DocumentNode) -> DocumentNode:
    """A document without the fragments and variables that nothing uses."""
    while True:
        spread = {each.name.value for each in _all(tree, FragmentSpreadNode)}
        declared = _all(tree, VariableDefinitionNode)
        used = [each.name.value for each in _all(tree, VariableNode)]
        idle: list[Node] = [
            *(each for each in _all(tree, FragmentDefinitionNode) if each.name.value not in spread),
            *(each for each in declared if used.count(each.variable.name.value) < 2),
        ]
        if not idle:
            return tree
        tree = visit(tree, _Without(*idle))


class _Without(Visitor):
    """Leaves out some nodes."""

    def __init__(self, *left_out: Node) -> None:
        super().__init__()
        self._left_out = set(map(id, left_out))

    def enter(self, node: Node, *_: Any) -> Any:
        return REMOVE if id(node) in self._left_out else None


def _all(tree: Node, kinds: Any) -> list[Any]:
    found: list[Any] = []

    class _Collecting(Visitor):
        def enter(self, node: Node, *_: Any) -> None:
            if isinstance(node, kinds):
                found.append(node)

    visit(tree, _Collecting())
    return found
