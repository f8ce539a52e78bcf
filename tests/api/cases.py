"""One case for each mutation of the schema: what it changes, what it refuses, what it is given.

Whatever must hold of every mutation is asked of each case here; a new mutation begins with its case.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Table

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.models import exports, learners, series_enrolments
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
                results {{ index id outcome errors {{ ...why }} node {{ id status version }} }}
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


ADMINISTRATORS = frozenset({Role.OWNER, Role.ADMIN})

CASES = (
    MutationCase(
        mutation="withdrawSeriesEnrolments",
        table=series_enrolments,
        roles=ADMINISTRATORS,
        changes=lambda made: made.enrolment(made.learner(), made.series()),
        refuses=lambda made: made.enrolment(made.learner(), made.series(), SeriesEnrolmentStatus.MASTERED),
        refusal=("STATUS_NOT_ALLOWED",),
        input={"reason": "ENROLMENT_ERROR", "note": "Wrong course"},
        other_inputs=({"reason": "USER_DEACTIVATED"}, {"note": "wrong course"}, {"note": None}),
        action=HistoryAction.SERIES_ENROLMENT_WITHDRAWN,
        subject=SubjectKind.SERIES_ENROLMENT,
        moves=("IN_PROGRESS", "WITHDRAWN"),
    ),
    MutationCase(
        mutation="deactivateLearners",
        table=learners,
        roles=ADMINISTRATORS,
        changes=lambda made: made.learner(),
        refuses=lambda made: made.learner(is_active=False),
        refusal=("LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"),
        input={"reason": "LEFT_ORGANISATION", "note": "Moved away"},
        other_inputs=({"reason": "OTHER"}, {"note": "moved away"}, {"note": None}),
        action=HistoryAction.LEARNER_DEACTIVATED,
        subject=SubjectKind.LEARNER,
        moves=("ACTIVE", "INACTIVE"),
    ),
    MutationCase(
        mutation="reactivateLearners",
        table=learners,
        roles=ADMINISTRATORS,
        changes=lambda made: made.learner(is_active=False),
        refuses=lambda made: made.learner(),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.LEARNER_REACTIVATED,
        subject=SubjectKind.LEARNER,
        moves=("INACTIVE", "ACTIVE"),
    ),
)


@dataclass(frozen=True)
class CreationCase:
    """A mutation that makes a record of its own."""

    mutation: str
    table: Table
    """Where it makes the record."""
    roles: frozenset[Role]
    input: Mapping[str, Any]
    other_inputs: tuple[Mapping[str, Any], ...]
    """Inputs that mean something else."""
    action: HistoryAction
    subject: SubjectKind
    status: str
    """The status that it begins at."""

    @property
    def document(self) -> str:
        """Calls it, and asks for all that a payload can tell."""
        name = self.mutation
        return f"""
            mutation Create($input: {name[0].upper()}{name[1:]}Input!) {{
              {name}(input: $input) {{
                isPreview
                counts {{ changed unchanged refused }}
                errors {{ ...why }}
                results {{ index id outcome errors {{ ...why }} node {{ id status version }} }}
              }}
            }}
            {WHY}
        """

    async def answer(self, client: Client, headers: Mapping[str, str] | None = None, **given: Any) -> Json:
        """The whole answer to a call; `given` overrules the input."""
        return await client.execute(self.document, {"input": {**self.input, **given}}, **(headers or {}))

    async def payload(self, client: Client, headers: Mapping[str, str] | None = None, **given: Any) -> Json:
        """The payload of a call that is not wrong as such."""
        answer = await self.answer(client, headers, **given)
        assert "errors" not in answer, answer["errors"]
        return answer["data"][self.mutation]


CREATIONS = (
    CreationCase(
        mutation="requestExport",
        table=exports,
        roles=ADMINISTRATORS | {Role.MANAGER},
        input={"learners": {"filter": {"status": {"eq": "ACTIVE"}}}},
        other_inputs=(
            {"learners": {}},
            {"learners": None, "seriesLibrary": {}},
            {"learners": {"filter": {"status": {"eq": "ACTIVE"}}, "orderBy": [{"field": "FAMILY_NAME"}]}},
        ),
        action=HistoryAction.EXPORT_REQUESTED,
        subject=SubjectKind.EXPORT,
        status="QUEUED",
    ),
)

each_creation = pytest.mark.parametrize("case", CREATIONS, ids=lambda case: case.mutation)
"""Runs a test for every mutation that makes a record of its own."""

each_mutation = pytest.mark.parametrize("case", CASES, ids=lambda case: case.mutation)
"""Runs a test for every mutation that there is."""


def case_of(mutation: str) -> MutationCase:
    """The case of one mutation."""
    return next(case for case in CASES if case.mutation == mutation)


def creation_of(mutation: str) -> CreationCase:
    """The case of one mutation that makes a record."""
    return next(case for case in CREATIONS if case.mutation == mutation)


def outcomes(payload: Json) -> list[str]:
    """What became of each row, in the order of the answer."""
    return [result["outcome"] for result in payload["results"]]


def row_codes(payload: Json) -> list[list[str]]:
    """The codes of each row, in the order of the answer."""
    return [[error["code"] for error in result["errors"]] for result in payload["results"]]


def call_codes(payload: Json) -> list[str]:
    """The codes that refuse a call as a whole."""
    return [error["code"] for error in payload["errors"]]
