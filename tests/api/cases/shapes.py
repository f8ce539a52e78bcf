"""What a case tells of its mutation: of one on a list of records, and of one that is given a whole input."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.roles import Role
from tests.client import Client, Json
from tests.factories import Organisation, Record

WHY = """
fragment why on ActionError {
  __typename
  code
  message
  path
  ... on RoleRequired { requiredRoles }
  ... on StatusNotAllowed { allowedStatuses }
  ... on ChangedMeanwhile { currentVersion }
}
"""
ADMINISTRATORS = frozenset({Role.OWNER, Role.ADMIN})
OWNER = frozenset({Role.OWNER})
RECORDERS = ADMINISTRATORS | {Role.INTEGRATION}


@dataclass(frozen=True)
class MutationCase:
    """A mutation on a list of records."""

    mutation: str
    table: Table
    """Where the records stand that it changes."""
    roles: frozenset[Role]
    """Who may call it."""
    changes: Callable[[Organisation], Record]
    """Lays out a record that it changes."""
    refuses: Callable[[Organisation], Record]
    """Lays out a record that it refuses for what the record is."""
    refusal: tuple[str, ...]
    """The codes of that refusal, in their order."""
    input: Mapping[str, Any]
    """What it is given beside the ids."""
    other_inputs: tuple[Mapping[str, Any], ...]
    """Inputs for the same records that mean something else."""
    action: HistoryAction
    subject: SubjectKind
    moves: tuple[str, str]
    """The status before and after."""
    again: str = "REFUSED"
    """The outcome of doing it once more."""
    again_code: str = "STATUS_NOT_ALLOWED"
    """What stands against that, where it is refused."""
    changed_fields: tuple[str, ...] | None = None
    status: str = "status"
    """The field that tells the status, where it goes by another name."""
    is_own: bool = False
    """Whether it is about one's own learning: that of the Learner, to whom whoever calls it is linked."""
    for_role: Callable[[Organisation, Role], Record] | None = None
    """Lays out a record that one role can change, where not everybody who may call it can change any."""

    @property
    def stranger(self) -> Role:
        """A role that may never call it."""
        return Role.TRAINER if Role.TRAINER not in self.roles else Role.INTEGRATION

    def changed_by(self, made: Organisation, role: Role) -> Record:
        """Lays out a record that a role can change."""
        return self.for_role(made, role) if self.for_role else self.changes(made)

    @property
    def caller(self) -> Role:
        """The least of the administrators who may call it."""
        return Role.ADMIN if Role.ADMIN in self.roles else Role.OWNER

    @property
    def document(self) -> str:
        """Calls it, and asks for all that a payload can tell."""
        name = self.mutation
        return f"""
            mutation Change($input: {name[0].upper()}{name[1:]}Input!) {{
              {name}(input: $input) {{
                isPreview
                counts {{ changed unchanged refused }}
                errors {{ ...why }}
                results {{ index id outcome errors {{ ...why }} node {{ id status: {self.status} version }} }}
              }}
            }}
            {WHY}
        """

    def variables(self, ids: tuple[str, ...], given: Mapping[str, Any]) -> Json:
        return {"input": {"ids": list(ids), **self.input, **given}}

    async def answer(self, client: Client, *ids: str, headers: Mapping[str, str] | None = None, **given: Any) -> Json:
        """The whole answer to a call; `given` overrules the input."""
        return await client.execute(self.document, self.variables(ids, given), **(headers or {}))

    async def payload(self, client: Client, *ids: str, headers: Mapping[str, str] | None = None, **given: Any) -> Json:
        """The payload of a call that is not wrong as such."""
        answer = await self.answer(client, *ids, headers=headers, **given)
        assert "errors" not in answer, answer["errors"]
        return answer["data"][self.mutation]


@dataclass(frozen=True)
class CallCase:
    """A mutation that edits one record, or makes records that it is told of: given a whole input, it has one row."""

    mutation: str
    roles: frozenset[Role]
    """Who may call it."""
    changes: Callable[[Organisation], Json]
    """Lays out what it needs, and gives an input whose row it changes."""
    refuses: Callable[[Organisation], Json]
    """Gives an input whose row it refuses."""
    refusal: tuple[str, ...]
    """The codes of that refusal, in their order."""
    action: HistoryAction
    subject: SubjectKind
    moves: tuple[str | None, str | None]
    """The status before and after, as history tells it."""
    table: Table | None = None
    """Where the record stands that `id` names; None where there is no `id`."""
    changed_fields: tuple[str, ...] | None = None
    other: Mapping[str, Any] | None = None
    """What makes its input another one, where it takes neither a version nor an error policy."""
    is_own: bool = False
    """Whether it is about one's own learning: that of the Learner, who is then linked to whoever calls it."""

    @property
    def caller(self) -> Role:
        """The least of the administrators who may call it."""
        return Role.ADMIN if Role.ADMIN in self.roles else Role.OWNER

    @property
    def document(self) -> str:
        """Calls it, and asks for all that every payload can tell."""
        name = self.mutation
        return f"""
            mutation Change($input: {name[0].upper()}{name[1:]}Input!) {{
              {name}(input: $input) {{
                isPreview
                counts {{ changed unchanged refused }}
                errors {{ ...why }}
                results {{ index id outcome errors {{ ...why }} node {{ id version }} }}
              }}
            }}
            {WHY}
        """

    def changed(self, made: Organisation) -> Json:
        """Gives an input whose row it changes, for whoever calls it."""
        if self.is_own:
            made.everybody_learns()
        return self.changes(made)

    def refused(self, made: Organisation) -> Json:
        """Gives an input whose row it refuses, for whoever calls it."""
        if self.is_own:
            made.everybody_learns()
        return self.refuses(made)

    async def answer(self, client: Client, asked: Json, *, headers: Mapping[str, str] | None = None) -> Json:
        """The whole answer to a call."""
        return await client.execute(self.document, {"input": asked}, **(headers or {}))

    async def payload(self, client: Client, asked: Json, *, headers: Mapping[str, str] | None = None) -> Json:
        """The payload of a call that is not wrong as such."""
        answer = await self.answer(client, asked, headers=headers)
        assert "errors" not in answer, answer["errors"]
        return answer["data"][self.mutation]


def beside(laid_out: Sequence[Record], given: Json) -> Json:
    """An input that is refused for what else is there."""
    assert laid_out
    return given
