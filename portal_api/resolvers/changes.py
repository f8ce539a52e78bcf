"""The frame of every mutation on a list of records: its input checked, its transaction run, its payload read."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol
from uuid import UUID

from strawberry import UNSET

from portal_api.auth import Claims, find_viewer
from portal_api.context import Viewer
from portal_api.database import Reader
from portal_api.domain.outcomes import Counts, ErrorPolicy, Outcome, RowResult, count
from portal_api.domain.refusals import ErrorCode, InputInvalid, PlainError, Reason
from portal_api.ids import global_id
from portal_api.permissions import Guard
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.resolvers.planned import PortalInfo, plan_of
from portal_api.work import Answer, Call, Snapshot, Work, transact

MOST_ROWS = 1_000
LONGEST_KEY = 200
LONGEST_NOTE = 2_000


class Expected(Protocol):
    """A version that the caller expects a record to have."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...


class ChangeInput(Protocol):
    """What the input of every mutation on a list has."""

    ids: Any
    expected_versions: Any
    error_policy: Any
    preview: Any
    idempotency_key: Any


@dataclass(frozen=True, slots=True)
class Result:
    """A row of a payload."""

    index: int
    id: str
    record_id: UUID
    outcome: Outcome
    errors: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Payload:
    """The payload of a mutation on a list."""

    results: Sequence[Result]
    counts: Counts
    errors: Sequence[Reason]
    is_preview: bool


@dataclass(frozen=True, slots=True)
class Selected:
    """The rows that a call is about."""

    ids: Sequence[UUID]
    expected: Mapping[UUID, int]


Body = Callable[[Work, Selected], Awaitable[Sequence[RowResult]]]


async def change(info: PortalInfo, guard: type[Guard], prefix: str, given: ChangeInput, body: Body) -> Completed:
    """Runs a mutation on a list of records.

    Args:
        info: the field that is being resolved.
        guard: who may try; asked again inside the transaction, since roles change.
        prefix: of the records' identifiers.
        given: the mutation's input.
        body: does the work.

    Returns:
        The payload, read inside the transaction.

    Raises:
        RequestError: for what could never be meant, `ID_INVALID` and `FORBIDDEN` among it.
    """
    context = info.context
    plan = plan_of(info)
    selected = _selected(prefix, given)
    preview = bool(given.preview)

    async def read_back(answer: Answer, snapshot: Snapshot | None) -> Completed:
        results = [_result(prefix, row) for row in answer.results]
        payload = Payload(results, count(answer.results), answer.errors, preview)
        if snapshot is None:
            run, reader = context.run(info.variable_values), context.database.reader
        else:
            run = context.run(info.variable_values, viewer=snapshot.viewer, now=snapshot.now)
            reader = snapshot.reader
        return Completed(await reader.run(plan.steps(run, payload)))

    refusals = _refusals(given, selected)
    if refusals:
        return await read_back(Answer(errors=refusals), None)

    async def admitted(reader: Reader) -> Viewer:
        asking = context.known_viewer
        viewer = await find_viewer(reader, context.planner.dialect, Claims(asking.organisation_id, asking.user_id))
        guard.check(viewer)
        return viewer

    async def run_body(work: Work) -> Answer:
        return Answer(await body(work, selected))

    call = Call.of(
        info.field_name,
        {each.name: getattr(given, each.name) for each in fields(given)},  # type: ignore[arg-type]  Strawberry makes dataclasses of inputs
        preview=preview,
        key=given.idempotency_key or None,
        error_policy=ErrorPolicy(given.error_policy),
    )
    return await transact(context, call, admitted, run_body, read_back)


def _selected(prefix: str, given: ChangeInput) -> Selected:
    expected = {parse_id(each.id, prefix): each.version for each in given.expected_versions or ()}
    return Selected([parse_id(text, prefix) for text in given.ids], expected)


def _refusals(given: ChangeInput, selected: Selected) -> list[Reason]:
    """What is wrong with a call as a whole, before it is begun."""
    refusals: list[Reason] = []
    if not selected.ids:
        refusals.append(PlainError(ErrorCode.LIST_EMPTY, "`ids` is empty; name one record at least.", ("input", "ids")))
    if len(selected.ids) > MOST_ROWS:
        refusals.append(
            PlainError(
                ErrorCode.LIMIT_EXCEEDED,
                f"One call takes {MOST_ROWS} records at the most; {len(selected.ids)} were given. Send them in several calls.",
                ("input", "ids"),
            )
        )
    if not set(selected.expected) <= set(selected.ids):
        refusals.append(_invalid("`expectedVersions` names records that `ids` does not.", "expectedVersions"))
    key = given.idempotency_key
    if key is not None and key is not UNSET and not (0 < len(key) <= LONGEST_KEY and "\x00" not in key):
        refusals.append(_invalid(f"`idempotencyKey` has 1 to {LONGEST_KEY} characters.", "idempotencyKey"))
    note = getattr(given, "note", None)
    if note and (len(note) > LONGEST_NOTE or "\x00" in note):
        refusals.append(_invalid(f"`note` has {LONGEST_NOTE} characters at the most, and no null character.", "note"))
    return refusals


def _invalid(message: str, name: str) -> InputInvalid:
    return InputInvalid(ErrorCode.INPUT_INVALID, message, ("input", name))


def _result(prefix: str, row: RowResult) -> Result:
    return Result(row.index, global_id(prefix, row.record_id), row.record_id, row.outcome, row.errors)
