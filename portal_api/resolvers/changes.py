"""The frame of every mutation: its input checked, its transaction run, its payload read."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Protocol, Self
from uuid import UUID

from strawberry import UNSET

from portal_api.auth import Claims, find_viewer
from portal_api.context import Viewer
from portal_api.database import Reader
from portal_api.domain.automations.learncycles import RunOutcome
from portal_api.domain.automations.rules import LearncycleActionKind
from portal_api.domain.history import SubjectKind
from portal_api.domain.inputs import invalid, text_reasons
from portal_api.domain.outcomes import Counts, ErrorPolicy, Outcome, RowResult, count
from portal_api.domain.refusals import ErrorCode, InputInvalid, PlainError, Reason, reason_of_data
from portal_api.domain.roles import ADMINISTRATORS
from portal_api.ids import global_id
from portal_api.permissions import Guard
from portal_api.planner.execution import Completed
from portal_api.planner.filters import parse_id
from portal_api.planner.names import camel
from portal_api.queries.automations.standings import SUBJECT_PREFIXES
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


class CallInput(Protocol):
    """What the input of every mutation has."""

    preview: Any
    idempotency_key: Any


@dataclass(frozen=True, slots=True)
class Result:
    """A row of a payload."""

    index: int
    id: str | None
    record_id: UUID | None
    outcome: Outcome
    errors: Sequence[Reason]


@dataclass(frozen=True, slots=True)
class Fired:
    """What a learncycle did in the transaction of the call, or would have done."""

    learncycle_id: UUID
    subject_kind: SubjectKind
    subject_id: str
    action: LearncycleActionKind
    outcome: RunOutcome
    reasons: Sequence[Reason]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """One, of the facts of an answer."""
        kind = SubjectKind(told["subject_kind"])
        return cls(
            UUID(told["learncycle"]),
            kind,
            global_id(SUBJECT_PREFIXES[kind], UUID(told["subject"])),
            LearncycleActionKind(told["action"]),
            RunOutcome(told["outcome"]),
            tuple(map(reason_of_data, told["reasons"])),
        )


@dataclass(frozen=True, slots=True)
class Payload:
    """What every payload has; one that tells more has its own class, whose fields are read from facts and secrets."""

    results: Sequence[Result]
    counts: Counts
    errors: Sequence[Reason]
    is_preview: bool
    fired: Sequence[Fired]
    fired_count: int

    @classmethod
    def of(
        cls,
        results: Sequence[Result],
        counts: Counts,
        errors: Sequence[Reason],
        told: Mapping[str, Any],
        **common: Any,
    ) -> Self:
        """The payload of an answer; `told` is what a class of its own reads more."""
        return cls(results, counts, errors, **common)


@dataclass(frozen=True, slots=True)
class Selected:
    """The rows that a call is about."""

    place: str
    """The input's field that names them."""
    size: int
    prefix: str | None = None
    """Of the identifiers that name them; None where the rows make records of their own."""
    ids: Sequence[UUID] = ()
    expected: Mapping[UUID, int] = field(default_factory=dict[UUID, int])

    @classmethod
    def of_ids(cls, prefix: str, given: Any, place: str = "ids") -> "Selected":
        """Records named by a list of ids, each perhaps with the version that it is expected to have.

        Raises:
            RequestError: `ID_INVALID`.
        """
        expected: Sequence[Expected] = getattr(given, "expected_versions", None) or ()
        texts: Sequence[str] = getattr(given, place)
        return cls(
            camel(place),
            len(texts),
            prefix,
            [parse_id(text, prefix) for text in texts],
            {parse_id(each.id, prefix): each.version for each in expected},
        )

    @classmethod
    def of_named(cls, prefix: str, given: Any, place: str, name: str) -> "Selected":
        """Records named one by one in the rows of a list, each row with more to say of its record.

        Raises:
            RequestError: `ID_INVALID`.
        """
        rows: Sequence[Any] = getattr(given, place)
        expected: Sequence[Expected] = given.expected_versions or ()
        return cls(
            camel(place),
            len(rows),
            prefix,
            [parse_id(getattr(row, name), prefix) for row in rows],
            {parse_id(each.id, prefix): each.version for each in expected},
        )

    @classmethod
    def of_one(cls, prefix: str, given: Any, place: str = "id") -> "Selected":
        """The one record that a call is about.

        Raises:
            RequestError: `ID_INVALID`.
        """
        id_ = parse_id(getattr(given, place), prefix)
        return cls(camel(place), 1, prefix, [id_], {id_: given.expected_version} if given.expected_version else {})

    @classmethod
    def of_rows(cls, place: str, rows: Sequence[Any]) -> "Selected":
        """Rows that make records of their own."""
        return cls(camel(place), len(rows))


