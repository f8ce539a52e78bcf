"""What happens to certifications themselves: made, changed, retired, reinstated."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from portal_api.domain.certifications import CERTIFICATIONS, CertificationAction, CertificationJoining
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import LONGEST_NAME, LONGEST_REFERENCE, text_reasons
from portal_api.domain.library import LibraryStatus
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import ErrorCode, NotFound, PlainError, Reason, StatusNotAllowed
from portal_api.ids import global_id
from portal_api.queries import certifications as certification_queries
from portal_api.queries import groups as group_queries
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.certifications import CertificationContent, CertificationRow
from portal_api.services.bulk import Decided
from portal_api.services.certifications.grouping import Grouping
from portal_api.services.shelves import Follow, shelve
from portal_api.work import Answer, Work

MOST_GROUPS = 100


@dataclass(frozen=True, slots=True)
class CertificationInput:
    """What a client gives of a certification; None is what is not given."""

    external_ref: str | None = None
    title: str | None = None
    joining: CertificationJoining | None = None
    group_ids: Sequence[UUID] | None = None


async def create(work: Work, given: CertificationInput) -> Answer:
    """Makes a certification, without a version as yet: so groups that it names have nothing to assign so far.

    Without a reference it gets its own identifier as one.
    """
    await work.lock(organisation_queries.lock, [])
    id_ = work.new_id(work.now)
    made = CertificationContent(
        id_,
        given.external_ref if given.external_ref is not None else global_id("crt", id_),
        given.title or "",
        given.joining or CertificationJoining.ASSIGNED_ONLY,
    )
    group_ids = list(dict.fromkeys(given.group_ids or ()))
    reasons = [
        *_naming_reasons(given),
        *await _reference_reasons(work, made),
        *await _group_reasons(work, given.group_ids or (), ()),
    ]
    if reasons:
        return Answer([RowResult(0, None, None, Outcome.REFUSED, tuple(reasons))])
    await certification_queries.create(work.connection, work.organisation_id, made, group_ids, at=work.now)
    created = work.entry(
        HistoryAction.CERTIFICATION_CREATED,
        (SubjectKind.CERTIFICATION, id_),
        None,
        version=1,
        statuses=(None, LibraryStatus.ACTIVE.name),
    )
    await work.record([created])
    return Answer([RowResult(0, None, id_, Outcome.CHANGED)])


async def update(work: Work, id_: UUID, given: CertificationInput, *, expected: Mapping[UUID, int]) -> Answer:
    """Changes what a certification says of itself; its versions stay. With other groups, what they assign follows."""
    await work.lock(organisation_queries.lock, [])
    named = given.group_ids
    by_groups = None if named is None else await Grouping.of_certifications(work, [id_], named[:MOST_GROUPS])
    await work.lock(certification_queries.lock, [id_])
    rows = await certification_queries.facts(work.connection, work.bound, [id_])
    decided = Decided(CERTIFICATIONS[CertificationAction.UPDATE], work.role, [id_], rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    [row] = decided.granted
    groups = await certification_queries.groups_of(work.connection, work.organisation_id, id_)
    meant = CertificationContent(
        id_,
        row.external_ref if given.external_ref is None else given.external_ref,
        row.title if given.title is None else given.title,
        given.joining or row.facts.joining,
    )
    meant_groups = groups if given.group_ids is None else list(dict.fromkeys(given.group_ids))
    changed = list(_changed_fields(row, meant, has_other_groups=set(meant_groups) != set(groups)))
    if not changed:
        return Answer(decided.results((), [id_]))
    reasons = [
        *_naming_reasons(given),
        *await _reference_reasons(work, meant),
        *await _group_reasons(work, given.group_ids or (), groups),
    ]
    decided.refuse({id_: reasons})
    if not decided.granted:
        return Answer(decided.results(()))
    versions = await certification_queries.change(work.connection, work.organisation_id, meant, version=row.version)
    if "groups" in changed:
        await certification_queries.set_groups(work.connection, work.organisation_id, id_, meant_groups)
    status = row.facts.status.name
    entries = [
        work.entry(
            HistoryAction.CERTIFICATION_UPDATED,
            (SubjectKind.CERTIFICATION, id_),
            None,
            version=version,
            statuses=(status, status),
            changed=changed,
        )
        for version in versions.values()
    ]
    await work.record(entries)
    if by_groups and "groups" in changed:
        await by_groups.settle(work, {entry.subject_id: entry.id for entry in entries})
    return Answer(decided.results(versions))


async def retire(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes certifications out of use: no new assignment, enrolment or cycle begins; all else goes on.

    What groups have assigned stays, and ends as before for whoever leaves them.
    """
    return await _shelve(work, CertificationAction.RETIRE, HistoryAction.CERTIFICATION_RETIRED, ids, expected)


