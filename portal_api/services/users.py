"""What happens to users: added, given a role or none, and linked to a learner record."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.inputs import LONGEST_NAME, LONGEST_REFERENCE, email_reasons, invalid, text_reasons
from portal_api.domain.organisations import USERS, UserAction, UserStatus
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import ErrorCode, NotFound, PlainError, Reason
from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.queries import organisations as organisation_queries
from portal_api.queries import users as user_queries
from portal_api.queries.users import UserRow
from portal_api.services.bulk import NOT_FOUND, Decided
from portal_api.work import Answer, Work


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user to be added."""

    external_ref: str | None
    name: str
    email: str | None
    """None for a machine client that has no address."""
    role: Role
    learner_id: UUID | None = None
    is_machine: bool = False


async def create(work: Work, place: str, new: Sequence[NewUser]) -> Answer:
    """Adds users; a reference that is not given is the user's own identifier.

    Args:
        work: the transaction.
        place: the field of the input that lists them, for the paths of what is wrong.
        new: the users; the role `INTEGRATION` is for machine clients alone.
    """
    await work.lock(organisation_queries.lock, ())
    wrong = [list(_user_reasons(each, (place, str(index)))) for index, each in enumerate(new)]
    sound = [each for each, reasons in zip(new, wrong, strict=True) if not reasons]
    references = [each.external_ref for each in sound if each.external_ref]
    taken = Counter(await user_queries.taken_references(work.connection, work.organisation_id, references))
    learner_ids = [each.learner_id for each in sound if each.learner_id]
    seen = await user_queries.seen_learners(work.connection, work.bound, learner_ids)
    made: dict[int, UUID] = {}
    for index, each in enumerate(new):
        reasons = wrong[index]
        if not reasons and each.external_ref and taken[each.external_ref]:
            reasons.append(_taken(place, index))
        if not reasons and each.learner_id and each.learner_id not in seen:
            reasons.append(_no_learner("input", place, str(index), "learnerId"))
        if not reasons:
            made[index] = work.new_id(work.now)
            taken.update([each.external_ref] if each.external_ref else [])
    await _write(work, {id_: new[index] for index, id_ in made.items()})
    return Answer(
        [
            RowResult(index, None, made[index], Outcome.CHANGED)
            if index in made
            else RowResult(index, None, None, Outcome.REFUSED, tuple(reasons))
            for index, reasons in enumerate(wrong)
        ]
    )


def _user_reasons(new: NewUser, place: tuple[str, str]) -> Iterator[Reason]:
    yield from text_reasons(new.external_ref, *place, "externalRef", longest=LONGEST_REFERENCE, least=1)
    yield from text_reasons(new.name, *place, "name", longest=LONGEST_NAME, least=1)
    yield from email_reasons(new.email, *place, "email")
    if new.role is Role.INTEGRATION and not new.is_machine:
        yield invalid("`role` is a person's: machine clients are added by createIntegrations.", *place, "role")


def _taken(place: str, index: int) -> PlainError:
    return PlainError(
        ErrorCode.EXTERNAL_REF_TAKEN,
        "Another user of the organisation has this reference. Give one of their own, or none.",
        ("input", place, str(index), "externalRef"),
    )


def _no_learner(*path: str) -> NotFound:
    return NotFound(NOT_FOUND.code, NOT_FOUND.message, path)


async def _write(work: Work, made: Mapping[UUID, NewUser]) -> None:
    users = [
        {
            "id": id_,
            "external_ref": new.external_ref or global_id("usr", id_),
            "name": new.name,
            "email": new.email or "",
            "is_machine": new.is_machine,
            "created_at": work.now,
        }
        for id_, new in made.items()
    ]
    held = [
        {
            "organisation_id": work.organisation_id,
            "user_id": id_,
            "role": new.role,
            "learner_id": new.learner_id,
            "created_at": work.now,
            "version": 1,
        }
        for id_, new in made.items()
    ]
    await user_queries.create(work.connection, users, held)
    await work.record(
        [
            work.entry(
                HistoryAction.USER_CREATED,
                (SubjectKind.USER, id_),
                None,
                version=1,
                statuses=(None, UserStatus(new.role).name),
            )
            for id_, new in made.items()
        ]
    )


async def assign_role(work: Work, ids: Sequence[UUID], *, role: Role, expected: Mapping[UUID, int]) -> Answer:
    """Gives a user another role; a person never that of a machine client, and a machine client no other."""
    decided = await _decided(work, UserAction.ASSIGN_ROLE, ids, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    [user] = decided.granted
    if user.is_machine is not (role is Role.INTEGRATION):
        kinds = "A machine client holds the role INTEGRATION and no other; a person holds any other."
        return Answer([RowResult(0, ids[0], ids[0], Outcome.REFUSED, (invalid(kinds, "role"),))])
    if user.facts.status == UserStatus(role):
        return Answer(decided.results((), unchanged=decided.granted_ids))
    return await _change(work, decided, HistoryAction.USER_ROLE_ASSIGNED, UserStatus(role), role=role)


async def remove_role(work: Work, ids: Sequence[UUID], *, expected: Mapping[UUID, int]) -> Answer:
    """Takes a user's role away: they come in no more, and history still names them."""
    decided = await _decided(work, UserAction.REMOVE_ROLE, ids, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    return await _change(work, decided, HistoryAction.USER_ROLE_REMOVED, UserStatus.REMOVED, role=None)


async def link_learner(
    work: Work, ids: Sequence[UUID], *, learner_id: UUID | None, expected: Mapping[UUID, int]
) -> Answer:
    """Links a user to a learner record, or to none."""
    decided = await _decided(work, UserAction.LINK_LEARNER, ids, expected)
    if not decided.granted:
        return Answer(decided.results(()))
    [user] = decided.granted
    if user.learner_id == learner_id:
        return Answer(decided.results((), unchanged=decided.granted_ids))
    if learner_id and not await user_queries.seen_learners(work.connection, work.bound, [learner_id]):
        reasons = (_no_learner("input", "learnerId"),)
        return Answer([RowResult(0, ids[0], ids[0], Outcome.REFUSED, reasons)])
    status = UserStatus(user.facts.status)
    return await _change(work, decided, HistoryAction.USER_LEARNER_LINKED, status, learner_id=learner_id)


async def _decided(
    work: Work, action: UserAction, ids: Sequence[UUID], expected: Mapping[UUID, int]
) -> Decided[UserRow]:
    """Whoever changes a role has the organisation to themselves, so that two Owners never remove each other."""
    await work.lock(organisation_queries.lock, ids)
    rows = await user_queries.facts(work.connection, work.bound, ids)
    return Decided(USERS[action], work.role, ids, rows, expected)


async def _change(work: Work, decided: Decided[UserRow], act: HistoryAction, to: UserStatus, **columns: Any) -> Answer:
    [user] = decided.granted
    versions = await user_queries.change(work.connection, work.organisation_id, user, **columns)
    await work.record(
        [
            work.entry(
                act,
                (SubjectKind.USER, id_),
                None,
                version=version,
                statuses=(user.facts.status.name, to.name),
                changed=["learner"] if "learner_id" in columns else (),
            )
            for id_, version in versions.items()
        ]
    )
    return Answer(decided.results(versions))