def text_given(value: Any) -> str | None:
    """A text that was given, the empty one too; None for one that was left out."""
    return value if isinstance(value, str) else None


Body = Callable[[Work], Awaitable[Answer]]


async def change(
    info: PortalInfo,
    guard: type[Guard],
    given: CallInput,
    selected: Selected,
    body: Body,
    *,
    refusals: Sequence[Reason] = (),
    payload: type[Payload] = Payload,
) -> Completed:
    """Runs a mutation.

    Args:
        info: the field that is being resolved.
        guard: who may try; asked again inside the transaction, since roles change.
        given: the mutation's input.
        selected: the rows that it is about.
        body: does the work.
        refusals: what is wrong with the call as a whole, found by the mutation itself.
        payload: what makes the payload.

    Returns:
        The payload, read inside the transaction.

    Raises:
        RequestError: for what could never be meant, `ID_INVALID` and `FORBIDDEN` among it.
    """
    context = info.context
    plan = plan_of(info)
    preview = bool(given.preview)

    async def read_back(answer: Answer, snapshot: Snapshot | None) -> Completed:
        results = [_result(selected.prefix, row) for row in answer.results]
        told = answer.facts if preview else {**answer.facts, **answer.once}
        sees_fired = snapshot is not None and snapshot.viewer.role in ADMINISTRATORS
        fired = [Fired.of(each) for each in answer.facts.get("fired", ())] if sees_fired else []
        made = payload.of(
            results,
            count(answer.results),
            answer.errors,
            told,
            is_preview=preview,
            fired=fired,
            fired_count=answer.facts.get("fired_count", 0) if sees_fired else 0,
        )
        if snapshot is None:
            run, reader = context.run(info.variable_values), context.database.reader
        else:
            run = context.run(info.variable_values, viewer=snapshot.viewer, now=snapshot.now)
            reader = snapshot.reader
        return Completed(await reader.run(plan.steps(run, made)))

    wrong = [*_refusals(given, selected), *refusals]
    if wrong:
        return await read_back(Answer(errors=wrong), None)

    async def admitted(reader: Reader) -> Viewer:
        asking = context.known_viewer
        claims = Claims(asking.organisation_id, asking.user_id, asking.token_id)
        viewer = await find_viewer(reader, context.planner.dialect, claims, context.clock())
        guard.check(viewer)
        return viewer

    call = Call.of(
        info.field_name,
        {each.name: getattr(given, each.name) for each in fields(given)},  # type: ignore[arg-type]  Strawberry makes dataclasses of inputs
        preview=preview,
        key=given.idempotency_key or None,
        error_policy=ErrorPolicy(getattr(given, "error_policy", ErrorPolicy.REJECT_FAILED_ROWS)),
    )
    return await transact(context, call, admitted, body, read_back)


def given_or_none(value: Any) -> Any:
    """What an input gives; None where it gives nothing, or null: then an edit leaves the field as it is."""
    return None if value is UNSET else value


def against_twice(keys: Iterable[Any], *path: str, name: str) -> Iterator[Reason]:
    """What is named again in a list inside an input, at its later places.

    Args:
        keys: what each row names.
        path: where the list stands in the input.
        name: the field of a row that names it.
    """
    seen = set[Any]()
    for index, key in enumerate(keys):
        if key in seen:
            yield invalid("This has been named before in the same call. Name it once.", *path, str(index), name)
        seen.add(key)


def _refusals(given: CallInput, selected: Selected) -> Iterator[Reason]:
    """What is wrong with any call as a whole, before it is begun."""
    place = selected.place
    if not selected.size:
        yield PlainError(ErrorCode.LIST_EMPTY, f"`{place}` is empty; name one record at least.", ("input", place))
    if selected.size > MOST_ROWS:
        yield PlainError(
            ErrorCode.LIMIT_EXCEEDED,
            f"One call takes {MOST_ROWS} records at the most; {selected.size} were given. Send them in several calls.",
            ("input", place),
        )
    if not set(selected.expected) <= set(selected.ids):
        message = f"`expectedVersions` names records that `{place}` does not."
        yield InputInvalid(ErrorCode.INPUT_INVALID, message, ("input", "expectedVersions"))
    yield from text_reasons(given.idempotency_key, "idempotencyKey", longest=LONGEST_KEY, least=1)
    yield from text_reasons(getattr(given, "note", None), "note", longest=LONGEST_NOTE)


def _result(prefix: str | None, row: RowResult) -> Result:
    id_ = global_id(prefix, row.given_id) if prefix and row.given_id else None
    return Result(row.index, id_, row.record_id, row.outcome, row.errors)