async def reinstate(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes certifications into use again; what groups would have assigned meanwhile follows now."""
    by_groups = await Grouping.of_certifications(work, ids)
    act = HistoryAction.CERTIFICATION_REINSTATED
    return await _shelve(work, CertificationAction.REINSTATE, act, ids, expected, by_groups.settle)


async def _shelve(
    work: Work,
    action: CertificationAction,
    act: HistoryAction,
    ids: Sequence[UUID],
    expected: Mapping[UUID, int],
    follow: Follow | None = None,
) -> Answer:
    await work.lock(certification_queries.lock, ids)
    rows = await certification_queries.facts(work.connection, work.bound, ids)
    return await shelve(work, CERTIFICATIONS, action, act, ids, rows, expected, certification_queries.shelve, follow)


def _changed_fields(row: CertificationRow, meant: CertificationContent, *, has_other_groups: bool) -> Iterator[str]:
    if meant.external_ref != row.external_ref:
        yield "externalRef"
    if meant.title != row.title:
        yield "title"
    if meant.joining is not row.facts.joining:
        yield "joining"
    if has_other_groups:
        yield "groups"


def _naming_reasons(given: CertificationInput) -> Iterator[Reason]:
    yield from text_reasons(given.external_ref, "externalRef", longest=LONGEST_REFERENCE, least=1)
    yield from text_reasons(given.title, "title", longest=LONGEST_NAME, least=1)


async def _reference_reasons(work: Work, meant: CertificationContent) -> list[Reason]:
    if "\x00" in meant.external_ref:
        return []  # refused as a text already, and the database would not take it
    holder = await certification_queries.id_of_ref(work.connection, work.organisation_id, meant.external_ref)
    if holder in (None, meant.id):
        return []
    message = "Another certification of the organisation has this reference. Give another one."
    return [PlainError(ErrorCode.EXTERNAL_REF_TAKEN, message, ("input", "externalRef"))]


async def _group_reasons(work: Work, group_ids: Sequence[UUID], named: Sequence[UUID]) -> list[Reason]:
    """What stands against the groups of a certification: each is seen and in use, or was named before."""
    if len(group_ids) > MOST_GROUPS:
        message = f"A certification names {MOST_GROUPS} groups at the most; {len(group_ids)} were given."
        return [PlainError(ErrorCode.LIMIT_EXCEEDED, message, ("input", "groupIds"))]
    found = await group_queries.facts(work.connection, work.bound, list(group_ids))
    reasons: list[Reason] = []
    for place, id_ in enumerate(group_ids):
        path = ("input", "groupIds", str(place))
        group = found.get(id_)
        if group is None:
            message = "There is no such group, or you may not see it. Check the id."
            reasons.append(NotFound(ErrorCode.NOT_FOUND, message, path))
        elif group.facts.status is not LibraryStatus.ACTIVE and id_ not in named:
            reasons.append(
                StatusNotAllowed(
                    ErrorCode.STATUS_NOT_ALLOWED,
                    f"The group {group.name!r} is retired. Reinstate it first, or leave it out.",
                    path,
                    statuses=(LibraryStatus.ACTIVE.name,),
                )
            )
    return reasons
