"""What is told of records that are made or edited: to the caller row by row, and to the history."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.library import LibraryStatus
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import ErrorCode, NotFound, PlainError, Reason, StatusNotAllowed
from portal_api.work import Work


def answered(made: Sequence[UUID | None], against: Sequence[Sequence[Reason]]) -> list[RowResult]:
    """A result for each row that was to make a record: the record, or what stands against it."""
    return [
        RowResult(index, None, id_, Outcome.REFUSED if id_ is None else Outcome.CHANGED, tuple(reasons))
        for index, (id_, reasons) in enumerate(zip(made, against, strict=True))
    ]


async def record_made(work: Work, act: HistoryAction, kind: SubjectKind, ids: Iterable[UUID]) -> None:
    """Tells that records were made."""
    statuses = (None, LibraryStatus.ACTIVE.name)
    await work.record([work.entry(act, (kind, id_), None, version=1, statuses=statuses) for id_ in ids])


async def record_edited(
    work: Work, act: HistoryAction, kind: SubjectKind, versions: Mapping[UUID, int], changed: Sequence[str]
) -> None:
    """Tells that active records were changed, and which of their fields."""
    statuses = (LibraryStatus.ACTIVE.name, LibraryStatus.ACTIVE.name)
    entries = [
        work.entry(act, (kind, id_), None, version=version, statuses=statuses, changed=changed)
        for id_, version in versions.items()
    ]
    await work.record(entries)


def taken(code: ErrorCode, message: str, *path: str) -> Reason:
    """The refusal of a text that another record of the organisation has to itself."""
    return PlainError(code, f"{message} Give another one.", ("input", *path))


def not_found(noun: str, *path: str) -> Reason:
    """The refusal of a record that does not exist, or that the caller does not see."""
    message = f"There is no such {noun}, or you may not see it. Check the id."
    return NotFound(ErrorCode.NOT_FOUND, message, ("input", *path))


def retired(what: str, *path: str) -> Reason:
    """The refusal of a record that would have to be in use."""
    message = f"{what} is retired. Reinstate it first, or leave it out."
    return StatusNotAllowed(
        ErrorCode.STATUS_NOT_ALLOWED, message, ("input", *path), statuses=(LibraryStatus.ACTIVE.name,)
    )
