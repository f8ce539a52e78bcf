"""One case for each mutation of the schema: what it changes, what it refuses, what it is given.

Whatever must hold of every mutation is asked of each case here; a new mutation begins with its case.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Table

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.organisations import IntegrationTokenStatus
from portal_api.domain.pathways import PathwayEnrolmentStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.models import (
    groups,
    integration_tokens,
    learners,
    organisations,
    pathway_enrolments,
    pathways,
    resources,
    series,
    series_enrolments,
    users,
)
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
    again: str = "REFUSED"
    """The outcome of doing it once more."""

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
OWNER = frozenset({Role.OWNER})
RECORDERS = ADMINISTRATORS | {Role.INTEGRATION}

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
    MutationCase(
        mutation="setLearnerAppAccess",
        table=learners,
        roles=ADMINISTRATORS,
        changes=lambda made: made.learner(has_app_access=False),
        refuses=lambda made: made.learner(is_active=False),
        refusal=("LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"),
        input={"hasAppAccess": True},
        other_inputs=({"hasAppAccess": False},),
        action=HistoryAction.LEARNER_APP_ACCESS_GIVEN,
        subject=SubjectKind.LEARNER,
        moves=("ACTIVE", "ACTIVE"),
        again="UNCHANGED",
    ),
    MutationCase(
        mutation="revokeIntegrationTokens",
        table=integration_tokens,
        roles=OWNER,
        changes=lambda made: made.token(),
        refuses=lambda made: made.token(status=IntegrationTokenStatus.REVOKED),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.INTEGRATION_TOKEN_REVOKED,
        subject=SubjectKind.INTEGRATION_TOKEN,
        moves=("ACTIVE", "REVOKED"),
    ),
    MutationCase(
        mutation="retireGroups",
        table=groups,
        roles=OWNER,
        changes=lambda made: made.group(),
        refuses=lambda made: made.group(is_active=False),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.GROUP_RETIRED,
        subject=SubjectKind.GROUP,
        moves=("ACTIVE", "RETIRED"),
    ),
    MutationCase(
        mutation="reinstateGroups",
        table=groups,
        roles=OWNER,
        changes=lambda made: made.group(is_active=False),
        refuses=lambda made: made.group(),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.GROUP_REINSTATED,
        subject=SubjectKind.GROUP,
        moves=("RETIRED", "ACTIVE"),
    ),
    MutationCase(
        mutation="retirePathways",
        table=pathways,
        roles=ADMINISTRATORS,
        changes=lambda made: made.pathway(made.series()),
        refuses=lambda made: made.pathway(made.series(), is_active=False),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.PATHWAY_RETIRED,
        subject=SubjectKind.PATHWAY,
        moves=("ACTIVE", "RETIRED"),
    ),
    MutationCase(
        mutation="reinstatePathways",
        table=pathways,
        roles=ADMINISTRATORS,
        changes=lambda made: made.pathway(made.series(), is_active=False),
        refuses=lambda made: made.pathway(made.series()),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.PATHWAY_REINSTATED,
        subject=SubjectKind.PATHWAY,
        moves=("RETIRED", "ACTIVE"),
    ),
    MutationCase(
        mutation="withdrawPathwayEnrolments",
        table=pathway_enrolments,
        roles=ADMINISTRATORS,
        changes=lambda made: made.pathway_enrolment(made.learner(), made.pathway(made.series(), made.series())),
        refuses=lambda made: made.pathway_enrolment(
            made.learner(), made.pathway(made.series()), PathwayEnrolmentStatus.COMPLETED
        ),
        refusal=("STATUS_NOT_ALLOWED",),
        input={"reason": "ENROLMENT_ERROR", "note": "Wrong pathway"},
        other_inputs=({"reason": "USER_DEACTIVATED"}, {"note": "wrong pathway"}, {"note": None}),
        action=HistoryAction.PATHWAY_ENROLMENT_WITHDRAWN,
        subject=SubjectKind.PATHWAY_ENROLMENT,
        moves=("IN_PROGRESS", "WITHDRAWN"),
    ),
    MutationCase(
        mutation="retireSeries",
        table=series,
        roles=ADMINISTRATORS,
        changes=lambda made: made.series(),
        refuses=lambda made: made.series(is_active=False),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.SERIES_RETIRED,
        subject=SubjectKind.SERIES,
        moves=("ACTIVE", "RETIRED"),
    ),
    MutationCase(
        mutation="reinstateSeries",
        table=series,
        roles=ADMINISTRATORS,
        changes=lambda made: made.series(is_active=False),
        refuses=lambda made: made.series(),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.SERIES_REINSTATED,
        subject=SubjectKind.SERIES,
        moves=("RETIRED", "ACTIVE"),
    ),
    MutationCase(
        mutation="retireResources",
        table=resources,
        roles=ADMINISTRATORS,
        changes=lambda made: made.resource(),
        refuses=lambda made: made.resource(is_active=False),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.RESOURCE_RETIRED,
        subject=SubjectKind.RESOURCE,
        moves=("ACTIVE", "RETIRED"),
    ),
    MutationCase(
        mutation="reinstateResources",
        table=resources,
        roles=ADMINISTRATORS,
        changes=lambda made: made.resource(is_active=False),
        refuses=lambda made: made.resource(),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.RESOURCE_REINSTATED,
        subject=SubjectKind.RESOURCE,
        moves=("RETIRED", "ACTIVE"),
    ),
)


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
    moves: tuple[str | None, str]
    """The status before and after, as history tells it."""
    table: Table | None = None
    """Where the record stands that `id` names; None where there is no `id`."""
    changed_fields: tuple[str, ...] | None = None
    other: Mapping[str, Any] | None = None
    """What makes its input another one, where it takes neither a version nor an error policy."""

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


TESTS = [{"attribute": "region", "values": ["North", "South"]}]
PERSON = {"name": "Ana Mira", "email": "ana.mira@example.org", "role": "ADMIN"}
NGAIO = {"givenName": "Ngaio", "familyName": "Marsh", "email": "ngaio@example.org"}
SOON = "2026-05-01T00:00:00Z"


def _three_of_five(enrolment: Record) -> Json:
    return {"enrolmentId": enrolment.gid, "questionsAnswered": 5, "questionsCorrect": 3}


CALL_CASES = (
    CallCase(
        mutation="updateOrganisation",
        table=organisations,
        roles=OWNER,
        changes=lambda made: {"id": made.itself.gid, "name": "Te Kura"},
        refuses=lambda made: {"id": made.itself.gid, "name": "Te Kura", "expectedVersion": 7},
        refusal=("CHANGED_MEANWHILE",),
        action=HistoryAction.ORGANISATION_UPDATED,
        subject=SubjectKind.ORGANISATION,
        moves=("OPEN", "OPEN"),
        changed_fields=("name",),
    ),
    CallCase(
        mutation="createUsers",
        roles=OWNER,
        changes=lambda made: {"users": [PERSON]},
        refuses=lambda made: {"users": [{**PERSON, "role": "INTEGRATION"}]},
        refusal=("INPUT_INVALID",),
        action=HistoryAction.USER_CREATED,
        subject=SubjectKind.USER,
        moves=(None, "ADMIN"),
    ),
    CallCase(
        mutation="createIntegrations",
        roles=OWNER,
        changes=lambda made: {"integrations": [{"name": "Content player"}]},
        refuses=lambda made: {"integrations": [{"name": " "}]},
        refusal=("INPUT_INVALID",),
        action=HistoryAction.USER_CREATED,
        subject=SubjectKind.USER,
        moves=(None, "INTEGRATION"),
    ),
    CallCase(
        mutation="assignRole",
        table=users,
        roles=OWNER,
        changes=lambda made: {"id": made.user(Role.TRAINER).gid, "role": "MANAGER"},
        refuses=lambda made: {"id": made.user(Role.INTEGRATION).gid, "role": "MANAGER"},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.USER_ROLE_ASSIGNED,
        subject=SubjectKind.USER,
        moves=("TRAINER", "MANAGER"),
    ),
    CallCase(
        mutation="removeRole",
        table=users,
        roles=OWNER,
        changes=lambda made: {"id": made.user(Role.TRAINER).gid},
        refuses=lambda made: {"id": made.staff[Role.OWNER].gid},
        refusal=("LAST_OWNER",),
        action=HistoryAction.USER_ROLE_REMOVED,
        subject=SubjectKind.USER,
        moves=("TRAINER", "REMOVED"),
    ),
    CallCase(
        mutation="linkLearner",
        table=users,
        roles=OWNER,
        changes=lambda made: {"id": made.user(Role.TRAINER).gid, "learnerId": made.learner().gid},
        refuses=lambda made: {"id": made.user(Role.INTEGRATION).gid, "learnerId": made.learner().gid},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.USER_LEARNER_LINKED,
        subject=SubjectKind.USER,
        moves=("TRAINER", "TRAINER"),
        changed_fields=("learner",),
    ),
    CallCase(
        mutation="issueIntegrationToken",
        table=users,
        roles=OWNER,
        changes=lambda made: {"id": made.user(Role.INTEGRATION).gid, "name": "Player", "expiresAt": SOON},
        refuses=lambda made: {"id": made.user(Role.TRAINER).gid, "name": "Player", "expiresAt": SOON},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.INTEGRATION_TOKEN_ISSUED,
        subject=SubjectKind.INTEGRATION_TOKEN,
        moves=(None, "ACTIVE"),
    ),
    CallCase(
        mutation="createGroup",
        roles=OWNER,
        changes=lambda made: {"name": "Up and down", "conditions": TESTS},
        refuses=lambda made: beside([made.group() for _ in range(500)], {"name": "One more", "conditions": TESTS}),
        refusal=("LIMIT_EXCEEDED",),
        action=HistoryAction.GROUP_CREATED,
        subject=SubjectKind.GROUP,
        moves=(None, "ACTIVE"),
        other={"name": "Another"},
    ),
    CallCase(
        mutation="updateGroup",
        table=groups,
        roles=OWNER,
        changes=lambda made: {"id": made.group().gid, "conditions": TESTS},
        refuses=lambda made: {"id": made.group(is_active=False).gid, "conditions": TESTS},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.GROUP_UPDATED,
        subject=SubjectKind.GROUP,
        moves=("ACTIVE", "ACTIVE"),
        changed_fields=("conditions",),
    ),
    CallCase(
        mutation="createLearners",
        roles=ADMINISTRATORS,
        changes=lambda made: {"learners": [NGAIO]},
        refuses=lambda made: {"learners": [{**NGAIO, "externalRef": made.learner()["external_ref"]}]},
        refusal=("EXTERNAL_REF_TAKEN",),
        action=HistoryAction.LEARNER_CREATED,
        subject=SubjectKind.LEARNER,
        moves=(None, "ACTIVE"),
    ),
    CallCase(
        mutation="updateLearner",
        table=learners,
        roles=ADMINISTRATORS,
        changes=lambda made: {"id": made.learner().gid, "familyName": "Marsh"},
        refuses=lambda made: {"id": made.learner(is_active=False).gid, "familyName": "Marsh"},
        refusal=("LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"),
        action=HistoryAction.LEARNER_UPDATED,
        subject=SubjectKind.LEARNER,
        moves=("ACTIVE", "ACTIVE"),
        changed_fields=("familyName",),
    ),
    CallCase(
        mutation="requestExport",
        roles=ADMINISTRATORS | {Role.MANAGER},
        changes=lambda made: {"learners": {"filter": {"status": {"eq": "ACTIVE"}}}},
        refuses=lambda made: beside([made.export(made.staff[Role.ADMIN]) for _ in range(5)], {"learners": {}}),
        refusal=("LIMIT_EXCEEDED",),
        action=HistoryAction.EXPORT_REQUESTED,
        subject=SubjectKind.EXPORT,
        moves=(None, "QUEUED"),
        other={"learners": {}},
    ),
    CallCase(
        mutation="createPathway",
        roles=ADMINISTRATORS,
        changes=lambda made: {
            "title": "From the start",
            "kind": "LINEAR",
            "seriesIds": [made.series().gid, made.series().gid],
        },
        refuses=lambda made: {"title": "Again", "kind": "INTERLEAVED", "seriesIds": [made.series(is_active=False).gid]},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.PATHWAY_CREATED,
        subject=SubjectKind.PATHWAY,
        moves=(None, "ACTIVE"),
        other={"title": "Another"},
    ),
    CallCase(
        mutation="updatePathway",
        table=pathways,
        roles=ADMINISTRATORS,
        changes=lambda made: {"id": made.pathway(made.series()).gid, "title": "Called otherwise"},
        refuses=lambda made: {"id": made.pathway(made.series(), is_active=False).gid, "title": "Called otherwise"},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.PATHWAY_UPDATED,
        subject=SubjectKind.PATHWAY,
        moves=("ACTIVE", "ACTIVE"),
        changed_fields=("title",),
    ),
    CallCase(
        mutation="enrolInPathway",
        roles=ADMINISTRATORS,
        changes=lambda made: {
            "pathwayId": made.pathway(made.series(), made.series()).gid,
            "learnerIds": [made.learner().gid],
        },
        refuses=lambda made: {
            "pathwayId": made.pathway(made.series()).gid,
            "learnerIds": [made.learner(is_active=False).gid],
        },
        refusal=("LEARNER_INACTIVE",),
        action=HistoryAction.PATHWAY_ENROLMENT_CREATED,
        subject=SubjectKind.PATHWAY_ENROLMENT,
        moves=(None, "IN_PROGRESS"),
    ),
    CallCase(
        mutation="createSeries",
        roles=ADMINISTRATORS,
        changes=lambda made: {"series": [{"title": "Fire", "type": "BURST", "duration": "FIXED", "durationDays": 3}]},
        refuses=lambda made: {"series": [{"title": "Fire", "type": "BURST", "duration": "FIXED"}]},
        refusal=("INPUT_INVALID",),
        action=HistoryAction.SERIES_CREATED,
        subject=SubjectKind.SERIES,
        moves=(None, "ACTIVE"),
    ),
    CallCase(
        mutation="updateSeries",
        table=series,
        roles=ADMINISTRATORS,
        changes=lambda made: {"id": made.series().gid, "title": "Called otherwise"},
        refuses=lambda made: {"id": made.series(is_active=False).gid, "title": "Called otherwise"},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.SERIES_UPDATED,
        subject=SubjectKind.SERIES,
        moves=("ACTIVE", "ACTIVE"),
        changed_fields=("title",),
    ),
    CallCase(
        mutation="enrolInSeries",
        roles=ADMINISTRATORS,
        changes=lambda made: {"seriesId": made.series().gid, "learnerIds": [made.learner().gid]},
        refuses=lambda made: {"seriesId": made.series().gid, "learnerIds": [made.learner(is_active=False).gid]},
        refusal=("LEARNER_INACTIVE",),
        action=HistoryAction.SERIES_ENROLMENT_CREATED,
        subject=SubjectKind.SERIES_ENROLMENT,
        moves=(None, "NO_ATTEMPTS"),
    ),
    CallCase(
        mutation="extendSeriesEnrolments",
        roles=ADMINISTRATORS,
        changes=lambda made: {
            "ids": [made.enrolment(made.learner(), made.series()).gid],
            "endsAt": "2026-12-01T00:00:00Z",
        },
        refuses=lambda made: {
            "ids": [made.enrolment(made.learner(), made.series(), SeriesEnrolmentStatus.INCOMPLETE).gid],
            "endsAt": "2026-12-01T00:00:00Z",
        },
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.SERIES_ENROLMENT_EXTENDED,
        subject=SubjectKind.SERIES_ENROLMENT,
        moves=("IN_PROGRESS", "IN_PROGRESS"),
        changed_fields=("endsAt",),
    ),
    CallCase(
        mutation="recordSignIns",
        roles=RECORDERS,
        changes=lambda made: {"ids": [made.learner().gid]},
        refuses=lambda made: {"ids": [made.learner(has_app_access=False).gid]},
        refusal=("APP_ACCESS_OFF",),
        action=HistoryAction.LEARNER_SIGNED_IN,
        subject=SubjectKind.LEARNER,
        moves=("ACTIVE", "ACTIVE"),
    ),
    CallCase(
        mutation="recordSeriesActivity",
        roles=RECORDERS,
        changes=lambda made: {"activities": [_three_of_five(made.enrolment(made.learner(), made.series()))]},
        refuses=lambda made: {
            "activities": [
                _three_of_five(made.enrolment(made.learner(), made.series(), SeriesEnrolmentStatus.WAITING_TO_START))
            ]
        },
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.SERIES_ENROLMENT_ANSWERED,
        subject=SubjectKind.SERIES_ENROLMENT,
        moves=("IN_PROGRESS", "IN_PROGRESS"),
    ),
    CallCase(
        mutation="createResources",
        roles=ADMINISTRATORS,
        changes=lambda made: {"resources": [{"title": "Plan", "url": "https://files.example.org/plan"}]},
        refuses=lambda made: {"resources": [{"title": "Plan", "url": "http://files.example.org/plan"}]},
        refusal=("INPUT_INVALID",),
        action=HistoryAction.RESOURCE_CREATED,
        subject=SubjectKind.RESOURCE,
        moves=(None, "ACTIVE"),
    ),
    CallCase(
        mutation="updateResource",
        table=resources,
        roles=ADMINISTRATORS,
        changes=lambda made: {"id": made.resource().gid, "title": "Called otherwise"},
        refuses=lambda made: {"id": made.resource(is_active=False).gid, "title": "Called otherwise"},
        refusal=("STATUS_NOT_ALLOWED",),
        action=HistoryAction.RESOURCE_UPDATED,
        subject=SubjectKind.RESOURCE,
        moves=("ACTIVE", "ACTIVE"),
        changed_fields=("title",),
    ),
)

each_call = pytest.mark.parametrize("case", CALL_CASES, ids=lambda case: case.mutation)
"""Runs a test for every mutation that has one row."""
each_mutation = pytest.mark.parametrize("case", CASES, ids=lambda case: case.mutation)
"""Runs a test for every mutation on a list of records."""


def call_of(mutation: str) -> CallCase:
    """The case of one mutation that has one row."""
    return next(case for case in CALL_CASES if case.mutation == mutation)


def case_of(mutation: str) -> MutationCase:
    """The case of one mutation on a list of records."""
    return next(case for case in CASES if case.mutation == mutation)


def outcomes(payload: Json) -> list[str]:
    """What became of each row, in the order of the answer."""
    return [result["outcome"] for result in payload["results"]]


def row_codes(payload: Json) -> list[list[str]]:
    """The codes of each row, in the order of the answer."""
    return [[error["code"] for error in result["errors"]] for result in payload["results"]]


def call_codes(payload: Json) -> list[str]:
    """The codes that refuse a call as a whole."""
    return [error["code"] for error in payload["errors"]]
