"""A small portal of a test's own: its schema, its declarations, and somebody who asks of it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from graphql import build_schema, parse
from graphql.execution.values import get_variable_values

from portal_api.context import Viewer
from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.planner.collect import directive_variables
from portal_api.planner.declare import Catalogue
from portal_api.planner.dialects import dialect_of
from portal_api.planner.documents import Document
from portal_api.planner.execution import Planner, RootField
from portal_api.planner.join import join
from portal_api.planner.selections import Run
from portal_api.queries import scope
from tests.factories import Organisation


@dataclass
class SmallPortal:
    """Answers one root field at a time by its plan; it does not start where schema and declarations do not fit."""

    database: Database
    organisation: Organisation
    sdl: str
    catalogue: Catalogue

    def __post_init__(self) -> None:
        self._schema = build_schema(self.sdl)
        join(self._schema, self.catalogue)
        url = self.database.engine.url.render_as_string(hide_password=False)
        self._planner = Planner(self._schema, self.catalogue, dialect_of(url))
        self._documents: dict[str, Document] = {}

    async def ask(
        self, document: str, value: Any = None, role: Role = Role.ADMIN, variables: dict[str, Any] | None = None
    ) -> Any:
        """The answer of a document's one field, which `value` is the Python object of."""
        await self.organisation.save()
        known = self._documents.setdefault(document, _document(document))
        operation = known.operation(None)
        [field] = operation.selection_set.selections
        given = get_variable_values(self._schema, operation.variable_definitions or (), variables or {})
        assert not isinstance(given, list), given
        root: Any = self._schema.query_type
        asked: Any = field
        plan = self._planner.plan(known, RootField(None, "asked", root, [asked], given.coerced))
        return await self.database.reader.run(plan.steps(self._run(role, given.coerced), value))

    def _run(self, role: Role, variables: dict[str, Any]) -> Run:
        user, own = self.organisation.staff[role], self.organisation.own.get(role)
        learner_id: UUID | None = own.id if own else None
        viewer = Viewer(self.organisation.id, user.id, role, learner_id)
        encode = self._planner.dialect.encode
        bound = {name: encode(value) for name, value in scope.bound(viewer, self.organisation.clock()).items()}
        return Run(str(role), bound, variables)


def _document(text: str) -> Document:
    tree = parse(text)
    return Document(tree, {}, directive_variables(tree))
