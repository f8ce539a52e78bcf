"""What is kept of learners beside their status: added with them, and edited."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.learner_details import (
    ATTRIBUTES,
    EXTERNAL_REF,
    MANAGER,
    Details,
    detail_reasons,
    manager_not_found,
    reference_taken,
    reporting_circle,
)
from portal_api.domain.learners import LEARNERS, LearnerAction, LearnerStatus
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import Reason
from portal_api.ids import global_id
from portal_api.queries import groups as group_queries
from portal_api.queries import learner_details as detail_queries
from portal_api.queries import learners as learner_queries
from portal_api.queries import organisations as organisation_queries
from portal_api.queries import reporting as reporting_queries
from portal_api.services.bulk import Decided
from portal_api.services.certifications.grouping import Grouping
from portal_api.work import Answer, Work

PLACE = "learners"
"""The input's field that new learners are rows of."""


@dataclass(frozen=True, slots=True)
class NewLearner:
    """A learner to be added."""

    details: Details
    has_app_access: bool


async def create(work: Work, rows: Sequence[NewLearner]) -> Answer:
    """Adds learners, each active from now on (S1, the opening), under managers who are there already.

    Whatever groups assign to learners with their attributes, they are assigned at once. Of two rows with one reference the first has it. An inactive manager is fine: who reports to whom is no activity.
    """
    await work.lock(reporting_queries.lock, ())
    by_groups = await Grouping.of_learners(work) if any(row.details.get(ATTRIBUTES) for row in rows) else None
    found = await _found(work, [row.details for row in rows])
    ids = [work.new_id(work.now) for _ in rows]
    refused: dict[int, list[Reason]] = {}
    new: dict[UUID, NewLearner] = {}
    for index, (id_, row) in enumerate(zip(ids, rows, strict=True)):
        if reasons := [*detail_reasons(row.details, PLACE, str(index)), *found.reasons(row.details, PLACE, str(index))]:
            refused[index] = reasons
        else:
            new[id_] = NewLearner(_with_reference(row.details, id_), row.has_app_access)
            found.taken.add(new[id_].details[EXTERNAL_REF])
    if new:
        await _write(work, new, by_groups)
    return Answer(
        [
            RowResult(index, None, None, Outcome.REFUSED, tuple(refused[index]))
            if index in refused
            else RowResult(index, None, id_, Outcome.CHANGED)
            for index, id_ in enumerate(ids)
        ]
    )


def _with_reference(details: Details, id_: UUID) -> Details:
    """A learner without a reference of their own is known by their id."""
    return Details({EXTERNAL_REF: global_id("lrn", id_), **details.given})


@dataclass(frozen=True, slots=True)
class _Found:
    """What new values can collide with, or lead to."""

    taken: set[str]
    managers: set[UUID]

    def reasons(self, details: Details, *place: str) -> Iterator[Reason]:
        """What stands against details beside what they are in themselves."""
        if details.get(EXTERNAL_REF) in self.taken:
            yield reference_taken(*place)
        if details.get(MANAGER) is not None and details[MANAGER] not in self.managers:
            yield manager_not_found(*place)


async def _found(work: Work, rows: Sequence[Details]) -> _Found:
    refs = [ref for row in rows if isinstance(ref := row.get(EXTERNAL_REF), str) and "\x00" not in ref]
    managers = [id_ for row in rows if (id_ := row.get(MANAGER)) is not None]
    return _Found(
        await detail_queries.taken_references(work.connection, work.organisation_id, list(dict.fromkeys(refs))),
        await detail_queries.seen(work.connection, work.bound, list(dict.fromkeys(managers))),
    )


async def _write(work: Work, new: Mapping[UUID, NewLearner], by_groups: Grouping | None) -> None:
    written = {id_: (row.details, row.has_app_access) for id_, row in new.items()}
    await detail_queries.create(work.connection, work.organisation_id, written, at=work.now, new_id=work.new_id)
    await reporting_queries.attach(work.connection, work.organisation_id, list(new))
    if by_groups:
        await group_queries.refresh_memberships(work.connection, work.organisation_id, learner_ids=list(new))
    entries = [
        work.entry(
            HistoryAction.LEARNER_CREATED,
            (SubjectKind.LEARNER, id_),
            id_,
            version=1,
            statuses=(None, LearnerStatus.ACTIVE.name),
        )
        for id_ in new
    ]
    await work.record(entries)
    if by_groups:
        await by_groups.settle(work, {entry.subject_id: entry.id for entry in entries})


async def edit(work: Work, id_: UUID, given: Details, *, expected: Mapping[UUID, int]) -> Answer:
    """Changes what is given of a learner, and nothing else (S1: only while they are active).

    With other attributes they may come into groups and leave others; what those assign follows.
    """
    if EXTERNAL_REF in given or MANAGER in given:
        await reporting_queries.lock(work.connection, work.bound)
    elif ATTRIBUTES in given:
        await organisation_queries.hold(work.connection, work.bound)
    await work.lock(learner_queries.lock, [id_])
    by_groups = await Grouping.of_learners(work) if ATTRIBUTES in given else None
    rows = await learner_queries.facts(work.connection, work.bound, [id_])
    decided = Decided(LEARNERS[LearnerAction.UPDATE], work.role, [id_], rows, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    before = await detail_queries.details(work.connection, work.bound, id_)
    changed = given.changed_from(before)
    if reasons := await _edit_reasons(work, id_, given, changed):
        return Answer([RowResult(0, id_, id_, Outcome.REFUSED, tuple(reasons))])
    if not changed:
        return Answer([RowResult(0, id_, id_, Outcome.UNCHANGED)])
    versions = await _rewrite(work, id_, Details({**before.given, **given.given}), changed)
    entries = [
        work.entry(
            HistoryAction.LEARNER_UPDATED,
            (SubjectKind.LEARNER, id_),
            id_,
            version=version,
            statuses=(LearnerStatus.ACTIVE.name, LearnerStatus.ACTIVE.name),
            changed=changed,
        )
        for version in versions.values()
    ]
    await work.record(entries)
    if by_groups and ATTRIBUTES in changed:
        await by_groups.settle(work, {entry.subject_id: entry.id for entry in entries})
    return Answer(decided.results(versions))


async def _edit_reasons(work: Work, id_: UUID, given: Details, changed: Sequence[str]) -> list[Reason]:
    """What stands against an edit: what cannot be meant, or else what it collides with."""
    if reasons := list(detail_reasons(given)):
        return reasons
    new = Details({name: given[name] for name in changed})
    found = await _found(work, [new])
    reasons = list(found.reasons(new))
    manager_id = new.get(MANAGER)
    if manager_id in found.managers and await reporting_queries.would_be_circle(
        work.connection, work.organisation_id, id_, manager_id
    ):
        reasons.append(reporting_circle())
    return reasons


async def _rewrite(work: Work, id_: UUID, whole: Details, changed: Sequence[str]) -> dict[UUID, int]:
    connection, organisation_id = work.connection, work.organisation_id
    versions = await detail_queries.edit(connection, organisation_id, id_, whole, changed)
    if versions and MANAGER in changed:
        await reporting_queries.detach(connection, organisation_id, id_)
        await reporting_queries.attach(connection, organisation_id, [id_])
    if versions and ATTRIBUTES in changed:
        await group_queries.refresh_memberships(connection, organisation_id, learner_ids=[id_])
    return versions
